//! Train neural networks by gradient descent.

pub mod checkpoint;
pub mod experiment;
pub mod fs;
pub mod run;
pub mod safetensors;
mod text;
