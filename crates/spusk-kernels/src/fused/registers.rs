//! Places for the registers of a tile program.

use super::lower::{Base, Draft, Kind, Shape, Size, Slot, Virtual};

/// The final table of addresses.
pub(super) struct Assigned {
    /// Those with `per_row` above 0 first.
    pub(super) slots: Vec<Slot>,
    /// Position in `slots` of every virtual slot that is used.
    pub(super) slot_of: Vec<u16>,
    /// Elements of scratch memory that the registers take.
    pub(super) scratch: usize,
}

/// Gives every virtual slot its final one. Registers that are written in the prologue or once a row
/// keep their place; those of the tile share places when their lives do not meet.
pub(super) fn assign(virtuals: &[Virtual], lists: [&Vec<Draft>; 4], shape: &Shape) -> Assigned {
    let mut assigner = Assigner {
        virtuals,
        shape,
        slots: Vec::new(),
        slot_of: vec![None; virtuals.len()],
        free: Vec::new(),
        scratch: 0,
    };
    let [prologue, each_row, each_tile, each_shard] = lists;
    for draft in prologue.iter().chain(each_row) {
        assigner.define_all(&draft.results, false);
    }
    let kept: Vec<bool> = assigner.slot_of.iter().map(Option::is_some).collect();
    let mut last_use = vec![0; virtuals.len()];
    for (position, draft) in each_tile.iter().enumerate() {
        for slot in used(draft) {
            last_use[slot] = position;
        }
    }
    for (position, draft) in each_tile.iter().enumerate() {
        let mut dying: Vec<usize> =
            used(draft).filter(|&slot| last_use[slot] == position && !kept[slot]).collect();
        dying.sort_unstable();
        dying.dedup();
        // An element-wise operation may write where it reads.
        let in_place = matches!(draft.kind, Kind::Apply(_));
        if in_place {
            assigner.release(&dying);
        }
        assigner.define_all(&draft.results, true);
        if !in_place {
            assigner.release(&dying);
        }
    }
    for draft in each_shard {
        assigner.define_all(&draft.results, false);
    }
    for draft in prologue.iter().chain(each_row).chain(each_tile).chain(each_shard) {
        for slot in used(draft) {
            assigner.define(slot, false);
        }
    }
    assigner.finish()
}

fn used(draft: &Draft) -> impl Iterator<Item = usize> + '_ {
    draft.operands.iter().flatten().map(|&(slot, _)| slot)
}

struct Assigner<'a> {
    virtuals: &'a [Virtual],
    shape: &'a Shape,
    slots: Vec<Slot>,
    slot_of: Vec<Option<usize>>,
    /// Slots of registers that nobody uses now.
    free: Vec<(Size, usize)>,
    scratch: usize,
}

impl Assigner<'_> {
    fn define_all(&mut self, slots: &[usize], share: bool) {
        for &slot in slots {
            self.define(slot, share);
        }
    }

    /// Gives a virtual slot its place if it has none.
    fn define(&mut self, slot: usize, share: bool) {
        if self.slot_of[slot].is_some() {
            return;
        }
        let place = match self.virtuals[slot] {
            Virtual::Fixed(slot) => self.push(slot),
            Virtual::Register(size) => {
                // The one released last is the likeliest to be in the cache.
                match self.free.iter().rposition(|&(free, _)| share && free == size) {
                    Some(position) => self.free.remove(position).1,
                    None => {
                        let offset = self.scratch;
                        self.scratch += size.elements(self.shape);
                        let base = Base::Scratch;
                        self.push(Slot { base, offset, per_row: 0, per_column: 0, per_shard: 0 })
                    }
                }
            }
        };
        self.slot_of[slot] = Some(place);
    }

    fn push(&mut self, slot: Slot) -> usize {
        self.slots.push(slot);
        self.slots.len() - 1
    }

    fn release(&mut self, dying: &[usize]) {
        for &slot in dying {
            if let (Virtual::Register(size), Some(place)) =
                (self.virtuals[slot], self.slot_of[slot])
            {
                self.free.push((size, place));
            }
        }
    }

    fn finish(self) -> Assigned {
        let mut order: Vec<usize> = (0..self.slots.len()).collect();
        order.sort_by_key(|&slot| self.slots[slot].per_row == 0);
        let mut position = vec![0_u16; self.slots.len()];
        for (new, &old) in order.iter().enumerate() {
            position[old] = u16::try_from(new).expect("`check` limits the number of operations");
        }
        Assigned {
            slots: order.iter().map(|&old| self.slots[old]).collect(),
            slot_of: self.slot_of.iter().map(|slot| slot.map_or(0, |s| position[s])).collect(),
            scratch: self.scratch,
        }
    }
}
