//! Order among the scores of one example.

/// The class of the greatest score; of equals the first, as NumPy's argmax. 0 of no scores.
pub(crate) fn argmax<T: PartialOrd>(scores: &[T]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate().skip(1) {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}

/// How many classes come before `label`: greater scores, and equal ones of a lower index. So rank 0
/// is the argmax.
pub(crate) fn rank(scores: &[f64], label: usize) -> usize {
    let own = scores[label];
    let before = |(class, &score): (usize, &f64)| score > own || (score == own && class < label);
    scores.iter().enumerate().filter(|&pair| before(pair)).count()
}

/// ln Σ exp(zᵢ), by taking out the greatest so that nothing overflows.
pub(crate) fn log_sum_exp(logits: impl Iterator<Item = f64> + Clone) -> f64 {
    let max = logits.clone().fold(f64::NEG_INFINITY, f64::max);
    if max == f64::NEG_INFINITY {
        return max;
    }
    max + logits.map(|z| (z - max).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::{argmax, log_sum_exp, rank};

    #[test]
    fn ranks_agree_with_argmax_even_in_ties() {
        for scores in [vec![0.1, 0.9, 0.9, 0.3], vec![1.0; 5], vec![-1.0], vec![2.0, 1.0]] {
            let ranks: Vec<usize> = (0..scores.len()).map(|c| rank(&scores, c)).collect();
            assert_eq!(ranks[argmax(&scores)], 0, "{scores:?}");
            let mut sorted = ranks.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..scores.len()).collect::<Vec<_>>(), "a permutation");
        }
        assert_eq!(argmax::<f64>(&[]), 0);
    }

    #[test]
    fn log_sum_exp_does_not_overflow() {
        assert_eq!(log_sum_exp([1000.0, 1000.0].into_iter()), 1000.0 + 2.0_f64.ln());
        assert_eq!(log_sum_exp([].into_iter()), f64::NEG_INFINITY);
        assert_eq!(log_sum_exp([f64::NEG_INFINITY; 2].into_iter()), f64::NEG_INFINITY);
    }
}
