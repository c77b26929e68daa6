//! Train neural networks by gradient descent.

pub mod data;
