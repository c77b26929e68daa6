//! Parameters drawn toward 0.

use spusk_graph::Var;

/// g + λ·θ: the gradient of the loss with ½λ‖θ‖² added. PyTorch's `weight_decay` of `SGD` and `Adam`.
pub fn add_l2_penalty<'t>(gradient: Var<'t>, value: Var<'t>, penalty: f64) -> Var<'t> {
    if penalty == 0.0 { gradient } else { gradient + value * penalty }
}

/// θ·(1 − η·λ): decay beside the gradient, before the step, as PyTorch's `AdamW`.
///
/// Loshchilov & Hutter 2019, "Decoupled weight decay regularization"; there η is the schedule's
/// factor alone.
pub fn decay_weights<'t>(value: Var<'t>, learning_rate: Var<'t>, decay: f64) -> Var<'t> {
    if decay == 0.0 { value } else { value * (1.0 - learning_rate * decay) }
}
