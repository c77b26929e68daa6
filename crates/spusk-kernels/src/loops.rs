//! A loop: a body that runs again and again, over places that move.

mod shard;

use std::ops::Range;

use self::shard::{shards, sweep};
use crate::gemm::PackedGemm;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::program::check_overlaps;
use crate::{Element, Instruction, LANES, Level, Loop, Place, Space, Window};

/// Checks a loop and makes it ready to run.
pub(crate) fn prepare<T: Element>(spec: &Loop, level: Level) -> Result<Box<dyn Kernel<T>>, String> {
    let touched = touched::<T>(spec, level)?;
    check(spec, &touched)?;
    let mut kernel = LoopKernel {
        turns: spec.turns,
        windows: spec.windows.clone(),
        table: (spec.windows.len() * size_of::<*mut T>().div_ceil(size_of::<T>()))
            .next_multiple_of(LANES),
        local: spec.local.next_multiple_of(LANES),
        packed: 0,
        shards: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
    };
    for body in shards(spec, &touched) {
        let mut packed = 0;
        let mut steps = Vec::with_capacity(body.len());
        for (position, instruction) in body.iter().enumerate() {
            let step = step(spec, &touched, instruction, &mut packed, level);
            steps.push(step.map_err(|what| in_body(position, instruction, &what))?);
        }
        kernel.packed = kernel.packed.max(packed);
        kernel.shards.push(steps);
    }
    kernel.find_places(spec, &touched);
    Ok(Box::new(kernel))
}

/// What an instruction of the body reads and writes.
struct Touched {
    reads: Vec<Place>,
    writes: Vec<Place>,
}

fn touched<T: Element>(spec: &Loop, level: Level) -> Result<Vec<Touched>, String> {
    let touched = |(position, instruction): (usize, &Instruction)| {
        if matches!(instruction, Instruction::Loop(_)) {
            return Err(in_body(position, instruction, "a loop in a loop"));
        }
        let kernel = T::prepare(instruction, level);
        let kernel = kernel.map_err(|what| in_body(position, instruction, &what))?.0;
        Ok(Touched { reads: kernel.reads(), writes: kernel.writes() })
    };
    spec.body.iter().enumerate().map(touched).collect()
}

fn in_body(position: usize, instruction: &Instruction, what: &str) -> String {
    format!("instruction {position} of the body: {}: {what}", instruction.name())
}

struct LoopKernel<T: 'static> {
    turns: usize,
    windows: Vec<Window>,
    /// Scratch elements for the addresses of the windows, for local memory, for packed operands.
    table: usize,
    local: usize,
    packed: usize,
    /// Of each group of rows: what one turn does.
    shards: Vec<Vec<Step<T>>>,
    reads: Vec<Place>,
    writes: Vec<Place>,
}

/// One instruction of a turn.
enum Step<T: 'static> {
    Plain(Box<dyn Kernel<T>>),
    /// A product with a right operand that stays, packed at this position of the room for it.
    Packed(PackedGemm<T>, usize),
}

impl<T: Element> Step<T> {
    fn kernel(&self) -> &dyn Kernel<T> {
        match self {
            Step::Plain(kernel) => &**kernel,
            Step::Packed(gemm, _) => gemm.kernel(),
        }
    }
}

/// Turns for which packing an operand pays.
const PACK_FROM: usize = 4;

fn step<T: Element>(
    spec: &Loop,
    touched: &[Touched],
    instruction: &Instruction,
    packed: &mut usize,
    level: Level,
) -> Result<Step<T>, String> {
    if let Instruction::Gemm(gemm) = instruction
        && spec.turns >= PACK_FROM
        && stays(spec, touched, &gemm.b.place)
        && let Some(product) = PackedGemm::prepare(gemm, level)?
    {
        let at = *packed;
        *packed += product.packed().next_multiple_of(LANES);
        return Ok(Step::Packed(product, at));
    }
    Ok(Step::Plain(T::prepare(instruction, level)?.0))
}

/// Whether a place is the same in every turn and the loop does not write it.
fn stays(spec: &Loop, touched: &[Touched], place: &Place) -> bool {
    let written = |write: &Place| sweep(spec, write).is_some_and(|(all, _)| all.overlaps(place));
    matches!(place.space, Space::Work | Space::State)
        && !touched.iter().flat_map(|t| &t.writes).any(written)
}

/// The slot in which a window stands.
fn slot(window: &Window, turn: usize) -> usize {
    let slots = window.place.len / window.stride;
    let moved = turn % slots;
    match window.backward {
        false => (window.start + moved) % slots,
        true => (window.start + slots - moved) % slots,
    }
}

/// What must be so for a loop to be sound: slots lie in their windows, every place of the body lies in
/// its slot or in local memory, no turn reads of local memory what it has not written, and in no turn
/// an instruction overwrites what it reads. What lies in the buffers is compared with their lengths by
/// the program, through the places that the loop reads and writes.
fn check(spec: &Loop, touched: &[Touched]) -> Result<(), String> {
    for (number, Window { place, stride, start, .. }) in spec.windows.iter().enumerate() {
        let fits = *stride > 0
            && stride.is_multiple_of(LANES)
            && place.len.is_multiple_of(*stride)
            && *start < place.len / stride
            && matches!(place.space, Space::Work | Space::State);
        if !fits {
            return Err(format!(
                "window {number} over {place} starts at slot {start} of {stride} elements; a slot is \
                 a multiple of {LANES} elements and divides the place"
            ));
        }
    }
    let mut written: Vec<Place> = Vec::new();
    for (position, (instruction, touched)) in spec.body.iter().zip(touched).enumerate() {
        let Touched { reads, writes } = touched;
        let error = |what: String| Err(in_body(position, instruction, &what));
        for place in reads.iter().chain(writes) {
            if let Err(what) = check_place(spec, place) {
                return error(what);
            }
        }
        let early = |read: &&Place| read.space == Space::Local && !written.contains(read);
        if let Some(read) = reads.iter().find(early) {
            return error(format!("reads {read}, which this turn has not written"));
        }
        if let Err(what) = check_turns(spec, instruction, reads, writes) {
            return error(what);
        }
        written.extend(writes);
    }
    Ok(())
}

fn check_place(spec: &Loop, place: &Place) -> Result<(), String> {
    let room = match place.space {
        Space::Work | Space::State => return Ok(()),
        Space::Local => spec.local.next_multiple_of(LANES),
        Space::Window(number) => match spec.windows.get(usize::from(number)) {
            Some(window) => window.stride,
            None => return Err(format!("{place} is in a window that the loop does not have")),
        },
    };
    if !place.offset.is_multiple_of(LANES) || place.padded_end() > room {
        return Err(format!("{place} does not lie in the {room} elements that are there"));
    }
    Ok(())
}

/// Looks for overlaps in every turn, since windows move.
fn check_turns(
    spec: &Loop,
    instruction: &Instruction,
    reads: &[Place],
    writes: &[Place],
) -> Result<(), String> {
    let in_place = matches!(instruction, Instruction::Fused(_));
    let mut at = |turn: usize| {
        let resolve = |place: &Place| match place.space {
            Space::Window(number) => {
                let window = &spec.windows[usize::from(number)];
                let start = window.place.offset + slot(window, turn) * window.stride;
                Place { space: window.place.space, offset: start + place.offset, len: place.len }
            }
            _ => *place,
        };
        let resolved_reads: Vec<Place> = reads.iter().map(resolve).collect();
        let resolved: Vec<Place> = writes.iter().map(resolve).collect();
        // A kernel knows that it works in place only where both are named alike.
        for (read, there) in reads.iter().zip(&resolved_reads) {
            for (write, here) in writes.iter().zip(&resolved) {
                if there.overlaps(here) && read != write {
                    return Err(format!("in turn {turn} {write} meets {read}, which it reads"));
                }
            }
        }
        check_overlaps(&resolved_reads, &resolved, in_place)
    };
    (0..spec.turns).try_for_each(&mut at)
}

impl<T: Element> LoopKernel<T> {
    /// What the loop touches of the buffers. What it writes is its own from the first to the last
    /// turn, so it need not be named as read, too.
    fn find_places(&mut self, spec: &Loop, touched: &[Touched]) {
        for Touched { reads, writes } in touched {
            let swept = |all: &[Place]| -> Vec<Place> {
                all.iter().filter_map(|place| Some(sweep(spec, place)?.0)).collect()
            };
            self.reads.extend(swept(reads));
            self.writes.extend(swept(writes));
        }
        for list in [&mut self.reads, &mut self.writes] {
            list.sort_unstable_by_key(|place| (place.space, place.offset, place.len));
            list.dedup();
        }
        let writes = &self.writes;
        self.reads.retain(|read| !writes.contains(read));
    }

    /// Runs all turns of one group of rows.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; packed operands stand at `packed`.
    unsafe fn run_shard(
        &self,
        steps: &[Step<T>],
        memory: RawMemory<T>,
        room: Room<T>,
        level: Level,
    ) {
        let outer = memory;
        let memory = RawMemory { local: room.local, windows: room.table.cast_const(), ..outer };
        for turn in 0..self.turns {
            // SAFETY: the table has room for every window and the packed operands theirs; `check` has
            // compared every place of the body with its slot or local memory, `Program` what windows
            // sweep with the buffers. Turns and steps follow each other on this thread, and other
            // groups touch other rows of what is written, as `shards` has made sure.
            unsafe {
                for (i, window) in self.windows.iter().enumerate() {
                    let start = outer.ptr(window.place).add(slot(window, turn) * window.stride);
                    room.table.add(i).write(start);
                }
                for step in steps {
                    match step {
                        Step::Packed(gemm, at) => {
                            gemm.run(memory, room.scratch, room.packed.add(*at));
                        }
                        Step::Plain(kernel) => {
                            kernel.run(memory, 0..kernel.chunks().max(1), room.scratch, level);
                        }
                    }
                }
            }
        }
    }
}

/// A thread's scratch memory, shared out.
#[derive(Clone, Copy)]
struct Room<T> {
    table: *mut *mut T,
    local: *mut T,
    packed: *mut T,
    scratch: *mut T,
}

impl<T: Element> Kernel<T> for LoopKernel<T> {
    fn reads(&self) -> Vec<Place> {
        self.reads.clone()
    }

    fn writes(&self) -> Vec<Place> {
        self.writes.clone()
    }

    fn chunks(&self) -> usize {
        self.shards.len()
    }

    fn cost(&self) -> f64 {
        let turn: f64 = self.shards.iter().flatten().map(|step| step.kernel().cost()).sum();
        turn * self.turns as f64
    }

    fn scratch(&self) -> usize {
        let steps = self.shards.iter().flatten();
        let most = steps.map(|step| step.kernel().scratch()).max().unwrap_or(0);
        self.table + self.local + self.packed + most
    }

    unsafe fn run(
        &self,
        memory: RawMemory<T>,
        chunks: Range<usize>,
        scratch: *mut T,
        level: Level,
    ) {
        // SAFETY: `scratch` has room for all four, one behind the other, each a multiple of `LANES`
        // elements, and so aligned.
        let room = unsafe {
            Room {
                table: scratch.cast::<*mut T>(),
                local: scratch.add(self.table),
                packed: scratch.add(self.table + self.local),
                scratch: scratch.add(self.table + self.local + self.packed),
            }
        };
        // Groups of rows share what is packed: their right operands are the same.
        let Some(first) = self.shards.get(chunks.start).filter(|_| !chunks.is_empty()) else {
            return;
        };
        for step in first {
            if let Step::Packed(gemm, at) = step {
                // SAFETY: `packed` has room for every operand at its position; operands stay, so they
                // do not lie in windows.
                unsafe { gemm.pack(memory, room.packed.add(*at)) };
            }
        }
        for steps in &self.shards[chunks] {
            // SAFETY: passed on.
            unsafe { self.run_shard(steps, memory, room, level) };
        }
    }
}
