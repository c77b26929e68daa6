//! A layer of one's own: y = scale · sin x with a trained scale, inside a regression of a sine wave.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use spusk::engine::{Engine, step_key};
use spusk::init::{Draw, Follower};
use spusk::layers::{AnyLayer, Dense, Layer};
use spusk::losses::Mse;
use spusk::model::StepOptions;
use spusk::optimizers::Adam;
use spusk::{Layout, Model, Net};
use spusk_graph::{GraphError, Var};

#[derive(Debug)]
struct Sine;

impl Layer for Sine {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(features) = net.features(x) else { return x };
        let scale = net.parameter("scale", &[features], Draw::Constant(1.0), Layout::Same);
        x.sin() * scale
    }

    fn follower(&self) -> Follower {
        Follower::Saturating
    }
}

fn main() -> Result<(), GraphError> {
    let sine = AnyLayer::Custom(Arc::new(Sine));
    let model = Model::from(vec![Dense::new(16).into(), sine, Dense::new(1).into()]);
    let options = StepOptions::new(Mse, Adam::default());
    let mut engine = Engine::new(&model, &options, &[1], &[1], 64, 1, 3)?;
    for step in 0..2000 {
        let loss = engine.step(64, 1e-2, step_key(3, step), |x, y| {
            for (i, (x, y)) in x.iter_mut().zip(y).enumerate() {
                *x = i as f32 / 10.0 - 3.2;
                *y = (2.0 * *x).sin();
            }
            Ok::<(), GraphError>(())
        })?;
        if step % 500 == 0 || step == 1999 {
            println!("step {step:4}: loss {loss:.6}");
        }
    }
    Ok(())
}
