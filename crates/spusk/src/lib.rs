//! Train neural networks by gradient descent.

pub mod experiment;
pub mod safetensors;
