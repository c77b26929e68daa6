//! Train neural networks by gradient descent.

#[macro_use]
mod options;

pub mod init;
pub mod layers;
pub mod losses;
pub mod model;
mod net;
pub mod neuron;
pub mod optimizers;
pub mod schedules;
pub mod spec;
#[cfg(test)]
mod testing;

pub use model::Model;
pub use net::{Buffer, Layout, Mode, Net, Parameter};
pub use options::{Options, Setting};
