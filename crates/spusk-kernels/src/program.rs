//! A checked list of instructions, and how it runs.

use std::ops::Range;

use crate::kernel::{self, Kernel};
use crate::memory::RawMemory;
use crate::team::Member;
use crate::{Buffer, Element, Instruction, LANES, Level, Place, Space, Team};

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
///
/// Neighboring instructions that do not touch each other's results form a *stage*: their chunks are
/// dealt out to the threads together, and threads wait for each other only between stages. Stages
/// too small to share run on one thread, and a program of nothing else wakes nobody.
pub struct Program<T> {
    instructions: Vec<Instruction>,
    steps: Vec<Step<T>>,
    phases: Vec<Phase>,
    costs: Costs,
    level: Level,
    work_len: usize,
    state_len: usize,
    /// Elements of scratch memory that each thread needs.
    scratch: usize,
}

/// A kernel with what the run loop asks of it.
struct Step<T> {
    kernel: Box<dyn Kernel<T>>,
    chunks: usize,
    /// Nanoseconds, above 0.
    cost: f64,
}

/// Steps between two barriers: one stage, or several that one thread runs.
#[derive(Debug, Clone, PartialEq)]
struct Phase {
    steps: Range<usize>,
    /// Nanoseconds on one thread.
    cost: f64,
    /// The most threads that pay.
    threads: usize,
}

/// What sharing costs, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Costs {
    /// Work for which another thread is worth a barrier.
    grain: f64,
    /// A barrier, with the data that change cores behind it.
    barrier: f64,
    /// Getting the team to work and waiting for its end.
    start: f64,
}

impl Costs {
    /// As measured on two cores, roughly.
    const USUAL: Costs = Costs { grain: 2_000.0, barrier: 500.0, start: 1_000.0 };
    /// Shares everything, to test it.
    #[cfg(test)]
    pub(crate) const NONE: Costs = Costs { grain: 1e-9, barrier: 0.0, start: 0.0 };
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
        Self::with_costs(instructions, work_len, state_len, level, Costs::USUAL)
    }

    pub(crate) fn with_costs(
        instructions: Vec<Instruction>,
        work_len: usize,
        state_len: usize,
        level: Level,
        costs: Costs,
    ) -> Result<Self, ProgramError> {
        if !Level::available().contains(&level) {
            let what = format!("this processor lacks {}, which was asked for", level.name());
            return Err(ProgramError { instruction: 0, what });
        }
        let lens = Lens { work: work_len, state: state_len };
        let mut steps = Vec::with_capacity(instructions.len());
        let mut stages = Stages::default();
        for (position, instruction) in instructions.iter().enumerate() {
            let step = Step::new(instruction, lens, level).map_err(|what| ProgramError {
                instruction: position,
                what: format!("{}: {what}", instruction.name()),
            })?;
            stages.push(step.kernel.reads(), step.kernel.writes());
            steps.push(step);
        }
        let scratch = steps.iter().map(|step| step.kernel.scratch()).max().unwrap_or(0);
        let phases = phases(&stages.finish(), &steps, costs.grain);
        Ok(Program { instructions, steps, phases, costs, level, work_len, state_len, scratch })
    }

    /// The instructions in order.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Runs all. The result does not depend on the number of threads; nothing is allocated, but for
    /// scratch memory when the team runs its first program that needs this much.
    ///
    /// # Panics
    /// If a buffer is shorter than the program was checked for.
    pub fn run(&self, team: &mut Team, work: &mut Buffer<T>, state: &mut Buffer<T>) {
        let memory = self.memory(work, state);
        team.reserve_scratch(self.scratch * size_of::<T>());
        let members = self.useful_threads(team.threads());
        team.run(members, &|member| self.run_member(memory, member));
    }

    /// Runs one instruction after the other on this thread and calls `after(i, work, state)` behind
    /// each: to time them, or to find where a value went bad.
    ///
    /// # Panics
    /// If a buffer is shorter than the program was checked for.
    pub fn run_observed(
        &self,
        work: &mut Buffer<T>,
        state: &mut Buffer<T>,
        mut after: impl FnMut(usize, &Buffer<T>, &Buffer<T>),
    ) {
        let mut scratch = Buffer::<T>::zeroed(self.scratch);
        for (position, step) in self.steps.iter().enumerate() {
            let memory = self.memory(work, state);
            let scratch = scratch.as_mut_slice().as_mut_ptr();
            // SAFETY: as in `run_chunks`; this thread runs alone.
            unsafe { step.kernel.run(memory, 0..step.chunks, scratch, self.level) };
            after(position, work, state);
        }
    }

    /// The addresses of both buffers.
    fn memory(&self, work: &mut Buffer<T>, state: &mut Buffer<T>) -> RawMemory<T> {
        for (space, got, want) in
            [(Space::Work, work.len(), self.work_len), (Space::State, state.len(), self.state_len)]
        {
            assert!(
                got >= want,
                "the {} buffer has {got} elements, but the program was checked for {want}",
                space.name()
            );
        }
        RawMemory {
            work: work.as_mut_slice().as_mut_ptr(),
            state: state.as_mut_slice().as_mut_ptr(),
        }
    }

    /// How many of `available` threads make the program quicker, by estimate.
    fn useful_threads(&self, available: usize) -> usize {
        let mut gain = -self.costs.start;
        let mut widest = 1;
        for phase in &self.phases {
            let threads = phase.threads.min(available);
            gain += phase.cost - phase.cost / threads as f64 - self.costs.barrier;
            widest = widest.max(threads);
        }
        if gain > 0.0 { widest } else { 1 }
    }

    fn run_member(&self, memory: RawMemory<T>, member: Member<'_>) {
        let scratch = member.scratch().cast::<T>();
        if member.members == 1 {
            for step in &self.steps {
                // SAFETY: see `run_chunks`.
                unsafe { step.kernel.run(memory, 0..step.chunks, scratch, self.level) };
            }
            return;
        }
        for (i, phase) in self.phases.iter().enumerate() {
            if i > 0 && member.barrier().is_err() {
                return;
            }
            self.run_share(phase, memory, member, scratch);
        }
    }

    /// This member's share of a phase: a range of the chunks of all its steps, strung together and
    /// cut by cost.
    fn run_share(&self, phase: &Phase, memory: RawMemory<T>, member: Member<'_>, scratch: *mut T) {
        let threads = phase.threads.min(member.members);
        if member.index >= threads {
            return;
        }
        // Neighbors compute the bound between them from the same numbers, so their shares meet.
        let bound = |index: usize| match index == threads {
            true => f64::INFINITY,
            false => phase.cost / threads as f64 * index as f64,
        };
        let (from, to) = (bound(member.index), bound(member.index + 1));
        let mut start = 0.0;
        for step in &self.steps[phase.steps.clone()] {
            let chunks = step.chunk_at(from - start)..step.chunk_at(to - start);
            if !chunks.is_empty() {
                // SAFETY: `Step::new` has checked every place against the lengths of the buffers and
                // `memory` those of the buffers; the steps of a phase that several threads share do
                // not touch each other's results, barriers lie between phases, and members take
                // different chunks; the scratch memory is this member's alone, as large as the
                // largest kernel needs; `with_level` has checked the level.
                unsafe { step.kernel.run(memory, chunks, scratch, self.level) };
            }
            start += step.cost;
        }
    }
}

/// Lengths of the two buffers.
#[derive(Clone, Copy)]
struct Lens {
    work: usize,
    state: usize,
}

impl<T: Element> Step<T> {
    fn new(instruction: &Instruction, lens: Lens, level: Level) -> Result<Self, String> {
        let kernel = kernel::prepare::<T>(instruction, level)?;
        let (reads, writes) = (kernel.reads(), kernel.writes());
        for (verb, places) in [("reads", &reads), ("writes", &writes)] {
            for place in places {
                lens.check(place).map_err(|what| format!("{verb} {place}, {what}"))?;
            }
        }
        check_overlaps(&reads, &writes, matches!(instruction, Instruction::Fused(_)))?;
        let (chunks, cost) = (kernel.chunks().max(1), kernel.cost().max(1.0));
        Ok(Step { kernel, chunks, cost })
    }

    /// The first chunk of the part that begins after `cost` nanoseconds.
    fn chunk_at(&self, cost: f64) -> usize {
        // Out of range in either direction the conversion saturates.
        ((cost / self.cost * self.chunks as f64).round() as usize).min(self.chunks)
    }
}

impl Lens {
    /// Whether the place and its padding lie inside its buffer.
    fn check(self, place: &Place) -> Result<(), String> {
        if !place.offset.is_multiple_of(LANES) {
            return Err(format!("which does not start at a multiple of {LANES}"));
        }
        let len = match place.space {
            Space::Work => self.work,
            Space::State => self.state,
        };
        let end = place.padded_end();
        if end > len {
            let name = place.space.name();
            return Err(format!(
                "which ends (padded to whole groups of {LANES}) at {end}, but the {name} buffer has \
                 {len} elements"
            ));
        }
        Ok(())
    }
}

/// What is written is read by nobody else and written once; in place updates are allowed where the
/// kernel takes them.
fn check_overlaps(reads: &[Place], writes: &[Place], in_place: bool) -> Result<(), String> {
    for (i, write) in writes.iter().enumerate() {
        let same = |read: &&Place| in_place && **read == *write;
        if let Some(read) = reads.iter().find(|read| read.overlaps(write) && !same(read)) {
            return Err(format!("writes {write}, which overlaps {read}, which it reads"));
        }
        if let Some(other) = writes[..i].iter().find(|other| other.overlaps(write)) {
            return Err(format!("writes {write}, which overlaps {other}, which it writes too"));
        }
    }
    Ok(())
}

/// Cuts a list of instructions into stages.
#[derive(Default)]
struct Stages {
    /// One behind the last instruction of each finished stage.
    ends: Vec<usize>,
    len: usize,
    reads: Vec<Place>,
    writes: Vec<Place>,
}

impl Stages {
    /// The next instruction: it joins the current stage if neither writes what the other touches.
    fn push(&mut self, reads: Vec<Place>, writes: Vec<Place>) {
        let meet = |a: &[Place], b: &[Place]| a.iter().any(|a| b.iter().any(|b| a.overlaps(b)));
        if meet(&writes, &self.reads) || meet(&writes, &self.writes) || meet(&reads, &self.writes) {
            self.ends.push(self.len);
            self.reads.clear();
            self.writes.clear();
        }
        self.reads.extend(reads);
        self.writes.extend(writes);
        self.len += 1;
    }

    fn finish(mut self) -> Vec<Range<usize>> {
        self.ends.push(self.len);
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end).filter(|s| !s.is_empty()).collect()
    }
}

/// Decides for each stage how many threads pay, and joins neighbors that one thread runs.
fn phases<T: Element>(stages: &[Range<usize>], steps: &[Step<T>], grain: f64) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for stage in stages {
        let cost = steps[stage.clone()].iter().map(|step| step.cost).sum();
        let chunks = steps[stage.clone()].iter().map(|step| step.chunks).sum();
        let threads = ((cost / grain) as usize).clamp(1, chunks);
        match phases.last_mut() {
            Some(last) if last.threads == 1 && threads == 1 => {
                last.steps.end = stage.end;
                last.cost += cost;
            }
            _ => phases.push(Phase { steps: stage.clone(), cost, threads }),
        }
    }
    phases
}
