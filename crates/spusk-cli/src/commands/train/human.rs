//! Progress and results for people: a bar on a terminal, lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use spusk::data::Prepared;
use spusk::diagnosis::Finding;
use spusk::messages as say;
use spusk::metrics::ForecastErrors;
use spusk::plot::number::{bytes, count, percent, seconds, short_count, significant};
use spusk::session::{
    ForecastScores, MethodScore, ModelFacts, Outcome, PictureScores, Scores, SessionEvent,
};
use spusk::train::{EpochRecord, Event, StopReason};

use super::Listener;
use crate::terminal::{flop, layer_table, line, table};

/// Shows a training to a person.
pub(super) struct Human {
    quiet: bool,
    /// Absent where there is no terminal.
    bar: Option<ProgressBar>,
    /// Nobody reads any more; the training goes on.
    closed: bool,
    run: Option<Run>,
    last_line: Instant,
    last_epoch_shown: u64,
}

/// What the lines of epochs need.
struct Run {
    score: Option<&'static str>,
    epochs: u64,
    total_steps: u64,
    batch_size: usize,
    speed: Speed,
    last: Option<EpochRecord>,
}

/// Lines for epochs, of however many.
const EPOCH_LINES: u64 = 20;
/// The longest silence on a terminal's permanent lines, and elsewhere.
const SILENCE: Duration = Duration::from_secs(10);
/// Columns of a table that are listed; the rest is counted.
const COLUMNS: usize = 16;

impl Human {
    pub(super) fn new(quiet: bool, terminal: bool) -> Human {
        let bar = (terminal && !quiet).then(|| {
            let bar = ProgressBar::new_spinner().with_message("reading the data");
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let now = Instant::now();
        Human { quiet, bar, closed: false, run: None, last_line: now, last_epoch_shown: 0 }
    }

    fn print(&mut self, text: &str) {
        if self.closed {
            return;
        }
        let write = || line(text).is_err();
        self.closed = match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        };
        self.last_line = Instant::now();
    }

    fn print_all(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| self.print(line));
    }

    fn model(&mut self, facts: &ModelFacts) {
        self.print_all(&model_lines(facts));
        let settings = &facts.resolved.settings;
        self.run = Some(Run {
            score: settings.score.name(),
            epochs: settings.epochs,
            total_steps: facts.total_steps,
            batch_size: settings.batch_size,
            speed: Speed::default(),
            last: None,
        });
        if let Some(old) = self.bar.take() {
            old.finish_and_clear();
            let style = "{bar:24} {percent:>3} %  {msg}";
            let style = ProgressStyle::with_template(style).unwrap_or_else(|_| {
                unreachable!("the template is a constant");
            });
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let bar = ProgressBar::with_draw_target(Some(facts.total_steps), target);
            self.bar = Some(bar.with_style(style.progress_chars("━╸ ")));
        }
        self.print("");
        let score = self.run.as_ref().and_then(|run| run.score);
        self.print(&epoch_header(score));
    }

    fn step(&mut self, epoch: u64, step: u64, loss: f64, elapsed: f64) {
        let Some(run) = &mut self.run else { return };
        run.speed.update(step, elapsed);
        let rate = run.speed.steps_per_second;
        let left = (run.total_steps.saturating_sub(step)) as f64 / rate;
        let mut message = format!("epoch {} of {}, loss {}", epoch + 1, run.epochs, figure(loss));
        if let Some(last) = &run.last
            && let Some(validation) = last.validation_loss
        {
            message += &format!(", validation {}", figure(validation));
            if let (Some("accuracy"), Some(score)) = (run.score, last.validation_score) {
                message += &format!(" ({})", percent(score, 1));
            }
        }
        if rate.is_finite() && rate > 0.0 {
            let examples = rate * run.batch_size as f64;
            let (examples, left) = (short_count(examples as u64), seconds(left));
            message += &format!(", {examples} examples/s, at most {left} left");
        }
        match &self.bar {
            Some(bar) => {
                bar.set_position(step);
                bar.set_message(message);
            }
            None if self.last_line.elapsed() >= SILENCE => self.print(&format!("  … {message}")),
            None => {}
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let l = crate::commands::language(None);
        let [title, meaning, cure] =
            [&finding.title, &finding.meaning, &finding.cure].map(|said| said.in_language(l));
        self.print(&format!("  {}", say::doctor_warning(l, title, meaning)));
        self.print(&format!("    {}", say::doctor_cure(l, cure)));
    }

    fn epoch(&mut self, record: &EpochRecord) {
        let Some(run) = &mut self.run else { return };
        run.last = Some(record.clone());
        let every = run.epochs.div_ceil(EPOCH_LINES).max(1);
        let due = record.epoch == 1
            || record.epoch.is_multiple_of(every)
            || record.epoch == run.epochs
            || self.last_line.elapsed() >= SILENCE;
        if due {
            let text = epoch_line(record, run.score);
            self.last_epoch_shown = record.epoch;
            self.print(&text);
        }
    }
}

impl Listener for Human {
    fn hear(&mut self, event: SessionEvent<'_>) {
        if self.quiet {
            return;
        }
        match event {
            SessionEvent::Note(text) => self.print(&format!("  note: {text}")),
            SessionEvent::Data(data) => {
                self.print_all(&data_lines(data));
                if let Some(bar) = &self.bar {
                    bar.set_message("choosing what was not given");
                }
            }
            SessionEvent::Model(facts) => self.model(facts),
            SessionEvent::Resumed { epoch, step } => {
                let text = format!("going on after epoch {epoch}, step {}", count(step));
                self.print(&text);
            }
            SessionEvent::Train(Event::Step { progress, loss, seconds, .. }) => {
                self.step(progress.epoch, progress.step, loss, seconds);
            }
            SessionEvent::Train(Event::Epoch { record, .. }) => self.epoch(record),
            SessionEvent::Train(Event::Checkpoint { .. }) => {}
            SessionEvent::Finding(finding) => self.finding(finding),
        }
    }

    fn finish(&mut self, outcome: &Outcome) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let score = self.run.as_ref().and_then(|run| run.score);
        if let Some(last) = outcome.history.last()
            && last.epoch != self.last_epoch_shown
            && self.run.is_some()
        {
            self.print(&epoch_line(last, score));
        }
        if !self.quiet {
            self.print(&ending(outcome));
        }
        self.print_all(&result_lines(outcome));
    }
}

/// Steps a second, smoothed.
#[derive(Default)]
struct Speed {
    steps_per_second: f64,
    at: Option<(u64, f64)>,
}

impl Speed {
    fn update(&mut self, step: u64, elapsed: f64) {
        if let Some((step_then, then)) = self.at.replace((step, elapsed))
            && elapsed > then
            && step > step_then
        {
            let now = (step - step_then) as f64 / (elapsed - then);
            let old = self.steps_per_second;
            self.steps_per_second = if old == 0.0 { now } else { 0.9 * old + 0.1 * now };
        }
    }
}

fn data_lines(data: &Prepared) -> Vec<String> {
    let mut lines = vec![
        format!("{}: {}", data.source, data.kind),
        format!("  task  {}, because {}", data.task.name(), data.task_reason),
        format!("  rows  {}", data.accounting),
    ];
    let columns: Vec<Vec<String>> = data
        .columns
        .iter()
        .take(COLUMNS)
        .map(|column| {
            let missing = match column.missing {
                0 => String::new(),
                missing => format!(", {} missing", count(missing)),
            };
            let summary = format!("{}{missing}", column.summary);
            vec![format!("  {}", column.name), column.kind.into(), summary, column.use_.clone()]
        })
        .collect();
    if !columns.is_empty() {
        lines.push(String::new());
        lines.extend(table(&columns, &[]));
        let more = data.columns.len().saturating_sub(COLUMNS);
        if more > 0 {
            lines.push(format!("  and {more} more columns"));
        }
    }
    lines.extend(data.notes.iter().map(|note| format!("  note: {note}")));
    lines
}

fn model_lines(facts: &ModelFacts) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(layer_table(&facts.layers, facts.parameters, false));
    lines.push(String::new());
    let training = &facts.resolved.experiment.training;
    let named = |spec: Option<&spusk::spec::Spec>| {
        spec.map(ToString::to_string).unwrap_or_else(|| "none".into())
    };
    let settings = &facts.resolved.settings;
    lines.push(format!(
        "  loss {}, optimizer {}, learning rate {}, schedule {}",
        named(training.loss.set()),
        named(training.optimizer.set()),
        significant(settings.learning_rate, 3),
        named(training.schedule.set()),
    ));
    lines.push(format!(
        "  batches of {}, at most {} epochs ({} steps), seed {}",
        count(settings.batch_size as u64),
        count(settings.epochs),
        count(facts.total_steps),
        settings.seed,
    ));
    lines.push(format!(
        "  a step: {} in {} kernels, {} of memory beside {} of state; {}, {}",
        flop(facts.cost.flops),
        facts.cost.kernels,
        bytes(facts.cost.work_bytes as u64),
        bytes(facts.cost.state_bytes as u64),
        counted(facts.threads, "thread"),
        facts.level.name(),
    ));
    lines
}

fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(number as u64))
}

/// Four digits.
fn figure(value: f64) -> String {
    significant(value, 4)
}

fn epoch_header(score: Option<&str>) -> String {
    let score = score.map_or(String::new(), |score| format!("  {score:>10}"));
    format!("  {:>6}  {:>10}  {:>10}{score}  {:>9}", "epoch", "train loss", "validation", "time")
}

fn epoch_line(record: &EpochRecord, score: Option<&str>) -> String {
    let validation = record.validation_loss.map_or("–".into(), figure);
    let score = score.map_or(String::new(), |name| {
        let text = match (name, record.validation_score) {
            (_, None) => "–".into(),
            ("accuracy", Some(value)) => percent(value, 1),
            ("psnr", Some(value)) => format!("{value:.2} dB"),
            (_, Some(value)) => figure(value),
        };
        format!("  {text:>10}")
    });
    let best = if record.is_best { "  best" } else { "" };
    format!(
        "  {:>6}  {:>10}  {validation:>10}{score}  {:>9}{best}",
        record.epoch,
        figure(record.train_loss),
        seconds(record.seconds),
    )
}

/// Why training ended, and which weights are kept.
fn ending(outcome: &Outcome) -> String {
    let epochs = outcome.history.last().map_or(0, |record| record.epoch);
    let why = match outcome.reason {
        StopReason::Epochs => format!("{} done", counted(epochs as usize, "epoch")),
        StopReason::EarlyStopping => {
            format!("stopped after {epochs} epochs: the validation loss no longer fell")
        }
        StopReason::TimeLimit => format!("stopped in epoch {epochs}: the time was up"),
        StopReason::Interrupted => return String::new(),
    };
    let kept = outcome.history.iter().find(|record| Some(record.epoch) == outcome.kept);
    match kept.and_then(|record| record.validation_loss) {
        Some(loss) => {
            let epoch = outcome.kept.unwrap_or(epochs);
            format!("\n{why}; kept: epoch {epoch}, validation loss {}", figure(loss))
        }
        None => format!("\n{why}; the last weights are kept"),
    }
}

fn result_lines(outcome: &Outcome) -> Vec<String> {
    let run = outcome.run.display();
    if outcome.reason == StopReason::Interrupted {
        let epochs = outcome.history.last().map_or(0, |record| record.epoch);
        return vec![
            format!("stopped after {}; everything is saved", counted(epochs as usize, "epoch")),
            format!("go on: spusk train --resume {run}"),
        ];
    }
    let mut lines = Vec::new();
    match &outcome.test {
        Some(scores) => lines.extend(score_lines(scores)),
        None => lines.push("there is no test part".into()),
    }
    lines.push(String::new());
    let mut rows = vec![vec!["run".into(), run.to_string()]];
    let report = outcome.run.join("report.html");
    if report.exists() {
        rows.push(vec!["report".into(), report.display().to_string()]);
    }
    let next = match outcome.test.as_ref().is_some_and(|scores| scores.pictures.is_some()) {
        true => format!("spusk enhance {run} PICTURE --out FILE"),
        false => format!("spusk predict {run} --data SOURCE"),
    };
    rows.push(vec!["next".into(), next]);
    lines.extend(table(&rows, &[]));
    lines
}

/// Scores as a short table.
pub(crate) fn score_lines(scores: &Scores) -> Vec<String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut add = |name: &str, value: Option<String>, note: String| {
        if let Some(value) = value {
            rows.push(vec![format!("  {name}"), value, note]);
        }
    };
    let share = |value: f64| percent(value, 1);
    if let Some(found) = &scores.classification {
        let baseline = found
            .baseline_accuracy
            .map_or(String::new(), |value| format!("always the commonest class: {}", share(value)));
        add("accuracy", found.accuracy.map(share), baseline);
        for top in found.top_k.iter().filter(|top| top.k == 5) {
            add("top 5", Some(share(top.accuracy)), String::new());
        }
        add("macro F1", found.macro_average.map(|mean| figure(mean.f1)), String::new());
        add("ROC AUC", found.roc_auc.map(figure), String::new());
    }
    if let Some(found) = &scores.regression {
        let baseline = match &found.outputs[..] {
            [one] => one.baseline_rmse,
            _ => None,
        };
        let baseline =
            baseline.map_or(String::new(), |value| format!("always the mean: {}", figure(value)));
        add("RMSE", found.rmse.map(figure), baseline);
        add("MAE", found.mae.map(figure), String::new());
        add("R²", found.r2.map(figure), String::new());
    }
    if let Some(found) = &scores.reconstruction {
        let mean = found.mean_mse.map(|value| format!("always the mean: {}", figure(value)));
        add("reconstruction error", found.mse.map(figure), mean.unwrap_or_default());
        add("variance given back", found.explained.map(share), String::new());
        if let Some(pca) = &found.pca {
            let below = found.below_pca().map_or(String::new(), |below| {
                let side = if below >= 0.0 { "below" } else { "above" };
                format!("the network is {} {side}", share(below.abs()))
            });
            add(&format!("PCA with {} numbers", pca.components), pca.mse.map(figure), below);
        }
    }
    add("loss", Some(figure(scores.loss)), String::new());
    if let Some(found) = &scores.pictures {
        return picture_lines(found);
    }
    if let Some(found) = &scores.forecast {
        return forecast_lines(scores.examples, found);
    }
    let mut lines = vec![format!("test on {}", counted(scores.examples, "unseen example"))];
    lines.extend(table(&rows, &[]));
    lines
}

/// Whole pictures, each way of restoring them beside the others.
fn picture_lines(found: &PictureScores) -> Vec<String> {
    let means = found.means();
    let row = |name: &str, methods: &[MethodScore]| {
        let figure = |method: &MethodScore| {
            let ssim = method.likeness.ssim.map_or("–".into(), |ssim| format!("{ssim:.4}"));
            format!("{:.2} ({ssim})", method.likeness.psnr)
        };
        std::iter::once(format!("  {name}")).chain(methods.iter().map(figure)).collect()
    };
    let mut head = vec!["  picture".to_string()];
    head.extend(means.iter().map(|method| method.name.clone()));
    let mut rows: Vec<Vec<String>> = vec![head];
    rows.extend(found.pictures.iter().map(|picture| row(&picture.name, &picture.methods)));
    rows.push(row("mean", &means));
    let pictures = counted(found.pictures.len(), "unseen picture");
    let mut lines = vec![format!("test on {pictures}: PSNR in dB, SSIM in brackets")];
    lines.extend(table(&rows, &(1..=means.len()).collect::<Vec<usize>>()));
    if let Some(gain) = found.gain() {
        let side = if gain >= 0.0 { "above" } else { "below" };
        lines.push(format!("  {:.2} dB {side} the best without a network", gain.abs()));
    }
    lines
}

/// The network's errors beside those of simpler forecasts.
fn forecast_lines(windows: usize, found: &ForecastScores) -> Vec<String> {
    let row = |name: &str, errors: &ForecastErrors, what: &str| {
        let number = |value: Option<f64>| value.map_or("–".into(), figure);
        let share = |value: Option<f64>| value.map_or("–".into(), |value| percent(value, 2));
        let mut row = vec![format!("  {name}")];
        row.extend([errors.mse, errors.mae, errors.unit_rmse, errors.unit_mae].map(number));
        row.extend([errors.mape, errors.smape].map(share));
        row.extend([number(errors.mase), what.into()]);
        row
    };
    let head = ["  forecast", "MSE", "MAE", "unit RMSE", "unit MAE", "MAPE", "sMAPE", "MASE", ""];
    let mut rows = vec![head.map(String::from).to_vec(), row("network", &found.errors, "")];
    let simple = found.compared.iter();
    rows.extend(simple.map(|one| row(&one.name.replace('_', " "), &one.errors, &one.what)));
    let mut lines = vec![format!(
        "test on {} unseen origins, {} each (MSE and MAE on standardized data)",
        count(windows as u64),
        counted(found.horizon, "step"),
    )];
    lines.extend(table(&rows, &[1, 2, 3, 4, 5, 6, 7]));
    if let Some(coverage) = &found.coverage {
        lines.push(format!(
            "  {} of the values lie in the interval, of which {} should",
            percent(coverage.found, 1),
            percent(coverage.wanted, 0)
        ));
    }
    lines
}
