//! Where every value of a plan stands, from and until when.

use std::collections::HashMap;

use spusk_kernels::{LANES, Lent, Place, Space};

use super::{Entry, StateLayout, last_uses};
use crate::arena::{self, Block};
use crate::fuse;
use crate::loops::LoopPlan;
use crate::lower::{Unit, UnitKind};
use crate::ops::Lowering;
use crate::{Graph, Op, Value};

/// Decides where everything stands.
pub(super) struct Placing<'g> {
    pub(super) graph: &'g Graph,
    pub(super) layout: &'g StateLayout,
    pub(super) clusters: &'g fuse::Clusters,
    pub(super) units: &'g [Unit],
    pub(super) loops: &'g HashMap<Value, LoopPlan<'g>>,
    pub(super) reuse: bool,
    /// Names of inputs that the caller may lend.
    pub(super) may_lend: &'g [String],
    /// Elements of each that is placed so, padding included.
    pub(super) lent: Vec<usize>,
    pub(super) places: HashMap<Value, Place>,
    /// Of each scan: where the slots of its loop stand.
    pub(super) storages: HashMap<Value, Vec<usize>>,
    pub(super) temporaries: HashMap<Value, Place>,
    pub(super) inputs: Vec<Entry>,
    pub(super) constants: Vec<(Place, Vec<f64>)>,
}

impl<'g> Placing<'g> {
    /// Gives every value a place; returns the length of the work buffer.
    pub(super) fn run(&mut self, needed: &[Value], donated: &HashMap<Value, Value>) -> usize {
        let leaves = self.leaves(needed);
        let end = self.units.len();
        // What is alive from the first to the last step stands in front, in order.
        let mut fixed = 0;
        for leaf in leaves {
            let is_needed = needed.iter().any(|&value| fuse::root(self.graph, value) == leaf);
            self.leaf(leaf, is_needed, &mut fixed);
        }
        let last = self.last_uses(needed);
        let (mut blocks, block_of) = self.blocks(&last, donated, end);
        let storages = self.storage_blocks(&last, end, &mut blocks);
        let temporaries = self.temporary_blocks(end, &mut blocks);
        let (offsets, length) = arena::pack(&blocks);
        for (scan, blocks) in storages {
            let offsets: Vec<usize> = blocks.iter().map(|&block| fixed + offsets[block]).collect();
            for (storage, &offset) in self.loops[&scan].storages().iter().zip(&offsets) {
                for &(pick, first) in storage.picks.iter().filter(|_| storage.is_dense()) {
                    let len = self.graph.shape(pick).size();
                    self.places.insert(pick, storage.place(offset, first, len));
                }
            }
            self.storages.insert(scan, offsets);
        }
        for (value, block) in temporaries {
            let (offset, len) = (fixed + offsets[block], blocks[block].size);
            self.temporaries.insert(value, Place { space: Space::Work, offset, len });
        }
        for (value, block) in block_of {
            let len = self.graph.shape(value).size();
            let place = Place { space: Space::Work, offset: fixed + offsets[block], len };
            self.places.insert(value, place);
        }
        for unit in self.units {
            for &(pick, outer) in self.heirs(unit) {
                self.places.insert(pick, self.places[&outer]);
            }
        }
        for (new, state) in donated {
            let place = self.places.get(state).copied().or_else(|| self.state_place(*state));
            self.places.extend(place.map(|place| (*new, place)));
        }
        fixed + length
    }

    fn leaves(&self, needed: &[Value]) -> Vec<Value> {
        let mut leaves: Vec<Value> = (self.units.iter().flat_map(|unit| &unit.inputs).copied())
            .chain(needed.iter().map(|&value| fuse::root(self.graph, value)))
            .filter(|v| matches!(self.graph.node(*v).op.lower(), Lowering::Leaf))
            .collect();
        leaves.sort_unstable();
        leaves.dedup();
        leaves
    }

    fn state_place(&self, value: Value) -> Option<Place> {
        match &self.graph.node(value).op {
            Op::State(state) => self.layout.get(&state.name).map(|entry| entry.place),
            _ => None,
        }
    }

    fn leaf(&mut self, value: Value, is_needed: bool, fixed: &mut usize) {
        let node = self.graph.node(value);
        if let Some(place) = self.state_place(value) {
            self.places.insert(value, place);
            return;
        }
        let len = node.shape.size();
        // What is needed afterwards must still stand there when nobody lends it any more.
        let place = match self.lend(value).filter(|_| !is_needed) {
            Some(space) => {
                self.lent.push(len.next_multiple_of(LANES));
                Place { space, offset: 0, len }
            }
            None => {
                let place = Place { space: Space::Work, offset: *fixed, len };
                *fixed += len.next_multiple_of(LANES);
                place
            }
        };
        self.places.insert(value, place);
        match &node.op {
            Op::Input(input) => {
                let (name, shape) = (input.name.clone(), input.shape.clone());
                self.inputs.push(Entry { name, shape, place });
            }
            _ => self.constants.push((place, node.op.reference(&[], &node.shape).data)),
        }
    }

    /// The next space for an input, if the caller may lend it and there is one left.
    fn lend(&self, value: Value) -> Option<Space> {
        let Op::Input(input) = &self.graph.node(value).op else { return None };
        let wanted = self.may_lend.contains(&input.name) && self.lent.len() < Lent::<u8>::MOST;
        let number = u8::try_from(self.lent.len()).ok().filter(|_| wanted)?;
        Some(Space::Lent(number))
    }

    /// When the place of each value is read for the last time, by itself or by who inherits it.
    fn last_uses(&self, needed: &[Value]) -> HashMap<Value, usize> {
        let mut last = last_uses(self.graph, self.units, needed);
        for (time, unit) in self.units.iter().enumerate().rev() {
            for &(pick, outer) in self.heirs(unit) {
                let until = last.get(&pick).copied().unwrap_or(time);
                let last = last.entry(outer).or_insert(time);
                *last = until.max(*last);
            }
        }
        last
    }

    /// Outputs of a loop that stand where its sequences stood.
    fn heirs(&self, unit: &Unit) -> &'g [(Value, Value)] {
        match unit.kind {
            UnitKind::Loop(scan) => self.loops[&scan].heirs(),
            _ => &[],
        }
    }

    /// Outputs of a loop that are picked where its slots or its sequences stand.
    fn in_storages(&self, unit: &Unit) -> Vec<Value> {
        let UnitKind::Loop(scan) = unit.kind else { return Vec::new() };
        let dense = self.loops[&scan].storages().iter().filter(|storage| storage.is_dense());
        let picks = dense.flat_map(|storage| storage.picks.iter().map(|(pick, _)| *pick));
        picks.chain(self.heirs(unit).iter().map(|(pick, _)| *pick)).collect()
    }

    /// Blocks for the slots of every loop: they live as long as a pick that stands in them.
    fn storage_blocks(
        &self,
        last: &HashMap<Value, usize>,
        end: usize,
        blocks: &mut Vec<Block>,
    ) -> Vec<(Value, Vec<usize>)> {
        let mut of = Vec::new();
        for (time, unit) in self.units.iter().enumerate() {
            let UnitKind::Loop(scan) = unit.kind else { continue };
            let first = blocks.len();
            for storage in self.loops[&scan].storages() {
                let picks = storage.picks.iter().filter(|_| storage.is_dense());
                let until = picks.filter_map(|(pick, _)| last.get(pick)).copied().max();
                let (first, last) = match self.reuse {
                    true => (time, until.unwrap_or(time).max(time)),
                    false => (0, end),
                };
                blocks.push(Block { size: storage.len(), first, last });
            }
            of.push((scan, (first..blocks.len()).collect()));
        }
        of
    }

    /// Blocks with their life times, and the block of every value that has one: an output of a
    /// fused kernel takes over the block of an input that nobody needs afterwards.
    fn blocks(
        &self,
        last: &HashMap<Value, usize>,
        donated: &HashMap<Value, Value>,
        end: usize,
    ) -> (Vec<Block>, HashMap<Value, usize>) {
        let mut blocks: Vec<Block> = Vec::new();
        let mut block_of: HashMap<Value, usize> = HashMap::new();
        for (time, unit) in self.units.iter().enumerate() {
            let mut taken = Vec::new();
            let stored = self.in_storages(unit);
            let own = |output: &&Value| !donated.contains_key(*output) && !stored.contains(output);
            for &output in unit.outputs.iter().filter(own) {
                let size = self.graph.shape(output).size();
                let (first, until) = match self.reuse {
                    true => (time, last.get(&output).copied().unwrap_or(time)),
                    false => (0, end),
                };
                let may = unit.inputs_in_place(self.graph, self.clusters, output);
                let heir = may.into_iter().find(|input| {
                    self.reuse
                        && last[input] == time
                        && block_of.contains_key(input)
                        && !taken.contains(input)
                });
                let block = match heir {
                    Some(input) => {
                        taken.push(input);
                        block_of[&input]
                    }
                    None => {
                        blocks.push(Block { size, first, last: until });
                        blocks.len() - 1
                    }
                };
                blocks[block].last = blocks[block].last.max(until);
                block_of.insert(output, block);
            }
        }
        (blocks, block_of)
    }

    /// Adds blocks for what units need while they run; each with the value that its unit computes.
    fn temporary_blocks(&self, end: usize, blocks: &mut Vec<Block>) -> Vec<(Value, usize)> {
        let mut temporaries = Vec::new();
        for (time, unit) in self.units.iter().enumerate() {
            for (output, size) in unit.temporaries(self.graph) {
                let (first, last) = if self.reuse { (time, time) } else { (0, end) };
                blocks.push(Block { size, first, last });
                temporaries.push((output, blocks.len() - 1));
            }
        }
        temporaries
    }
}
