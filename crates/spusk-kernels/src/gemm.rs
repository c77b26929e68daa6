//! A matrix product.

mod check;
mod cut;
mod kernel;
mod pack;
mod packed;
mod set;
mod tile;

pub(crate) use kernel::prepare;
pub(crate) use packed::PackedGemm;
