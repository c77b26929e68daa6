//! A loop: a body that runs again and again, over places that move.

mod shard;
mod step;

use std::ops::Range;

use self::shard::{shards, sweep};
use self::step::Step;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::program::check_overlaps;
use crate::{Element, Gemm, Instruction, LANES, Level, Loop, Place, Space, Window};

/// Checks a loop and makes it ready to run.
pub(crate) fn prepare<T: Element>(spec: &Loop, level: Level) -> Result<Box<dyn Kernel<T>>, String> {
    let touched = touched::<T>(spec, level)?;
    check(spec, &touched)?;
    let mut kernel = LoopKernel {
        turns: spec.turns,
        apart: spec.apart,
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
        let (steps, packed) = step::steps(spec, &touched, &body, level)?;
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
    /// Whether threads share the turns.
    apart: bool,
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

/// Whether a place is the same in every turn and the loop does not write it.
fn stays(spec: &Loop, touched: &[Touched], place: &Place) -> bool {
    let written = |write: &Place| sweep(spec, write).is_some_and(|(all, _)| all.overlaps(place));
    matches!(place.space, Space::Work | Space::State | Space::Lent(_))
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
            && matches!(place.space, Space::Work | Space::State | Space::Lent(_));
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
        if let Instruction::Gemm(Gemm { accumulate: true, c, .. }) = instruction
            && early(&c)
        {
            return error(format!("adds to {c}, which this turn has not written"));
        }
        if let Err(what) = check_turns(spec, instruction, reads, writes) {
            return error(what);
        }
        written.extend(writes);
    }
    if spec.apart { check_apart(spec, touched) } else { Ok(()) }
}

/// Whether every turn has a slot of its own of all that is written: whoever else touches memory that the
/// loop writes does so through slots that lie and move alike.
fn check_apart(spec: &Loop, touched: &[Touched]) -> Result<(), String> {
    let window = |place: &Place| match place.space {
        Space::Window(number) => spec.windows.get(usize::from(number)),
        _ => None,
    };
    for write in touched.iter().flat_map(|t| &t.writes) {
        let Some((written, _)) = sweep(spec, write) else { continue };
        let own = window(write).is_some_and(|w| spec.turns <= w.place.len / w.stride);
        let alike = |other: &&Place| match sweep(spec, other) {
            Some((swept, _)) => !swept.overlaps(&written) || window(other) == window(write),
            None => true,
        };
        let mut others = touched.iter().flat_map(|t| t.reads.iter().chain(&t.writes));
        let met = others.find(|other| !alike(other));
        if !own || met.is_some() {
            let met = met.unwrap_or(write);
            return Err(format!("turns are apart, but {met} of one meets {write} of another one"));
        }
    }
    Ok(())
}

fn check_place(spec: &Loop, place: &Place) -> Result<(), String> {
    let room = match place.space {
        Space::Work | Space::State | Space::Lent(_) => return Ok(()),
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
    let in_place = instruction.works_in_place();
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

    /// Moves every window to where it stands in a turn.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; the table has room for every window.
    unsafe fn move_windows(&self, memory: RawMemory<T>, room: Room<T>, turn: usize) {
        for (i, window) in self.windows.iter().enumerate() {
            // SAFETY: `check` has found every slot inside its window's place, which lies in a buffer.
            unsafe {
                let start = memory.ptr(window.place).add(slot(window, turn) * window.stride);
                room.table.add(i).write(start);
            }
        }
    }

    /// Runs some turns of one group of rows.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; packed operands stand at `packed`.
    unsafe fn run_shard(
        &self,
        steps: &[Step<T>],
        turns: Range<usize>,
        memory: RawMemory<T>,
        room: Room<T>,
        level: Level,
    ) {
        for turn in turns {
            // SAFETY: the table has room for every window and the packed operands theirs; `check` has
            // compared every place of the body with its slot or local memory, `Program` what windows
            // sweep with the buffers. Turns and steps follow each other on this thread; other groups
            // touch other rows of what is written, as `shards` has made sure, and turns on other threads
            // other slots, as `check_apart` has.
            unsafe {
                self.move_windows(memory, room, turn);
                for step in steps {
                    step.run(memory, room, turn, level);
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
        if self.apart { self.turns } else { self.shards.len() }
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
        let memory = RawMemory { local: room.local, windows: room.table.cast_const(), ..memory };
        // SAFETY: passed on. A product asks for the addresses of all its operands when it packs one.
        unsafe { self.move_windows(memory, room, 0) };
        // Groups of rows share what is packed: their right operands are the same.
        let shards = if self.apart { 0..1 } else { chunks.clone() };
        let Some(first) = self.shards.get(shards.start).filter(|_| !chunks.is_empty()) else {
            return;
        };
        for step in first {
            // SAFETY: passed on.
            unsafe { step.pack(memory, room) };
        }
        for steps in &self.shards[shards] {
            let turns = if self.apart { chunks.clone() } else { 0..self.turns };
            // SAFETY: passed on.
            unsafe { self.run_shard(steps, turns, memory, room, level) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{place, refusal, run};
    use crate::{Access, Fill, Fused, FusedOp, Matrix, TileBinary, Triangle};

    fn window(number: u16, len: usize) -> Place {
        Place { space: Space::Window(number), offset: 0, len }
    }

    fn local(len: usize) -> Place {
        Place { space: Space::Local, offset: 0, len }
    }

    fn add(a: Place, b: Place, to: Place, rows: usize) -> Instruction {
        Instruction::Fused(Fused {
            rows,
            columns: to.len / rows,
            inputs: vec![(a, Access::Full), (b, Access::Full)],
            outputs: vec![(to, true)],
            sums: Vec::new(),
            ops: vec![
                FusedOp::Load(0),
                FusedOp::Load(1),
                FusedOp::Binary(TileBinary::Add, 0, 1),
                FusedOp::Store(2, 0),
            ],
        })
    }

    /// h[t+1] = h[t] · w + x[t] for rows × 16 elements, h from 0 on, then x, then w.
    fn recurrence(rows: usize, turns: usize, backward: bool) -> Loop {
        let stride = rows * 16;
        let (h, x) = ((turns + 1) * stride, turns * stride);
        let slots = |offset: usize, len: usize, start: usize| Window {
            place: place(offset, len),
            stride,
            start,
            backward,
        };
        let first = |last: usize| if backward { last } else { 0 };
        let next = if backward { turns - 1 } else { 1 };
        let matrix = |place: Place| Matrix {
            place,
            batch_stride: 0,
            group: None,
            row_stride: 16,
            column_stride: 1,
        };
        let product = Instruction::Gemm(Gemm {
            batch: 1,
            m: rows,
            n: 16,
            k: 16,
            a: matrix(window(0, stride)),
            b: matrix(place(h + x, 256)),
            c: local(stride),
            bias: None,
            accumulate: false,
            triangle: Triangle::None,
            step: None,
        });
        let sum = add(local(stride), window(2, stride), window(1, stride), rows);
        Loop {
            turns,
            windows: vec![
                slots(0, h, first(turns)),
                slots(0, h, next),
                slots(h, x, first(turns - 1)),
            ],
            local: stride,
            rows,
            apart: false,
            body: vec![product, sum],
        }
    }

    #[test]
    fn turns_follow_each_other_on_any_number_of_threads() {
        for (rows, turns, backward) in [(40, 5, false), (40, 5, true), (3, 4, false), (17, 1, true)]
        {
            let spec = recurrence(rows, turns, backward);
            let stride = rows * 16;
            let (h, x) = ((turns + 1) * stride, turns * stride);
            let work: Vec<f64> = (0..h + x + 256).map(|i| (i * 37 % 101) as f64 / 404.0).collect();
            let got = run::<f64>(vec![Instruction::Loop(spec)], work.clone(), vec![]).work;
            let mut want = work.clone();
            for turn in 0..turns {
                let (t, from, to) = match backward {
                    false => (turn, turn, turn + 1),
                    true => (turns - 1 - turn, turns - turn, turns - 1 - turn),
                };
                for i in 0..stride {
                    let (row, column) = (i / 16, i % 16);
                    let product: f64 = (0..16)
                        .map(|k| want[from * stride + row * 16 + k] * want[h + x + k * 16 + column])
                        .sum();
                    want[to * stride + i] = product + want[h + t * stride + i];
                }
            }
            for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                assert!(
                    (got - want).abs() < 1e-12,
                    "{rows} rows: element {i} is {got}, not {want}"
                );
            }
        }
    }

    #[test]
    fn rows_are_shared_where_each_is_by_itself() {
        let count =
            |spec: &Loop| shards(spec, &touched::<f32>(spec, Level::Portable).unwrap()).len();
        let spec = recurrence(40, 5, false);
        assert_eq!(count(&spec), 3);
        assert_eq!(count(&recurrence(16, 5, false)), 1);
        // A right operand that the loop writes is nobody's alone.
        let mut mixed = spec.clone();
        let weights = place(spec.windows[0].place.len + spec.windows[2].place.len, 256);
        mixed.body.push(Instruction::Fill(Fill { value: 1.0, output: weights }));
        assert_eq!(count(&mixed), 1);
    }

    /// y[t] = x[t] · w + x[t] for slots of rows × 16 elements: x, y, w.
    fn apart(rows: usize, turns: usize) -> Loop {
        let mut spec = recurrence(rows, turns, false);
        let all = turns * rows * 16;
        let slots = |offset: usize| Window {
            place: place(offset, all),
            stride: rows * 16,
            start: 0,
            backward: false,
        };
        spec.windows = vec![slots(0), slots(all), slots(0)];
        if let Instruction::Gemm(product) = &mut spec.body[0] {
            product.b.place = place(2 * all, 256);
        }
        spec.apart = true;
        spec
    }

    #[test]
    fn turns_that_are_apart_are_shared() {
        for (rows, turns) in [(3, 1), (40, 7), (1, 30)] {
            let all = turns * rows * 16;
            let spec = apart(rows, turns);
            let kernel = prepare::<f64>(&spec, Level::Portable).unwrap();
            assert_eq!(kernel.chunks(), turns);
            let work: Vec<f64> =
                (0..2 * all + 256).map(|i| (i * 37 % 101) as f64 / 404.0).collect();
            let got = run::<f64>(vec![Instruction::Loop(spec)], work.clone(), vec![]).work;
            for i in 0..all {
                let (row, column) = (i / 16, i % 16);
                let product: f64 =
                    (0..16).map(|k| work[row * 16 + k] * work[2 * all + k * 16 + column]).sum();
                assert!((got[all + i] - product - work[i]).abs() < 1e-12, "element {i}");
            }
        }
        let check = |change: &dyn Fn(&mut Loop)| {
            let mut spec = apart(2, 3);
            change(&mut spec);
            let got = refusal(Instruction::Loop(spec), 6 * 32 + 256);
            assert!(got.contains("turns are apart, but"), "{got}");
        };
        // Written where another turn reads; written by every turn; more turns than slots.
        check(&|l| l.windows[1] = Window { start: 1, ..l.windows[0] });
        check(&|l| l.windows[2].place = place(64, 96));
        check(&|l| l.body.push(Instruction::Fill(Fill { value: 1.0, output: place(0, 16) })));
        check(&|l| l.turns = 4);
    }

    #[test]
    fn unsound_loops_are_refused() {
        let good = recurrence(2, 3, false);
        let len = 7 * 32 + 256;
        let check = |change: &dyn Fn(&mut Loop), expected: &str| {
            let mut spec = good.clone();
            change(&mut spec);
            let got = refusal(Instruction::Loop(spec), len);
            assert!(got.contains(expected), "{got}");
        };
        check(&|_| {}, "accepted");
        check(&|l| l.windows[0].stride = 24, "starts at slot 0 of 24 elements");
        check(&|l| l.windows[1].start = 4, "starts at slot 4 of 32 elements");
        check(&|l| l.local = 16, "does not lie in the 16 elements that are there");
        check(&|l| l.body.swap(0, 1), "which this turn has not written");
        let onto_nothing = |l: &mut Loop| match &mut l.body[0] {
            Instruction::Gemm(product) => product.accumulate = true,
            _ => unreachable!("the body begins with the product"),
        };
        check(&onto_nothing, "adds to local[0..32], which this turn has not written");
        let onto_itself = |l: &mut Loop| {
            l.windows[1].start = 0;
            l.body[1] = add(window(0, 32), window(2, 32), window(1, 32), 2);
        };
        check(&onto_itself, "in turn 0 window 1[0..32] meets window 0[0..32], which it reads");
        check(&|l| l.body.push(Instruction::Loop(good.clone())), "a loop in a loop");
        check(&|l| l.windows.truncate(2), "is in a window that the loop does not have");
        let last = good.windows[2];
        let outside = Window { place: place(len, last.place.len), ..last };
        check(&|l| l.windows[2] = outside, "but the work buffer has");
    }
}
