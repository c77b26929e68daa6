use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{AnyLayer, Layer, inner_layers, specs};
use crate::options::{self, Options};
use crate::spec::{Help, Spec};

/// Layers one after the other, as one layer.
///
/// Parameters are named `layers.<i>.weight` inside it.
#[derive(Debug, Clone, Default)]
pub struct Sequential {
    /// The layers.
    pub layers: Vec<AnyLayer>,
}

impl Options for Sequential {
    const HELP: Help = Help {
        name: "sequential",
        aliases: &["chain"],
        summary: "Layers one after the other, as one layer.",
        example: "sequential(dense 64, relu)",
        arguments: &[],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        Ok(Sequential { layers: inner_layers(&Self::HELP, spec)? })
    }

    fn to_spec(&self) -> Spec {
        Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) }
    }
}

impl Layer for Sequential {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        net.layers(&self.layers, x)
    }

    fn follower(&self) -> Follower {
        let mut followers = self.layers.iter().map(|layer| layer.follower());
        followers.find(|&follower| follower != Follower::Next).unwrap_or(Follower::Next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dense, Relu, Tanh};
    use crate::model::{Batch, Model};

    #[test]
    fn what_follows_is_seen_across_its_bounds() {
        // The inner dense layer is followed by the outer ReLU, as if they stood side by side.
        let draw = |layers: Vec<AnyLayer>| {
            let parameters = Model { layers }.parameters(&Batch::of_rows(1, 6)).expect("fits");
            parameters[0].draw
        };
        let inner = || Sequential { layers: vec![Dense::new(5).into()] };
        let flat = |after: AnyLayer| draw(vec![Dense::new(5).into(), after]);
        assert_eq!(draw(vec![inner().into(), Relu.into()]), flat(Relu.into()));
        assert_ne!(draw(vec![inner().into(), Tanh.into()]), flat(Relu.into()));
    }
}
