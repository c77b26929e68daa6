//! Curves over the training, and the layers' weights and gradients.

use super::ReportData;
use super::page::Page;
use crate::messages as say;
use crate::plot::Plot;

pub(super) fn write(page: &mut Page, report: &ReportData) {
    if report.curves.is_empty() && report.learning_rate.is_none() {
        return;
    }
    let l = page.language();
    page.section("training", &say::picture_training(l), |page| {
        report.curves.iter().for_each(|curves| page.picture(&curves.draw(l)));
        report.learning_rate.iter().for_each(|course| page.picture(&course.draw(l)));
    });
}

pub(super) fn write_layers(page: &mut Page, report: &ReportData) {
    if report.weights.is_none() && report.gradients.is_none() {
        return;
    }
    let l = page.language();
    page.section("layers", &say::report_layers(l), |page| {
        report.weights.iter().for_each(|weights| page.picture(&weights.draw(l)));
        report.gradients.iter().for_each(|gradients| page.picture(&gradients.draw(l)));
    });
}
