//! What the experiment found: numbers by kind of network, and what can be said of them.

use serde_json::{Value, json};

use super::{Correlation, Distribution, RunFound, Variant, correlation, published};
use crate::data::random;
use crate::model::Batch;

/// The runs of one kind of network.
#[derive(Debug, Clone, PartialEq)]
pub struct KindFound {
    /// Its name.
    pub name: String,
    /// Units of the hidden layer, where there is one.
    pub units: Option<usize>,
    /// Numbers that are trained.
    pub parameters: usize,
    /// Every run.
    pub runs: Vec<RunFound>,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct StartsFound {
    /// By kind of network, as they were given.
    pub kinds: Vec<KindFound>,
    /// The first seed.
    pub seed: u64,
    /// Rows that trained, and that tested.
    pub rows: [usize; 2],
    /// Numbers that a network sees of a row, by axis.
    pub shape: Vec<usize>,
    /// Whether there are classes, so that shares of right rows mean something.
    pub classes: bool,
    /// Everything else that the result depends on, as it was set.
    pub settings: Value,
    /// Whether the data are those of the experiment of 2015: ten classes of 10 × 10 gray pixels.
    pub as_published: bool,
    /// Seconds of this call.
    pub seconds: f64,
}

impl KindFound {
    /// The runs of a kind.
    #[must_use]
    pub fn new(variant: &Variant, shape: &[usize], runs: Vec<RunFound>) -> KindFound {
        let batch = Batch { size: 1, features: shape.into(), target: [].into() };
        let parameters = variant.recipe.model.parameters(&batch).unwrap_or_default();
        let parameters = parameters.iter().map(|parameter| parameter.shape.size()).sum();
        KindFound { name: variant.name.clone(), units: variant.units, parameters, runs }
    }

    /// The losses on the test rows.
    #[must_use]
    pub fn test(&self) -> Distribution {
        Distribution::new(self.runs.iter().map(|run| run.test.loss))
    }

    /// How training and test losses go together.
    #[must_use]
    pub fn correlation(&self) -> Correlation {
        correlation(self.runs.iter().map(|run| (run.train.loss, run.test.loss)))
    }

    /// The share of test rows that the middle run gets right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        Distribution::new(self.runs.iter().map(|run| run.test.accuracy)).quantile(0.5)
    }
}

/// Whether a number is larger or smaller than another beyond chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It fell.
    Falls,
    /// It rose.
    Rises,
    /// Chance may have done it.
    Unclear,
}

/// The ratio of two spreads with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    /// The ends of its 95 % interval.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

impl Ratio {
    /// What it says.
    #[must_use]
    pub fn change(&self) -> Change {
        match () {
            () if self.high < 1.0 => Change::Falls,
            () if self.low > 1.0 => Change::Rises,
            () => Change::Unclear,
        }
    }
}

/// Samples with repetition of an interval.
const RESAMPLES: u64 = 1000;

/// How a number of the widest kind stands to that of the narrowest one, with the interval of a bootstrap
/// (Efron 1979): the numbers of samples drawn of the runs, with repetition.
#[must_use]
pub fn ratio(
    narrow: &Distribution,
    wide: &Distribution,
    number: impl Fn(&Distribution) -> f64,
) -> Ratio {
    let value = number(wide) / number(narrow);
    let key = random::key(1, "starts bootstrap");
    let draw = |of: &Distribution, stream: u64| {
        let n = of.sorted.len() as u64;
        let key = random::word(key, stream);
        let one = |i: u64| of.sorted.get((random::word(key, i) % n.max(1)) as usize).copied();
        Distribution::new((0..n).filter_map(one))
    };
    let sample = |i: u64| number(&draw(wide, 2 * i)) / number(&draw(narrow, 2 * i + 1));
    let all = Distribution::new((0..RESAMPLES).map(sample));
    Ratio { value, low: all.quantile(0.025), high: all.quantile(0.975) }
}

impl StartsFound {
    /// The narrowest and the widest of the kinds that have widths, if there are two.
    #[must_use]
    pub fn ends(&self) -> Option<(&KindFound, &KindFound)> {
        let with = || self.kinds.iter().filter(|kind| kind.units.is_some());
        let ends = (with().min_by_key(|k| k.units)?, with().max_by_key(|k| k.units)?);
        (ends.0.units < ends.1.units).then_some(ends)
    }

    /// The published correlation of a kind, where the data are those of the experiment.
    #[must_use]
    pub fn published(&self, kind: &KindFound) -> Option<f64> {
        kind.units.filter(|_| self.as_published).and_then(published)
    }

    /// All numbers as one object. Without `seconds` equal experiments give equal bytes.
    #[must_use]
    pub fn to_json(&self, seconds: bool) -> Value {
        let mut all = json!({
            "settings": self.settings,
            "rows": { "train": self.rows[0], "test": self.rows[1] },
            "widths": self.kinds.iter().map(|kind| self.kind(kind)).collect::<Vec<_>>(),
        });
        if let Some(object) = all.as_object_mut().filter(|_| seconds) {
            object.insert("seconds".into(), json!(self.seconds));
        }
        all
    }

    fn kind(&self, kind: &KindFound) -> Value {
        let (found, together) = (kind.test(), kind.correlation());
        let run = |(i, run): (usize, &RunFound)| {
            let mut object = json!({
                "seed": self.seed.wrapping_add(i as u64),
                "train_loss": run.train.loss,
                "test_loss": run.test.loss,
                "index": run.index,
            });
            if let Some(object) = object.as_object_mut().filter(|_| self.classes) {
                object.insert("train_accuracy".into(), json!(run.train.accuracy));
                object.insert("test_accuracy".into(), json!(run.test.accuracy));
            }
            object
        };
        json!({
            "name": kind.name,
            "width": kind.units,
            "parameters": kind.parameters,
            "diverged": found.lost,
            "test_loss": {
                "least": found.quantile(0.0),
                "first_quartile": found.quantile(0.25),
                "median": found.quantile(0.5),
                "third_quartile": found.quantile(0.75),
                "largest": found.quantile(1.0),
                "mean": found.mean(),
            },
            "correlation": {
                "value": together.value,
                "low": together.low,
                "high": together.high,
                "published": self.published(kind),
            },
            "runs": kind.runs.iter().enumerate().map(run).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_knows_what_chance_can_do() {
        let numbers =
            |scale: f64| Distribution::new((0..200).map(|i| scale * (f64::from(i) * 0.917).sin()));
        let spread = |d: &Distribution| d.spread();
        let falls = ratio(&numbers(1.0), &numbers(0.3), spread);
        assert!((falls.value - 0.3).abs() < 1e-9 && falls.low < 0.3 && falls.high > 0.3);
        assert_eq!(falls.change(), Change::Falls);
        assert_eq!(ratio(&numbers(0.3), &numbers(1.0), spread).change(), Change::Rises);
        assert_eq!(ratio(&numbers(1.0), &numbers(0.99), spread).change(), Change::Unclear);
    }
}
