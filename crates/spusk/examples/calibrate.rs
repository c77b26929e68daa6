//! How far the rules of the diagnosis can be trusted: trains on purpose broken and healthy networks,
//! examines them, and prints precision and recall of every rule.
//!
//! ```text
//! cargo run --release -p spusk --example calibrate -- [--values FILE] [--only NAME]
//! ```
//!
//! Every case runs on several data sets and seeds. Even seeds are for tuning the thresholds, odd ones for
//! the report. A case names the rules that must fire, and those that may, as a consequence.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use spusk::diagnosis::RULES;
use spusk::experiment::{Experiment, Override};
use spusk::safetensors::{self, Metadata, Tensor};
use spusk::session::{ExamineOptions, SessionOptions, examine, train, vocabulary};

type Failure = Box<dyn std::error::Error>;

/// A way to train.
struct Case {
    name: &'static str,
    /// Settings beside the usual ones.
    settings: &'static [(&'static str, &'static str)],
    /// What its first weights are multiplied by.
    scale: f32,
    /// Data sets, by name.
    sets: &'static [&'static str],
    /// The rules that must fire.
    must: &'static [&'static str],
    /// Rules that may fire, as a consequence.
    may: &'static [&'static str],
}

const USUAL: Case = Case {
    name: "",
    settings: &[],
    scale: 1.0,
    sets: &["digits", "iris", "spirals", "moons"],
    must: &[],
    may: &[],
};

const DEEP_SIGMOID: &str = "dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, \
                            dense 24, sigmoid, dense 24, sigmoid";
const DEEP_RELU: &str =
    "dense 24, relu, dense 24, relu, dense 24, relu, dense 24, relu, dense 24, relu";

const CASES: &[Case] = &[
    Case { name: "healthy: adamw", ..USUAL },
    Case {
        name: "healthy: momentum",
        settings: &[
            ("training.optimizer", "sgd momentum=0.9"),
            ("training.learning_rate", "0.03"),
            ("model.layers", "dense 32, tanh"),
        ],
        sets: &["digits", "iris", "moons", "wave"],
        ..USUAL
    },
    Case { name: "healthy: regression", sets: &["wave", "plane"], ..USUAL },
    Case {
        name: "healthy: full batch at the edge of stability",
        settings: &[
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.5"),
            ("training.batch_size", "2000"),
            ("training.epochs", "400"),
            ("model.layers", "dense 32, tanh"),
        ],
        sets: &["digits", "iris", "moons"],
        may: &["wasteful_batch"],
        ..USUAL
    },
    Case {
        name: "healthy: six layers",
        settings: &[("model.layers", DEEP_RELU)],
        sets: &["digits", "spirals", "moons"],
        ..USUAL
    },
    Case {
        name: "rate far too large (adamw)",
        settings: &[("training.learning_rate", "1.0")],
        must: &["large_updates"],
        may: &[
            "step_too_wide",
            "dead_relu",
            "stuck",
            "noisy_gradient",
            "exploding_signal",
            "overfitting",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "rate too large (sgd)",
        settings: &[
            ("training.optimizer", "sgd momentum=0.9"),
            ("training.learning_rate", "3"),
            ("model.layers", "dense 32, tanh"),
        ],
        sets: &["digits", "iris", "moons", "spirals"],
        must: &["step_too_wide"],
        may: &[
            "dead_relu",
            "large_updates",
            "saturation",
            "stuck",
            "noisy_gradient",
            "exploding_signal",
            "not_finite",
            "overfitting",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "rate that diverges",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "10")],
        sets: &["wave", "plane"],
        must: &["not_finite"],
        may: &[
            "large_updates",
            "step_too_wide",
            "exploding_signal",
            "dead_relu",
            "stuck",
            "noisy_gradient",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "rate too small (sgd)",
        settings: &[("training.optimizer", "sgd"), ("training.learning_rate", "1e-5")],
        must: &["step_too_narrow"],
        may: &["small_updates", "stuck"],
        ..USUAL
    },
    Case {
        name: "rate too small (adamw)",
        settings: &[("training.learning_rate", "1e-7")],
        must: &["small_updates"],
        may: &["step_too_narrow", "stuck"],
        ..USUAL
    },
    Case {
        name: "inputs not scaled",
        settings: &[("data.standardize", "false")],
        sets: &["units", "money"],
        must: &["unscaled_inputs"],
        may: &[
            "bad_start",
            "step_too_wide",
            "stuck",
            "dead_relu",
            "noisy_gradient",
            "exploding_signal",
            "small_updates",
            "large_updates",
            "vanishing_gradient",
            "step_too_narrow",
        ],
        ..USUAL
    },
    Case {
        name: "equal weights",
        settings: &[("model.layers", "dense 32 init=ones, relu, dense 32 init=ones, relu")],
        must: &["clones"],
        may: &[
            "bad_start",
            "stuck",
            "exploding_signal",
            "dead_relu",
            "vanishing_gradient",
            "noisy_gradient",
            "step_too_wide",
            "small_updates",
        ],
        ..USUAL
    },
    Case {
        name: "weights of 0",
        settings: &[("model.layers", "dense 32 init=zeros, tanh, dense 32 init=zeros, tanh")],
        must: &["clones", "stuck"],
        may: &[
            "vanishing_gradient",
            // Adam takes steps of full width along what little noise there is.
            "step_too_wide",
            "small_updates",
            "large_updates",
            "step_too_narrow",
            "exploding_signal",
            "noisy_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "deep, sigmoid",
        settings: &[("model.layers", DEEP_SIGMOID), ("training.learning_rate", "0.001")],
        must: &["vanishing_gradient"],
        may: &["saturation", "stuck", "small_updates", "step_too_narrow", "noisy_gradient"],
        ..USUAL
    },
    Case {
        name: "huge first weights, tanh",
        settings: &[
            ("model.layers", "dense 32, tanh, dense 32, tanh"),
            ("training.learning_rate", "0.001"),
        ],
        scale: 20.0,
        sets: &["digits", "iris", "spirals", "moons"],
        must: &["bad_start", "saturation"],
        may: &[
            "step_too_narrow",
            "exploding_signal",
            "small_updates",
            "stuck",
            "step_too_wide",
            "noisy_gradient",
            "overfitting",
            "vanishing_gradient",
        ],
    },
    Case {
        name: "huge first weights, deep relu",
        settings: &[("model.layers", DEEP_RELU), ("training.learning_rate", "0.0001")],
        scale: 6.0,
        must: &["bad_start", "exploding_signal"],
        may: &[
            "step_too_wide",
            "small_updates",
            "stuck",
            "noisy_gradient",
            "dead_relu",
            "overfitting",
            "vanishing_gradient",
            "step_too_narrow",
        ],
        ..USUAL
    },
    Case {
        name: "dead rectifiers",
        settings: &[
            ("model.layers", "dense 32, relu, dense 32, relu"),
            ("training.learning_rate", "0.3"),
            ("training.optimizer", "adam"),
        ],
        must: &["dead_relu"],
        may: &[
            "small_updates",
            "large_updates",
            "stuck",
            "step_too_wide",
            "noisy_gradient",
            "exploding_signal",
            "overfitting",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "batches of 2",
        settings: &[
            ("training.batch_size", "2"),
            ("training.epochs", "8"),
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.1"),
        ],
        sets: &["digits", "noisy"],
        must: &["noisy_gradient"],
        may: &[
            "large_updates",
            "step_too_wide",
            "dead_relu",
            "stuck",
            "overfitting",
            "exploding_signal",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "wrong labels, long training",
        settings: &[
            ("training.epochs", "200"),
            ("model.layers", "dense 128, relu"),
            ("training.early_stopping", "false"),
        ],
        sets: &["noisy", "noisy moons"],
        must: &["overfitting"],
        may: &["noisy_gradient"],
        ..USUAL
    },
    Case {
        name: "nothing to learn",
        settings: &[
            ("model.layers", "dense 8, tanh"),
            ("training.learning_rate", "0.003"),
            ("training.epochs", "30"),
        ],
        sets: &["random"],
        must: &["stuck"],
        may: &["noisy_gradient", "overfitting"],
        ..USUAL
    },
];

/// What one run showed.
struct Ran {
    case: &'static Case,
    /// For the report; else for tuning.
    reported: bool,
    values: Vec<Option<f64>>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).cloned()
    };
    let only = option("--only");
    let folder = tempfile::tempdir()?;
    write_sets(folder.path())?;
    let mut all = Vec::new();
    for case in CASES {
        if only.as_ref().is_some_and(|only| !case.name.contains(&**only)) {
            continue;
        }
        for set in case.sets {
            for seed in 0..2 {
                let ran = run(case, set, seed, folder.path())
                    .map_err(|error| format!("{}, {set}, seed {seed}: {error}", case.name))?;
                let fired: Vec<String> = (RULES.iter().zip(&ran.values))
                    .filter(|(rule, value)| value.is_some_and(|value| value > rule.threshold))
                    .map(|(rule, value)| format!("{} {:.3}", rule.name, value.unwrap_or(0.0)))
                    .collect();
                let missed: Vec<&str> = (case.must.iter())
                    .filter(|name| !fired.iter().any(|fired| fired.starts_with(*name)))
                    .copied()
                    .collect();
                eprintln!("{}, {set}, seed {seed}: {fired:?}; missed {missed:?}", case.name);
                all.push(ran);
            }
        }
    }
    if let Some(path) = option("--values") {
        std::fs::write(path, values(&all))?;
    }
    print_table(&all);
    Ok(())
}

/// Trains and examines.
fn run(case: &'static Case, set: &str, seed: u64, folder: &Path) -> Result<Ran, Failure> {
    let out = folder.join("run");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut given = vec![
        ("data.source", source(set, folder)),
        ("training.seed", seed.to_string()),
        ("training.threads", "1".into()),
        ("training.epochs", if set == "digits" { "12".into() } else { "40".into() }),
        ("training.learning_rate", "0.003".into()),
        ("training.schedule", "constant".into()),
        ("model.layers", "dense 32, relu, dense 32, relu".into()),
        ("out", out.display().to_string()),
    ];
    for (key, value) in case.settings {
        given.retain(|(known, _)| known != key);
        given.push((key, (*value).into()));
    }
    if case.scale != 1.0 {
        let init = folder.join("init.safetensors");
        first_weights(&given, case.scale, &init, folder)?;
        given.push(("model.init", init.display().to_string()));
    }
    let experiment = experiment(&given)?;
    let options = SessionOptions { runs: folder, ..SessionOptions::default() };
    // A training that breaks leaves a run all the same.
    let _ = train(&experiment, &options, &AtomicBool::new(false), &mut |_| {});
    let found = examine(&out, &ExamineOptions { test_cures: false, ..ExamineOptions::default() })?;
    let value = |rule: &spusk::diagnosis::Rule| rule.measure(&found.evidence).map(|m| m.value);
    Ok(Ran { case, reported: seed % 2 == 1, values: RULES.iter().map(value).collect() })
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

fn source(set: &str, folder: &Path) -> String {
    match set {
        "digits" | "iris" | "spirals" | "moons" => set.into(),
        _ => folder.join(format!("{set}.csv")).display().to_string(),
    }
}

/// Numbers from 0 to 1, the same ones every time.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About a normal number.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Sets that are not built in.
fn write_sets(folder: &Path) -> Result<(), Failure> {
    let mut draw = Draw(1);
    let mut write =
        |name: &str, rows: usize, header: &str, row: &mut dyn FnMut(&mut Draw) -> String| {
            let lines: Vec<String> = (0..rows).map(|_| row(&mut draw)).collect();
            std::fs::write(
                folder.join(format!("{name}.csv")),
                format!("{header}\n{}\n", lines.join("\n")),
            )
        };
    write("wave", 800, "a,b,y", &mut |d| {
        let (a, b) = (d.normal(), d.normal());
        format!("{a},{b},{}", (2.0 * a).sin() + 0.5 * b + 0.05 * d.normal())
    })?;
    write("plane", 600, "a,b,c,d,y", &mut |d| {
        let x: Vec<f64> = (0..4).map(|_| d.normal()).collect();
        let y = x[0] - 2.0 * x[1] + 0.5 * x[2] * x[3] + 0.1 * d.normal();
        format!("{},{},{},{},{y}", x[0], x[1], x[2], x[3])
    })?;
    write("units", 600, "grams,share,count,kind", &mut |d| {
        let (a, b, c) = (d.normal(), d.normal(), d.normal());
        let kind = if a + b - c + 0.3 * d.normal() > 0.0 { "yes" } else { "no" };
        format!("{},{},{},{kind}", 5000.0 + 2000.0 * a, 0.5 + 0.1 * b, 20.0 + 5.0 * c)
    })?;
    write("money", 600, "income,rate,years,price", &mut |d| {
        let (a, b, c) = (d.normal(), d.normal(), d.normal());
        format!("{},{},{},{}", 60_000.0 + 2e4 * a, 0.05 + 0.02 * b, 10.0 + 3.0 * c, a - b + 0.5 * c)
    })?;
    write("noisy", 400, "a,b,c,d,e,f,g,h,kind", &mut |d| {
        let x: Vec<f64> = (0..8).map(|_| d.normal()).collect();
        let kind = if x[0] + x[1] + 1.5 * d.normal() > 0.0 { "yes" } else { "no" };
        let cells: Vec<String> = x.iter().map(f64::to_string).collect();
        format!("{},{kind}", cells.join(","))
    })?;
    write("noisy moons", 300, "x,y,kind", &mut |d| {
        let (t, upper) = (std::f64::consts::PI * d.next(), d.next() > 0.5);
        let wrong = d.next() < 0.25;
        let side = if upper { 1.0 } else { -1.0 };
        let (x, y) = (side * t.cos() + f64::from(!upper), side * t.sin() + 0.5 * f64::from(!upper));
        let kind = if upper != wrong { "yes" } else { "no" };
        format!("{},{},{kind}", x + 0.15 * d.normal(), y + 0.15 * d.normal())
    })?;
    write("random", 2000, "a,b,c,kind", &mut |d| {
        let kind = if d.next() > 0.5 { "yes" } else { "no" };
        format!("{},{},{},{kind}", d.normal(), d.normal(), d.normal())
    })?;
    Ok(())
}

/// Every measured value, as CSV, for tuning.
fn values(all: &[Ran]) -> String {
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let mut text = format!("case,half,{}\n", names.join(","));
    for ran in all {
        let half = if ran.reported { "report" } else { "tune" };
        let _ = write!(text, "{:?},{half}", ran.case.name);
        for (rule, value) in RULES.iter().zip(&ran.values) {
            let label = match () {
                () if ran.case.must.contains(&rule.name) => "must",
                () if ran.case.may.contains(&rule.name) => "may",
                () => "not",
            };
            let value = value.map_or("-".to_string(), |value| format!("{value:.4e}"));
            let _ = write!(text, ",{label} {value}");
        }
        text.push('\n');
    }
    text
}

/// Precision and recall on the half that did not tune.
fn print_table(all: &[Ran]) {
    let reported: Vec<&Ran> = all.iter().filter(|ran| ran.reported).collect();
    println!("{} runs, {} of them reported:\n", all.len(), reported.len());
    println!("| rule | threshold | broken so | told | false alarms | precision | recall |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (i, rule) in RULES.iter().enumerate() {
        let fired = |ran: &&&Ran| ran.values[i].is_some_and(|value| value > rule.threshold);
        let must = |ran: &&&Ran| ran.case.must.contains(&rule.name);
        let may = |ran: &&&Ran| ran.case.may.contains(&rule.name);
        let broken = reported.iter().filter(must).count();
        let told = reported.iter().filter(must).filter(fired).count();
        let false_alarms = reported.iter().filter(|r| !must(r) && !may(r)).filter(fired).count();
        let share = |part: usize, whole: usize| match whole {
            0 => "–".to_string(),
            _ => format!("{:.0} %", 100.0 * part as f64 / whole as f64),
        };
        println!(
            "| `{}` | {} | {broken} | {told} | {false_alarms} | {} | {} |",
            rule.name,
            rule.threshold,
            share(told, told + false_alarms),
            share(told, broken)
        );
    }
}
