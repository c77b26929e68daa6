//! Weights that another program trained, as a run: ready to predict, to score, to export, to train on.

mod guess;
mod map;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use spusk_graph::Shape;

use super::forecast::tensors;
use super::trained::{put_weights, save};
use super::{Scores, SessionError, SessionEvent, SessionOptions, data_options, open_run, scores};
use crate::auto::Until;
use crate::data::{Prepared, prepare};
use crate::experiment::{Auto, Experiment, Layers};
use crate::messages::{self as say, Said};
use crate::model::Batch;
use crate::net::Layout;
use crate::run::RunError;
use crate::safetensors::{self, Contents, Data, Tensor};
use crate::session::resolve::{self, Resolved};
use crate::train::Shuffled;

use map::Entry;
pub use map::Map;

/// The longest map that is read: 4 MB.
const MAX_MAP: u64 = 4 << 20;

/// Passes of a training that would go on with the weights.
const USUAL_EPOCHS: u64 = 20;

/// Where weights come from, and where the run goes.
#[derive(Debug, Clone)]
pub struct ImportOptions<'a> {
    /// The weights.
    pub weights: &'a Path,
    /// Which of them is which; what it does not say is guessed.
    pub map: Option<&'a Path>,
    /// Where runs without a directory of their own are collected.
    pub runs: &'a Path,
}

/// What became of weights.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The run directory.
    pub run: PathBuf,
    /// Every tensor: its name in the network, its name in the file, its shape.
    pub tensors: Vec<(String, String, Vec<usize>)>,
    /// What is worth a look.
    pub notes: Vec<Said>,
    /// Scores on the held-out part of the data, if there is one.
    pub test: Option<Scores>,
}

/// A tensor that the network needs.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    name: String,
    /// As files have it.
    shape: Vec<usize>,
    /// Parameters must be given; so must buffers that stand beside parameters, as running means do.
    required: bool,
}

/// Reads weights into the network of an experiment and saves it as a run.
///
/// # Errors
/// If a file is damaged, a tensor is missing, left over or of another shape, or the data cannot be read.
pub fn import(
    experiment: &Experiment,
    options: &ImportOptions<'_>,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Imported, SessionError> {
    if !matches!(experiment.model.layers, Layers::These(_)) {
        return Err(SessionError::told(say::import_open_layers));
    }
    let contents = safetensors::read(options.weights).map_err(RunError::Safetensors)?;
    let map = options.map.map(read_map).transpose()?.unwrap_or_default();
    let data = prepare(&experiment.data.source, &data_options(experiment)?)?;
    tell(SessionEvent::Data(&data));
    let resolved = resolved(experiment, &data, tell)?;
    let wanted = wanted(&resolved, &data)?;
    let file = options.weights.display().to_string();
    let matched =
        guess::matched(&wanted, &contents, &map).map_err(|what| wrong(options.weights, &what))?;
    let strange = matched.contents.tensors.iter().find_map(not_finite);
    if let Some((name, value)) = strange {
        let theirs = matched.pairs.iter().find(|(ours, ..)| *ours == name);
        let name = theirs.map_or(name.as_str(), |(_, theirs, _)| theirs);
        return Err(SessionError::told(|l| say::import_not_finite(l, &file, name, value)));
    }
    let mut engine = resolved.engine(&data)?;
    put_weights(&mut engine, &matched.contents, options.weights)?;
    let test = match data.test.is_empty() {
        true => None,
        false => {
            let part = Shuffled::new(&data.test, 0, false);
            Some(scores(&mut engine, &part, &data, &resolved.loss)?)
        }
    };

    // A file that does not fit is no reason for a directory.
    let session = SessionOptions { runs: options.runs, ..SessionOptions::default() };
    let (writer, _) = open_run(&resolved.experiment, &session)?;
    writer.write_experiment(&resolved.experiment)?;
    writer.write_preprocessing(&data.preprocessing)?;
    save(&writer, &mut engine, &resolved, tensors(&data), None)?;
    Ok(Imported {
        run: writer.path().to_path_buf(),
        tensors: matched.pairs,
        notes: matched.notes,
        test,
    })
}

fn read_map(path: &Path) -> Result<Map, SessionError> {
    use crate::fs::{Disk, Fs};
    let read = Disk.read(path, MAX_MAP);
    let bytes = read.map_err(|source| RunError::Read { path: path.into(), source })?;
    let text =
        String::from_utf8(bytes).map_err(|_| wrong(path, &Said::new(say::import_no_text)))?;
    Map::parse(&text).map_err(|what| wrong(path, &what))
}

/// What is wrong with a file.
fn wrong(path: &Path, what: &Said) -> SessionError {
    SessionError::told(|l| say::weights_wrong(l, path.display(), what.in_language(l)))
}

/// The first number that is none, and the tensor where it stands.
fn not_finite(tensor: &Tensor) -> Option<(String, f32)> {
    let values = tensor.to_f32().ok()?;
    values.iter().find(|value| !value.is_finite()).map(|&value| (tensor.name.clone(), value))
}

/// The experiment with its choices made. Nothing is trained, so nothing is searched for that only a training
/// needs.
fn resolved(
    experiment: &Experiment,
    data: &Prepared,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Resolved, SessionError> {
    let mut experiment = experiment.clone();
    if experiment.training.learning_rate.set().is_none() {
        experiment.training.learning_rate = Auto::Set(1e-3);
    }
    if experiment.training.epochs.set().is_none() {
        experiment.training.epochs = Auto::Set(USUAL_EPOCHS);
    }
    let never = std::sync::atomic::AtomicBool::new(false);
    let until = Until::new(&never, std::time::Instant::now(), None);
    resolve::resolve(&experiment, data, &until, tell)
}

fn wanted(resolved: &Resolved, data: &Prepared) -> Result<Vec<Wanted>, SessionError> {
    let batch = Batch {
        size: 1,
        features: data.train.shape().into(),
        target: resolved.target_shape.as_slice().into(),
    };
    let step = resolved.model.eval_graph(&batch, None, false, None)?;
    let stored = |layout: Layout, shape: &Shape| layout.stored_shape(shape).to_vec();
    let mut all: Vec<Wanted> = (step.parameters.iter())
        .map(|p| Wanted { name: p.name.clone(), shape: stored(p.layout, &p.shape), required: true })
        .collect();
    let modules: Vec<String> =
        all.iter().map(|wanted| guess::module(&wanted.name).into()).collect();
    all.extend(step.buffers.iter().map(|buffer| Wanted {
        required: modules.iter().any(|module| module == guess::module(&buffer.name)),
        name: buffer.name.clone(),
        shape: buffer.shape.to_vec(),
    }));
    Ok(all)
}

/// A tensor with its axes in reverse order.
fn transposed(tensor: &Tensor) -> Option<Tensor> {
    let &[rows, columns] = &tensor.shape[..] else { return None };
    fn turn<T: Copy>(values: &[T], rows: usize, columns: usize) -> Vec<T> {
        (0..rows * columns).map(|i| values[i % rows * columns + i / rows]).collect()
    }
    let data = match &tensor.data {
        Data::F64(values) => Data::F64(turn(values, rows, columns)),
        Data::F32(values) => Data::F32(turn(values, rows, columns)),
        Data::F16(bits) => Data::F16(turn(bits, rows, columns)),
        Data::BF16(bits) => Data::BF16(turn(bits, rows, columns)),
        Data::I64(_) | Data::U64(_) | Data::Other(..) => return None,
    };
    Some(Tensor { name: tensor.name.clone(), shape: vec![columns, rows], data })
}

/// A tensor whose first axis is cut into blocks, which come in another order.
fn reordered(tensor: &Tensor, order: &[usize]) -> Option<Tensor> {
    let first = *tensor.shape.first()?;
    if order.is_empty() || first % order.len() != 0 {
        return None;
    }
    fn blocks<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
        let size = values.len() / order.len();
        order.iter().flat_map(|&from| &values[from * size..(from + 1) * size]).copied().collect()
    }
    let data = match &tensor.data {
        Data::F64(values) => Data::F64(blocks(values, order)),
        Data::F32(values) => Data::F32(blocks(values, order)),
        Data::F16(bits) => Data::F16(blocks(bits, order)),
        Data::BF16(bits) => Data::BF16(blocks(bits, order)),
        Data::I64(_) | Data::U64(_) | Data::Other(..) => return None,
    };
    Some(Tensor { name: tensor.name.clone(), shape: tensor.shape.clone(), data })
}

/// The tensor under another name, changed as an entry of the map says.
fn changed(tensor: &Tensor, name: &str, entry: Option<&Entry>) -> Result<Tensor, Said> {
    let theirs = &tensor.name;
    let mut tensor = Tensor { name: name.into(), ..tensor.clone() };
    let Some(entry) = entry else { return Ok(tensor) };
    // In a whole part, it is the matrices that are meant.
    if entry.transpose && (tensor.shape.len() == 2 || entry.theirs == *theirs) {
        tensor = transposed(&tensor).ok_or_else(|| {
            let shape = format!("{:?}", tensor.shape);
            Said::new(|l| say::import_no_matrix(l, theirs, &shape))
        })?;
    }
    if let Some(order) = &entry.gates {
        tensor = reordered(&tensor, order).ok_or_else(|| {
            let (gates, shape) = (order.len(), format!("{:?}", tensor.shape));
            Said::new(|l| say::import_no_gates(l, theirs, &shape, gates))
        })?;
    }
    Ok(tensor)
}

/// What was matched.
#[derive(Debug)]
struct Matched {
    contents: Contents,
    pairs: Vec<(String, String, Vec<usize>)>,
    notes: Vec<Said>,
}
