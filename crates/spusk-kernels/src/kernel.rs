//! What every kernel implements; one kernel a file.

use std::ops::Range;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::memory::RawMemory;
use crate::{Element, Instruction, Level, Place};
use crate::{argmax, conv, copy, fill, gemm, loops, pool, random, resample};

/// A kernel behind a name that may stand in a public trait.
pub struct Prepared<T>(pub(crate) Box<dyn Kernel<T>>);

/// A number format for which the kernels are compiled. They are compiled here, once, because the
/// two implementations are not generic; every crate that runs a program would do it again otherwise.
pub trait Prepare: Sized {
    /// Checks an instruction by itself (its places against the buffers is `Program`'s part) and
    /// readies it to run. The error says what is wrong.
    fn prepare(instruction: &Instruction, level: Level) -> Result<Prepared<Self>, String>;
}

impl Prepare for f32 {
    fn prepare(instruction: &Instruction, level: Level) -> Result<Prepared<f32>, String> {
        prepare(instruction, level).map(Prepared)
    }
}

impl Prepare for f64 {
    fn prepare(instruction: &Instruction, level: Level) -> Result<Prepared<f64>, String> {
        prepare(instruction, level).map(Prepared)
    }
}

fn prepare<T: Element>(
    instruction: &Instruction,
    level: Level,
) -> Result<Box<dyn Kernel<T>>, String> {
    match instruction {
        Instruction::Gemm(spec) => gemm::prepare(spec, level),
        Instruction::Conv(spec) => conv::prepare(spec, level),
        Instruction::Fused(fused) => crate::fused::prepare(fused),
        Instruction::Reduce(reduce) => crate::reduce::prepare(reduce),
        Instruction::Copy(spec) => copy::prepare(spec),
        Instruction::Fill(spec) => fill::prepare(spec),
        Instruction::Random(spec) => random::prepare(spec),
        Instruction::ArgMax(spec) => argmax::prepare(spec),
        Instruction::Gather(spec) => crate::gather::prepare(spec),
        Instruction::Loop(spec) => loops::prepare(spec, level),
        Instruction::Pool(spec) => pool::prepare(spec),
        Instruction::Resample(spec) => resample::prepare(spec),
    }
}

/// A checked, ready-to-run form of one instruction.
pub(crate) trait Kernel<T>: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// Every place it reads.
    fn reads(&self) -> Vec<Place>;

    /// Every place it writes.
    fn writes(&self) -> Vec<Place>;

    /// Units of work that may run on different threads, at least 1. From the shape alone.
    fn chunks(&self) -> usize;

    /// The first of `chunks` that belongs behind a share of the work, 0 to 1: by number, where chunks
    /// are about equal.
    fn chunk_at(&self, share: f64, chunks: usize) -> usize {
        // Out of range in either direction the conversion saturates.
        ((share * chunks as f64).round() as usize).min(chunks)
    }

    /// About how many nanoseconds one core needs for the whole. Decides where threads pay.
    fn cost(&self) -> f64;

    /// Elements of scratch memory a thread needs.
    fn scratch(&self) -> usize;

    /// Runs some of the chunks.
    ///
    /// # Safety
    /// All places lie inside the buffers of `memory`; nobody else writes what this kernel touches or
    /// reads what it writes, but for other chunks of the same kernel, which write other elements;
    /// `scratch` points to [`Kernel::scratch`] elements of this thread alone, aligned to 64 bytes;
    /// the processor has `level`.
    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, scratch: *mut T, level: Level);
}
