//! Scores of a regression, gathered batch by batch.

use serde::{Deserialize, Serialize};

use super::MetricsError;
use super::json_number;
use super::mistakes::Worst;
use super::residuals::{Pair, Sample};

/// What to keep beside the sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegressionOptions {
    /// Most residuals (8 bytes each, per output) kept for the exact median; of more, the median of
    /// the sample is given, and said to be so.
    pub median_residuals: usize,
    /// How many pairs to sample for pictures.
    pub sample: usize,
    /// How many of the worst predictions to keep.
    pub worst: usize,
}

impl Default for RegressionOptions {
    fn default() -> Self {
        RegressionOptions { median_residuals: 1 << 22, sample: 2000, worst: 20 }
    }
}

/// Gathers the scores of a regression with one or more outputs.
#[derive(Debug, Clone)]
pub struct Regression {
    examples: u64,
    options: RegressionOptions,
    outputs: Vec<Output>,
}

/// The scores of a regression on some examples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegressionScores {
    /// Number of examples.
    pub examples: u64,
    /// Root of the mean squared residual; over several outputs the mean of theirs.
    #[serde(with = "json_number")]
    pub rmse: Option<f64>,
    /// Mean absolute residual; over several outputs the mean of theirs.
    #[serde(with = "json_number")]
    pub mae: Option<f64>,
    /// R²; over several outputs the mean of theirs. `None` if any is.
    #[serde(with = "json_number")]
    pub r2: Option<f64>,
    /// Median absolute residual; over several outputs the mean of theirs.
    #[serde(with = "json_number")]
    pub median_absolute_error: Option<f64>,
    /// Each output's scores.
    pub outputs: Vec<OutputScores>,
}

/// The scores of one output of a regression. Residuals are target − predicted, in the target's unit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputScores {
    /// √(Σ residual² / n).
    #[serde(with = "json_number")]
    pub rmse: Option<f64>,
    /// Σ |residual| / n.
    #[serde(with = "json_number")]
    pub mae: Option<f64>,
    /// 1 − Σ residual² / Σ (target − mean target)². 0 is no better than naming the mean, below 0 is
    /// worse. `None` if all targets are equal or there are fewer than two.
    #[serde(with = "json_number")]
    pub r2: Option<f64>,
    /// Median of |residual|.
    #[serde(with = "json_number")]
    pub median_absolute_error: Option<f64>,
    /// Whether the median is of all residuals, not of the sample.
    pub median_exact: bool,
    /// Greatest |residual|.
    #[serde(with = "json_number")]
    pub max_error: Option<f64>,
    /// Mean residual: positive where predictions are too low on the whole.
    #[serde(with = "json_number")]
    pub mean_residual: Option<f64>,
    /// The RMSE of always naming the mean of these targets: the least to beat.
    #[serde(with = "json_number")]
    pub baseline_rmse: Option<f64>,
    /// A fair sample of the pairs, by row.
    pub sample: Vec<Pair>,
    /// The pairs of greatest |residual|, greatest first.
    pub worst: Vec<Pair>,
}

/// What is gathered for one output.
#[derive(Debug, Clone)]
struct Output {
    squares: f64,
    absolutes: f64,
    residuals: f64,
    max: f64,
    target_mean: f64,
    /// Σ (target − mean)², updated as in Welford 1962: no difference of large sums.
    target_squares: f64,
    kept: Option<Vec<f64>>,
    sample: Sample,
    worst: Worst<Pair>,
}

impl Regression {
    /// Starts gathering for so many outputs, with the default options.
    #[must_use]
    pub fn new(outputs: usize) -> Regression {
        Regression::with_options(outputs, RegressionOptions::default())
    }

    /// Starts gathering.
    #[must_use]
    pub fn with_options(outputs: usize, options: RegressionOptions) -> Regression {
        let outputs = vec![Output::new(&options); outputs];
        Regression { examples: 0, options, outputs }
    }

    /// Adds a batch: `predicted[B, outputs]` and `targets[B, outputs]`.
    ///
    /// # Errors
    ///
    /// Shapes that do not agree, NaN or infinite numbers. A refused batch leaves no trace.
    pub fn push<T, U>(&mut self, predicted: &[T], targets: &[U]) -> Result<(), MetricsError>
    where
        T: Copy + Into<f64>,
        U: Copy + Into<f64>,
    {
        let width = self.outputs.len();
        let examples = targets.len().checked_div(width).unwrap_or(0);
        let expected = examples * width;
        if targets.len() != expected || predicted.len() != expected {
            let values = predicted.len();
            return Err(MetricsError::Shape { values, examples, expected, width });
        }
        check_finite("output", predicted, width)?;
        check_finite("target", targets, width)?;
        for (row, target) in predicted.chunks(width.max(1)).zip(targets.chunks(width.max(1))) {
            for ((output, &predicted), &target) in self.outputs.iter_mut().zip(row).zip(target) {
                let (predicted, target) = (predicted.into(), target.into());
                let pair = Pair { row: self.examples, target, predicted };
                output.count(pair, self.options.median_residuals);
            }
            self.examples += 1;
        }
        Ok(())
    }

    /// The scores of all that was pushed.
    #[must_use]
    pub fn finish(self) -> RegressionScores {
        let finish = |output: Output| output.finish(self.examples);
        let outputs: Vec<OutputScores> = self.outputs.into_iter().map(finish).collect();
        let mean = |score: fn(&OutputScores) -> Option<f64>| {
            let sum: Option<f64> = outputs.iter().map(score).sum();
            sum.filter(|_| !outputs.is_empty()).map(|sum| sum / outputs.len() as f64)
        };
        RegressionScores {
            examples: self.examples,
            rmse: mean(|output| output.rmse),
            mae: mean(|output| output.mae),
            r2: mean(|output| output.r2),
            median_absolute_error: mean(|output| output.median_absolute_error),
            outputs,
        }
    }
}

impl Output {
    fn new(options: &RegressionOptions) -> Output {
        Output {
            squares: 0.0,
            absolutes: 0.0,
            residuals: 0.0,
            max: 0.0,
            target_mean: 0.0,
            target_squares: 0.0,
            kept: Some(Vec::new()),
            sample: Sample::new(options.sample),
            worst: Worst::new(options.worst),
        }
    }

    fn count(&mut self, pair: Pair, most_kept: usize) {
        let residual = pair.residual();
        self.squares += residual * residual;
        self.absolutes += residual.abs();
        self.residuals += residual;
        self.max = self.max.max(residual.abs());
        let away = pair.target - self.target_mean;
        self.target_mean += away / (pair.row + 1) as f64;
        self.target_squares += away * (pair.target - self.target_mean);
        if self.kept.as_ref().is_some_and(|kept| kept.len() >= most_kept) {
            self.kept = None;
        }
        if let Some(kept) = &mut self.kept {
            kept.push(residual.abs());
        }
        self.sample.push(pair);
        self.worst.push(residual.abs(), pair.row, || pair);
    }

    fn finish(self, examples: u64) -> OutputScores {
        let n = examples as f64;
        let some = |value: f64| (examples > 0).then_some(value);
        let sample = self.sample.finish();
        let median_exact = self.kept.is_some();
        let absolutes =
            self.kept.unwrap_or_else(|| sample.iter().map(|p| p.residual().abs()).collect());
        OutputScores {
            rmse: some((self.squares / n).sqrt()),
            mae: some(self.absolutes / n),
            r2: (examples > 1 && self.target_squares > 0.0)
                .then(|| 1.0 - self.squares / self.target_squares),
            median_absolute_error: median(absolutes),
            median_exact,
            max_error: some(self.max),
            mean_residual: some(self.residuals / n),
            baseline_rmse: some((self.target_squares / n).sqrt()),
            sample,
            worst: self.worst.finish(),
        }
    }
}

/// The middle value; of an even number the mean of the middle two.
fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp).filter(|_| even);
    Some(lower.map_or(upper, |lower| lower + (upper - lower) / 2.0))
}

pub(super) fn check_finite<T: Copy + Into<f64>>(
    what: &'static str,
    values: &[T],
    width: usize,
) -> Result<(), MetricsError> {
    for (i, &value) in values.iter().enumerate() {
        let value: f64 = value.into();
        if !value.is_finite() {
            let (row, column, value) = (i / width, i % width, value.to_string());
            return Err(MetricsError::NotFinite { what, column, row, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Regression, RegressionOptions, RegressionScores, median};

    fn scores(outputs: usize, predicted: &[f64], targets: &[f64]) -> RegressionScores {
        let mut gathered = Regression::new(outputs);
        gathered.push(predicted, targets).expect("good rows");
        gathered.finish()
    }

    #[track_caller]
    fn close(got: Option<f64>, want: f64) {
        let got = got.expect("the score exists");
        assert!((got - want).abs() < 1e-12, "got {got}, expected {want}");
    }

    #[test]
    fn scikit_learns_own_example() {
        // y_true = [3, −0.5, 2, 7], y_pred = [2.5, 0, 2, 8]: residuals ½, −½, 0, −1. Squares add up
        // to 1.5; targets have mean 2.875 and squares about it 29.1875.
        let s = scores(1, &[2.5, 0.0, 2.0, 8.0], &[3.0, -0.5, 2.0, 7.0]);
        close(s.rmse, 0.375_f64.sqrt());
        close(s.mae, 0.5);
        close(s.r2, 1.0 - 1.5 / 29.1875); // 0.948608137…, as its documentation prints
        close(s.median_absolute_error, 0.5);
        let output = &s.outputs[0];
        close(output.max_error, 1.0);
        close(output.mean_residual, -0.25);
        close(output.baseline_rmse, (29.1875_f64 / 4.0).sqrt());
        assert_eq!(output.worst[0].row, 3);
        assert_eq!(output.sample.len(), 4);
    }

    #[test]
    fn several_outputs_are_averaged() {
        // y_true = [[½, 1], [−1, 1], [7, −6]], y_pred = [[0, 2], [−1, 2], [8, −5]].
        // Squares: 1.25 and 3; about the means: 50.25 − 3·(6.5/3)² and 38 − 3·(4/3)².
        let s = scores(2, &[0.0, 2.0, -1.0, 2.0, 8.0, -5.0], &[0.5, 1.0, -1.0, 1.0, 7.0, -6.0]);
        let first = 1.0 - 1.25 / (50.25 - 3.0 * (6.5_f64 / 3.0).powi(2));
        let second = 1.0 - 3.0 / (38.0 - 3.0 * (4.0_f64 / 3.0).powi(2));
        close(s.r2, (first + second) / 2.0);
        close(s.r2, 0.936_800_526_662_277_9); // scikit-learn's r2_score
        close(s.rmse, ((1.25_f64 / 3.0).sqrt() + 1.0) / 2.0);
        close(s.mae, 0.75);
        assert_eq!(s.examples, 3);
    }

    #[test]
    fn large_offsets_do_not_spoil_r2() {
        let targets: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 10)).collect();
        let predicted: Vec<f64> = targets.iter().map(|t| t + 1.0).collect();
        // Targets 0…9 about 4.5 have variance 8.25.
        let r2 = scores(1, &predicted, &targets).r2.expect("targets differ");
        assert!((r2 - (1.0 - 1.0 / 8.25)).abs() < 1e-6, "{r2}");
    }

    #[test]
    fn nothing_one_and_constant_targets() {
        let empty = scores(1, &[], &[]);
        assert_eq!((empty.rmse, empty.mae, empty.r2), (None, None, None));
        let one = scores(1, &[2.0], &[3.0]);
        assert_eq!((one.rmse, one.r2), (Some(1.0), None));
        assert_eq!(scores(1, &[1.0, 3.0], &[2.0, 2.0]).r2, None);
        assert_eq!(scores(0, &[], &[]).rmse, None);
    }

    #[test]
    fn batches_add_up_and_the_median_has_its_bound() {
        let predicted: Vec<f64> = (0..100).map(f64::from).collect();
        let targets: Vec<f64> = predicted.iter().map(|p| p * 1.5).collect();
        let whole = scores(1, &predicted, &targets);
        let options = RegressionOptions { median_residuals: 10, sample: 50, worst: 2 };
        let mut parts = Regression::with_options(1, options);
        for (p, t) in predicted.chunks(7).zip(targets.chunks(7)) {
            parts.push(p, t).expect("good rows");
        }
        let parts = parts.finish();
        assert_eq!((parts.rmse, parts.mae, parts.r2), (whole.rmse, whole.mae, whole.r2));
        close(whole.median_absolute_error, 24.75);
        assert!(whole.outputs[0].median_exact && !parts.outputs[0].median_exact);
        assert_eq!(parts.outputs[0].sample.len(), 50);
        assert_eq!(parts.outputs[0].worst.iter().map(|p| p.row).collect::<Vec<_>>(), [99, 98]);
    }

    #[test]
    fn medians() {
        for (values, want) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![4.0, 1.0], Some(2.5)),
            (vec![9.0, 1.0, 5.0], Some(5.0)),
            (vec![7.0, 7.0, 1.0, 1.0], Some(4.0)),
        ] {
            assert_eq!(median(values), want);
        }
    }

    #[test]
    fn bad_batches_are_refused() {
        for (outputs, predicted, targets, text) in [
            (2, vec![1.0; 3], vec![1.0; 4], "got 3 output values for 2 examples, expected 4"),
            (2, vec![1.0; 3], vec![1.0; 3], "got 3 output values for 1 examples, expected 2"),
            (1, vec![1.0, f64::NAN], vec![1.0; 2], "output 0 of example 1 of the batch is NaN"),
            (
                2,
                vec![1.0; 2],
                vec![1.0, f64::INFINITY],
                "target 1 of example 0 of the batch is inf",
            ),
        ] {
            let mut gathered = Regression::new(outputs);
            let error = gathered.push(&predicted, &targets).expect_err("must be refused");
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(gathered.finish().examples, 0);
        }
    }

    #[test]
    fn scores_survive_json() {
        let s = scores(1, &[2.5, 0.0], &[3.0, -0.5]);
        let text = serde_json::to_string(&s).expect("plain data");
        assert_eq!(serde_json::from_str::<RegressionScores>(&text).expect("its own text"), s);
    }
}
