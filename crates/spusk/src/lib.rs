//! Train neural networks by gradient descent.

pub mod metrics;
pub mod plot;
