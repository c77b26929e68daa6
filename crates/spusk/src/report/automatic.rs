//! How the learning rate was found.

use serde::{Deserialize, Serialize};

use super::page::Page;
use super::settings::{Setting, table};
use crate::messages::{self as say, Said};
use crate::plot::{Picture, Race, RangeTest};

/// What the automatic step did and decided.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AutomaticSection {
    /// In sentences, in the order it happened.
    pub text: Vec<Said>,
    /// What it decided.
    pub decisions: Vec<Setting>,
    /// The range test.
    pub range_test: Option<RangeTest>,
    /// The race of candidates.
    pub race: Option<Race>,
}

impl AutomaticSection {
    /// Range test and race, if there were any.
    #[must_use]
    pub fn pictures(&self) -> Vec<Picture> {
        let mut pictures: Vec<Picture> = Vec::new();
        pictures.extend(self.range_test.clone().map(Picture::from));
        pictures.extend(self.race.clone().map(Picture::from));
        pictures
    }
}

pub(super) fn write(page: &mut Page, automatic: Option<&AutomaticSection>) {
    let Some(section) = automatic else { return };
    let l = page.language();
    page.section("automatic", &say::report_automatic(l), |page| {
        section.text.iter().for_each(|text| page.paragraph(text.in_language(l)));
        if !section.decisions.is_empty() {
            table(page, &section.decisions);
        }
        section.pictures().iter().for_each(|picture| page.picture(&picture.draw(l)));
    });
}
