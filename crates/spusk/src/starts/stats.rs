//! Distributions of losses, and how training and test losses go together.

/// The losses of the runs of one kind that ended at a number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distribution {
    /// All of them, the smallest first.
    pub sorted: Vec<f64>,
    /// Runs that diverged.
    pub lost: usize,
}

impl Distribution {
    /// Of some losses.
    #[must_use]
    pub fn new(losses: impl IntoIterator<Item = f64>) -> Distribution {
        let (mut sorted, lost): (Vec<f64>, Vec<f64>) =
            losses.into_iter().partition(|loss| loss.is_finite());
        sorted.sort_by(f64::total_cmp);
        Distribution { sorted, lost: lost.len() }
    }

    /// The value that this share lies below; between two of them by a straight line (Hyndman & Fan 1996,
    /// definition 7, that of NumPy and R). NaN of nothing.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let place = share.clamp(0.0, 1.0) * self.sorted.len().saturating_sub(1) as f64;
        let at = |i: usize| self.sorted.get(i).copied();
        let (Some(low), t) = (at(place.floor() as usize), place.fract()) else { return f64::NAN };
        at(place.floor() as usize + 1).map_or(low, |high| low + t * (high - low))
    }

    /// The distance of the quartiles.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.quantile(0.75) - self.quantile(0.25)
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sorted.iter().sum::<f64>() / self.sorted.len() as f64
    }
}

/// Pearson's correlation with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// r.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The correlation of pairs of numbers; pairs that are not finite are left out. NaN of fewer than four, or if
/// one side is constant.
///
/// The interval is Fisher's of 1915: artanh r ± 1.96 / √(n − 3), made for normal distributions.
#[must_use]
pub fn correlation(pairs: impl IntoIterator<Item = (f64, f64)>) -> Correlation {
    let finite = |pair: &(f64, f64)| pair.0.is_finite() && pair.1.is_finite();
    let pairs: Vec<(f64, f64)> = pairs.into_iter().filter(finite).collect();
    let n = pairs.len() as f64;
    let (x, y) = (
        pairs.iter().map(|pair| pair.0).sum::<f64>() / n,
        pairs.iter().map(|pair| pair.1).sum::<f64>() / n,
    );
    let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| f(p.0 - x, p.1 - y)).sum::<f64>();
    let (xy, xx, yy) = (sum(&|a, b| a * b), sum(&|a, _| a * a), sum(&|_, b| b * b));
    if pairs.len() < 4 || xx <= 0.0 || yy <= 0.0 {
        return Correlation { value: f64::NAN, low: f64::NAN, high: f64::NAN };
    }
    let value = (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0);
    let reach = 1.959_964 / (n - 3.0).sqrt();
    let end = |by: f64| (value.atanh() + by).tanh();
    Correlation { value, low: end(-reach), high: end(reach) }
}

/// The correlation of training and test loss that was published for a width (Choromanska et al. 2015, table 1).
#[must_use]
pub fn published(units: usize) -> Option<f64> {
    const TABLE: [(usize, f64); 5] =
        [(25, 0.7616), (50, 0.6861), (100, 0.5983), (250, 0.5302), (500, 0.4081)];
    TABLE.iter().find(|(width, _)| *width == units).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        let found = Distribution::new([4.0, 1.0, f64::NAN, 3.0, 2.0, 10.0]);
        assert_eq!((found.lost, found.sorted.len()), (1, 5));
        assert_eq!(found.quantile(0.5), 3.0);
        assert!((found.quantile(0.9) - 7.6).abs() < 1e-12);
        assert_eq!((found.spread(), found.mean()), (2.0, 4.0));
        assert!(Distribution::default().quantile(0.5).is_nan());
    }

    #[test]
    fn correlations_are_known() {
        let line = correlation((0..10).map(|i| (f64::from(i), 3.0 - f64::from(i))));
        assert!((line.value + 1.0).abs() < 1e-12);
        // r = 0.8 of five pairs; Fisher's interval by hand: tanh(artanh 0.8 ± 1.96/√2).
        let five = [(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 5.0), (5.0, 4.0), (f64::NAN, 1.0)];
        let found = correlation(five);
        assert!((found.value - 0.8).abs() < 1e-12);
        let (low, high) = (found.low.atanh(), found.high.atanh());
        assert!((high - low - 2.0 * 1.959_964 / 2.0_f64.sqrt()).abs() < 1e-9);
        assert!(correlation([(1.0, 1.0); 9]).value.is_nan());
    }
}
