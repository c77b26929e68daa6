//! A matrix product.

mod check;
mod cut;
mod kernel;
mod pack;
mod row;
mod set;
mod tile;

pub(crate) use kernel::prepare;
