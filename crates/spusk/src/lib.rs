//! Train neural networks by gradient descent.

pub mod metrics;
pub mod plot;
pub mod report;
