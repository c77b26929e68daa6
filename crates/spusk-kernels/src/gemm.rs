//! A matrix product.

mod check;
pub(crate) mod cut;
mod kernel;
pub(crate) mod pack;
mod row;
pub(crate) mod set;
pub(crate) mod tile;

pub(crate) use kernel::prepare;
