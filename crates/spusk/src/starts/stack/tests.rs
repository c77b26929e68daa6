use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::*;
use crate::data::{DataOptions, Prepared, prepare};
use crate::engine::Engine;
use crate::layers::{Dropout, Flatten, LayerNorm, Relu};
use crate::losses::CrossEntropy;
use crate::optimizers::{AdamW, AnyOptimizer, Sgd};
use crate::schedules::Exponential;
use crate::train::{CheckpointEvery, Score, Settings, Shuffled, Training};

fn digits() -> Prepared {
    prepare("digits", &DataOptions::default()).expect("they are built in")
}

fn recipe(hidden: usize, optimizer: impl Into<AnyOptimizer>) -> Recipe {
    let mut model = Model::mlp(&[hidden], Relu, 10);
    model.layers.insert(0, Flatten.into());
    Recipe {
        model,
        options: StepOptions::new(CrossEntropy::default(), optimizer),
        batch_size: 32,
        epochs: 3,
        learning_rate: 0.05,
        schedule: Exponential::default().into(),
    }
}

fn trained<'d>(recipe: &Recipe, data: &'d Prepared, seeds: &[u64]) -> Stack<'d> {
    let mut stack = Stack::new(recipe, &data.train, &[], seeds).expect("they fit");
    (0..recipe.epochs).for_each(|_| stack.train_epoch().expect("the rows are in memory"));
    stack
}

#[test]
fn a_network_is_the_same_whatever_stands_beside_it() {
    let data = digits();
    for hidden in [7, 40] {
        let recipe = recipe(hidden, Sgd { momentum: 0.5, ..Sgd::default() });
        let mut three = trained(&recipe, &data, &[5, 6, 7]);
        let mut other = trained(&recipe, &data, &[9, 6, 1, 2, 3, 4]);
        let mut alone = trained(&recipe, &data, &[6]);
        assert_eq!(three.weights(1), alone.weights(0), "{hidden}");
        assert_eq!(other.weights(1), alone.weights(0), "{hidden}");
        assert_ne!(three.weights(0), alone.weights(0));
        let outcome = alone.evaluate(&data.test).expect("the rows are in memory")[0];
        for (stack, at) in [(&mut three, 1), (&mut other, 1)] {
            let all = stack.evaluate(&data.test).expect("the rows are in memory");
            assert_eq!(all[at], outcome);
        }
    }
}

#[test]
fn a_network_is_that_of_the_ordinary_trainer() {
    let data = digits();
    for optimizer in [AnyOptimizer::from(Sgd::default()), AdamW::default().into()] {
        let mut recipe = recipe(20, optimizer);
        recipe.epochs = 1;
        recipe.learning_rate = 0.01;
        let stack = trained(&recipe, &data, &[3, 4]);
        let mut engine =
            Engine::new(&recipe.model, &recipe.options, data.train.shape(), &[], 32, 1, 4)
                .expect("they fit");
        let settings = Settings {
            batch_size: 32,
            epochs: 1,
            learning_rate: recipe.learning_rate,
            schedule: recipe.schedule.clone(),
            seed: 4,
            patience: None,
            restore_best: false,
            time_limit: None,
            checkpoint_every: CheckpointEvery::Off,
            step_events: Duration::MAX,
            score: Score::None,
        };
        let rows = Shuffled::new(&data.train, 4, true);
        let mut training = Training::new(&mut engine, &rows, None, &settings).expect("rows");
        training.run(&AtomicBool::new(false), &mut (), &mut |_| {}).expect("it trains");
        // The ordinary trainer starts a sum with the bias and adds gradients of biases in another order, so
        // that the last bits differ.
        for (name, values) in stack.weights(1) {
            let want = engine.state().get(&name).expect("it is the same network");
            for (got, want) in values.iter().zip(want) {
                assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{name}: {got} {want}");
            }
        }
    }
}

#[test]
fn outcomes_are_those_of_the_rows() {
    let data = digits();
    let recipe = Recipe { learning_rate: 0.3, ..recipe(16, Sgd::default()) };
    let mut stack = trained(&recipe, &data, &[1, 2]);
    let before = stack.evaluate(&data.test).expect("the rows are in memory");
    assert!(before.iter().all(|found| found.loss > 0.0 && found.accuracy > 0.5), "{before:?}");
    // Kept and restored, it goes on to the same bits; measuring its pace changes nothing.
    let kept = stack.state().to_vec();
    let mut again = Stack::new(&recipe, &data.train, &[], &[1, 2]).expect("they fit");
    assert!(again.restore(3, &kept) && !again.restore(3, &kept[1..]));
    assert!(again.pace(Duration::ZERO).expect("the rows are in memory") > 0.0);
    assert_eq!(again.evaluate(&data.test).expect("the rows are in memory"), before);
}

#[test]
fn layers_with_other_weights_or_chance_are_refused() {
    let recipe = recipe(8, Sgd::default());
    assert!(Stack::holds(&recipe.model));
    for layer in [AnyLayer::from(LayerNorm::default()), Dropout::default().into()] {
        let mut other = recipe.clone();
        other.model.layers.insert(2, layer);
        assert!(!Stack::holds(&other.model));
    }
    let data = digits();
    let mut other = recipe.clone();
    other.model.layers.insert(2, LayerNorm::default().into());
    let refused = Stack::new(&other, &data.train, &[], &[1, 2]).map(|_| ());
    let error = refused.expect_err("weights of another kind").to_string();
    assert!(error.contains("many networks at once"), "{error}");
}
