//! The receiver operating characteristic: what a threshold on the score would cost and bring.

use serde::{Deserialize, Serialize};

use super::json_number;

/// The ROC curve of one class against the rest, with the exact area under it.
///
/// Point i is reached when every example whose score is at least `thresholds[i]` is called
/// positive. The first point is (0, 0) at the threshold +∞, the last is (1, 1). Examples of equal
/// score move together, so a tie is a slanted stretch and not an arbitrary stair.
///
/// Fawcett 2006. Points inside a straight stretch are left out: they would not show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RocCurve {
    /// Share of the negatives called positive, rising.
    #[serde(with = "json_number")]
    pub false_positive_rate: Vec<f64>,
    /// Share of the positives called positive (recall), rising.
    #[serde(with = "json_number")]
    pub true_positive_rate: Vec<f64>,
    /// Least score that is called positive, falling.
    #[serde(with = "json_number")]
    pub thresholds: Vec<f64>,
    /// Area under the curve: the chance that a positive scores above a negative, ties counted half.
    pub area: f64,
    /// Number of positives.
    pub positives: u64,
    /// Number of negatives.
    pub negatives: u64,
}

impl RocCurve {
    /// The curve of pairs (score, is positive), in any order.
    ///
    /// `None` when positives or negatives are lacking, or when a score is NaN: then no curve exists.
    ///
    /// ```
    /// use spusk::metrics::RocCurve;
    /// let curve = RocCurve::new([(0.1, false), (0.4, false), (0.35, true), (0.8, true)]).unwrap();
    /// assert_eq!(curve.area, 0.75); // of the four pairs, three are in the right order
    /// ```
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (f64, bool)>) -> Option<RocCurve> {
        let mut pairs: Vec<(f64, bool)> = pairs.into_iter().collect();
        let positives = pairs.iter().filter(|pair| pair.1).count() as u64;
        let negatives = pairs.len() as u64 - positives;
        if positives == 0 || negatives == 0 || pairs.iter().any(|pair| pair.0.is_nan()) {
            return None;
        }
        pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let corners = corners(&pairs);
        let twice: u128 = corners.windows(2).map(|ends| twice_area(&ends[0], &ends[1])).sum();
        let area = twice as f64 / (2.0 * positives as f64 * negatives as f64);
        let kept = without_straight(&corners);
        let rate = |count: u64, of: u64| count as f64 / of as f64;
        Some(RocCurve {
            false_positive_rate: kept.iter().map(|c| rate(c.false_positives, negatives)).collect(),
            true_positive_rate: kept.iter().map(|c| rate(c.true_positives, positives)).collect(),
            thresholds: kept.iter().map(|c| c.threshold).collect(),
            area,
            positives,
            negatives,
        })
    }

    /// The same curve with at most `points` points (at least 2), for a picture or a file.
    ///
    /// The area stays the exact one. The points are spread evenly along the curve, measured as the
    /// sum of both rates, so that the steep start keeps its shape.
    #[must_use]
    pub fn thinned(mut self, points: usize) -> RocCurve {
        let len = self.thresholds.len().min(self.false_positive_rate.len());
        let len = len.min(self.true_positive_rate.len());
        let points = points.max(2);
        if len <= points {
            return self;
        }
        let along = |i: usize| self.false_positive_rate[i] + self.true_positive_rate[i];
        let mut kept = vec![0];
        let mut due = 0.0;
        for i in 1..len - 1 {
            let left = points - 1 - kept.len();
            if left > 0 && along(i) >= due {
                kept.push(i);
                due = along(i) + (2.0 - along(i)) / left as f64;
            }
        }
        kept.push(len - 1);
        let pick = |values: &[f64]| kept.iter().map(|&i| values[i]).collect();
        self.false_positive_rate = pick(&self.false_positive_rate);
        self.true_positive_rate = pick(&self.true_positive_rate);
        self.thresholds = pick(&self.thresholds);
        self
    }
}

/// Counts reached at one threshold.
#[derive(Clone, Copy)]
struct Corner {
    threshold: f64,
    true_positives: u64,
    false_positives: u64,
}

/// One corner for each distinct score, from the highest down, with (0, 0) before them.
fn corners(descending: &[(f64, bool)]) -> Vec<Corner> {
    let mut at = Corner { threshold: f64::INFINITY, true_positives: 0, false_positives: 0 };
    let mut corners = vec![at];
    // Not chunk_by on total_cmp: 0 and −0 are equal scores.
    for group in descending.chunk_by(|a, b| a.0 == b.0) {
        let hits = group.iter().filter(|pair| pair.1).count() as u64;
        at.true_positives += hits;
        at.false_positives += group.len() as u64 - hits;
        at.threshold = group[0].0;
        corners.push(at);
    }
    corners
}

/// Twice the area of the trapezoid below one stretch, in whole pairs of examples.
fn twice_area(from: &Corner, to: &Corner) -> u128 {
    let width = u128::from(to.false_positives - from.false_positives);
    width * (u128::from(from.true_positives) + u128::from(to.true_positives))
}

/// The corners where the direction changes, and both ends.
fn without_straight(corners: &[Corner]) -> Vec<Corner> {
    let straight = |a: &Corner, b: &Corner, c: &Corner| {
        let step = |from: &Corner, to: &Corner| {
            (
                u128::from(to.false_positives - from.false_positives),
                u128::from(to.true_positives - from.true_positives),
            )
        };
        let ((x1, y1), (x2, y2)) = (step(a, b), step(b, c));
        x1 * y2 == x2 * y1
    };
    let mut kept: Vec<Corner> = Vec::new();
    for (i, corner) in corners.iter().enumerate() {
        let inner = kept.last().zip(corners.get(i + 1));
        if !inner.is_some_and(|(before, after)| straight(before, corner, after)) {
            kept.push(*corner);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::RocCurve;

    fn curve(scores: &[f64], positive: &[u8]) -> Option<RocCurve> {
        RocCurve::new(scores.iter().copied().zip(positive.iter().map(|&label| label == 1)))
    }

    /// Counts every pair: the definition of the area.
    fn area_reference(scores: &[f64], positive: &[u8]) -> f64 {
        let mut sum = 0.0;
        let mut pairs = 0.0;
        for (i, &a) in scores.iter().enumerate().filter(|&(i, _)| positive[i] == 1) {
            for (_, &b) in scores.iter().enumerate().filter(|&(j, _)| j != i && positive[j] == 0) {
                pairs += 1.0;
                sum += if a > b { 1.0 } else { 0.5 * f64::from(u8::from(a == b)) };
            }
        }
        sum / pairs
    }

    fn check(scores: &[f64], positive: &[u8], area: f64) {
        let got = curve(scores, positive).expect("both classes occur").area;
        assert_eq!(got, area, "{scores:?} {positive:?}");
        assert!((area_reference(scores, positive) - area).abs() < 1e-15);
    }

    #[test]
    fn areas_by_counting_pairs() {
        check(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1], 0.75);
        check(&[1.0, 2.0], &[0, 1], 1.0);
        check(&[1.0, 2.0], &[1, 0], 0.0);
        check(&[0.5; 7], &[0, 1, 0, 1, 1, 0, 0], 0.5);
        // Pairs: (0.5 over 0.5 tie, over 0.2 right), (0.9 right, right): 3.5 of 4.
        check(&[0.5, 0.5, 0.9, 0.2], &[1, 0, 1, 0], 0.875);
        check(&[0.0, -0.0], &[1, 0], 0.5);
        check(&[f64::NEG_INFINITY, 3.0, f64::INFINITY], &[0, 0, 1], 1.0);
    }

    #[test]
    fn points_are_those_of_scikit_learn() {
        // sklearn.metrics.roc_curve([0, 0, 1, 1, 0], [0.1, 0.4, 0.35, 0.8, 0.35])
        let curve = curve(&[0.1, 0.4, 0.35, 0.8, 0.35], &[0, 0, 1, 1, 0]).expect("both classes");
        let third = 1.0 / 3.0;
        assert_eq!(curve.false_positive_rate, [0.0, 0.0, third, 2.0 * third, 1.0]);
        assert_eq!(curve.true_positive_rate, [0.0, 0.5, 0.5, 1.0, 1.0]);
        assert_eq!(curve.thresholds, [f64::INFINITY, 0.8, 0.4, 0.35, 0.1]);
        assert!((curve.area - 0.75).abs() < 1e-15);
    }

    #[test]
    fn straight_stretches_keep_their_ends_only() {
        let curve = curve(&[5.0, 4.0, 3.0, 2.0, 1.0], &[1, 1, 1, 0, 0]).expect("both classes");
        assert_eq!(curve.false_positive_rate, [0.0, 0.0, 1.0]);
        assert_eq!(curve.true_positive_rate, [0.0, 1.0, 1.0]);
    }

    #[test]
    fn no_curve_of_one_class_or_nan() {
        assert_eq!(curve(&[], &[]), None);
        assert_eq!(curve(&[0.3, 0.4], &[1, 1]), None);
        assert_eq!(curve(&[0.3, 0.4], &[0, 0]), None);
        assert_eq!(curve(&[0.3, f64::NAN], &[0, 1]), None);
    }

    #[test]
    fn thinning_keeps_ends_order_and_area() {
        let scores: Vec<f64> = (0..5000).map(|i| f64::from(i * 7919 % 5003)).collect();
        let positive: Vec<u8> =
            (0..5000).map(|i| u8::from(i * 7919 % 5003 > 1800 && i % 3 != 0)).collect();
        let full = curve(&scores, &positive).expect("both classes");
        let thin = full.clone().thinned(100);
        assert!(full.thresholds.len() > 500 && thin.thresholds.len() <= 100);
        // A long straight stretch (the scores below 1800) has no points to spend.
        assert!(thin.thresholds.len() > 60, "{}", thin.thresholds.len());
        assert_eq!(thin.area, full.area);
        assert_eq!((thin.false_positive_rate[0], thin.true_positive_rate[0]), (0.0, 0.0));
        assert_eq!(thin.false_positive_rate.last(), Some(&1.0));
        assert!(thin.false_positive_rate.is_sorted() && thin.true_positive_rate.is_sorted());
        let trapezoids: f64 = (1..thin.thresholds.len())
            .map(|i| {
                let width = thin.false_positive_rate[i] - thin.false_positive_rate[i - 1];
                width * (thin.true_positive_rate[i] + thin.true_positive_rate[i - 1]) / 2.0
            })
            .sum();
        // Between kept points the curve stays inside their box: 100 triangles of sides 0.01.
        assert!((trapezoids - full.area).abs() < 100.0 * 0.01 * 0.01 / 2.0, "{trapezoids}");
    }
}
