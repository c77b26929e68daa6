use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{AnyLayer, Layer, inner_layers, specs};
use crate::messages::{self as say, Said};
use crate::options::{self, Options, Setting};
use crate::spec::{ArgumentHelp, Help, Kind, Spec};

/// Layers over some of the features; the other features stand behind what they make.
///
/// `x[B, N]`: f of the `length` features from `start` on is `[B, D]`, and the result is `[B, D + N − length]`. So
/// the tokens of a text go through layers of their own while the other columns of the table go past them.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The first feature of the layers inside, from 0.
    pub start: usize,
    /// How many features they are given.
    pub length: usize,
    /// f.
    pub layers: Vec<AnyLayer>,
}

impl Options for Beside {
    const HELP: Help = Help {
        name: "beside",
        aliases: &[],
        summary: "Gives some of the features to the layers inside and puts the others behind what they \
                  make.",
        example: "beside 0 3(dense 8, relu)",
        arguments: &[
            ArgumentHelp {
                name: "start",
                summary: "The first feature that is given to the layers inside, from 0.",
                kind: Kind::Integer(0),
                default: None,
                positional: true,
            },
            ArgumentHelp {
                name: "length",
                summary: "How many features are given to them.",
                kind: Kind::Integer(1),
                default: None,
                positional: true,
            },
        ],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        Ok(Beside {
            start: options::read(&Self::HELP, spec, "start")?,
            length: options::read(&Self::HELP, spec, "length")?,
            layers: inner_layers(&Self::HELP, spec)?,
        })
    }

    fn to_spec(&self) -> Spec {
        let spec = Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) };
        let spec = options::write(&Self::HELP, spec, "start", self.start.write());
        options::write(&Self::HELP, spec, "length", self.length.write()).in_order(&Self::HELP)
    }
}

impl Layer for Beside {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let shape = x.shape();
        let end = self.start.saturating_add(self.length);
        let &[batch, width] = &shape[..] else {
            return net
                .trace()
                .fail(Said::new(|l| say::layer_input(l, &shape, say::layer_features(l))));
        };
        if end > width {
            return net
                .trace()
                .fail(Said::new(|l| say::layer_beyond(l, self.start, self.length, width)));
        }
        net.set_follower(Follower::Linear);
        let own = net.layers(&self.layers, x.narrow(1, self.start, end));
        let size = own.shape().iter().skip(1).product();
        let own = net.without_padding(own).reshape(&[batch, size]);
        net.set_lengths(None);
        let others = [x.narrow(1, 0, self.start), x.narrow(1, end, width)];
        let others = others.into_iter().zip([self.start, width - end]);
        let others: Vec<Var<'t>> =
            others.filter(|(_, size)| *size > 0).map(|(part, _)| part).collect();
        own.concat(&others, 1)
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Relu;
    use crate::layers::tests::outputs;

    #[test]
    fn the_other_features_stand_behind() {
        let beside = Beside { start: 1, length: 2, layers: vec![Relu.into()] };
        let y = outputs(&[beside.into()], &[1, 4], &[-1.0, -2.0, 3.0, -4.0]);
        assert_eq!(y, [0.0, 3.0, -1.0, -4.0]);
    }
}
