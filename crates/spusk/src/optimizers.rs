//! The optimizers: one file each, listed once, at the end of this file.
//!
//! An optimizer is its constants and a few lines of formulas: from a parameter's value, its gradient
//! and its slots to their new values. The formulas are part of the training step's graph, so that
//! an update is one pass over memory.
//!
//! The learning rate is not an optimizer's constant: it is an input of every step, so that schedules
//! and the automatic choice work with all of them.

use std::fmt::Debug;

use spusk_graph::Var;

mod adadelta;
mod adagrad;
mod adam;
mod adamw;
mod adan;
mod average;
mod clip;
mod descent;
mod lion;
mod nadam;
mod penalty;
mod prodigy;
mod radam;
mod rmsprop;
mod schedule_free_adamw;
mod sgd;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamw::AdamW;
pub use adan::Adan;
pub use average::average;
pub use clip::{clip_by_norm, clip_by_value, global_norm};
pub use descent::Descent;
pub use lion::Lion;
pub use nadam::NAdam;
pub use penalty::{add_l2_penalty, decay_weights};
pub use prodigy::Prodigy;
pub use radam::RAdam;
pub use rmsprop::RmsProp;
pub use schedule_free_adamw::ScheduleFreeAdamW;
pub use sgd::Sgd;

/// What an optimizer must know.
///
/// An optimizer of one's own is used as [`AnyOptimizer::Custom`]:
///
/// ```
/// use std::sync::Arc;
///
/// use spusk::losses::Mse;
/// use spusk::model::{Batch, Model, StepOptions};
/// use spusk::layers::Tanh;
/// use spusk::optimizers::{
///     AnyOptimizer, Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay,
/// };
/// use spusk_graph::Var;
///
/// /// θ ← θ − η·sign g.
/// #[derive(Debug)]
/// struct SignDescent;
///
/// impl Optimizer for SignDescent {
///     fn learning_rate(&self) -> f64 {
///         1e-3
///     }
///     fn weight_decay(&self) -> WeightDecay {
///         WeightDecay::NONE
///     }
///     fn slots(&self) -> Vec<Slot> {
///         vec![]
///     }
///     fn globals(&self) -> Vec<Slot> {
///         vec![]
///     }
///     fn update<'t>(
///         &self,
///         context: &UpdateContext<'t>,
///         parameters: &[ParameterVars<'t>],
///     ) -> Update<'t> {
///         Update::of_each(parameters, vec![], |p| {
///             (p.value - p.gradient.sign() * context.learning_rate, [])
///         })
///     }
///     fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
///         value
///     }
/// }
///
/// let options = StepOptions::new(Mse, AnyOptimizer::Custom(Arc::new(SignDescent)));
/// let step = Model::mlp(&[16], Tanh, 1).train_graph(&Batch::of_rows(32, 2), &options)?;
/// assert_eq!(step.updates.len(), 4);
/// # Ok::<(), spusk_graph::GraphError>(())
/// ```
pub trait Optimizer: Debug + Send + Sync {
    /// The learning rate that its paper or its usual implementation recommends.
    fn learning_rate(&self) -> f64;

    /// How strongly it draws parameters to 0 when nothing else is asked for, and who does that.
    fn weight_decay(&self) -> WeightDecay;

    /// What it keeps for every parameter, in the parameter's shape.
    fn slots(&self) -> Vec<Slot>;

    /// What it keeps once: scalars such as the number of steps.
    fn globals(&self) -> Vec<Slot>;

    /// One step.
    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t>;

    /// The value to evaluate and to save, where it is not the one that is trained. `slots` and
    /// `globals` are the present ones.
    fn evaluated<'t>(&self, value: Var<'t>, slots: &[Var<'t>], globals: &[Var<'t>]) -> Var<'t>;

    /// The length of a step, the output `movement` of [`Optimizer::update`], below which training stops.
    fn threshold(&self) -> Option<f64> {
        None
    }
}

/// Weight decay: parameters drawn to 0 beside the gradient. λ is the strength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WeightDecay {
    /// θ ← θ·(1 − η·λ) before the step, done for the optimizer.
    Before(f64),
    /// The optimizer does it itself, as its paper says, with [`UpdateContext::weight_decay`].
    Own(f64),
}

impl WeightDecay {
    /// None unless asked for.
    pub const NONE: WeightDecay = WeightDecay::Before(0.0);

    /// The strength before the step and the strength in the optimizer's hands.
    pub(crate) fn shares(self, asked: Option<f64>) -> (f64, f64) {
        match self {
            WeightDecay::Before(own) => (asked.unwrap_or(own), 0.0),
            WeightDecay::Own(own) => (0.0, asked.unwrap_or(own)),
        }
    }
}

/// A state of an optimizer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Its name, unique in the optimizer.
    pub name: &'static str,
    /// Its value before the first step.
    pub initial: SlotInitial,
}

/// The value of a slot before the first step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SlotInitial {
    /// One number everywhere.
    Number(f64),
    /// A copy of the parameter.
    Parameter,
}

impl Slot {
    /// A slot that starts with 0.
    pub fn zero(name: &'static str) -> Slot {
        Slot::number(name, 0.0)
    }

    /// A slot that starts with a number.
    pub fn number(name: &'static str, value: f64) -> Slot {
        Slot { name, initial: SlotInitial::Number(value) }
    }

    /// A slot that starts as a copy of the parameter.
    pub fn parameter(name: &'static str) -> Slot {
        Slot { name, initial: SlotInitial::Parameter }
    }
}

/// What a step is given once.
#[derive(Debug, Clone)]
pub struct UpdateContext<'t> {
    /// η, a scalar.
    pub learning_rate: Var<'t>,
    /// λ, for an optimizer that decays the weights itself; else 0.
    pub weight_decay: f64,
    /// The scalars that the optimizer keeps, in the order of [`Optimizer::globals`].
    pub globals: Vec<Var<'t>>,
}

/// What a step is given for each parameter.
#[derive(Debug, Clone)]
pub struct ParameterVars<'t> {
    /// θ, already decayed if the optimizer leaves that to others.
    pub value: Var<'t>,
    /// g = ∂loss/∂θ, clipped if that was asked for.
    pub gradient: Var<'t>,
    /// What the optimizer keeps for it, in the order of [`Optimizer::slots`].
    pub slots: Vec<Var<'t>>,
}

/// What a step makes.
#[derive(Debug, Clone, Default)]
pub struct Update<'t> {
    /// For every parameter.
    pub parameters: Vec<NewParameter<'t>>,
    /// The new scalars, in the order of [`Optimizer::globals`].
    pub globals: Vec<Var<'t>>,
    /// Scalars worth watching, by name.
    pub outputs: Vec<(&'static str, Var<'t>)>,
}

/// What a step makes of a parameter.
#[derive(Debug, Clone)]
pub struct NewParameter<'t> {
    /// The new θ.
    pub value: Var<'t>,
    /// The new slots.
    pub slots: Vec<Var<'t>>,
}

impl<'t> UpdateContext<'t> {
    /// The scalars that the optimizer keeps.
    ///
    /// # Panics
    /// If the optimizer declares another number of them.
    pub fn globals<const N: usize>(&self) -> [Var<'t>; N] {
        self.globals[..].try_into().expect("an optimizer gets the scalars that it declares")
    }
}

impl<'t> ParameterVars<'t> {
    /// What the optimizer keeps for it.
    ///
    /// # Panics
    /// If the optimizer declares another number of slots.
    pub fn slots<const N: usize>(&self) -> [Var<'t>; N] {
        self.slots[..].try_into().expect("an optimizer gets the slots that it declares")
    }
}

impl<'t> Update<'t> {
    /// An update whose parameters do not depend on each other: `formula` makes of each its new value
    /// and slots.
    pub fn of_each<const N: usize>(
        parameters: &[ParameterVars<'t>],
        globals: Vec<Var<'t>>,
        formula: impl Fn(&ParameterVars<'t>) -> (Var<'t>, [Var<'t>; N]),
    ) -> Update<'t> {
        let new = |parameter| {
            let (value, slots) = formula(parameter);
            NewParameter { value, slots: slots.to_vec() }
        };
        Update { parameters: parameters.iter().map(new).collect(), globals, outputs: Vec::new() }
    }
}

/// b·old + (1 − b)·new: an exponential moving average.
pub(crate) fn mix<'t>(old: Var<'t>, new: Var<'t>, b: f64) -> Var<'t> {
    old * b + new * (1.0 - b)
}

/// 1 − bᵗ, as −expm1(t·ln b): exact to the last digits where bᵗ is near 1, which a subtraction from
/// 1 is not in single precision.
pub(crate) fn one_minus_power(b: f64, t: Var<'_>) -> Var<'_> {
    if b == 0.0 {
        return t.trace().constant(1.0);
    }
    -(t * b.ln()).expm1()
}

list! {
    /// Every optimizer there is.
    pub enum AnyOptimizer: Optimizer, "optimizer" [
        Adadelta,
        Adagrad,
        Adam,
        AdamW,
        Adan,
        Descent,
        Lion,
        NAdam,
        Prodigy,
        RAdam,
        RmsProp,
        ScheduleFreeAdamW,
        Sgd,
    ]
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use spusk_graph::{
        Array, Plan, PlanSpec, State, StateLayout, Team, Trace, Value, evaluate, grad,
    };

    use super::*;
    use crate::options::tests::{check_example, check_list, least};

    /// Gradients of the step and element, for tests of formulas.
    type Gradients = fn(t: i32, i: usize) -> f64;

    /// Gradients that change their sign.
    pub(crate) const WAVES: Gradients =
        |t, i| (1.7 * f64::from(t) + 2.0 * i as f64 + 0.3).sin() * (0.5 + 0.25 * i as f64);
    /// Gradients that keep their sign.
    pub(crate) const SLOPE: Gradients = |t, i| {
        (0.5 + 0.25 * i as f64) * (1.0 + 0.5 * (1.7 * f64::from(t) + 2.0 * i as f64 + 0.3).sin())
    };

    /// Parameters before the first step: three of one, two of another.
    pub(crate) const START: [f64; 5] = [0.5, -1.0, 2.0, 0.1, -0.3];

    /// The evaluated parameters after ten steps.
    pub(crate) struct Last([f64; 5]);

    impl Last {
        /// Holds them to those of another program, which rounds elsewhere.
        pub(crate) fn is(&self, want: [f64; 5]) {
            for (got, want) in self.0.iter().zip(want) {
                let off = (got - want).abs() / want.abs().max(1.0);
                assert!(off < 1e-12, "{got}, expected {want}");
            }
        }
    }

    /// One optimizer on two parameters, gradients given.
    struct Steps<'t> {
        trace: &'t Trace,
        states: BTreeMap<String, Array>,
        updates: Vec<(String, Value)>,
        evaluated: Vec<Value>,
    }

    impl<'t> Steps<'t> {
        fn new(trace: &'t Trace, optimizer: &AnyOptimizer) -> Steps<'t> {
            let mut states = BTreeMap::new();
            let mut state = |name: String, array: Array| {
                let var = trace.state(&name, &array.shape);
                states.insert(name.clone(), array);
                (name, var)
            };
            let mut names = Vec::new();
            let globals: Vec<_> = (optimizer.globals().iter())
                .map(|slot| state(slot.name.into(), initial(slot, &Array::filled([], 0.0))))
                .collect();
            let rate = trace.input("learning_rate", &[]);
            let (before, own) = optimizer.weight_decay().shares(None);
            let mut parameters = Vec::new();
            for (p, elements) in [0..3, 3..5].into_iter().enumerate() {
                let array = Array::new([elements.len()], START[elements].to_vec());
                let gradient = trace.input(&format!("gradient{p}"), &array.shape);
                let (name, value) = state(format!("parameter{p}"), array.clone());
                let slots: Vec<_> = (optimizer.slots().iter())
                    .map(|slot| state(format!("{}{p}", slot.name), initial(slot, &array)))
                    .collect();
                names.push((name, slots.iter().map(|s| s.0.clone()).collect::<Vec<_>>()));
                let slots = slots.into_iter().map(|s| s.1).collect();
                let value = decay_weights(value, rate, before);
                parameters.push(ParameterVars { value, gradient, slots });
            }
            let context = UpdateContext {
                learning_rate: rate,
                weight_decay: own,
                globals: globals.iter().map(|g| g.1).collect(),
            };
            let update = optimizer.update(&context, &parameters);
            let value = |var| trace.value(var).expect("shapes fit");
            let mut updates = Vec::new();
            let mut evaluated = Vec::new();
            for ((name, slots), new) in names.into_iter().zip(update.parameters) {
                evaluated.push(value(optimizer.evaluated(new.value, &new.slots, &update.globals)));
                updates.push((name, value(new.value)));
                assert_eq!(slots.len(), new.slots.len(), "every slot gets a new value");
                updates.extend(slots.into_iter().zip(new.slots.into_iter().map(value)));
            }
            assert_eq!(globals.len(), update.globals.len(), "every scalar gets a new value");
            let globals = globals.into_iter().map(|g| g.0);
            updates.extend(globals.zip(update.globals.into_iter().map(value)));
            Steps { trace, states, updates, evaluated }
        }

        /// One step; the parameters to train and to evaluate.
        fn step(&mut self, rate: f64, gradient: [f64; 5]) -> ([f64; 5], [f64; 5]) {
            let mut given = self.states.clone();
            given.insert("learning_rate".into(), Array::filled([], rate));
            given.insert("gradient0".into(), Array::new([3], gradient[..3].to_vec()));
            given.insert("gradient1".into(), Array::new([2], gradient[3..].to_vec()));
            let new: Vec<Value> = self.updates.iter().map(|u| u.1).collect();
            let wanted = [&new[..], &self.evaluated].concat();
            let mut got = evaluate(&self.trace.graph(), &given, &wanted).expect("all is given");
            let evaluated = got.split_off(new.len());
            for ((name, _), array) in self.updates.iter().zip(got) {
                assert_eq!(array.shape, self.states[name].shape, "{name} keeps its shape");
                self.states.insert(name.clone(), array);
            }
            let five = |a: &Array, b: &Array| -> [f64; 5] {
                [&a.data[..], &b.data].concat().try_into().expect("three and two")
            };
            let trained = five(&self.states["parameter0"], &self.states["parameter1"]);
            (trained, five(&evaluated[0], &evaluated[1]))
        }
    }

    fn initial(slot: &Slot, parameter: &Array) -> Array {
        match slot.initial {
            SlotInitial::Number(number) => Array::filled(parameter.shape.clone(), number),
            SlotInitial::Parameter => parameter.clone(),
        }
    }

    /// Holds ten steps to a formula for each element:
    /// `formula(t, i, θ, g, evaluated)` is the new θᵢ; it may set the value to evaluate.
    pub(crate) fn check_steps(
        optimizer: impl Into<AnyOptimizer>,
        rate: f64,
        gradients: Gradients,
        mut formula: impl FnMut(i32, usize, &[f64; 5], &[f64; 5], &mut [f64; 5]) -> f64,
    ) -> Last {
        let mut evaluated = [f64::NAN; 5];
        check(optimizer.into(), rate, gradients, |t, value, g| {
            let old = *value;
            for (i, value) in value.iter_mut().enumerate() {
                *value = formula(t, i, &old, g, &mut evaluated);
            }
            if evaluated[0].is_nan() { *value } else { evaluated }
        })
    }

    /// Holds ten steps to a formula for all elements at once.
    pub(crate) fn check_all_steps(
        optimizer: impl Into<AnyOptimizer>,
        rate: f64,
        gradients: Gradients,
        mut formula: impl FnMut(i32, &mut [f64; 5], &[f64; 5]),
    ) -> Last {
        check(optimizer.into(), rate, gradients, |t, value, g| {
            formula(t, value, g);
            *value
        })
    }

    /// `formula` moves the trained values and returns those to evaluate.
    fn check(
        optimizer: AnyOptimizer,
        rate: f64,
        gradients: Gradients,
        mut formula: impl FnMut(i32, &mut [f64; 5], &[f64; 5]) -> [f64; 5],
    ) -> Last {
        let trace = Trace::new();
        let mut steps = Steps::new(&trace, &optimizer);
        let (mut value, mut last) = (START, START);
        for t in 1..=10 {
            let g: [f64; 5] = std::array::from_fn(|i| gradients(t, i));
            let want = formula(t, &mut value, &g);
            let (trained, evaluated) = steps.step(rate, g);
            for (got, want) in trained.iter().chain(&evaluated).zip(value.iter().chain(&want)) {
                let off = (got - want).abs() / want.abs().max(1.0);
                assert!(off < 1e-12, "{} step {t}: {got}, expected {want}", optimizer.name());
            }
            last = evaluated;
        }
        Last(last)
    }

    #[test]
    fn the_list_is_sound() {
        check_list(AnyOptimizer::HELP, |spec| {
            AnyOptimizer::from_spec(spec).map(|item| item.to_spec())
        });
        for help in AnyOptimizer::HELP {
            check_example(help, "training.optimizer", |e| {
                let spec = e.training.optimizer.set().ok_or("not set")?;
                AnyOptimizer::from_spec(spec).map(|item| item.to_spec())
            });
        }
    }

    /// Descends a function from a point, with a learning rate that falls to 0, in the real engine.
    fn descend(
        optimizer: &AnyOptimizer,
        function: impl for<'t> Fn(Var<'t>) -> Var<'t>,
        start: &[f64],
        (rate, steps): (f64, usize),
    ) -> Vec<f64> {
        let trace = Trace::new();
        let shape = [start.len()];
        let x = trace.state("x", &shape);
        let gradient = grad(function(x), &[x])[0];
        let learning_rate = trace.input("learning_rate", &[]);
        let (before, own) = optimizer.weight_decay().shares(Some(0.0));
        assert_eq!((before, own), (0.0, 0.0));
        let globals = optimizer.globals();
        let slots = optimizer.slots();
        let states: Vec<Var> = globals.iter().map(|slot| trace.state(slot.name, &[])).collect();
        let kept: Vec<Var> = slots.iter().map(|slot| trace.state(slot.name, &shape)).collect();
        let context = UpdateContext { learning_rate, weight_decay: own, globals: states.clone() };
        let parameter = ParameterVars { value: x, gradient, slots: kept.clone() };
        let update = optimizer.update(&context, &[parameter]);
        let value = |var| trace.value(var).expect("shapes fit");
        let mut spec = PlanSpec::default();
        let new = &update.parameters[0];
        spec.output("x", value(optimizer.evaluated(new.value, &new.slots, &update.globals)));
        spec.update(value(x), value(new.value));
        let news = update.globals.iter().chain(&new.slots);
        for (&old, &new) in states.iter().chain(&kept).zip(news) {
            spec.update(value(old), value(new));
        }
        let names = globals.iter().map(|slot| (slot.name, &[][..]));
        let names = names.chain(slots.iter().map(|slot| (slot.name, &shape[..])));
        let layout = StateLayout::new([("x", &shape[..])].into_iter().chain(names));
        let plan = Plan::<f64>::compile(&trace.graph(), &spec, &layout).expect("a legal graph");
        let mut state = State::new(&layout);
        state.get_mut("x").expect("declared").copy_from_slice(start);
        for slot in globals.iter().chain(&slots) {
            let values = state.get_mut(slot.name).expect("declared");
            match slot.initial {
                SlotInitial::Number(number) => values.fill(number),
                SlotInitial::Parameter => values.copy_from_slice(start),
            }
        }
        let (mut work, mut team) = (plan.workspace(), Team::new(1));
        for step in 0..steps {
            let rate = rate * (1.0 - step as f64 / steps as f64);
            work.input_mut("learning_rate").expect("declared").fill(rate);
            plan.run(&mut team, &mut state, &mut work);
        }
        // What is evaluated is the state itself, or an output.
        let values = work.output("x").ok().or_else(|| state.get("x"));
        values.expect("declared").to_vec()
    }

    /// Learning rate and steps that suit an optimizer, for the parabola and for Rosenbrock's valley.
    fn suitable(name: &str) -> [(f64, usize); 2] {
        match name {
            "descent" => [(0.1, 200), (1e-3, 40_000)],
            "sgd" => [(0.1, 200), (1e-3, 40_000)],
            "rmsprop" => [(0.03, 2000), (3e-3, 20_000)],
            "adagrad" => [(1.0, 500), (0.5, 20_000)],
            "adadelta" => [(10.0, 2000), (3.0, 20_000)],
            "adan" => [(0.1, 1000), (0.02, 10_000)],
            // Its first five steps are not scaled, and the valley's walls are steep.
            "radam" => [(0.1, 1000), (1e-3, 40_000)],
            "lion" => [(0.05, 1000), (0.01, 10_000)],
            "prodigy" => [(1.0, 1000), (1.0, 10_000)],
            "schedule_free_adamw" => [(0.3, 2000), (0.1, 20_000)],
            _ => [(0.1, 1000), (0.02, 10_000)],
        }
    }

    #[test]
    fn the_minimum_of_a_parabola_and_of_a_valley_is_reached() {
        for help in AnyOptimizer::HELP {
            let optimizer =
                AnyOptimizer::from_spec(&least(help)).expect("the list's test reads it");
            let [parabola, valley] = suitable(help.name);
            let got = descend(&optimizer, bowl, &[0.0; 3], parabola);
            for (got, want) in got.iter().zip([1.0, -2.0, 0.5]) {
                assert!((got - want).abs() < 1e-3, "{} parabola: {got}", help.name);
            }
            let got = descend(&optimizer, rosenbrock, &[-0.5, 1.5], valley);
            for got in got {
                assert!((got - 1.0).abs() < 3e-2, "{} valley: {got}", help.name);
            }
        }
    }

    /// Σ (x − c)² with c = (1, −2, 0.5).
    fn bowl(x: Var<'_>) -> Var<'_> {
        let c = x.trace().literal(Array::new([3], vec![1.0, -2.0, 0.5]));
        (x - c).square().sum()
    }

    /// (1 − x)² + 100(y − x²)², whose minimum (1, 1) lies in a bent valley. Rosenbrock 1960.
    fn rosenbrock(x: Var<'_>) -> Var<'_> {
        let (x, y) = (x.narrow(0, 0, 1), x.narrow(0, 1, 2));
        ((1.0 - x).square() + (y - x.square()).square() * 100.0).sum()
    }
}
