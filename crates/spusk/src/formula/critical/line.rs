//! The search in one variable: changes of sign of f′, kinks, level stretches, poles and edges.

use super::search::Search;
use super::{CriticalPoint, CriticalPoints, Edge, End, Kind, Pole, nothing};

/// What was met on the line.
#[derive(Default)]
struct Met {
    points: Vec<CriticalPoint>,
    poles: Vec<Pole>,
    ends: Vec<End>,
}

impl Search<'_> {
    pub(super) fn on_a_line(self) -> CriticalPoints {
        let places: Vec<f64> = self.starts.iter().map(|at| at[0]).collect();
        let slopes: Vec<f64> = places.iter().map(|&x| self.slope_at(x)).collect();
        let values: Vec<f64> = places.iter().map(|&x| self.value_at(x)).collect();
        let level = |i: usize| slopes[i] == 0.0 && values[i].is_finite();
        let mut met = Met::default();
        let (mut changes, mut stretch) = (0, None);
        for i in 0..places.len() {
            if level(i) {
                let more = i + 1 < places.len() && level(i + 1);
                let from = *stretch.get_or_insert(i);
                if !more {
                    stretch = None;
                    let point = match from == i {
                        true => self.on_line(places[i]),
                        false => self.level_from(&places, &values, from, i),
                    };
                    self.add(&mut met.points, point);
                }
            }
            let Some(next) = slopes.get(i + 1) else { continue };
            // An infinite slope on the grid itself: a cusp, or a pole.
            let cusp = slopes[i].is_infinite() && i > 0 && slopes[i - 1] * next < 0.0;
            if cusp && values[i].is_finite() {
                self.add(&mut met.points, self.on_line(places[i]));
            }
            self.look_for_edges(&mut met, &places, &values, i);
            let crosses = slopes[i].is_finite() && next.is_finite() && slopes[i] * next < 0.0;
            if crosses {
                changes += 1;
                match self.between(places[i], places[i + 1]) {
                    Some(x) => self.add(&mut met.points, self.on_line(x)),
                    None => self.add_pole(&mut met, places[i], places[i + 1], true),
                }
            }
            // f′ may touch 0 without changing its sign.
            let lowest = i > 0
                && slopes[i] != 0.0
                && slopes[i].abs() <= slopes[i - 1].abs()
                && slopes[i].abs() <= next.abs();
            if lowest && let Some(at) = self.newton(&self.starts[i]) {
                let point = self.on_line(at[0]);
                let inside = |p: &CriticalPoint| {
                    p.stretch.is_some_and(|[low, high]| (low..=high).contains(&at[0]))
                };
                if !met.points.iter().any(inside) {
                    self.add(&mut met.points, point);
                }
            }
        }
        let Met { mut points, poles, ends } = met;
        points.sort_by(|a, b| a.at[0].total_cmp(&b.at[0]));
        // A function that the grid resolves changes its direction far less often.
        let crowded = 8 * changes > places.len();
        CriticalPoints { points, poles, ends, crowded, starts: places.len(), ..nothing() }
    }

    fn slope_at(&self, x: f64) -> f64 {
        self.f.gradient_at(&[x])[0]
    }

    fn value_at(&self, x: f64) -> f64 {
        self.f.value_at(&[x])
    }

    /// A stretch on which the gradient is 0, from one place of the grid to another.
    fn level_from(&self, places: &[f64], values: &[f64], from: usize, to: usize) -> CriticalPoint {
        let is_level = |x: f64| self.slope_at(x) == 0.0 && self.value_at(x).is_finite();
        let edge = |inside: f64, outside: Option<usize>| {
            outside.map_or(inside, |i| border(inside, places[i], is_level))
        };
        let before = from.checked_sub(1);
        let after = (to + 1 < places.len()).then_some(to + 1);
        let (low, high) = (edge(places[from], before), edge(places[to], after));
        let middle = self.snapped(vec![low + 0.5 * (high - low)]);
        let value = self.f.value_at(&middle);
        let outside = [before, after].map(|i| i.map(|i| values[i]).filter(|x| x.is_finite()));
        let beside: Vec<f64> = outside.into_iter().flatten().collect();
        let kind = match (beside.iter().any(|&x| x > value), beside.iter().any(|&x| x < value)) {
            (true, false) => Kind::Minimum,
            (false, true) => Kind::Maximum,
            (true, true) => Kind::Inflection,
            (false, false) => Kind::Degenerate,
        };
        let point = CriticalPoint::new(middle, value, kind);
        let stretch = Some([low, high]);
        CriticalPoint { dimensions: 1, stretch, eigenvalues: vec![0.0], ..point }
    }

    /// Poles and edges of the domain between a place of the grid and the next one.
    fn look_for_edges(&self, met: &mut Met, places: &[f64], values: &[f64], i: usize) {
        let (low, high) = (places[i], places[i + 1]);
        match (values[i].is_finite(), values[i + 1].is_finite()) {
            (true, false) => self.add_edge(met, low, high),
            (false, true) => self.add_edge(met, high, low),
            // A change of sign with growing size may be a pole between.
            (true, true) if values[i] * values[i + 1] < 0.0 => {
                let before = i.checked_sub(1).map_or(0.0, |i| values[i].abs());
                let after = values.get(i + 2).map_or(0.0, |x| x.abs());
                if values[i].abs() > before && values[i + 1].abs() > after {
                    self.add_pole(met, low, high, false);
                }
            }
            _ => {}
        }
    }

    /// Where f stops being defined, coming from inside.
    fn add_edge(&self, met: &mut Met, inside: f64, outside: f64) {
        let at = border(inside, outside, |x| self.value_at(x).is_finite());
        let inward = (inside - outside).signum();
        let near = |share: f64| self.value_at(at + inward * share * self.region.width());
        // Values that come to rest have a limit; those of a pole or a logarithm go on.
        let (far, middle, close) = (near(1e-6), near(1e-9), near(1e-12));
        let rests = (close - middle).abs() <= 0.7 * (middle - far).abs();
        if rests {
            // Only the last bits of a place that is known to be round.
            let tidy = self.snapped_to(at);
            let at = if self.value_at(tidy).is_finite() { tidy } else { at };
            let value = self.value_at(at);
            let kind = match near(1e-9) - value {
                x if x > 0.0 => Some(Kind::Minimum),
                x if x < 0.0 => Some(Kind::Maximum),
                _ => None,
            };
            let known = met.ends.iter().any(|end| end.at == at);
            if !known {
                met.ends.push(End { edge: Edge::Domain, at, value, kind });
            }
            return;
        }
        // Where it is infinite from here on, it only outgrows 64 bits.
        let beyond = self.value_at(outside - 0.5 * (inside - outside));
        if self.value_at(outside).is_infinite() && beyond.is_infinite() {
            return;
        }
        let at = self.snapped_to(at);
        let side = if close.is_finite() { close } else { middle };
        let (left, right) = if inward < 0.0 { (Some(side), None) } else { (None, Some(side)) };
        self.merge_pole(met, Pole { at, left, right });
    }

    /// A pole between two places on both sides of which f is defined.
    fn add_pole(&self, met: &mut Met, low: f64, high: f64, by_slope: bool) {
        let sign = |x: f64| if by_slope { self.slope_at(x) } else { self.value_at(x) } < 0.0;
        let first = sign(low);
        let at = border(low, high, |x| sign(x) == first);
        let unit = self.region.width().min(high - low);
        let beside = |far: f64| self.value_at(at + far * unit);
        let grows = |side: f64| {
            let (near, far) = (beside(side * 1e-7).abs(), beside(side * 1e-2).abs());
            near.is_finite() && near > 2.0 * far.max(1e-300)
                || near > far && by_slope && near - far > 1e-3 * far
        };
        if grows(-1.0) && grows(1.0) {
            let (left, right) = (Some(beside(-1e-9)), Some(beside(1e-9)));
            self.merge_pole(met, Pole { at: self.snapped_to(at), left, right });
        }
    }

    fn merge_pole(&self, met: &mut Met, pole: Pole) {
        let near = 1e-6 * self.region.width();
        match met.poles.iter_mut().find(|known| (known.at - pole.at).abs() < near) {
            Some(known) => {
                known.left = known.left.or(pole.left);
                known.right = known.right.or(pole.right);
            }
            None => met.poles.push(pole),
        }
    }

    /// A point on the line, which may be a kink.
    fn on_line(&self, x: f64) -> CriticalPoint {
        let h = 1e-7 * (self.region.width().min(1.0) + x.abs());
        let sides = |h: f64| (self.slope_at(x - h), self.slope_at(x + h));
        let jump = |(left, right): (f64, f64)| (right - left).abs();
        let (left, right) = sides(h);
        let large = jump((left, right)) > 1e-3 * (left.abs() + right.abs()).max(self.slope);
        // The slopes of a smooth function come together where the sides do.
        let stays = jump(sides(1e-2 * h)) > 0.3 * jump((left, right));
        let mut point = self.classify(vec![x]);
        if large && stays && left * right < 0.0 {
            point.smooth = false;
            point.kind = if left < 0.0 { Kind::Minimum } else { Kind::Maximum };
        }
        point
    }

    /// Where f′ changes its sign between two places; `None` at a pole.
    fn between(&self, mut low: f64, mut high: f64) -> Option<f64> {
        let (first, second) = (self.slope_at(low), self.slope_at(high));
        let (largest, width) = (first.abs().max(second.abs()), high - low);
        for _ in 0..200 {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high {
                break;
            }
            let value = self.slope_at(middle);
            if value == 0.0 {
                return Some(middle).filter(|&x| self.value_at(x).is_finite());
            }
            if value.is_nan() {
                return None;
            }
            if (value < 0.0) == (first < 0.0) { low = middle } else { high = middle }
        }
        let at = if self.slope_at(low).abs() < self.slope_at(high).abs() { low } else { high };
        // Rise times run: it vanishes with the interval at a root, a kink and a cusp, not at a pole.
        let sound = self.slope_at(at).abs() * (high - low) <= 1e-3 * largest * width;
        (sound && self.value_at(at).is_finite()).then_some(at)
    }
}

/// The last place, from `inside` to `outside`, where something still holds.
fn border(mut inside: f64, mut outside: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = inside + 0.5 * (outside - inside);
        if middle == inside || middle == outside {
            break;
        }
        if holds(middle) { inside = middle } else { outside = middle }
    }
    inside
}
