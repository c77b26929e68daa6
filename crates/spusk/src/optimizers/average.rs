//! Averages of the parameters over the steps.

use spusk_graph::Var;

/// a ← k·a + (1 − k)·θ with k = min(keep, t / (t + 1)), `t` the number of steps before this one.
///
/// An exponential moving average that begins as the plain mean of the first steps, so that the
/// initial values do not linger in it. Polyak & Juditsky 1992, "Acceleration of stochastic
/// approximation by averaging". PyTorch's `AveragedModel` begins with the first step's value alone.
pub fn average<'t>(old: Var<'t>, new: Var<'t>, keep: f64, t: Var<'t>) -> Var<'t> {
    let keep = (t / (t + 1.0)).min(keep);
    old * keep + new * (1.0 - keep)
}
