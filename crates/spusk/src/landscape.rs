//! The loss of a network as a surface over its weights: planes through it, curvature, ways between two
//! trained networks.
//!
//! Numbers are here, pictures in [`crate::plot`], words in [`crate::messages`].

mod account;
mod between;
mod compiled;
mod direction;
mod matching;
mod page;
mod spectrum;
mod subject;
mod survey;
#[cfg(test)]
mod tests;

pub(crate) use compiled::Derivative;
pub(crate) use page::sections;
pub(crate) use spectrum::density as spectral_density;

pub use crate::eigen::lanczos::{Eigenpair, Extremes};
pub use account::{account, account_between};
pub use between::{Between, BetweenRequest, barrier, between};
pub use direction::Shadow;
pub use matching::{Matched, matched};
pub use page::{LandscapePage, page, page_between};
pub use spectrum::Density;
pub use subject::{RowsRequest, Subject};
pub use survey::{Curvature, Landscape, PathPoint, Plane, PlaneKind, SurveyRequest, survey};
