use spusk_graph::Var;

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::Layer;
use crate::messages::{self as say, Said};
use crate::net::Layout;
use crate::spec::{Kind, Range};

options! {
    /// Gives every group of channels of an example mean 0 and variance 1, then a scale and a shift.
    ///
    /// y = weight · (x − mean) / √(variance + ε) + bias: mean and variance over a group's channels and
    /// all places of the example, weight and bias for each channel (last axis). As PyTorch's
    /// `GroupNorm`. Wu & He 2018, "Group normalization".
    "group_norm", aliases ["groupnorm", "gn"], example "group_norm 8";
    pub struct GroupNorm {
        /// Number of groups; it divides the number of channels.
        groups: usize where Kind::Integer(1);
    } options {
        /// ε, added to the variance, so that nothing is divided by 0.
        eps: f64 = 1e-5 where Kind::Number(Range::POSITIVE);
    }
}

impl Layer for GroupNorm {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(channels) = net.features(x) else { return x };
        let groups = self.groups;
        if groups == 0 || channels % groups != 0 {
            return net.trace().fail(Said::new(|l| say::layer_norm_groups(l, channels, groups)));
        }
        let weight = net.parameter("weight", &[channels], Draw::Constant(1.0), Layout::Same);
        let bias = net.parameter("bias", &[channels], Draw::Constant(0.0), Layout::Same);
        let shape = x.shape();
        let places = shape[1..shape.rank() - 1].iter().product();
        let grouped = x.reshape(&[shape[0], places, groups, channels / groups]);
        let centered = grouped - grouped.mean_keeping(&[1, 3]);
        let variance = centered.square().mean_keeping(&[1, 3]);
        let normal = centered * (variance + self.eps).sqrt().reciprocal();
        normal.reshape(&shape) * weight + bias
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;
    use crate::model::{Batch, Model};

    #[test]
    fn groups_get_mean_0_and_variance_1() {
        // Two places; group 0 has channels 0 and 1: 1, 3, 5, 7; group 1: 2, 2, 4, 4.
        let x = [1.0, 3.0, 2.0, 2.0, 5.0, 7.0, 4.0, 4.0];
        let norm = GroupNorm { groups: 2, eps: 1e-5 };
        let y = outputs(&[norm.into()], &[1, 2, 4], &x);
        let (a, b) = ((5.0f64 + 1e-5).sqrt(), (1.0f64 + 1e-5).sqrt());
        let want = [-3.0 / a, -1.0 / a, -1.0 / b, -1.0 / b, 1.0 / a, 3.0 / a, 1.0 / b, 1.0 / b];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-14), "{y:?}");
    }

    #[test]
    fn groups_must_divide_the_channels() {
        let model = Model { layers: vec![GroupNorm { groups: 4, eps: 1e-5 }.into()] };
        let error = model.parameters(&Batch::of_rows(2, 6)).expect_err("broken").to_string();
        assert_eq!(
            error,
            "layers.0 group_norm: 6 channels cannot be put into 4 equal groups; choose a number \
             that divides 6"
        );
    }
}
