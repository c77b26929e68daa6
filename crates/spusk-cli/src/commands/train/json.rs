//! One JSON object a line.

use serde_json::{Value, json};
use spusk::data::Prepared;
use spusk::metrics::ForecastErrors;
use spusk::session::{ModelFacts, Outcome, Scores, SessionEvent, epoch_json, step_json};
use spusk::train::{Event, StopReason};

use super::Listener;
use crate::terminal::line;

/// Prints every event as an object.
pub(super) struct Json {
    quiet: bool,
    /// Nobody reads any more; the training goes on.
    closed: bool,
    score: Option<&'static str>,
    /// Whether every step is printed.
    with_steps: bool,
}

impl Json {
    pub(super) fn new(quiet: bool) -> Json {
        Json { quiet, closed: false, score: None, with_steps: false }
    }

    fn print(&mut self, object: &Value) {
        if !self.closed {
            self.closed = line(object).is_err();
        }
    }
}

impl Listener for Json {
    fn hear(&mut self, event: SessionEvent<'_>) {
        if let SessionEvent::Model(facts) = &event {
            self.with_steps = facts.resolved.experiment.training.step_losses;
            self.score = facts.resolved.settings.score.name();
        }
        if self.quiet {
            return;
        }
        match event {
            SessionEvent::Note(text) => self.print(&note(text.english())),
            SessionEvent::Data(data) => {
                self.print(&data_object(data));
                data.notes.iter().for_each(|text| self.print(&note(text.english())));
            }
            SessionEvent::Model(facts) => self.print(&model_object(facts)),
            SessionEvent::Resumed { epoch, step } => {
                self.print(&json!({ "event": "resumed", "epoch": epoch, "step": step }));
            }
            SessionEvent::Train(Event::Epoch { record, .. }) => {
                self.print(&epoch_json(record, self.score));
            }
            SessionEvent::Train(Event::Step { progress, loss, .. }) if self.with_steps => {
                self.print(&step_json(progress, loss));
            }
            SessionEvent::Train(Event::Step { .. } | Event::Checkpoint { .. }) => {}
            SessionEvent::Finding(finding) => {
                let mut object = json!(finding);
                object["event"] = "finding".into();
                self.print(&object);
            }
        }
    }

    fn finish(&mut self, outcome: &Outcome) {
        let last = outcome.history.last();
        let best = outcome.history.iter().rev().find(|record| record.is_best);
        let interrupted = outcome.reason == StopReason::Interrupted;
        let event = if interrupted { "interrupted" } else { "done" };
        let mut object = json!({ "event": event });
        if !interrupted {
            add_scores(&mut object, outcome.test.as_ref());
        }
        object["seconds"] = outcome.seconds.into();
        object["run"] = outcome.run.display().to_string().into();
        object["reason"] = json!(outcome.reason);
        object["epochs"] = last.map_or(0, |record| record.epoch).into();
        object["best_epoch"] = best.map(|record| record.epoch).into();
        object["kept_epoch"] = outcome.kept.or(last.map(|record| record.epoch)).into();
        self.print(&object);
    }
}

fn note(text: &str) -> Value {
    json!({ "event": "note", "text": text })
}

fn data_object(data: &Prepared) -> Value {
    let account = &data.accounting;
    json!({
        "event": "data",
        "source": data.source,
        "kind": data.kind.english(),
        "task": data.task,
        "task_reason": data.task_reason.english(),
        "rows": account.rows,
        "train": data.train.len(),
        "validation": data.validation.len(),
        "test": data.test.len(),
        "skipped": account.skipped_rows(),
        "inputs": data.preprocessing.width(),
        "outputs": data.preprocessing.outputs(),
    })
}

fn model_object(facts: &ModelFacts) -> Value {
    let training = &facts.resolved.experiment.training;
    let named = |spec: Option<&spusk::spec::Spec>| spec.map(ToString::to_string);
    json!({
        "event": "model",
        "layers": facts.layers.iter().map(|layer| &layer.layer).collect::<Vec<_>>(),
        "parameters": facts.parameters,
        "loss": named(training.loss.set()),
        "optimizer": named(training.optimizer.set()),
        "learning_rate": training.learning_rate.set(),
        "schedule": named(training.schedule.set()),
        "batch_size": facts.resolved.settings.batch_size,
        "epochs": facts.resolved.settings.epochs,
        "steps": facts.total_steps,
        "flops_per_step": facts.cost.flops,
        "work_bytes": facts.cost.work_bytes,
        "state_bytes": facts.cost.state_bytes,
        "kernels": facts.cost.kernels,
        "threads": facts.threads,
        "instructions": facts.level.name(),
    })
}

/// Adds the scores on a test part; `null` where there are none.
pub(crate) fn add_scores(object: &mut Value, scores: Option<&Scores>) {
    object["test_loss"] = scores.map(|scores| scores.loss).into();
    let Some(scores) = scores else { return };
    object["test_rows"] = scores.examples.into();
    if let Some(found) = &scores.classification {
        object["test_accuracy"] = found.accuracy.into();
        object["test_macro_f1"] = found.macro_average.map(|average| average.f1).into();
        object["test_roc_auc"] = found.roc_auc.into();
        object["test_baseline_accuracy"] = found.baseline_accuracy.into();
        for top in &found.top_k {
            object[format!("test_top_{}_accuracy", top.k)] = top.accuracy.into();
        }
    }
    if let Some(found) = &scores.regression {
        object["test_rmse"] = found.rmse.into();
        object["test_mae"] = found.mae.into();
        object["test_r2"] = found.r2.into();
    }
    if let Some(found) = &scores.reconstruction {
        object["test_reconstruction_error"] = found.mse.into();
        object["test_variance_given_back"] = found.explained.into();
        if let Some(pca) = &found.pca {
            object["code"] = found.code.into();
            object["test_pca_error"] = pca.mse.into();
            object["test_below_pca"] = found.below_pca().into();
        }
    }
    if let Some(found) = &scores.pictures {
        for method in found.means() {
            object[format!("test_{}_psnr", method.name)] = method.likeness.psnr.into();
            object[format!("test_{}_ssim", method.name)] = method.likeness.ssim.into();
        }
        object["test_gain"] = found.gain().into();
        object["test_pictures"] = found.pictures.len().into();
    }
    if let Some(found) = &scores.forecast {
        add_errors(object, "test", &found.errors);
        for simple in &found.compared {
            add_errors(object, &format!("test_{}", simple.name), &simple.errors);
        }
        if let Some(coverage) = &found.coverage {
            object["test_coverage"] = coverage.found.into();
            object["test_coverage_wanted"] = coverage.wanted.into();
        }
    }
}

/// Adds the errors of one forecast: MSE and MAE on standardized data, the rest as named.
fn add_errors(object: &mut Value, prefix: &str, errors: &ForecastErrors) {
    let all = [
        ("mse", errors.mse),
        ("mae", errors.mae),
        ("unit_rmse", errors.unit_rmse),
        ("unit_mae", errors.unit_mae),
        ("mape", errors.mape),
        ("smape", errors.smape),
        ("mase", errors.mase),
    ];
    for (name, value) in all {
        object[format!("{prefix}_{name}")] = value.into();
    }
}
