//! `spusk predict`: what a trained network says of new rows, as CSV.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use spusk::data::{Inputs, Target};
use spusk::fs::{Disk, write_atomic};
use spusk::messages::{self as say, Language};
use spusk::session::{Predicted, SessionError, Trained};

use super::{Outcome, Reading, default_threads, refuse_overwriting};
use crate::terminal::{Failure, complain, language};

/// Predict with a trained network, from raw data as it was trained on.
///
/// Writes CSV: where each row stands in the source, then the predicted class with its probability and
/// the probabilities of all classes, or the predicted numbers; of an autoencoder the reconstruction error,
/// which is large for unusual rows, and the inputs as they are given back. Rows are read, predicted and written
/// piece by piece, so a file may be longer than memory. A network that forecasts writes the steps
/// behind the last row.
#[derive(Args)]
pub(crate) struct Predict {
    /// The directory of the run.
    run: PathBuf,
    /// The rows: a built-in set or a path; the target need not be there.
    #[arg(long, value_name = "SOURCE")]
    data: String,
    /// The CSV file to write; standard output if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Predict {
    pub(crate) fn run(self) -> Outcome {
        refuse_overwriting(&self.data, self.out.as_deref())?;
        let mut trained = Trained::open(&self.run, self.threads.unwrap_or_else(default_threads))?;
        trained.note.iter().for_each(crate::terminal::note);
        self.reading.set(&mut trained);
        let language = language();
        let mut job = Job { trained, source: self.data, rows: 0, failed: None, language };
        match &self.out {
            None => job.write(&mut io::stdout().lock()),
            // A pipe or a device cannot be replaced by a rename.
            Some(path) if path.exists() && !path.is_file() => {
                std::fs::File::create(path).and_then(|mut file| job.write(&mut file))
            }
            Some(path) => write_atomic(&Disk, path, &mut |to| job.write(to)),
        }
        .map_err(|error| job.failure(error, self.out.as_deref()))?;
        let done = match job.rows {
            1 => say::lines_predicted_one(language),
            rows => say::lines_predicted(language, language.count(rows as u64)),
        };
        let to = self.out.map_or(String::new(), |path| format!(": {}", path.display()));
        complain(&format!("{done}{to}"));
        Ok(0)
    }
}

/// Rows on their way from the source to the file.
struct Job {
    trained: Trained,
    source: String,
    rows: usize,
    /// What went wrong before anything could be written.
    failed: Option<SessionError>,
    language: Language,
}

impl Job {
    fn write(&mut self, to: &mut dyn Write) -> io::Result<()> {
        let mut written: io::Result<()> = Ok(());
        let columns = Columns::of(&self.trained);
        let mut started = false;
        let mut take = |trained: &Trained, rows: &Predicted| -> io::Result<()> {
            let mut csv = csv::Writer::from_writer(Vec::new());
            if !std::mem::replace(&mut started, true) {
                csv.write_record(columns.header(rows))?;
            }
            for row in 0..rows.lines.len() {
                csv.write_record(columns.row(trained, rows, row))?;
            }
            to.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
        };
        let stop = || SessionError::told(say::rows_unwritten);
        let predicted = self.trained.predict(
            &self.source,
            &mut |note| complain(&say::note_word(self.language, note.in_language(self.language))),
            &mut |trained, rows| {
                written = take(trained, rows);
                if written.is_ok() { Ok(()) } else { Err(stop()) }
            },
        );
        written?;
        match predicted {
            Ok(rows) => {
                self.rows = rows;
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(io::Error::other("the rows cannot be predicted"))
            }
        }
    }

    fn failure(&mut self, error: io::Error, out: Option<&Path>) -> Failure {
        match (self.failed.take(), out) {
            (Some(failed), _) => failed.into(),
            (None, Some(path)) => {
                Failure::said(|l| say::cannot_write(l, path.display(), say::io_problem(l, &error)))
            }
            (None, None) => error.into(),
        }
    }
}

/// The column of an autoencoder's error on a row, which is large for unusual rows.
pub(super) const RECONSTRUCTION_ERROR: &str = "reconstruction_error";

/// What is written of a row.
enum Columns {
    Classes {
        names: Vec<String>,
        target: String,
    },
    Numbers {
        names: Vec<String>,
    },
    Series {
        names: Vec<String>,
        time: String,
        quantiles: Vec<f64>,
    },
    /// The inputs that an autoencoder gives back.
    Inputs {
        names: Vec<String>,
    },
}

impl Columns {
    fn of(trained: &Trained) -> Columns {
        match &trained.preprocessing.target {
            _ if trained.preprocessing.is_autoencoder() => {
                let width = trained.preprocessing.width();
                let mut names = trained.preprocessing.input_names();
                names.extend((names.len() + 1..=width).map(|i| format!("x{i}")));
                Columns::Inputs { names }
            }
            Target::Inputs | Target::Patches => Columns::Inputs { names: Vec::new() },
            Target::Classes { names, column, .. } => {
                Columns::Classes { names: names.clone(), target: column.clone() }
            }
            Target::Numbers { columns } => Columns::Numbers {
                names: columns.iter().map(|column| column.name.clone()).collect(),
            },
            Target::Series { channels, .. } => {
                let time = match &trained.preprocessing.inputs {
                    Inputs::Series(inputs) => inputs.time.as_ref().map(|time| time.name.clone()),
                    _ => None,
                };
                Columns::Series {
                    names: channels.iter().map(|channel| channel.name.clone()).collect(),
                    time: time.unwrap_or_else(|| "row".into()),
                    quantiles: trained.quantiles(),
                }
            }
        }
    }

    fn header(&self, rows: &Predicted) -> Vec<String> {
        if let Columns::Series { names, time, quantiles } = self {
            let each = |name: &String| match quantiles.len() {
                0 | 1 => vec![name.clone()],
                _ => quantiles.iter().map(|share| format!("{name}_{share}")).collect(),
            };
            return std::iter::once(time.clone()).chain(names.iter().flat_map(each)).collect();
        }
        let place = if rows.files.is_empty() { rows.counted_by } else { "file" };
        let mut header = vec![place.to_string()];
        match self {
            Columns::Classes { names, target } => {
                header.push(target.clone());
                header.push("probability".into());
                header.extend(names.iter().map(|name| format!("probability_{name}")));
            }
            Columns::Series { .. } => unreachable!("returned above"),
            Columns::Inputs { names } => {
                header.push(RECONSTRUCTION_ERROR.into());
                header.extend(names.iter().cloned());
            }
            Columns::Numbers { names } => {
                let each = (rows.width / names.len().max(1)).max(1);
                for name in names {
                    match each {
                        1 => header.push(name.clone()),
                        // Several quantiles of one target.
                        _ => header.extend((1..=each).map(|i| format!("{name}_{i}"))),
                    }
                }
            }
        }
        header
    }

    fn row(&self, trained: &Trained, rows: &Predicted, row: usize) -> Vec<String> {
        let values = &rows.values[row * rows.width..][..rows.width];
        let mut cells = match rows.files.get(row).or(rows.times.get(row)) {
            Some(place) => vec![place.clone()],
            None => vec![rows.lines[row].to_string()],
        };
        if let (Columns::Inputs { .. }, Some(found)) = (self, &rows.autoencoded) {
            cells.push(number(found.errors[row]));
        }
        let Columns::Classes { names, .. } = self else {
            cells.extend(values.iter().map(|&value| number(value)));
            return cells;
        };
        let class = trained.class(values).unwrap_or(0);
        let probabilities = trained.probabilities(values);
        cells.push(names.get(class).cloned().unwrap_or_else(|| class.to_string()));
        match probabilities {
            Some(all) => {
                cells.push(all.get(class).map_or(String::new(), |&p| number(p)));
                cells.extend(all.iter().map(|&p| number(p)));
            }
            None => cells.extend(std::iter::repeat_n(String::new(), names.len() + 1)),
        }
        cells
    }
}

/// The shortest text of eight digits: single precision has no more.
pub(super) fn number(value: f64) -> String {
    let rounded = format!("{value:.7e}").parse::<f64>().unwrap_or(value);
    let text = format!("{rounded:?}");
    text.strip_suffix(".0").map(String::from).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short_and_exact() {
        let check = |value: f64, text: &str| assert_eq!(number(value), text);
        check(f64::from(0.1_f32), "0.1");
        check(2.0, "2");
        check(-0.25, "-0.25");
        check(1234567.0, "1234567");
        check(1e-12, "1e-12");
        check(f64::NAN, "NaN");
    }
}
