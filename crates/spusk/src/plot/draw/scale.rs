//! From values to places: ranges, scales, ticks.

use serde::{Deserialize, Serialize};

use super::number::{fixed, power_of_ten, significant};

/// How an axis divides its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Equal differences are equally far apart.
    #[default]
    Linear,
    /// Equal ratios are equally far apart. Values of 0 and below have no place.
    Log,
}

/// Values beyond this are treated as infinite, so that differences stay finite.
const HUGE: f64 = 1e150;

/// Values and differences below this are treated as zero, so that quotients stay finite.
const LEAST: f64 = 1e-150;

/// Whether a value has a place on a scale.
pub(crate) fn has_place(scale: Scale, value: f64) -> bool {
    value.abs() < HUGE && (scale == Scale::Linear || value > LEAST)
}

/// The stretch of values that an axis shows. Always finite, lo < hi, and lo > 0 on a log scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) scale: Scale,
    pub(crate) lo: f64,
    pub(crate) hi: f64,
}

impl Range {
    /// From the least to the greatest of the values that have a place; widened when they are equal,
    /// 0 to 1 (or 0.1 to 1) when there are none.
    pub(crate) fn of(scale: Scale, values: impl IntoIterator<Item = f64>) -> Range {
        let placed = values.into_iter().filter(|&value| has_place(scale, value));
        let ends = placed.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), value| {
            (lo.min(value), hi.max(value))
        });
        let (lo, hi) = match (scale, ends) {
            (Scale::Linear, (lo, hi)) if lo > hi => (0.0, 1.0),
            (Scale::Log, (lo, hi)) if lo > hi => (0.1, 1.0),
            (_, ends) => ends,
        };
        Range { scale, lo, hi }.widened()
    }

    /// With these ends, unless they make no range.
    pub(crate) fn linear(lo: f64, hi: f64) -> Range {
        Range::of(Scale::Linear, [lo, hi])
    }

    /// Room beyond both ends, as a share of the length.
    pub(crate) fn padded(self, share: f64) -> Range {
        match self.scale {
            Scale::Linear => {
                let room = share * (self.hi - self.lo);
                Range { lo: self.lo - room, hi: self.hi + room, ..self }
            }
            Scale::Log => {
                let room = (self.hi / self.lo).powf(share);
                Range { lo: self.lo / room, hi: self.hi * room, ..self }
            }
        }
    }

    /// Includes zero if the range starts close to it, so that heights can be compared.
    pub(crate) fn with_zero_if_near(self) -> Range {
        let near = self.scale == Scale::Linear && self.lo > 0.0 && self.lo < 0.4 * self.hi;
        Range { lo: if near { 0.0 } else { self.lo }, ..self }
    }

    /// Ends moved outward to ticks, with at most so many of them.
    pub(crate) fn nice(self, most: usize) -> Range {
        match self.scale {
            Scale::Linear => {
                let ends = |step: f64| Range {
                    lo: (self.lo / step + 1e-9).floor() * step,
                    hi: (self.hi / step - 1e-9).ceil() * step,
                    ..self
                };
                let first = step(self, most, false);
                // The longer range may want wider steps, whose ends in turn fit.
                ends(step(ends(first), most, false))
            }
            Scale::Log if self.hi / self.lo > 30.0 => {
                let decade = |value: f64, round: fn(f64) -> f64| 10_f64.powf(round(value.log10()));
                let lo = decade(self.lo * 1.000_001, f64::floor);
                Range { lo, hi: decade(self.hi / 1.000_001, f64::ceil), ..self }
            }
            Scale::Log => self.padded(0.04),
        }
    }

    /// Where a value stands between the ends, 0 to 1; beyond them outside of that; NaN if it stands
    /// nowhere.
    pub(crate) fn share(&self, value: f64) -> f64 {
        if !value.is_finite() || (self.scale == Scale::Log && value <= 0.0) {
            return f64::NAN;
        }
        match self.scale {
            Scale::Linear => (value - self.lo) / (self.hi - self.lo),
            Scale::Log => (value / self.lo).ln() / (self.hi / self.lo).ln(),
        }
    }

    /// The ticks within the range, at most so many; whole numbers only, if `integer`.
    pub(crate) fn ticks(&self, most: usize, integer: bool) -> Vec<Tick> {
        match self.scale {
            Scale::Linear => linear_ticks(*self, most, integer),
            Scale::Log => log_ticks(*self, most),
        }
    }

    fn widened(self) -> Range {
        let Range { scale, lo, hi } = self;
        // Closer than the digits of f64 can tell apart along an axis.
        if hi - lo > 1e-9 * lo.abs().max(hi.abs()) && hi - lo > LEAST {
            return self;
        }
        match scale {
            Scale::Log => Range { scale, lo: lo / 2.0, hi: hi * 2.0 },
            Scale::Linear => {
                let room = 0.1 * lo.abs().max(hi.abs());
                let room = if room < LEAST { 1.0 } else { room };
                Range { scale, lo: lo - room, hi: hi + room }
            }
        }
    }
}

/// A labeled value on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// The distance of ticks: 1, 2 or 5 times a power of ten, so that at most `most` fit.
fn step(range: Range, most: usize, integer: bool) -> f64 {
    let raw = (range.hi - range.lo) / most.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0].map(|multiple| multiple * power);
    let step = nice.into_iter().find(|&step| step >= raw * 0.999_999).unwrap_or(10.0 * power);
    if integer { step.max(1.0) } else { step }
}

fn linear_ticks(range: Range, most: usize, integer: bool) -> Vec<Tick> {
    let step = step(range, most, integer);
    let first = (range.lo / step - 1e-6).ceil();
    let last = (range.hi / step + 1e-6).floor();
    let count = (last - first).clamp(-1.0, 1000.0) as i64;
    let values = (0..=count).map(|i| (first + i as f64) * step);
    let large = range.lo.abs().max(range.hi.abs());
    let decimals = usize::try_from(-(step * 1.000_001).log10().floor() as i64).unwrap_or(0);
    let label = |value: f64| {
        if large >= 1e7 || (large < 1e-3 && large > 0.0) {
            // As many digits as tell neighbors apart.
            let digits = (large / step).log10().floor().clamp(0.0, 14.0) as usize + 2;
            return significant(value, digits);
        }
        fixed(value, decimals)
    };
    values.map(|value| Tick { value, label: label(value) }).collect()
}

fn log_ticks(range: Range, most: usize) -> Vec<Tick> {
    let (lo, hi) = (range.lo.log10(), range.hi.log10());
    if hi - lo < 0.7 {
        let linear = Range { scale: Scale::Linear, ..range };
        return linear_ticks(linear, most.min(6), false);
    }
    let most = most.max(2) as f64;
    let multiples: &[f64] = match hi - lo {
        span if 3.0 * span + 1.0 <= most => &[1.0, 2.0, 5.0],
        span if 2.0 * span + 1.0 <= most => &[1.0, 3.0],
        _ => &[1.0],
    };
    let every = ((hi - lo) / most).ceil().max(1.0) as i32;
    let inside = |value: f64| value >= range.lo * 0.999_999 && value <= range.hi * 1.000_001;
    let decades = (lo - 1e-6).floor() as i32..=(hi + 1e-6).ceil() as i32;
    let mut ticks = Vec::new();
    for decade in decades.filter(|decade| decade.rem_euclid(every) == 0) {
        for &multiple in multiples {
            let value = multiple * 10_f64.powi(decade);
            if inside(value) {
                ticks.push(Tick { value, label: log_label(multiple, decade) });
            }
        }
    }
    ticks
}

fn log_label(multiple: f64, decade: i32) -> String {
    if (-3..=4).contains(&decade) {
        return significant(multiple * 10_f64.powi(decade), 2);
    }
    match multiple {
        1.0 => power_of_ten(decade),
        _ => format!("{multiple}×{}", power_of_ten(decade)),
    }
}

/// Unlabeled lines of a log scale: 2…9 times each power of ten, if they are not too many.
pub(crate) fn minor_values(range: &Range) -> Vec<f64> {
    let (lo, hi) = (range.lo.log10(), range.hi.log10());
    if range.scale == Scale::Linear || !(0.7..=8.0).contains(&(hi - lo)) {
        return Vec::new();
    }
    let decades = lo.floor() as i32..=hi.ceil() as i32;
    let values =
        decades.flat_map(|decade| (2..10).map(move |m| f64::from(m) * 10_f64.powi(decade)));
    values.filter(|&value| value > range.lo && value < range.hi).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: Range, most: usize, integer: bool) -> String {
        let ticks = range.ticks(most, integer);
        assert!(ticks.is_sorted_by(|a, b| a.value < b.value), "{ticks:?}");
        let labels: Vec<String> = ticks.into_iter().map(|tick| tick.label).collect();
        assert!(labels.windows(2).all(|pair| pair[0] != pair[1]), "{labels:?}");
        labels.join(" ")
    }

    #[test]
    fn linear_ticks_in_a_table() {
        for (lo, hi, most, want) in [
            (0.0, 1.0, 5, "0.0 0.2 0.4 0.6 0.8 1.0"),
            (0.0, 1.0, 10, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0"),
            (-1.0, 1.0, 4, "−1.0 −0.5 0.0 0.5 1.0"),
            (0.0, 7.0, 4, "0 2 4 6"),
            (0.913, 0.981, 5, "0.92 0.94 0.96 0.98"),
            (12_300.0, 48_000.0, 4, "20,000 30,000 40,000"),
            (0.0, 3e7, 3, "0 10⁷ 2×10⁷ 3×10⁷"),
            (0.0, 2e-5, 4, "0 5×10⁻⁶ 10⁻⁵ 1.5×10⁻⁵ 2×10⁻⁵"),
            (1e8, 1e8 + 4.0, 4, "100,000,000"),
            (5.0, 5.0, 3, "4.5 5.0 5.5"),
            (0.0, 0.0, 2, "−1 0 1"),
            (f64::NAN, f64::INFINITY, 2, "0.0 0.5 1.0"),
            (-1e149, 1e149, 2, "−10¹⁴⁹ 0 10¹⁴⁹"),
        ] {
            let range = Range::linear(lo, hi);
            if lo == 1e8 {
                let text = labels(range, most, false);
                assert!(text.contains("1.00000001×10⁸"), "{text}");
                continue;
            }
            assert_eq!(labels(range, most, false), want, "{lo} {hi}");
        }
    }

    #[test]
    fn epochs_have_whole_ticks() {
        for (lo, hi, want) in [
            (1.0, 1.0, "1"),
            (1.0, 3.0, "1 2 3"),
            (1.0, 40.0, "10 20 30 40"),
            (0.0, 2.5e6, "0 500,000 1,000,000 1,500,000 2,000,000 2,500,000"),
        ] {
            assert_eq!(labels(Range::linear(lo, hi), 6, true), want);
        }
    }

    #[test]
    fn log_ticks_in_a_table() {
        for (lo, hi, most, want) in [
            (0.01, 10.0, 6, "0.01 0.1 1 10"),
            (0.05, 2.0, 6, "0.05 0.1 0.2 0.5 1 2"),
            (1e-7, 10.0, 8, "10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 0.001 0.01 0.1 1 10"),
            (1e-7, 10.0, 4, "10⁻⁶ 10⁻⁴ 0.01 1"),
            (1e-5, 1e-4, 6, "10⁻⁵ 2×10⁻⁵ 5×10⁻⁵ 10⁻⁴"),
            (0.31, 0.62, 4, "0.4 0.5 0.6"),
            (1.0, 1.0, 3, "0.5 1.0 1.5 2.0"),
            (1e-100, 1e100, 5, "10⁻⁸⁰ 10⁻⁴⁰ 1 10⁴⁰ 10⁸⁰"),
        ] {
            assert_eq!(labels(Range::of(Scale::Log, [lo, hi]), most, false), want, "{lo} {hi}");
        }
    }

    #[test]
    fn ranges_hold_under_any_values() {
        let odd = [0.0, -0.0, -1.0, 1e-320, f64::NAN, f64::INFINITY, 1e308, -1e308, 1.0, 1e149];
        for scale in [Scale::Linear, Scale::Log] {
            for a in odd {
                for b in odd {
                    let range = Range::of(scale, [a, b]);
                    for range in
                        [range, range.padded(0.1), range.nice(5), range.with_zero_if_near()]
                    {
                        assert!(range.lo < range.hi, "{a} {b} {range:?}");
                        assert!(range.ticks(5, false).len() <= 12, "{a} {b} {range:?}");
                        assert!(range.share(range.hi) > 0.999_999, "{a} {b} {range:?}");
                        assert!(minor_values(&range).len() < 80);
                    }
                }
            }
        }
    }

    #[test]
    fn nice_ranges_end_at_ticks() {
        for (scale, lo, hi, nice) in [
            (Scale::Linear, 0.13, 0.97, (0.0, 1.0)),
            (Scale::Linear, 2.0, 8.0, (2.0, 8.0)),
            (Scale::Log, 0.02, 30.0, (0.01, 100.0)),
            (Scale::Log, 0.01, 10.0, (0.01, 10.0)),
        ] {
            let range = Range::of(scale, [lo, hi]).nice(5);
            assert!((range.lo - nice.0).abs() < 1e-9 && (range.hi - nice.1).abs() < 1e-9);
        }
    }
}
