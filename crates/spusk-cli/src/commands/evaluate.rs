//! `spusk evaluate`: scores of a saved run.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::json;
use spusk::session::Trained;

use super::train::{add_scores, score_lines};
use super::{Format, Outcome, default_threads};
use crate::terminal::{complain, line};

/// Score a trained network on examples whose targets are known.
///
/// Without --data it is the test part that was held out when the network was trained. So it is when
/// --data names the training data: scores on examples that it learned from would flatter it.
#[derive(Args)]
pub(crate) struct Evaluate {
    /// The directory of the run.
    run: PathBuf,
    /// The examples: a built-in set or a path.
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// How the scores are printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Evaluate {
    pub(crate) fn run(self) -> Outcome {
        let started = Instant::now();
        let mut trained = Trained::open(&self.run, self.threads.unwrap_or_else(default_threads))?;
        let mut notes: Vec<String> = Vec::new();
        let mut tell = |note: &str| notes.push(note.to_string());
        let own = trained.experiment.data.source.clone();
        let scores = match &self.data {
            Some(source) if !is_same(source, &own) => trained.evaluate(source, &mut tell)?,
            given => {
                if given.is_some() {
                    tell(&format!("{own} is what the run was trained on; its test part is scored"));
                }
                trained.evaluate_held_out(&mut tell)?
            }
        };
        let json = self.format == Format::Json;
        notes.iter().for_each(|note| complain(&format!("note: {note}")));
        if json {
            let mut object = json!({ "event": "done" });
            add_scores(&mut object, Some(&scores));
            object["seconds"] = started.elapsed().as_secs_f64().into();
            object["run"] = self.run.display().to_string().into();
            object["data"] = self.data.unwrap_or(own).into();
            line(object)?;
        } else {
            score_lines(&scores).iter().try_for_each(line)?;
        }
        Ok(0)
    }
}

/// Whether two sources are one: the same name, or the same file.
fn is_same(a: &str, b: &str) -> bool {
    let whole = |source: &str| Path::new(source).canonicalize().ok();
    a == b || whole(a).is_some_and(|path| whole(b) == Some(path))
}
