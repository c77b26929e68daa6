//! A checked list of instructions, and how it runs.

use std::ops::Range;

use crate::flush::Flush;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::team::Member;
use crate::{Buffer, Element, Instruction, LANES, Lent, Level, Place, Space, Team};

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

/// Elements of the memory that a program is checked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Of the work buffer.
    pub work: usize,
    /// Of the state buffer.
    pub state: usize,
    /// Of each array that is lent, padding included: at most [`Lent::MOST`].
    pub lent: Vec<usize>,
}

/// A checked list of instructions over a work buffer, a state buffer and arrays that are lent.
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
    lengths: Lengths,
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
    /// set of this processor; nothing is lent.
    pub fn new(
        instructions: Vec<Instruction>,
        work_len: usize,
        state_len: usize,
    ) -> Result<Self, ProgramError> {
        let lengths = Lengths { work: work_len, state: state_len, lent: Vec::new() };
        Self::with_level(instructions, lengths, Level::detect())
    }

    /// As [`Program::new`] for one instruction set, and arrays that are lent; a level that the
    /// processor lacks is an error.
    pub fn with_level(
        instructions: Vec<Instruction>,
        lengths: Lengths,
        level: Level,
    ) -> Result<Self, ProgramError> {
        Self::with_costs(instructions, lengths, level, Costs::USUAL)
    }

    pub(crate) fn with_costs(
        instructions: Vec<Instruction>,
        lengths: Lengths,
        level: Level,
        costs: Costs,
    ) -> Result<Self, ProgramError> {
        if !Level::available().contains(&level) {
            let what = format!("this processor lacks {}, which was asked for", level.name());
            return Err(ProgramError { instruction: 0, what });
        }
        if lengths.lent.len() > Lent::<T>::MOST {
            let (count, most) = (lengths.lent.len(), Lent::<T>::MOST);
            let what = format!("{count} arrays are to be lent, but a run takes at most {most}");
            return Err(ProgramError { instruction: 0, what });
        }
        let mut steps = Vec::with_capacity(instructions.len());
        let mut stages = Stages::default();
        for (position, instruction) in instructions.iter().enumerate() {
            let step = Step::new(instruction, &lengths, level).map_err(|what| ProgramError {
                instruction: position,
                what: format!("{}: {what}", instruction.name()),
            })?;
            stages.push(step.kernel.reads(), step.kernel.writes());
            steps.push(step);
        }
        let scratch = steps.iter().map(|step| step.kernel.scratch()).max().unwrap_or(0);
        let phases = phases(&stages.finish(), &steps, costs.grain);
        Ok(Program { instructions, steps, phases, costs, level, lengths, scratch })
    }

    /// The instructions in order.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Runs all, with nothing lent. The result does not depend on the number of threads; nothing is
    /// allocated, but for scratch memory when the team runs its first program that needs this much.
    ///
    /// # Panics
    /// If a buffer is shorter than the program was checked for, or it was checked for more arrays.
    pub fn run(&self, team: &mut Team, work: &mut Buffer<T>, state: &mut Buffer<T>) {
        self.run_on(team.threads(), team, work, state, &Lent::default());
    }

    /// As [`Program::run`], on at most so many threads of the team, with arrays that are read where
    /// they stand. They may overlap each other.
    ///
    /// # Panics
    /// As [`Program::run`], and if an array is shorter than the program was checked for.
    pub fn run_on(
        &self,
        threads: usize,
        team: &mut Team,
        work: &mut Buffer<T>,
        state: &mut Buffer<T>,
        lent: &Lent<'_, T>,
    ) {
        let memory = self.memory(work, state, lent);
        team.reserve_scratch(self.scratch * size_of::<T>());
        let members = self.useful_threads(threads.min(team.threads()));
        team.run(members, &|member| self.run_member(memory, member));
    }

    /// Runs one instruction after the other on this thread and calls `after(i, work, state)` behind
    /// each: to time them, or to find where a value went bad.
    ///
    /// # Panics
    /// As [`Program::run_on`].
    pub fn run_observed(
        &self,
        work: &mut Buffer<T>,
        state: &mut Buffer<T>,
        lent: &Lent<'_, T>,
        mut after: impl FnMut(usize, &Buffer<T>, &Buffer<T>),
    ) {
        let mut scratch = Buffer::<T>::zeroed(self.scratch);
        let _flush = T::FLUSHES.then(Flush::new);
        for (position, step) in self.steps.iter().enumerate() {
            let memory = self.memory(work, state, lent);
            let scratch = scratch.as_mut_slice().as_mut_ptr();
            // SAFETY: as in `run_member`; this thread runs alone.
            unsafe { step.kernel.run(memory, 0..step.chunks, scratch, self.level) };
            after(position, work, state);
        }
    }

    /// The addresses of both buffers and of what is lent.
    fn memory(
        &self,
        work: &mut Buffer<T>,
        state: &mut Buffer<T>,
        lent: &Lent<'_, T>,
    ) -> RawMemory<T> {
        let Lengths { work: work_len, state: state_len, lent: lent_lens } = &self.lengths;
        for (space, got, want) in
            [(Space::Work, work.len(), work_len), (Space::State, state.len(), state_len)]
        {
            assert!(
                got >= *want,
                "the {} buffer has {got} elements, but the program was checked for {want}",
                space.name()
            );
        }
        for (number, want) in lent_lens.iter().enumerate() {
            let got = lent.arrays().get(number).map_or(0, |array| array.len());
            assert!(
                got >= *want,
                "the lent array {number} has {got} elements, but the program was checked for {want}"
            );
        }
        RawMemory {
            work: work.as_mut_slice().as_mut_ptr(),
            state: state.as_mut_slice().as_mut_ptr(),
            lent: lent.arrays().as_ptr().cast(),
            local: std::ptr::null_mut(),
            windows: std::ptr::null(),
        }
    }

    /// How many of `available` threads make the program quicker, by estimate.
    pub fn useful_threads(&self, available: usize) -> usize {
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
        let _flush = T::FLUSHES.then(Flush::new);
        if member.members == 1 {
            for step in &self.steps {
                // SAFETY: as below; this thread runs alone.
                unsafe { step.kernel.run(memory, 0..step.chunks, scratch, self.level) };
            }
            return;
        }
        for (i, phase) in self.phases.iter().enumerate() {
            if i > 0 && member.barrier().is_err() {
                return;
            }
            self.for_share(phase, member.index, member.members, |step, chunks| {
                // SAFETY: `Step::new` has checked every place against the lengths of the memory, and
                // that nothing lent is written, and `memory` what was given; the steps of a phase that
                // several threads share do not touch each other's results, barriers lie between phases, and members
                // take different chunks; the scratch memory is this member's alone, as large as the
                // largest kernel needs; `with_costs` has checked the level.
                unsafe { step.kernel.run(memory, chunks, scratch, self.level) };
            });
        }
    }

    /// Calls `run` with each step of which member `index` has a share, and its chunks: the chunks
    /// of all steps of the phase are strung together and cut by cost.
    fn for_share(
        &self,
        phase: &Phase,
        index: usize,
        members: usize,
        mut run: impl FnMut(&Step<T>, Range<usize>),
    ) {
        let threads = phase.threads.min(members);
        if index >= threads {
            return;
        }
        // Neighbors compute the bound between them from the same numbers, so their shares meet.
        let bound = |index: usize| match index == threads {
            true => f64::INFINITY,
            false => phase.cost / threads as f64 * index as f64,
        };
        let (from, to) = (bound(index), bound(index + 1));
        let mut start = 0.0;
        for step in &self.steps[phase.steps.clone()] {
            let chunks = step.chunk_at(from - start)..step.chunk_at(to - start);
            if !chunks.is_empty() {
                run(step, chunks);
            }
            start += step.cost;
        }
    }
}

impl<T: Element> Step<T> {
    fn new(instruction: &Instruction, lengths: &Lengths, level: Level) -> Result<Self, String> {
        let kernel = T::prepare(instruction, level)?.0;
        let (reads, writes) = (kernel.reads(), kernel.writes());
        for (verb, places) in [("reads", &reads), ("writes", &writes)] {
            for place in places {
                lengths.check(place).map_err(|what| format!("{verb} {place}, {what}"))?;
            }
        }
        if let Some(place) = writes.iter().find(|place| matches!(place.space, Space::Lent(_))) {
            return Err(format!("writes {place}, which is lent to be read only"));
        }
        check_overlaps(&reads, &writes, instruction.works_in_place())?;
        let (chunks, cost) = (kernel.chunks().max(1), kernel.cost().max(1.0));
        Ok(Step { kernel, chunks, cost })
    }

    /// The first chunk of the part that begins after `cost` nanoseconds.
    fn chunk_at(&self, cost: f64) -> usize {
        self.kernel.chunk_at(cost / self.cost, self.chunks)
    }
}

impl Lengths {
    /// Whether the place and its padding lie inside its memory.
    fn check(&self, place: &Place) -> Result<(), String> {
        if !place.offset.is_multiple_of(LANES) {
            return Err(format!("which does not start at a multiple of {LANES}"));
        }
        let len = match place.space {
            Space::Work => self.work,
            Space::State => self.state,
            Space::Lent(number) => match self.lent.get(usize::from(number)) {
                Some(&len) => len,
                None => return Err("which nobody lends".into()),
            },
            Space::Window(_) | Space::Local => {
                return Err("which is a place inside of loops only".into());
            }
        };
        let end = place.padded_end();
        if end > len {
            let name = match place.space {
                Space::Lent(_) => "array".into(),
                space => format!("{} buffer", space.name()),
            };
            return Err(format!(
                "which ends (padded to whole groups of {LANES}) at {end}, but the {name} has {len} \
                 elements"
            ));
        }
        Ok(())
    }
}

/// What is written is read by nobody else and written once; in place updates are allowed where the
/// kernel takes them.
pub(crate) fn check_overlaps(
    reads: &[Place],
    writes: &[Place],
    in_place: bool,
) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Prepare;
    use crate::testing::{buffer, place, refusal, run};
    use crate::{Copy, Fill};

    fn fill(offset: usize, len: usize) -> Instruction {
        Instruction::Fill(Fill { value: offset as f64, output: place(offset, len) })
    }

    fn copy(from: usize, to: usize, len: usize) -> Instruction {
        copy_of(place(from, len), place(to, len))
    }

    fn copy_of(input: Place, output: Place) -> Instruction {
        Instruction::Copy(Copy {
            shape: vec![input.len],
            input,
            in_offset: 0,
            in_strides: vec![1],
            output,
            out_offset: 0,
            out_strides: vec![1],
        })
    }

    #[test]
    fn stages_end_at_hazards() {
        let check = |instructions: &[Instruction], lengths: &[usize]| {
            let mut stages = Stages::default();
            for instruction in instructions {
                let kernel = f32::prepare(instruction, Level::Portable).unwrap().0;
                stages.push(kernel.reads(), kernel.writes());
            }
            let got: Vec<usize> = stages.finish().into_iter().map(|stage| stage.len()).collect();
            assert_eq!(got, lengths, "{instructions:?}");
        };
        check(&[], &[]);
        check(&[fill(0, 16)], &[1]);
        // Nothing in common; reading the same.
        check(&[fill(0, 16), fill(16, 16), fill(32, 1)], &[3]);
        check(&[copy(0, 16, 16), copy(0, 32, 16)], &[2]);
        // Read after write, write after read, write after write, padding.
        check(&[fill(0, 16), copy(0, 16, 16)], &[1, 1]);
        check(&[copy(0, 16, 16), fill(0, 16)], &[1, 1]);
        check(&[fill(0, 16), fill(0, 16)], &[1, 1]);
        check(&[fill(0, 17), fill(16, 1)], &[1, 1]);
        // With any of the stage, not only the last; and then a stage of its own.
        check(&[fill(0, 16), fill(16, 16), copy(0, 32, 16), fill(48, 1)], &[2, 2]);
    }

    #[test]
    fn small_stages_become_one_phase() {
        let phases = |instructions: Vec<Instruction>| {
            let program = Program::<f32>::new(instructions, 1 << 20, 0).unwrap();
            let phases = program.phases.iter();
            phases.map(|p| (p.steps.clone(), p.threads > 1)).collect::<Vec<_>>()
        };
        assert_eq!(phases(vec![]), []);
        let (small, large) = (copy(0, 16, 16), copy(0, 1 << 19, 1 << 19));
        assert_eq!(phases(vec![small.clone(), small.clone()]), [(0..2, false)]);
        assert_eq!(
            phases(vec![small.clone(), small.clone(), large.clone(), small.clone(), small]),
            [(0..2, false), (2..3, true), (3..5, false)]
        );
        // A small one beside a large one of the same stage.
        assert_eq!(phases(vec![fill(16, 1), copy(1 << 19, 1 << 18, 1 << 18)]), [(0..2, true)]);
        let program = Program::<f32>::new(vec![fill(0, 64)], 64, 0).unwrap();
        assert_eq!(program.useful_threads(8), 1);
        let program = Program::<f32>::new(vec![large], 1 << 20, 0).unwrap();
        assert_eq!(program.useful_threads(1), 1);
        assert_eq!(program.useful_threads(2), 2);
    }

    /// Each chunk goes to one member, whatever the costs.
    #[test]
    fn shares_meet() {
        let mut program = Program::<f32>::new(vec![fill(0, 1)], 16, 0).unwrap();
        for (costs, chunks) in [(vec![1.0], vec![7]), (vec![3.0, 1e-3, 1e6], vec![5, 1, 1000])] {
            program.steps = costs
                .iter()
                .zip(&chunks)
                .map(|(&cost, &chunks)| {
                    let spec = Fill { value: 0.0, output: place(0, 1) };
                    Step { kernel: crate::fill::prepare(&spec).unwrap(), chunks, cost }
                })
                .collect();
            let phase = Phase { steps: 0..costs.len(), cost: costs.iter().sum(), threads: 64 };
            for members in [1, 2, 3, 7, 64, 100] {
                let mut next = vec![0; costs.len()];
                for index in 0..members {
                    program.for_share(&phase, index, members, |step, chunks| {
                        let position = program.steps.iter().position(|s| std::ptr::eq(s, step));
                        let next = &mut next[position.unwrap()];
                        assert_eq!(chunks.start, *next);
                        *next = chunks.end;
                    });
                }
                assert_eq!(next, chunks, "{members} members");
            }
        }
    }

    /// A program that copies the first 20 elements of lent array 1 to the work buffer.
    fn reader() -> Program<f32> {
        let from = Place { space: Space::Lent(1), offset: 0, len: 20 };
        let instruction = copy_of(from, place(16, 20));
        let lengths = Lengths { work: 48, state: 0, lent: vec![0, 32] };
        Program::with_level(vec![instruction], lengths, Level::Portable).unwrap()
    }

    #[test]
    fn lent_arrays_are_read_where_they_stand() {
        let program = reader();
        let (mut work, mut state) = (Buffer::zeroed(48), Buffer::zeroed(0));
        let all: Vec<f32> = (0..40).map(|i| i as f32).collect();
        // At the start of no vector.
        let lent = Lent::new(&[&[], &all[3..35]]).unwrap();
        program.run_on(1, &mut Team::new(1), &mut work, &mut state, &lent);
        assert_eq!(work.as_slice()[16..36], all[3..23]);
        work.as_mut_slice().fill(0.0);
        program.run_observed(&mut work, &mut state, &lent, |_, _, _| {});
        assert_eq!(work.as_slice()[16..36], all[3..23]);
    }

    #[test]
    fn a_short_or_missing_array_stops_the_run_before_it_begins() {
        let short = [1.0_f32; 31];
        for lent in [Lent::default(), Lent::new(&[&short]).unwrap(), {
            Lent::new(&[&short, &short]).unwrap()
        }] {
            let outcome = std::panic::catch_unwind(|| {
                let (mut work, mut state) = (Buffer::zeroed(48), Buffer::zeroed(0));
                reader().run_on(1, &mut Team::new(1), &mut work, &mut state, &lent);
            });
            let message = outcome.unwrap_err();
            let message = message.downcast_ref::<String>().unwrap();
            assert!(message.starts_with("the lent array 1 has "), "{message}");
        }
    }

    #[test]
    fn refuses_to_write_what_is_lent_and_to_read_what_nobody_lends() {
        let lent = |number, len| Place { space: Space::Lent(number), offset: 0, len };
        let refusal = |instruction: Instruction, count: usize| {
            let lengths = Lengths { work: 64, state: 0, lent: vec![16; count] };
            let program = Program::<f32>::with_level(vec![instruction], lengths, Level::Portable);
            program.err().map(|error| error.what)
        };
        let window = crate::Window { place: lent(0, 16), stride: 16, start: 0, backward: false };
        let inside = Place { space: Space::Window(0), offset: 0, len: 16 };
        let turns = |body| {
            let (windows, turns) = (vec![window], 1);
            Instruction::Loop(crate::Loop { turns, windows, local: 0, rows: 1, apart: false, body })
        };
        for (instruction, count, want) in [
            (copy_of(lent(0, 16), place(0, 16)), 1, None),
            (turns(vec![copy_of(inside, place(0, 16))]), 1, None),
            (
                copy_of(place(0, 16), lent(0, 16)),
                1,
                Some("copy: writes lent 0[0..16], which is lent to be read only"),
            ),
            (
                turns(vec![copy_of(place(0, 16), inside)]),
                1,
                Some("loop: writes lent 0[0..16], which is lent to be read only"),
            ),
            (
                copy_of(lent(1, 16), place(0, 16)),
                1,
                Some("copy: reads lent 1[0..16], which nobody lends"),
            ),
            (
                copy_of(lent(0, 17), place(0, 17)),
                1,
                Some(
                    "copy: reads lent 0[0..17], which ends (padded to whole groups of 16) at 32, but \
                     the array has 16 elements",
                ),
            ),
            (
                copy_of(place(0, 16), place(16, 16)),
                17,
                Some("17 arrays are to be lent, but a run takes at most 16"),
            ),
        ] {
            assert_eq!(refusal(instruction, count).as_deref(), want);
        }
    }

    #[test]
    fn later_instructions_see_earlier_results() {
        let n = 30_000;
        let at = |i: usize| i * 30_016;
        let list = vec![
            fill(at(1), n),
            fill(at(2), n),
            copy(at(1), at(0), n),
            copy(at(2), at(1), n),
            copy(at(0), at(2), n),
        ];
        let work = run::<f32>(list, vec![0.0; at(3)], vec![]).work;
        for (i, expected) in [(0, at(1)), (1, at(2)), (2, at(1))] {
            assert!(work[at(i)..at(i) + n].iter().all(|&x| x == expected as f64), "part {i}");
        }
    }

    #[test]
    fn observing_shows_the_buffers_after_each_instruction() {
        let program = Program::<f64>::new(vec![fill(16, 1), copy(16, 0, 1)], 32, 0).unwrap();
        let (mut work, mut state) = (buffer::<f64>(&[0.0; 32]), buffer(&[]));
        let mut seen = Vec::new();
        program.run_observed(&mut work, &mut state, &Lent::default(), |i, work, _| {
            seen.push((i, work.as_slice()[0], work.as_slice()[16]));
        });
        assert_eq!(seen, [(0, 0.0, 16.0), (1, 16.0, 16.0)]);
    }

    #[test]
    fn refuses_places_outside_and_overlaps() {
        let check = |instruction, expected: &str| {
            assert_eq!(refusal(instruction, 64), expected);
        };
        check(fill(48, 16), "accepted");
        check(fill(48, 0), "accepted");
        check(
            fill(48, 17),
            "fill: writes work[48..65], which ends (padded to whole groups of 16) at 80, but the work \
             buffer has 64 elements",
        );
        check(
            fill(16, usize::MAX - 3),
            "fill: writes work[16..18446744073709551615], which ends (padded to whole groups of 16) \
             at 18446744073709551615, but the work buffer has 64 elements",
        );
        check(fill(8, 4), "fill: writes work[8..12], which does not start at a multiple of 16");
        check(
            copy(0, 16, 17),
            "copy: writes work[16..33], which overlaps work[0..17], which it reads",
        );
        check(
            copy(64, 0, 1),
            "copy: reads work[64..65], which ends (padded to whole groups of 16) at 80, but the work \
             buffer has 64 elements",
        );
        let list = vec![fill(0, 1), fill(64, 1)];
        let error = Program::<f32>::new(list, 64, 64).err().map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some(
                "instruction 1: fill: writes work[64..65], which ends (padded to whole groups of 16) \
                 at 80, but the work buffer has 64 elements"
            )
        );
    }

    #[test]
    fn a_short_buffer_is_not_touched() {
        let program = Program::<f32>::new(vec![fill(0, 32)], 32, 16).unwrap();
        for (work, state) in [(16, 16), (32, 0)] {
            let outcome = std::panic::catch_unwind(|| {
                let (mut work, mut state) = (Buffer::zeroed(work), Buffer::zeroed(state));
                program.run(&mut Team::new(1), &mut work, &mut state);
            });
            assert!(outcome.is_err());
        }
    }
}
