//! What the three ops of convolution share: their geometry, the loop that defines them, and how they
//! become instructions.
//!
//! `x[B, H, W, C]`, `w[Kh, Kw, C / groups, D]`, `y[B, Ho, Wo, D]`. Output pixel o and tap k meet input
//! pixel `o · stride + k · dilation - before`, on each axis. The sum over all meetings of `x · w · y`
//! is linear in each of the three; its gradient by y is `conv`, by x `conv_input`, by w
//! `conv_weight`. So each op's gradients are the two others.

use spusk_kernels::{
    Conv, ConvDirection, Gemm, Instruction, Matrix, Place, Reduce, ReduceKind, Triangle,
};

use crate::ops::{self, Attributes, Placed};
use crate::{Array, Shape, Var};

/// How a kernel moves over an image: vertical, then horizontal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geometry {
    /// Input pixels from one output pixel to the next.
    pub stride: [usize; 2],
    /// Input pixels from one tap to the next.
    pub dilation: [usize; 2],
    /// Zeros above and to the left of the image.
    pub before: [usize; 2],
    /// Zeros below and to the right.
    pub after: [usize; 2],
    /// Groups of channels that see nothing of each other.
    pub groups: usize,
}

impl Default for Geometry {
    /// Every position inside of the image, all channels.
    fn default() -> Self {
        Geometry { stride: [1; 2], dilation: [1; 2], before: [0; 2], after: [0; 2], groups: 1 }
    }
}

const AXES: [&str; 2] = ["high", "wide"];

impl Geometry {
    /// Height and width of the output, or why there is none.
    pub fn output_size(&self, image: [usize; 2], kernel: [usize; 2]) -> Result<[usize; 2], String> {
        let mut size = [0; 2];
        for axis in 0..2 {
            let (stride, dilation) = (self.stride[axis], self.dilation[axis]);
            let (before, after) = (self.before[axis], self.after[axis]);
            let numbers = [image[axis], kernel[axis], stride, dilation, before, after];
            if numbers.iter().any(|&number| number >= 1 << 31) || [stride, dilation].contains(&0) {
                return Err(format!(
                    "stride {stride}, dilation {dilation}, padding {before} and {after}; strides and \
                     dilations are at least 1, and all is below 2^31"
                ));
            }
            let padded = image[axis] + before + after;
            let reach = kernel[axis].saturating_sub(1) * dilation + 1;
            if kernel[axis] == 0 || image[axis] == 0 || padded < reach {
                return Err(format!(
                    "a kernel that is {reach} {} (dilation included) does not fit into an image that is \
                     {padded} {} (padding included); take a smaller kernel, more padding, or leave \
                     a layer out that makes the image smaller",
                    AXES[axis], AXES[axis]
                ));
            }
            size[axis] = (padded - reach) / stride + 1;
        }
        Ok(size)
    }

    pub(crate) fn attributes(&self) -> Attributes {
        Attributes::none()
            .sizes("stride", &self.stride)
            .sizes("dilation", &self.dilation)
            .sizes("before", &self.before)
            .sizes("after", &self.after)
            .sizes("groups", &[self.groups])
    }

    pub(crate) fn from_attributes(attributes: &Attributes) -> Result<Geometry, String> {
        let [groups] = numbers(attributes, "groups")?;
        Ok(Geometry {
            stride: numbers(attributes, "stride")?,
            dilation: numbers(attributes, "dilation")?,
            before: numbers(attributes, "before")?,
            after: numbers(attributes, "after")?,
            groups,
        })
    }

    /// The shape of y from those of x and w.
    pub(crate) fn output(&self, x: &Shape, w: &Shape) -> Result<Shape, String> {
        let (&[batch, height, width, channels], &[kh, kw, in_group, outputs]) = (&x[..], &w[..])
        else {
            return Err(format!(
                "the image has shape {x} and the weights {w}, expected [batch, height, width, \
                 channels] and [kernel height, kernel width, channels / groups, outputs]"
            ));
        };
        self.check_channels(channels, in_group, outputs)?;
        let [out_height, out_width] = self.output_size([height, width], [kh, kw])?;
        Ok([batch, out_height, out_width, outputs].into())
    }

    pub(crate) fn check_channels(
        &self,
        channels: usize,
        in_group: usize,
        outputs: usize,
    ) -> Result<(), String> {
        let groups = self.groups;
        if groups == 0 || !channels.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            return Err(format!(
                "{channels} input and {outputs} output channels do not make {groups} groups; both \
                 numbers must be multiples of it"
            ));
        }
        if channels / groups != in_group {
            return Err(format!(
                "the image has {channels} channels in {groups} groups, but the weights are for \
                 {in_group} channels a group"
            ));
        }
        Ok(())
    }

    /// Calls `f` with the positions in x, w and y of all that meet.
    pub(crate) fn meet(&self, [x, w, y]: [&Shape; 3], mut f: impl FnMut(usize, usize, usize)) {
        let (outputs, in_group) = (y[3], w[2]);
        let out_group = outputs / self.groups;
        let meets = |o: usize, k: usize, axis: usize| {
            let at = o * self.stride[axis] + k * self.dilation[axis];
            at.checked_sub(self.before[axis]).filter(|&at| at < x[axis + 1])
        };
        for b in 0..x[0] {
            for (ho, wo) in pairs(y[1], y[2]) {
                for (kh, kw) in pairs(w[0], w[1]) {
                    let (Some(h), Some(v)) = (meets(ho, kh, 0), meets(wo, kw, 1)) else { continue };
                    for (d, c) in pairs(outputs, in_group) {
                        let channel = d / out_group * in_group + c;
                        f(
                            ((b * x[1] + h) * x[2] + v) * x[3] + channel,
                            ((kh * w[1] + kw) * in_group + c) * outputs + d,
                            ((b * y[1] + ho) * y[2] + wo) * outputs + d,
                        );
                    }
                }
            }
        }
    }
}

fn pairs(n: usize, m: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (0..m).map(move |j| (i, j)))
}

pub(crate) fn numbers<const N: usize>(
    attributes: &Attributes,
    name: &str,
) -> Result<[usize; N], String> {
    let sizes = attributes.get_sizes(name)?;
    let got = sizes.len();
    sizes.try_into().map_err(|_| format!("attribute `{name}` has {got} numbers, expected {N}"))
}

/// One of the three ops, for the compiler.
#[derive(Debug, Clone, Copy)]
pub struct Convolution<'a> {
    pub(crate) geometry: &'a Geometry,
    pub(crate) direction: ConvDirection,
}

/// Pieces that a gradient of weights is cut into, at least, where the shape allows.
const PIECES: usize = 16;

impl Convolution<'_> {
    /// Whether the sums may start with a row of numbers.
    pub(crate) fn takes_bias(&self) -> bool {
        self.direction != ConvDirection::Weight
    }

    /// The shapes of x, w and y.
    fn shapes<'s>(&self, inputs: [&'s Shape; 2], output: &'s Shape) -> [&'s Shape; 3] {
        match self.direction {
            ConvDirection::Output => [inputs[0], inputs[1], output],
            ConvDirection::Input => [output, inputs[1], inputs[0]],
            ConvDirection::Weight => [inputs[0], output, inputs[1]],
        }
    }

    /// A kernel of one pixel at every pixel is a matrix product.
    fn is_product(&self, w: &Shape) -> bool {
        let Geometry { stride, before, after, groups, .. } = self.geometry;
        let plain = [*stride, [w[0], w[1]], [*groups; 2]] == [[1; 2]; 3];
        plain && [*before, *after] == [[0; 2]; 2]
    }

    /// How many parts of the batch a gradient of weights sums by themselves, so that threads share
    /// it: by shape alone, and only as many as cost little memory.
    fn shards(&self, [x, w, y]: [&Shape; 3]) -> usize {
        if self.takes_bias() || self.is_product(w) {
            return 1;
        }
        let cheap = ((x.size() + y.size()) / w.size().max(1)).max(1);
        let wanted = PIECES.div_ceil(w[0]).next_power_of_two();
        wanted.min(x[0]).min(1 << cheap.ilog2())
    }

    /// Elements of temporary memory.
    pub(crate) fn temporary(&self, inputs: [&Shape; 2], output: &Shape) -> usize {
        match self.shards(self.shapes(inputs, output)) {
            1 => 0,
            shards => shards * output.size(),
        }
    }

    /// The instructions.
    pub(crate) fn instructions(
        &self,
        at: &Placed<'_>,
        bias: Option<Place>,
        temporary: Option<Place>,
    ) -> Vec<Instruction> {
        let shapes @ [x, w, y] = self.shapes([at.shapes[0], at.shapes[1]], at.shape);
        if self.is_product(w) {
            return vec![Instruction::Gemm(self.product(at, bias, shapes))];
        }
        let result = temporary.unwrap_or(at.output);
        let [x_place, w_place, y_place] = match self.direction {
            ConvDirection::Output => [at.inputs[0], at.inputs[1], result],
            ConvDirection::Input => [result, at.inputs[1], at.inputs[0]],
            ConvDirection::Weight => [at.inputs[0], result, at.inputs[1]],
        };
        let shards = if temporary.is_some() { self.shards(shapes) } else { 1 };
        let conv = Conv {
            direction: self.direction,
            batch: x[0],
            input: [x[1], x[2], x[3]],
            output: [y[1], y[2], y[3]],
            kernel: [w[0], w[1]],
            stride: self.geometry.stride,
            padding: self.geometry.before,
            dilation: self.geometry.dilation,
            groups: self.geometry.groups,
            shards,
            x: x_place,
            w: w_place,
            y: y_place,
            bias,
        };
        let mut all = vec![Instruction::Conv(conv)];
        if let Some(input) = temporary {
            all.push(Instruction::Reduce(Reduce {
                kind: ReduceKind::Sum,
                outer: 1,
                reduced: shards,
                inner: at.shape.size(),
                input,
                output: at.output,
            }));
        }
        all
    }

    fn product(&self, at: &Placed<'_>, bias: Option<Place>, [x, _, y]: [&Shape; 3]) -> Gemm {
        let (pixels, channels, outputs) = (x[0] * x[1] * x[2], x[3], y[3]);
        let rows = |i: usize, columns| Matrix {
            place: at.inputs[i],
            batch_stride: 0,
            group: None,
            row_stride: columns,
            column_stride: 1,
        };
        let columns = |i: usize, rows| Matrix {
            place: at.inputs[i],
            batch_stride: 0,
            group: None,
            row_stride: 1,
            column_stride: rows,
        };
        let ([m, n, k], a, b) = match self.direction {
            ConvDirection::Output => {
                ([pixels, outputs, channels], rows(0, channels), rows(1, outputs))
            }
            ConvDirection::Input => {
                ([pixels, channels, outputs], rows(0, outputs), columns(1, outputs))
            }
            ConvDirection::Weight => {
                ([channels, outputs, pixels], columns(0, channels), rows(1, outputs))
            }
        };
        Gemm {
            batch: 1,
            m,
            n,
            k,
            a,
            b,
            c: at.output,
            bias,
            accumulate: false,
            triangle: Triangle::None,
            step: None,
        }
    }
}

/// The reference of one of the three ops.
pub(crate) fn reference(
    geometry: &Geometry,
    direction: ConvDirection,
    inputs: &[&Array],
    shape: &Shape,
) -> Array {
    let convolution = Convolution { geometry, direction };
    let shapes = convolution.shapes([&inputs[0].shape, &inputs[1].shape], shape);
    let (a, b) = (&inputs[0].data, &inputs[1].data);
    let mut result = Array::filled(shape.clone(), 0.0);
    let data = &mut result.data;
    match direction {
        ConvDirection::Output => geometry.meet(shapes, |x, w, y| data[y] += a[x] * b[w]),
        ConvDirection::Input => geometry.meet(shapes, |x, w, y| data[x] += a[y] * b[w]),
        ConvDirection::Weight => geometry.meet(shapes, |x, w, y| data[w] += a[x] * b[y]),
    }
    result
}

/// Shapes x and w with geometries, for the tests of the three ops: odd sizes, strides, dilations,
/// groups, depthwise, 1 × 1, one dimension.
pub(crate) fn sample_geometries() -> Vec<([usize; 4], [usize; 4], Geometry)> {
    let plain = Geometry::default;
    let padded = |n: usize| Geometry { before: [n; 2], after: [n; 2], ..plain() };
    vec![
        ([2, 4, 5, 1], [3, 2, 1, 3], plain()),
        ([2, 3, 4, 2], [1, 1, 2, 3], plain()),
        ([1, 5, 4, 2], [3, 3, 2, 2], Geometry { stride: [2, 1], ..padded(1) }),
        ([2, 6, 5, 1], [2, 3, 1, 2], Geometry { stride: [3, 2], dilation: [2, 1], ..padded(1) }),
        ([1, 4, 4, 4], [2, 2, 2, 6], Geometry { groups: 2, ..padded(1) }),
        ([2, 4, 3, 3], [3, 3, 1, 3], Geometry { groups: 3, ..padded(1) }),
        ([1, 1, 9, 2], [1, 4, 2, 3], Geometry { after: [0, 2], before: [0, 1], ..plain() }),
        ([1, 4, 3, 2], [1, 1, 2, 2], Geometry { stride: [2, 2], ..plain() }),
    ]
}

impl<'t> Var<'t> {
    /// The convolution `y[B, Ho, Wo, D]` of images `[B, H, W, C]` with weights `w[Kh, Kw, C / groups, D]`.
    pub fn conv(self, w: Var<'t>, geometry: &Geometry) -> Var<'t> {
        self.trace().apply(ops::Conv { geometry: geometry.clone() }, &[self, w])
    }

    /// The transposed convolution: what images `[B, H, W, C]` of this `size` would have to change, if
    /// `self` says how their convolution with `w` must.
    pub fn conv_input(self, w: Var<'t>, geometry: &Geometry, size: [usize; 2]) -> Var<'t> {
        self.trace().apply(ops::ConvInput { geometry: geometry.clone(), size }, &[self, w])
    }

    /// The gradient `[Kh, Kw, C / groups, D]` of weights, of images `self` and the gradient `y` of
    /// their convolution.
    pub fn conv_weight(self, y: Var<'t>, geometry: &Geometry, kernel: [usize; 2]) -> Var<'t> {
        self.trace().apply(ops::ConvWeight { geometry: geometry.clone(), kernel }, &[self, y])
    }
}
