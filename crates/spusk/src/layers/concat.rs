use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{AnyLayer, Layer, inner_layers, specs};
use crate::options::{self, Options};
use crate::spec::{Help, Spec};

/// Every layer inside is given the same input; their outputs stand behind each other.
///
/// With outputs `[B, …, C₁]`, `[B, …, C₂]`, … the result is `[B, …, C₁ + C₂ + …]`. Several layers for one
/// branch are written `sequential(…)`. Szegedy et al. 2015, "Going deeper with convolutions".
#[derive(Debug, Clone, Default)]
pub struct Concat {
    /// The branches.
    pub layers: Vec<AnyLayer>,
}

impl Options for Concat {
    const HELP: Help = Help {
        name: "concat",
        aliases: &["parallel", "branches", "concatenate"],
        summary: "Gives every layer inside the same input and puts their outputs behind each other.",
        example: "concat(dense 16, sequential(dense 8, relu))",
        arguments: &[],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        Ok(Concat { layers: inner_layers(&Self::HELP, spec)? })
    }

    fn to_spec(&self) -> Spec {
        Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) }
    }
}

impl Layer for Concat {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let (lengths, after) = (net.lengths(x), net.follower());
        let mut outputs = Vec::new();
        for (i, layer) in self.layers.iter().enumerate() {
            net.set_lengths(lengths);
            outputs.push(net.layer(&format!("layers.{i}"), layer, after, x));
        }
        let Some((first, rest)) = outputs.split_first() else { return x };
        first.concat(rest, first.shape().rank().saturating_sub(1))
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;
    use crate::layers::{Identity, Relu};

    #[test]
    fn outputs_stand_behind_each_other() {
        let concat = Concat { layers: vec![Relu.into(), Identity.into()] };
        let y = outputs(&[concat.into()], &[2, 2], &[-1.0, 2.0, 3.0, -4.0]);
        assert_eq!(y, [0.0, 2.0, -1.0, 2.0, 3.0, 0.0, 3.0, -4.0]);
    }
}
