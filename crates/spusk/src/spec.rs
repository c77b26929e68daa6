//! Layers, losses, optimizers and schedules as they are written: a name with arguments.
//!
//! What can be written is listed by each item's [`Help`]; the grammar is the experiment's.

pub use crate::experiment::{Argument, ArgumentHelp, Help, Kind, Range, Spec, Value};
