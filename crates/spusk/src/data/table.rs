//! Tables as text: cutting, recognizing and reading them.

pub(crate) mod cell;
pub(crate) mod date;
mod json;
pub(crate) mod records;
pub(crate) mod scan;
pub(crate) mod sniff;
