//! The way of the weights during a training, kept at some moments: what a landscape draws as its path.
//!
//! `trajectory/step-<n>.safetensors` holds the parameters after n steps, each as the graph has it. Where
//! too many moments have gathered every second one is dropped, so there are between 20 and 40 of them,
//! evenly spread, however long the training was. They are never needed to go on with a training, so
//! they are not brought to the disk at once, and a moment that cannot be written is left out.

use std::path::{Path, PathBuf};

use spusk_graph::State;

use crate::net::Parameter;
use crate::run::RunWriter;
use crate::safetensors::{self, Data, Layout, Metadata, Tensor};

/// Most moments that are kept.
const MOST: usize = 40;

/// Fewer than this tell nothing about a way.
const FEWEST: usize = 8;

/// Moments in the first epoch.
const IN_FIRST_EPOCH: u64 = 20;

/// What all moments of a run may take, in bytes.
const MOST_BYTES: usize = 64 << 20;

const FOLDER: &str = "trajectory";

/// Keeps the way.
pub(super) struct Recorder {
    folder: PathBuf,
    parameters: Vec<Parameter>,
    kept: Vec<u64>,
    most: usize,
    stride: u64,
}

impl Recorder {
    /// A recorder that goes on from a step; what was kept of later ones, which will be taken anew, goes.
    /// `steps` is the number of steps in an epoch.
    pub(super) fn new(
        writer: &RunWriter,
        parameters: &[Parameter],
        steps: u64,
        from: u64,
    ) -> Recorder {
        let folder = writer.path().join(FOLDER);
        let bytes: usize = parameters.iter().map(|p| 4 * p.shape.size()).sum();
        let most = (MOST_BYTES / bytes.max(1)).min(MOST);
        let (kept, later): (Vec<u64>, Vec<u64>) =
            moments(&folder).into_iter().partition(|&step| step <= from);
        for step in later {
            // One that stays is overwritten when training comes there.
            let _ = std::fs::remove_file(file(&folder, step));
        }
        let gap = kept.windows(2).map(|pair| pair[1] - pair[0]).min();
        let stride = gap.unwrap_or((steps / IN_FIRST_EPOCH).max(1));
        let most = if most < FEWEST { 0 } else { most };
        Recorder { folder, parameters: parameters.to_vec(), kept, most, stride }
    }

    /// Keeps the weights after a step, if it is time.
    pub(super) fn passed(&mut self, step: u64, state: &State<f32>) {
        let is_new = self.kept.last().is_none_or(|&last| last < step);
        if self.most == 0 || !is_new || !step.is_multiple_of(self.stride) {
            return;
        }
        if self.write(step, state).is_none() {
            return;
        }
        self.kept.push(step);
        if self.kept.len() > self.most {
            self.stride *= 2;
            let (kept, dropped): (Vec<u64>, Vec<u64>) =
                self.kept.iter().partition(|step| step.is_multiple_of(self.stride));
            for step in dropped {
                // One that stays is one moment more.
                let _ = std::fs::remove_file(file(&self.folder, step));
            }
            self.kept = kept;
        }
    }

    fn write(&self, step: u64, state: &State<f32>) -> Option<()> {
        let tensor = |p: &Parameter| {
            Some(Tensor::f32(p.name.clone(), p.shape.to_vec(), state.get(&p.name)?.to_vec()))
        };
        let tensors = self.parameters.iter().map(tensor).collect::<Option<Vec<_>>>()?;
        let layout = Layout::new(&tensors, &Metadata::default()).ok()?;
        let mut bytes = Vec::new();
        layout.write(&mut bytes).ok()?;
        std::fs::create_dir_all(&self.folder).ok()?;
        let (path, new) = (file(&self.folder, step), self.folder.join("new"));
        std::fs::write(&new, bytes).ok()?;
        std::fs::rename(new, path).ok()
    }
}

fn file(folder: &Path, step: u64) -> PathBuf {
    folder.join(format!("step-{step:09}.safetensors"))
}

/// The steps that are there, rising.
fn moments(folder: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let step = |name: String| {
        name.strip_prefix("step-")?.strip_suffix(".safetensors")?.parse::<u64>().ok()
    };
    let mut steps: Vec<u64> =
        entries.filter_map(|entry| step(entry.file_name().into_string().ok()?)).collect();
    steps.sort_unstable();
    steps
}

/// The weights after some steps of a run: the step, and all parameters one after the other. Files that
/// are damaged or of another network are left out and counted.
#[must_use]
pub fn trajectory(run: &Path, parameters: &[Parameter]) -> (Vec<(u64, Vec<f64>)>, usize) {
    let folder = run.join(FOLDER);
    let (mut all, mut left_out) = (Vec::new(), 0);
    for step in moments(&folder).into_iter().take(2 * MOST) {
        match read(&file(&folder, step), parameters) {
            Some(weights) => all.push((step, weights)),
            None => left_out += 1,
        }
    }
    (all, left_out)
}

fn read(path: &Path, parameters: &[Parameter]) -> Option<Vec<f64>> {
    let contents = safetensors::read(path).ok()?;
    let mut weights = Vec::new();
    for parameter in parameters {
        let tensor = contents.get(&parameter.name)?;
        let Data::F32(values) = &tensor.data else { return None };
        if tensor.shape != parameter.shape[..] || values.iter().any(|x| !x.is_finite()) {
            return None;
        }
        weights.extend(values.iter().map(|&x| f64::from(x)));
    }
    Some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Draw;
    use crate::run::NewRun;
    use spusk_graph::StateLayout;

    fn parameter() -> Parameter {
        Parameter {
            name: "w".into(),
            shape: [3].into(),
            draw: Draw::Constant(0.0),
            layout: crate::net::Layout::Same,
            trainable: true,
        }
    }

    fn writer(path: &Path) -> RunWriter {
        let new = NewRun { out: Some(path), parent: path, name: "r", now: std::time::UNIX_EPOCH };
        RunWriter::create(&new).expect("the directory can be written")
    }

    #[test]
    fn few_moments_are_kept_of_a_long_way_and_more_after_a_resume() {
        let directory = tempfile::tempdir().expect("room");
        let writer = writer(directory.path());
        let mut state = State::new(&StateLayout::new([("w", &[3][..])]));
        let mut recorder = Recorder::new(&writer, &[parameter()], 100, 0);
        let mut go = |recorder: &mut Recorder, steps: std::ops::RangeInclusive<u64>| {
            for step in steps {
                state.get_mut("w").expect("it is there").fill(step as f32);
                recorder.passed(step, &state);
            }
        };
        go(&mut recorder, 0..=5000);
        let (way, left_out) = trajectory(directory.path(), &[parameter()]);
        assert!((20..=40).contains(&way.len()) && left_out == 0, "{}", way.len());
        assert!(way.iter().all(|(step, w)| *w == vec![*step as f64; 3]));
        assert_eq!(way[0].0, 0);
        // A crash: training goes on from a step before the last that were kept.
        let mut resumed = Recorder::new(&writer, &[parameter()], 100, 4000);
        assert!(moments(&resumed.folder).iter().all(|&step| step <= 4000));
        go(&mut resumed, 4001..=5000);
        assert_eq!(
            trajectory(directory.path(), &[parameter()]).0,
            way,
            "as if nothing had happened"
        );
        std::fs::write(file(&resumed.folder, way[3].0), b"damaged").expect("it can be written");
        assert_eq!(trajectory(directory.path(), &[parameter()]).1, 1);
    }

    #[test]
    fn nothing_is_kept_of_weights_that_take_too_much() {
        let directory = tempfile::tempdir().expect("room");
        let large = Parameter { shape: [3 << 20].into(), ..parameter() };
        let recorder = Recorder::new(&writer(directory.path()), &[large], 100, 0);
        assert_eq!(recorder.most, 0);
    }
}
