//! Everything that can be shown of one run, in one page.

use std::path::Path;

use super::{ExamineOptions, SessionError, account_examination, describe_run, examine, trajectory};
use crate::activations;
use crate::formula::{account_analytic, analytic_cost};
use crate::landscape::{self, PlaneKind, RowsRequest, Subject, SurveyRequest, survey};
use crate::messages::{self as say, Language};
use crate::report::page::Page;
use crate::report::{self, ReportData};
use crate::run::RunDir;

/// What goes into the page beside the report of the training.
#[derive(Debug, Clone, PartialEq)]
pub struct FullRequest {
    /// Rows of the training part that the loss surface is taken over.
    pub rows: usize,
    /// What is computed of the surface.
    pub survey: SurveyRequest,
    /// Whether logarithms of the loss are drawn.
    pub log: bool,
    /// How the run is examined.
    pub steps: u64,
    /// Whether cures are tested.
    pub test_cures: bool,
    /// Whether the curves of the activations are shown.
    pub activations: bool,
}

impl Default for FullRequest {
    fn default() -> Self {
        FullRequest {
            rows: 2000,
            survey: SurveyRequest {
                planes: vec![PlaneKind::Random, PlaneKind::Hessian, PlaneKind::Path],
                curvature: true,
                ..SurveyRequest::default()
            },
            log: false,
            steps: 300,
            test_cures: true,
            activations: false,
        }
    }
}

/// The page of a run: the report of its training, the loss surface with its curvature, what the examination
/// found, the activations, and why nobody solves for the minimum. What cannot be made (the data are gone, say)
/// is named with its reason, and the rest is shown.
///
/// # Errors
/// If the run cannot be opened.
pub fn full_report(run: &Path, request: &FullRequest, l: Language) -> Result<String, SessionError> {
    let directory = RunDir::open(run)?;
    // Weights that another program trained have no training to report.
    let data: Result<ReportData, _> = directory.report_data().map_err(SessionError::from);
    let title = match &data {
        Ok(data) => data.title.clone(),
        Err(_) => run.file_name().unwrap_or(run.as_os_str()).to_string_lossy().into_owned(),
    };
    let mut page = Page::new(&title, l);
    or_why(&mut page, "training", &say::full_report_of_training(l), l, |page| {
        report::write(page, &data?);
        Ok(())
    });
    or_why(&mut page, "landscape", &say::full_landscape(l), l, |page| {
        surface(page, run, request, l)
    });
    or_why(&mut page, "examination", &say::full_doctor(l), l, |page| {
        let options = ExamineOptions { steps: request.steps, test_cures: request.test_cures };
        let parts = account_examination(&examine(run, &options)?, l);
        page.section("examination", &say::full_doctor(l), |page| {
            parts.iter().for_each(|part| page.headed_part(part));
        });
        Ok(())
    });
    if request.activations {
        activations::sections(&mut page, &activations::all(), None, l);
    }
    or_why(&mut page, "analytic", &say::analytic_heading(l), l, |page| {
        let found = describe_run(run)?;
        let cost = analytic_cost(found.parameters as u64, found.weighted_layers());
        let part = account_analytic(&cost, found.batch_size as u64, found.step.flops, l);
        page.section("analytic", &part.heading, |page| page.part(&part));
        Ok(())
    });
    Ok(page.finish())
}

/// What `fill` adds, or a section that says why there is nothing.
fn or_why(
    page: &mut Page,
    id: &str,
    heading: &str,
    l: Language,
    fill: impl FnOnce(&mut Page) -> Result<(), SessionError>,
) {
    if let Err(error) = fill(page) {
        page.section(id, heading, |page| {
            page.paragraph(&say::full_left_out(l, heading, error.in_language(l)));
        });
    }
}

fn surface(
    page: &mut Page,
    run: &Path,
    request: &FullRequest,
    l: Language,
) -> Result<(), SessionError> {
    let rows = RowsRequest { rows: request.rows, seed: request.survey.seed };
    let (subject, _) = Subject::of_run(run, rows)?;
    let (way, _) = trajectory(run, subject.parameters());
    let found = survey(&subject, &way, &request.survey)?;
    landscape::sections(page, &subject, &found, request.log, l);
    Ok(())
}
