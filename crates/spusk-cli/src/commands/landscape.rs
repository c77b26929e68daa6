//! `spusk landscape`: the loss of one's own network as a surface over its weights.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use spusk::landscape::{
    self, Between, BetweenRequest, Landscape, LandscapePage, Subject, SurveyRequest, barrier,
    between, survey,
};
use spusk::messages as say;
use spusk::session::{Trained, trajectory};

use super::surface::{Surface, WhichPlane};
use super::{Format, Outcome, PageFiles, Telling, default_threads, print_part};
use crate::terminal::{Failure, complain, line};

/// Show the loss surface around the weights of a trained network.
///
/// The loss over a plane through the weights: a random one, that of the largest and the smallest
/// curvature, or that of the training's own path; the Hessian's spectrum; or the loss on the way from one
/// trained network to another.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  spusk landscape runs/2026-11-23-digits --out digits.html\n  spusk \
                        landscape runs/2026-11-23-digits --plane all --curvature --out all.html\n  \
                        spusk landscape --line runs/a runs/b --out between.html"
)]
pub(crate) struct Show {
    /// The directory of the run.
    #[arg(required_unless_present = "line", conflicts_with = "line")]
    run: Option<PathBuf>,
    /// The plane through the weights.
    #[arg(long, value_enum, default_value = "random")]
    plane: WhichPlane,
    /// Places along each side of a plane, or on the way of --line (41 there if not given).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=501))]
    points: Option<u64>,
    /// The Hessian's largest and smallest eigenvalues, its trace and the density of its spectrum.
    #[arg(long, conflicts_with = "line")]
    curvature: bool,
    /// The way between two runs of the same layers: straight, and with one bend, after matching their
    /// neurons.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    line: Option<Vec<PathBuf>>,
    #[command(flatten)]
    surface: Surface,
    #[command(flatten)]
    files: PageFiles,
    #[command(flatten)]
    telling: Telling,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Show {
    pub(crate) fn run(self) -> Outcome {
        self.surface.check()?;
        match (&self.run, &self.line) {
            (Some(run), _) => self.planes(run),
            (None, Some(runs)) => match &runs[..] {
                [first, second] => self.line(first, second),
                _ => Err(Failure::wrong(say::line_needs_runs)),
            },
            (None, None) => Err(Failure::wrong(say::line_needs_runs)),
        }
    }

    fn threads(&self) -> usize {
        self.threads.unwrap_or_else(default_threads).max(1)
    }

    fn planes(&self, run: &Path) -> Outcome {
        let l = self.telling.language();
        let (subject, _) = Subject::of_run(run, self.surface.rows())?;
        let planes = self.plane.kinds();
        let (way, left_out) = trajectory(run, subject.parameters());
        if left_out > 0 {
            complain(&say::trajectory_damaged(l, left_out));
        }
        let request = SurveyRequest {
            planes,
            points: self.points.unwrap_or(51) as usize,
            curvature: self.curvature,
            threads: self.threads(),
            ..self.surface.survey()
        };
        let found = survey(&subject, &way, &request).map_err(Failure::failed)?;
        if found.planes.is_empty() {
            return Err(Failure::said(say::plane_path_missing));
        }
        let title = run.display().to_string();
        self.write(|| landscape::page(&title, &subject, &found, self.surface.log, l))?;
        match self.telling.format {
            Format::Json => line(object(run, &subject, &found))?,
            Format::Human => {
                for (i, part) in
                    landscape::account(&subject, &found, self.surface.log, l).iter().enumerate()
                {
                    if i > 0 {
                        line("")?;
                    }
                    print_part(part)?;
                }
            }
        }
        Ok(0)
    }

    fn line(&self, first: &Path, second: &Path) -> Outcome {
        let l = self.telling.language();
        let (subject, part) = Subject::of_run(first, self.surface.rows())?;
        let other = Trained::open(second, 1)?;
        let recoded = other.preprocessing != Trained::open(first, 1)?.preprocessing;
        let other = Subject::of_trained(&other).map_err(Failure::failed)?;
        let names = |subject: &Subject| -> Vec<_> {
            subject.parameters().iter().map(|p| (p.name.clone(), p.shape.clone())).collect()
        };
        if names(&subject) != names(&other) {
            let (first, second) = (first.display(), second.display());
            return Err(Failure::said(|l| say::line_other_layers(l, &first, &second)));
        }
        if recoded {
            complain(&say::line_other_scaling(l));
        }
        let usual = BetweenRequest::default();
        let request = BetweenRequest {
            points: self.points.map_or(usual.points, |points| points as usize),
            seed: self.surface.rows().seed,
            threads: self.threads(),
            ..usual
        };
        let found = between(&subject, other.weights(), &part, &request)?;
        let title = format!("{} → {}", first.display(), second.display());
        let steps = request.bend_steps;
        self.write(|| landscape::page_between(&title, &subject, &found, steps, l))?;
        match self.telling.format {
            Format::Json => line(between_object(first, second, &subject, &found))?,
            Format::Human => print_part(&landscape::account_between(&subject, &found, steps, l))?,
        }
        Ok(0)
    }

    fn write(&self, page: impl Fn() -> LandscapePage) -> Result<(), Failure> {
        if !self.files.wanted() {
            return Ok(());
        }
        let page = page();
        self.files.write(&page.html, &page.pictures, self.telling.language())
    }
}

/// What was found, as one object; numbers that are not finite become null.
fn object(run: &Path, subject: &Subject, found: &Landscape) -> Value {
    let planes: Vec<Value> = found.planes.iter().map(plane).collect();
    let grid = planes.first().map(|plane| plane["loss"].clone());
    json!({
        "run": run,
        "parameters": subject.weights().len(),
        "rows": subject.rows(),
        "training_rows": subject.total_rows(),
        "batch_norm": subject.has_batch_norm().then(|| json!({
            "statistics": "measured at every point", "rows_at_once": subject.block_rows(),
        })),
        "loss": found.loss,
        "standard_error": found.error,
        "grid": grid,
        "planes": planes,
        "path_missing": found.path_missing,
        "spectrum": found.curvature.as_ref().map(spectrum),
        "seconds": found.seconds,
    })
}

fn plane(plane: &landscape::Plane) -> Value {
    json!({
        "plane": plane.kind,
        "x": plane.x,
        "y": plane.y,
        "loss": plane.losses.chunks(plane.x.len().max(1)).collect::<Vec<_>>(),
        "direction_norms": plane.lengths,
        "curvatures": plane.curvatures,
        "explained": plane.explained,
        "random_walk_explains": plane.explained.map(|_| 0.76),
        "path": plane.path.iter().map(|point| json!({
            "step": point.step,
            "x": point.shadow.x,
            "y": point.shadow.y,
            "loss": point.loss,
            "loss_in_plane": plane.loss_at(point.shadow.x, point.shadow.y),
            "off_plane": point.shadow.off_plane,
        })).collect::<Vec<_>>(),
        "seconds": plane.seconds,
    })
}

fn spectrum(found: &landscape::Curvature) -> Value {
    let pair =
        |pair: &landscape::Eigenpair| json!({"value": pair.value, "residual": pair.residual});
    json!({
        "largest": found.extremes.largest.iter().map(pair).collect::<Vec<_>>(),
        "smallest": pair(&found.extremes.smallest),
        "products": found.extremes.products,
        "gradient_norm": found.gradient_norm,
        "trace": found.density.as_ref().map(|density| density.trace),
        "trace_standard_error": found.density.as_ref().map(|density| density.trace_error),
        "density": found.density.as_ref().map(|density| json!({
            "values": density.nodes.iter().map(|node| node.0).collect::<Vec<_>>(),
            "shares": density.nodes.iter().map(|node| node.1).collect::<Vec<_>>(),
            "probes": density.probes,
        })),
        "seconds": found.seconds,
    })
}

fn between_object(first: &Path, second: &Path, subject: &Subject, found: &Between) -> Value {
    let way = |losses: &Vec<f64>| json!({"loss": losses, "barrier": barrier(losses)});
    json!({
        "line": [first, second],
        "rows": subject.rows(),
        "training_rows": subject.total_rows(),
        "standard_error": found.error,
        "t": found.t,
        "straight": way(&found.straight),
        "matched": found.matched.as_ref().map(way),
        "bend": way(&found.bend),
        "hidden_units": found.units,
        "moved_units": found.moved,
        "seconds": found.seconds,
    })
}
