//! Scores on unseen examples.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::messages::{self as say, Language};
use crate::metrics::{
    Average, ClassificationScores, ForecastErrors, OutputScores, ReconstructionScores,
    RegressionScores,
};
use crate::plot::{ClassRoc, Comparison, ConfusionMatrix, ForecastPlot, Picture, Residuals, Roc};
use crate::session::{Compared, ForecastScores, MethodScore, PictureScores};

/// Scores on the test part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum TestSection {
    /// Classes were named.
    Classification {
        /// How well.
        scores: ClassificationScores,
        /// Names of the classes; a missing one is named by its index.
        #[serde(default)]
        classes: Vec<String>,
    },
    /// Values were predicted.
    Regression {
        /// How well.
        scores: RegressionScores,
        /// Names of the targets, with their units, one for each output.
        #[serde(default)]
        targets: Vec<String>,
    },
    /// Series were forecast.
    Forecast {
        /// How well, beside simpler forecasts.
        scores: ForecastScores,
    },
    /// Inputs were given back.
    Reconstruction {
        /// How well.
        scores: ReconstructionScores,
    },
    /// Pictures were restored.
    Pictures {
        /// How well, beside what needs no network.
        scores: PictureScores,
    },
}

impl TestSection {
    /// Confusion matrix and ROC curves, or true against predicted values.
    #[must_use]
    pub fn pictures(&self) -> Vec<Picture> {
        match self {
            TestSection::Classification { scores, classes } => {
                classification_pictures(scores, classes)
            }
            TestSection::Regression { scores, targets } => {
                let outputs = scores.outputs.iter().enumerate();
                outputs
                    .map(|(i, output)| {
                        let target = targets.get(i).cloned().unwrap_or_default();
                        residuals(scores.examples, output, target)
                    })
                    .collect()
            }
            TestSection::Forecast { scores } => forecast_pictures(scores),
            TestSection::Reconstruction { .. } => Vec::new(),
            TestSection::Pictures { scores } => {
                let pictures = scores.shown.clone();
                vec![Comparison { pictures, ..Comparison::default() }.into()]
            }
        }
    }
}

pub(super) fn write(page: &mut Page, test: Option<&TestSection>) {
    let Some(test) = test else { return };
    let l = page.language();
    page.section("test", &say::report_test(l), |page| {
        match test {
            TestSection::Classification { scores, classes } => {
                write_classification(page, scores, classes);
            }
            TestSection::Regression { scores, targets } => write_regression(page, scores, targets),
            TestSection::Forecast { scores } => write_forecast(page, scores),
            TestSection::Reconstruction { scores } => write_reconstruction(page, scores),
            TestSection::Pictures { scores } => write_pictures(page, scores),
        }
        for picture in test.pictures() {
            page.picture(&picture.draw(l));
        }
        if let TestSection::Classification { scores, classes } = test {
            write_classes(page, scores, classes);
        }
    });
}

fn write_pictures(page: &mut Page, scores: &PictureScores) {
    let l = page.language();
    let means = scores.means();
    let picture = say::column_picture(l);
    let mut columns = vec![Column::Text(&picture)];
    let head = |method: &MethodScore| {
        let name = say::method(l, &method.name);
        [say::column_decibels(l, &name), format!("{name}, SSIM")]
    };
    let heads: Vec<[String; 2]> = means.iter().map(head).collect();
    columns.extend(heads.iter().flatten().map(|head| Column::Number(head)));
    let row = |name: &str, methods: &[MethodScore]| {
        let figures = methods.iter().flat_map(|method| {
            let ssim = method.likeness.ssim.map_or("–".into(), |ssim| l.significant(ssim, 4));
            [l.fixed(method.likeness.psnr, 2), ssim]
        });
        std::iter::once(name.to_owned()).chain(figures).collect::<Vec<String>>()
    };
    let each = scores.pictures.iter().map(|picture| row(&picture.name, &picture.methods));
    let rows: Vec<Vec<String>> = each.chain([row(&say::mean_word(l), &means)]).collect();
    page.table(&columns, &rows);
    page.element("p", "soft", &say::report_pictures_note(l));
}

fn write_reconstruction(page: &mut Page, scores: &ReconstructionScores) {
    let l = page.language();
    let mut rows = Vec::new();
    let figure = |value| figure(value, l);
    let mut add = |name: String, value: String| rows.push(vec![name, value]);
    add(say::score_mse(l), figure(scores.mse));
    add(say::score_code(l), l.count(scores.code as u64));
    if let Some(pca) = &scores.pca {
        add(say::score_pca(l, l.count(pca.components as u64)), figure(pca.mse));
    }
    if let Some(below) = scores.below_pca() {
        add(say::score_below_pca(l), l.percent(below, 1));
    }
    add(say::score_mean_example(l), figure(scores.mean_mse));
    if let Some(explained) = scores.explained {
        add(say::score_explained(l), l.percent(explained, 1));
    }
    write_scores(page, &rows);
}

fn write_scores(page: &mut Page, rows: &[Vec<String>]) {
    let l = page.language();
    let names = [say::column_score(l), say::column_value(l)];
    page.table(&[Column::Text(&names[0]), Column::Number(&names[1])], rows);
}

fn write_classification(page: &mut Page, scores: &ClassificationScores, classes: &[String]) {
    let l = page.language();
    let mut rows = Vec::new();
    let mut add = |name: String, value: Option<String>| {
        rows.push(vec![name, value.unwrap_or_else(|| "–".into())]);
    };
    let share = |value: f64| l.percent(value, 1);
    add(say::score_accuracy(l), scores.accuracy.map(share));
    for top in &scores.top_k {
        add(say::score_top(l, top.k), Some(share(top.accuracy)));
    }
    add(say::score_commonest(l), scores.baseline_accuracy.map(share));
    add(say::score_log_loss(l), scores.log_loss.map(|loss| l.significant(loss, 4)));
    let area = if scores.classes == 2 { say::score_roc(l) } else { say::score_roc_mean(l) };
    add(area, scores.roc_auc.map(|area| l.score(area)));
    write_scores(page, &rows);
    if let Some(why) = &scores.roc_missing {
        page.element("p", "soft", &say::report_no_roc(l, why.in_language(l)));
    }
    let Some(confusion) = &scores.confusion else {
        return page.element("p", "soft", &say::report_no_confusion(l, scores.classes));
    };
    let pairs = confusion.worst_pairs(3);
    if !pairs.is_empty() {
        let pair = |&(label, named, times): &(usize, usize, u64)| {
            say::report_called(l, name(classes, label), name(classes, named), l.count(times))
        };
        let pairs: Vec<String> = pairs.iter().map(pair).collect();
        page.paragraph(&say::report_common_mistakes(l, pairs.join("; ")));
    }
}

fn write_classes(page: &mut Page, scores: &ClassificationScores, classes: &[String]) {
    let l = page.language();
    let figure = |value: Option<f64>| value.map_or("–".into(), |value| l.score(value));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (class, of) in scores.per_class.iter().enumerate() {
        let area = scores.roc.get(class).and_then(Option::as_ref).map(|curve| curve.area);
        rows.push(vec![
            name(classes, class),
            figure(of.precision),
            figure(of.recall),
            figure(of.f1),
            figure(area),
            l.count(of.support),
        ]);
    }
    let mut average = |name: String, average: Option<Average>| {
        if let Some(Average { precision, recall, f1 }) = average {
            let figures = [precision, recall, f1].map(|value| l.score(value));
            let mut row = vec![name];
            row.extend(figures);
            row.extend([String::new(), l.count(scores.examples)]);
            rows.push(row);
        }
    };
    average(say::mean_over_classes(l), scores.macro_average);
    average(say::mean_by_examples(l), scores.weighted_average);
    page.heading(&say::report_by_class(l));
    let [class, precision, recall, area, examples] = [
        say::column_class,
        say::precision_word,
        say::recall_word,
        say::column_roc_area,
        say::examples_word,
    ]
    .map(|name| name(l));
    page.table(
        &[
            Column::Text(&class),
            Column::Number(&precision),
            Column::Number(&recall),
            Column::Number("F1"),
            Column::Number(&area),
            Column::Number(&examples),
        ],
        &rows,
    );
    page.element("p", "soft", &say::report_by_class_note(l));
}

fn write_regression(page: &mut Page, scores: &RegressionScores, targets: &[String]) {
    let l = page.language();
    let figure = |value| figure(value, l);
    let row = |(i, output): (usize, &OutputScores)| {
        vec![
            targets.get(i).cloned().unwrap_or_else(|| say::target_word(l)),
            figure(output.rmse),
            figure(output.baseline_rmse),
            figure(output.mae),
            figure(output.median_absolute_error),
            figure(output.max_error),
            figure(output.mean_residual),
            figure(output.r2),
        ]
    };
    let rows: Vec<Vec<String>> = scores.outputs.iter().enumerate().map(row).collect();
    let [target, of_mean, mean, median, largest, bias] = [
        say::target_word,
        say::column_of_mean,
        say::column_mean_error,
        say::column_median_error,
        say::column_largest,
        say::column_bias,
    ]
    .map(|name| name(l));
    page.table(
        &[
            Column::Text(&target),
            Column::Number("RMSE"),
            Column::Number(&of_mean),
            Column::Number(&mean),
            Column::Number(&median),
            Column::Number(&largest),
            Column::Number(&bias),
            Column::Number("R²"),
        ],
        &rows,
    );
    page.element("p", "soft", &say::report_errors_note(l));
    if scores.outputs.iter().any(|output| !output.median_exact && output.mae.is_some()) {
        page.element("p", "soft", &say::report_sampled_median(l));
    }
}

/// The heads of the errors that are listed, in order.
fn error_heads(l: Language) -> [String; 7] {
    let unit = |error: &str| say::column_unit(l, error);
    let [mse, mae, mape, smape, mase] = ["MSE", "MAE", "MAPE", "sMAPE", "MASE"].map(String::from);
    [mse, mae, unit("RMSE"), unit("MAE"), mape, smape, mase]
}

fn write_forecast(page: &mut Page, scores: &ForecastScores) {
    let l = page.language();
    let row = |name: String, errors: &ForecastErrors| {
        let figure = |value| figure(value, l);
        let share = |value: Option<f64>| value.map_or("–".into(), |value| l.percent(value, 1));
        let mut row = vec![name];
        row.extend([errors.mse, errors.mae, errors.unit_rmse, errors.unit_mae].map(figure));
        row.extend([errors.mape, errors.smape].map(share));
        row.push(figure(errors.mase));
        row
    };
    let mut rows = vec![row(say::method_network(l), &scores.errors)];
    let simple = scores.compared.iter();
    let named =
        |one: &Compared| format!("{} ({})", say::forecast(l, &one.name), one.what.in_language(l));
    rows.extend(simple.map(|one| row(named(one), &one.errors)));
    let (first, heads) = (say::forecast_word(l), error_heads(l));
    let mut columns = vec![Column::Text(&first)];
    columns.extend(heads.iter().map(|head| Column::Number(head)));
    page.table(&columns, &rows);
    page.element("p", "soft", &say::report_forecast_note(l));
    if let Some(coverage) = &scores.coverage {
        let (found, wanted) = (l.percent(coverage.found, 1), l.percent(coverage.wanted, 0));
        page.paragraph(&say::forecast_coverage(l, found, wanted));
    }
}

fn forecast_pictures(scores: &ForecastScores) -> Vec<Picture> {
    let (Some(first), Some(last)) = (scores.shown.first(), scores.shown.last()) else {
        return Vec::new();
    };
    let end = |side: usize| {
        scores.shown.iter().filter_map(|shown| shown.interval.map(|ends| ends[side])).collect()
    };
    let picture = ForecastPlot {
        name: scores.series.first().cloned().unwrap_or_default(),
        values: scores.shown.iter().map(|shown| shown.value).collect(),
        forecasts: scores.shown.iter().map(|shown| shown.forecast).collect(),
        low: end(0),
        high: end(1),
        horizon: scores.horizon,
        times: [first.time.clone(), last.time.clone()],
        ..ForecastPlot::default()
    };
    vec![picture.into()]
}

fn classification_pictures(scores: &ClassificationScores, classes: &[String]) -> Vec<Picture> {
    let mut pictures = Vec::new();
    if let Some(matrix) = scores.confusion.clone() {
        let classes = classes.to_vec();
        pictures.push(ConfusionMatrix { classes, matrix, ..ConfusionMatrix::default() }.into());
    }
    let curves = scores.roc.iter().enumerate().filter_map(|(class, curve)| {
        curve.clone().map(|curve| ClassRoc { class: name(classes, class), curve })
    });
    let curves: Vec<ClassRoc> = curves.collect();
    if !curves.is_empty() {
        pictures.push(Roc { curves, ..Roc::default() }.into());
    }
    pictures
}

fn residuals(examples: u64, output: &OutputScores, target: String) -> Picture {
    let pairs = output.sample.clone();
    Residuals { target, pairs, examples, ..Residuals::default() }.into()
}

fn name(classes: &[String], class: usize) -> String {
    classes.get(class).cloned().unwrap_or_else(|| class.to_string())
}

/// Four digits, or a dash.
fn figure(value: Option<f64>, l: Language) -> String {
    value.map_or("–".into(), |value| l.significant(value, 4))
}
