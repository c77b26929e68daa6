//! The linear forecast: every step of the horizon as a weighted sum of the window, by least squares.
//!
//! With z = x − x\[last\] for the window x\[T\] of a series, the forecast is
//! ŷ\[h\] = x\[last\] + Σ z\[t\]·W\[t, h\] + b\[h\]. W is the same for all series, b is each one's own. W
//! minimizes the squared error over the windows of the training part plus λ‖W − W₀‖², where W₀ is the
//! naive forecast (0) or the seasonal-naive one; λ and W₀ are chosen on a later part.
//!
//! Zeng, Chen, Zhang & Xu 2023, "Are transformers effective for time series forecasting?" (NLinear),
//! here solved in closed form. The windows overlap, so their products are summed along diagonals:
//! N·(T+H) + (T+H)² operations in place of N·(T+H)².

use crate::messages::{self as say, Language};
use std::ops::Range;

/// Penalties that are compared, as shares of the mean variance of an input.
const PENALTIES: [f64; 8] = [1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 1.0, 10.0];

/// Longer windows are not solved for: the work grows with their third power.
const LONGEST: usize = 1024;

/// What the weights are drawn towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// The last value.
    Last,
    /// The value one season before.
    Season(usize),
}

impl Base {
    pub(crate) fn name(self, l: Language) -> String {
        match self {
            Base::Last => say::forecast_last_value(l),
            Base::Season(steps) => say::forecast_season_before(l, steps),
        }
    }

    /// The place in the window that forecasts step `h`.
    pub(crate) fn place(self, window: usize, h: usize) -> usize {
        match self {
            Base::Last => window - 1,
            // The last season goes on and on.
            Base::Season(steps) => window + h % steps - steps,
        }
    }
}

/// A fitted linear forecast.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    pub(crate) window: usize,
    pub(crate) horizon: usize,
    pub(crate) base: Base,
    /// λ as a share of the mean variance; none where only the base was taken.
    pub(crate) penalty: Option<f64>,
    /// W[T, H].
    pub(crate) weights: Vec<f32>,
    /// b[H, S].
    pub(crate) bias: Vec<f32>,
    /// The mean squared error on the part that chose.
    pub(crate) judged: f64,
}

impl Linear {
    /// The forecast ŷ[H] of series `s` of `count` from its window x[T].
    pub(crate) fn forecast(&self, x: &[f64], s: usize, count: usize) -> Vec<f64> {
        let last = x[self.window - 1];
        let mut y: Vec<f64> =
            (0..self.horizon).map(|h| last + f64::from(self.bias[h * count + s])).collect();
        for (x, weights) in x.iter().zip(self.weights.chunks(self.horizon)) {
            let z = x - last;
            y.iter_mut().zip(weights).for_each(|(y, &w)| *y += z * f64::from(w));
        }
        y
    }
}

/// Sums over the windows of some origins: v = x[T] ++ y[H], less its last known value.
struct Moments {
    window: usize,
    size: usize,
    /// Σ v vᵀ over windows and series, [size, size].
    gram: Vec<f64>,
    /// Σ v of each series.
    sums: Vec<Vec<f64>>,
    /// Windows of each series.
    count: f64,
}

impl Moments {
    /// Of the windows that begin at `starts`.
    fn new(series: &[Vec<f64>], starts: Range<usize>, window: usize, horizon: usize) -> Moments {
        let (size, count) = (window + horizon, starts.len());
        let mut gram = vec![0.0; size * size];
        let mut sums = Vec::new();
        for s in series {
            let s = &s[starts.start..];
            let mut own = vec![0.0; size * size];
            for j in 0..size {
                own[j] = (0..count).map(|o| s[o] * s[o + j]).sum();
            }
            for i in 1..size {
                for j in i..size {
                    own[i * size + j] = own[(i - 1) * size + j - 1] - s[i - 1] * s[j - 1]
                        + s[count + i - 1] * s[count + j - 1];
                }
            }
            gram.iter_mut().zip(&own).for_each(|(all, own)| *all += own);
            let mut total: f64 = s[..count].iter().sum();
            let mut of = Vec::with_capacity(size);
            for i in 0..size {
                of.push(total);
                if i + 1 < size {
                    total += s[count + i] - s[i];
                }
            }
            sums.push(of);
        }
        for i in 1..size {
            for j in 0..i {
                gram[i * size + j] = gram[j * size + i];
            }
        }
        let last = window - 1;
        let reference: Vec<f64> = gram[last * size..(last + 1) * size].to_vec();
        for i in 0..size {
            for j in 0..size {
                gram[i * size + j] += reference[last] - reference[i] - reference[j];
            }
        }
        for of in &mut sums {
            let reference = of[last];
            of.iter_mut().for_each(|sum| *sum -= reference);
        }
        Moments { window, size, gram, sums, count: count as f64 }
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.gram[i * self.size + j]
    }

    /// Σ (v − mean)(v − mean)ᵀ at two places, the mean each series' own.
    fn centered(&self, i: usize, j: usize) -> f64 {
        let means: f64 = self.sums.iter().map(|sums| sums[i] * sums[j]).sum();
        self.at(i, j) - means / self.count
    }

    /// The mean variance of an input, times the windows.
    fn spread(&self) -> f64 {
        let inputs = self.window - 1;
        (0..inputs).map(|i| self.centered(i, i)).sum::<f64>() / inputs.max(1) as f64
    }

    /// W[T, H] around a base.
    fn weights(&self, factor: &[f64], base: Base) -> Vec<f64> {
        let (window, horizon) = (self.window, self.size - self.window);
        let inputs = window - 1;
        let mut weights = base_weights(base, window, horizon);
        for h in 0..horizon {
            let place = base.place(window, h);
            let mut column: Vec<f64> = (0..inputs)
                .map(|i| self.centered(i, window + h) - self.centered(i, place))
                .collect();
            solve(factor, inputs, &mut column);
            for (i, change) in column.iter().enumerate() {
                weights[i * horizon + h] += change;
            }
        }
        weights
    }

    /// The mean squared error of weights and biases on these windows.
    fn error(&self, weights: &[f64], bias: &[f64]) -> f64 {
        let (window, horizon) = (self.window, self.size - self.window);
        let mut total = 0.0;
        // G·W row by row, so that it is read in order.
        let mut product = vec![0.0; horizon];
        for t in 0..window {
            product.fill(0.0);
            for u in 0..window {
                let g = self.at(t, u);
                let row = &weights[u * horizon..(u + 1) * horizon];
                product.iter_mut().zip(row).for_each(|(p, w)| *p += g * w);
            }
            for h in 0..horizon {
                total += weights[t * horizon + h] * (product[h] - 2.0 * self.at(t, window + h));
            }
        }
        for h in 0..horizon {
            total += self.at(window + h, window + h);
            for (s, sums) in self.sums.iter().enumerate() {
                let b = bias[h * self.sums.len() + s];
                let fitted: f64 = (0..window).map(|t| weights[t * horizon + h] * sums[t]).sum();
                total += b * (self.count * b - 2.0 * (sums[window + h] - fitted));
            }
        }
        total / (self.count * (horizon * self.sums.len()) as f64)
    }
}

/// What is to be fitted: standardized series, of which the windows of `train` fit and those of `judge`
/// choose. Targets lie inside each range, windows may reach before it.
pub(crate) struct Request<'a> {
    pub(crate) series: &'a [Vec<f64>],
    pub(crate) train: Range<usize>,
    pub(crate) judge: Range<usize>,
    pub(crate) horizon: usize,
    /// 1 where there is no season.
    pub(crate) season: usize,
}

/// The first steps of the targets that lie inside a range, whose windows lie inside the series.
pub(crate) fn origins(range: &Range<usize>, window: usize, horizon: usize) -> Range<usize> {
    let first = range.start.max(window);
    first..(range.end + 1).saturating_sub(horizon).max(first)
}

/// The best linear forecast with this window; none where no window fits into the training part.
pub(crate) fn fit(request: &Request<'_>, window: usize) -> Option<Linear> {
    let (horizon, series) = (request.horizon, request.series);
    let starts = |range: &Range<usize>| {
        let origins = origins(range, window, horizon);
        origins.start - window..origins.end - window
    };
    let (train, judge) = (starts(&request.train), starts(&request.judge));
    if train.is_empty() || series.is_empty() {
        return None;
    }
    let mut bases = vec![Base::Last];
    if request.season > 1 && request.season <= window {
        bases.push(Base::Season(request.season));
    }
    if window > LONGEST {
        return bases.last().map(|&base| of_base(request, window, base));
    }
    let moments = Moments::new(series, train, window, horizon);
    let judging = (!judge.is_empty()).then(|| Moments::new(series, judge, window, horizon));
    let mut best: Option<Linear> = None;
    let mut take = |base: Base, penalty: Option<f64>, weights: &[f64]| {
        let bias = biases(&moments, weights, penalty.is_some());
        let judged = judging.as_ref().unwrap_or(&moments).error(weights, &bias);
        if judged.is_finite() && best.as_ref().is_none_or(|best| judged < best.judged) {
            let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
            let (weights, bias) = (single(weights), single(&bias));
            best = Some(Linear { window, horizon, base, penalty, weights, bias, judged });
        }
    };
    for &base in &bases {
        take(base, None, &base_weights(base, window, horizon));
    }
    let inputs = window - 1;
    let spread = moments.spread();
    if inputs == 0 || spread.is_nan() || spread <= 0.0 {
        return best;
    }
    // Without a later part to choose by, the strength that suits most series.
    let penalties = if judging.is_some() { &PENALTIES[..] } else { &[0.1] };
    for &penalty in penalties {
        let Some(factor) = factor(&moments, inputs, penalty * spread) else { continue };
        for &base in &bases {
            take(base, Some(penalty), &moments.weights(&factor, base));
        }
    }
    best
}

/// The mean squared error of a forecast on the part that judges; none where no window fits into it.
pub(crate) fn judge(request: &Request<'_>, linear: &Linear) -> Option<f64> {
    let (window, horizon) = (linear.window, request.horizon);
    let origins = origins(&request.judge, window, horizon);
    let starts = origins.start - window..origins.end - window;
    if starts.is_empty() {
        return None;
    }
    let double = |values: &[f32]| -> Vec<f64> { values.iter().map(|&v| f64::from(v)).collect() };
    let moments = Moments::new(request.series, starts, window, horizon);
    Some(moments.error(&double(&linear.weights), &double(&linear.bias)))
}

/// The forecast of a choice, fitted anew to `request.train` alone.
pub(crate) fn refit(request: &Request<'_>, chosen: &Linear) -> Option<Linear> {
    let (window, horizon) = (chosen.window, request.horizon);
    let origins = origins(&request.train, window, horizon);
    let penalty = chosen.penalty.filter(|_| window <= LONGEST);
    let Some(penalty) = penalty else { return Some(chosen.clone()) };
    if origins.is_empty() {
        return None;
    }
    let moments =
        Moments::new(request.series, origins.start - window..origins.end - window, window, horizon);
    let factor = factor(&moments, window - 1, penalty * moments.spread())?;
    let weights = moments.weights(&factor, chosen.base);
    let bias = biases(&moments, &weights, true);
    let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
    Some(Linear { weights: single(&weights), bias: single(&bias), ..chosen.clone() })
}

fn of_base(request: &Request<'_>, window: usize, base: Base) -> Linear {
    let horizon = request.horizon;
    let weights = base_weights(base, window, horizon).iter().map(|&w| w as f32).collect();
    let bias = vec![0.0; horizon * request.series.len()];
    Linear { window, horizon, base, penalty: None, weights, bias, judged: f64::INFINITY }
}

/// W₀[T, H]. The last value's own row stays 0, since it is taken off.
fn base_weights(base: Base, window: usize, horizon: usize) -> Vec<f64> {
    let mut weights = vec![0.0; window * horizon];
    for h in 0..horizon {
        let place = base.place(window, h);
        if place + 1 < window {
            weights[place * horizon + h] = 1.0;
        }
    }
    weights
}

/// b[H, S]: the mean of what the weights leave over; 0 for a plain base.
fn biases(moments: &Moments, weights: &[f64], fitted: bool) -> Vec<f64> {
    let (window, horizon) = (moments.window, moments.size - moments.window);
    let count = moments.sums.len();
    let mut bias = vec![0.0; horizon * count];
    if !fitted {
        return bias;
    }
    for (s, sums) in moments.sums.iter().enumerate() {
        for h in 0..horizon {
            let own: f64 = (0..window).map(|t| weights[t * horizon + h] * sums[t]).sum();
            bias[h * count + s] = (sums[window + h] - own) / moments.count;
        }
    }
    bias
}

/// The Cholesky factor of the inputs' covariance plus λ; none where rounding spoils it.
fn factor(moments: &Moments, inputs: usize, lambda: f64) -> Option<Vec<f64>> {
    let mut l = vec![0.0; inputs * inputs];
    for i in 0..inputs {
        for j in 0..=i {
            let dot = dot(&l[i * inputs..i * inputs + j], &l[j * inputs..j * inputs + j]);
            let value = moments.centered(i, j) - dot;
            l[i * inputs + j] = if i == j {
                let pivot = value + lambda;
                if pivot <= 0.0 || !pivot.is_finite() {
                    return None;
                }
                pivot.sqrt()
            } else {
                value / l[j * inputs + j]
            };
        }
    }
    Some(l)
}

/// Σ a·b in eight sums, which one vector holds.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_parts, b_parts) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_parts.remainder().iter().zip(b_parts.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_parts.zip(b_parts) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Solves L Lᵀ x = b in place.
fn solve(l: &[f64], n: usize, b: &mut [f64]) {
    for i in 0..n {
        b[i] = (b[i] - dot(&l[i * n..i * n + i], &b[..i])) / l[i * n + i];
    }
    for i in (0..n).rev() {
        b[i] /= l[i * n + i];
        let value = b[i];
        let (before, row) = (&mut b[..i], &l[i * n..i * n + i]);
        before.iter_mut().zip(row).for_each(|(b, l)| *b -= l * value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(i: usize) -> f64 {
        ((i * 7919 + 104_729) * 31 % 10_007) as f64 / 10_007.0 - 0.5
    }

    fn request(series: &[Vec<f64>], train: usize, season: usize) -> Request<'_> {
        let end = series[0].len();
        Request { series, train: 0..train, judge: train..end, horizon: 3, season }
    }

    #[test]
    fn sums_along_diagonals_are_those_of_the_windows() {
        let series = vec![(0..40).map(noise).collect(), (0..40).map(|i| noise(i + 99)).collect()];
        let moments = Moments::new(&series, 2..20, 5, 3);
        for i in 0..8 {
            for j in 0..8 {
                let of = |s: &Vec<f64>, o: usize| (s[o + i] - s[o + 4]) * (s[o + j] - s[o + 4]);
                let want: f64 = series.iter().map(|s| (2..20).map(|o| of(s, o)).sum::<f64>()).sum();
                assert!((moments.at(i, j) - want).abs() < 1e-10, "{i} {j}");
            }
        }
    }

    #[test]
    fn a_recurrence_is_found_and_its_error_is_that_of_its_forecasts() {
        // x[t] = 1.6·x[t−1] − 0.9·x[t−2] + a little noise.
        let mut x = vec![1.0, 0.8];
        for t in 2..400 {
            x.push(1.6 * x[t - 1] - 0.9 * x[t - 2] + 0.05 * noise(t));
        }
        let series = vec![x];
        let found = fit(&request(&series, 300, 1), 6).expect("fits");
        let mut squares = Vec::new();
        for origin in origins(&(300..400), 6, 3) {
            let forecast = found.forecast(&series[0][origin - 6..origin], 0, 1);
            squares.extend(forecast.iter().zip(&series[0][origin..]).map(|(f, y)| (f - y).powi(2)));
        }
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        assert!((mean - found.judged).abs() < 1e-6 * mean.max(1e-3), "{mean} {}", found.judged);
        // The noise alone leaves 0.05²/12·(1 + (1 + 1.6²) + (1 + 1.6² + 1.66²))/3.
        let least = 0.05f64.powi(2) / 12.0 * (3.56 + 1.0 + 3.56 + 1.66f64.powi(2)) / 3.0;
        assert!(found.judged < 1.1 * least, "{} {least}", found.judged);
        let naive = fit(&request(&series, 300, 1), 1).expect("fits").judged;
        assert!(found.judged < 0.5 * naive, "{} {naive}", found.judged);
    }

    #[test]
    fn a_pure_season_is_left_to_its_base() {
        let series = vec![(0..96).map(|i| noise(i % 12)).collect::<Vec<f64>>()];
        let found = fit(&request(&series, 72, 12), 12).expect("fits");
        assert_eq!(found.base, Base::Season(12));
        assert!(found.judged < 1e-12, "{}", found.judged);
        let forecast = found.forecast(&series[0][72..84], 0, 1);
        assert!((forecast[2] - series[0][86]).abs() < 1e-6);
    }

    #[test]
    fn too_short_parts_fit_nothing_and_constant_ones_stay() {
        let series = vec![vec![2.0; 30]];
        assert_eq!(fit(&request(&series, 5, 1), 10), None);
        let found = fit(&request(&series, 20, 1), 10).expect("fits");
        assert_eq!(found.forecast(&[2.0; 10], 0, 1), [2.0; 3]);
    }
}
