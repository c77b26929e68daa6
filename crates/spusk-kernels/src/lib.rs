//! The hot loops of Spusk: slices in, slices out.
//!
//! A [`Program`] is a list of [`Instruction`]s over two buffers (the state that lives as long as a
//! training run, and the work arena of one plan). Building it checks every place it will touch;
//! running it allocates nothing. This is the only crate of the house that contains `unsafe`.
//!
//! # The numerical contract
//!
//! - Work is cut by shape, never by the number of threads.
//! - A matrix product adds along K in order, one fused multiply-add at a time, per element.
//! - A convolution adds its taps and channels in order in the same way, and a gradient of weights its
//!   images and pixels in order within a number of shards that the shape decides (see [`Conv`]).
//! - A reduction along a row keeps [`LANES`] partial results, lane `i` taking elements `i`,
//!   `i + LANES`, …, and combines them pairwise (`i` with `i + 8`, then `+ 4`, `+ 2`, `+ 1`).
//! - Elementary functions are the same sequence of fused multiply-adds on every instruction set.
//!
//! - In f32, subnormal numbers are 0.
//!
//! So the bits of a result do not depend on the number of threads or on the instruction set.

#![cfg_attr(
    test,
    // `x != x` is how a test says NaN; measured errors are shown with --nocapture; loops over lanes
    // name the lane.
    allow(
        clippy::eq_op,
        clippy::print_stdout,
        clippy::approx_constant,
        clippy::type_complexity,
        clippy::needless_range_loop,
        clippy::double_ended_iterator_last
    )
)]

mod ahead;
mod argmax;
mod conv;
mod copy;
mod element;
mod elementary;
mod fill;
mod flush;
mod fused;
mod gather;
mod gemm;
mod instruction;
mod kernel;
mod level;
mod loops;
mod memory;
mod pool;
mod program;
mod random;
mod reduce;
mod resample;
mod rows;
mod share;
mod simd;
mod team;
#[cfg(test)]
mod testing;

pub use element::Element;
pub use instruction::{
    Access, ArgMax, Band, Conv, ConvDirection, Copy, Fill, Fused, FusedOp, Gather, GatherKind,
    Gemm, GradientStep, Group, Instruction, Loop, Matrix, Pool, PoolKind, Random, RandomKind,
    Reduce, ReduceKind, Resample, TileBinary, TileUnary, Triangle, Window, Windows,
};
pub use level::Level;
pub use memory::{Buffer, Lent, Place, Space};
pub use program::{Lengths, Program, ProgramError};
pub use random::random_reference;
pub use rows::Rows;
pub use team::Team;

/// Partial results of a row reduction, and the alignment of places, in elements.
pub const LANES: usize = 16;
