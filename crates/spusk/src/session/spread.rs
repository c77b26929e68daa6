//! How weights and gradients are spread in each layer: told once an epoch, less often in long runs.

use serde::{Deserialize, Serialize};

use super::{LayerFacts, SessionError};
use crate::engine::{Engine, step_key};
use crate::plot::LayerQuantiles;
use crate::train::{Examples, Shuffled};

/// A line of `metrics.jsonl`: the spread of every layer's weights and gradients after an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spread {
    event: String,
    epoch: u64,
    layers: Vec<LayerSpread>,
}

/// The [`QUANTILES`](crate::plot::QUANTILES) of one layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LayerSpread {
    name: String,
    weights: [f64; 7],
    gradients: [f64; 7],
}

const EVENT: &str = "spread";

/// Most training examples whose gradient is looked at: always the same ones, so that epochs can be
/// compared.
const ROWS: usize = 256;

/// Whether an epoch's spread is told: each of the first 16, then 8 in every doubling.
pub(super) fn is_told(epoch: u64) -> bool {
    epoch.is_multiple_of(((epoch + 1).next_power_of_two() / 16).max(1))
}

/// The spread after an epoch.
pub(super) fn spread(
    engine: &mut Engine,
    train: &Shuffled<'_>,
    layers: &[LayerFacts],
    epoch: u64,
) -> Result<Spread, SessionError> {
    let rows = train.len().min(ROWS);
    // Layers that draw random numbers draw the same ones every time.
    let gradients = engine.gradients(rows, step_key(0, 0), |features, targets| {
        train.fill_in_order(0..rows, features, targets).map_err(SessionError::from)
    })?;
    let mut told: Vec<LayerSpread> = Vec::new();
    for (name, gradient) in &gradients {
        // Biases are few beside the weights.
        let Some(path) = name.strip_suffix(".weight") else { continue };
        let Some(weights) = engine.state().get(name) else { continue };
        let kind = layers.iter().find(|layer| layer.path == path).map_or("", |layer| &layer.layer);
        told.push(LayerSpread {
            name: format!("{path} {kind}"),
            weights: quantiles(weights),
            gradients: quantiles(gradient),
        });
    }
    Ok(Spread { event: EVENT.into(), epoch, layers: told })
}

fn quantiles(values: &[f32]) -> [f64; 7] {
    let mut layer = LayerQuantiles::default();
    layer.push(0.0, values);
    layer.quantiles.first().copied().unwrap_or([f64::NAN; 7])
}

/// The spreads of weights and of gradients by layer, from the lines of `metrics.jsonl`.
pub(super) fn read(lines: &[serde_json::Value]) -> [Vec<LayerQuantiles>; 2] {
    let mut all: [Vec<LayerQuantiles>; 2] = Default::default();
    for line in lines.iter().filter(|line| line["event"] == EVENT) {
        let Ok(spread) = serde_json::from_value::<Spread>(line.clone()) else { continue };
        for layer in spread.layers {
            for (all, quantiles) in all.iter_mut().zip([layer.weights, layer.gradients]) {
                let known = all.iter().position(|known| known.name == layer.name);
                let at = known.unwrap_or_else(|| {
                    all.push(LayerQuantiles { name: layer.name.clone(), ..Default::default() });
                    all.len() - 1
                });
                all[at].steps.push(spread.epoch as f64);
                all[at].quantiles.push(quantiles);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_told_less_often() {
        let told = |last: u64| (1..=last).filter(|&epoch| is_told(epoch)).collect::<Vec<_>>();
        assert_eq!(told(18), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18]);
        assert_eq!(told(1 << 20).len(), 16 + 8 * 16);
    }

    #[test]
    fn lines_read_back() {
        let layer = |weights, gradients| LayerSpread { name: "a".into(), weights, gradients };
        let line = |epoch, layers| {
            let spread = Spread { event: EVENT.into(), epoch, layers };
            serde_json::to_value(spread).expect("has a text form")
        };
        let lines = [
            serde_json::json!({ "event": "epoch" }),
            line(1, vec![layer([1.0; 7], [2.0; 7])]),
            line(2, vec![layer([3.0; 7], [4.0; 7])]),
        ];
        let [weights, gradients] = read(&lines);
        assert_eq!((weights.len(), &*weights[0].name), (1, "a"));
        assert_eq!(weights[0].steps, [1.0, 2.0]);
        assert_eq!(gradients[0].quantiles, [[2.0; 7], [4.0; 7]]);
    }
}
