//! Snapshots on disk.

use std::cell::RefCell;

use spusk_graph::State;

use super::SessionError;
use super::trajectory::Recorder;
use crate::checkpoint::{Best, CheckpointState, Checkpoints, Progress as Saved};
use crate::data::Prepared;
use crate::engine::Engine;
use crate::messages::Said;
use crate::run::MetricsLog;
use crate::safetensors::{Data, Tensor};
use crate::train::{Keeper, Progress, Snapshot, TrainError};

/// Keeps snapshots as checkpoints of a run.
pub(super) struct DiskKeeper<'a> {
    pub(super) checkpoints: Checkpoints,
    pub(super) log: &'a RefCell<MetricsLog>,
    pub(super) seed: u64,
    pub(super) fingerprint: String,
    pub(super) trajectory: Recorder,
}

/// In front of the names of the best state's tensors.
const BEST: &str = "best.";

impl Keeper for DiskKeeper<'_> {
    fn passed(&mut self, step: u64, state: &State<f32>) {
        self.trajectory.passed(step, state);
    }

    fn keep(&mut self, snapshot: Snapshot<'_>) -> Result<(), Said> {
        let mut tensors = Vec::new();
        for (prefix, state) in [("", Some(snapshot.state)), (BEST, snapshot.best)] {
            let Some(state) = state else { continue };
            for entry in state.layout().entries() {
                let values = state.at(entry.place).to_vec();
                tensors.push(Tensor::f32(
                    format!("{prefix}{}", entry.name),
                    entry.shape.to_vec(),
                    values,
                ));
            }
        }
        let progress = snapshot.progress;
        let saved = Saved {
            step: progress.step,
            epoch: progress.epoch,
            position: progress.batch,
            seed: self.seed,
            data_fingerprint: self.fingerprint.clone(),
            elapsed_seconds: progress.seconds,
            best: progress.best.map(|best| Best {
                step: 0,
                epoch: best.epoch,
                metric: "loss".into(),
                value: best.loss,
            }),
            metrics: serde_json::to_value(progress).map_err(|error| error.to_string())?,
            ..Saved::default()
        };
        let mut state = CheckpointState { tensors, progress: saved };
        let mut log = self.log.borrow_mut();
        log.save_checkpoint(&mut self.checkpoints, &mut state)
            .map(|_| ())
            .map_err(|error| Said::new(|l| error.in_language(l)))
    }
}

/// Puts a checkpoint into the engine; returns where training was, and the best state.
pub(super) fn restore(
    saved: &CheckpointState,
    engine: &mut Engine,
    fingerprint: &str,
) -> Result<(Progress, Option<State<f32>>), SessionError> {
    let mismatch = |what: String| SessionError::Train(TrainError::Mismatch(what));
    if saved.progress.data_fingerprint != fingerprint {
        return Err(mismatch(format!(
            "the data have changed since ({} then, {fingerprint} now); start a new run",
            saved.progress.data_fingerprint
        )));
    }
    let layout = engine.state().layout().clone();
    let mut best = State::new(&layout);
    let mut has_best = false;
    for entry in layout.entries() {
        for prefix in ["", BEST] {
            let name = format!("{prefix}{}", entry.name);
            let found = saved.tensors.iter().find(|tensor| tensor.name == name);
            let Some(tensor) = found else {
                if prefix.is_empty() {
                    return Err(mismatch(format!("it has no `{name}`")));
                }
                continue;
            };
            let Data::F32(values) = &tensor.data else {
                return Err(mismatch(format!("`{name}` is not f32")));
            };
            if tensor.shape != entry.shape[..] {
                let (got, want) = (&tensor.shape, &entry.shape);
                return Err(mismatch(format!("`{name}` has shape {got:?}, expected {want}")));
            }
            let target = if prefix.is_empty() { engine.state_mut() } else { &mut best };
            has_best |= !prefix.is_empty();
            if let Some(place) = target.get_mut(&entry.name) {
                place.copy_from_slice(values);
            }
        }
    }
    let progress = serde_json::from_value(saved.progress.metrics.clone())
        .map_err(|error| mismatch(format!("its progress cannot be read: {error}")))?;
    Ok((progress, has_best.then_some(best)))
}

/// Tells whether a run is resumed on the data that it was started on: sizes and some rows.
pub(super) fn fingerprint(data: &Prepared) -> String {
    let mut hash = blake3::Hasher::new();
    let mut features = vec![0.0; data.train.width()];
    let mut targets = vec![0.0; data.train.targets()];
    for part in [&data.train, &data.validation, &data.test] {
        hash.update(&(part.len() as u64).to_le_bytes());
        let stride = (part.len() / 256).max(1);
        for row in (0..part.len()).step_by(stride) {
            if part.row(row, &mut features, &mut targets).is_ok() {
                for value in features.iter().chain(&targets) {
                    hash.update(&value.to_bits().to_le_bytes());
                }
            }
        }
    }
    hash.finalize().to_hex()[..16].to_string()
}
