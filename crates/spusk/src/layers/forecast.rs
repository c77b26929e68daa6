use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{AnyLayer, Layer, inner_layers, specs};
use crate::messages::{self as say, Said};
use crate::options::{self, Options, Setting};
use crate::spec::{ArgumentHelp, Help, Kind, Spec, Value};

/// A forecast from a window: what a linear forecast says, and the layers inside correct.
///
/// For the window `x[B, T, C]`, whose first `series` + `others` channels are series and the rest parts
/// of the date, and the layers inside f:
///
/// `y[B, h·S + s] = x[last, s] + Σ_t (x[t, s] − x[last, s])·shortcut[t, h] + bias[h, s] + σ_s·f(z)`
///
/// z is the window with its series shifted (and scaled) by `scale`: `last` takes the last value off
/// (σ = 1); `instance` takes the window's mean off and divides by its standard deviation σ. `shortcut`
/// and `bias` are not trained: they are the linear forecast that was fitted before, 0 at first, which
/// is the naive forecast. With Q·H·S outputs of f there are Q quantiles of each target, side by side.
/// A window without channels, `[B, T]`, is that of one series.
///
/// Zeng, Chen, Zhang & Xu 2023, "Are transformers effective for time series forecasting?" (the shift by
/// the last value); Kim et al. 2022, "Reversible instance normalization for accurate time-series
/// forecasting against distribution shift" (`instance`, without trained scales).
#[derive(Debug, Clone)]
pub struct Forecast {
    /// f; its last layer has Q·H·S outputs.
    pub layers: Vec<AnyLayer>,
    /// Steps of the forecast, H.
    pub horizon: usize,
    /// Series that are forecast, S.
    pub series: usize,
    /// Series beside them.
    pub others: usize,
    /// What is taken off a window.
    pub scale: WindowScale,
}

/// What is taken off a window before the layers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WindowScale {
    /// Its last value.
    #[default]
    Last,
    /// Its mean, and it is divided by its standard deviation.
    Instance,
}

const SCALES: &[&str] = &["last", "instance"];

/// Keeps a window that never changes from being divided by 0.
const EPS: f64 = 1e-3;

impl Setting for WindowScale {
    fn read(value: &Value) -> Option<WindowScale> {
        match value {
            Value::Word(word) if word == SCALES[0] => Some(WindowScale::Last),
            Value::Word(word) if word == SCALES[1] => Some(WindowScale::Instance),
            _ => None,
        }
    }
    fn write(&self) -> Value {
        Value::Word(SCALES[*self as usize].into())
    }
}

const fn count(
    name: &'static str,
    summary: &'static str,
    least: u64,
    default: Option<&'static str>,
) -> ArgumentHelp {
    ArgumentHelp { name, summary, kind: Kind::Integer(least), default, positional: false }
}

impl Options for Forecast {
    const HELP: Help = Help {
        name: "forecast",
        aliases: &[],
        summary: "A linear forecast from a window, which the layers inside correct.",
        example: "forecast horizon=24(dense 64, relu, dense 24)",
        arguments: &[
            count("horizon", "Steps of the forecast.", 1, None),
            count("series", "Series that are forecast.", 1, Some("1")),
            count("others", "Series beside them.", 0, Some("0")),
            ArgumentHelp {
                name: "scale",
                summary: "What is taken off a window: its last value, or its mean and spread.",
                kind: Kind::Choice(SCALES),
                default: Some("last"),
                positional: false,
            },
        ],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        Ok(Forecast {
            layers: inner_layers(&Self::HELP, spec)?,
            horizon: options::read(&Self::HELP, spec, "horizon")?,
            series: options::read(&Self::HELP, spec, "series")?,
            others: options::read(&Self::HELP, spec, "others")?,
            scale: options::read(&Self::HELP, spec, "scale")?,
        })
    }

    fn to_spec(&self) -> Spec {
        let mut spec = Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) };
        let numbers = [("horizon", self.horizon), ("series", self.series), ("others", self.others)];
        for (name, value) in numbers {
            spec = options::write(&Self::HELP, spec, name, value.write());
        }
        options::write(&Self::HELP, spec, "scale", self.scale.write())
    }
}

impl Layer for Forecast {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        // A sum follows the last layer, not what stands behind this one.
        net.set_follower(Follower::Linear);
        let Some((window, own, rest)) = self.split(net, x) else { return x };
        let (batch, steps) = (own.shape()[0], own.shape()[1]);
        let last = own.narrow(1, steps - 1, steps);
        let shifted = own - last;
        let targets = shifted.narrow(2, 0, self.series);
        let shortcut = net.buffer("shortcut", &[steps, self.horizon], 0.0);
        let bias = net.buffer("bias", &[self.horizon, self.series], 0.0);
        // [B, T, S] → [B·S, T] · [T, H] → [B, H, S]
        let rows = targets.transpose(&[0, 2, 1]).reshape(&[batch * self.series, steps]);
        let linear = rows.matmul(shortcut).reshape(&[batch, self.series, self.horizon]);
        let base = linear.transpose(&[0, 2, 1]) + bias + last.narrow(2, 0, self.series);

        let (seen, deviation) = match self.scale {
            WindowScale::Last => (shifted, None),
            WindowScale::Instance => {
                let centered = own - own.mean_keeping(&[1]);
                let deviation = (centered.square().mean_keeping(&[1]) + EPS).sqrt();
                (centered / deviation, Some(deviation.narrow(2, 0, self.series)))
            }
        };
        let seen = match rest {
            Some(rest) => seen.concat(&[rest], 2),
            None => seen,
        };
        let inside = net.layers(&self.layers, seen.reshape(&window));
        let outputs = inside.size() / batch.max(1);
        let each = self.horizon * self.series;
        if inside.value().is_none() || !outputs.is_multiple_of(each) || outputs == 0 {
            let got = inside.shape();
            return net.trace().fail(Said::new(|l| {
                say::layer_forecast(l, &got, batch, each, self.horizon, self.series)
            }));
        }
        let axes = [batch, self.horizon, self.series, outputs / each];
        let mut correction = inside.reshape(&axes);
        if let Some(deviation) = deviation {
            correction = correction * deviation.reshape(&[batch, 1, self.series, 1]);
        }
        let base = base.reshape(&[batch, self.horizon, self.series, 1]);
        (correction + base).reshape(&[batch, outputs])
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

impl Forecast {
    /// The shape of the window, its series [B, T, S + others], and its other channels.
    fn split<'t>(
        &self,
        net: &Net<'t>,
        x: Var<'t>,
    ) -> Option<(Vec<usize>, Var<'t>, Option<Var<'t>>)> {
        x.value()?;
        let shape = x.shape().to_vec();
        let own = self.series + self.others;
        let (batch, steps, channels) = match shape[..] {
            [batch, steps] => (batch, steps, 1),
            [batch, steps, channels] => (batch, steps, channels),
            _ => (0, 0, 0),
        };
        if channels < own || steps == 0 {
            net.trace()
                .fail(Said::new(|l| say::layer_input(l, x.shape(), say::layer_channels(l, own))));
            return None;
        }
        let x = x.reshape(&[batch, steps, channels]);
        let rest = (channels > own).then(|| x.narrow(2, own, channels));
        Some((shape, x.narrow(2, 0, own), rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Initializer;
    use crate::layers::tests::outputs;
    use crate::layers::{Dense, Flatten};
    use crate::model::{Batch, Model};

    /// A correction that is 0 at first.
    fn zeros(outputs: usize) -> Vec<AnyLayer> {
        let dense = Dense { init: Initializer::Zeros, ..Dense::new(outputs) };
        vec![Flatten.into(), dense.into()]
    }

    fn forecast(layers: Vec<AnyLayer>, horizon: usize, series: usize) -> Forecast {
        Forecast { layers, horizon, series, others: 0, scale: WindowScale::Last }
    }

    #[test]
    fn at_first_it_is_the_naive_forecast() {
        // Two series over three steps, and a part of the date.
        let x = [1.0, 10.0, 0.1, 2.0, 20.0, 0.2, 3.0, 30.0, 0.3];
        for scale in [WindowScale::Last, WindowScale::Instance] {
            let layer = Forecast { scale, ..forecast(zeros(4), 2, 2) };
            assert_eq!(outputs(&[layer.into()], &[1, 3, 3], &x), [3.0, 30.0, 3.0, 30.0]);
        }
        // Three quantiles of each of two steps.
        let quantiles = forecast(zeros(6), 2, 1).into();
        assert_eq!(outputs(&[quantiles], &[1, 3], &[1.0, 2.0, 5.0]), [5.0; 6]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_said() {
        let error = |layer: Forecast, features: &[usize]| {
            let batch = Batch { size: 4, features: features.into(), target: [].into() };
            let model = Model { layers: vec![layer.into()] };
            model.parameters(&batch).expect_err("broken").to_string()
        };
        assert_eq!(
            error(forecast(zeros(5), 2, 2), &[3, 2]),
            "layers.0 forecast: the layers inside make [4, 5], expected [4, 4] for 2 steps of 2 \
             series, or a multiple of it; end them with `dense 4`"
        );
        assert_eq!(
            error(forecast(zeros(4), 2, 2), &[3, 1]),
            "layers.0 forecast: the input has shape [4, 3, 1], expected [batch, window, channels] \
             with at least 2 channels"
        );
    }
}
