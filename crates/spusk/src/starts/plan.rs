//! From what is asked to networks, rows and settings.

use serde_json::{Value, json};

use super::{
    Folder, IndexRequest, KindFound, Recipe, RunFound, Starts, StartsFound, Variant, rows,
};
use crate::data::{Encoded, Prepared, Target};
use crate::init::Initializer;
use crate::layers::{AnyLayer, Dense};
use crate::losses;
use crate::messages::{self as say, Said};
use crate::model::StepOptions;
use crate::optimizers::AnyOptimizer;
use crate::schedules::AnySchedule;
use crate::session::{SessionError, hidden_for_texts, losses_task, whole_network};

/// What is asked.
#[derive(Debug, Clone)]
pub struct StartsRequest {
    /// The hidden layers of another network, with its name; dense ones of `widths` if not given.
    pub layers: Option<(String, Vec<AnyLayer>)>,
    /// Widths of the hidden layer.
    pub widths: Vec<usize>,
    /// What follows it.
    pub activation: AnyLayer,
    /// How its first weights are drawn.
    pub init: Initializer,
    /// How it is trained.
    pub optimizer: AnyOptimizer,
    /// Trainings of each width.
    pub runs: usize,
    /// Passes over the training rows.
    pub epochs: u64,
    /// Examples in a step.
    pub batch_size: usize,
    /// η.
    pub learning_rate: f64,
    /// Its course.
    pub schedule: AnySchedule,
    /// Most training rows; which ones decides the seed.
    pub rows: usize,
    /// Larger images are reduced to this side.
    pub side: Option<usize>,
    /// The first seed.
    pub seed: u64,
    /// What is asked of the Hessian.
    pub index: IndexRequest,
    /// Threads to compute with.
    pub threads: usize,
}

/// Rows and networks, ready to be trained.
pub struct Planned {
    train: Encoded,
    test: Encoded,
    target: Vec<usize>,
    variants: Vec<Variant>,
    classes: Option<usize>,
    settings: Value,
    request: StartsRequest,
}

/// Makes the networks and takes the rows.
///
/// # Errors
/// If there are no test rows, or these are rows of a series.
pub fn plan(data: &Prepared, request: &StartsRequest) -> Result<Planned, SessionError> {
    if data.train.is_empty() || data.test.is_empty() || data.series.is_some() {
        return Err(SessionError::Said(Said::new(say::starts_need_rows)));
    }
    let preprocessing = &data.preprocessing;
    let plain = !preprocessing.is_autoencoder() && preprocessing.patches().is_none();
    let layers = hidden_for_texts(request.layers.clone(), preprocessing)?;
    let side = request.side.filter(|_| plain && layers.is_none());
    let take = |part: &Encoded, most| rows(part, most, request.seed, side);
    let (train, test) = (take(&data.train, request.rows)?, take(&data.test, usize::MAX)?);
    let task = losses_task(preprocessing);
    let loss = losses::default_for(&task);
    let options = StepOptions::new(loss.clone(), request.optimizer.clone());
    let variant = |name: String, units: Option<usize>, hidden: Vec<AnyLayer>| Variant {
        name,
        units,
        recipe: Recipe {
            model: whole_network(hidden, preprocessing, loss.outputs(&task)),
            options: options.clone(),
            batch_size: request.batch_size,
            epochs: request.epochs,
            learning_rate: request.learning_rate,
            schedule: request.schedule.clone(),
        },
    };
    let of_width = |&width: &usize| {
        let dense = Dense { init: request.init, ..Dense::new(width) };
        let mut variant =
            variant(width.to_string(), Some(width), vec![dense.into(), request.activation.clone()]);
        // The output layer is drawn like the others.
        for layer in &mut variant.recipe.model.layers {
            if let AnyLayer::Dense(dense) = layer {
                dense.init = request.init;
            }
        }
        variant
    };
    let variants: Vec<Variant> = match &layers {
        Some((name, layers)) => vec![variant(name.clone(), None, layers.clone())],
        None => request.widths.iter().map(of_width).collect(),
    };
    let classes = match &preprocessing.target {
        Target::Classes { .. } if plain => Some(preprocessing.outputs()),
        _ => None,
    };
    let networks: Vec<String> = variants.iter().map(|variant| layers_of(&variant.recipe)).collect();
    let mut settings = json!({
        "data": data.source,
        "train_fingerprint": format!("{:016x}", train.fingerprint()?),
        "test_fingerprint": format!("{:016x}", test.fingerprint()?),
        "networks": networks,
        "loss": loss.to_spec().to_string(),
        "optimizer": request.optimizer.to_spec().to_string(),
        "batch_size": request.batch_size,
        "learning_rate": request.learning_rate,
        "schedule": request.schedule.to_spec().to_string(),
        "epochs": request.epochs,
        "seed": request.seed,
        "index": request.index,
    });
    if let (None, Some(object)) = (&layers, settings.as_object_mut()) {
        object.insert("activation".into(), json!(request.activation.to_spec().to_string()));
        object.insert("init".into(), json!(request.init.name()));
    }
    Ok(Planned {
        target: preprocessing.target_shape(),
        train,
        test,
        variants,
        classes,
        settings,
        request: request.clone(),
    })
}

fn layers_of(recipe: &Recipe) -> String {
    let specs: Vec<_> =
        recipe.model.layers.iter().map(|layer| layer.to_spec().to_string()).collect();
    specs.join(", ")
}

impl Planned {
    /// The experiment, to be run.
    #[must_use]
    pub fn starts(&self) -> Starts<'_> {
        Starts {
            variants: self.variants.clone(),
            runs: self.request.runs,
            seed: self.request.seed,
            train: &self.train,
            test: &self.test,
            target: self.target.clone(),
            index: self.request.index.clone(),
            threads: self.request.threads,
        }
    }

    /// The name of the network that was taken because the rows are texts, if one was.
    #[must_use]
    pub fn usual_for_texts(&self) -> Option<&str> {
        let taken =
            self.request.layers.is_none() && self.variants.iter().all(|v| v.units.is_none());
        taken.then(|| self.variants.first().map(|variant| &*variant.name)).flatten()
    }

    /// Whether all networks are trained side by side.
    #[must_use]
    pub fn together(&self) -> bool {
        self.variants.iter().all(Variant::together)
    }

    /// Everything that the results of a run depend on.
    #[must_use]
    pub fn settings(&self) -> &Value {
        &self.settings
    }

    /// Runs of a kind that a folder holds already.
    #[must_use]
    pub fn done(&self, folder: &Folder, variant: usize) -> usize {
        let (found, runs) = (folder.found(), self.request.runs);
        found.keys().filter(|(of, run)| *of == variant && *run < runs).count()
    }

    /// What was found, from the runs of each kind.
    #[must_use]
    pub fn found(&self, runs: Vec<Vec<RunFound>>, seconds: f64) -> StartsFound {
        let shape = self.train.shape().to_vec();
        let kind = |(variant, runs)| KindFound::new(variant, &shape, runs);
        StartsFound {
            kinds: self.variants.iter().zip(runs).map(kind).collect(),
            seed: self.request.seed,
            rows: [self.train.len(), self.test.len()],
            as_published: shape == [10, 10, 1] && self.classes == Some(10),
            shape,
            classes: self.classes.is_some(),
            settings: self.settings.clone(),
            seconds,
        }
    }
}

#[cfg(test)]
mod tests;
