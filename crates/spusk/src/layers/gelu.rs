use std::f64::consts::{FRAC_1_SQRT_2, PI};

use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::spec::Kind;

options! {
    /// y = x·Φ(x), with Φ the normal distribution function: ½x(1 + erf(x/√2)).
    ///
    /// With `tanh` the approximation ½x(1 + tanh(√(2/π)(x + 0.044715x³))), as PyTorch's
    /// `approximate="tanh"`. Hendrycks & Gimpel 2016, "Gaussian error linear units".
    "gelu", aliases [], example "gelu";
    pub struct Gelu options {
        /// Whether to use the approximation by tanh.
        tanh: bool = false where Kind::Switch;
    }
}

impl Layer for Gelu {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let half = x * 0.5;
        if self.tanh {
            let inner = (x + x * x * x * 0.044715) * (2.0 / PI).sqrt();
            return half + half * inner.tanh();
        }
        half + half * (x * FRAC_1_SQRT_2).erf()
    }

    fn follower(&self) -> Follower {
        Follower::Rectifier { slope: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;

    #[test]
    fn values_and_slopes() {
        check_activation(
            Gelu::default(),
            &[
                (0.0, 0.0, 0.5),
                (1.0, 0.841_344_746_068_542_9, 1.083_315_470_587_686_2),
                (-2.0, -0.045_500_263_896_358_42, -0.085_231_801_078_196_9),
                (10.0, 10.0, 1.0),
            ],
        );
        // Both tables are from the formulas in f64, erf from the C library.
        check_activation(
            Gelu { tanh: true },
            &[(0.0, 0.0, 0.5), (1.0, 0.841_191_990_608_276_8, 1.082_964_083_845_782_6)],
        );
    }
}
