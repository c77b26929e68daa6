use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// The threshold neuron: y = 1 where x > 0, else 0; it trains with a straight-through gradient.
    ///
    /// A step has no slope to descend, so training uses that of a line instead (a straight-through
    /// gradient): ½ where |x| < 1, else 0, which is the slope of the hard sigmoid (x + 1)/2 kept
    /// within 0 and 1.
    ///
    /// McCulloch & Pitts 1943; Bengio, Léonard & Courville 2013, "Estimating or propagating gradients
    /// through stochastic neurons"; the bound on |x| is that of Hubara et al. 2016, "Binarized neural
    /// networks".
    "threshold", aliases ["step", "heaviside"], example "threshold";
    pub struct Threshold;
}

impl Layer for Threshold {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let line = ((x + 1.0) * 0.5).max(0.0).min(1.0);
        // The line less itself is exactly 0: it gives its gradient and no value.
        x.step() + (line - line.stop_gradient())
    }

    fn follower(&self) -> Follower {
        Follower::Saturating
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;

    #[test]
    fn values_and_slopes() {
        check_activation(
            Threshold,
            &[
                (-2.0, 0.0, 0.0),
                (-0.5, 0.0, 0.5),
                (0.0, 0.0, 0.5),
                (0.3, 1.0, 0.5),
                (6.0, 1.0, 0.0),
            ],
        );
    }
}
