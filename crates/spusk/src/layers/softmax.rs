use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = eˣ / Σ eˣ along the last axis: shares that add up to 1.
    ///
    /// Bridle 1990. Without overflow: the largest element is subtracted first. Before a
    /// cross-entropy loss it must be left out, because the loss contains it.
    "softmax", aliases [], example "softmax";
    pub struct Softmax;
}

impl Layer for Softmax {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x.softmax()
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn shares_add_up_to_1() {
        let y = outputs(&[Softmax.into()], &[2, 2], &[0.0, 3f64.ln(), 1000.0, 1000.0]);
        let want = [0.25, 0.75, 0.5, 0.5];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-12), "{y:?}");
    }
}
