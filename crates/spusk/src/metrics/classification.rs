//! Scores of a classifier, gathered batch by batch.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::MetricsError;
use super::averages::{Average, ClassScore, ClassTally};
use super::confusion::Confusion;
use super::json_number;
use super::mistakes::{Mistake, Worst};
use super::rank::{argmax, log_sum_exp, rank};
use super::roc::RocCurve;
use crate::messages::{self as say, Said};

/// What the rows of outputs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outputs {
    /// Scores before softmax; with one column for two classes, before the sigmoid.
    Logits,
    /// Probabilities that add up to 1; with one column for two classes, that of class 1.
    Probabilities,
    /// Scores where only the order means something (hinge loss). They have no log loss. With one
    /// column for two classes, above 0 means class 1.
    Scores,
}

/// What to gather beyond the counts, and within which memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassificationOptions {
    /// For which k to count top-k accuracy; those not below the number of classes are left out.
    pub top_k: Vec<usize>,
    /// How many mistakes to keep, the worst.
    pub mistakes: usize,
    /// Most scores (8 bytes each) kept for the exact ROC curves; beyond them there are none.
    pub roc_scores: usize,
    /// Most points of a ROC curve handed out.
    pub roc_points: usize,
    /// Most classes with a full confusion matrix (8 bytes a cell); beyond them only the counts of
    /// each class are kept.
    pub matrix_classes: usize,
}

impl Default for ClassificationOptions {
    fn default() -> Self {
        ClassificationOptions {
            top_k: vec![2, 3, 5],
            mistakes: 24,
            roc_scores: 1 << 23,
            roc_points: 257,
            matrix_classes: 1024,
        }
    }
}

/// Gathers the scores of a classifier.
#[derive(Debug, Clone)]
pub struct Classification {
    classes: usize,
    outputs: Outputs,
    options: ClassificationOptions,
    examples: u64,
    hits: u64,
    top_hits: Vec<u64>,
    log_loss: f64,
    tallies: Vec<ClassTally>,
    confusion: Option<Confusion>,
    mistakes: Worst<Mistake>,
    /// For each example its label and, for two classes, one score, otherwise one for each class.
    labels: Vec<u32>,
    ranking: Vec<f64>,
    ranking_full: bool,
}

/// Accuracy when any of the first k guesses may be right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TopK {
    /// Number of guesses.
    pub k: usize,
    /// Share of the examples whose class is among them.
    pub accuracy: f64,
}

/// The scores of a classifier on some examples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClassificationScores {
    /// Number of examples.
    pub examples: u64,
    /// Number of classes.
    pub classes: usize,
    /// Rightly named examples.
    pub hits: u64,
    /// hits / examples.
    pub accuracy: Option<f64>,
    /// The accuracy of always naming the commonest class of these examples: the least to beat.
    pub baseline_accuracy: Option<f64>,
    /// Top-k accuracies, by rising k.
    pub top_k: Vec<TopK>,
    /// −mean ln p(label), in nats. None without probabilities; infinite if a logit of −∞ (a masked
    /// class) was the right one. From logits it is exact; a given probability of 0 counts as 2⁻⁵²,
    /// as in scikit-learn, since it usually comes from rounding.
    #[serde(with = "json_number")]
    pub log_loss: Option<f64>,
    /// Each class's scores, by class index.
    pub per_class: Vec<ClassScore>,
    /// Mean over classes.
    pub macro_average: Option<Average>,
    /// Mean over classes, weighted by their examples.
    pub weighted_average: Option<Average>,
    /// Labels against predictions, unless there are too many classes for it.
    pub confusion: Option<Confusion>,
    /// Area under the ROC curve: for two classes that of either, otherwise the mean of every class
    /// against the rest, over the classes that have one.
    pub roc_auc: Option<f64>,
    /// ROC curves by class index; `None` for a class that lacks positives or negatives. For two
    /// classes only the rarer one (class 1 if they are as many) has its curve, the other being its mirror
    /// image.
    pub roc: Vec<Option<RocCurve>>,
    /// Why there are no curves, if there are none.
    pub roc_missing: Option<Said>,
    /// The worst mistakes, worst first.
    pub mistakes: Vec<Mistake>,
}

impl Classification {
    /// Starts gathering for class indices 0..`classes`, with the default options.
    #[must_use]
    pub fn new(classes: usize, outputs: Outputs) -> Classification {
        Classification::with_options(classes, outputs, ClassificationOptions::default())
    }

    /// Starts gathering.
    #[must_use]
    pub fn with_options(
        classes: usize,
        outputs: Outputs,
        mut options: ClassificationOptions,
    ) -> Classification {
        options.top_k.retain(|&k| k > 1 && k < classes);
        options.top_k.sort_unstable();
        options.top_k.dedup();
        Classification {
            classes,
            outputs,
            examples: 0,
            hits: 0,
            top_hits: vec![0; options.top_k.len()],
            log_loss: 0.0,
            tallies: vec![ClassTally::default(); classes],
            confusion: (classes <= options.matrix_classes).then(|| Confusion::new(classes)),
            mistakes: Worst::new(options.mistakes),
            labels: Vec::new(),
            ranking: Vec::new(),
            ranking_full: false,
            options,
        }
    }

    /// Adds a batch: `rows[B, classes]` (or `[B]` for two classes) and `labels[B]`.
    ///
    /// # Errors
    ///
    /// Shapes that do not agree, labels that name no class, NaN or +∞ among the outputs, and what
    /// cannot be probabilities though announced as such. A refused batch leaves no trace.
    pub fn push<T, L>(&mut self, rows: &[T], labels: &[L]) -> Result<(), MetricsError>
    where
        T: Copy + Into<f64>,
        L: Copy + Display + TryInto<usize>,
    {
        let width = if self.classes == 2 && rows.len() == labels.len() { 1 } else { self.classes };
        self.check_shape(rows.len(), labels.len(), width)?;
        let mut scores = vec![0.0; self.classes];
        let mut indices = Vec::with_capacity(labels.len());
        for (row, label) in labels.iter().enumerate() {
            indices.push(self.check_label(row, *label)?);
            self.read_row(&rows[row * width..][..width], &mut scores);
            self.check_row(row, &scores)?;
        }
        for (row, &label) in indices.iter().enumerate() {
            self.read_row(&rows[row * width..][..width], &mut scores);
            self.count(&scores, label);
        }
        Ok(())
    }

    /// The scores of all that was pushed.
    #[must_use]
    pub fn finish(self) -> ClassificationScores {
        let ratio = |part: u64| (self.examples > 0).then(|| part as f64 / self.examples as f64);
        let commonest = self.tallies.iter().map(|tally| tally.support).max().unwrap_or(0);
        let top_k = self.options.top_k.iter().zip(&self.top_hits);
        let (roc, roc_missing) = self.roc();
        let areas: Vec<f64> = roc.iter().flatten().map(|curve| curve.area).collect();
        ClassificationScores {
            examples: self.examples,
            classes: self.classes,
            hits: self.hits,
            accuracy: ratio(self.hits),
            baseline_accuracy: ratio(commonest),
            top_k: top_k
                .filter_map(|(&k, &hits)| ratio(hits).map(|accuracy| TopK { k, accuracy }))
                .collect(),
            log_loss: (self.examples > 0 && self.outputs != Outputs::Scores)
                .then(|| self.log_loss / self.examples as f64),
            per_class: self.tallies.iter().map(ClassTally::score).collect(),
            macro_average: Average::macro_of(&self.tallies),
            weighted_average: Average::weighted_of(&self.tallies),
            roc_auc: (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64),
            roc,
            roc_missing,
            confusion: self.confusion,
            mistakes: self.mistakes.finish(),
        }
    }

    fn check_shape(
        &self,
        values: usize,
        examples: usize,
        width: usize,
    ) -> Result<(), MetricsError> {
        let expected = examples.saturating_mul(width);
        if values == expected {
            return Ok(());
        }
        Err(MetricsError::Shape { values, examples, expected, width })
    }

    fn check_label<L>(&self, row: usize, label: L) -> Result<usize, MetricsError>
    where
        L: Copy + Display + TryInto<usize>,
    {
        let index = label.try_into().ok().filter(|&index| index < self.classes);
        index.ok_or_else(|| MetricsError::Label {
            row,
            label: label.to_string(),
            last: self.classes.saturating_sub(1),
        })
    }

    /// Widens a row to one score per class.
    fn read_row<T: Copy + Into<f64>>(&self, row: &[T], scores: &mut [f64]) {
        if let (&[value], [zero, one]) = (row, &mut *scores) {
            *one = value.into();
            *zero = if self.outputs == Outputs::Probabilities { 1.0 - *one } else { 0.0 };
            return;
        }
        for (score, value) in scores.iter_mut().zip(row) {
            *score = (*value).into();
        }
    }

    fn check_row(&self, row: usize, scores: &[f64]) -> Result<(), MetricsError> {
        // A logit of −∞ is a class that was masked out, so it is welcome unless all are.
        let masked = |score: f64| score == f64::NEG_INFINITY && self.outputs == Outputs::Logits;
        let all_masked = scores.iter().all(|&score| masked(score));
        for (column, &score) in scores.iter().enumerate() {
            if !score.is_finite() && (all_masked || !masked(score)) {
                let value = score.to_string();
                return Err(MetricsError::NotFinite { what: "output", column, row, value });
            }
        }
        if self.outputs == Outputs::Probabilities {
            check_probabilities(row, scores)?;
        }
        Ok(())
    }

    fn count(&mut self, scores: &[f64], label: usize) {
        let predicted = argmax(scores);
        let place = rank(scores, label);
        for (hits, &k) in self.top_hits.iter_mut().zip(&self.options.top_k) {
            *hits += u64::from(place < k);
        }
        let hit = u64::from(predicted == label);
        self.hits += hit;
        self.tallies[label].support += 1;
        self.tallies[label].hits += hit;
        self.tallies[predicted].predicted += 1;
        if let Some(confusion) = &mut self.confusion {
            confusion.push(label, predicted);
        }
        let logs = self.logs(scores, label, predicted);
        self.log_loss -= logs.map_or(0.0, |(label, _)| label);
        if hit == 0 {
            let badness =
                logs.map_or_else(|| scores[predicted] - scores[label], |(label, _)| -label);
            let row = self.examples;
            self.mistakes.push(badness, row, || Mistake {
                row,
                label,
                predicted,
                confidence: logs.map(|(_, predicted)| predicted.exp()),
                label_confidence: logs.map(|(label, _)| label.exp()),
                badness,
            });
        }
        self.keep_ranking(scores, label);
        self.examples += 1;
    }

    /// Log probabilities of the label and of the prediction.
    fn logs(&self, scores: &[f64], label: usize, predicted: usize) -> Option<(f64, f64)> {
        match self.outputs {
            Outputs::Logits => {
                let sum = log_sum_exp(scores.iter().copied());
                Some((scores[label] - sum, scores[predicted] - sum))
            }
            Outputs::Probabilities => {
                let log = |p: f64| p.clamp(f64::EPSILON, 1.0).ln();
                Some((log(scores[label]), log(scores[predicted])))
            }
            Outputs::Scores => None,
        }
    }

    fn keep_ranking(&mut self, scores: &[f64], label: usize) {
        let wanted = if self.classes == 2 { 1 } else { self.classes };
        if self.ranking_full || self.classes < 2 {
            return;
        }
        if self.ranking.len() + wanted > self.options.roc_scores {
            self.ranking_full = true;
            self.ranking = Vec::new();
            self.labels = Vec::new();
            return;
        }
        self.labels.push(u32::try_from(label).unwrap_or(u32::MAX));
        match (self.outputs, scores) {
            (Outputs::Probabilities, [_, one]) => self.ranking.push(*one),
            (_, [zero, one]) => self.ranking.push(one - zero),
            (Outputs::Logits, _) => {
                let sum = log_sum_exp(scores.iter().copied());
                self.ranking.extend((0..scores.len()).map(|class| log_odds(scores, class, sum)));
            }
            _ => self.ranking.extend(scores),
        }
    }

    /// The curves, or why there are none.
    fn roc(&self) -> (Vec<Option<RocCurve>>, Option<Said>) {
        let why = |said: Said| (Vec::new(), Some(said));
        if self.classes < 2 {
            return why(Said::new(say::roc_two_classes));
        }
        if self.ranking_full {
            return why(Said::new(|l| {
                say::roc_too_many(l, l.count(self.options.roc_scores as u64))
            }));
        }
        let two = self.classes == 2;
        let width = if two { 1 } else { self.classes };
        // What is looked for is usually what is rare.
        let rarer = usize::from(!two || self.tallies[0].support >= self.tallies[1].support);
        let curve = |class: usize| {
            if two && class != rarer {
                return None;
            }
            // Of two classes the scores of class 1 are kept.
            let score = |&score: &f64| match (two && class == 0, self.outputs) {
                (false, _) => score,
                (true, Outputs::Probabilities) => 1.0 - score,
                (true, _) => -score,
            };
            let column = self.ranking.iter().skip(class % width).step_by(width).map(score);
            let positive = self.labels.iter().map(|&label| label as usize == class);
            let curve = RocCurve::new(column.zip(positive))?;
            Some(curve.thinned(self.options.roc_points))
        };
        let curves: Vec<_> = (0..self.classes).map(curve).collect();
        if curves.iter().all(Option::is_none) {
            return why(Said::new(say::roc_examples));
        }
        (curves, None)
    }
}

fn check_probabilities(row: usize, scores: &[f64]) -> Result<(), MetricsError> {
    let problem = |problem: String| Err(MetricsError::Probability { row, problem });
    if let Some(bad) = scores.iter().find(|p| !(-1e-6..=1.0 + 1e-6).contains(*p)) {
        return problem(format!("contain {bad}"));
    }
    let sum: f64 = scores.iter().sum();
    if (sum - 1.0).abs() > 1e-3 {
        return problem(format!("add up to {sum:.4}"));
    }
    Ok(())
}

/// ln p/(1−p) of one class. It orders examples as p does, but does not saturate near p = 1.
fn log_odds(logits: &[f64], class: usize, log_sum: f64) -> f64 {
    let log_p = logits[class] - log_sum;
    if log_p < -0.7 {
        return log_p - (-log_p.exp()).ln_1p();
    }
    // Near 1 the difference 1 − p would lose its digits, so the others are summed themselves.
    let others = logits.iter().enumerate().filter(|&(other, _)| other != class);
    logits[class] - log_sum_exp(others.map(|(_, &logit)| logit))
}

#[cfg(test)]
mod tests {
    use super::{Classification, ClassificationOptions, ClassificationScores, Outputs};
    use crate::metrics::MetricsError;

    fn scores(
        classes: usize,
        outputs: Outputs,
        rows: &[f64],
        labels: &[i64],
    ) -> ClassificationScores {
        let mut gathered = Classification::new(classes, outputs);
        gathered.push(rows, labels).expect("good rows");
        gathered.finish()
    }

    #[track_caller]
    fn close(got: Option<f64>, want: f64) {
        let got = got.expect("the score exists");
        assert!((got - want).abs() < 1e-12, "got {got}, expected {want}");
    }

    // Six examples of three classes.
    const ROWS: [f64; 18] = [
        0.7, 0.2, 0.1, //
        0.1, 0.5, 0.4, //
        0.3, 0.3, 0.4, //
        0.6, 0.3, 0.1, //
        0.2, 0.2, 0.6, //
        0.1, 0.8, 0.1,
    ];
    const LABELS: [i64; 6] = [0, 1, 1, 0, 2, 2];

    #[test]
    fn three_classes_by_hand() {
        let s = scores(3, Outputs::Probabilities, &ROWS, &LABELS);
        assert_eq!((s.examples, s.hits), (6, 4));
        close(s.accuracy, 4.0 / 6.0);
        close(s.baseline_accuracy, 2.0 / 6.0);
        // Example 2 has its label (1) tied second, after 0: not in the top 2. Example 5's label 2
        // ties with 0 and comes last.
        assert_eq!(s.top_k.len(), 1);
        close(Some(s.top_k[0].accuracy), 4.0 / 6.0);
        let logs: f64 = [0.7, 0.5, 0.3, 0.6, 0.6, 0.1].iter().map(|p: &f64| -p.ln()).sum();
        close(s.log_loss, logs / 6.0);
        let matrix = s.confusion.expect("few classes");
        assert_eq!((matrix.count(1, 2), matrix.count(2, 1), matrix.count(0, 0)), (1, 1, 2));
        let macro_average = s.macro_average.expect("classes");
        // Class 0 is perfect, classes 1 and 2 have one of two each.
        close(Some(macro_average.precision), 2.0 / 3.0);
        close(Some(macro_average.f1), 2.0 / 3.0);
        // Class 0: both positives (0.7, 0.6) above all. Class 1: positives 0.5 and 0.3 against
        // 0.2, 0.3, 0.2, 0.8: 3 + (1 + ½ + 1) = 5.5 of 8. Class 2: 0.6 and 0.1 against 0.1, 0.4,
        // 0.4, 0.1: 4 + 2·½ = 5 of 8.
        close(s.roc_auc, (1.0 + 5.5 / 8.0 + 5.0 / 8.0) / 3.0); // scikit-learn: 0.77083333…
        let rows: Vec<u64> = s.mistakes.iter().map(|mistake| mistake.row).collect();
        assert_eq!(rows, [5, 2], "worst first");
        close(s.mistakes[0].confidence, 0.8);
        close(s.mistakes[0].label_confidence, 0.1);
    }

    #[test]
    fn logits_agree_with_their_probabilities() {
        let logits: Vec<f64> = ROWS.iter().map(|p| p.ln() + 5.0).collect();
        let (a, b) = (
            scores(3, Outputs::Probabilities, &ROWS, &LABELS),
            scores(3, Outputs::Logits, &logits, &LABELS),
        );
        close(a.log_loss, b.log_loss.expect("from logits"));
        close(a.roc_auc, b.roc_auc.expect("from logits"));
        assert_eq!(a.confusion, b.confusion);
    }

    #[test]
    fn two_classes_in_one_column_or_two() {
        // sklearn: y = [0, 1, 1, 0, 1], p = [.2, .9, .4, .6, .6]: accuracy 3/5, log_loss
        // −(ln .8 + ln .9 + ln .4 + ln .4 + ln .6)/5 = 0.5343822309, roc_auc 4.5/6.
        let p = [0.2, 0.9, 0.4, 0.6, 0.6];
        let labels = [0, 1, 1, 0, 1];
        let one = scores(2, Outputs::Probabilities, &p, &labels);
        close(one.accuracy, 0.6);
        assert!((one.log_loss.expect("probabilities") - 0.534_382_230_9).abs() < 1e-9);
        close(one.roc_auc, 0.75);
        // The curve is that of the rarer class.
        assert!(one.roc[0].is_some() && one.roc[1].is_none());
        let pairs: Vec<f64> = p.iter().flat_map(|p| [1.0 - p, *p]).collect();
        assert_eq!(scores(2, Outputs::Probabilities, &pairs, &labels), one);
        let logits = p.map(|p: f64| (p / (1.0 - p)).ln());
        let logits = scores(2, Outputs::Logits, &logits, &labels);
        close(logits.log_loss, one.log_loss.expect("probabilities"));
        close(logits.roc_auc, 0.75);
        let plain = scores(2, Outputs::Scores, &p.map(|p| 10.0 * p - 5.0), &labels);
        assert_eq!((plain.log_loss, plain.accuracy), (None, Some(0.6)));
        assert_eq!(plain.mistakes[0].confidence, None);
    }

    #[test]
    fn saturated_logits_still_rank_and_have_a_loss() {
        // Probabilities of classes 0 would all round to 1; the logits still tell them apart.
        let rows = [60.0, 0.0, 0.0, 50.0, 0.0, 0.0, 40.0, 0.0, 0.0, 45.0, 0.0, 0.0];
        let s = scores(3, Outputs::Logits, &rows, &[0, 0, 1, 2]);
        close(s.roc[0].as_ref().map(|curve| curve.area), 1.0);
        // ln(e⁴⁰ + 2) = 40 and ln(e⁴⁵ + 2) = 45 to 17 digits.
        close(s.log_loss, (40.0 + 45.0) / 4.0);
        let masked = scores(3, Outputs::Logits, &[f64::NEG_INFINITY, 0.0, 0.0], &[0]);
        assert_eq!(masked.log_loss, Some(f64::INFINITY));
    }

    #[test]
    fn a_probability_of_zero_costs_as_much_as_in_scikit_learn() {
        // log_loss([0, 1], [[1, 0], [1, 0]]) = 52·ln 2 / 2 = 18.0218…
        let s = scores(2, Outputs::Probabilities, &[1.0, 0.0, 1.0, 0.0], &[0, 1]);
        close(s.log_loss, 18.021_826_694_558_577);
    }

    #[test]
    fn nothing_and_one_class_have_no_made_up_scores() {
        let empty = scores(3, Outputs::Logits, &[], &[]);
        assert_eq!((empty.accuracy, empty.log_loss, empty.roc_auc), (None, None, None));
        assert_eq!((empty.macro_average, empty.weighted_average), (None, None));
        assert_eq!(empty.top_k, []);
        let one = scores(2, Outputs::Probabilities, &[0.4, 0.7], &[1, 1]);
        assert_eq!((one.accuracy, one.roc_auc), (Some(0.5), None));
        assert!(one.roc_missing.expect("says why").english().contains("at least two classes"));
        assert_eq!(one.per_class[0].recall, None);
        assert_eq!(scores(0, Outputs::Logits, &[], &[]).examples, 0);
        assert_eq!(scores(1, Outputs::Logits, &[3.0], &[0]).accuracy, Some(1.0));
    }

    #[test]
    fn batches_add_up_and_f32_will_do() {
        let whole = scores(3, Outputs::Probabilities, &ROWS, &LABELS);
        let mut parts = Classification::new(3, Outputs::Probabilities);
        for (rows, labels) in ROWS.chunks(6).zip(LABELS.chunks(2)) {
            parts.push(rows, labels).expect("good rows");
        }
        assert_eq!(parts.finish(), whole);
        let mut narrow = Classification::new(3, Outputs::Probabilities);
        narrow.push(&ROWS.map(|p| p as f32), &LABELS.map(|label| label as u8)).expect("good");
        assert_eq!(narrow.finish().confusion, whole.confusion);
    }

    fn check_error(classes: usize, outputs: Outputs, rows: &[f64], labels: &[i64], text: &str) {
        let mut gathered = Classification::new(classes, outputs);
        let error = gathered.push(rows, labels).expect_err("must be refused");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(gathered.finish().examples, 0, "a refused batch leaves no trace");
    }

    #[test]
    fn bad_batches_are_refused_with_a_cure() {
        let nan = f64::NAN;
        check_error(3, Outputs::Logits, &[0.0; 5], &[0, 1], "got 5 output values for 2 examples");
        check_error(3, Outputs::Logits, &[0.0; 6], &[0, 3], "has label 3, expected a class index");
        check_error(3, Outputs::Logits, &[0.0; 3], &[-1], "has label -1");
        check_error(0, Outputs::Logits, &[], &[0], "has label 0");
        let row = [0.0, 0.0, 0.0, 0.0, nan, 0.0];
        check_error(3, Outputs::Logits, &row, &[0, 0], "output 1 of example 1 of the batch is NaN");
        check_error(2, Outputs::Logits, &[f64::INFINITY], &[0], "is inf");
        check_error(2, Outputs::Logits, &[f64::NEG_INFINITY; 2], &[0], "is -inf");
        check_error(2, Outputs::Probabilities, &[1.3], &[0], "contain -0.3");
        check_error(3, Outputs::Probabilities, &[0.9; 3], &[0], "add up to 2.7");
        assert_eq!(
            MetricsError::Label { row: 4, label: "7".into(), last: 2 }.to_string(),
            "metrics: example 4 of the batch has label 7, expected a class index from 0 to 2; \
             check how the classes were numbered"
        );
    }

    #[test]
    fn memory_has_bounds_that_are_said() {
        let options = ClassificationOptions {
            roc_scores: 10,
            matrix_classes: 2,
            mistakes: 1,
            ..Default::default()
        };
        let mut gathered = Classification::with_options(3, Outputs::Probabilities, options);
        gathered.push(&ROWS, &LABELS).expect("good rows");
        let s = gathered.finish();
        assert!(s.confusion.is_none() && s.roc.is_empty() && s.roc_auc.is_none());
        assert!(s.roc_missing.expect("says why").english().contains("more than 10 scores"));
        assert_eq!(s.mistakes.len(), 1);
        close(s.per_class[0].f1, 1.0);
    }

    #[test]
    fn scores_survive_json() {
        let mut s = scores(3, Outputs::Probabilities, &ROWS, &LABELS);
        s.log_loss = Some(f64::INFINITY);
        let text = serde_json::to_string(&s).expect("plain data");
        let back: ClassificationScores = serde_json::from_str(&text).expect("its own text");
        assert_eq!(back, s);
    }
}
