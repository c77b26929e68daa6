//! The layers: one file each, listed once, at the end of this file.
//!
//! A layer is a struct of its options, which is also its written form, and a function that traces
//! it. Axis 0 of every input is the batch; features stand along the last axis.

use std::fmt::Debug;

use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;

/// What a layer must know.
pub trait Layer: Debug + Send + Sync {
    /// Writes its formula into the graph and its parameters into the network.
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t>;

    /// What it is to the weights before it.
    fn follower(&self) -> Follower;
}

mod dense;
mod relu;

pub use dense::Dense;
pub use relu::Relu;

list! {
    /// Every layer there is.
    pub enum AnyLayer: Layer, "layer" [
        Dense,
        Relu,
    ]
}
