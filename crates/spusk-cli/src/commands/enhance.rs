//! `spusk enhance`: a picture without its noise, or enlarged.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use spusk::data::Degradation;
use spusk::fs::{Disk, write_atomic};
use spusk::messages::{self as say, Said};
use spusk::metrics::Likeness;
use spusk::picture::{self, Kernel, Noisy, Picture, Raster, resize};
use spusk::session::{TILE, Tiles, Trained};

use super::{Format, Outcome, default_threads, refuse_writing_over};
use crate::terminal::{Failure, complain, language, line, note, table};

/// Take the noise off a picture, or enlarge it, with a network that was trained for that.
///
/// The picture is restored in tiles that overlap by as far as the network sees, so a large photograph takes
/// little memory (its pixels, those of the result, and one tile), and the result is that of the whole
/// picture at once. Gray and colored pictures are both taken; transparency is kept.
///
/// Where the true picture is known (--noise, --reduce or --reference), the result is compared with it, beside
/// what needs no network.
#[derive(Args)]
pub(crate) struct Enhance {
    /// The directory of the run.
    run: PathBuf,
    /// The picture: PNG, JPEG, BMP or GIF.
    picture: PathBuf,
    /// The picture to write: PNG, JPEG or BMP, by the ending of its name.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A test: noise of this standard deviation (in steps of 255) is added to the picture first.
    #[arg(long, value_name = "SIGMA", conflicts_with = "reduce", value_parser = sigma)]
    noise: Option<f64>,
    /// A test: the picture is reduced first by what the network enlarges.
    #[arg(long)]
    reduce: bool,
    /// The true picture, to compare with.
    #[arg(long, value_name = "PICTURE", conflicts_with_all = ["noise", "reduce"])]
    reference: Option<PathBuf>,
    /// The side of a tile in pixels: smaller ones take less memory and more time.
    #[arg(long, value_name = "N", default_value_t = TILE)]
    tile: usize,
    /// The seed of the noise.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "noise")]
    seed: u64,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

fn sigma(text: &str) -> Result<f64, String> {
    let sigma = text.parse::<f64>().ok().filter(|sigma| *sigma > 0.0 && *sigma <= 255.0);
    let l = language();
    let range = || say::kind_number(l, say::range_above_to(l, 0, 255));
    sigma.ok_or_else(|| say::error_expected(l, range()))
}

/// A way of restoring, and how near it comes.
type Compared = (&'static str, Likeness);

impl Enhance {
    pub(crate) fn run(self) -> Outcome {
        let started = Instant::now();
        let mut trained = Trained::open(&self.run, self.threads.unwrap_or_else(default_threads))?;
        let Some(degradation) = trained.degradation() else {
            return Err(Failure::said(|l| say::enhance_not_made(l, self.run.display())));
        };
        self.check(degradation)?;
        refuse_writing_over(std::iter::once(&self.picture).chain(&self.reference), &self.out)?;
        let given = picture::read(&self.picture)?;
        // A name that cannot be is told before anything is computed.
        given.check_name(&self.out)?;
        let job = Job::new(&self, given, degradation)?;
        let mut tiles = Tiles::new(&mut trained, self.tile)?;
        let mut result = tiles.restore(job.input().as_ref())?;
        let (factor, input) = (degradation.factor(), job.given());
        if input.alpha.is_some() && factor > 1 {
            result.alpha = resize(input, result.height, result.width, Kernel::Bicubic).alpha;
        } else {
            result.alpha = input.alpha.clone();
        }
        let file = result.encode(&self.out)?;
        write_atomic(&Disk, &self.out, &mut |to| to.write_all(&file)).map_err(|error| {
            Failure::said(|l| say::cannot_write(l, self.out.display(), say::io_problem(l, &error)))
        })?;
        let told = Told {
            tile: tiles.tile(),
            reach: tiles.reach(),
            bytes: tiles.bytes(),
            seconds: started.elapsed().as_secs_f64(),
            compared: job.compared(&result)?,
        };
        self.tell(&result, &told)?;
        Ok(0)
    }

    /// Refuses tests of what the network does not undo.
    fn check(&self, degradation: Degradation) -> Result<(), Failure> {
        let run = self.run.display();
        match degradation {
            Degradation::Noise { .. } if self.reduce => {
                Err(Failure::said(|l| say::enhance_denoises(l, &run)))
            }
            Degradation::Reduced { .. } if self.noise.is_some() => {
                Err(Failure::said(|l| say::enhance_enlarges(l, &run)))
            }
            _ => Ok(()),
        }
    }

    fn tell(&self, result: &Picture, told: &Told) -> Result<(), Failure> {
        if self.format == Format::Json {
            let mut object = json!({
                "event": "done",
                "out": self.out.display().to_string(),
                "width": result.width,
                "height": result.height,
                "tile": told.tile,
                "overlap": told.reach,
                "tile_bytes": told.bytes,
                "seconds": told.seconds,
            });
            for (name, likeness) in &told.compared {
                object[format!("{name}_psnr")] = finite(likeness.psnr);
                object[format!("{name}_ssim")] = likeness.ssim.into();
            }
            return line(object);
        }
        let l = language();
        let rows = told.compared.iter().map(|(name, likeness)| {
            let ssim = likeness.ssim.map_or("–".into(), |ssim| l.fixed(ssim, 4));
            vec![format!("  {}", say::method(l, name)), l.fixed(likeness.psnr, 2), ssim]
        });
        let against = format!("  {}", say::enhance_against(l));
        let head = vec![against, say::enhance_psnr(l), "SSIM".into()];
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
        if rows.len() > 1 {
            table(&rows, &[1, 2]).iter().try_for_each(line)?;
        }
        complain(&say::enhance_done(
            l,
            result.width,
            result.height,
            l.seconds(told.seconds),
            self.out.display(),
            told.tile,
            2 * told.reach,
            l.bytes(told.bytes as u64),
        ));
        Ok(())
    }
}

/// JSON has no infinity, which equal pictures have.
fn finite(value: f64) -> Value {
    if value.is_finite() { value.into() } else { Value::Null }
}

/// What is told at the end.
struct Told {
    tile: usize,
    reach: usize,
    bytes: usize,
    seconds: f64,
    compared: Vec<Compared>,
}

/// The picture that the network sees, and the true one where it is known.
struct Job {
    given: Picture,
    truth: Option<Picture>,
    noise: Option<(f64, u64)>,
    degradation: Degradation,
}

impl Job {
    fn new(command: &Enhance, given: Picture, degradation: Degradation) -> Result<Job, Failure> {
        let noise = command.noise.map(|sigma| (sigma, command.seed));
        if let (Some((sigma, _)), Degradation::Noise { sigma: own }) = (noise, degradation)
            && sigma != own
        {
            note(&Said::new(|l| say::enhance_other_noise(l, l.digits(&own.to_string()))));
        }
        let (given, truth) = match &command.reference {
            Some(path) => {
                let truth = picture::read(path)?;
                let truth = truth.with_channels(given.channels);
                let factor = degradation.factor();
                let want = [given.height * factor, given.width * factor];
                if [truth.height, truth.width] != want {
                    let (height, width) = (truth.height, truth.width);
                    return Err(Failure::said(|l| {
                        say::enhance_reference(l, path.display(), height, width, want[0], want[1])
                    }));
                }
                (given, Some(truth))
            }
            None if command.reduce => reduced(given, degradation.factor(), &command.picture)?,
            None => {
                let truth = noise.map(|_| given.clone());
                (given, truth)
            }
        };
        Ok(Job { given, truth, noise, degradation })
    }

    fn given(&self) -> &Picture {
        &self.given
    }

    fn input(&self) -> Box<dyn Raster + '_> {
        match self.noise {
            Some((sigma, seed)) => Box::new(Noisy { picture: &self.given, sigma, seed }),
            None => Box::new(Borrowed(&self.given)),
        }
    }

    /// How near the result comes to the truth, beside what needs no network.
    fn compared(&self, result: &Picture) -> Result<Vec<Compared>, Failure> {
        let Some(truth) = &self.truth else { return Ok(Vec::new()) };
        let of = |name, raster: &dyn Raster| -> Result<Compared, Failure> {
            let likeness = Likeness::of(raster, truth);
            let sizes =
                || Failure::failed(format!("{name}: its size is not that of the true picture"));
            Ok((name, likeness.ok_or_else(sizes)?))
        };
        let mut compared = Vec::new();
        match self.degradation {
            Degradation::Noise { .. } => compared.push(of("noisy", self.input().as_ref())?),
            Degradation::Reduced { .. } => {
                for kernel in [Kernel::Bilinear, Kernel::Bicubic] {
                    let large = resize(&self.given, result.height, result.width, kernel);
                    compared.push(of(kernel.name(), &large)?);
                }
            }
        }
        compared.push(of("network", result)?);
        Ok(compared)
    }
}

/// A picture reduced, and what of it the reduced one shows.
fn reduced(
    whole: Picture,
    factor: usize,
    name: &Path,
) -> Result<(Picture, Option<Picture>), Failure> {
    let (height, width) = (whole.height / factor, whole.width / factor);
    if height == 0 || width == 0 {
        return Err(Failure::said(|l| {
            say::enhance_too_small(l, name.display(), whole.height, whole.width, factor)
        }));
    }
    let truth = whole.crop(0, 0, height * factor, width * factor);
    Ok((resize(&truth, height, width, Kernel::Bicubic), Some(truth)))
}

/// A picture that is read where it is.
struct Borrowed<'a>(&'a Picture);

impl Raster for Borrowed<'_> {
    fn size(&self) -> [usize; 3] {
        self.0.size()
    }

    fn row(&self, y: usize, x: usize, to: &mut [f32]) {
        self.0.row(y, x, to);
    }
}
