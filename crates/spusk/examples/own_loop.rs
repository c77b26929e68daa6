//! A training loop of one's own: batches by hand, a step at a time, on two moons.
#![allow(clippy::print_stdout)]

use spusk::Model;
use spusk::data::{Batches, DataOptions, prepare};
use spusk::engine::{Engine, step_key};
use spusk::layers::Tanh;
use spusk::losses::CrossEntropy;
use spusk::model::StepOptions;
use spusk::optimizers::AdamW;
use spusk::train::{Examples, Shuffled, TrainError, evaluate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = prepare("moons:1000", &DataOptions::default())?;
    let model = Model::mlp(&[16, 16], Tanh, 2);
    let options = StepOptions::new(CrossEntropy::default(), AdamW::default());
    let (rows, batch_size) = (data.train.len(), 32);
    let mut engine = Engine::new(&model, &options, data.train.shape(), &[], batch_size, 1, 7)?;
    let batches = Batches::new(&data.train, 7, true);
    let mut step = 0;
    for epoch in 0..30 {
        let mut last = f64::NAN;
        for start in (0..rows - batch_size + 1).step_by(batch_size) {
            let fill = |features: &mut [f32], targets: &mut [f32]| {
                batches.fill(epoch, start..start + batch_size, features, targets)?;
                Ok::<(), TrainError>(())
            };
            last = engine.step(batch_size, 5e-3, step_key(7, step), fill)?;
            step += 1;
        }
        if epoch % 10 == 9 {
            println!("epoch {:2}: loss {last:.4}", epoch + 1);
        }
    }
    let test = Shuffled::new(&data.test, 0, false);
    let mut right = 0;
    evaluate(&mut engine, &test, |outputs, _, labels| {
        let hits = outputs.chunks(2).zip(labels).filter(|(o, y)| (o[1] > o[0]) == (**y == 1.0));
        right += hits.count();
    })?;
    println!("{right} of {} unseen points are on the right side", test.len());
    Ok(())
}
