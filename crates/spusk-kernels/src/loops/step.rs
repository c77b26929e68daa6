//! One instruction of a turn, and what it asks for meanwhile.

use super::{Room, Touched, slot, stays};
use crate::ahead::Ahead;
use crate::gemm::PackedGemm;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Element, Instruction, LANES, Level, Loop, Place, Space, Window};

/// One instruction of a turn.
pub(super) struct Step<T: 'static> {
    work: Work<T>,
    /// Whether it computes so much that memory has time to come meanwhile.
    is_product: bool,
    /// Parts that it may run in without doing anything twice. Between them it asks: memory answers so
    /// many lines at a time.
    pieces: usize,
    ahead: Vec<Wanted>,
}

enum Work<T: 'static> {
    Plain(Box<dyn Kernel<T>>),
    /// A product with a right operand that stays, packed at this position of the room for it.
    Packed(Box<PackedGemm<T>>, usize),
}

/// Some of what a later instruction reads or writes.
struct Wanted {
    window: Window,
    offset: usize,
    len: usize,
    /// In which turn, counted from this one.
    later: usize,
    /// Which part of how many.
    part: usize,
    parts: usize,
}

/// Turns for which packing an operand pays.
const PACK_FROM: usize = 4;
/// Pieces of a product whose right operand stays.
const PIECES: usize = 4;
/// The most pieces of a product of a batch.
const MOST_PIECES: usize = 8;

/// The steps of a body, and the elements that they pack.
pub(super) fn steps<T: Element>(
    spec: &Loop,
    touched: &[Touched],
    body: &[Instruction],
    level: Level,
) -> Result<(Vec<Step<T>>, usize), String> {
    let mut packed = 0;
    let mut steps = Vec::with_capacity(body.len());
    for (position, instruction) in body.iter().enumerate() {
        let step = Step::new(spec, touched, instruction, &mut packed, level);
        steps.push(step.map_err(|what| super::in_body(position, instruction, &what))?);
    }
    ask_ahead(spec, &mut steps);
    Ok((steps, packed))
}

/// Lets products ask for what the instructions behind them touch of the windows, in this turn or the next
/// one: places that nobody has touched since long, and too short for a processor to guess how they go on.
/// What products with an operand that stays touch comes from the turn before.
fn ask_ahead<T: Element>(spec: &Loop, steps: &mut [Step<T>]) {
    let products: Vec<usize> = (0..steps.len()).filter(|&i| steps[i].is_product).collect();
    let mut seen: Vec<Place> = Vec::new();
    for i in 0..steps.len() {
        let kernel = steps[i].kernel();
        let mut places = kernel.reads();
        places.extend(kernel.writes());
        places.retain(|place| !seen.contains(place));
        seen.extend(&places);
        if matches!(steps[i].work, Work::Packed(..)) {
            continue;
        }
        let before: Vec<usize> = products.iter().copied().filter(|&p| p < i).collect();
        let later = usize::from(before.is_empty());
        let askers = if before.is_empty() { &products } else { &before };
        for place in places {
            let Space::Window(number) = place.space else { continue };
            let Some(&window) = spec.windows.get(usize::from(number)) else { continue };
            let Place { offset, len, .. } = place;
            for (part, &asker) in askers.iter().enumerate() {
                let parts = askers.len();
                steps[asker].ahead.push(Wanted { window, offset, len, later, part, parts });
            }
        }
    }
}

impl<T: Element> Step<T> {
    fn new(
        spec: &Loop,
        touched: &[Touched],
        instruction: &Instruction,
        packed: &mut usize,
        level: Level,
    ) -> Result<Step<T>, String> {
        let mut step = Step {
            work: Work::Plain(T::prepare(instruction, level)?.0),
            is_product: matches!(instruction, Instruction::Gemm(_) | Instruction::Conv(_)),
            pieces: 1,
            ahead: Vec::new(),
        };
        let Instruction::Gemm(gemm) = instruction else { return Ok(step) };
        step.pieces = (1..=MOST_PIECES).rfind(|&n| gemm.batch.is_multiple_of(n)).unwrap_or(1);
        if spec.turns >= PACK_FROM
            && stays(spec, touched, &gemm.b.place)
            && let Some(product) = PackedGemm::prepare(gemm, level)?
        {
            let at = *packed;
            *packed += product.packed().next_multiple_of(LANES);
            step.work = Work::Packed(Box::new(product), at);
            step.pieces = PIECES;
        }
        Ok(step)
    }

    pub(super) fn kernel(&self) -> &dyn Kernel<T> {
        match &self.work {
            Work::Plain(kernel) => &**kernel,
            Work::Packed(gemm, _) => gemm.kernel(),
        }
    }

    /// Packs an operand that stays, if there is one.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    pub(super) unsafe fn pack(&self, memory: RawMemory<T>, room: Room<T>) {
        if let Work::Packed(gemm, at) = &self.work {
            // SAFETY: `packed` has room for every operand at its position; operands stay, so they do not
            // lie in windows.
            unsafe { gemm.pack(memory, room.packed.add(*at)) };
        }
    }

    /// Runs it in one turn.
    ///
    /// # Safety
    /// As for [`Kernel::run`], and windows stand where they do in this turn; operands that stay are packed.
    pub(super) unsafe fn run(
        &self,
        memory: RawMemory<T>,
        room: Room<T>,
        turn: usize,
        level: Level,
    ) {
        let pieces = if self.ahead.is_empty() { 1 } else { self.pieces };
        let chunks = self.kernel().chunks().max(1);
        for piece in 0..pieces {
            for wanted in &self.ahead {
                // SAFETY: passed on.
                unsafe { wanted.fetch(memory, turn, piece, pieces) };
            }
            let range = chunks * piece / pieces..chunks * (piece + 1) / pieces;
            // SAFETY: passed on; the pieces cover all chunks once.
            unsafe {
                match &self.work {
                    Work::Plain(kernel) => kernel.run(memory, range, room.scratch, level),
                    Work::Packed(gemm, at) => {
                        gemm.run(memory, range, room.scratch, room.packed.add(*at));
                    }
                }
            }
        }
    }
}

impl Wanted {
    /// Asks for a piece.
    ///
    /// # Safety
    /// The window lies in a buffer.
    unsafe fn fetch<T: Element>(
        &self,
        memory: RawMemory<T>,
        turn: usize,
        piece: usize,
        pieces: usize,
    ) {
        let Wanted { window, offset, len, later, part, parts } = self;
        // SAFETY: every slot lies inside its window's place.
        let from = unsafe {
            let slot = slot(window, turn + later) * window.stride;
            memory.ptr(window.place).add(slot + offset).cast_const()
        };
        let all = Ahead { from, stride: *len, rows: 1, len: *len };
        all.fetch(part * pieces + piece, parts * pieces);
    }
}
