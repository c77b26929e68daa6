//! What the commands that show a loss surface let their users choose.

use clap::Args;
use spusk::landscape::{PlaneKind, RowsRequest, SurveyRequest};
use spusk::messages as say;

use crate::terminal::Failure;

/// What of a loss surface is computed, and how much of it.
#[derive(Args)]
pub(crate) struct Surface {
    /// Rows of the training part that the loss is taken over.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// How far a plane reaches, as a multiple of the usual.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true)]
    extent: f64,
    /// The source of everything random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Draw logarithms of the loss; they make any small loss look like a pit.
    #[arg(long)]
    pub(crate) log: bool,
    /// How many of the largest eigenvalues.
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=50))]
    eigenvalues: u64,
    /// Random vectors for the trace and the density.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=100))]
    probes: u64,
}

impl Surface {
    /// Refuses what no plane can have.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let extent = self.extent;
        match extent > 0.0 && extent.is_finite() {
            true => Ok(()),
            false => Err(Failure::wrong(|l| say::minimize_positive(l, "extent", extent))),
        }
    }

    /// The rows that the loss is taken over.
    pub(crate) fn rows(&self) -> RowsRequest {
        RowsRequest { rows: usize::try_from(self.rows).unwrap_or(usize::MAX), seed: self.seed }
    }

    /// What is computed; planes, their points, the curvature and the threads are the command's.
    pub(crate) fn survey(&self) -> SurveyRequest {
        SurveyRequest {
            extent: self.extent,
            seed: self.seed,
            eigenvalues: self.eigenvalues as usize,
            probes: self.probes as usize,
            ..SurveyRequest::default()
        }
    }
}

/// Which plane through the weights.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum WhichPlane {
    /// Two random directions, filter by filter as long as the weights.
    Random,
    /// The directions of the largest and the smallest curvature.
    Hessian,
    /// The two main directions of the training's path.
    Path,
    /// One after the other.
    All,
}

impl WhichPlane {
    pub(crate) fn kinds(self) -> Vec<PlaneKind> {
        match self {
            WhichPlane::Random => vec![PlaneKind::Random],
            WhichPlane::Hessian => vec![PlaneKind::Hessian],
            WhichPlane::Path => vec![PlaneKind::Path],
            WhichPlane::All => vec![PlaneKind::Random, PlaneKind::Hessian, PlaneKind::Path],
        }
    }
}
