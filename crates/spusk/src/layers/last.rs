use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::layers::attention::sequence;

options! {
    /// The last element of a sequence: `[B, T, C]` becomes `[B, C]`.
    ///
    /// Of a text that is the last token in front of the padding; an empty one gives 0.
    "last", aliases ["last_step"], example "last";
    pub struct Last;
}

impl Layer for Last {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some([batch, turns, channels]) = sequence(net, x) else { return x };
        let Some(lengths) = net.lengths(x) else {
            let end = x.narrow(1, turns.saturating_sub(1), turns.max(1));
            return end.reshape(&[batch, channels]);
        };
        let places = net.trace().iota(turns).reshape(&[turns, 1]);
        let is_last = (lengths - 1.0).reshape(&[batch, 1, 1]).equal(places);
        is_last.select(x, 0.0).sum_keeping(&[1]).reshape(&[batch, channels])
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn the_last_element_is_taken() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        assert_eq!(outputs(&[Last.into()], &[2, 3, 2], &x), [4.0, 5.0, 10.0, 11.0]);
    }
}
