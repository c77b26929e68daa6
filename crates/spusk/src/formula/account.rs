//! What was found, in words and tables: one account for the terminal and for the page.

use super::{Course, SweepRun};
use super::{CriticalPoint, Descent, Edge, Exploration, Formula, Kind, Region, Stopped, Verdict};
use crate::messages::{self as say, Language};

/// A part of the account.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// What it is about.
    pub heading: String,
    /// Sentences, each a paragraph.
    pub sentences: Vec<String>,
    /// Names of columns and rows of cells, if there is a table.
    pub table: Option<(Vec<String>, Vec<Vec<String>>)>,
    /// Sentences behind the table.
    pub after: Vec<String>,
}

/// Most rows of critical points that are told.
const MOST_ROWS: usize = 60;

/// The account in a language.
#[must_use]
pub fn account(f: &Formula, found: &Exploration, language: Language) -> Vec<Part> {
    let teller = Teller { f, found, l: language };
    let mut parts = vec![teller.formula()];
    if f.variables().is_empty() {
        return parts;
    }
    parts.push(teller.critical());
    parts.push(teller.descent());
    if !found.race.is_empty() {
        parts.push(teller.race());
    }
    if found.basins.is_some() {
        parts.push(teller.basins());
    }
    if found.request.step_sweep {
        parts.push(teller.sweep());
    }
    parts
}

struct Teller<'a> {
    f: &'a Formula,
    found: &'a Exploration,
    l: Language,
}

/// A number for people.
fn number(value: f64, l: Language) -> String {
    if value.is_finite() { l.significant(value, 7) } else { "—".into() }
}

/// Numbers with commas between.
fn numbers(values: &[f64], l: Language) -> String {
    l.list(values.iter().map(|&x| number(x, l)))
}

impl Teller<'_> {
    /// x = 1, y = 2.
    fn point(&self, at: &[f64]) -> String {
        let names = self.f.variables().iter();
        self.l.list(names.zip(at).map(|(name, &x)| format!("{name} = {}", number(x, self.l))))
    }

    fn formula(&self) -> Part {
        let f = self.f;
        let text = |e: &super::Expr| e.to_text(f.style(true));
        let mut part = Part { heading: say::minimize_formula(self.l), ..Part::default() };
        let names = f.variables().join(", ");
        if f.variables().is_empty() {
            part.sentences.push(format!("f = {}", text(f.expr())));
            part.sentences
                .push(say::minimize_no_variables(self.l, number(f.value_at(&[]), self.l)));
            return part;
        }
        part.sentences.push(format!("f({names}) = {}", text(f.expr())));
        let gradient: Vec<String> = f.gradient().iter().map(text).collect();
        part.sentences.push(say::minimize_gradient_is(self.l, gradient.join(", ")));
        for (name, row) in f.variables().iter().zip(f.hessian().chunks(f.variables().len())) {
            let row: Vec<String> = row.iter().map(text).collect();
            part.sentences.push(say::minimize_hessian_row(self.l, name, row.join(", ")));
        }
        if let Some(at) = &self.found.request.at {
            part.sentences.push(say::minimize_at(self.l, self.point(at)));
            part.sentences.push(format!("f = {}", number(f.value_at(at), self.l)));
            part.sentences
                .push(say::minimize_gradient_is(self.l, numbers(&f.gradient_at(at), self.l)));
            for (name, row) in f.variables().iter().zip(f.hessian_at(at).chunks(at.len())) {
                let row = numbers(row, self.l);
                part.sentences.push(say::minimize_hessian_row(self.l, name, row));
            }
        }
        part
    }

    fn kind(&self, kind: Kind) -> String {
        match kind {
            Kind::Minimum => say::kind_minimum(self.l),
            Kind::Maximum => say::kind_maximum(self.l),
            Kind::Saddle => say::kind_saddle(self.l),
            Kind::Inflection => say::kind_inflection(self.l),
            Kind::Degenerate => say::kind_degenerate(self.l),
        }
    }

    fn kind_of(&self, point: &CriticalPoint) -> String {
        let kind = self.kind(point.kind);
        if let Some([low, high]) = point.stretch {
            return say::kind_stretch(self.l, kind, number(low, self.l), number(high, self.l));
        }
        let kind = match point.dimensions {
            0 => kind,
            1 => say::kind_line(self.l, kind),
            _ => say::kind_surface(self.l, kind),
        };
        match point.looks_like {
            _ if !point.smooth => say::kind_kink(self.l, kind),
            Some(looks) => say::kind_looks_like(self.l, kind, self.kind(looks)),
            None => kind,
        }
    }

    fn critical(&self) -> Part {
        let found = &self.found.critical;
        let mut part = Part { heading: say::minimize_critical(self.l), ..Part::default() };
        if found.constant {
            part.sentences.push(say::minimize_constant(self.l));
            return part;
        }
        part.sentences.push(match found.exact {
            true => say::minimize_exact(self.l, found.points.len()),
            false => say::minimize_searched(
                self.l,
                self.l.count(found.starts as u64),
                region_text(self.f, &self.found.request.region, self.l),
            ),
        });
        if found.points.is_empty() && found.ends.is_empty() {
            part.sentences.push(say::minimize_none(self.l));
            self.poles(&mut part);
            return part;
        }
        let mut rows: Vec<Vec<String>> = (found.points.iter().take(MOST_ROWS))
            .map(|p| {
                let at = match p.root.as_ref().and_then(|root| root.exact()) {
                    Some(exact) if !exact.is_integer() && exact.denom().bits() < 24 => {
                        format!("{} ({exact})", self.point(&p.at))
                    }
                    _ => self.point(&p.at),
                };
                vec![self.kind_of(p), at, number(p.value, self.l), numbers(&p.eigenvalues, self.l)]
            })
            .collect();
        for end in &found.ends {
            let of = match end.edge {
                Edge::Interval => say::kind_end(self.l),
                Edge::Domain => say::kind_edge(self.l),
            };
            let kind = match end.kind {
                Some(kind) => say::kind_end_is(self.l, of, self.kind(kind)),
                None => of,
            };
            rows.push(vec![kind, self.point(&[end.at]), number(end.value, self.l), String::new()]);
        }
        let columns = vec![
            say::column_kind(self.l),
            say::column_at(self.l),
            say::minimize_value(self.l),
            say::column_curvatures(self.l),
        ];
        part.table = Some((columns, rows));
        if found.points.len() > MOST_ROWS {
            part.after.push(format!("… {}", self.l.count((found.points.len() - MOST_ROWS) as u64)));
        }
        if found.cut {
            part.after.push(say::minimize_cut(self.l, super::MOST_POINTS));
        }
        if found.crowded {
            part.after.push(say::minimize_crowded(self.l));
        }
        self.extremes(&mut part);
        self.poles(&mut part);
        part
    }

    /// The least and the greatest value.
    fn extremes(&self, part: &mut Part) {
        let found = &self.found.critical;
        let points = found.points.iter().map(|p| (p.at.clone(), p.value));
        let ends = found.ends.iter().map(|e| (vec![e.at], e.value));
        let all: Vec<(Vec<f64>, f64)> =
            points.chain(ends).filter(|(_, value)| value.is_finite()).collect();
        let least = all.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = all.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        // Of a single value there is nothing to compare.
        if let (Some((low, least)), Some((high, most))) = (least, most)
            && least != most
        {
            part.after.push(say::minimize_least(self.l, self.point(low), number(*least, self.l)));
            part.after.push(say::minimize_greatest(
                self.l,
                self.point(high),
                number(*most, self.l),
            ));
        }
        if let Some((at, value)) = &found.lower {
            part.after.push(say::minimize_lower(self.l, number(*value, self.l), self.point(at)));
        }
        if let Some((at, value)) = &found.higher {
            part.after.push(say::minimize_higher(self.l, number(*value, self.l), self.point(at)));
        }
    }

    /// Where f has no bound.
    fn poles(&self, part: &mut Part) {
        for pole in self.found.critical.poles.iter().take(MOST_ROWS) {
            let side = |value: Option<f64>| match value {
                Some(value) if value > 0.0 => say::pole_grows(self.l),
                Some(_) => say::pole_falls(self.l),
                None => say::pole_undefined(self.l),
            };
            let (left, right) = (side(pole.left), side(pole.right));
            part.after.push(say::minimize_pole(self.l, self.point(&[pole.at]), left, right));
        }
    }

    fn descent(&self) -> Part {
        let mut part = Part { heading: say::minimize_descent(self.l), ..Part::default() };
        let Some((options, descent, audit)) = &self.found.descent else {
            part.sentences.push(say::minimize_no_start(self.l));
            return part;
        };
        let (rate, threshold) =
            (number(options.learning_rate, self.l), number(options.threshold, self.l));
        part.sentences.push(say::minimize_rule(self.l, &rate, threshold));
        if let Some(curvature) = self.found.rate.and_then(|rate| rate.curvature) {
            part.sentences.push(say::minimize_rate_chosen(self.l, rate, number(curvature, self.l)));
        }
        let (start, first) = (&descent.path[0], descent.values[0]);
        part.sentences.push(say::minimize_start(self.l, self.point(start), number(first, self.l)));
        let steps = self.l.counted(descent.steps() as u64, "step");
        let (end, value) = (self.point(descent.end()), number(descent.value(), self.l));
        part.sentences.push(say::minimize_end(self.l, steps, end, value));
        let least = audit.curvatures.first().copied().unwrap_or(f64::NAN);
        part.sentences.push(match audit.verdict {
            Verdict::AtMinimum => {
                say::verdict_minimum(self.l, number(audit.distance.unwrap_or(f64::NAN), self.l))
            }
            Verdict::ShortSteps => say::verdict_short(self.l, number(audit.slope, self.l)),
            Verdict::Saddle => say::verdict_saddle(self.l, number(least, self.l)),
            Verdict::OnTheWay => say::verdict_on_the_way(self.l, number(audit.slope, self.l)),
            Verdict::Maximum => say::verdict_maximum(self.l, number(least, self.l)),
            Verdict::Inflection => say::verdict_inflection(self.l),
            Verdict::Level => say::verdict_level(self.l),
            Verdict::Endless => say::verdict_endless(self.l),
            Verdict::Diverged => say::verdict_diverged(self.l),
        });
        if audit.verdict != Verdict::AtMinimum
            && let (Some((at, value)), Some(far)) = (&audit.minimum, audit.distance)
        {
            let (at, far, value) = (self.point(at), number(far, self.l), number(*value, self.l));
            part.sentences.push(say::verdict_nearest(self.l, at, far, value));
        }
        part
    }

    fn stopped(&self, descent: &Descent) -> String {
        match descent.stopped {
            Stopped::Threshold => say::stopped_threshold(self.l),
            Stopped::MaxSteps => say::stopped_max_steps(self.l),
            Stopped::Diverged => say::stopped_diverged(self.l),
        }
    }

    fn race(&self) -> Part {
        let mut part = Part { heading: say::minimize_race(self.l), ..Part::default() };
        let mut rows = Vec::new();
        for racer in &self.found.race {
            match &racer.descent {
                Ok(descent) => rows.push(vec![
                    racer.name.clone(),
                    number(racer.learning_rate, self.l),
                    self.l.count(descent.steps() as u64),
                    number(descent.value(), self.l),
                    self.point(descent.end()),
                    self.stopped(descent),
                ]),
                Err(error) => {
                    part.after.push(say::minimize_race_failed(self.l, &racer.name, error));
                }
            }
        }
        let columns = vec![
            say::column_optimizer(self.l),
            say::learning_rate(self.l),
            say::column_steps(self.l),
            say::minimize_value(self.l),
            say::column_at(self.l),
            say::column_stopped(self.l),
        ];
        part.table = Some((columns, rows));
        part
    }

    fn basins(&self) -> Part {
        let mut part = Part { heading: say::minimize_basins(self.l), ..Part::default() };
        let Some(basins) = &self.found.basins else { return part };
        let (all, minima) = (basins.starts.len(), basins.minima.len());
        part.sentences.push(say::minimize_basins_about(self.l, self.l.count(all as u64), minima));
        let rows = basins.minima.iter().take(MOST_ROWS).map(|m| {
            vec![self.l.count(m.count as u64), self.point(&m.at), number(m.value, self.l)]
        });
        let columns =
            vec![say::column_starts(self.l), say::column_at(self.l), say::minimize_value(self.l)];
        part.table = Some((columns, rows.collect()));
        let lost = basins.starts.iter().filter(|(_, reached)| reached.is_none()).count();
        if lost > 0 {
            part.after.push(say::minimize_basins_lost(self.l, lost));
        }
        part
    }

    fn sweep(&self) -> Part {
        let mut part = Part { heading: say::minimize_sweep(self.l), ..Part::default() };
        let Some(sweep) = &self.found.sweep else {
            part.sentences.push(say::minimize_no_sweep(self.l));
            return part;
        };
        let (best, most) = (1.0 / sweep.curvature, 2.0 / sweep.curvature);
        let curvature = number(sweep.curvature, self.l);
        part.sentences.push(say::minimize_limits(
            self.l,
            curvature,
            number(best, self.l),
            number(most, self.l),
        ));
        let row = |run: &SweepRun| {
            let words = match run.course {
                Course::Smooth => say::course_smooth(self.l),
                Course::Swinging => say::course_swinging(self.l),
                Course::TooSlow => say::course_too_slow(self.l),
                Course::Hovering => say::course_hovering(self.l),
                Course::Diverged => say::course_diverged(self.l),
            };
            let share = format!("{}/λ", self.l.significant(run.learning_rate * sweep.curvature, 3));
            let rate = number(run.learning_rate, self.l);
            vec![format!("{rate} = {share}"), self.l.count(run.steps as u64), words]
        };
        let columns =
            vec![say::learning_rate(self.l), say::column_steps(self.l), say::column_course(self.l)];
        part.table = Some((columns, sweep.shown.iter().map(row).collect()));
        part
    }
}

/// x from −3 to 3, y from 0 to 1.
fn region_text(f: &Formula, region: &Region, l: Language) -> String {
    let all = f.variables().iter().zip(&region.bounds);
    l.list(
        all.map(|(name, [low, high])| {
            format!("{} ≤ {name} ≤ {}", number(*low, l), number(*high, l))
        }),
    )
}
