//! An examination in words and tables: one account for the terminal and for the page.

use super::{Examination, Trial};
use crate::diagnosis::{Curvature, Finding, NoiseScale};
use crate::formula::Part;
use crate::messages::{self as say, Language};

/// What an examination found: its measurements, every finding, the cures.
#[must_use]
pub fn account_examination(found: &Examination, l: Language) -> Vec<Part> {
    let run = found.run.display();
    let heading = say::doctor_examined(l, run, l.count(found.replayed), l.count(found.rows as u64));
    let mut first = Part { heading, ..Part::default() };
    if !found.has_end {
        first.sentences.push(say::doctor_no_checkpoint(l));
    }
    first.sentences.extend(measurements(found, l));
    if found.findings.is_empty() {
        first.after.push(say::doctor_healthy(l));
    }
    let mut parts = vec![first];
    parts.extend(found.findings.iter().map(|finding| finding_part(finding, l)));
    if !found.trials.is_empty() {
        let steps = found.trials.iter().map(|trial| trial.steps).max().unwrap_or(0);
        let table = Some(trial_table(&found.trials, l));
        parts.push(Part { heading: say::doctor_trials(l, steps), table, ..Part::default() });
    }
    parts
}

/// A finding with its numbers and its cure.
fn finding_part(finding: &Finding, l: Language) -> Part {
    let [title, meaning, cure] =
        [&finding.title, &finding.meaning, &finding.cure].map(|said| said.in_language(l));
    let (value, threshold) = (l.significant(finding.value, 3), l.significant(finding.threshold, 3));
    Part {
        heading: format!("{title} ({}): {meaning}", finding.rule),
        sentences: vec![say::doctor_measured(l, value, threshold), say::doctor_cure(l, cure)],
        ..Part::default()
    }
}

/// Sharpness and noise, whether or not something is wrong with them.
fn measurements(found: &Examination, l: Language) -> Vec<String> {
    let (evidence, findings) = (&found.evidence, &found.findings);
    let mut lines = Vec::new();
    let told = evidence.curvatures.iter().rfind(|curvature| curvature.limit.is_some());
    if let Some((curvature, ratio)) = told.and_then(|c: &Curvature| Some((c, c.ratio()?))) {
        let limit = l.significant(curvature.limit.unwrap_or(f64::NAN), 3);
        let sharpness = l.significant(curvature.largest, 3);
        let deviation = curvature.deviation.map_or("?".into(), |d| l.significant(d, 2));
        let ratio_text = l.significant(ratio, 2);
        let step = l.count(curvature.step);
        lines.push(say::doctor_sharpness(l, step, sharpness, deviation, limit, ratio_text));
        let too_wide = findings.iter().any(|finding| finding.rule == "step_too_wide");
        if !too_wide && ratio > 0.9 {
            lines.push(say::doctor_edge(l));
        }
    }
    if let Some(scale) = NoiseScale::examples(&evidence.noise) {
        lines.push(say::doctor_noise(l, l.significant(scale, 2), evidence.run.batch_size));
    }
    lines
}

fn trial_table(trials: &[Trial], l: Language) -> (Vec<String>, Vec<Vec<String>>) {
    let header = say::doctor_trial_header(l);
    let mut columns: Vec<String> = header.split('|').map(|cell| cell.trim().into()).collect();
    columns.push(String::new());
    let loss = |loss: Option<f64>| loss.map_or(say::doctor_diverged(l), |x| l.significant(x, 3));
    let row = |trial: &Trial| {
        let has_validation = trial.plain.validation.is_some() || trial.cured.validation.is_some();
        let validation = |value| if has_validation { loss(value) } else { "–".into() };
        let verdict = match &trial.failed {
            Some(why) => say::doctor_trial_failed(l, why),
            None if trial.helps() => say::doctor_helps(l),
            None => say::doctor_no_help(l),
        };
        let cured = |text: String| if trial.failed.is_some() { "–".into() } else { text };
        vec![
            trial.change.setting(),
            l.count(trial.from),
            loss(trial.plain.train),
            cured(loss(trial.cured.train)),
            validation(trial.plain.validation),
            cured(validation(trial.cured.validation)),
            verdict,
        ]
    };
    (columns, trials.iter().map(row).collect())
}
