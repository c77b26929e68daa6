//! A matrix product.

mod check;
mod kernel;

pub(crate) use kernel::prepare;
