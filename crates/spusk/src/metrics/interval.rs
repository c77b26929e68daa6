//! How far chance alone could have moved a share.

/// The 95 % interval of a share of `hits` in `trials`, both ends from 0 to 1; `None` of no trials.
///
/// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964.
///
/// Wilson 1927. Unlike p ± z·√(p(1−p)/n) it stays within 0 to 1 and does not shrink to a point when
/// every prediction is right.
///
/// ```
/// let (low, high) = spusk::metrics::wilson(352, 360).unwrap();
/// assert_eq!((format!("{low:.3}"), format!("{high:.3}")), ("0.957".into(), "0.989".into()));
/// ```
#[must_use]
pub fn wilson(hits: u64, trials: u64) -> Option<(f64, f64)> {
    if trials == 0 || hits > trials {
        return None;
    }
    const Z: f64 = 1.959_963_984_540_054;
    let n = trials as f64;
    let p = hits as f64 / n;
    let center = p + Z * Z / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Some((((center - reach) / scale).max(0.0), ((center + reach) / scale).min(1.0)))
}

/// The mean of some values with its 95 % interval by Student's t: mean ± t·s/√n. `None` of fewer than two
/// values, or if one is not finite.
///
/// Student 1908. Quantiles for up to 30 degrees of freedom are exact to four digits; beyond, by
/// the expansion z + (z³ + z)/4ν + (5z⁵ + 16z³ + 3z)/96ν² (Fisher and Cornish 1960).
#[must_use]
pub fn t_interval(values: &[f64]) -> Option<(f64, f64, f64)> {
    if values.len() < 2 || values.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let reach = t_quantile(values.len() - 1) * (variance / n).sqrt();
    Some((mean, mean - reach, mean + reach))
}

/// The mean of some shares, each of so many trials, with its 95 % interval: Student's t on the logit scale, so
/// that both ends lie within 0 to 1. Shares that are equal by chance do not make it a point: their variance
/// is at least that of the trials, 1/(n·p·(1 − p)) as a logit. `None` of fewer than two shares, or if one is none.
///
/// logit p = ln((p·n + ½) / (n − p·n + ½)): Haldane 1956, Anscombe 1956.
///
/// ```
/// let (mean, low, high) = spusk::metrics::share_interval(&[0.9, 1.0], 20).unwrap();
/// assert!(mean == 0.95 && low > 0.0 && low < 0.9 && high > 0.95 && high <= 1.0);
/// let (_, low, high) = spusk::metrics::share_interval(&[0.9, 0.9], 20).unwrap();
/// assert!(low < 0.9 && high > 0.9);
/// ```
#[must_use]
pub fn share_interval(shares: &[f64], trials: u64) -> Option<(f64, f64, f64)> {
    if trials == 0 || shares.len() < 2 || shares.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return None;
    }
    let (n, count) = (trials as f64, shares.len() as f64);
    let logits: Vec<f64> =
        shares.iter().map(|p| ((p * n + 0.5) / (n - p * n + 0.5)).ln()).collect();
    let middle = logits.iter().sum::<f64>() / count;
    let spread = logits.iter().map(|x| (x - middle).powi(2)).sum::<f64>() / (count - 1.0);
    let mean = shares.iter().sum::<f64>() / count;
    let (hits, misses) = (mean * n + 0.5, n - mean * n + 0.5);
    let of_trials = 1.0 / hits + 1.0 / misses;
    let reach = t_quantile(shares.len() - 1) * (spread.max(of_trials) / count).sqrt();
    let share = |logit: f64| 1.0 / (1.0 + (-logit).exp());
    Some((mean, share(middle - reach).min(mean), share(middle + reach).max(mean)))
}

/// The 97.5 % quantile of Student's t with so many degrees of freedom, at least 1.
fn t_quantile(freedom: usize) -> f64 {
    const EXACT: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    if let Some(&exact) = EXACT.get(freedom.saturating_sub(1)) {
        return exact;
    }
    let (z, v) = (1.959_963_984_540_054_f64, freedom as f64);
    let first = (z.powi(3) + z) / (4.0 * v);
    z + first + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * v * v)
}

#[cfg(test)]
mod tests {
    use super::{t_interval, t_quantile, wilson};

    #[test]
    fn intervals_of_means() {
        // Mean 3, s² = 2.5, n = 5: 2.776 · √(2.5/5) = 1.9629.
        let (mean, low, high) = t_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("five values");
        assert_eq!(mean, 3.0);
        assert!((mean - low - 1.962_93).abs() < 1e-4 && (high - mean - 1.962_93).abs() < 1e-4);
        assert_eq!(t_interval(&[1.0]), None);
        assert_eq!(t_interval(&[1.0, f64::NAN]), None);
        // The expansion goes on where the table ends, and ends at the normal quantile.
        assert!((t_quantile(31) - 2.0395).abs() < 5e-4 && (t_quantile(1000) - 1.9623).abs() < 5e-4);
    }

    fn check(hits: u64, trials: u64, low: f64, high: f64) {
        let (a, b) = wilson(hits, trials).expect("trials were made");
        assert!((a - low).abs() < 5e-5 && (b - high).abs() < 5e-5, "{hits}/{trials}: {a} {b}");
    }

    #[test]
    fn known_intervals() {
        // With k = z² = 3.8415: all or none of n gives (n/(n+k), 1) and (0, k/(n+k)).
        check(10, 10, 10.0 / 13.8415, 1.0);
        check(0, 10, 0.0, 3.8415 / 13.8415);
        // Half of n: 1/2 ± z/2/√(n+k).
        check(50, 100, 0.40383, 0.59617);
    }

    #[test]
    fn no_trials_have_no_interval() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
    }
}
