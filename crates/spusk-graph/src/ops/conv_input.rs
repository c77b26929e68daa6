use spusk_kernels::ConvDirection;

use crate::convolution::{Convolution, Geometry, numbers, reference, sample_geometries};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `x[B, H, W, C] = Σ y[B, Ho, Wo, D] · w[Kh, Kw, C / groups, D]` over the pixels and channels that
/// meet: the gradient of [`super::Conv`] by its image, and the transposed convolution.
#[derive(Debug, Clone)]
pub struct ConvInput {
    /// How the kernel moves over x.
    pub geometry: Geometry,
    /// Height and width of x.
    pub size: [usize; 2],
}

impl Rules for ConvInput {
    const NAME: &'static str = "conv_input";
    fn attributes(&self) -> Attributes {
        self.geometry.attributes().sizes("size", &self.size)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let geometry = Geometry::from_attributes(attributes)?;
        Ok(ConvInput { geometry, size: numbers(attributes, "size")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [y, w] = expect::<2>(inputs)?;
        let (&[batch, ..], &[_, _, in_group, _]) = (&y[..], &w[..]) else {
            return Err(format!("shapes {y} and {w}, expected 4 axes each"));
        };
        let channels = in_group.checked_mul(self.geometry.groups);
        let channels = channels.ok_or("too many channels")?;
        let x = Shape::from([batch, self.size[0], self.size[1], channels]);
        let want = self.geometry.output(&x, &w)?;
        if want == y {
            return Ok(x);
        }
        Err(format!("a convolution of images {x} with weights {w} has shape {want}, not {y}"))
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        reference(&self.geometry, ConvDirection::Input, inputs, shape)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let (y, w, g) = (call.inputs[0], call.inputs[1], call.cotangent);
        let kernel = w.shape();
        Vjp::all([
            g.conv(w, &self.geometry),
            g.conv_weight(y, &self.geometry, [kernel[0], kernel[1]]),
        ])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Conv(Convolution { geometry: &self.geometry, direction: ConvDirection::Input })
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |(x, w, geometry): ([usize; 4], [usize; 4], Geometry)| {
            let y = geometry.output(&x.into(), &w.into()).expect("the samples fit");
            let op = ConvInput { geometry, size: [x[1], x[2]] };
            Sample::new(op, &[(&y, -1.0, 1.0), (&w, -1.0, 1.0)])
        };
        sample_geometries().into_iter().map(sample).collect()
    }
}
