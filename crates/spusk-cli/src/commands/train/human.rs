//! Progress and results for people: a bar on a terminal, lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use spusk::data::Prepared;
use spusk::diagnosis::Finding;
use spusk::messages::{self as say, Language};
use spusk::metrics::ForecastErrors;
use spusk::session::{
    ForecastScores, MethodScore, ModelFacts, Outcome, PictureScores, Scores, SessionEvent,
};
use spusk::train::{EpochRecord, Event, StopReason};

use super::Listener;
use crate::terminal::{flop, layer_table, line, table};

/// Shows a training to a person.
pub(super) struct Human {
    quiet: bool,
    language: Language,
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
    keeps_best: bool,
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
    pub(super) fn new(quiet: bool, terminal: bool, language: Language) -> Human {
        let bar = (terminal && !quiet).then(|| {
            let bar = ProgressBar::new_spinner().with_message(say::train_reading(language));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let now = Instant::now();
        Human {
            quiet,
            language,
            bar,
            closed: false,
            run: None,
            last_line: now,
            last_epoch_shown: 0,
        }
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
        self.print_all(&model_lines(facts, self.language));
        let settings = &facts.resolved.settings;
        self.run = Some(Run {
            score: settings.score.name(),
            keeps_best: settings.restore_best,
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
        self.print(&epoch_header(score, self.language));
    }

    fn step(&mut self, epoch: u64, step: u64, loss: f64, elapsed: f64) {
        let l = self.language;
        let Some(run) = &mut self.run else { return };
        run.speed.update(step, elapsed);
        let rate = run.speed.steps_per_second;
        let left = (run.total_steps.saturating_sub(step)) as f64 / rate;
        let mut message = say::train_progress(l, epoch + 1, run.epochs, figure(loss, l));
        if let Some(last) = &run.last
            && let Some(validation) = last.validation_loss
        {
            message += &say::train_progress_validation(l, figure(validation, l));
            if let (Some("accuracy"), Some(score)) = (run.score, last.validation_score) {
                message += &format!(" ({})", l.percent(score, 1));
            }
        }
        if rate.is_finite() && rate > 0.0 {
            let examples = rate * run.batch_size as f64;
            let (examples, left) = (l.short_count(examples as u64), l.seconds(left));
            message += &say::train_progress_speed(l, examples, left);
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
        let l = self.language;
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
            let text = epoch_line(record, run.score, run.keeps_best, self.language);
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
        let l = self.language;
        match event {
            SessionEvent::Note(said) => {
                self.print(&format!("  {}", say::note_word(l, said.in_language(l))));
            }
            SessionEvent::Data(data) => {
                self.print_all(&data_lines(data, l));
                if let Some(bar) = &self.bar {
                    bar.set_message(say::train_choosing(l));
                }
            }
            SessionEvent::Model(facts) => self.model(facts),
            SessionEvent::Resumed { epoch, step } => {
                self.print(&say::train_going_on(l, epoch, l.count(step)));
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
        let l = self.language;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let score = self.run.as_ref().and_then(|run| run.score);
        if let Some(last) = outcome.history.last()
            && last.epoch != self.last_epoch_shown
            && self.run.is_some()
        {
            self.print(&epoch_line(last, score, outcome.kept.is_some(), l));
        }
        if !self.quiet {
            self.print(&ending(outcome, l));
        }
        self.print_all(&result_lines(outcome, l));
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

fn data_lines(data: &Prepared, l: Language) -> Vec<String> {
    let (task, why) = (data.task.in_words(l), data.task_reason.in_language(l));
    let mut lines = vec![
        format!("{}: {}", data.source, data.kind.in_language(l)),
        format!("  {}", say::train_task(l, task, why)),
        format!("  {}", say::train_rows(l, data.accounting.account(l))),
    ];
    let columns: Vec<Vec<String>> = data
        .columns
        .iter()
        .take(COLUMNS)
        .map(|column| {
            let missing = match column.missing {
                0 => String::new(),
                missing => format!(", {}", say::values_missing(l, l.count(missing))),
            };
            let summary = format!("{}{missing}", column.summary.in_language(l));
            let kind = say::column_kind_named(l, column.kind);
            vec![
                format!("  {}", column.shown_name()),
                kind,
                summary,
                column.use_.in_language(l).into(),
            ]
        })
        .collect();
    if !columns.is_empty() {
        lines.push(String::new());
        lines.extend(table(&columns, &[]));
        let more = data.columns.len().saturating_sub(COLUMNS);
        if more > 0 {
            lines.push(format!("  {}", say::train_more_columns(l, more)));
        }
    }
    let notes = data.notes.iter();
    lines.extend(notes.map(|said| format!("  {}", say::note_word(l, said.in_language(l)))));
    lines
}

fn model_lines(facts: &ModelFacts, l: Language) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(layer_table(&facts.layers, facts.parameters, false, l));
    lines.push(String::new());
    let training = &facts.resolved.experiment.training;
    let named = |spec: Option<&spusk::spec::Spec>| {
        spec.map_or_else(|| say::none_word(l), ToString::to_string)
    };
    let settings = &facts.resolved.settings;
    let chosen = say::train_settings(
        l,
        named(training.loss.set()),
        named(training.optimizer.set()),
        l.significant(settings.learning_rate, 3),
        named(training.schedule.set()),
    );
    let planned = say::train_batches(
        l,
        l.count(settings.batch_size as u64),
        l.count(settings.epochs),
        l.count(facts.total_steps),
        settings.seed,
    );
    let step = say::train_step(
        l,
        flop(facts.cost.flops, l),
        facts.cost.kernels,
        l.bytes(facts.cost.work_bytes as u64),
        l.bytes(facts.cost.state_bytes as u64),
        counted(facts.threads, "thread", l),
        facts.level.name(),
    );
    lines.extend([chosen, planned, step].map(|line| format!("  {line}")));
    lines
}

/// "3 threads" in English, only "3" in Russian, where the noun stands before it.
fn counted(number: usize, noun: &str, l: Language) -> String {
    let s = if number == 1 { "" } else { "s" };
    match l {
        Language::English => format!("{} {noun}{s}", l.count(number as u64)),
        Language::Russian => l.count(number as u64),
    }
}

/// Four digits.
fn figure(value: f64, l: Language) -> String {
    l.significant(value, 4)
}

fn epoch_header(score: Option<&str>, l: Language) -> String {
    let score = match score {
        Some("accuracy") => format!("  {:>10}", say::score_accuracy(l)),
        Some(score) => format!("  {score:>10}"),
        None => String::new(),
    };
    let [epoch, train, validation, time] =
        [say::epoch_word, say::head_train_loss, say::validation_word, say::head_time]
            .map(|name| name(l));
    format!("  {epoch:>6}  {train:>10}  {validation:>10}{score}  {time:>9}")
}

/// A line of the table; `marks` says that the best epoch is the one that is kept.
fn epoch_line(record: &EpochRecord, score: Option<&str>, marks: bool, l: Language) -> String {
    let validation = record.validation_loss.map_or("–".into(), |loss| figure(loss, l));
    let score = score.map_or(String::new(), |name| {
        let text = match (name, record.validation_score) {
            (_, None) => "–".into(),
            ("accuracy", Some(value)) => l.percent(value, 1),
            ("psnr", Some(value)) => say::report_decibels(l, "", l.fixed(value, 2)).trim().into(),
            (_, Some(value)) => figure(value, l),
        };
        format!("  {text:>10}")
    });
    let best =
        if marks && record.is_best { format!("  {}", say::best_word(l)) } else { String::new() };
    format!(
        "  {:>6}  {:>10}  {validation:>10}{score}  {:>9}{best}",
        record.epoch,
        figure(record.train_loss, l),
        l.seconds(record.seconds),
    )
}

/// Why training ended, and which weights are kept.
fn ending(outcome: &Outcome, l: Language) -> String {
    let epochs = outcome.history.last().map_or(0, |record| record.epoch);
    let why = match outcome.reason {
        StopReason::Epochs => say::train_done(l, counted(epochs as usize, "epoch", l)),
        StopReason::EarlyStopping => say::train_stopped(l, epochs),
        StopReason::ShortSteps => say::train_short_steps(l, epochs),
        StopReason::TimeLimit => say::train_time_up(l, epochs),
        StopReason::Interrupted => return String::new(),
    };
    let kept = outcome.history.iter().find(|record| Some(record.epoch) == outcome.kept);
    match kept.and_then(|record| record.validation_loss) {
        Some(loss) => {
            let epoch = outcome.kept.unwrap_or(epochs);
            format!("\n{}", say::train_kept(l, why, epoch, figure(loss, l)))
        }
        None => format!("\n{}", say::train_last_kept(l, why)),
    }
}

fn result_lines(outcome: &Outcome, l: Language) -> Vec<String> {
    let run = outcome.run.display();
    if outcome.reason == StopReason::Interrupted {
        let epochs = outcome.history.last().map_or(0, |record| record.epoch);
        return vec![
            say::train_interrupted(l, counted(epochs as usize, "epoch", l)),
            say::train_go_on(l, format!("spusk train --resume {run}")),
        ];
    }
    let mut lines = Vec::new();
    match &outcome.test {
        Some(scores) => lines.extend(score_lines(scores, l)),
        None => lines.push(say::train_no_test(l)),
    }
    lines.push(String::new());
    let mut rows = vec![vec![say::train_run(l), run.to_string()]];
    let report = outcome.run.join("report.html");
    if report.exists() {
        rows.push(vec![say::train_report(l), report.display().to_string()]);
    }
    let next = match outcome.test.as_ref().is_some_and(|scores| scores.pictures.is_some()) {
        true => format!("spusk enhance {run} PICTURE --out FILE"),
        false => format!("spusk predict {run} --data SOURCE"),
    };
    rows.push(vec![say::train_next(l), next]);
    lines.extend(table(&rows, &[]));
    lines
}

/// Scores as a short table.
pub(crate) fn score_lines(scores: &Scores, l: Language) -> Vec<String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut add = |name: String, value: Option<String>, note: String| {
        if let Some(value) = value {
            rows.push(vec![format!("  {name}"), value, note]);
        }
    };
    let share = |value: f64| l.percent(value, 1);
    let figure = |value| figure(value, l);
    if let Some(found) = &scores.classification {
        let baseline = found.baseline_accuracy.map(|value| say::lines_commonest(l, share(value)));
        let baseline = baseline.unwrap_or_default();
        add(say::score_accuracy(l), found.accuracy.map(share), baseline);
        for top in found.top_k.iter().filter(|top| top.k == 5) {
            add(say::lines_top5(l), Some(share(top.accuracy)), String::new());
        }
        add(say::lines_f1(l), found.macro_average.map(|mean| figure(mean.f1)), String::new());
        add(say::lines_roc(l), found.roc_auc.map(figure), String::new());
    }
    if let Some(found) = &scores.regression {
        let baseline = match &found.outputs[..] {
            [one] => one.baseline_rmse,
            _ => None,
        };
        let baseline = baseline.map(|value| say::lines_mean(l, figure(value))).unwrap_or_default();
        add("RMSE".into(), found.rmse.map(figure), baseline);
        add("MAE".into(), found.mae.map(figure), String::new());
        add("R²".into(), found.r2.map(figure), String::new());
    }
    if let Some(found) = &scores.reconstruction {
        let mean = found.mean_mse.map(|value| say::lines_mean(l, figure(value)));
        add(say::lines_reconstruction(l), found.mse.map(figure), mean.unwrap_or_default());
        add(say::lines_given_back(l), found.explained.map(share), String::new());
        if let Some(pca) = &found.pca {
            let below = found.below_pca().map(|below| match below >= 0.0 {
                true => say::lines_below(l, share(below)),
                false => say::lines_above(l, share(-below)),
            });
            let name = say::lines_pca(l, pca.components);
            add(name, pca.mse.map(figure), below.unwrap_or_default());
        }
    }
    add(say::loss_word(l), Some(figure(scores.loss)), String::new());
    if let Some(found) = &scores.pictures {
        return picture_lines(found, l);
    }
    if let Some(found) = &scores.forecast {
        return forecast_lines(scores.examples, found, l);
    }
    let mut lines = vec![match scores.examples {
        1 => say::lines_test_one(l),
        examples => say::lines_test(l, l.count(examples as u64)),
    }];
    lines.extend(table(&rows, &[]));
    lines
}

/// Whole pictures, each way of restoring them beside the others.
fn picture_lines(found: &PictureScores, l: Language) -> Vec<String> {
    let means = found.means();
    let row = |name: &str, methods: &[MethodScore]| {
        let figure = |method: &MethodScore| {
            let ssim = method.likeness.ssim.map_or("–".into(), |ssim| l.fixed(ssim, 4));
            format!("{} ({ssim})", l.fixed(method.likeness.psnr, 2))
        };
        std::iter::once(format!("  {name}")).chain(methods.iter().map(figure)).collect()
    };
    let mut head = vec![format!("  {}", say::column_picture(l))];
    head.extend(means.iter().map(|method| say::method(l, &method.name)));
    let mut rows: Vec<Vec<String>> = vec![head];
    rows.extend(found.pictures.iter().map(|picture| row(&picture.name, &picture.methods)));
    rows.push(row(&say::mean_word(l), &means));
    let mut lines = vec![say::lines_test_pictures(l, l.count(found.pictures.len() as u64))];
    lines.extend(table(&rows, &(1..=means.len()).collect::<Vec<usize>>()));
    if let Some(gain) = found.gain() {
        let message = if gain >= 0.0 { say::lines_gain } else { say::lines_lack };
        lines.push(format!("  {}", message(l, l.fixed(gain.abs(), 2))));
    }
    lines
}

/// The network's errors beside those of simpler forecasts.
fn forecast_lines(windows: usize, found: &ForecastScores, l: Language) -> Vec<String> {
    let row = |name: &str, errors: &ForecastErrors, what: &str| {
        let number = |value: Option<f64>| value.map_or("–".into(), |value| figure(value, l));
        let share = |value: Option<f64>| value.map_or("–".into(), |value| l.percent(value, 2));
        let mut row = vec![format!("  {name}")];
        row.extend([errors.mse, errors.mae, errors.unit_rmse, errors.unit_mae].map(number));
        row.extend([errors.mape, errors.smape].map(share));
        row.extend([number(errors.mase), what.into()]);
        row
    };
    let (name, rmse, mae) =
        (say::forecast_word(l), say::lines_unit_rmse(l), say::lines_unit_mae(l));
    let name = format!("  {name}");
    let head = [&*name, "MSE", "MAE", &rmse, &mae, "MAPE", "sMAPE", "MASE", ""];
    let mut rows =
        vec![head.map(String::from).to_vec(), row(&say::method_network(l), &found.errors, "")];
    let simple = found.compared.iter();
    rows.extend(
        simple.map(|one| row(&say::forecast(l, &one.name), &one.errors, one.what.in_language(l))),
    );
    let mut lines = vec![say::lines_test_origins(l, l.count(windows as u64), found.horizon)];
    lines.extend(table(&rows, &[1, 2, 3, 4, 5, 6, 7]));
    if let Some(coverage) = &found.coverage {
        let (found, wanted) = (l.percent(coverage.found, 1), l.percent(coverage.wanted, 0));
        lines.push(format!("  {}", say::forecast_coverage(l, found, wanted)));
    }
    lines
}
