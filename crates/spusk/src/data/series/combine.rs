//! The mean of linear forecasts with several windows.
//!
//! Which window is best on one validation part is a matter of chance where several are nearly as good,
//! and the errors of long and short windows are far from the same. The plain mean of such forecasts is
//! seldom worse than the best of them, and estimated weights seldom beat it: Bates & Granger 1969, "The
//! combination of forecasts"; Timmermann 2006, "Forecast combinations". The mean of linear forecasts is
//! a linear forecast with the longest of their windows.

use super::linear::{Linear, Request, judge, origins};

/// Windows whose error is at most this much above the least one are nearly as good.
const NEARLY: f64 = 1.1;

/// The best forecast, and what a network starts from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Combination {
    /// The forecast with the one best window.
    pub(crate) best: Linear,
    /// The mean, or the best one where the mean is not better.
    pub(crate) start: Linear,
    /// The windows of the mean; one where the best one stands for itself.
    pub(crate) windows: Vec<usize>,
}

/// The best of some forecasts and, where the part that judges prefers it, the mean of those that are
/// nearly as good.
pub(crate) fn combine(request: &Request<'_>, found: &[Linear]) -> Option<Combination> {
    let best = found.iter().min_by(|a, b| a.judged.total_cmp(&b.judged))?;
    let alone =
        || Combination { best: best.clone(), start: best.clone(), windows: vec![best.window] };
    if origins(&request.judge, best.window, request.horizon).is_empty() {
        return Some(alone());
    }
    // A longer window would be judged by fewer forecasts than the others.
    let nearly =
        |one: &&Linear| one.window <= request.judge.start && one.judged <= NEARLY * best.judged;
    let members: Vec<&Linear> = found.iter().filter(nearly).collect();
    let mean = mean(&members).and_then(|mut mean| {
        mean.judged = judge(request, &mean)?;
        (members.len() > 1 && mean.judged < best.judged).then_some(mean)
    });
    let Some(start) = mean else { return Some(alone()) };
    let windows = members.iter().map(|one| one.window).collect();
    Some(Combination { best: best.clone(), start, windows })
}

impl Combination {
    /// The same choice, each forecast fitted anew by `fit`.
    pub(crate) fn again(
        &self,
        found: &[Linear],
        fit: impl Fn(&Linear) -> Option<Linear>,
    ) -> Option<Combination> {
        let best = fit(&self.best)?;
        if self.windows.len() == 1 {
            return Some(Combination { start: best.clone(), best, ..self.clone() });
        }
        let members = found.iter().filter(|one| self.windows.contains(&one.window));
        let members: Vec<Linear> = members.map(fit).collect::<Option<_>>()?;
        let members: Vec<&Linear> = members.iter().collect();
        let start = Linear { judged: self.start.judged, ..mean(&members)? };
        Some(Combination { best, start, ..self.clone() })
    }
}

/// The mean of forecasts, with the longest window. What lies before a shorter window has no weight there.
fn mean(members: &[&Linear]) -> Option<Linear> {
    let longest = *members.iter().max_by_key(|one| one.window)?;
    let share = 1.0 / members.len() as f32;
    let mut weights = vec![0.0; longest.weights.len()];
    let mut bias = vec![0.0; longest.bias.len()];
    for one in members {
        let before = weights.len() - one.weights.len();
        weights[before..].iter_mut().zip(&one.weights).for_each(|(sum, w)| *sum += share * w);
        bias.iter_mut().zip(&one.bias).for_each(|(sum, b)| *sum += share * b);
    }
    Some(Linear { weights, bias, ..longest.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::linear::{Base, fit};
    use super::*;

    fn noise(i: usize) -> f64 {
        ((i * 7919 + 104_729) * 31 % 10_007) as f64 / 10_007.0 - 0.5
    }

    /// Noise around a wave: what a window sees beyond the wave is chance.
    fn series() -> Vec<Vec<f64>> {
        vec![(0..400).map(|i| (i as f64 * 0.7).sin() + 2.0 * noise(i)).collect()]
    }

    fn request(series: &[Vec<f64>]) -> Request<'_> {
        Request { series, train: 0..250, judge: 250..400, horizon: 3, season: 1 }
    }

    #[test]
    fn the_mean_forecasts_the_mean_of_its_members() {
        let series = series();
        let request = request(&series);
        let found: Vec<Linear> = [6, 12, 24].iter().filter_map(|&w| fit(&request, w)).collect();
        let members: Vec<&Linear> = found.iter().collect();
        let mean = mean(&members).expect("there are some");
        assert_eq!(mean.window, 24);
        let x = &series[0][276..300];
        let got = mean.forecast(x, 0, 1);
        for (h, got) in got.into_iter().enumerate() {
            let each = found.iter().map(|one| one.forecast(&x[24 - one.window..], 0, 1)[h]);
            let want = each.sum::<f64>() / 3.0;
            assert!((got - want).abs() < 1e-5, "{got} {want}");
        }
    }

    #[test]
    fn the_mean_is_taken_only_where_it_is_better_on_the_part_that_judges() {
        let series = series();
        let request = request(&series);
        // The last value, and a little too much or too little.
        let with = |window: usize, bias: f32| {
            let (weights, bias) = (vec![0.0; window * 3], vec![bias; 3]);
            let (base, penalty) = (Base::Last, None);
            let linear =
                Linear { window, horizon: 3, base, penalty, weights, bias, judged: f64::INFINITY };
            Linear { judged: judge(&request, &linear).expect("windows fit"), ..linear }
        };
        let found = [with(4, 0.2), with(8, -0.2)];
        let chosen = combine(&request, &found).expect("there are some");
        assert_eq!((&chosen.windows[..], chosen.start.window), (&[4, 8][..], 8));
        assert!(chosen.start.judged < chosen.best.judged);
        assert!(chosen.start.bias.iter().all(|bias| bias.abs() < 1e-6));
        assert_eq!(chosen.again(&found, |one| Some(one.clone())), Some(chosen));
        // Here the mean is worse than the better one.
        let alone = combine(&request, &[with(4, 0.0), with(8, 0.2)]).expect("there are some");
        assert_eq!((alone.windows, alone.start == alone.best), (vec![4], true));
        // One far worse is no member, however it would change the mean.
        let alone = combine(&request, &[with(4, 0.2), with(8, -5.0)]).expect("there are some");
        assert_eq!(alone.windows, [4]);
        assert_eq!(combine(&request, &[]), None);
    }
}
