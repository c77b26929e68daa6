//! `spusk minimize`: a formula, its derivatives, its critical points, the descent.

mod json;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use spusk::experiment::{Experiment, Override};
use spusk::formula::{Exploration, Formula, Region, Request, account, explore, page};
use spusk::messages::{self as say, Language, Said};
use spusk::optimizers::AnyOptimizer;
use spusk::session::vocabulary;

use super::{Format, Outcome, PictureFormat, Telling, print_part};
use crate::terminal::{Failure, line, wrong_words};

/// Most steps and starts: more would fill the memory.
const MOST: u64 = 1_000_000;

/// Differentiate a formula, find its critical points and descend on it.
///
/// Prints the gradient and the second derivatives, the minima, maxima and saddles, and every finding
/// about the descent new = old − step × gradient.
#[derive(Args)]
#[command(after_help = "Examples:\n  spusk minimize \"2*x*y^3 + 3*z^2\" --at x=1,y=2,z=3\n  \
                        spusk minimize \"x^3 - 3*x\" --on -3..3 --out cubic\n  spusk minimize \
                        \"(1-x)^2 + 100*(y-x^2)^2\" --optimizer descent,adam,lion --starts 200")]
pub(crate) struct Minimize {
    /// The formula: numbers, names, + - * / ^, parentheses, sin cos exp log sqrt abs …, pi, e.
    #[arg(value_name = "FORMULA", allow_hyphen_values = true)]
    formula: String,
    /// Where to give the value and the derivatives.
    #[arg(long, value_name = "x=1,y=2", allow_hyphen_values = true)]
    at: Option<String>,
    /// The interval to search, start and draw in: for all variables, or one for each.
    #[arg(long, value_name = "A..B|x=A..B,…", allow_hyphen_values = true)]
    on: Option<String>,
    /// Optimizers to race from the same start, with commas between.
    #[arg(long, value_name = "NAME,…")]
    optimizer: Option<String>,
    /// The step; 1/λ of the largest curvature found if not given.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// A descent stops when |new − old| is below this.
    #[arg(long, value_name = "X", default_value_t = 1e-6, allow_negative_numbers = true)]
    threshold: f64,
    /// Most steps of a descent.
    #[arg(long, value_name = "N", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(0..=MOST))]
    max_steps: u64,
    /// The source of everything random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Where the descent starts; random if not given.
    #[arg(long, value_name = "x=1,y=2", allow_hyphen_values = true)]
    start: Option<String>,
    /// How many random starts to try, to see which minimum each reaches.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(0..=MOST))]
    starts: u64,
    /// Try steps from far too small to far too wide.
    #[arg(long)]
    step_sweep: bool,
    /// Write a page, its pictures and the path into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The form of the pictures in that folder.
    #[arg(long, value_enum, default_value = "svg", requires = "out")]
    picture_format: PictureFormat,
    /// Write every point of the descent into this file.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    telling: Telling,
}

impl Minimize {
    pub(crate) fn run(self) -> Outcome {
        let language = self.telling.language();
        let formula = Formula::parse(&self.formula)?;
        let request = self.request(&formula)?;
        let found = explore(&formula, &request);
        if request.start.is_none() && found.descent.is_none() && !formula.variables().is_empty() {
            // What is known is still printed; only the descent is missing.
            crate::terminal::complain(&say::minimize_no_start(language));
        }
        if let Some(file) = &self.csv {
            write(file, csv(&formula, &found).as_bytes())?;
        }
        if let Some(folder) = &self.out {
            write_folder(folder, &formula, &found, self.picture_format, language)?;
        }
        match self.telling.format {
            Format::Json => line(json::object(&formula, &found))?,
            Format::Human => {
                for (i, part) in account(&formula, &found, language).iter().enumerate() {
                    if i > 0 {
                        line("")?;
                    }
                    print_part(part)?;
                }
            }
        }
        Ok(0)
    }

    fn request(&self, f: &Formula) -> Result<Request, Failure> {
        let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(value),
            false => Err(Failure::wrong(|l| say::minimize_positive(l, name, value))),
        };
        let point = |name: &str, text: &Option<String>| {
            let read = text.as_ref().map(|text| words::point(text, f.variables()));
            read.transpose().map_err(|why| wrong_flag(name, &why))
        };
        let region = match &self.on {
            None => Region::around(f.variables().len()),
            Some(text) => {
                words::region(text, f.variables()).map_err(|why| wrong_flag("on", &why))?
            }
        };
        let names = self.optimizer.as_deref().unwrap_or_default().split(',').map(str::trim);
        let optimizers = names.filter(|name| !name.is_empty()).map(optimizer);
        Ok(Request {
            at: point("at", &self.at)?,
            region,
            optimizers: optimizers.collect::<Result<_, _>>()?,
            learning_rate: self
                .learning_rate
                .map(|rate| positive("learning-rate", rate))
                .transpose()?,
            threshold: positive("threshold", self.threshold)?,
            max_steps: self.max_steps as usize,
            seed: self.seed,
            start: point("start", &self.start)?,
            starts: self.starts as usize,
            step_sweep: self.step_sweep,
        })
    }
}

/// What is wrong with the text of a flag.
fn wrong_flag(name: &str, why: &Said) -> Failure {
    Failure::wrong(|l: Language| format!("--{name}: {}", why.in_language(l)))
}

/// The optimizer that a short form names.
fn optimizer(text: &str) -> Result<AnyOptimizer, Failure> {
    let given = [Override::flag("--optimizer", "training.optimizer", text)];
    let parsed = Experiment::parse("", "", &given, vocabulary()).map_err(wrong_words)?;
    let spec = parsed
        .training
        .optimizer
        .set()
        .ok_or_else(|| Failure::wrong(|l| say::minimize_optimizer(l, text)))?;
    AnyOptimizer::from_spec(spec).map_err(Failure::usage)
}

/// Every point of the descent: step, variables, value.
fn csv(f: &Formula, found: &Exploration) -> String {
    let mut text = format!("step,{},value\n", f.variables().join(","));
    if let Some((_, descent, _)) = &found.descent {
        for (step, (at, value)) in descent.path.iter().zip(&descent.values).enumerate() {
            let at: Vec<String> = at.iter().map(ToString::to_string).collect();
            text += &format!("{step},{},{value}\n", at.join(","));
        }
    }
    text
}

fn write_folder(
    folder: &Path,
    f: &Formula,
    found: &Exploration,
    form: PictureFormat,
    language: Language,
) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::failed(format!("{}: {error}", folder.display())))?;
    let made = page(f, found, language);
    write(&folder.join("minimize.html"), made.html.as_bytes())?;
    for (name, picture) in &made.pictures {
        write(&form.file(folder, name), &form.bytes(&picture.draw(language))?)?;
    }
    write(&folder.join("path.csv"), csv(f, found).as_bytes())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes)
        .map_err(|error| Failure::failed(format!("{}: {error}", file.display())))
}
