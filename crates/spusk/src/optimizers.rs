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

mod adam;
mod average;
mod clip;
mod penalty;
mod sgd;

pub use adam::Adam;
pub use average::average;
pub use clip::{clip_by_norm, clip_by_value, global_norm};
pub use penalty::{add_l2_penalty, decay_weights};
pub use sgd::Sgd;

/// What an optimizer must know.
pub trait Optimizer: Debug + Send + Sync {
    /// The learning rate that its paper or its usual implementation recommends.
    fn learning_rate(&self) -> f64;

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
    /// The scalars that the optimizer keeps, in the order of [`Optimizer::globals`].
    pub globals: Vec<Var<'t>>,
}

/// What a step is given for each parameter.
#[derive(Debug, Clone)]
pub struct ParameterVars<'t> {
    /// θ.
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
        Adam,
        Sgd,
    ]
}
