//! What is printed: a line a run, the values, the table.

use std::fmt::Write as _;

use spusk::diagnosis::{RULES, Rule};

use crate::Ran;

/// What fired and what was missed.
pub(crate) fn line(ran: &Ran) -> String {
    let fired: Vec<String> = (RULES.iter().filter(|rule| ran.fires(rule)))
        .map(|rule| format!("{} {:.3}", rule.name, ran.value(rule).unwrap_or(0.0)))
        .collect();
    let missed: Vec<&str> = (RULES.iter())
        .filter(|rule| ran.case.must.contains(&rule.name) && !ran.fires(rule))
        .map(|rule| rule.name)
        .collect();
    let told = ran.seen.told.join(" ");
    let losses = (ran.seen.evidence.last_loss()).zip(ran.seen.evidence.remaining());
    let (loss, remaining) = losses.unwrap_or((f64::NAN, f64::NAN));
    format!(
        "{}: {}, {}: loss {loss:.4}, {remaining:.3} of a constant; {fired:?}; missed {missed:?}; told [{told}]",
        ran.group.name, ran.case.name, ran.name
    )
}

/// Every measured value, as CSV, for tuning.
pub(crate) fn values(all: &[Ran]) -> String {
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let mut text = format!("group,case,run,half,remaining,{}\n", names.join(","));
    for ran in all {
        let half = if ran.reported { "report" } else { "tune" };
        let remaining = ran.seen.evidence.remaining().unwrap_or(f64::NAN);
        let (group, case, name) = (ran.group.name, ran.case.name, &ran.name);
        let _ = write!(text, "{group},{case:?},{name:?},{half},{remaining:.4e}");
        for rule in RULES {
            let label = match () {
                () if ran.case.must.contains(&rule.name) => "must",
                () if ran.may(rule) => "may",
                () => "not",
            };
            let value = ran.value(rule).map_or("-".to_string(), |value| format!("{value:.4e}"));
            let _ = write!(text, ",{label} {value}");
        }
        text.push('\n');
    }
    text
}

/// Runs in which a rule must fire, did, and did without need.
struct Counts {
    broken: usize,
    told: usize,
    false_alarms: usize,
}

fn counts(runs: &[&Ran], rule: &Rule, fires: impl Fn(&Ran) -> bool) -> Counts {
    let must = |ran: &Ran| ran.case.must.contains(&rule.name);
    let count = |holds: &dyn Fn(&Ran) -> bool| runs.iter().filter(|ran| holds(ran)).count();
    Counts {
        broken: count(&must),
        told: count(&|ran| must(ran) && fires(ran)),
        false_alarms: count(&|ran| !must(ran) && !ran.may(rule) && fires(ran)),
    }
}

/// Precision and recall on the half that did not tune.
pub(crate) fn print(all: &[Ran]) {
    let reported: Vec<&Ran> = all.iter().filter(|ran| ran.reported).collect();
    println!("{} runs, {} of them reported:\n", all.len(), reported.len());
    println!(
        "| rule | threshold | broken so | found | false alarms | precision | recall | told in training | false alarms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for rule in RULES {
        let doctor = counts(&reported, rule, |ran| ran.fires(rule));
        let watch = counts(&reported, rule, |ran| ran.told(rule));
        println!(
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} |",
            rule.name,
            rule.threshold,
            doctor.broken,
            doctor.told,
            doctor.false_alarms,
            share(doctor.told, doctor.told + doctor.false_alarms),
            share(doctor.told, doctor.broken),
            watch.told,
            watch.false_alarms,
        );
    }
}

fn share(part: usize, whole: usize) -> String {
    match whole {
        0 => "–".to_string(),
        _ => format!("{:.0} %", 100.0 * part as f64 / whole as f64),
    }
}
