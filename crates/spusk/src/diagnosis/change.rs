//! A cure as a change of the experiment.

use serde::{Deserialize, Serialize};

use crate::experiment::{Auto, Experiment, Layers};
use crate::spec::Spec;

/// What a cure changes in an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Another η.
    LearningRate(f64),
    /// Other steps: this many examples in each.
    BatchSize(u64),
    /// Usual initial weights: no file, no `init=`.
    FreshWeights,
    /// Other random weights and another order of the rows: the next seed.
    OtherSeed,
    /// Inputs of mean 0 and standard deviation 1.
    Standardize,
    /// Another layer in the place of these, by name.
    Replace {
        /// The name of the layers.
        from: String,
        /// What stands there instead.
        to: String,
    },
    /// `layer_norm` behind every hidden layer of weights.
    Normalize,
    /// The weights of this epoch, which the run has already seen.
    StopAt(u64),
}

impl Change {
    /// Whether a fork can go on from trained weights; else it begins at the start.
    pub fn keeps_weights(&self) -> bool {
        matches!(self, Change::LearningRate(_) | Change::BatchSize(_))
    }

    /// The change as a setting.
    pub fn setting(&self) -> String {
        match self {
            Change::LearningRate(rate) => {
                format!("learning_rate = {}", crate::plot::number::written(*rate, 3))
            }
            Change::BatchSize(size) => format!("batch_size = {size}"),
            Change::FreshWeights => "init = auto".into(),
            Change::OtherSeed => "seed + 1".into(),
            Change::Standardize => "standardize = true".into(),
            Change::Replace { from, to } => format!("{from} -> {to}"),
            Change::Normalize => "layer_norm".into(),
            Change::StopAt(epoch) => format!("epochs = {epoch}"),
        }
    }

    /// Makes the change.
    pub fn apply(&self, experiment: &mut Experiment) {
        match self {
            Change::LearningRate(rate) => experiment.training.learning_rate = Auto::Set(*rate),
            Change::BatchSize(size) => experiment.training.batch_size = Auto::Set(*size),
            Change::Standardize => experiment.data.standardize = true,
            Change::OtherSeed => {
                experiment.training.seed = experiment.training.seed.wrapping_add(1);
            }
            Change::StopAt(epoch) => experiment.training.epochs = Auto::Set((*epoch).max(1)),
            Change::FreshWeights => {
                experiment.model.init = None;
                each_layer(experiment, &mut |spec| {
                    spec.arguments.retain(|argument| argument.name != "init");
                });
            }
            Change::Replace { from, to } => each_layer(experiment, &mut |spec| {
                if spec.name == *from {
                    *spec = Spec::new(to.clone());
                }
            }),
            Change::Normalize => {
                if let Layers::These(layers) = &mut experiment.model.layers {
                    *layers = normalized(std::mem::take(layers));
                }
            }
        }
    }
}

/// Shows every layer, also those inside of others.
fn each_layer(experiment: &mut Experiment, change: &mut dyn FnMut(&mut Spec)) {
    fn walk(specs: &mut [Spec], change: &mut dyn FnMut(&mut Spec)) {
        for spec in specs {
            change(spec);
            walk(&mut spec.layers, change);
        }
    }
    if let Layers::These(layers) = &mut experiment.model.layers {
        walk(layers, change);
    }
}

fn normalized(layers: Vec<Spec>) -> Vec<Spec> {
    let mut all = Vec::new();
    for mut layer in layers {
        layer.layers = normalized(std::mem::take(&mut layer.layers));
        let is_dense = layer.name == "dense";
        all.push(layer);
        if is_dense {
            all.push(Spec::new("layer_norm"));
        }
    }
    all
}
