//! Scores on unseen examples.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::metrics::{
    Average, ClassificationScores, ForecastErrors, OutputScores, ReconstructionScores,
    RegressionScores,
};
use crate::plot::draw::number::{count, percent, score, significant};
use crate::plot::{ClassRoc, Comparison, ConfusionMatrix, ForecastPlot, Picture, Residuals, Roc};
use crate::session::{ForecastScores, MethodScore, PictureScores};

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
                    .map(|(i, output)| residuals(scores.examples, output, target(targets, i)))
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
    page.section("test", "Test", |page| {
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
            page.picture(&picture.draw());
        }
        if let TestSection::Classification { scores, classes } = test {
            write_classes(page, scores, classes);
        }
    });
}

fn write_pictures(page: &mut Page, scores: &PictureScores) {
    let means = scores.means();
    let mut columns = vec![Column::Text("picture")];
    let heads: Vec<[String; 2]> = means
        .iter()
        .map(|method| [format!("{}, dB", method.name), format!("{}, SSIM", method.name)])
        .collect();
    columns.extend(heads.iter().flatten().map(|head| Column::Number(head)));
    let row = |name: &str, methods: &[MethodScore]| {
        let figures = methods.iter().flat_map(|method| {
            let ssim = method.likeness.ssim.map_or("–".into(), |ssim| significant(ssim, 4));
            [format!("{:.2}", method.likeness.psnr), ssim]
        });
        std::iter::once(name.to_owned()).chain(figures).collect::<Vec<String>>()
    };
    let each = scores.pictures.iter().map(|picture| row(&picture.name, &picture.methods));
    let rows: Vec<Vec<String>> = each.chain([row("mean", &means)]).collect();
    page.table(&columns, &rows);
    page.element(
        "p",
        "soft",
        "Whole pictures that were not trained on. dB: peak signal-to-noise ratio against the true \
         picture. SSIM: structural similarity, 1 for equal pictures.",
    );
}

fn write_reconstruction(page: &mut Page, scores: &ReconstructionScores) {
    let mut rows = Vec::new();
    let figure = |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 4));
    let mut add = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
    add("mean squared error of the inputs, as the network sees them", figure(scores.mse));
    add("numbers in the code", count(scores.code as u64));
    if let Some(pca) = &scores.pca {
        let components = count(pca.components as u64);
        add(&format!("principal component analysis with {components} numbers"), figure(pca.mse));
    }
    if let Some(below) = scores.below_pca() {
        add("below principal component analysis by", percent(below, 1));
    }
    add("always the mean example", figure(scores.mean_mse));
    if let Some(explained) = scores.explained {
        add("share of the variance that is given back", percent(explained, 1));
    }
    page.table(&[Column::Text("score"), Column::Number("value")], &rows);
}

fn write_classification(page: &mut Page, scores: &ClassificationScores, classes: &[String]) {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        rows.push(vec![name.to_owned(), value.unwrap_or_else(|| "–".into())]);
    };
    let share = |value: f64| percent(value, 1);
    add("accuracy", scores.accuracy.map(share));
    for top in &scores.top_k {
        add(&format!("among the first {} guesses", top.k), Some(share(top.accuracy)));
    }
    add("always the commonest class", scores.baseline_accuracy.map(share));
    add("log loss, nats", scores.log_loss.map(|loss| significant(loss, 4)));
    let area = if scores.classes == 2 {
        "area under the ROC curve"
    } else {
        "area under the ROC curve, mean over classes"
    };
    add(area, scores.roc_auc.map(score));
    page.table(&[Column::Text("score"), Column::Number("value")], &rows);
    if let Some(why) = &scores.roc_missing {
        page.element("p", "soft", &format!("No ROC curves: {why}."));
    }
    let Some(confusion) = &scores.confusion else {
        let text = format!("{} classes are too many for a confusion matrix.", scores.classes);
        return page.element("p", "soft", &text);
    };
    let pairs = confusion.worst_pairs(3);
    if !pairs.is_empty() {
        let pair = |&(label, named, times): &(usize, usize, u64)| {
            let times = if times == 1 { "once".into() } else { format!("{} times", count(times)) };
            format!("{} called {} {times}", name(classes, label), name(classes, named))
        };
        let pairs: Vec<String> = pairs.iter().map(pair).collect();
        page.paragraph(&format!("The commonest mistakes: {}.", pairs.join("; ")));
    }
}

fn write_classes(page: &mut Page, scores: &ClassificationScores, classes: &[String]) {
    let figure = |value: Option<f64>| value.map_or("–".into(), score);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (class, of) in scores.per_class.iter().enumerate() {
        let area = scores.roc.get(class).and_then(Option::as_ref).map(|curve| curve.area);
        rows.push(vec![
            name(classes, class),
            figure(of.precision),
            figure(of.recall),
            figure(of.f1),
            figure(area),
            count(of.support),
        ]);
    }
    let mut average = |name: &str, average: Option<Average>| {
        if let Some(Average { precision, recall, f1 }) = average {
            let figures = [precision, recall, f1].map(score);
            let mut row = vec![name.to_owned()];
            row.extend(figures);
            row.extend([String::new(), count(scores.examples)]);
            rows.push(row);
        }
    };
    average("mean over classes", scores.macro_average);
    average("mean, weighted by examples", scores.weighted_average);
    page.heading("By class");
    page.table(
        &[
            Column::Text("class"),
            Column::Number("precision"),
            Column::Number("recall"),
            Column::Number("F1"),
            Column::Number("ROC area"),
            Column::Number("examples"),
        ],
        &rows,
    );
    page.element(
        "p",
        "soft",
        "Precision: of those called so, the share that are. Recall: of those that are, the share \
         called so. F1: their harmonic mean.",
    );
}

fn write_regression(page: &mut Page, scores: &RegressionScores, targets: &[String]) {
    let figure = |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 4));
    let row = |(i, output): (usize, &OutputScores)| {
        vec![
            target(targets, i),
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
    page.table(
        &[
            Column::Text("target"),
            Column::Number("RMSE"),
            Column::Number("… of the mean"),
            Column::Number("mean error"),
            Column::Number("median error"),
            Column::Number("largest"),
            Column::Number("bias"),
            Column::Number("R²"),
        ],
        &rows,
    );
    page.element(
        "p",
        "soft",
        "Errors are absolute. Bias is the mean of true − predicted: above 0, predictions are too \
         low on the whole.",
    );
    if scores.outputs.iter().any(|output| !output.median_exact && output.mae.is_some()) {
        page.element("p", "soft", "The median is that of a random sample of the examples.");
    }
}

/// The errors that are listed, in order, with their heads.
const ERRORS: [&str; 7] = ["MSE", "MAE", "RMSE, unit", "MAE, unit", "MAPE", "sMAPE", "MASE"];

fn write_forecast(page: &mut Page, scores: &ForecastScores) {
    let row = |name: &str, errors: &ForecastErrors| {
        let figure = |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 4));
        let share = |value: Option<f64>| value.map_or("–".into(), |value| percent(value, 1));
        let mut row = vec![name.to_owned()];
        row.extend([errors.mse, errors.mae, errors.unit_rmse, errors.unit_mae].map(figure));
        row.extend([errors.mape, errors.smape].map(share));
        row.push(figure(errors.mase));
        row
    };
    let mut rows = vec![row("network", &scores.errors)];
    let simple = scores.compared.iter();
    rows.extend(
        simple
            .map(|one| row(&format!("{} ({})", one.name.replace('_', " "), one.what), &one.errors)),
    );
    let mut columns = vec![Column::Text("forecast")];
    columns.extend(ERRORS.map(Column::Number));
    page.table(&columns, &rows);
    page.element(
        "p",
        "soft",
        "Every step of the test part is an origin once. MSE and MAE are on standardized data; MASE is \
         in errors of the seasonal-naive forecast in the training part.",
    );
    if let Some(coverage) = &scores.coverage {
        page.paragraph(&format!(
            "{} of the values lie in the interval, of which {} should.",
            percent(coverage.found, 1),
            percent(coverage.wanted, 0)
        ));
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

fn target(targets: &[String], output: usize) -> String {
    targets.get(output).cloned().unwrap_or_else(|| "target".into())
}
