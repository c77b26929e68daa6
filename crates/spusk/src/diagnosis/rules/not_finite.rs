//! The training met a value that is not finite.

use crate::diagnosis::{Change, Curvature, Evidence};
use crate::messages::{self as say, Language};
use crate::plot::number::written;

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "not_finite",
    title: say::doctor_title_not_finite,
    threshold: 0.5,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let birth = evidence.not_finite.as_ref()?;
    let place = [Some(birth.place.clone()), birth.origin.clone()].into_iter().flatten();
    let place: Vec<String> = place.filter(|text| !text.is_empty()).collect();
    Some(Measured { value: 1.0, place: place.join(", "), detail: vec![birth.step as f64] })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let birth = evidence.not_finite.clone().unwrap_or_default();
    let rate = l.significant(birth.learning_rate, 3);
    let place = if measured.place.is_empty() { "?" } else { &measured.place };
    if birth.place == "data" {
        return [
            say::doctor_not_finite(l, place, birth.step, rate),
            say::doctor_not_finite_data(l),
        ];
    }
    let lower = written(lower(evidence), 3);
    [say::doctor_not_finite(l, place, birth.step, rate), say::doctor_not_finite_cure(l, lower)]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    let is_data = evidence.not_finite.as_ref().is_some_and(|birth| birth.place == "data");
    (!is_data).then(|| Change::LearningRate(lower(evidence)))
}

/// A tenth, or what the curvature allows where it was measured.
fn lower(evidence: &Evidence) -> f64 {
    let rate = evidence.run.learning_rate;
    let ratios = evidence.curvatures.iter().filter_map(Curvature::ratio);
    let worst = ratios.fold(0.0, f64::max);
    rate / (2.0 * worst).clamp(10.0, 1e4)
}
