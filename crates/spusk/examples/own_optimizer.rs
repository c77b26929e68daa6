//! An optimizer of one's own, θ ← θ − η·sign g, beside plain gradient descent.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use spusk::Model;
use spusk::engine::{Engine, step_key};
use spusk::layers::Tanh;
use spusk::losses::Mse;
use spusk::model::StepOptions;
use spusk::optimizers::{
    AnyOptimizer, Optimizer, ParameterVars, Sgd, Slot, Update, UpdateContext, WeightDecay,
};
use spusk_graph::{GraphError, Var};

#[derive(Debug)]
struct SignDescent;

impl Optimizer for SignDescent {
    fn learning_rate(&self) -> f64 {
        1e-3
    }
    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }
    fn slots(&self) -> Vec<Slot> {
        vec![]
    }
    fn globals(&self) -> Vec<Slot> {
        vec![]
    }
    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        Update::of_each(parameters, vec![], |p| {
            (p.value - p.gradient.sign() * context.learning_rate, [])
        })
    }
    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}

fn main() -> Result<(), GraphError> {
    let runs: [(&str, AnyOptimizer, f64); 2] = [
        ("sign descent", AnyOptimizer::Custom(Arc::new(SignDescent)), 1e-3),
        ("gradient descent", Sgd::default().into(), 0.1),
    ];
    for (name, optimizer, rate) in runs {
        let options = StepOptions::new(Mse, optimizer);
        let mut engine = Engine::new(&Model::mlp(&[16], Tanh, 1), &options, &[2], &[1], 4, 1, 1)?;
        let mut loss = f64::NAN;
        for step in 0..2000 {
            loss = engine.step(4, rate, step_key(1, step), |x, y| {
                // Exclusive or.
                x.copy_from_slice(&[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
                y.copy_from_slice(&[0.0, 1.0, 1.0, 0.0]);
                Ok::<(), GraphError>(())
            })?;
        }
        println!("{name}: loss {loss:.6} after 2000 steps");
    }
    Ok(())
}
