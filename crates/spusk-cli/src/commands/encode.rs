//! `spusk encode`: the codes of an autoencoder for new rows, as CSV and as a map.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use spusk::data::Inputs;
use spusk::fs::{Disk, write_atomic};
use spusk::messages::{self as say, Said};
use spusk::plot::{Plot, Svg};
use spusk::session::{Autoencoded, Predicted, SessionError, Trained, code_map, reconstructions};

use super::predict::{RECONSTRUCTION_ERROR, number};
use super::{Outcome, Reading, default_threads, refuse_overwriting};
use crate::terminal::{Failure, complain, language, note};

/// Encode rows with a trained autoencoder: fewer numbers that say most of them.
///
/// Writes CSV: where each row stands in the source, its class where the source tells it, the reconstruction
/// error (large for unusual rows, so an anomaly score) and the numbers of its code. Rows are read, encoded
/// and written piece by piece, so a file may be longer than memory.
#[derive(Args)]
pub(crate) struct Encode {
    /// The directory of the run.
    run: PathBuf,
    /// The rows: a built-in set or a path; no target is needed.
    #[arg(long, value_name = "SOURCE")]
    data: String,
    /// The CSV file to write; standard output if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A picture to write: the codes in a plane, along their main directions, colored by class.
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    map: Option<PathBuf>,
    /// A picture to write: images above what is given back of them.
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    pictures: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Rows on the map; of more, the first ones.
const MAPPED: usize = 20_000;

/// Images that are shown.
const SHOWN: usize = 40;

impl Encode {
    pub(crate) fn run(self) -> Outcome {
        refuse_overwriting(&self.data, self.out.as_deref())?;
        let mut trained = Trained::open(&self.run, self.threads.unwrap_or_else(default_threads))?;
        trained.note.iter().for_each(crate::terminal::note);
        if !trained.preprocessing.is_autoencoder() {
            return Err(Failure::said(|l| say::encode_no_code(l, self.run.display())));
        }
        self.reading.set(&mut trained);
        let mut job =
            Job { trained, source: &self.data, rows: 0, failed: None, kept: Kept::default() };
        match &self.out {
            None => job.write(&mut io::stdout().lock()),
            // A pipe or a device cannot be replaced by a rename.
            Some(path) if path.exists() && !path.is_file() => {
                std::fs::File::create(path).and_then(|mut file| job.write(&mut file))
            }
            Some(path) => write_atomic(&Disk, path, &mut |to| job.write(to)),
        }
        .map_err(|error| match job.failed.take() {
            Some(failed) => failed.into(),
            None => cannot_write(self.out.as_deref(), &error),
        })?;
        let l = language();
        let encoded = match job.rows {
            1 => say::encode_row(l),
            rows => say::encode_rows(l, l.count(rows as u64)),
        };
        let to = self.out.as_ref().map_or(String::new(), |path| format!(": {}", path.display()));
        complain(&format!("{encoded}{to}"));
        if let Some(path) = &self.map {
            let classes = job.trained.preprocessing.class_names();
            draw(path, &code_map(&job.kept.codes, &job.kept.labels, classes)?.draw(l))?;
            if job.rows > MAPPED {
                note(&Said::new(|l| say::encode_first(l, l.count(MAPPED as u64))));
            }
        }
        if let Some(path) = &self.pictures {
            let Inputs::Pixels(scale) = &job.trained.preprocessing.inputs else {
                return Err(no_images(&self.data));
            };
            let images = reconstructions(scale, &job.kept.shown);
            draw(path, &images.ok_or_else(|| no_images(&self.data))?.draw(l))?;
        }
        Ok(0)
    }
}

fn no_images(source: &str) -> Failure {
    Failure::said(|l| say::encode_no_images(l, source))
}

fn draw(path: &Path, picture: &Svg) -> Result<(), Failure> {
    let bytes = super::PictureFormat::of(path).bytes(picture)?;
    write_atomic(&Disk, path, &mut |to| to.write_all(&bytes))
        .map_err(|error| cannot_write(Some(path), &error))?;
    complain(&say::picture_saved(language(), path.display()));
    Ok(())
}

fn cannot_write(path: Option<&Path>, error: &io::Error) -> Failure {
    Failure::said(|l| {
        let place = path.map_or_else(|| say::standard_output(l), |path| path.display().to_string());
        say::cannot_write(l, place, error)
    })
}

/// What the pictures need of the rows.
#[derive(Default)]
struct Kept {
    codes: Vec<Vec<f32>>,
    labels: Vec<Option<usize>>,
    shown: Vec<(Vec<f32>, Vec<f32>, f64)>,
}

impl Kept {
    fn take(&mut self, found: &Autoencoded, width: usize) {
        let room = MAPPED.saturating_sub(self.codes.len());
        let codes = found.codes.chunks(found.code.max(1)).take(room).map(<[f32]>::to_vec);
        self.codes.extend(codes);
        self.labels.extend(found.labels.iter().take(room));
        let pairs = found.inputs.chunks(width).zip(found.given_back.chunks(width));
        let room = SHOWN.saturating_sub(self.shown.len());
        for ((row, back), &error) in pairs.zip(&found.errors).take(room) {
            self.shown.push((row.to_vec(), back.to_vec(), error));
        }
    }
}

/// Rows on their way from the source to the file.
struct Job<'a> {
    trained: Trained,
    source: &'a str,
    rows: usize,
    kept: Kept,
    /// What went wrong before anything could be written.
    failed: Option<SessionError>,
}

impl Job<'_> {
    fn write(&mut self, to: &mut dyn Write) -> io::Result<()> {
        let mut written: io::Result<()> = Ok(());
        let (mut started, kept) = (false, &mut self.kept);
        let mut take = |trained: &Trained, rows: &Predicted| -> io::Result<()> {
            let Some(found) = &rows.autoencoded else { return Ok(()) };
            let mut csv = csv::Writer::from_writer(Vec::new());
            let classes = trained.preprocessing.class_names();
            if !std::mem::replace(&mut started, true) {
                csv.write_record(header(rows, found, classes))?;
            }
            for row in 0..rows.lines.len() {
                csv.write_record(record(rows, found, classes, row))?;
            }
            kept.take(found, trained.preprocessing.width().max(1));
            to.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
        };
        let stop = || SessionError::told(say::rows_unwritten);
        let encoded =
            self.trained.predict(self.source, &mut |text| note(text), &mut |trained, rows| {
                written = take(trained, rows);
                if written.is_ok() { Ok(()) } else { Err(stop()) }
            });
        written?;
        match encoded {
            Ok(rows) => {
                self.rows = rows;
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(io::Error::other("the rows cannot be encoded"))
            }
        }
    }
}

fn header(rows: &Predicted, found: &Autoencoded, classes: &[String]) -> Vec<String> {
    let place = if rows.files.is_empty() { rows.counted_by } else { "file" };
    let mut header = vec![place.to_string()];
    if !classes.is_empty() {
        header.push("class".into());
    }
    header.push(RECONSTRUCTION_ERROR.into());
    header.extend((1..=found.code).map(|i| format!("code_{i}")));
    header
}

fn record(rows: &Predicted, found: &Autoencoded, classes: &[String], row: usize) -> Vec<String> {
    let mut cells = vec![match rows.files.get(row) {
        Some(file) => file.clone(),
        None => rows.lines[row].to_string(),
    }];
    if !classes.is_empty() {
        let class = found.labels[row].and_then(|class| classes.get(class));
        cells.push(class.cloned().unwrap_or_default());
    }
    cells.push(number(found.errors[row]));
    let code = &found.codes[row * found.code..(row + 1) * found.code];
    cells.extend(code.iter().map(|&value| number(f64::from(value))));
    cells
}
