//! The linear forecast that a network is compared with, beside the network's weights in its file. The network
//! itself may start from the mean of several.

use crate::data::{Prepared, Series};
use crate::safetensors::{Contents, Tensor};

const WEIGHTS: &str = "linear.weights";
const BIAS: &str = "linear.bias";

/// The linear forecast of a training as tensors of its file; none without series.
pub(in crate::session) fn tensors(data: &Prepared) -> Vec<Tensor> {
    let linear = data.series.as_ref().and_then(|series| series.linear.as_ref());
    linear.map_or(Vec::new(), |linear| {
        let series = linear.bias.len() / linear.horizon.max(1);
        vec![
            Tensor::f32(WEIGHTS, [linear.window, linear.horizon], linear.weights.clone()),
            Tensor::f32(BIAS, [linear.horizon, series], linear.bias.clone()),
        ]
    })
}

/// A linear forecast as it stands in a file.
pub(in crate::session) struct Baseline {
    window: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Baseline {
    /// From a file; none where it does not hold one.
    pub(in crate::session) fn read(contents: &Contents) -> Option<Baseline> {
        let (weights, bias) = (contents.get(WEIGHTS)?, contents.get(BIAS)?);
        let values = |tensor: &Tensor| tensor.to_f32().ok().map(|values| values.into_owned());
        Some(Baseline {
            window: *weights.shape.first()?,
            weights: values(weights)?,
            bias: values(bias)?,
        })
    }

    /// Gives it to a series whose windows hold `most` steps; what does not fit is left out.
    pub(in crate::session) fn give(&self, series: &mut Series, most: usize, horizon: usize) {
        if (1..=most).contains(&self.window) {
            series.set_linear(self.window, horizon, self.weights.clone(), self.bias.clone());
        }
    }
}
