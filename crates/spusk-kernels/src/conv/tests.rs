//! The three directions against their definition.

use super::axis::{Phase, Tap, phases};
use super::{spread, weight};
use crate::testing::{place, refusal, run};
use crate::{Conv, ConvDirection, Element, Instruction, Place};

const DIRECTIONS: [ConvDirection; 3] =
    [ConvDirection::Output, ConvDirection::Input, ConvDirection::Weight];

/// A convolution of these sizes; places are given later.
fn conv(batch: usize, [height, width]: [usize; 2], channels: [usize; 2], kernel: usize) -> Conv {
    let nowhere = place(0, 0);
    Conv {
        direction: ConvDirection::Output,
        batch,
        input: [height, width, channels[0]],
        output: [0, 0, channels[1]],
        kernel: [kernel; 2],
        stride: [1; 2],
        padding: [0; 2],
        dilation: [1; 2],
        groups: 1,
        shards: 1,
        x: nowhere,
        w: nowhere,
        y: nowhere,
        bias: None,
    }
}

impl Conv {
    /// The output size with `padding` on both ends, and places one behind the other: 16 unused
    /// elements, x, w, y, bias, 16 unused.
    fn placed(mut self, direction: ConvDirection, shards: usize, bias: bool) -> (Conv, usize) {
        self.direction = direction;
        for axis in 0..2 {
            let reach = (self.kernel[axis] - 1) * self.dilation[axis] + 1;
            let padded = self.input[axis] + 2 * self.padding[axis];
            self.output[axis] = (padded - reach) / self.stride[axis] + 1;
        }
        let is_weight = direction == ConvDirection::Weight;
        self.shards = if is_weight { shards.min(self.batch) } else { 1 };
        let (x, y) = (self.input.iter().product::<usize>(), self.output.iter().product::<usize>());
        let taps = self.kernel[0] * self.kernel[1];
        let weights = taps * self.input[2] / self.groups * self.output[2] * self.shards;
        self.x = place(16, self.batch * x);
        self.w = place(self.x.padded_end(), weights);
        self.y = place(self.w.padded_end(), self.batch * y);
        let channels = match direction {
            ConvDirection::Input => self.input[2],
            _ => self.output[2],
        };
        let start = place(self.y.padded_end(), channels);
        self.bias = (bias && !is_weight).then_some(start);
        let len = start.padded_end() + 16;
        (self, len)
    }

    fn result(&self) -> Place {
        match self.direction {
            ConvDirection::Output => self.y,
            ConvDirection::Input => self.x,
            ConvDirection::Weight => self.w,
        }
    }
}

/// The definition: every meeting of an output pixel, a tap and an input pixel, in this order (for
/// the gradient by the input taps descending), one fused multiply-add at a time.
fn reference<T: Element>(spec: &Conv, work: &[T]) -> Vec<T> {
    let Conv { batch, input, output, kernel, groups, shards, .. } = *spec;
    let [height, width, channels] = input;
    let [out_height, out_width, out_channels] = output;
    let (in_group, out_group) = (channels / groups, out_channels / groups);
    let result = spec.result();
    let mut data: Vec<T> = (0..result.len)
        .map(|i| spec.bias.map_or(T::ZERO, |bias| work[bias.offset + i % bias.len]))
        .collect();
    // What pixels of y some steps apart add to the input, or to the weights, is added up in the end.
    let apart = match spec.direction {
        ConvDirection::Weight => weight::apart(spec),
        _ => spread::apart(spec).unwrap_or(1),
    };
    data.resize(apart * result.len, T::ZERO);
    let mut taps: Vec<[usize; 2]> =
        (0..kernel[0]).flat_map(|kh| (0..kernel[1]).map(move |kw| [kh, kw])).collect();
    if spec.direction == ConvDirection::Input {
        taps.reverse();
    }
    for image in 0..batch {
        // The images of a shard: the first shards have one more.
        let (size, larger) = (batch / shards, batch % shards);
        let shard = match image < larger * (size + 1) {
            true => image / (size + 1),
            false => larger + (image - larger * (size + 1)) / size.max(1),
        };
        for &[kh, kw] in &taps {
            for pixel in 0..out_height * out_width {
                let (ho, wo) = (pixel / out_width, pixel % out_width);
                let at = |o: usize, k: usize, axis: usize| {
                    let at = o * spec.stride[axis] + k * spec.dilation[axis];
                    at.checked_sub(spec.padding[axis]).filter(|&at| at < input[axis])
                };
                let (Some(h), Some(w)) = (at(ho, kh, 0), at(wo, kw, 1)) else { continue };
                for d in 0..out_channels {
                    for c in 0..in_group {
                        let channel = d / out_group * in_group + c;
                        let x = ((image * height + h) * width + w) * channels + channel;
                        let y = (image * out_height * out_width + pixel) * out_channels + d;
                        let tap = ((shard * kernel[0] + kh) * kernel[1] + kw) * in_group + c;
                        let weight = tap * out_channels + d;
                        let value = |place: Place, i: usize| work[place.offset + i];
                        let (to, a, b) = match spec.direction {
                            ConvDirection::Output => (y, value(spec.x, x), value(spec.w, weight)),
                            ConvDirection::Input => (x, value(spec.y, y), value(spec.w, weight)),
                            ConvDirection::Weight => (weight, value(spec.x, x), value(spec.y, y)),
                        };
                        let to = wo % apart * result.len + to;
                        data[to] = a.mul_add(b, data[to]);
                    }
                }
            }
        }
    }
    let rows = (1..apart).map(|row| row * result.len);
    (0..result.len).map(|i| rows.clone().fold(data[i], |sum, row| sum + data[row + i])).collect()
}

fn numbers(len: usize) -> Vec<f64> {
    let mut seed = 1_u32;
    let number = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((seed >> 8) as i32 - (1 << 23)) / f64::from(1 << 23)
    };
    (0..len).map(number).collect()
}

/// All directions, levels and numbers of threads give the bits of the definition, in both number
/// formats, and touch nothing else.
fn check(spec: &Conv) {
    for (i, direction) in DIRECTIONS.into_iter().enumerate() {
        let (spec, len) = spec.clone().placed(direction, 2 + i, (spec.batch + i).is_multiple_of(2));
        let work = numbers(len);
        let as_f32: Vec<f32> = work.iter().map(|&x| x as f32).collect();
        let result = spec.result();
        let at = result.offset..result.offset + result.len;
        let list = vec![Instruction::Conv(spec.clone())];
        let got = run::<f32>(list.clone(), work.clone(), vec![]).work;
        let expected = reference(&spec, &as_f32);
        for (i, (&got, &want)) in got[at.clone()].iter().zip(&expected).enumerate() {
            assert_eq!(got, f64::from(want), "{spec:?}: element {i}");
        }
        assert_eq!(got[..at.start], work[..at.start], "{spec:?}");
        assert_eq!(got[result.padded_end()..], work[result.padded_end()..], "{spec:?}");
        let got = run::<f64>(list, work.clone(), vec![]).work;
        assert_eq!(got[at], reference(&spec, &work), "{spec:?} in f64");
    }
}

#[test]
fn channels_and_kernels() {
    for channels in [[1, 1], [1, 6], [3, 16], [6, 17], [16, 3], [8, 32], [17, 33]] {
        for kernel in [1, 2, 3, 5] {
            check(&conv(2, [7, 9], channels, kernel));
            check(&Conv { padding: [kernel / 2; 2], ..conv(3, [6, 5], channels, kernel) });
        }
    }
}

#[test]
fn strides_paddings_and_dilations() {
    for stride in [[1, 1], [2, 2], [3, 2], [1, 4]] {
        for padding in [[0, 0], [1, 1], [2, 1], [0, 5]] {
            for dilation in [[1, 1], [2, 2], [3, 1]] {
                for kernel in [[1, 1], [3, 3], [2, 3]] {
                    let plain = conv(2, [8, 11], [3, 5], 1);
                    check(&Conv { stride, padding, dilation, kernel, ..plain });
                }
            }
        }
    }
}

#[test]
fn groups() {
    for (channels, groups) in [([4, 6], 2), ([6, 3], 3), ([5, 10], 5), ([18, 36], 2)] {
        for stride in [[1, 1], [2, 2]] {
            for (kernel, padding) in [(1, 0), (3, 1), (3, 0)] {
                let plain = conv(2, [6, 7], channels, kernel);
                check(&Conv { groups, stride, padding: [padding; 2], ..plain });
            }
        }
    }
}

#[test]
fn depthwise() {
    for channels in [2, 3, 8, 16, 37, 64, 130] {
        for (stride, dilation) in [([1, 1], [1, 1]), ([2, 2], [1, 1]), ([1, 2], [2, 1])] {
            let plain = conv(3, [6, 7], [channels; 2], 3);
            check(&Conv { groups: channels, stride, dilation, padding: [1, 2], ..plain });
        }
    }
}

/// Images so large that they are worked on by bands; batches smaller and larger than the pieces of
/// work; one dimension.
#[test]
fn sizes() {
    check(&Conv { padding: [1; 2], ..conv(1, [70, 60], [16, 9], 3) });
    check(&Conv { padding: [1; 2], stride: [2; 2], ..conv(1, [61, 70], [16, 9], 3) });
    check(&conv(1, [70, 60], [16, 9], 3));
    check(&Conv { padding: [2; 2], ..conv(19, [4, 4], [2, 3], 5) });
    check(&Conv { kernel: [1, 5], padding: [0, 2], ..conv(4, [1, 300], [3, 8], 1) });
    check(&conv(1, [3, 3], [2, 2], 3));
    check(&conv(1, [1, 1], [1, 1], 1));
    // Few channels and many pixels: the gradient by the input spreads rows.
    check(&conv(3, [14, 14], [6, 16], 5));
    check(&Conv { padding: [2; 2], ..conv(1, [28, 28], [1, 6], 5) });
    check(&Conv { padding: [1, 2], stride: [2, 3], ..conv(2, [9, 31], [2, 7], 5) });
    check(&Conv { padding: [2, 3], ..conv(2, [3, 40], [5, 20], 7) });
}

/// Taps that meet nothing but padding cost no memory, however far away they are.
#[test]
fn far_taps() {
    let far = [1 << 20; 2];
    check(&Conv { padding: far, dilation: far, ..conv(2, [4, 5], [3, 4], 3) });
    check(&Conv { padding: [far[0], 1], dilation: [far[0], 1], ..conv(1, [4, 5], [1, 2], 3) });
}

#[test]
fn an_input_pixel_sees_the_taps_of_its_phase() {
    let mut spec = conv(1, [5, 5], [1, 1], 3);
    (spec.direction, spec.stride, spec.padding) = (ConvDirection::Input, [2; 2], [1; 2]);
    spec.output = [3, 3, 1];
    // Pixel 0 meets output 0 by tap 1, pixel 1 output 0 by tap 2 and output 1 by tap 0.
    let tap = |delta, index| Tap { delta, index };
    let plain = Phase { first: 0, step: 2, count: 3, source: 0, source_step: 1, taps: vec![] };
    let odd = Phase { first: 1, count: 2, taps: vec![tap(0, 2), tap(1, 0)], ..plain.clone() };
    assert_eq!(phases(&spec, 0), [Phase { taps: vec![tap(0, 1)], ..plain }, odd]);
}

#[test]
fn refuses_what_does_not_fit() {
    let (good, len) = conv(2, [5, 6], [3, 4], 3).placed(ConvDirection::Output, 1, true);
    let check = |change: &dyn Fn(&mut Conv), expected: &str| {
        let mut spec = good.clone();
        change(&mut spec);
        assert_eq!(refusal(Instruction::Conv(spec), len), expected);
    };
    check(&|_| {}, "accepted");
    check(&|c| c.groups = 2, "conv: 3 and 4 channels do not make 2 groups");
    check(&|c| c.groups = 0, "conv: 3 and 4 channels do not make 0 groups");
    check(&|c| c.stride = [0, 1], "conv: a size, stride, dilation or number of shards is 0");
    check(
        &|c| c.padding = [usize::MAX; 2],
        "conv: a size of 18446744073709551615 is too large; it must be below 2^31",
    );
    check(&|c| c.x.len -= 1, "conv: x has 179 elements, expected [2, 5, 6, 3]");
    check(&|c| c.w.len -= 1, "conv: w has 107 elements, expected [1, 3, 3, 3, 4]");
    check(&|c| c.y.len -= 1, "conv: y has 95 elements, expected [2, 3, 4, 4]");
    check(&|c| c.shards = 2, "conv: w has 108 elements, expected [2, 3, 3, 3, 4]");
    check(&|c| (c.shards, c.w.len) = (2, 216), "conv: 2 shards, expected 1 in this direction");
    check(&|c| c.bias = Some(place(0, 3)), "conv: the bias has 3 elements, expected [4]");
    check(&|c| c.direction = ConvDirection::Weight, "conv: a gradient of weights has no bias");
    check(
        &|c| c.y = place(16, c.y.len),
        "conv: writes work[16..112], which overlaps work[16..196], which it reads",
    );
}
