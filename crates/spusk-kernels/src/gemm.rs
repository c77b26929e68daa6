//! A matrix product.

mod check;
mod cut;
mod kernel;
mod pack;
mod set;
mod tile;

pub(crate) use kernel::prepare;
