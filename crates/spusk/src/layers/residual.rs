use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::{AnyLayer, BatchNorm, Conv2d, Dense, Layer, Pair, inner_layers, specs};
use crate::messages::{self as say, Said};
use crate::options::{self, Options, Setting};
use crate::spec::{ArgumentHelp, Help, Kind, Spec};

/// y = x + f(x), with f the layers inside.
///
/// Where f changes the number of features, a dense layer without bias brings x to the same number
/// (`projection.weight`): y = x · W + f(x). Of images that is a convolution with a window of one pixel,
/// whose stride leaves as many pixels as f does.
///
/// He, Zhang, Ren & Sun 2016, "Deep residual learning for image recognition", equations 1 and 2.
#[derive(Debug, Clone)]
pub struct Residual {
    /// f.
    pub layers: Vec<AnyLayer>,
    /// Whether x may be brought to another number of features.
    pub project: bool,
    /// Whether a batch norm (`projection_norm`) follows that.
    pub normalize: bool,
    /// How the projection's initial weights are drawn.
    pub init: Initializer,
}

impl Residual {
    /// Around some layers, projecting where they change the number of features.
    pub fn new(layers: Vec<AnyLayer>) -> Residual {
        Residual { layers, project: true, normalize: false, init: Initializer::Auto }
    }
}

impl Options for Residual {
    const HELP: Help = Help {
        name: "residual",
        aliases: &["skip"],
        summary: "Adds its input to what the layers inside make of it.",
        example: "residual(dense 64, relu, dense 64)",
        arguments: &[
            ArgumentHelp {
                name: "project",
                summary: "Whether the input is brought to the output's number of features, by a dense \
                          layer or a convolution of single pixels, where they differ.",
                kind: Kind::Switch,
                default: Some("true"),
                positional: false,
            },
            ArgumentHelp {
                name: "normalize",
                summary: "Whether a batch norm follows that.",
                kind: Kind::Switch,
                default: Some("false"),
                positional: false,
            },
            ArgumentHelp {
                name: "init",
                summary: "How the initial weights of that are drawn.",
                kind: Kind::Choice(Initializer::NAMES),
                default: Some("auto"),
                positional: false,
            },
        ],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        let project = options::read(&Self::HELP, spec, "project")?;
        let normalize = options::read(&Self::HELP, spec, "normalize")?;
        let init = options::read(&Self::HELP, spec, "init")?;
        Ok(Residual { layers: inner_layers(&Self::HELP, spec)?, project, normalize, init })
    }

    fn to_spec(&self) -> Spec {
        let spec = Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) };
        let spec = options::write(&Self::HELP, spec, "project", self.project.write());
        let spec = options::write(&Self::HELP, spec, "normalize", self.normalize.write());
        options::write(&Self::HELP, spec, "init", self.init.write())
    }
}

impl Layer for Residual {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        // A sum follows the last layer, not what stands behind this one.
        net.set_follower(Follower::Linear);
        let y = net.layers(&self.layers, x);
        let (from, to) = (x.shape(), y.shape());
        if from == to || x.value().is_none() || y.value().is_none() {
            return x + y;
        }
        let lead = from.len().saturating_sub(1);
        let strides = strides(&from, &to);
        let fits = strides.is_some() || from.rank() == to.rank() && from[..lead] == to[..lead];
        if !fits || !self.project {
            let cure = if fits { say::cure_residual_project } else { say::cure_residual_axes };
            return net.trace().fail(Said::new(|l| say::layer_residual(l, &from, &to, cure(l))));
        }
        let (features, init) = (to[lead], self.init);
        let projection: AnyLayer = match strides {
            Some(stride) => {
                let stride = Pair(stride);
                Conv2d { stride, bias: false, init, ..Conv2d::new(features, 1) }.into()
            }
            None => Dense { bias: false, init, out_features: features }.into(),
        };
        let mut projected = net.layer("projection", &projection, Follower::Linear, x);
        if self.normalize {
            let norm = BatchNorm::default().into();
            projected = net.layer("projection_norm", &norm, Follower::Linear, projected);
        }
        y + projected
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

/// The strides that leave of the pixels of images `from` as many as `to` has; `None` if they are no
/// images, or no strides do.
fn strides(from: &[usize], to: &[usize]) -> Option<[usize; 2]> {
    let (&[batch, height, width, _], &[out_batch, out_height, out_width, _]) = (from, to) else {
        return None;
    };
    let stride = |size: usize, out: usize| {
        let stride = size.div_ceil(out);
        (size.div_ceil(stride) == out).then_some(stride)
    };
    if batch != out_batch {
        return None;
    }
    Some([stride(height, out_height)?, stride(width, out_width)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;
    use crate::layers::{Flatten, Identity, Relu};
    use crate::model::{Batch, Model};

    fn model(layers: Vec<AnyLayer>, project: bool) -> Model {
        Model { layers: vec![Residual { project, ..Residual::new(layers) }.into()] }
    }

    #[test]
    fn the_input_is_added() {
        let relu = Residual::new(vec![Relu.into()]).into();
        assert_eq!(outputs(&[relu], &[1, 2], &[-1.0, 2.0]), [-1.0, 4.0]);
        let double = Residual::new(vec![Identity.into()]).into();
        assert_eq!(outputs(&[double], &[1, 2], &[-1.0, 2.0]), [-2.0, 4.0]);
    }

    #[test]
    fn images_are_projected_by_strides() {
        let conv = Conv2d { stride: Pair([2, 3]), ..Conv2d::new(5, 1) };
        let residual = Residual { normalize: true, ..Residual::new(vec![conv.into()]) };
        let batch = Batch { size: 2, features: [7, 9, 3].into(), target: [].into() };
        let model = Model { layers: vec![residual.into()] };
        assert_eq!(model.describe(&batch).expect("fits")[0].output[..], [2, 4, 3, 5]);
        let parameters = model.parameters(&batch).expect("fits");
        let found: Vec<_> = parameters.iter().map(|p| (&p.name[9..], p.shape.size())).collect();
        let want = [
            ("layers.0.weight", 15),
            ("layers.0.bias", 5),
            ("projection.weight", 15),
            ("projection_norm.weight", 5),
            ("projection_norm.bias", 5),
        ];
        assert_eq!(found, want);
    }

    #[test]
    fn other_sizes_are_projected_or_refused() {
        let dense = || vec![Dense::new(3).into()];
        let batch = Batch::of_rows(4, 2);
        let parameters = model(dense(), true).parameters(&batch).expect("projects");
        let names: Vec<&str> = parameters.iter().map(|p| &p.name[..]).collect();
        let want =
            ["layers.0.layers.0.weight", "layers.0.layers.0.bias", "layers.0.projection.weight"];
        assert_eq!(names, want);
        let rows = model(dense(), true).describe(&batch).expect("projects");
        let rows: Vec<_> = rows.iter().map(|r| (&r.path[..], r.depth, r.parameters)).collect();
        let want =
            [("layers.0", 0, 15), ("layers.0.layers.0", 1, 9), ("layers.0.projection", 1, 6)];
        assert_eq!(rows, want);

        let error = |model: Model, batch| model.parameters(&batch).expect_err("broken").to_string();
        assert_eq!(
            error(model(dense(), false), batch),
            "layers.0 residual: the input has shape [4, 2], the layers inside make [4, 3]; end them \
             with the input's size, or set project=true"
        );
        let image = Batch { size: 4, features: [2, 2].into(), target: [].into() };
        assert_eq!(
            error(model(vec![Flatten.into()], true), image),
            "layers.0 residual: the input has shape [4, 2, 2], the layers inside make [4, 4]; keep \
             the number of axes"
        );
    }
}
