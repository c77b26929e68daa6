use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{AnyLayer, Layer, Resize, Upsample, inner_layers, specs};
use crate::messages::{self as say, Said};
use crate::options::{self, Options, Setting};
use crate::spec::{ArgumentHelp, Help, Kind, Spec};

/// y = upsample(x) + f(x), with f the layers inside, which enlarge as much.
///
/// What a fixed kernel can do need not be learned: f only adds the detail that it leaves out, and sees
/// the small image, where a pixel costs the least.
///
/// Kim, Lee & Lee 2016, "Accurate image super-resolution using very deep convolutional networks" (the
/// sum); Shi et al. 2016 (f in small images, see `pixel_shuffle`).
#[derive(Debug, Clone)]
pub struct Enlarge {
    /// f.
    pub layers: Vec<AnyLayer>,
    /// How many times as high and as wide.
    pub scale: usize,
    /// The fixed kernel.
    pub mode: Resize,
}

impl Options for Enlarge {
    const HELP: Help = Help {
        name: "enlarge",
        aliases: &[],
        summary: "Adds what the layers inside make of its input to the enlarged input.",
        example: "enlarge 2(conv2d 12 3 padding=same, pixel_shuffle 2)",
        arguments: &[
            ArgumentHelp {
                name: "scale",
                summary: "How many times as high and as wide.",
                kind: Kind::Integer(1),
                default: Some("2"),
                positional: true,
            },
            ArgumentHelp {
                name: "mode",
                summary: "How the input itself is enlarged.",
                kind: Kind::Choice(Resize::NAMES),
                default: Some("bicubic"),
                positional: true,
            },
        ],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        Ok(Enlarge {
            layers: inner_layers(&Self::HELP, spec)?,
            scale: options::read(&Self::HELP, spec, "scale")?,
            mode: options::read(&Self::HELP, spec, "mode")?,
        })
    }

    fn to_spec(&self) -> Spec {
        let spec = Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) };
        let spec = options::write(&Self::HELP, spec, "scale", self.scale.write());
        options::write(&Self::HELP, spec, "mode", self.mode.write())
    }
}

impl Layer for Enlarge {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        // A sum follows the last layer, not what stands behind this one.
        net.set_follower(Follower::Linear);
        let large = Upsample { scale: self.scale, mode: self.mode }.build(net, x);
        let y = net.layers(&self.layers, x);
        if large.value().is_none() || y.value().is_none() || large.shape() == y.shape() {
            return large + y;
        }
        let (from, to) = (large.shape(), y.shape());
        net.trace().fail(Said::new(|l| say::layer_enlarge(l, &from, &to, self.scale)))
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
    use crate::model::{Batch, Model};

    #[test]
    fn the_enlarged_input_is_added() {
        let inside = || vec![Upsample::default().into()];
        let enlarge = Enlarge { layers: inside(), scale: 2, mode: Resize::Bilinear };
        assert_eq!(
            outputs(&[enlarge.into()], &[1, 1, 2, 1], &[0.0, 4.0]),
            [0.0, 1.0, 7.0, 8.0].repeat(2)
        );
        let same = Enlarge { layers: vec![Identity.into()], scale: 1, mode: Resize::Nearest };
        assert_eq!(outputs(&[same.into()], &[1, 1, 2, 1], &[1.0, 2.0]), [2.0, 4.0]);
    }

    #[test]
    fn sizes_that_differ_are_said() {
        let enlarge = Enlarge { layers: vec![Relu.into()], scale: 3, mode: Resize::Bicubic };
        let batch = Batch { size: 2, features: [4, 5, 1].into(), target: [].into() };
        let error = Model { layers: vec![enlarge.into()] }.describe(&batch).map(|_| ());
        assert_eq!(
            error.map_err(|error| error.what),
            Err("the enlarged input has shape [2, 12, 15, 1], the layers inside make [2, 4, 5, 1]; end \
                 them with `pixel_shuffle 3`"
                .into())
        );
    }
}
