//! The result in a plain sentence.

use super::page::Page;
use super::{ReportData, TestSection};
use crate::data::Degradation;
use crate::messages::{self as say, Language};
use crate::metrics::{
    ClassificationScores, OutputScores, ReconstructionScores, RegressionScores, wilson,
};
use crate::session::{ForecastScores, MethodScore, PictureScores};

/// The result in a plain sentence, with what chance alone could have changed and with what the
/// simplest guess would reach.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::metrics::Regression;
/// use spusk::report::{TestSection, headline};
///
/// let mut scores = Regression::new(1);
/// scores.push(&[1.0, 2.5, 3.0], &[1.0, 2.0, 4.0])?;
/// let test = TestSection::Regression { scores: scores.finish(), targets: vec!["price".into()] };
/// assert!(headline(&test, Language::English).starts_with("Predictions of price are off by 0.5 on average"));
/// # Ok::<(), spusk::metrics::MetricsError>(())
/// ```
#[must_use]
pub fn headline(test: &TestSection, l: Language) -> String {
    match test {
        TestSection::Classification { scores, .. } => classification(scores, l),
        TestSection::Regression { scores, targets } => regression(scores, targets, l),
        TestSection::Forecast { scores } => forecast(scores, l),
        TestSection::Reconstruction { scores } => reconstruction(scores, l),
        TestSection::Pictures { scores } => pictures(scores, l),
    }
}

pub(super) fn write(page: &mut Page, report: &ReportData) {
    let title = page.title().to_owned();
    page.element("h1", "", &title);
    let l = page.language();
    let own = report.headline.as_ref().map(|words| words.in_language(l).to_owned());
    let words = own.or_else(|| report.test.as_ref().map(|test| headline(test, l)));
    let words = words.unwrap_or_else(|| say::report_no_test(l));
    page.element("p", "headline", &words);
    for warning in &report.warnings {
        page.block("warning", |page| page.paragraph(warning.in_language(l)));
    }
    page.block("facts", |page| facts(page, report));
}

fn classification(scores: &ClassificationScores, l: Language) -> String {
    let Some(accuracy) = scores.accuracy else {
        return say::report_no_test_examples(l);
    };
    let (hits, examples) = (l.count(scores.hits), l.count(scores.examples));
    let mut words = say::report_names(l, hits, examples, l.percent(accuracy, 1));
    let interval = wilson(scores.hits, scores.examples);
    if let Some((low, high)) = interval {
        words += &say::report_interval(l, l.percent(low, 1), l.percent(high, 1));
    }
    let Some(baseline) = scores.baseline_accuracy else { return words + "." };
    let least = interval.map_or(accuracy, |interval| interval.0);
    let share = l.percent(baseline, 1);
    let verdict = match baseline {
        b if accuracy <= b => say::report_no_better(l, share),
        b if least <= b => say::report_not_clearly_better(l, share),
        _ => say::report_would_reach(l, share),
    };
    format!("{words}. {verdict}")
}

fn regression(scores: &RegressionScores, targets: &[String], l: Language) -> String {
    let Some(mae) = scores.mae else {
        return say::report_no_test_examples(l);
    };
    if let [output] = scores.outputs.as_slice() {
        return one_output(scores.examples, output, targets.first(), l);
    }
    let r2 = scores.r2.map(|r2| say::report_mean_r2(l, l.significant(r2, 3))).unwrap_or_default();
    let (mae, examples) = (l.significant(mae, 3), l.count(scores.examples));
    say::report_off_values(l, scores.outputs.len(), mae, examples, r2)
}

fn reconstruction(scores: &ReconstructionScores, l: Language) -> String {
    let (Some(mse), Some(explained)) = (scores.mse, scores.explained) else {
        return say::report_no_test_examples(l);
    };
    let mut words = say::report_gives_back(
        l,
        scores.code,
        l.percent(explained, 1),
        l.count(scores.examples),
        l.significant(mse, 3),
    );
    if let (Some(pca), Some(below)) =
        (scores.pca.as_ref().and_then(|pca| pca.mse), scores.below_pca())
    {
        let (size, pca) = (l.percent(below.abs(), 1), l.significant(pca, 3));
        words += &match below >= 0.0 {
            true => say::report_below_pca(l, size, pca),
            false => say::report_above_pca(l, size, pca),
        };
    }
    words + "."
}

fn pictures(scores: &PictureScores, l: Language) -> String {
    let means = scores.means();
    let (Some(gain), Some((network, others))) = (scores.gain(), means.split_last()) else {
        return say::report_no_test_pictures(l);
    };
    let other = |method: &MethodScore| {
        let name = say::method(l, &method.name);
        say::report_decibels(l, name, l.fixed(method.likeness.psnr, 2))
    };
    let others = others.iter().map(other).collect::<Vec<String>>().join(", ");
    let pictures = l.count(scores.pictures.len() as u64);
    let psnr = l.fixed(network.likeness.psnr, 2);
    let what = match scores.degradation {
        Degradation::Noise { sigma } => {
            say::report_restores_noise(l, pictures, l.significant(sigma, 3), psnr)
        }
        Degradation::Reduced { factor } => say::report_restores_reduced(l, pictures, factor, psnr),
    };
    let size = l.fixed(gain.abs(), 2);
    let beside = match gain >= 0.0 {
        true => say::report_above_others(l, size, others),
        false => say::report_below_others(l, size, others),
    };
    format!("{what}, {beside}")
}

fn one_output(
    examples: u64,
    output: &OutputScores,
    target: Option<&String>,
    l: Language,
) -> String {
    let figure = |value| figure(value, 3, l);
    let target = target.cloned().unwrap_or_else(|| say::report_the_target(l));
    let examples = l.count(examples);
    let words = say::report_off(l, target, figure(output.mae), examples, figure(output.rmse));
    let (Some(r2), Some(rmse), Some(baseline)) = (output.r2, output.rmse, output.baseline_rmse)
    else {
        return words;
    };
    let mean = l.significant(baseline, 3);
    let verdict = match rmse < baseline {
        true => say::report_explains(l, l.percent(r2, 0), mean),
        false => say::report_no_better_than_mean(l, mean),
    };
    format!("{words} {verdict}")
}

/// So many digits, or a dash.
fn figure(value: Option<f64>, digits: usize, l: Language) -> String {
    value.map_or("–".into(), |value| l.significant(value, digits))
}

/// A row of key figures.
fn facts(page: &mut Page, report: &ReportData) {
    let l = page.language();
    let figure = |value, digits| figure(value, digits, l);
    let examples = |count| say::fact_examples(l, l.count(count));
    match &report.test {
        Some(TestSection::Classification { scores, .. }) => {
            let share = scores.accuracy.map_or("–".into(), |value| l.percent(value, 1));
            let f1 = figure(scores.macro_average.map(|average| average.f1), 3);
            page.fact(&say::fact_accuracy(l), &share, &examples(scores.examples));
            page.fact(&say::fact_f1(l), &f1, &say::fact_f1_note(l));
            page.fact(&say::fact_loss(l), &figure(scores.log_loss, 3), &say::fact_loss_note(l));
        }
        Some(TestSection::Regression { scores, .. }) => {
            page.fact(&say::fact_rmse(l), &figure(scores.rmse, 4), &examples(scores.examples));
            page.fact(&say::fact_mae(l), &figure(scores.mae, 4), "");
            page.fact("R²", &figure(scores.r2, 4), &say::fact_r2_note(l));
        }
        Some(TestSection::Forecast { scores }) => {
            let (errors, scaled) = (&scores.errors, say::fact_standardized(l));
            page.fact(&say::fact_mse(l), &figure(errors.mse, 4), &scaled);
            page.fact(&say::fact_test_mae(l), &figure(errors.mae, 4), &scaled);
            let unit = say::fact_series_unit(l);
            page.fact(&say::fact_mean_error(l), &figure(errors.unit_mae, 4), &unit);
        }
        Some(TestSection::Reconstruction { scores }) => {
            let examples = examples(scores.examples);
            page.fact(&say::fact_reconstruction(l), &figure(scores.mse, 4), &examples);
            let pca = scores.pca.as_ref().and_then(|pca| pca.mse);
            page.fact(&say::fact_pca(l), &figure(pca, 4), &say::fact_pca_note(l));
        }
        Some(TestSection::Pictures { scores }) => {
            let pictures = say::fact_mean_of(l, l.count(scores.pictures.len() as u64));
            for method in scores.means() {
                let psnr = say::report_decibels(l, "", l.fixed(method.likeness.psnr, 2));
                let name = format!("PSNR, {}", say::method(l, &method.name));
                page.fact(&name, psnr.trim(), &pictures);
            }
        }
        None => {}
    }
    if let Some(model) = &report.model {
        page.fact(&say::fact_parameters(l), &l.short_count(model.parameters()), "");
    }
    if let Some(time) = report.environment.as_ref().and_then(|environment| environment.seconds) {
        page.fact(&say::fact_time(l), &l.seconds(time), "");
    }
}

/// How far forecasts are off, beside the best of the simpler ones.
fn forecast(scores: &ForecastScores, l: Language) -> String {
    let Some(mae) = scores.errors.unit_mae else {
        return say::report_no_test_examples(l);
    };
    let names = scores.series.join(", ");
    let best = scores.compared.iter().filter_map(|one| Some((one.errors.mse?, &one.name)));
    let best = best.min_by(|a, b| a.0.total_cmp(&b.0));
    let beside = match (best, scores.errors.mse) {
        (Some((simple, name)), Some(own)) if simple > 0.0 => {
            say::report_beside(l, l.percent(own / simple, 1), say::forecast(l, name))
        }
        _ => String::new(),
    };
    let words = say::report_forecasts(l, scores.horizon, names, l.significant(mae, 3));
    format!("{words}{beside}.")
}

#[cfg(test)]
mod tests {
    use super::headline;
    use crate::messages::Language;
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
        assert_eq!(headline(&test, Language::English), want);
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
                headline(
                    &TestSection::Regression { scores: scores.finish(), targets },
                    Language::English
                ),
                want
            );
        }
    }
}
