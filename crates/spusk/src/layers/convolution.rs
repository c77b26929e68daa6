//! What the four layers of convolution share.

use spusk_graph::{Geometry, Var};

use crate::init::{Fan, Initializer};
use crate::messages::{self as say, Said};
use crate::net::{Layout, Net};
use crate::options::Setting;
use crate::spec::Value;

/// Height and width of something; one number stands for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair(pub [usize; 2]);

impl Pair {
    /// The same both ways.
    pub fn both(size: usize) -> Pair {
        Pair([size; 2])
    }
}

impl Setting for Pair {
    fn read(value: &Value) -> Option<Pair> {
        let size = |x: f64| (x >= 0.0 && x.fract() == 0.0).then_some(x as usize);
        match value {
            Value::Number(both) => size(*both).map(Pair::both),
            Value::Numbers(numbers) => match numbers[..] {
                [height, width] => Some(Pair([size(height)?, size(width)?])),
                _ => None,
            },
            _ => None,
        }
    }
    fn write(&self) -> Value {
        match self.0 {
            [height, width] if height == width => Value::Number(height as f64),
            sizes => Value::Numbers(sizes.map(|size| size as f64).to_vec()),
        }
    }
}

/// Zeros around an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// As many as make the output as large as the input; with stride s, ⌈input / s⌉. Where the number
    /// is odd, the additional one stands behind.
    Same,
    /// As [`Padding::Same`], all in front, so that no output sees what comes later.
    Causal,
    /// So many on each side.
    Each(Pair),
}

impl Setting for Padding {
    fn read(value: &Value) -> Option<Padding> {
        match value {
            Value::Word(word) if word == "same" => Some(Padding::Same),
            Value::Word(word) if word == "causal" => Some(Padding::Causal),
            value => Pair::read(value).map(Padding::Each),
        }
    }
    fn write(&self) -> Value {
        match self {
            Padding::Same => Value::Word("same".into()),
            Padding::Causal => Value::Word("causal".into()),
            Padding::Each(pair) => pair.write(),
        }
    }
}

/// A convolution of images, or, with one row, of sequences.
#[derive(Debug, Clone, Copy)]
pub(super) struct Convolution {
    pub(super) out_channels: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: Padding,
    pub(super) dilation: [usize; 2],
    pub(super) groups: usize,
    pub(super) bias: bool,
    pub(super) init: Initializer,
    /// Axes that the kernel moves along: 1 or 2.
    pub(super) axes: usize,
}

impl Convolution {
    /// y = convolution of x with new weights.
    pub(super) fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let x = self.without_padding(net, x);
        let Some(x) = self.image(net, x) else { return x };
        let shape = x.shape();
        let (image, channels) = ([shape[1], shape[2]], shape[3]);
        let geometry = self.geometry(image);
        if let Some(error) = self.misfit(channels) {
            return net.trace().fail(error);
        }
        let taps: usize = self.kernel.iter().product();
        let [inputs, outputs] = [channels, self.out_channels].map(|n| n / self.groups * taps);
        let fan = Fan { inputs, outputs };
        let w = self.weight(net, fan, channels / self.groups, self.out_channels);
        let y = x.conv(w, &geometry);
        self.finish(net, y, fan)
    }

    /// y = transposed convolution of x with new weights.
    pub(super) fn build_transposed<'t>(
        &self,
        net: &mut Net<'t>,
        x: Var<'t>,
        output_padding: [usize; 2],
    ) -> Var<'t> {
        let Some(x) = self.image(net, x) else { return x };
        let shape = x.shape();
        let (image, channels) = ([shape[1], shape[2]], shape[3]);
        let geometry = self.geometry(image);
        if let Some(error) = self.misfit(channels) {
            return net.trace().fail(error);
        }
        let mut size = [1; 2];
        for axis in 2 - self.axes..2 {
            let (stride, more) = (self.stride[axis], output_padding[axis]);
            if more >= stride {
                return net
                    .trace()
                    .fail(Said::new(|l| say::layer_output_padding(l, more, stride, stride - 1)));
            }
            let reach = (self.kernel[axis] - 1).checked_mul(self.dilation[axis]);
            let whole = (image[axis] - 1).checked_mul(stride).zip(reach);
            let whole =
                whole.and_then(|(way, reach)| way.checked_add(reach)?.checked_add(more + 1));
            let pads = geometry.before[axis].checked_add(geometry.after[axis]);
            match whole.zip(pads).and_then(|(whole, pads)| whole.checked_sub(pads)) {
                Some(left @ 1..) => size[axis] = left,
                _ => {
                    return net.trace().fail(Said::new(|l| {
                        say::layer_padding(l, geometry.before[axis], image[axis])
                    }));
                }
            }
        }
        let taps: usize = self.kernel.iter().product();
        let steps: usize = self.stride.iter().product();
        let [inputs, outputs] = [channels, self.out_channels].map(|n| n / self.groups * taps);
        // Only every stride-th tap of an axis meets a pixel of the output.
        let fan = Fan { inputs: inputs.div_ceil(steps), outputs };
        let w = self.weight(net, fan, self.out_channels / self.groups, channels);
        let y = x.conv_input(w, &geometry, size);
        self.finish(net, y, fan)
    }

    /// The input as images; the error is recorded.
    fn image<'t>(&self, net: &Net<'t>, x: Var<'t>) -> Option<Var<'t>> {
        x.value()?;
        let shape = x.shape();
        let image = match (self.axes, &shape[..]) {
            (2, &[_, _, _, _]) => x,
            (2, &[batch, height, width]) => x.reshape(&[batch, height, width, 1]),
            (1, &[batch, time, channels]) => x.reshape(&[batch, 1, time, channels]),
            (1, &[batch, time]) => x.reshape(&[batch, 1, time, 1]),
            _ => {
                let wanted = match self.axes {
                    1 => say::layer_sequences,
                    _ => say::layer_images,
                };
                net.trace().fail(Said::new(|l| {
                    say::layer_input_cure(l, &shape, wanted(l), say::cure_layer_data(l))
                }));
                return None;
            }
        };
        image.value().map(|_| image)
    }

    fn misfit(&self, channels: usize) -> Option<Said> {
        let (groups, outputs) = (self.groups, self.out_channels);
        (!channels.is_multiple_of(groups) || !outputs.is_multiple_of(groups))
            .then(|| Said::new(|l| say::layer_groups(l, channels, outputs, groups)))
    }

    /// Positions from the first tap of a window to its last.
    fn reach(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1).saturating_mul(self.dilation[axis])
    }

    /// The input of a convolution of sequences with zeros at padding; the lengths become those that the
    /// sequences would have had each by itself.
    fn without_padding<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(lengths) = net.lengths(x).filter(|_| self.axes == 1) else { return x };
        let stride = self.stride[1];
        let clear = net.without_padding(x);
        let lost = match self.padding {
            Padding::Causal => 0,
            Padding::Same if stride == 1 => 0,
            Padding::Same => {
                return net.trace().fail(Said::new(|l| say::layer_same_stride(l, stride)));
            }
            Padding::Each(Pair(sizes)) => {
                let reach = i64::try_from(self.reach(1)).unwrap_or(i64::MAX);
                reach.saturating_sub(i64::try_from(sizes[1]).unwrap_or(i64::MAX).saturating_mul(2))
            }
        };
        let left = (lengths - lost as f64).max(0.0);
        let left =
            if stride == 1 { left } else { ((left - 1.0) * (1.0 / stride as f64)).floor() + 1.0 };
        net.set_lengths(Some(left.max(0.0)));
        clear
    }

    fn geometry(&self, image: [usize; 2]) -> Geometry {
        let (mut before, mut after) = ([0; 2], [0; 2]);
        for axis in 2 - self.axes..2 {
            (before[axis], after[axis]) = match self.padding {
                Padding::Each(Pair(sizes)) => (sizes[axis], sizes[axis]),
                Padding::Causal => (self.reach(axis), 0),
                Padding::Same => {
                    let last = (image[axis] - 1) / self.stride[axis] * self.stride[axis];
                    let total =
                        last.saturating_add(self.reach(axis)).saturating_sub(image[axis] - 1);
                    (total / 2, total - total / 2)
                }
            };
        }
        let (stride, dilation) = (self.stride, self.dilation);
        Geometry { stride, dilation, before, after, groups: self.groups }
    }

    /// `[kernel…, rows, columns]`.
    fn weight<'t>(&self, net: &mut Net<'t>, fan: Fan, rows: usize, columns: usize) -> Var<'t> {
        let draw = self.init.weights(fan, net.follower());
        let shape = [&self.kernel[2 - self.axes..], &[rows, columns]].concat();
        let w = net.parameter("weight", &shape, draw, Layout::Convolution);
        w.reshape(&[self.kernel[0], self.kernel[1], rows, columns])
    }

    /// The bias, and the axes of the input.
    fn finish<'t>(&self, net: &mut Net<'t>, y: Var<'t>, fan: Fan) -> Var<'t> {
        let y = match self.bias {
            true => {
                let draw = self.init.biases(fan);
                y + net.parameter("bias", &[self.out_channels], draw, Layout::Same)
            }
            false => y,
        };
        let shape = y.shape();
        match (self.axes, &shape[..]) {
            (1, &[batch, 1, time, channels]) => y.reshape(&[batch, time, channels]),
            _ => y,
        }
    }
}
