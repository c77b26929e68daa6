//! Training the parts of a modular network each by itself, on threads of their own.
//!
//! The parts share nothing, so they need no agreement: each has its own engine, its own rows or columns,
//! and one thread. Which thread trains a part does not change its bits.

mod speed;

pub(super) use speed::Speed;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use super::{Resolved, SessionError};
use crate::Model;
use crate::auto::{Rows, Subset};
use crate::data::Prepared;
use crate::engine::Engine;
use crate::layers::{AnyLayer, Modular, PartsOf, Sequential};
use crate::messages::{self as say, Language, Said};
use crate::train::{CheckpointEvery, Event, Settings, StopReason, Training};

/// The modular layer whose parts are trained apart, and its place in the network.
pub(super) fn of(model: &Model) -> Option<(usize, &Modular)> {
    model.layers.iter().enumerate().find_map(|(at, layer)| match layer {
        AnyLayer::Modular(modular) if modular.train != PartsOf::Joint => Some((at, modular)),
        _ => None,
    })
}

/// The whole network around hidden layers that are one modular layer to be trained apart: the output
/// layer is each part's own.
pub(super) fn network(hidden: &[AnyLayer], axes: usize, outputs: usize) -> Option<Model> {
    let [AnyLayer::Modular(modular)] = hidden else { return None };
    if modular.train == PartsOf::Joint {
        return None;
    }
    let mut modular = modular.clone();
    modular.layers.push(crate::layers::Dense::new(outputs).into());
    let mut layers: Vec<AnyLayer> = Vec::new();
    if axes > 1 {
        layers.push(crate::layers::Flatten.into());
    }
    layers.push(modular.into());
    Some(Model { layers })
}

/// Refuses a layer to be trained apart where other layers would have to be trained with it.
pub(super) fn check(hidden: &[AnyLayer], forecasts: bool) -> Result<(), SessionError> {
    fn apart(layer: &AnyLayer) -> bool {
        matches!(layer, AnyLayer::Modular(modular) if modular.train != PartsOf::Joint)
    }
    if forecasts && hidden.iter().any(apart) {
        return Err(SessionError::told(say::apart_no_forecast));
    }
    if hidden.len() > 1 && hidden.iter().any(apart) {
        return Err(SessionError::told(say::apart_only_layer));
    }
    Ok(())
}

/// What training apart came to.
pub(super) struct Apart {
    /// Why it ended.
    pub(super) reason: StopReason,
    /// The mean of the parts' training losses in their last epochs.
    pub(super) train_loss: f64,
    /// Epochs, and steps of all parts together.
    pub(super) epochs: u64,
    pub(super) steps: u64,
    /// Seconds.
    pub(super) seconds: f64,
    /// How fast it was beside training the parts in turn.
    pub(super) speed: Speed,
    /// A sentence each.
    pub(super) notes: Vec<Said>,
}

/// A part: its network and its examples.
struct Part<'a> {
    model: Model,
    width: usize,
    examples: Subset<'a>,
    /// The start of its parameters' names in the whole network.
    prefix: String,
    seed: u64,
}

/// Trains the parts and puts their parameters into the engine of the whole network.
pub(super) fn train(
    resolved: &Resolved,
    data: &Prepared,
    engine: &mut Engine,
    stop: &AtomicBool,
) -> Result<Apart, SessionError> {
    let Some((at, modular)) = of(&resolved.model) else {
        unreachable!("called for networks with such a layer")
    };
    let rows = Rows::of(&[&data.train])?;
    let width = data.train.width();
    let sliced: Vec<Rows> = match modular.train {
        PartsOf::Columns => {
            (0..modular.parts).map(|k| rows.columns(modular.columns(width, k))).collect()
        }
        PartsOf::Joint | PartsOf::Rows => Vec::new(),
    };
    let seed = resolved.settings.seed;
    let part = |k: usize| {
        let own = sliced.get(k).unwrap_or(&rows);
        let (first, step) = if sliced.is_empty() { (k, modular.parts) } else { (0, 1) };
        let chosen: Vec<u32> = (first..rows.len()).step_by(step).map(|row| row as u32).collect();
        let seed = seed.wrapping_add(k as u64);
        Part {
            model: Model { layers: vec![Sequential { layers: modular.layers.clone() }.into()] },
            width: modular.columns(width, k).len(),
            examples: own.subset(chosen, seed),
            prefix: format!("layers.{at}.parts.{k}."),
            seed,
        }
    };
    let parts: Vec<Part<'_>> = (0..modular.parts).map(part).collect();
    if parts.iter().any(|part| crate::train::Examples::is_empty(&part.examples)) {
        let (rows, parts) = (rows.len() as u64, modular.parts);
        return Err(SessionError::told(|l: Language| say::apart_few_rows(l, l.count(rows), parts)));
    }
    let started = Instant::now();
    let speed = speed::measure(resolved, &parts)?;
    let mut notes = vec![Said::new(|l| speed.in_words(l))];
    let settings = Settings {
        patience: None,
        restore_best: false,
        checkpoint_every: CheckpointEvery::Off,
        score: crate::train::Score::None,
        ..resolved.settings.clone()
    };
    let trained =
        side_by_side(&parts, resolved.threads, |part| train_part(part, resolved, &settings, stop));
    let mut losses = Vec::new();
    let (mut steps, mut epochs, mut reason) = (0, 0, StopReason::Epochs);
    for (k, part) in trained.into_iter().enumerate() {
        let part = part?;
        for (name, values) in &part.parameters {
            if let Some(place) = engine.state_mut().get_mut(&format!("{}{name}", parts[k].prefix)) {
                place.copy_from_slice(values);
            }
        }
        if part.reason != StopReason::Epochs {
            reason = part.reason;
        }
        notes.push(Said::new(|l| say::apart_part(l, k + 1, parts.len(), l.fixed(part.loss, 4))));
        losses.push(part.loss);
        (steps, epochs) = (steps + part.steps, epochs.max(part.epochs));
    }
    engine.reset_slots();
    let train_loss = losses.iter().sum::<f64>() / losses.len().max(1) as f64;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Apart { reason, train_loss, epochs, steps, seconds, speed, notes })
}

struct TrainedPart {
    parameters: Vec<(String, Vec<f32>)>,
    loss: f64,
    reason: StopReason,
    steps: u64,
    epochs: u64,
}

fn train_part(
    part: &Part<'_>,
    resolved: &Resolved,
    settings: &Settings,
    stop: &AtomicBool,
) -> Result<TrainedPart, SessionError> {
    let rows = crate::train::Examples::len(&part.examples);
    let batch = settings.batch_size.min(rows);
    let (target, step) = (&resolved.target_shape, &resolved.step);
    let mut engine = Engine::new(&part.model, step, &[part.width], target, batch, 1, part.seed)?;
    let own = Settings { seed: part.seed, ..settings.clone() };
    let mut loss = f64::NAN;
    let mut training = Training::new(&mut engine, &part.examples, None, &own)?;
    let reason = training.run(stop, &mut (), &mut |event| {
        if let Event::Epoch { record, .. } = event {
            loss = record.train_loss;
        }
    })?;
    let (steps, epochs) = (training.progress().step, training.progress().epoch);
    let values = engine.evaluated()?;
    let own = |(name, _, values): (String, _, Vec<f32>)| {
        (name.strip_prefix("layers.0.").unwrap_or(&name).to_string(), values)
    };
    Ok(TrainedPart {
        parameters: values.into_iter().map(own).collect(),
        loss,
        reason,
        steps,
        epochs,
    })
}

/// Does something for each part, so many parts at a time; the results in their order.
fn side_by_side<'p, P: Sync, R: Send>(
    parts: &'p [P],
    threads: usize,
    work: impl Fn(&'p P) -> R + Sync,
) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, parts.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let k = next.fetch_add(1, Ordering::Relaxed);
                    let Some(part) = parts.get(k) else { return };
                    let result = work(part);
                    done.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((k, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(k, _)| *k);
    done.into_iter().map(|(_, result)| result).collect()
}
