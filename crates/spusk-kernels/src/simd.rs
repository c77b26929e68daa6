//! Vectors of one instruction set behind one trait.

/// A number format that has a vector type for every [`crate::Level`].
pub trait HasVectors: Sized {}
impl HasVectors for f32 {}
impl HasVectors for f64 {}
