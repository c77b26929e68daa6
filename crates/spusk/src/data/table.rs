//! Tables as text: cutting, recognizing and reading them.

mod builder;
pub(crate) mod cell;
pub(crate) mod date;
pub(crate) mod files;
mod json;
pub(crate) mod records;
pub(crate) mod scan;
pub(crate) mod sniff;
pub(crate) mod spelling;
