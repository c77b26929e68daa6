//! W6, W6b and W8: networks that name the token behind every token of a sequence.

use spusk_graph::GraphError;

use super::{Effort, Measured, POOL, time_steps};
use crate::Model;
use crate::engine::Engine;
use crate::init::{Initializer, Numbers};
use crate::layers::{
    AnyLayer, Dense, Embedding, Encoding, Gru, LayerNorm, Lstm, Positions, Transformer,
};
use crate::losses::CrossEntropy;
use crate::messages::{self as say, Language};
use crate::model::StepOptions;
use crate::optimizers::{Adam, AdamW, AnyOptimizer};

const TOKENS: usize = 65;
const WIDTH: usize = 128;
const HIDDEN: usize = 256;
const BLOCKS: usize = 4;
const INIT: Initializer = Initializer::FanInUniform;

/// A network over sequences of tokens and how it is trained, with cross-entropy over all places.
#[derive(Debug, Clone)]
pub struct Sequences {
    /// W6, W6b, W8.
    pub name: &'static str,
    /// In a few words.
    pub summary: fn(Language) -> String,
    /// Tokens `[B, T]` to logits `[B, T, 65]`.
    pub model: Model,
    /// How the loss is minimized.
    pub optimizer: AnyOptimizer,
    /// η.
    pub learning_rate: f64,
    /// Tokens of a sequence.
    pub length: usize,
    /// Sequences in a step.
    pub batch_size: usize,
}

/// The workloads over sequences.
pub fn sequences() -> Vec<Sequences> {
    let recurrent = |name, summary, layer: AnyLayer| Sequences {
        name,
        summary,
        model: recurrent(layer),
        optimizer: Adam::default().into(),
        learning_rate: 1e-3,
        length: 64,
        batch_size: 32,
    };
    vec![
        recurrent("W6", say::workload_w6, Lstm::new(HIDDEN).into()),
        recurrent("W6b", say::workload_w6b, Gru::new(HIDDEN).into()),
        Sequences {
            name: "W8",
            summary: say::workload_w8,
            model: transformer(),
            optimizer: AdamW::default().into(),
            learning_rate: 3e-4,
            length: 128,
            batch_size: 16,
        },
    ]
}

fn embedding() -> AnyLayer {
    Embedding { vocab_size: TOKENS, embedding_size: WIDTH, padding: false }.into()
}

fn recurrent(layer: AnyLayer) -> Model {
    let head = Dense { init: INIT, ..Dense::new(TOKENS) };
    Model { layers: vec![embedding(), layer, head.into()] }
}

fn transformer() -> Model {
    let block = Transformer { causal: true, init: INIT, ..Transformer::default() };
    let mut layers = vec![embedding(), Positions { encoding: Encoding::Learned }.into()];
    layers.extend((0..BLOCKS).map(|_| AnyLayer::from(block.clone())));
    layers.push(LayerNorm::default().into());
    layers.push(Dense { init: INIT, bias: false, ..Dense::new(TOKENS) }.into());
    Model { layers }
}

impl Sequences {
    /// The engine, ready to take steps.
    ///
    /// # Errors
    /// None that a computer has memory for.
    pub fn engine(&self, threads: usize) -> Result<Engine, GraphError> {
        let options = StepOptions::new(CrossEntropy::default(), self.optimizer.clone());
        let shape = [self.length];
        Engine::new(&self.model, &options, &shape, &shape, self.batch_size, threads, 0)
    }

    /// Batches of tokens: the inputs and the targets.
    pub(super) fn pool(&self, batches: usize) -> Vec<(Vec<f32>, Vec<f32>)> {
        let numbers = Numbers::new(1, "bench");
        let size = self.batch_size * self.length;
        let token = |i: usize| (numbers.uniform(i as u64) * TOKENS as f64).floor() as f32;
        let tokens = |part: usize| (part * size..(part + 1) * size).map(token).collect();
        (0..batches).map(|batch| (tokens(2 * batch), tokens(2 * batch + 1))).collect()
    }

    /// Times training steps.
    ///
    /// # Errors
    /// None that a computer has memory for.
    pub fn measure(&self, threads: usize, effort: Effort) -> Result<Measured, GraphError> {
        let pool = self.pool(POOL);
        time_steps(&mut self.engine(threads)?, self.batch_size, self.learning_rate, &pool, effort)
    }
}
