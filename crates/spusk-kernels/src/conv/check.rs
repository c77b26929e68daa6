//! Whether a convolution fits together.

use crate::{Conv, ConvDirection, Place};

/// Checks sizes; the error says what is wrong.
pub(super) fn check(spec: &Conv) -> Result<(), String> {
    let Conv { batch, input, output, kernel, stride, padding, dilation, groups, .. } = spec;
    let [[height, width, channels], [out_height, out_width, out_channels]] = [*input, *output];
    if *groups == 0 || !channels.is_multiple_of(*groups) || !out_channels.is_multiple_of(*groups) {
        return Err(format!("{channels} and {out_channels} channels do not make {groups} groups"));
    }
    let sizes = [*batch, channels, out_channels, *groups, spec.shards];
    if [&sizes[..], input, output, kernel, stride, dilation].concat().contains(&0) {
        return Err("a size, stride, dilation or number of shards is 0".into());
    }
    // Below this no sum of products of two of them leaves the range of 64 bits.
    let all = [&sizes[..], input, output, kernel, stride, padding, dilation].concat();
    if let Some(large) = all.iter().find(|&&size| size >= 1 << 31) {
        return Err(format!("a size of {large} is too large; it must be below 2^31"));
    }
    let weights = [spec.shards, kernel[0], kernel[1], channels / groups, out_channels];
    for (name, place, shape) in [
        ("x", spec.x, &[*batch, height, width, channels][..]),
        ("w", spec.w, &weights),
        ("y", spec.y, &[*batch, out_height, out_width, out_channels]),
    ] {
        expect(name, place, shape)?;
    }
    let started = match spec.direction {
        ConvDirection::Output => out_channels,
        ConvDirection::Input => channels,
        ConvDirection::Weight => {
            return match spec.bias {
                Some(_) => Err("a gradient of weights has no bias".into()),
                None if spec.shards > *batch => {
                    Err(format!("{} shards of {batch} images", spec.shards))
                }
                None => Ok(()),
            };
        }
    };
    if spec.shards != 1 {
        return Err(format!("{} shards, expected 1 in this direction", spec.shards));
    }
    match spec.bias {
        Some(bias) => expect("the bias", bias, &[started]),
        None => Ok(()),
    }
}

fn expect(name: &str, place: Place, shape: &[usize]) -> Result<(), String> {
    let size = shape.iter().try_fold(1_usize, |size, &n| size.checked_mul(n));
    if size == Some(place.len) {
        return Ok(());
    }
    Err(format!("{name} has {} elements, expected {shape:?}", place.len))
}
