//! The report of a run: one HTML file that opens offline and needs no script to be read.
//!
//! [`ReportData`] is plain data. It can be saved as JSON and rendered again, so a report can be made
//! anew from a run that is long over.
//!
//! ```
//! use spusk::messages::Language;
//! use spusk::metrics::{Classification, Outputs};
//! use spusk::report::{ReportData, TestSection, html};
//!
//! let mut scores = Classification::new(2, Outputs::Probabilities);
//! scores.push(&[0.9, 0.2, 0.7], &[1, 0, 0])?;
//! let data = ReportData {
//!     title: "A first try".into(),
//!     test: Some(TestSection::Classification {
//!         scores: scores.finish(),
//!         classes: vec!["no".into(), "yes".into()],
//!     }),
//!     ..ReportData::default()
//! };
//! assert!(html(&data, Language::English).contains("names 2 of 3 unseen examples correctly"));
//! # Ok::<(), spusk::metrics::MetricsError>(())
//! ```

mod automatic;
mod data;
mod environment;
mod headline;
mod mistakes;
mod model;
pub(crate) mod page;
mod settings;
mod test;
mod training;

pub use automatic::AutomaticSection;
pub use data::{ColumnInfo, DataSection, RowAccount, Skipped};
pub use environment::Environment;
pub use headline::headline;
pub use mistakes::{MistakeRow, MistakesSection};
pub use model::{LayerRow, ModelSection};
pub use settings::{Note, Setting};
pub use test::TestSection;

use serde::{Deserialize, Serialize};

use crate::messages::{self as say, Language, Said};
use crate::plot::{Curves, Distributions, LearningRateCourse, Picture, Svg};
use page::Page;

/// Everything a report can show. What is absent is left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportData {
    /// What was trained, as "digits, mlp:128".
    pub title: String,
    /// The result in a sentence; composed from `test` if absent.
    pub headline: Option<Said>,
    /// What the reader must know before anything else, as "stopped by Ctrl-C after epoch 7".
    pub warnings: Vec<Said>,
    /// What was decided without being asked, and why.
    pub notes: Vec<Note>,
    /// Where the examples came from and what became of them.
    pub data: Option<DataSection>,
    /// The network.
    pub model: Option<ModelSection>,
    /// The resolved settings.
    pub settings: Vec<Setting>,
    /// Loss and metrics by epoch.
    pub curves: Vec<Curves>,
    /// The learning rate by step.
    pub learning_rate: Option<LearningRateCourse>,
    /// Scores on unseen examples.
    pub test: Option<TestSection>,
    /// The worst mistakes.
    pub mistakes: Option<MistakesSection>,
    /// Weights by layer over time.
    pub weights: Option<Distributions>,
    /// Gradients by layer over time.
    pub gradients: Option<Distributions>,
    /// How the learning rate was found.
    pub automatic: Option<AutomaticSection>,
    /// More pictures.
    pub pictures: Vec<Picture>,
    /// On what it ran.
    pub environment: Option<Environment>,
}

/// The report as a page in a language.
///
/// ```
/// use spusk::messages::Language;
///
/// let page = spusk::report::html(&spusk::report::ReportData::default(), Language::English);
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// ```
#[must_use]
pub fn html(report: &ReportData, language: Language) -> String {
    let mut page = Page::new(&report.title, language);
    write(&mut page, report);
    page.finish()
}

/// All sections of the report, in a page that may get more.
pub(crate) fn write(page: &mut Page, report: &ReportData) {
    headline::write(page, report);
    settings::write_notes(page, &report.notes);
    training::write(page, report);
    test::write(page, report.test.as_ref());
    mistakes::write(page, report.mistakes.as_ref());
    automatic::write(page, report.automatic.as_ref());
    training::write_layers(page, report);
    data::write(page, report.data.as_ref());
    model::write(page, report.model.as_ref());
    if !report.pictures.is_empty() {
        let l = page.language();
        page.section("pictures", &say::report_pictures(l), |page| {
            report.pictures.iter().for_each(|picture| page.picture(&picture.draw(l)));
        });
    }
    settings::write_settings(page, &report.settings);
    environment::write(page, report.environment.as_ref());
}

/// Every picture of the report with a file name of its own, for `pictures/`.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Curves, Series};
/// use spusk::report::{ReportData, pictures};
///
/// let report = ReportData { curves: vec![Curves::default(); 2], ..ReportData::default() };
/// let names: Vec<String> = pictures(&report, Language::English).into_iter().map(|picture| picture.0).collect();
/// assert_eq!(names, ["curves.svg", "curves-2.svg"]);
/// ```
#[must_use]
pub fn pictures(report: &ReportData, language: Language) -> Vec<(String, Svg)> {
    let mut all: Vec<(&str, Picture)> = Vec::new();
    let mut add = |name: Option<&'static str>, picture: Picture| {
        all.push((name.unwrap_or(picture.name()), picture));
    };
    report.curves.iter().cloned().for_each(|curves| add(None, curves.into()));
    report.learning_rate.iter().cloned().for_each(|course| add(None, course.into()));
    let test = report.test.iter().flat_map(TestSection::pictures);
    test.for_each(|picture| add(None, picture));
    let mistakes = report.mistakes.iter().filter_map(|section| section.images.clone());
    mistakes.for_each(|images| add(None, images.into()));
    report.weights.iter().cloned().for_each(|weights| add(Some("weights"), weights.into()));
    report.gradients.iter().cloned().for_each(|gradients| add(Some("gradients"), gradients.into()));
    let automatic = report.automatic.iter().flat_map(AutomaticSection::pictures);
    automatic.for_each(|picture| add(None, picture));
    report.model.iter().for_each(|model| add(None, model.diagram().into()));
    report.pictures.iter().cloned().for_each(|picture| add(None, picture));
    numbered(&all, language)
}

fn numbered(all: &[(&str, Picture)], language: Language) -> Vec<(String, Svg)> {
    let mut files: Vec<(String, Svg)> = Vec::with_capacity(all.len());
    for (i, (name, picture)) in all.iter().enumerate() {
        let before = all[..i].iter().filter(|(other, _)| other == name).count();
        let file =
            if before == 0 { format!("{name}.svg") } else { format!("{name}-{}.svg", before + 1) };
        files.push((file, picture.draw(language)));
    }
    files
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
