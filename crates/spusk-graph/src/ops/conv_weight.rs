use spusk_kernels::ConvDirection;

use crate::convolution::{Convolution, Geometry, numbers, reference, sample_geometries};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `w[Kh, Kw, C / groups, D] = Σ x[B, H, W, C] · y[B, Ho, Wo, D]` over the images and pixels that
/// meet: the gradient of [`super::Conv`] by its weights.
#[derive(Debug, Clone)]
pub struct ConvWeight {
    /// How the kernel moves over x.
    pub geometry: Geometry,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
}

impl Rules for ConvWeight {
    const NAME: &'static str = "conv_weight";
    fn attributes(&self) -> Attributes {
        self.geometry.attributes().sizes("kernel", &self.kernel)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let geometry = Geometry::from_attributes(attributes)?;
        Ok(ConvWeight { geometry, kernel: numbers(attributes, "kernel")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x, y] = expect::<2>(inputs)?;
        let (&[.., channels], &[_, _, _, outputs]) = (&x[..], &y[..]) else {
            return Err(format!("shapes {x} and {y}, expected 4 axes each"));
        };
        let in_group = channels / self.geometry.groups.max(1);
        let w = Shape::from([self.kernel[0], self.kernel[1], in_group, outputs]);
        let want = self.geometry.output(&x, &w)?;
        if want == y {
            return Ok(w);
        }
        Err(format!("a convolution of images {x} with weights {w} has shape {want}, not {y}"))
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        reference(&self.geometry, ConvDirection::Weight, inputs, shape)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let (x, y, g) = (call.inputs[0], call.inputs[1], call.cotangent);
        let image = x.shape();
        Vjp::all([y.conv_input(g, &self.geometry, [image[1], image[2]]), x.conv(g, &self.geometry)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Conv(Convolution { geometry: &self.geometry, direction: ConvDirection::Weight })
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |(x, w, geometry): ([usize; 4], [usize; 4], Geometry)| {
            let y = geometry.output(&x.into(), &w.into()).expect("the samples fit");
            let op = ConvWeight { geometry, kernel: [w[0], w[1]] };
            Sample::new(op, &[(&x, -1.0, 1.0), (&y, -1.0, 1.0)])
        };
        sample_geometries().into_iter().map(sample).collect()
    }
}
