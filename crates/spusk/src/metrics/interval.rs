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

#[cfg(test)]
mod tests {
    use super::wilson;

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
