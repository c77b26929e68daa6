//! `spusk evaluate`: scores of a saved run.

mod classes;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;
use spusk::data::is_same_source;
use spusk::messages::{self as say, Said};
use spusk::session::Trained;

use super::train::{add_scores, score_lines};
use super::{Format, Outcome, Reading, Telling, default_threads};
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
    #[command(flatten)]
    reading: Reading,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    telling: Telling,
}

impl Evaluate {
    pub(crate) fn run(self) -> Outcome {
        let started = Instant::now();
        let mut trained = Trained::open(&self.run, self.threads.unwrap_or_else(default_threads))?;
        self.reading.set(&mut trained);
        let l = self.telling.language();
        let mut notes: Vec<Said> = Vec::new();
        let mut tell = |note: &Said| notes.push(note.clone());
        trained.note.iter().for_each(&mut tell);
        let own = trained.experiment.data.source.clone();
        let scores = match &self.data {
            Some(source) if !is_same_source(source, &own) => trained.evaluate(source, &mut tell)?,
            given => {
                if given.is_some() {
                    tell(&Said::new(|l| say::lines_own_test(l, &own)));
                }
                trained.evaluate_held_out(&mut tell)?
            }
        };
        let names = trained.preprocessing.class_names();
        let json = self.telling.format == Format::Json;
        notes.iter().for_each(|note| complain(&say::note_word(l, note.in_language(l))));
        if json {
            let mut object = json!({ "event": "done" });
            add_scores(&mut object, Some(&scores));
            if let Some(found) = &scores.classification {
                classes::add(&mut object, found, names);
            }
            object["seconds"] = started.elapsed().as_secs_f64().into();
            object["run"] = self.run.display().to_string().into();
            object["data"] = self.data.unwrap_or(own).into();
            line(object)?;
        } else {
            score_lines(&scores, l).iter().try_for_each(line)?;
            if let Some(found) = &scores.classification {
                classes::lines(found, names, l).iter().try_for_each(line)?;
            }
        }
        Ok(0)
    }
}
