//! After how many steps a series repeats.

use crate::messages::{self as say, Said};

/// A cycle counts from this autocorrelation on.
const LEAST: f64 = 0.25;
/// Lags that are looked at.
const MOST: usize = 1000;

/// A season and why it is this one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Season {
    /// Steps; 1 where the series does not repeat.
    pub(crate) steps: usize,
    pub(crate) reason: Said,
}

/// The season of series[steps, columns] by the mean autocorrelation of its columns, the straight
/// line through each taken off: a usual cycle of the step where it stands out, else the lag that
/// stands out most.
pub(crate) fn season(values: &[f64], columns: usize, usual: &[usize]) -> Season {
    let steps = values.len() / columns.max(1);
    let most = MOST.min(steps / 2);
    let mut sum = vec![0.0; most + 2];
    for column in 0..columns {
        let series: Vec<f64> = values.iter().skip(column).step_by(columns).copied().collect();
        let correlation = autocorrelation(&series, most + 1);
        sum.iter_mut().zip(correlation).for_each(|(sum, one)| *sum += one / columns as f64);
    }
    // A peak stands above its surroundings, or it is only the slow fall from lag 0.
    let is_peak = |lag: usize| {
        lag >= 2
            && lag <= most
            && sum[lag] >= LEAST
            && sum[lag] > sum[lag - 1]
            && sum[lag] >= sum[lag + 1]
    };
    let near = |lag: usize| (lag.saturating_sub(1)..=lag + 1).any(is_peak);
    let better = |a: &&usize, b: &&usize| sum[**a].total_cmp(&sum[**b]);
    let known =
        usual.iter().filter(|&&lag| lag <= most && (near(lag) || (lag > 100 && sum[lag] >= LEAST)));
    // The shortest of equals: a week repeats what a day does.
    let best = known.clone().max_by(better).copied();
    let shortest = best.and_then(|best| known.copied().find(|&lag| sum[lag] >= 0.9 * sum[best]));
    if let Some(lag) = shortest {
        let reason = Said::new(|l| say::season_usual(l, l.fixed(sum[lag], 2)));
        return Season { steps: lag, reason };
    }
    let found: Vec<usize> = (2..=most).filter(|&lag| is_peak(lag)).collect();
    match found.iter().max_by(better) {
        Some(&lag) => {
            Season { steps: lag, reason: Said::new(|l| say::season_peak(l, l.fixed(sum[lag], 2))) }
        }
        None => Season { steps: 1, reason: Said::new(say::season_none) },
    }
}

/// Autocorrelation at the lags below `lags`, the line through the series taken off.
fn autocorrelation(series: &[f64], lags: usize) -> Vec<f64> {
    let n = series.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = series.iter().sum::<f64>() / n;
    let (mut up, mut across) = (0.0, 0.0);
    for (i, value) in series.iter().enumerate() {
        up += (i as f64 - middle) * (value - mean);
        across += (i as f64 - middle).powi(2);
    }
    let slope = if across > 0.0 { up / across } else { 0.0 };
    let flat: Vec<f64> = series
        .iter()
        .enumerate()
        .map(|(i, value)| value - mean - slope * (i as f64 - middle))
        .collect();
    let power: f64 = flat.iter().map(|x| x * x).sum();
    (0..=lags)
        .map(|lag| {
            let ahead = flat.get(lag..).unwrap_or(&[]);
            let product: f64 = flat.iter().zip(ahead).map(|(a, b)| a * b).sum();
            if power > 0.0 { product / power } else { 0.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(steps: usize, period: f64, trend: f64) -> Vec<f64> {
        (0..steps)
            .map(|i| (std::f64::consts::TAU * i as f64 / period).sin() + trend * i as f64)
            .collect()
    }

    #[test]
    fn cycles_are_found_beneath_a_trend() {
        let check = |series: &[f64], usual: &[usize], steps: usize| {
            assert_eq!(season(series, 1, usual).steps, steps);
        };
        check(&wave(120, 12.0, 0.05), &[12], 12);
        check(&wave(2000, 24.0, 0.0), &[24, 168], 24);
        check(&wave(800, 37.0, 0.01), &[], 37);
        check(&wave(1200, 365.0, 0.0), &[7, 365], 365);
        let noise: Vec<f64> = (0..500).map(|i| ((i * i * 7919 + 13) % 1009) as f64).collect();
        check(&noise, &[12], 1);
        check(&[5.0; 100], &[12], 1);
        check(&[1.0], &[12], 1);
        check(&[], &[12], 1);
    }
}
