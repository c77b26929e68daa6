//! Train neural networks by gradient descent.

#[macro_use]
mod options;

pub mod activations;
pub mod auto;
pub mod bench;
pub mod checkpoint;
pub mod data;
pub mod diagnosis;
mod eigen;
pub mod engine;
pub mod experiment;
pub mod formula;
pub mod fs;
pub mod init;
pub mod landscape;
pub mod layers;
pub mod losses;
mod memory;
pub mod messages;
pub mod metrics;
pub mod model;
mod net;
pub mod neuron;
pub mod onnx;
pub mod optimizers;
pub mod pca;
pub mod picture;
pub mod plot;
pub mod report;
pub mod run;
pub mod safetensors;
pub mod schedules;
pub mod session;
pub mod spec;
pub mod starts;
#[cfg(test)]
mod testing;
mod text;
pub mod train;
pub mod zoo;

pub use model::Model;
pub use net::{Buffer, Layout, Mode, Net, Parameter};
pub use options::{Options, Setting};
