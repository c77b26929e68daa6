//! `spusk doctor`: what is wrong with a run, and what helps.

use std::path::PathBuf;

use clap::Args;
use spusk::diagnosis::{Curvature, Evidence, Finding, NoiseScale};
use spusk::messages::{self as say, Language};
use spusk::plot::number::{count, significant};
use spusk::session::{Examination, ExamineOptions, Trial, examine};

use super::{Format, Outcome, Telling};
use crate::terminal::{line, table};

/// Examine a run: what is wrong, and whether the cure helps.
///
/// The first steps are replayed, the end is looked at, and every cure is tested on a fork of the run. The
/// run itself is not changed. The exit status is 0 also when something is found.
#[derive(Args)]
pub(crate) struct Doctor {
    /// The directory of the run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Steps that are replayed, and steps of each fork.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Name the cures without testing them.
    #[arg(long)]
    no_trials: bool,
    #[command(flatten)]
    telling: Telling,
}

impl Doctor {
    pub(crate) fn run(self) -> Outcome {
        let options = ExamineOptions { steps: self.steps, test_cures: !self.no_trials };
        let examination = examine(&self.run, &options)?;
        if self.telling.format == Format::Json {
            let object = serde_json::to_value(&examination);
            line(object.map_err(crate::terminal::Failure::failed)?)?;
            return Ok(0);
        }
        let l = self.telling.language();
        for text in account(&examination, l) {
            line(text)?;
        }
        Ok(0)
    }
}

/// What is told of an examination.
fn account(found: &Examination, l: Language) -> Vec<String> {
    let run = found.run.display();
    let mut lines =
        vec![say::doctor_examined(l, run, count(found.replayed), count(found.rows as u64))];
    if !found.has_end {
        lines.push(say::doctor_no_checkpoint(l));
    }
    lines.extend(measurements(&found.evidence, &found.findings, l));
    lines.push(String::new());
    if found.findings.is_empty() {
        lines.push(say::doctor_healthy(l));
    }
    for finding in &found.findings {
        lines.extend(finding_lines(finding, l));
    }
    if !found.trials.is_empty() {
        lines.push(String::new());
        let steps = found.trials.iter().map(|trial| trial.steps).max().unwrap_or(0);
        lines.push(say::doctor_trials(l, steps));
        lines.extend(trial_table(&found.trials, l));
    }
    lines
}

/// A finding with its numbers and its cure.
pub(super) fn finding_lines(finding: &Finding, l: Language) -> Vec<String> {
    let [title, meaning, cure] =
        [&finding.title, &finding.meaning, &finding.cure].map(|said| said.in_language(l));
    let (value, threshold) = (significant(finding.value, 3), significant(finding.threshold, 3));
    vec![
        format!("{title} ({}): {meaning}", finding.rule),
        format!("  {}", say::doctor_measured(l, value, threshold)),
        format!("  {}", say::doctor_cure(l, cure)),
    ]
}

/// Sharpness and noise, whether or not something is wrong with them.
fn measurements(evidence: &Evidence, findings: &[Finding], l: Language) -> Vec<String> {
    let mut lines = Vec::new();
    let told = evidence.curvatures.iter().rfind(|curvature| curvature.limit.is_some());
    if let Some((curvature, ratio)) = told.and_then(|c: &Curvature| Some((c, c.ratio()?))) {
        let limit = significant(curvature.limit.unwrap_or(f64::NAN), 3);
        let sharpness = significant(curvature.largest, 3);
        let deviation = curvature.deviation.map_or("?".into(), |d| significant(d, 2));
        let ratio_text = significant(ratio, 2);
        let step = count(curvature.step);
        lines.push(say::doctor_sharpness(l, step, sharpness, deviation, limit, ratio_text));
        let too_wide = findings.iter().any(|finding| finding.rule == "step_too_wide");
        if !too_wide && ratio > 0.9 {
            lines.push(format!("  {}", say::doctor_edge(l)));
        }
    }
    if let Some(scale) = NoiseScale::examples(&evidence.noise) {
        lines.push(say::doctor_noise(l, significant(scale, 2), evidence.run.batch_size));
    }
    lines
}

fn trial_table(trials: &[Trial], l: Language) -> Vec<String> {
    let header = say::doctor_trial_header(l);
    let mut rows = vec![header.split('|').map(|cell| cell.trim().to_string()).collect::<Vec<_>>()];
    rows[0].push(String::new());
    let loss = |loss: Option<f64>| loss.map_or(say::doctor_diverged(l), |x| significant(x, 3));
    for trial in trials {
        let has_validation = trial.plain.validation.is_some() || trial.cured.validation.is_some();
        let validation = |value| if has_validation { loss(value) } else { "–".into() };
        let verdict = match &trial.failed {
            Some(why) => say::doctor_trial_failed(l, why),
            None if trial.helps() => say::doctor_helps(l),
            None => say::doctor_no_help(l),
        };
        let cured = |text: String| if trial.failed.is_some() { "–".into() } else { text };
        rows.push(vec![
            trial.change.setting(),
            count(trial.from),
            loss(trial.plain.train),
            cured(loss(trial.cured.train)),
            validation(trial.plain.validation),
            cured(validation(trial.cured.validation)),
            verdict,
        ]);
    }
    table(&rows, &[1, 2, 3, 4, 5])
}
