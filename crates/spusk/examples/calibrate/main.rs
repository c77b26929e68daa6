//! How far the rules of the diagnosis can be trusted: trains on purpose broken and healthy networks,
//! examines them, and prints precision and recall of every rule.
//!
//! ```text
//! cargo run --release -p spusk --example calibrate -- [--data FOLDER] [--group NAME] [--only NAME]
//!     [--keep FOLDER] [--values FILE]
//! ```
//!
//! Every case trains its networks on several data sets with two seeds. Even seeds are for tuning the rules,
//! odd ones for the report. A case names the rules that must fire, and those that may, as direct
//! consequences, with a reason; whatever else fires is a false alarm.
//!
//! `--data` is the folder of the real sets (`mnist/`, `sms_spam/`; `../shared/data` if not given): what is
//! not there is skipped, and said. `--keep` keeps what was measured of each run, so that a calibration
//! that was broken off goes on, and rules can be changed without training anew. `--values` writes what
//! each rule read off each run.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cases;
mod sets;
mod table;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use spusk::diagnosis::{Evidence, Rule};
use spusk::experiment::{Experiment, Override};
use spusk::safetensors::{self, Metadata, Tensor};
use spusk::session::{ExamineOptions, SessionEvent, SessionOptions, examine, train, vocabulary};

use cases::{Case, GROUPS, Group};

type Failure = Box<dyn std::error::Error>;

/// What one run showed.
struct Ran {
    group: &'static Group,
    case: &'static Case,
    /// Data set, number of the network, seed.
    name: String,
    /// For the report; else for tuning.
    reported: bool,
    seen: Seen,
}

/// What was measured of a run.
#[derive(Serialize, Deserialize)]
struct Seen {
    evidence: Evidence,
    /// The rules that were told while it trained.
    told: Vec<String>,
}

impl Ran {
    fn value(&self, rule: &Rule) -> Option<f64> {
        rule.measure(&self.seen.evidence).map(|measured| measured.value)
    }

    fn fires(&self, rule: &Rule) -> bool {
        rule.fires(&self.seen.evidence)
    }

    /// Whether a rule may fire, as a direct consequence of what is broken.
    fn may(&self, rule: &Rule) -> bool {
        self.case.may.iter().any(|(name, _)| *name == rule.name)
    }

    /// Whether a rule was told while the run trained.
    fn told(&self, rule: &Rule) -> bool {
        self.seen.told.iter().any(|told| told == rule.name)
    }
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).cloned()
    };
    let (group, only) = (option("--group"), option("--only"));
    let is_wanted = |wanted: &Option<String>, name: &str| {
        wanted.as_ref().is_none_or(|wanted| name.contains(&**wanted))
    };
    let keep = option("--keep").map(PathBuf::from);
    let folder = tempfile::tempdir()?;
    sets::write(Path::new(&option("--data").unwrap_or("../shared/data".into())), folder.path())?;
    let mut all = Vec::new();
    for group in GROUPS.iter().filter(|g| is_wanted(&group, g.name)) {
        for case in group.cases.iter().filter(|case| is_wanted(&only, case.name)) {
            all.extend(run_case(group, case, folder.path(), keep.as_deref())?);
        }
    }
    if let Some(path) = option("--values") {
        std::fs::write(path, table::values(&all))?;
    }
    table::print(&all);
    Ok(())
}

/// Every network of a case on every set, with two seeds.
fn run_case(
    group: &'static Group,
    case: &'static Case,
    folder: &Path,
    keep: Option<&Path>,
) -> Result<Vec<Ran>, Failure> {
    let mut all = Vec::new();
    for set in case.sets {
        let Some(source) = sets::source(set, folder) else {
            eprintln!("{}: {}, {set}: skipped, the set is not there", group.name, case.name);
            continue;
        };
        for (number, model) in case.models.iter().enumerate() {
            for seed in 0..2 {
                let name = format!("{set}, network {number}, seed {seed}");
                let title = format!("{}: {}, {name}", group.name, case.name);
                let given = given(group, case, &source, model, seed, folder);
                let kept = keep.map(|keep| keep.join(format!("{title}.json")));
                let seen = match kept.as_deref().and_then(read) {
                    Some(seen) => seen,
                    None => run(case, given, folder).map_err(|e| format!("{title}: {e}"))?,
                };
                if let Some(kept) = kept {
                    std::fs::create_dir_all(keep.unwrap_or(folder))?;
                    std::fs::write(kept, serde_json::to_string(&seen)?)?;
                }
                let ran = Ran { group, case, name, reported: seed % 2 == 1, seen };
                eprintln!("{}", table::line(&ran));
                all.push(ran);
            }
        }
    }
    Ok(all)
}

/// What was kept of a run; none where a number was not finite, as JSON has no such numbers.
fn read(path: &Path) -> Option<Seen> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

type Given = Vec<(&'static str, String)>;

/// The settings of a run.
fn given(group: &Group, case: &Case, source: &str, model: &str, seed: u64, folder: &Path) -> Given {
    let mut given = vec![
        ("data.source", source.to_string()),
        ("training.seed", seed.to_string()),
        ("training.threads", "1".into()),
        ("training.epochs", if source == "digits" { "12".into() } else { "40".into() }),
        ("training.learning_rate", "0.003".into()),
        ("training.schedule", "constant".into()),
        ("model.layers", model.to_string()),
        ("out", folder.join("run").display().to_string()),
    ];
    for (key, value) in group.settings.iter().chain(case.settings) {
        given.retain(|(known, _)| known != key);
        given.push((key, (*value).into()));
    }
    given
}

/// Trains and examines.
fn run(case: &Case, mut given: Given, folder: &Path) -> Result<Seen, Failure> {
    let out = folder.join("run");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    if case.scale != 1.0 {
        let init = folder.join("init.safetensors");
        first_weights(&given, case.scale, &init, folder)?;
        given.push(("model.init", init.display().to_string()));
    }
    let options = SessionOptions { runs: folder, ..SessionOptions::default() };
    let mut told = Vec::new();
    // A training that breaks leaves a run all the same.
    let _ = train(&experiment(&given)?, &options, &AtomicBool::new(false), &mut |event| {
        if let SessionEvent::Finding(finding) = event {
            told.push(finding.rule.clone());
        }
    });
    let found = examine(&out, &ExamineOptions { test_cures: false, ..ExamineOptions::default() })?;
    Ok(Seen { evidence: found.evidence, told })
}

fn experiment(given: &[(&str, String)]) -> Result<Experiment, Failure> {
    let overrides: Vec<Override> =
        given.iter().map(|(key, value)| Override::flag(key, key, value)).collect();
    Ok(Experiment::parse("calibrate", "", &overrides, vocabulary())?)
}

/// The usual first weights, multiplied, as a file.
fn first_weights(
    given: &[(&'static str, String)],
    scale: f32,
    path: &Path,
    folder: &Path,
) -> Result<(), Failure> {
    let out = folder.join("first");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut given = given.to_vec();
    given.retain(|(key, _)| !["out", "training.epochs", "training.learning_rate"].contains(key));
    given.push(("out", out.display().to_string()));
    given.push(("training.epochs", "1".into()));
    given.push(("training.learning_rate", "1e-30".into()));
    let options = SessionOptions { runs: folder, ..SessionOptions::default() };
    train(&experiment(&given)?, &options, &AtomicBool::new(false), &mut |_| {})?;
    let contents = safetensors::read(&out.join("model.safetensors"))?;
    let tensors: Result<Vec<Tensor>, Failure> = (contents.tensors.iter())
        .map(|tensor| {
            let values = tensor.to_f32()?.iter().map(|x| x * scale).collect();
            Ok(Tensor::f32(tensor.name.clone(), tensor.shape.clone(), values))
        })
        .collect();
    let tensors = tensors?;
    let mut bytes = Vec::new();
    safetensors::Layout::new(&tensors, &Metadata::new())?.write(&mut bytes)?;
    std::fs::write(path, bytes)?;
    Ok(())
}
