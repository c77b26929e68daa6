//! Errors of forecasts, gathered value by value.

use serde::{Deserialize, Serialize};

use super::json_number;

/// Errors of a forecast. Over several series each is the mean over all values.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ForecastErrors {
    /// Mean (ŷ − y)² on standardized data: in standard deviations of the training part.
    #[serde(with = "json_number")]
    pub mse: Option<f64>,
    /// Mean |ŷ − y| on standardized data.
    #[serde(with = "json_number")]
    pub mae: Option<f64>,
    /// √ mean (ŷ − y)² in the series' own unit.
    #[serde(with = "json_number")]
    pub unit_rmse: Option<f64>,
    /// Mean |ŷ − y| in the series' own unit.
    #[serde(with = "json_number")]
    pub unit_mae: Option<f64>,
    /// Mean |ŷ − y| / |y|; none where some y is 0.
    #[serde(with = "json_number")]
    pub mape: Option<f64>,
    /// Mean 2·|ŷ − y| / (|ŷ| + |y|), where 0 / 0 is 0.
    #[serde(with = "json_number")]
    pub smape: Option<f64>,
    /// Mean of |ŷ − y| over the mean error of the seasonal-naive forecast one season ahead in the
    /// training part.
    ///
    /// Hyndman & Koehler 2006, "Another look at measures of forecast accuracy". None where the
    /// training part repeats without any change.
    #[serde(with = "json_number")]
    pub mase: Option<f64>,
}

/// Sums of which [`ForecastErrors`] are the quotients.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForecastSums {
    count: f64,
    squares: f64,
    absolute: f64,
    unit_squares: f64,
    unit_absolute: f64,
    relative: f64,
    symmetric: f64,
    scaled: f64,
}

impl ForecastSums {
    /// Adds a value: its forecast and itself in its own unit, the standard deviation of its series in
    /// the training part, and the mean error there of the seasonal-naive forecast.
    pub fn push(&mut self, forecast: f64, value: f64, deviation: f64, naive: f64) {
        let error = (forecast - value).abs();
        let size = forecast.abs() + value.abs();
        self.count += 1.0;
        self.squares += (error / deviation).powi(2);
        self.absolute += error / deviation;
        self.unit_squares += error * error;
        self.unit_absolute += error;
        self.relative += error / value.abs();
        self.symmetric += if size > 0.0 { 2.0 * error / size } else { 0.0 };
        self.scaled += error / naive;
    }

    /// The errors; none of no values.
    pub fn finish(&self) -> ForecastErrors {
        let mean = |sum: f64| (self.count > 0.0 && sum.is_finite()).then(|| sum / self.count);
        ForecastErrors {
            mse: mean(self.squares),
            mae: mean(self.absolute),
            unit_rmse: mean(self.unit_squares).map(f64::sqrt),
            unit_mae: mean(self.unit_absolute),
            mape: mean(self.relative),
            smape: mean(self.symmetric),
            mase: mean(self.scaled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_their_formulas() {
        let mut sums = ForecastSums::default();
        sums.push(12.0, 10.0, 2.0, 4.0);
        sums.push(5.0, 8.0, 2.0, 4.0);
        let errors = sums.finish();
        let want = [
            (errors.mse, (1.0 + 2.25) / 2.0),
            (errors.mae, (1.0 + 1.5) / 2.0),
            (errors.unit_rmse, (13.0f64 / 2.0).sqrt()),
            (errors.unit_mae, 2.5),
            (errors.mape, (0.2 + 0.375) / 2.0),
            (errors.smape, (4.0 / 22.0 + 6.0 / 13.0) / 2.0),
            (errors.mase, 0.625),
        ];
        for (i, (got, want)) in want.into_iter().enumerate() {
            assert!((got.expect("there are values") - want).abs() < 1e-12, "{i}");
        }
    }

    #[test]
    fn what_does_not_exist_is_not_made_up() {
        assert_eq!(ForecastSums::default().finish(), ForecastErrors::default());
        let mut sums = ForecastSums::default();
        sums.push(1.0, 0.0, 1.0, 0.0);
        sums.push(0.0, 0.0, 1.0, 1.0);
        let errors = sums.finish();
        assert_eq!((errors.mape, errors.mase, errors.smape), (None, None, Some(1.0)));
    }
}
