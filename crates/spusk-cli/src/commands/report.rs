//! `spusk report`: the report of a run, made anew, or everything that can be shown of it.

use std::path::PathBuf;

use clap::Args;
use spusk::landscape::SurveyRequest;
use spusk::report::{ReportData, html};
use spusk::run::RunDir;
use spusk::session::{FullRequest, full_report};

use super::surface::{Surface, WhichPlane};
use super::{Outcome, default_threads};
use crate::terminal::{Failure, language, line};

/// Make the report of a run anew; with --full, everything that can be shown of it.
///
/// The whole report has the training, the loss surface with its curvature, what `spusk doctor` finds, and why
/// nobody solves for the minimum, in one file that opens offline.
#[derive(Args)]
#[command(
    mut_group("Surface", |group| group.requires("full")),
    after_help = "Examples:\n  spusk report runs/2026-11-23-digits --full\n  spusk report \
                  runs/2026-11-23-digits --full --activations --out everything.html\n  spusk report \
                  runs/2026-11-23-digits --full --plane random --points 25 --no-curvature --no-trials"
)]
pub(crate) struct Report {
    /// The directory of the run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Add the loss surface, the examination and the count of what solving would cost.
    #[arg(long)]
    full: bool,
    /// Add the curves of the activations.
    #[arg(long, requires = "full")]
    activations: bool,
    /// The plane through the weights.
    #[arg(long, value_enum, default_value = "all", requires = "full")]
    plane: WhichPlane,
    /// Places along each side of a plane.
    #[arg(long, value_name = "N", default_value_t = 51, requires = "full", value_parser = clap::value_parser!(u64).range(2..=501))]
    points: u64,
    /// Leave the Hessian's spectrum out.
    #[arg(long, requires = "full")]
    no_curvature: bool,
    #[command(flatten)]
    surface: Surface,
    /// Steps of the examination that are replayed, and steps of each fork.
    #[arg(long, value_name = "N", default_value_t = 300, requires = "full", value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Name the cures of the examination without testing them.
    #[arg(long, requires = "full")]
    no_trials: bool,
    /// The page to write [default: report.html, with --full full.html, in the run].
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Report {
    pub(crate) fn run(self) -> Outcome {
        self.surface.check()?;
        let language = language();
        let page = match self.full {
            true => full_report(&self.run, &self.request(), language)?,
            false => {
                let run = RunDir::open(&self.run)?;
                let data: ReportData = run.report_data()?;
                html(&data, language)
            }
        };
        let name = if self.full { "full.html" } else { "report.html" };
        let out = self.out.unwrap_or_else(|| self.run.join(name));
        std::fs::write(&out, page)
            .map_err(|error| Failure::failed(format!("{}: {error}", out.display())))?;
        line(out.display())?;
        Ok(0)
    }

    fn request(&self) -> FullRequest {
        FullRequest {
            rows: self.surface.rows().rows,
            survey: SurveyRequest {
                planes: self.plane.kinds(),
                points: usize::try_from(self.points).unwrap_or(51),
                curvature: !self.no_curvature,
                threads: self.threads.unwrap_or_else(default_threads).max(1),
                ..self.surface.survey()
            },
            log: self.surface.log,
            test_cures: !self.no_trials,
            activations: self.activations,
            steps: self.steps,
        }
    }
}
