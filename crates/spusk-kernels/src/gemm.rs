//! A matrix product.

mod check;
pub(crate) mod cut;
mod kernel;
pub(crate) mod pack;
mod packed;
mod row;
pub(crate) mod set;
pub(crate) mod tile;

pub(crate) use kernel::prepare;
pub(crate) use packed::PackedGemm;
