//! What the ops of maximum pooling share.

use spusk_kernels::{Instruction, Pool, PoolKind, Windows};

use crate::array::indices;
use crate::ops::{Attributes, Placed};
use crate::{Array, Shape};

/// Windows over the height and the width of images, as PyTorch's `MaxPool2d` has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooling {
    /// Rows and columns of a window.
    pub kernel: [usize; 2],
    /// Rows and columns between the starts of windows.
    pub stride: [usize; 2],
    /// Missing rows above and below, missing columns left and right; at most half of `kernel`.
    pub padding: [usize; 2],
}

impl Pooling {
    pub(super) fn attributes(&self) -> Attributes {
        Attributes::none()
            .sizes("kernel", &self.kernel)
            .sizes("stride", &self.stride)
            .sizes("padding", &self.padding)
    }

    pub(super) fn from_attributes(attributes: &Attributes) -> Result<Pooling, String> {
        let pair = |name: &str| {
            let sizes = attributes.get_sizes(name)?;
            <[usize; 2]>::try_from(sizes)
                .map_err(|got| format!("attribute `{name}` is {got:?}, expected two sizes"))
        };
        Ok(Pooling { kernel: pair("kernel")?, stride: pair("stride")?, padding: pair("padding")? })
    }

    /// The windows along the height and the width of images, or why there are none.
    pub fn windows(&self, x: &Shape) -> Result<[Windows; 2], String> {
        let &[_, height, width, _] = &x[..] else {
            return Err(format!("pools images [B, H, W, C], got {x}"));
        };
        let along = |name: &str, axis: usize, size: usize| {
            let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
            let windows = Windows { size, kernel, stride, padding: self.padding[axis] };
            let checked =
                windows.check().map_err(|what| format!("along the {name} of {x}, {what}"));
            checked.map(|()| windows)
        };
        Ok([along("height", 0, height)?, along("width", 1, width)?])
    }

    /// The shape with one element a window.
    pub(super) fn pooled(&self, x: &Shape) -> Result<Shape, String> {
        let [height, width] = self.windows(x)?;
        Ok([x[0], height.count(), width.count(), x[3]].into())
    }

    /// Refuses gradients that have not one number a window.
    pub(super) fn check_pooled(&self, x: &Shape, pooled: &Shape) -> Result<(), String> {
        let want = self.pooled(x)?;
        if *pooled == want {
            return Ok(());
        }
        Err(format!("the windows' numbers have shape {pooled}, expected {want}"))
    }

    /// Of every window and channel, where its largest element stands: the first of equals, row by
    /// row, or the last NaN.
    pub(super) fn winners(&self, x: &Array) -> Vec<usize> {
        let [height, width] = self.windows(&x.shape).expect("`infer` has checked it");
        let strides = x.shape.strides();
        let pooled = self.pooled(&x.shape).expect("`infer` has checked it");
        let winner = |index: &Vec<usize>| {
            let mut best: Option<usize> = None;
            for h in height.window(index[1]) {
                for w in width.window(index[2]) {
                    let at = index[0] * strides[0] + h * strides[1] + w * strides[2] + index[3];
                    if best.is_none_or(|best| x.data[at] > x.data[best] || x.data[at].is_nan()) {
                        best = Some(at);
                    }
                }
            }
            best.expect("`Windows::check` leaves no window empty")
        };
        indices(&pooled).iter().map(winner).collect()
    }

    pub(super) fn instructions(&self, kind: PoolKind, at: &Placed<'_>) -> Vec<Instruction> {
        let x = at.shapes[0];
        let [height, width] = self.windows(x).expect("`infer` has checked it");
        vec![Instruction::Pool(Pool {
            kind,
            batch: x[0],
            height,
            width,
            channels: x[3],
            input: at.inputs[0],
            other: at.inputs.get(1).copied(),
            output: at.output,
        })]
    }

    /// Poolings with shapes before and after: apart, overlapping, with gaps, with padding.
    pub(super) fn samples() -> Vec<(Pooling, [usize; 4], [usize; 4])> {
        let pooling = |kernel, stride, padding| Pooling { kernel, stride, padding };
        vec![
            (pooling([2, 2], [2, 2], [0, 0]), [2, 4, 6, 3], [2, 2, 3, 3]),
            (pooling([3, 2], [2, 1], [1, 0]), [1, 5, 4, 2], [1, 3, 3, 2]),
            (pooling([2, 1], [3, 2], [1, 0]), [2, 5, 3, 1], [2, 2, 2, 1]),
            (pooling([1, 3], [1, 1], [0, 1]), [2, 1, 7, 4], [2, 1, 7, 4]),
        ]
    }
}
