use spusk_kernels::ConvDirection;

use crate::convolution::{Convolution, Geometry, reference, sample_geometries};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `y[B, Ho, Wo, D] = Σ x[B, H, W, C] · w[Kh, Kw, C / groups, D]` over the pixels and channels that
/// meet: a convolution as networks have it (in mathematics, a correlation).
#[derive(Debug, Clone)]
pub struct Conv {
    /// How the kernel moves.
    pub geometry: Geometry,
}

impl Rules for Conv {
    const NAME: &'static str = "conv";
    fn attributes(&self) -> Attributes {
        self.geometry.attributes()
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Conv { geometry: Geometry::from_attributes(attributes)? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x, w] = expect::<2>(inputs)?;
        self.geometry.output(&x, &w)
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        reference(&self.geometry, ConvDirection::Output, inputs, shape)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let (x, w, g) = (call.inputs[0], call.inputs[1], call.cotangent);
        let (image, kernel) = (x.shape(), w.shape());
        Vjp::all([
            g.conv_input(w, &self.geometry, [image[1], image[2]]),
            x.conv_weight(g, &self.geometry, [kernel[0], kernel[1]]),
        ])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Conv(Convolution { geometry: &self.geometry, direction: ConvDirection::Output })
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |(x, w, geometry): ([usize; 4], [usize; 4], Geometry)| {
            Sample::new(Conv { geometry }, &[(&x, -1.0, 1.0), (&w, -1.0, 1.0)])
        };
        sample_geometries().into_iter().map(sample).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_does_not_fit() {
        let check = |x: &[usize], w: &[usize], geometry: Geometry, expected: &str| {
            let got = Conv { geometry }.infer(&[&x.into(), &w.into()]);
            assert_eq!(got.map(|shape| shape.to_string()), Err(expected.to_string()));
        };
        let plain = Geometry::default;
        check(
            &[2, 3, 9, 1],
            &[5, 5, 1, 6],
            plain(),
            "a kernel that is 5 high (dilation included) does not fit into an image that is 3 high \
             (padding included); take a smaller kernel, more padding, or leave a layer out that makes \
             the image smaller",
        );
        check(
            &[2, 9, 9, 3],
            &[5, 5, 1, 6],
            plain(),
            "the image has 3 channels in 1 groups, but the weights are for 1 channels a group",
        );
        check(
            &[2, 9, 9, 3],
            &[5, 5, 1, 6],
            Geometry { groups: 2, ..plain() },
            "3 input and 6 output channels do not make 2 groups; both numbers must be multiples of it",
        );
        check(
            &[2, 9],
            &[5, 5, 1, 6],
            plain(),
            "the image has shape [2, 9] and the weights [5, 5, 1, 6], expected [batch, height, width, \
             channels] and [kernel height, kernel width, channels / groups, outputs]",
        );
        check(
            &[2, 9, 9, 1],
            &[5, 5, 1, 6],
            Geometry { stride: [1, 0], ..plain() },
            "stride 0, dilation 1, padding 0 and 0; strides and dilations are at least 1, and all is \
             below 2^31",
        );
    }
}
