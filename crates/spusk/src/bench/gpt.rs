//! W8: a small language model made of transformer blocks.

use spusk_graph::GraphError;

use super::{Effort, Measured, POOL, time_blocks};
use crate::Model;
use crate::engine::{Engine, step_key};
use crate::init::{Initializer, Numbers};
use crate::layers::{AnyLayer, Dense, Embedding, Encoding, LayerNorm, Positions, Transformer};
use crate::losses::CrossEntropy;
use crate::model::StepOptions;
use crate::optimizers::AdamW;

/// In a few words.
pub const SUMMARY: &str =
    "gpt-mini: 4 causal blocks of 4 heads, width 128, context 128, 65 tokens, AdamW, batch 16";

const TOKENS: usize = 65;
const WIDTH: usize = 128;
const CONTEXT: usize = 128;
const BLOCKS: usize = 4;
const BATCH: usize = 16;
const LEARNING_RATE: f64 = 3e-4;

/// The network: tokens `[B, T]` to logits `[B, T, 65]` of the token that follows each.
pub fn model() -> Model {
    let init = Initializer::FanInUniform;
    let block = Transformer { causal: true, init, ..Transformer::default() };
    let mut layers: Vec<AnyLayer> = vec![
        Embedding { vocab_size: TOKENS, embedding_size: WIDTH, padding: false }.into(),
        Positions { encoding: Encoding::Learned }.into(),
    ];
    layers.extend((0..BLOCKS).map(|_| AnyLayer::from(block.clone())));
    layers.push(LayerNorm::default().into());
    layers.push(Dense { init, bias: false, ..Dense::new(TOKENS) }.into());
    Model { layers }
}

/// Times training steps.
///
/// # Errors
/// None that a computer has memory for.
pub fn measure(threads: usize, effort: Effort) -> Result<Measured, GraphError> {
    let options = StepOptions::new(CrossEntropy::default(), AdamW::default());
    let mut engine = Engine::new(&model(), &options, &[CONTEXT], &[CONTEXT], BATCH, threads, 0)?;
    let numbers = Numbers::new(1, "bench");
    let size = BATCH * CONTEXT;
    let token = |i: usize| (numbers.uniform(i as u64) * TOKENS as f64).floor() as f32;
    let pool: Vec<Vec<f32>> =
        (0..POOL).map(|b| (0..2 * size).map(|i| token(b * 2 * size + i)).collect()).collect();
    let mut step = 0u64;
    let mut loss = f64::NAN;
    let mut take = |engine: &mut Engine| -> Result<(), GraphError> {
        let (x, y) = pool[step as usize % POOL].split_at(size);
        let fill = |features: &mut [f32], targets: &mut [f32]| {
            features.copy_from_slice(x);
            targets.copy_from_slice(y);
            Ok(())
        };
        loss = engine.step(BATCH, LEARNING_RATE, step_key(0, step), fill)?;
        step += 1;
        Ok(())
    };
    let times = time_blocks(effort, || take(&mut engine))?;
    Ok(Measured::new(times, BATCH, engine.cost(), loss))
}
