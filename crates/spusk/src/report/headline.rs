//! The result in a plain sentence.

use super::page::Page;
use super::{ReportData, TestSection};
use crate::data::Degradation;
use crate::metrics::{
    ClassificationScores, OutputScores, ReconstructionScores, RegressionScores, wilson,
};
use crate::plot::draw::number::{count, percent, seconds, short_count, significant};
use crate::session::{ForecastScores, MethodScore, PictureScores};

/// The result in a plain sentence, with what chance alone could have changed and with what the
/// simplest guess would reach.
///
/// ```
/// use spusk::metrics::Regression;
/// use spusk::report::{TestSection, headline};
///
/// let mut scores = Regression::new(1);
/// scores.push(&[1.0, 2.5, 3.0], &[1.0, 2.0, 4.0])?;
/// let test = TestSection::Regression { scores: scores.finish(), targets: vec!["price".into()] };
/// assert!(headline(&test).starts_with("Predictions of price are off by 0.5 on average"));
/// # Ok::<(), spusk::metrics::MetricsError>(())
/// ```
#[must_use]
pub fn headline(test: &TestSection) -> String {
    match test {
        TestSection::Classification { scores, .. } => classification(scores),
        TestSection::Regression { scores, targets } => regression(scores, targets),
        TestSection::Forecast { scores } => forecast(scores),
        TestSection::Reconstruction { scores } => reconstruction(scores),
        TestSection::Pictures { scores } => pictures(scores),
    }
}

pub(super) fn write(page: &mut Page, report: &ReportData) {
    let title = page.title().to_owned();
    page.element("h1", "", &title);
    let composed = report.test.as_ref().map(headline);
    let words = report.headline.clone().or(composed);
    let words = words.unwrap_or_else(|| "This run has no test result.".into());
    page.element("p", "headline", &words);
    for warning in &report.warnings {
        page.block("warning", |page| page.paragraph(warning));
    }
    page.block("facts", |page| facts(page, report));
}

fn classification(scores: &ClassificationScores) -> String {
    let Some(accuracy) = scores.accuracy else {
        return "There are no test examples, so nothing is known about unseen data.".into();
    };
    let (hits, examples) = (count(scores.hits), count(scores.examples));
    let mut words = format!(
        "The network names {hits} of {examples} unseen examples correctly: {}",
        percent(accuracy, 1)
    );
    let interval = wilson(scores.hits, scores.examples);
    if let Some((low, high)) = interval {
        let (low, high) = (percent(low, 1), percent(high, 1));
        words += &format!(" (95% interval {low} to {high})");
    }
    let Some(baseline) = scores.baseline_accuracy else { return words + "." };
    let least = interval.map_or(accuracy, |interval| interval.0);
    let verdict = match baseline {
        b if accuracy <= b => "That is no better than always naming the commonest class",
        b if least <= b => "That is not clearly better than always naming the commonest class",
        _ => "Always naming the commonest class would reach",
    };
    let end = if least <= baseline {
        format!(" ({})", percent(baseline, 1))
    } else {
        format!(" {}", percent(baseline, 1))
    };
    format!("{words}. {verdict}{end}.")
}

fn regression(scores: &RegressionScores, targets: &[String]) -> String {
    let Some(mae) = scores.mae else {
        return "There are no test examples, so nothing is known about unseen data.".into();
    };
    if let [output] = scores.outputs.as_slice() {
        return one_output(scores.examples, output, targets.first());
    }
    let r2 = scores.r2.map_or(String::new(), |r2| format!(", mean R² {}", significant(r2, 3)));
    format!(
        "Predictions of {} values are off by {} on average over {} unseen examples{r2}.",
        scores.outputs.len(),
        significant(mae, 3),
        count(scores.examples)
    )
}

fn reconstruction(scores: &ReconstructionScores) -> String {
    let (Some(mse), Some(explained)) = (scores.mse, scores.explained) else {
        return "There are no test examples, so nothing is known about unseen data.".into();
    };
    let mut words = format!(
        "A code of {} numbers gives back {} of the variance of {} unseen examples (mean squared \
         error {})",
        scores.code,
        percent(explained, 1),
        count(scores.examples),
        significant(mse, 3),
    );
    if let (Some(pca), Some(below)) =
        (scores.pca.as_ref().and_then(|pca| pca.mse), scores.below_pca())
    {
        let (size, side) = (percent(below.abs(), 1), if below >= 0.0 { "below" } else { "above" });
        words += &format!(
            ", {size} {side} principal component analysis with as many ({})",
            significant(pca, 3)
        );
    }
    words + "."
}

fn pictures(scores: &PictureScores) -> String {
    let means = scores.means();
    let (Some(gain), Some((network, others))) = (scores.gain(), means.split_last()) else {
        return "There are no test pictures, so nothing is known about unseen ones.".into();
    };
    let other = |method: &MethodScore| format!("{} {:.2} dB", method.name, method.likeness.psnr);
    let others: Vec<String> = others.iter().map(other).collect();
    let what = match scores.degradation {
        Degradation::Noise { sigma } => format!("from noise of σ = {}", significant(sigma, 3)),
        Degradation::Reduced { factor } => {
            format!("from a picture {factor} times smaller each way")
        }
    };
    let pictures = match scores.pictures.len() {
        1 => "an unseen picture".to_owned(),
        all => format!("{} unseen pictures", count(all as u64)),
    };
    let side = if gain >= 0.0 { "above" } else { "below" };
    format!(
        "The network restores {pictures} {what} to {:.2} dB, {:.2} dB {side} the best without a network \
         ({}).",
        network.likeness.psnr,
        gain.abs(),
        others.join(", ")
    )
}

fn one_output(examples: u64, output: &OutputScores, target: Option<&String>) -> String {
    let figure = |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 3));
    let target = target.map_or("the target", String::as_str);
    let examples = count(examples);
    let mut words = format!(
        "Predictions of {target} are off by {} on average over {examples} unseen examples (RMSE {}).",
        figure(output.mae),
        figure(output.rmse)
    );
    let (Some(r2), Some(rmse), Some(baseline)) = (output.r2, output.rmse, output.baseline_rmse)
    else {
        return words;
    };
    let baseline_figure = significant(baseline, 3);
    words += &if rmse < baseline {
        format!(
            " That explains {} of the variance; always naming the mean has an RMSE of \
             {baseline_figure}.",
            percent(r2, 0)
        )
    } else {
        format!(" That is no better than always naming the mean (RMSE {baseline_figure}).")
    };
    words
}

/// A row of key figures.
fn facts(page: &mut Page, report: &ReportData) {
    match &report.test {
        Some(TestSection::Classification { scores, .. }) => {
            let share = |value: Option<f64>| value.map_or("–".into(), |value| percent(value, 1));
            let figure =
                |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 3));
            page.fact(
                "Test accuracy",
                &share(scores.accuracy),
                &format!("{} examples", count(scores.examples)),
            );
            page.fact(
                "Macro F1",
                &figure(scores.macro_average.map(|a| a.f1)),
                "every class counts the same",
            );
            page.fact("Test loss", &figure(scores.log_loss), "−mean ln p(label)");
        }
        Some(TestSection::Regression { scores, .. }) => {
            let figure =
                |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 4));
            page.fact(
                "Test RMSE",
                &figure(scores.rmse),
                &format!("{} examples", count(scores.examples)),
            );
            page.fact("Mean absolute error", &figure(scores.mae), "");
            page.fact("R²", &figure(scores.r2), "1 is perfect, 0 the mean");
        }
        Some(TestSection::Forecast { scores }) => {
            let figure =
                |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 4));
            page.fact("Test MSE", &figure(scores.errors.mse), "standardized data");
            page.fact("Test MAE", &figure(scores.errors.mae), "standardized data");
            page.fact("Mean error", &figure(scores.errors.unit_mae), "in the series' unit");
        }
        Some(TestSection::Reconstruction { scores }) => {
            let figure =
                |value: Option<f64>| value.map_or("–".into(), |value| significant(value, 4));
            let examples = format!("{} examples", count(scores.examples));
            page.fact("Reconstruction error", &figure(scores.mse), &examples);
            let pca = scores.pca.as_ref().and_then(|pca| pca.mse);
            page.fact("Of PCA", &figure(pca), "with as many numbers");
        }
        Some(TestSection::Pictures { scores }) => {
            let pictures = format!("mean of {}", count(scores.pictures.len() as u64));
            for method in scores.means() {
                let psnr = format!("{:.2} dB", method.likeness.psnr);
                page.fact(&format!("PSNR, {}", method.name), &psnr, &pictures);
            }
        }
        None => {}
    }
    if let Some(model) = &report.model {
        page.fact("Parameters", &short_count(model.parameters()), "");
    }
    if let Some(time) = report.environment.as_ref().and_then(|environment| environment.seconds) {
        page.fact("Training time", &seconds(time), "");
    }
}

/// How far forecasts are off, beside the best of the simpler ones.
fn forecast(scores: &ForecastScores) -> String {
    let Some(mae) = scores.errors.unit_mae else {
        return "There are no test examples, so nothing is known about unseen data.".into();
    };
    let names = scores.series.join(", ");
    let best = scores.compared.iter().filter_map(|one| Some((one.errors.mse?, &one.name)));
    let best = best.min_by(|a, b| a.0.total_cmp(&b.0));
    let beside = match (best, scores.errors.mse) {
        (Some((simple, name)), Some(own)) if simple > 0.0 => format!(
            "; the mean squared error is {} of that of the {} forecast",
            percent(own / simple, 1),
            name.replace('_', "-")
        ),
        _ => String::new(),
    };
    format!(
        "Forecasts {} steps of {names} with a mean error of {}{beside}.",
        scores.horizon,
        significant(mae, 3)
    )
}

#[cfg(test)]
mod tests {
    use super::headline;
    use crate::metrics::{Classification, Outputs, Regression};
    use crate::report::TestSection;

    /// `hits` right answers of `n`, where `commonest` labels are 0.
    fn check(hits: usize, n: usize, commonest: usize, want: &str) {
        let mut scores = Classification::new(3, Outputs::Scores);
        for i in 0..n {
            let label = if i < commonest { 0 } else { 1 };
            let named = if i < hits { label } else { 2 };
            let row: [f64; 3] = std::array::from_fn(|class| f64::from(u8::from(class == named)));
            scores.push(&row, &[label]).expect("good rows");
        }
        let test = TestSection::Classification { scores: scores.finish(), classes: vec![] };
        assert_eq!(headline(&test), want);
    }

    #[test]
    fn a_classifier_is_judged_against_chance() {
        check(
            352,
            360,
            37 * 5,
            "The network names 352 of 360 unseen examples correctly: 97.8% (95% interval 95.7% to \
             98.9%). Always naming the commonest class would reach 51.4%.",
        );
        check(
            6,
            10,
            5,
            "The network names 6 of 10 unseen examples correctly: 60.0% (95% interval 31.3% to \
             83.2%). That is not clearly better than always naming the commonest class (50.0%).",
        );
        check(
            2,
            10,
            9,
            "The network names 2 of 10 unseen examples correctly: 20.0% (95% interval 5.7% to \
             51.0%). That is no better than always naming the commonest class (90.0%).",
        );
        check(0, 0, 0, "There are no test examples, so nothing is known about unseen data.");
    }

    #[test]
    fn a_regression_is_judged_against_the_mean() {
        for (predicted, want) in [
            (
                [1.0, 2.5, 3.0],
                "Predictions of price are off by 0.5 on average over 3 unseen examples (RMSE 0.645). \
                 That explains 73% of the variance; always naming the mean has an RMSE of 1.25.",
            ),
            (
                [9.0, 9.0, 9.0],
                "Predictions of price are off by 6.67 on average over 3 unseen examples (RMSE 6.78). \
                 That is no better than always naming the mean (RMSE 1.25).",
            ),
        ] {
            let mut scores = Regression::new(1);
            scores.push(&predicted, &[1.0, 2.0, 4.0]).expect("good rows");
            let targets = vec!["price".into()];
            assert_eq!(
                headline(&TestSection::Regression { scores: scores.finish(), targets }),
                want
            );
        }
    }
}
