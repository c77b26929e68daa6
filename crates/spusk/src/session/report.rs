//! The report of a session: what it told, as plain data for [`crate::report`].

use serde::{Deserialize, Serialize};

use super::{LayerFacts, ModelFacts, Outcome, Resolved, Scores, SessionError, spread};
use crate::data::{ColumnReport, Encoded, Encoding, Inputs, PixelScale, Prepared, Target};
use crate::engine::Engine;
use crate::experiment::Experiment;
use crate::messages::{self as say, Language, Said};
use crate::metrics::{Mistake, Pair};
use crate::plot::{
    Best, Curves, DecisionMap, Distributions, LearningRateCourse, MapPoint, MistakeImage, Mistakes,
    Picture, Series,
};
use crate::report::{
    AutomaticSection, ColumnInfo, DataSection, Environment, LayerRow, MistakeRow, MistakesSection,
    ModelSection, Note, ReportData, RowAccount, Setting, Skipped, TestSection, html, pictures,
};
use crate::run::RunWriter;
use crate::train::{Score, StopReason};

/// What a session has told.
pub(super) struct Told<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) data: &'a Prepared,
    pub(super) facts: &'a ModelFacts,
    pub(super) outcome: &'a Outcome,
}

/// The first line of `metrics.jsonl`: what a resumed session does not know any more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Start {
    event: String,
    version: String,
    settings: Vec<Setting>,
    notes: Vec<Said>,
    /// Seconds until training began, for the data and the choices.
    #[serde(default)]
    seconds: f64,
    /// How the learning rate was found.
    #[serde(default)]
    automatic: Option<AutomaticSection>,
    /// The folder that relative paths are meant from.
    #[serde(default)]
    folder: String,
}

const START: &str = "start";

/// Where every setting came from, and what was decided.
pub(super) fn start(given: &Experiment, resolved: &Resolved, seconds: f64) -> Start {
    let (given, default) = (given.values(), Experiment::default().values());
    let resolved_values = resolved.experiment.values();
    let all = resolved_values.into_iter().zip(given).zip(default);
    let settings = all.filter_map(|(((key, value), (_, given)), (_, default))| {
        let origin = match (value == given, given == default) {
            (false, _) => say::origin_automatic,
            (true, false) => say::origin_given,
            (true, true) => say::origin_default,
        };
        let value = value?;
        Some(Setting {
            name: key,
            value: value.trim_matches('"').into(),
            origin: Said::new(origin),
        })
    });
    Start {
        event: START.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        settings: settings.collect(),
        notes: resolved.notes.clone(),
        seconds,
        automatic: automatic(resolved),
        folder: std::env::current_dir().map_or(String::new(), |path| path.display().to_string()),
    }
}

impl Start {
    /// Seconds for the data and the choices.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The first line of a run's metrics; empty where there is none.
    pub(super) fn of(lines: &[serde_json::Value]) -> Start {
        let start = lines.iter().find(|line| line["event"] == START);
        start.and_then(|line| serde_json::from_value(line.clone()).ok()).unwrap_or_default()
    }
}

/// Writes the report, its numbers and its pictures into the run.
pub(super) fn write(
    writer: &RunWriter,
    told: &Told<'_>,
    engine: &mut Engine,
    language: Language,
) -> Result<(), SessionError> {
    let lines = writer.dir().metrics()?;
    let report = report(told, engine, &lines)?;
    writer.write_report_data(&report)?;
    writer.write_report(&html(&report, language))?;
    for (name, picture) in pictures(&report, language) {
        writer.write_picture(name.trim_end_matches(".svg"), &picture.standalone())?;
    }
    Ok(())
}

fn report(
    told: &Told<'_>,
    engine: &mut Engine,
    lines: &[serde_json::Value],
) -> Result<ReportData, SessionError> {
    let start = Start::of(lines);
    let [weights, gradients] = spread::read(lines);
    let spread = |title: fn(Language) -> String, what: fn(Language) -> String, layers: Vec<_>| {
        let (title, what) = (Said::new(title), Said::new(what));
        let distributions = Distributions { title, what, layers, ..Distributions::default() };
        (!distributions.layers.is_empty()).then_some(distributions)
    };
    Ok(ReportData {
        title: title(told),
        warnings: warnings(told).into_iter().chain(super::watching::warnings(lines)).collect(),
        notes: notes(told, &start),
        data: Some(data(told)),
        model: Some(model(told)),
        settings: start.settings.clone(),
        curves: curves(told),
        learning_rate: learning_rate(told),
        test: told.outcome.test.as_ref().and_then(|scores| test(told.data, scores)),
        mistakes: mistakes(told)?,
        weights: spread(say::picture_weights, say::weights_word, weights),
        gradients: spread(say::picture_gradients, say::gradients_word, gradients),
        automatic: automatic(told.resolved).or(start.automatic.clone()),
        pictures: learned_pictures(told, engine)?,
        environment: Some(environment(told)),
        ..ReportData::default()
    })
}

/// Pictures of what the network has made of the data.
fn learned_pictures(told: &Told<'_>, engine: &mut Engine) -> Result<Vec<Picture>, SessionError> {
    if told.data.preprocessing.is_autoencoder() {
        let (map, images) = super::autoencoder::pictures(engine, told.data)?;
        let images = images.into_iter().map(Picture::from);
        return Ok(images.chain([map.into()]).collect());
    }
    Ok(decision_map(told, engine)?.into_iter().map(Into::into).collect())
}

/// How the learning rate was found.
fn automatic(resolved: &Resolved) -> Option<AutomaticSection> {
    let found = resolved.found_rate.as_ref()?;
    Some(AutomaticSection {
        text: found.notes.clone(),
        range_test: found.range_test.clone(),
        race: found.race.clone(),
        ..AutomaticSection::default()
    })
}

/// Letters of a title that names the layers inside of others too.
const LONGEST_TITLE: usize = 200;

fn title(told: &Told<'_>) -> String {
    let layers: Vec<&str> = (told.facts.layers.iter())
        .filter(|layer| layer.depth == 0)
        .map(|layer| &*layer.layer)
        .collect();
    let whole = format!("{}: {}", told.data.source, layers.join(", "));
    if whole.chars().count() <= LONGEST_TITLE {
        return whole;
    }
    let outer = layers.iter().map(|layer| match layer.split_once('(') {
        Some((own, _)) => format!("{own}(…)"),
        None => (*layer).to_string(),
    });
    format!("{}: {}", told.data.source, outer.collect::<Vec<String>>().join(", "))
}

fn warnings(told: &Told<'_>) -> Vec<Said> {
    let mut warnings = Vec::new();
    if told.outcome.reason == StopReason::TimeLimit {
        warnings.push(Said::new(say::report_time_limit));
    }
    if told.data.test.is_empty() {
        warnings.push(Said::new(say::report_no_test_part));
    }
    warnings
}

fn notes(told: &Told<'_>, start: &Start) -> Vec<Note> {
    let data = told.data;
    let mut notes = vec![Note {
        what: Said::new(|l| say::report_task(l, data.task.in_words(l))),
        why: sentence(&data.task_reason),
    }];
    let plain = data.notes.iter().chain(&start.notes);
    notes.extend(plain.map(|text| Note { what: sentence(text), why: Said::default() }));
    let epochs = told.outcome.history.len();
    let ended = match told.outcome.reason {
        StopReason::EarlyStopping => say::report_stopped_early,
        StopReason::TimeLimit => say::report_time_was_up,
        StopReason::ShortSteps => say::report_short_steps,
        _ => say::report_epochs,
    };
    let kept = told.outcome.kept.map(|best| Said::new(|l| say::report_kept(l, best)));
    notes.push(Note { what: Said::new(|l| ended(l, epochs)), why: kept.unwrap_or_default() });
    notes
}

/// With a capital and a full stop.
fn sentence(said: &Said) -> Said {
    Said::new(|l| capitalized(said.in_language(l)))
}

fn capitalized(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

fn data(told: &Told<'_>) -> DataSection {
    let (data, seed) = (told.data, told.resolved.experiment.training.seed);
    let account = &data.accounting;
    let skipped = account.skipped.iter();
    let split = match (&data.series, account.classes.is_empty()) {
        (Some(_), _) => say::split_by_time,
        _ if data.train.as_patches().is_some() => say::split_by_name,
        (None, false) => say::split_stratified,
        (None, true) => say::split_random,
    };
    DataSection {
        source: data.source.clone(),
        description: data.kind.clone(),
        rows: RowAccount {
            read: account.rows,
            skipped: skipped
                .map(|(reason, rows)| Skipped {
                    reason: Said::new(|l| say::skipped(l, reason)),
                    rows: rows.count,
                })
                .collect(),
            training: account.train,
            validation: account.validation,
            only_watched: told.outcome.kept.is_none(),
            test: account.test,
        },
        split: Said::new(|l| split(l, seed)),
        columns: data.columns.iter().map(column).collect(),
    }
}

fn column(column: &ColumnReport) -> ColumnInfo {
    let role = match column.use_.english() {
        "target" => say::target_word,
        text if text.starts_with("left out") => say::role_ignored,
        _ => say::role_input,
    };
    ColumnInfo {
        name: column.name.clone(),
        role: Said::new(role),
        kind: Said::new(|l| say::column_kind_named(l, column.kind)),
        missing: column.missing,
        summary: column.summary.clone(),
    }
}

fn model(told: &Told<'_>) -> ModelSection {
    let shape =
        |sizes: &[usize]| sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ");
    let input = told.data.train.shape();
    let mut layers = vec![LayerRow {
        kind: "input".into(),
        shape: shape(input),
        features: input.iter().product::<usize>() as u64,
        ..LayerRow::default()
    }];
    let outer = told.facts.layers.iter().filter(|layer| layer.depth == 0);
    layers.extend(outer.map(|layer: &LayerFacts| {
        let output = layer.output.get(1..).unwrap_or(&[]);
        LayerRow {
            name: layer.path.clone(),
            kind: layer.layer.clone(),
            shape: shape(output),
            features: output.iter().product::<usize>() as u64,
            parameters: layer.parameters as u64,
            flops: layer.flops,
        }
    }));
    let cost = told.facts.cost;
    ModelSection { layers, arena_bytes: Some(cost.work_bytes as u64), ..ModelSection::default() }
}

fn curves(told: &Told<'_>) -> Vec<Curves> {
    let history = &told.outcome.history;
    let mark =
        told.outcome.kept.map(|epoch| Best { x: epoch as f64, label: Said::new(say::best_epoch) });
    let line = |name: fn(Language) -> String, value: &dyn Fn(usize) -> Option<f64>| {
        let points = history.iter().enumerate();
        Series::new(Said::new(name), points.filter_map(|(i, r)| Some((r.epoch as f64, value(i)?))))
    };
    let named = |title: fn(Language) -> String, y_label: Said, series: Vec<Series>| Curves {
        title: Said::new(title),
        y_label,
        series: series.into_iter().filter(|series| !series.x.is_empty()).collect(),
        best: mark.clone(),
        ..Curves::default()
    };
    let loss = told.resolved.step.loss.name();
    let mut curves = vec![named(
        say::report_loss,
        loss.into(),
        vec![
            line(say::training_word, &|i| Some(history[i].train_loss)),
            line(say::validation_word, &|i| history[i].validation_loss),
        ],
    )];
    type Message = fn(Language) -> String;
    let (title, y_label): (Message, Message) = match told.resolved.settings.score.name() {
        Some("accuracy") => (say::report_accuracy, say::report_share_correct),
        Some("rmse") => (say::report_rmse, say::report_target_unit),
        Some("psnr") => (say::report_psnr, say::report_psnr_unit),
        _ => return curves,
    };
    let score = line(say::validation_word, &|i| history[i].validation_score);
    if !score.x.is_empty() {
        let most = (told.resolved.settings.score == Score::Accuracy).then_some(1.0);
        curves.push(Curves { most, ..named(title, Said::new(y_label), vec![score]) });
    }
    curves
}

/// The course of the learning rate, where it has one.
fn learning_rate(told: &Told<'_>) -> Option<LearningRateCourse> {
    let history = &told.outcome.history;
    let first = history.first()?.learning_rate;
    history.iter().any(|record| record.learning_rate != first).then(|| {
        let points = history.iter().map(|record| (record.step as f64, record.learning_rate));
        LearningRateCourse { rates: Series::new("", points), ..LearningRateCourse::default() }
    })
}

fn test(data: &Prepared, scores: &Scores) -> Option<TestSection> {
    if let Some(found) = &scores.reconstruction {
        return Some(TestSection::Reconstruction { scores: found.clone() });
    }
    if let Some(found) = &scores.pictures {
        return Some(TestSection::Pictures { scores: found.clone() });
    }
    match (&scores.classification, &scores.regression, &data.preprocessing.target) {
        (Some(found), _, Target::Classes { names, .. }) => {
            Some(TestSection::Classification { scores: found.clone(), classes: names.clone() })
        }
        (_, _, Target::Series { .. }) => {
            scores.forecast.clone().map(|scores| TestSection::Forecast { scores })
        }
        (_, Some(found), Target::Numbers { columns }) => Some(TestSection::Regression {
            scores: found.clone(),
            targets: columns.iter().map(|column| column.name.clone()).collect(),
        }),
        _ => None,
    }
}

/// Rows of the worst mistakes that are not images.
const MISTAKES: usize = 12;

fn mistakes(told: &Told<'_>) -> Result<Option<MistakesSection>, SessionError> {
    let Some(scores) = &told.outcome.test else { return Ok(None) };
    let names = told.data.preprocessing.class_names();
    if let Some(found) = &scores.classification {
        if found.mistakes.is_empty() {
            return Ok(None);
        }
        if let Inputs::Pixels(scale) = &told.data.preprocessing.inputs
            && let &[height, width, channels @ (1 | 3)] = &scale.shape[..]
        {
            let size = [height, width, channels];
            let images = images(&told.data.test, scale, size, &found.mistakes, names)?;
            let images = Some(Mistakes { images, ..Mistakes::default() });
            return Ok(Some(MistakesSection { images, ..MistakesSection::default() }));
        }
        let rows = found.mistakes.iter().take(MISTAKES).map(|mistake| {
            let name = |class: usize| names.get(class).cloned().unwrap_or(class.to_string());
            Ok(MistakeRow {
                label: name(mistake.label).into(),
                predicted: name(mistake.predicted).into(),
                badness: Some(mistake.badness),
                ..row(told.data, mistake.row)?
            })
        });
        let badness = match found.log_loss {
            Some(_) => say::badness_log_loss,
            None => say::badness_score,
        };
        return Ok(Some(section(told.data, rows.collect::<Result<_, SessionError>>()?, badness)));
    }
    let Some([output]) = scores.regression.as_ref().map(|found| &found.outputs[..]) else {
        return Ok(None);
    };
    let rows = output.worst.iter().take(MISTAKES).map(|pair: &Pair| {
        Ok(MistakeRow {
            label: Said::new(|l| l.significant(pair.target, 5)),
            predicted: Said::new(|l| l.significant(pair.predicted, 5)),
            badness: Some(pair.residual()),
            ..row(told.data, pair.row)?
        })
    });
    Ok(Some(section(
        told.data,
        rows.collect::<Result<_, SessionError>>()?,
        say::true_minus_predicted,
    )))
}

fn section(
    data: &Prepared,
    rows: Vec<MistakeRow>,
    badness: fn(Language) -> String,
) -> MistakesSection {
    let columns = match &data.preprocessing.inputs {
        Inputs::Table { columns, .. } => {
            let used = columns.iter().filter(|column| column.encoding.width() > 0);
            used.map(|column| column.name.clone()).collect()
        }
        Inputs::Pixels(_) | Inputs::Series(_) | Inputs::Patches(_) => Vec::new(),
    };
    MistakesSection { columns, rows, badness: Said::new(badness), ..MistakesSection::default() }
}

/// The number of an example in its source.
fn number(part: &Encoded, row: u64) -> Result<u64, SessionError> {
    let origin = part.origin(row as usize)?;
    Ok(origin.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(row))
}

/// A row of the test part with its values in the table's own units.
fn row(data: &Prepared, index: u64) -> Result<MistakeRow, SessionError> {
    let index = index as usize;
    let mut inputs = vec![0.0; data.test.width()];
    let mut targets = vec![0.0; data.test.targets()];
    data.test.row(index, &mut inputs, &mut targets)?;
    let number = number(&data.test, index as u64)?;
    let mut values = Vec::new();
    if let Inputs::Table { columns, .. } = &data.preprocessing.inputs {
        let mut rest = &inputs[..];
        for column in columns.iter().filter(|column| column.encoding.width() > 0) {
            let (own, behind) = rest.split_at(column.encoding.width());
            values.push(decoded(&column.encoding, own));
            rest = behind;
        }
    }
    Ok(MistakeRow { row: number, values, ..MistakeRow::default() })
}

/// What stood in the cell.
fn decoded(encoding: &Encoding, inputs: &[f32]) -> Said {
    let missing = || Said::new(say::cell_missing);
    let is_missing = |indicator: bool| indicator && inputs.last() == Some(&1.0);
    let raw = |center: &f64, spread: &f64| f64::from(inputs[0]) * spread + center;
    match encoding {
        Encoding::Number { indicator, .. } if is_missing(*indicator) => missing(),
        Encoding::Number { log, center, spread, .. } => {
            let value = raw(center, spread);
            let value = if *log { value.signum() * value.abs().exp_m1() } else { value };
            Said::new(|l| l.significant(value, 4))
        }
        Encoding::Boolean { indicator, .. } if is_missing(*indicator) => missing(),
        Encoding::Boolean { no, yes, center, spread, .. } => {
            if raw(center, spread) > 0.5 {
                yes.clone().into()
            } else {
                no.clone().into()
            }
        }
        Encoding::Category { values, others, .. } => {
            match inputs.iter().position(|&input| input == 1.0) {
                Some(index) if index < values.len() => values[index].clone().into(),
                Some(index) if *others && index == values.len() => Said::new(say::cell_another),
                Some(_) => missing(),
                None => Said::new(say::cell_unknown),
            }
        }
        Encoding::Date { indicator, .. } if is_missing(*indicator) => missing(),
        Encoding::Date { center, spread, parts, .. } if parts.first() == Some(&0) => {
            crate::run::date_of_day(raw(center, spread)).into()
        }
        Encoding::Date { .. } => Said::new(say::cell_date),
        Encoding::Text { tokens, .. } => crate::data::decode(tokens, inputs).into(),
        Encoding::Dropped { .. } => Said::default(),
    }
}

fn images(
    part: &Encoded,
    scale: &PixelScale,
    [height, width, channels]: [usize; 3],
    mistakes: &[Mistake],
    names: &[String],
) -> Result<Vec<MistakeImage>, SessionError> {
    let mut raw: Vec<Vec<f64>> = Vec::new();
    let mut numbers = Vec::new();
    for mistake in mistakes {
        numbers.push(number(part, mistake.row)?);
        let mut inputs = vec![0.0; part.width()];
        let mut targets = vec![0.0; part.targets()];
        part.row(mistake.row as usize, &mut inputs, &mut targets)?;
        raw.push(inputs.iter().map(|&input| scale.decode(input)).collect());
    }
    // Sets differ in what white is: 1, 16, 255.
    let all = || raw.iter().flatten().copied();
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
    let gray = |value: f64| ((value - low) / (high - low).max(1e-9) * 255.0).round() as u8;
    let name = |class: usize| names.get(class).cloned().unwrap_or_else(|| class.to_string());
    let image = |((mistake, raw), number): ((&Mistake, &Vec<f64>), &u64)| MistakeImage {
        width,
        height,
        channels,
        pixels: raw.iter().map(|&value| gray(value)).collect(),
        label: name(mistake.label),
        predicted: name(mistake.predicted),
        confidence: mistake.confidence,
        row: *number,
    };
    Ok(mistakes.iter().zip(&raw).zip(&numbers).map(image).collect())
}

/// Cells of a decision map along each side.
const MAP: usize = 96;
/// Examples drawn on it.
const POINTS: usize = 1500;

/// Which class is named where, for two features that are numbers.
fn decision_map(told: &Told<'_>, engine: &mut Engine) -> Result<Option<DecisionMap>, SessionError> {
    let preprocessing = &told.data.preprocessing;
    let (Inputs::Table { columns, .. }, Target::Classes { names, .. }) =
        (&preprocessing.inputs, &preprocessing.target)
    else {
        return Ok(None);
    };
    let plain = |encoding: &Encoding| match encoding {
        &Encoding::Number { log: false, center, spread, indicator: false, .. } => {
            Some((center, spread))
        }
        _ => None,
    };
    let used: Vec<_> = columns.iter().filter(|column| column.encoding.width() > 0).collect();
    let [across, up] = used[..] else { return Ok(None) };
    let (Some(x), Some(y)) = (plain(&across.encoding), plain(&up.encoding)) else {
        return Ok(None);
    };
    let part = &told.data.train;
    let stride = part.len().div_ceil(POINTS).max(1);
    let mut points = Vec::new();
    for index in (0..part.len()).step_by(stride) {
        let (mut inputs, mut target) = ([0.0; 2], [0.0; 1]);
        part.row(index, &mut inputs, &mut target)?;
        points.push((inputs.map(f64::from), target[0] as usize));
    }
    let range = |axis: usize| {
        let all = || points.iter().map(|(inputs, _)| inputs[axis]);
        let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
        let margin = 0.08 * (high - low).max(1e-6);
        [low - margin, high + margin]
    };
    let (x_range, y_range) = (range(0), range(1));
    let (mut winners, mut margins) = (Vec::new(), Vec::new());
    let cell = |range: [f64; 2], i: usize| {
        (range[0] + (range[1] - range[0]) * (i as f64 + 0.5) / MAP as f64) as f32
    };
    for row in 0..MAP {
        let fill = |features: &mut [f32], targets: &mut [f32]| {
            targets.fill(0.0);
            for (column, features) in features.chunks_mut(2).enumerate() {
                features.copy_from_slice(&[cell(x_range, column), cell(y_range, row)]);
            }
            Ok::<(), SessionError>(())
        };
        engine.evaluate(MAP, fill, |_, predictions, _| {
            for predictions in predictions.chunks(predictions.len() / MAP) {
                let (winner, margin) = winner(predictions);
                winners.push(winner);
                margins.push(margin);
            }
        })?;
    }
    let raw = |range: [f64; 2], (center, spread): (f64, f64)| range.map(|z| z * spread + center);
    let point = |([a, b], class): &([f64; 2], usize)| MapPoint {
        x: a * x.1 + x.0,
        y: b * y.1 + y.0,
        class: *class,
    };
    Ok(Some(DecisionMap {
        x_label: across.name.clone(),
        y_label: up.name.clone(),
        x_range: raw(x_range, x),
        y_range: raw(y_range, y),
        columns: MAP,
        rows: MAP,
        classes: names.clone(),
        winners,
        margins,
        points: points.iter().map(point).collect(),
        note: Some(Said::new(say::picture_dots_are_training)),
        ..DecisionMap::default()
    }))
}

/// The class that predictions name, and by how much it is ahead.
fn winner(predictions: &[f32]) -> (usize, f64) {
    if let &[yes] = predictions {
        return (usize::from(yes > 0.5), f64::from((2.0 * yes - 1.0).abs()));
    }
    let winner = crate::metrics::rank::argmax(predictions);
    let others = predictions.iter().enumerate().filter(|(class, _)| *class != winner);
    let second = others.fold(f32::NEG_INFINITY, |second, (_, &value)| second.max(value));
    (winner, f64::from(predictions[winner] - second).clamp(0.0, 1.0))
}

fn environment(told: &Told<'_>) -> Environment {
    Environment {
        version: env!("CARGO_PKG_VERSION").into(),
        machine: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
        instruction_set: told.facts.level.name().into(),
        threads: told.facts.threads,
        seconds: Some(told.outcome.seconds),
        peak_memory_bytes: crate::bench::peak_memory_bytes(),
        ..Environment::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_and_end() {
        assert_eq!(capitalized("the target is `y`"), "The target is `y`.");
        assert_eq!(capitalized("Done."), "Done.");
        assert_eq!(capitalized(""), ".");
    }

    #[test]
    fn cells_are_decoded() {
        let check = |encoding: Encoding, inputs: &[f32], cell: &str| {
            assert_eq!(decoded(&encoding, inputs).english(), cell);
        };
        let number = |log, indicator| Encoding::Number {
            log,
            center: 10.0,
            spread: 2.0,
            fill: 10.0,
            indicator,
        };
        check(number(false, false), &[1.5], "13");
        check(number(false, true), &[0.0, 1.0], "missing");
        check(number(false, true), &[-5.0, 0.0], "0");
        let category = Encoding::Category {
            values: vec!["a".into(), "b".into()],
            others: true,
            missing: true,
        };
        check(category.clone(), &[0.0, 1.0, 0.0, 0.0], "b");
        check(category.clone(), &[0.0, 0.0, 1.0, 0.0], "another");
        check(category.clone(), &[0.0, 0.0, 0.0, 1.0], "missing");
        check(category, &[0.0; 4], "unknown");
    }

    #[test]
    fn the_winner_is_ahead_by_its_margin() {
        assert_eq!(winner(&[0.75, 0.25]), (0, 0.5));
        assert_eq!(winner(&[1.0]), (1, 1.0));
        assert_eq!(winner(&[0.25]), (0, 0.5));
    }
}
