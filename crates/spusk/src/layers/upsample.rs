use spusk_graph::{Band, Var};

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, spatial};
use crate::messages::{self as say, Said};
use crate::options::Setting;
use crate::picture::Kernel;
use crate::spec::{Kind, Value};

/// How new elements are made of old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resize {
    /// The element that stands there.
    Nearest,
    /// A weighted mean of the nearest two along every axis.
    Bilinear,
    /// Cubic convolution of the nearest four along every axis, with a = −1/2 (Keys 1981).
    Bicubic,
}

impl Resize {
    /// The names.
    pub const NAMES: &'static [&'static str] = &["nearest", "bilinear", "bicubic"];

    /// What element i of an axis, enlarged from `size` elements by `scale`, is made of.
    ///
    /// Elements are areas (PyTorch's `align_corners=False`): i stands at (i + ½)/scale − ½.
    fn band(self, i: usize, scale: usize, size: usize) -> Band {
        match self {
            Resize::Nearest => Band { start: i / scale, weights: vec![1.0] },
            Resize::Bilinear => {
                let at = ((i as f64 + 0.5) / scale as f64 - 0.5).max(0.0);
                let start = at.floor() as usize;
                let share = at - start as f64;
                // Behind the last element there is nothing to mix with.
                if start + 1 >= size || share == 0.0 {
                    return Band { start, weights: vec![1.0] };
                }
                Band { start, weights: vec![1.0 - share, share] }
            }
            Resize::Bicubic => Kernel::Bicubic.band(i, size, size * scale),
        }
    }
}

impl Setting for Resize {
    fn read(value: &Value) -> Option<Resize> {
        match value {
            Value::Word(word) if word == "nearest" => Some(Resize::Nearest),
            Value::Word(word) if word == "bilinear" => Some(Resize::Bilinear),
            Value::Word(word) if word == "bicubic" => Some(Resize::Bicubic),
            _ => None,
        }
    }
    fn write(&self) -> Value {
        Value::Word(Resize::NAMES[*self as usize].into())
    }
}

options! {
    /// Enlarges images or sequences by a whole factor.
    ///
    /// `[B, H, W, C]` becomes `[B, scale·H, scale·W, C]`, a sequence `[B, T, C]` becomes
    /// `[B, scale·T, C]`. As PyTorch's `Upsample` with `align_corners=False`, but for `bicubic`, whose
    /// kernel is the one that most programs for pictures have (PyTorch's has a = −3/4).
    "upsample", aliases [], example "upsample 2 bilinear";
    pub struct Upsample options {
        /// How many times as large.
        scale: usize = 2 where Kind::Integer(1), positional;
        /// How new elements are made of old ones.
        mode: Resize = nearest where Kind::Choice(Resize::NAMES), positional;
    }
}

impl Layer for Upsample {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(axes) = spatial(net, x) else { return x };
        let mut y = x;
        // The width first: the result between is smaller by a factor in rows that are short.
        for axis in axes.rev() {
            let size = x.shape()[axis];
            let Some(wanted) = size.checked_mul(self.scale) else {
                return net.trace().fail(Said::new(|l| say::layer_too_many(l, size, self.scale)));
            };
            let band = |i: usize| self.mode.band(i, self.scale, size);
            y = y.resample(axis, (0..wanted).map(band).collect());
        }
        y
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn elements_are_repeated_or_mixed() {
        let nearest = Upsample::default();
        assert_eq!(
            outputs(&[nearest.into()], &[1, 2, 2, 1], &[1.0, 2.0, 3.0, 4.0]),
            [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 3.0, 3.0, 4.0, 4.0]
        );
        // torch.nn.Upsample(scale_factor=2, mode="linear") of 1, 2, 4.
        let linear = Upsample { scale: 2, mode: Resize::Bilinear };
        assert_eq!(
            outputs(&[linear.into()], &[1, 3, 1], &[1.0, 2.0, 4.0]),
            [1.0, 1.25, 1.75, 2.5, 3.5, 4.0]
        );
        // At the ends, the weights of what is not there go to the others.
        let cubic = Upsample { scale: 2, mode: Resize::Bicubic };
        let y = outputs(&[cubic.into()], &[1, 4, 1], &[0.0, 1.0, 2.0, 3.0]);
        assert!((y[3] - 1.25).abs() < 1e-12 && (y[4] - 1.75).abs() < 1e-12, "{y:?}");
        assert!((y[0] + y[7] - 3.0).abs() < 1e-12, "{y:?}");
        let linear = Upsample { scale: 3, mode: Resize::Bilinear };
        let y = outputs(&[linear.into()], &[1, 2, 1], &[0.0, 3.0]);
        let want = [0.0, 0.0, 1.0, 2.0, 3.0, 3.0];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-15), "{y:?}");
    }
}
