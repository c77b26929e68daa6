use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::messages::{self as say, Said};
use crate::spec::{Kind, Range};

options! {
    /// In training sets a random share of the features to 0 and divides the rest by 1 − share.
    ///
    /// In evaluation y = x: the division keeps the mean, so nothing is scaled there (inverted
    /// dropout). Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, "Dropout".
    "dropout", aliases [], example "dropout 0.1";
    pub struct Dropout options {
        /// Share of the features that is set to 0.
        dropout_rate: f64 = 0.5 where Kind::Number(Range::FRACTION), positional;
    }
}

impl Layer for Dropout {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let rate = self.dropout_rate;
        if !(0.0..1.0).contains(&rate) {
            return net.trace().fail(Said::new(|l| say::layer_dropout(l, rate)));
        }
        if !net.training() || rate == 0.0 {
            return x;
        }
        let dropped = net.trace().constant(rate).greater(net.uniform(&x.shape()));
        dropped.select(0.0, x * (1.0 / (1.0 - rate)))
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{outputs, train_outputs};

    #[test]
    fn a_share_is_dropped_and_the_mean_kept() {
        let x = vec![1.0; 10_000];
        let dropout = Dropout { dropout_rate: 0.2 };
        let y = train_outputs(&[dropout.clone().into()], &[100, 100], &x);
        assert!(y.iter().all(|&y| y == 0.0 || y == 1.25));
        let dropped = y.iter().filter(|&&y| y == 0.0).count();
        // Five standard deviations of a binomial.
        assert!(dropped.abs_diff(2000) < 200, "{dropped}");
        assert_eq!(outputs(&[dropout.into()], &[100, 100], &x), x);
    }

    #[test]
    fn layers_drop_different_features() {
        let dropout = || Dropout::default().into();
        let y = train_outputs(&[dropout(), dropout()], &[100, 100], &[1.0; 10_000]);
        let kept = y.iter().filter(|&&y| y == 4.0).count();
        assert!(kept.abs_diff(2500) < 220, "{kept}");
    }
}
