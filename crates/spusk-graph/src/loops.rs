//! How a scan becomes a loop: where the values of its body stand, and the instructions around it.
//!
//! A value of the body that the next turn or somebody behind the loop needs stands in a *storage*, one
//! slot for every turn, through which a window moves; everything else lasts one turn in local memory.
//! A carry has one slot more than there are turns: a turn reads one slot and writes the next, so that
//! nothing is copied; if nobody wants its history, two slots take turns. A value that comes where a
//! sequence is read for the last time takes the sequence's place: the gates of an LSTM that of the inputs'
//! products, and their gradients theirs.

use std::collections::HashMap;

use spusk_kernels::{Copy, Fill, Instruction, LANES, Loop, Place, Space, Window};

use crate::arena::{self, Block};
use crate::emit::Emitter;
use crate::lower::{self, Lowered};
use crate::ops::Scan;
use crate::schedule;
use crate::{Graph, Op, PlanOptions, Value, fuse};

/// A scan's loop, but for where the surroundings place it.
pub(crate) struct LoopPlan<'g> {
    graph: &'g Graph,
    scan: &'g Scan,
    /// The scan's node.
    value: Value,
    lowered: Lowered,
    storages: Vec<Storage>,
    windows: Vec<Moving>,
    /// Where every value of the body stands.
    places: HashMap<Value, Place>,
    /// What instructions need while they run.
    temporaries: HashMap<Value, Place>,
    /// Constants of the body that stand in memory.
    fills: Vec<Value>,
    /// Elements that last one turn.
    local: usize,
    /// The storage of every carry, and whether its next value must be copied into it.
    carries: Vec<(usize, bool)>,
    /// Picks that stand where sequences of the surrounding graph stood, with these.
    heirs: Vec<(Value, Value)>,
}

/// Slots for the turns.
pub(crate) struct Storage {
    slots: usize,
    stride: usize,
    /// Elements of a value, without the padding of its slot.
    size: usize,
    /// Picks of the surrounding graph, and from which slot on they begin.
    pub(crate) picks: Vec<(Value, usize)>,
    /// The sequence of the surrounding graph that is copied into it.
    sequence: Option<Value>,
}

impl Storage {
    /// Elements of it all.
    pub(crate) fn len(&self) -> usize {
        self.slots * self.stride
    }

    /// Whether its slots touch, so that values over time are picked where they stand.
    pub(crate) fn is_dense(&self) -> bool {
        self.size == self.stride
    }

    /// Elements from a slot on, if the storage stands at an offset of the work buffer.
    pub(crate) fn place(&self, offset: usize, first: usize, len: usize) -> Place {
        Place { space: Space::Work, offset: offset + first * self.stride, len }
    }
}

/// A window, over a storage or over a sequence where it stands.
struct Moving {
    over: Over,
    start: usize,
}

/// Where a value that is wanted over time stands.
enum Found {
    Storage(usize),
    /// Where this value of the surrounding graph stood.
    Heir(Value),
}

enum Over {
    Storage(usize),
    Sequence(Value),
}

/// What the surroundings decide.
pub(crate) struct Surroundings<'a> {
    /// Where values of the surrounding graph stand.
    pub(crate) places: &'a HashMap<Value, Place>,
    /// Offset of each storage in the work buffer.
    pub(crate) storages: &'a [usize],
}

impl<'g> LoopPlan<'g> {
    /// Plans the loop of a scan, of which these picks are needed. It may overwrite what nobody else
    /// `needs` afterwards.
    pub(crate) fn new(
        graph: &'g Graph,
        value: Value,
        scan: &'g Scan,
        picks: &[Value],
        PlanOptions { fuse, reuse, .. }: PlanOptions,
        needs: impl Fn(Value) -> bool,
    ) -> Self {
        let picked: Vec<(Value, Value)> = picks
            .iter()
            .map(|&pick| (pick, fuse::root(&scan.body, body_value(graph, scan, pick))))
            .collect();
        let mut wanted = scan.carries.clone();
        wanted.extend(picked.iter().map(|(_, value)| *value));
        let Lowered { clusters, units } = lower::lower(&scan.body, &wanted, fuse);
        let units = schedule::schedule(&scan.body, units, &[]).units;
        let mut plan = LoopPlan {
            graph,
            scan,
            value,
            lowered: Lowered { clusters, units },
            storages: Vec::new(),
            windows: Vec::new(),
            places: HashMap::new(),
            temporaries: HashMap::new(),
            fills: Vec::new(),
            local: 0,
            carries: Vec::new(),
            heirs: Vec::new(),
        };
        plan.place_carries(&picked);
        let mut passed_on = plan.place_inputs();
        passed_on.retain(|&(_, outer)| reuse && !needs(outer));
        plan.place_picks(&picked, passed_on);
        plan.place_locals(reuse);
        plan
    }

    /// The slots, in the order of [`Surroundings::storages`].
    pub(crate) fn storages(&self) -> &[Storage] {
        &self.storages
    }

    /// Picks that stand where sequences of the surrounding graph stood, with these.
    pub(crate) fn heirs(&self) -> &[(Value, Value)] {
        &self.heirs
    }

    /// Whether nothing else that is picked stands where a pick stands, such as the same carry a slot apart.
    pub(crate) fn stands_alone(&self, pick: Value) -> bool {
        let dense = self.storages.iter().filter(|storage| storage.is_dense());
        let mut stored = dense.map(|storage| &storage.picks);
        let stored = stored.find(|picks| picks.iter().any(|&(other, _)| other == pick));
        let outer = self.heirs.iter().find(|&&(heir, _)| heir == pick).map(|&(_, outer)| outer);
        let heirs = self.heirs.iter().filter(|&&(_, other)| Some(other) == outer);
        stored.is_none_or(|picks| picks.len() == 1) && heirs.count() <= 1
    }

    fn storage(&mut self, slots: usize, size: usize) -> usize {
        let stride = size.next_multiple_of(LANES);
        self.storages.push(Storage { slots, stride, size, picks: Vec::new(), sequence: None });
        self.storages.len() - 1
    }

    /// A place that moves through a storage or a sequence.
    fn window(&mut self, over: Over, start: usize, len: usize) -> Place {
        let number = u16::try_from(self.windows.len());
        let number = number.expect("a body whose values have names has less than 2¹⁶ windows");
        self.windows.push(Moving { over, start });
        Place { space: Space::Window(number), offset: 0, len }
    }

    fn turns(&self) -> usize {
        self.scan.turns
    }

    fn is_computed(&self, value: Value) -> bool {
        self.lowered.units.iter().any(|unit| unit.outputs.contains(&value))
    }

    fn place_carries(&mut self, picked: &[(Value, Value)]) {
        for (i, &next) in self.scan.carries.iter().enumerate() {
            let incoming = self.scan.body.values().nth(i).expect("a carry is the body's input");
            let next = fuse::root(&self.scan.body, next);
            let size = self.scan.body.shape(incoming).size();
            let in_place = self.is_computed(next) && !self.places.contains_key(&next);
            // Turn t's value comes in through slot t and goes out through slot t + 1; backward, where t
            // falls, through slots t + 1 and t.
            let (in_slot, out_slot) = if self.scan.reverse { (1, 0) } else { (0, 1) };
            let picks: Vec<(Value, usize)> = picked
                .iter()
                .filter_map(|&(pick, value)| match value {
                    value if value == incoming => Some((pick, in_slot)),
                    value if value == next && in_place => Some((pick, out_slot)),
                    _ => None,
                })
                .collect();
            let slots = if picks.is_empty() { 2 } else { self.turns() + 1 };
            let storage = self.storage(slots, size);
            self.storages[storage].picks = picks;
            let last = if self.scan.reverse { slots - 1 } else { 0 };
            let after = if self.scan.reverse { slots - 2 } else { 1 };
            let place = self.window(Over::Storage(storage), last, size);
            self.places.insert(incoming, place);
            let place = self.window(Over::Storage(storage), after, size);
            if in_place {
                self.places.insert(next, place);
            }
            self.carries.push((storage, !in_place));
        }
    }

    /// Values that are wanted over time and are no carries; they may take the places of these inputs.
    fn place_picks(&mut self, picked: &[(Value, Value)], mut passed_on: Vec<(Value, Value)>) {
        let mut found: HashMap<Value, Found> = HashMap::new();
        for &(pick, value) in picked {
            match found.get(&value) {
                Some(&Found::Storage(storage)) => self.storages[storage].picks.push((pick, 0)),
                Some(&Found::Heir(outer)) => self.heirs.push((pick, outer)),
                None if self.places.contains_key(&value) => {}
                None => {
                    let may = passed_on.iter().position(|&(input, _)| self.inherits(value, input));
                    let kind = match may {
                        Some(position) => {
                            let (input, outer) = passed_on.swap_remove(position);
                            self.places.insert(value, self.places[&input]);
                            self.heirs.push((pick, outer));
                            Found::Heir(outer)
                        }
                        None => {
                            let size = self.scan.body.shape(value).size();
                            let storage = self.storage(self.turns(), size);
                            self.storages[storage].picks.push((pick, 0));
                            let start = self.first_turn();
                            let place = self.window(Over::Storage(storage), start, size);
                            self.places.insert(value, place);
                            Found::Storage(storage)
                        }
                    };
                    found.insert(value, kind);
                }
            }
        }
    }

    /// Whether a value may be written where an input stands: its kernel works in place, and no later one
    /// of the turn reads the input.
    fn inherits(&self, value: Value, input: Value) -> bool {
        let Lowered { clusters, units } = &self.lowered;
        let Some(time) = units.iter().position(|unit| unit.outputs.contains(&value)) else {
            return false;
        };
        let later = units[time + 1..].iter().any(|unit| unit.inputs.contains(&input));
        !later && units[time].inputs_in_place(&self.scan.body, clusters, value).contains(&input)
    }

    /// The index of the first turn over time.
    fn first_turn(&self) -> usize {
        if self.scan.reverse { self.turns() - 1 } else { 0 }
    }

    /// Places the sequences; returns those that are read where they stand and stand for one input alone,
    /// with what they are outside.
    fn place_inputs(&mut self) -> Vec<(Value, Value)> {
        let first = self.scan.carries.len();
        let inputs = &self.graph.node(self.value).inputs;
        let roots: Vec<Value> = inputs.iter().map(|&input| fuse::root(self.graph, input)).collect();
        let mut alone = Vec::new();
        for (i, &outer) in inputs.iter().enumerate().skip(first).take(self.scan.sequences) {
            let value = self.scan.body.values().nth(i).expect("an input is in the body");
            let size = self.scan.body.shape(value).size();
            let outer = fuse::root(self.graph, outer);
            let over = match size.is_multiple_of(LANES) {
                true => {
                    if roots.iter().filter(|&&root| root == outer).count() == 1 {
                        alone.push((value, outer));
                    }
                    Over::Sequence(outer)
                }
                false => {
                    let storage = self.storage(self.turns(), size);
                    self.storages[storage].sequence = Some(outer);
                    Over::Storage(storage)
                }
            };
            let start = self.first_turn();
            let place = self.window(over, start, size);
            self.places.insert(value, place);
        }
        alone
    }

    /// What lasts one turn: results that only this turn reads, and constants.
    fn place_locals(&mut self, reuse: bool) {
        let units = &self.lowered.units;
        let inputs = self.graph.node(self.value).inputs.len();
        let mut last: HashMap<Value, usize> = HashMap::new();
        for (time, unit) in units.iter().enumerate() {
            last.extend(unit.inputs.iter().map(|&input| (input, time)));
        }
        let end = units.len();
        last.extend(self.scan.carries.iter().map(|&v| (fuse::root(&self.scan.body, v), end)));
        let mut blocks = Vec::new();
        let mut of = Vec::new();
        let size = |value: Value| self.scan.body.shape(value).size();
        let mut block = |value: Value, size: usize, first: usize, until: usize| {
            let (first, last) = if reuse { (first, until) } else { (0, end) };
            blocks.push(Block { size, first, last });
            of.push(value);
        };
        let mut constants: Vec<Value> = last.keys().copied().collect();
        constants.retain(|value| {
            value.index() >= inputs && matches!(self.scan.body.node(*value).op, Op::Constant(_))
        });
        constants.sort_unstable();
        for &value in &constants {
            block(value, size(value), 0, end);
        }
        for (time, unit) in units.iter().enumerate() {
            for &output in unit.outputs.iter().filter(|output| !self.places.contains_key(output)) {
                let until = last.get(&output).copied().unwrap_or(time);
                block(output, size(output), time, until);
            }
        }
        let values = of.len();
        for (time, unit) in units.iter().enumerate() {
            for (value, size) in unit.temporaries(&self.scan.body) {
                blocks.push(Block { size, first: time, last: time });
                of.push(value);
            }
        }
        let (offsets, length) = arena::pack(&blocks);
        for (i, (value, offset)) in of.into_iter().zip(offsets).enumerate() {
            if i >= values {
                let place = Place { space: Space::Local, offset, len: blocks[i].size };
                self.temporaries.insert(value, place);
                continue;
            }
            let len = self.scan.body.shape(value).size();
            self.places.insert(value, Place { space: Space::Local, offset, len });
        }
        self.local = length;
        self.fills = constants;
    }

    /// The instructions: first slots and padded sequences, the loop, picks out of padded slots.
    pub(crate) fn emit(&self, around: &Surroundings<'_>) -> Vec<Instruction> {
        let mut list = Vec::new();
        for (i, &(storage, _)) in self.carries.iter().enumerate() {
            list.push(self.first_value(i, self.slot(storage, self.start_of(i), around), around));
        }
        for (i, storage) in self.storages.iter().enumerate() {
            if let Some(sequence) = storage.sequence {
                let from = (around.places[&sequence], storage.size);
                list.push(spaced(storage, from, (self.whole(i, around), storage.stride)));
            }
        }
        list.push(Instruction::Loop(self.turn(around)));
        for (i, storage) in self.storages.iter().enumerate().filter(|(_, s)| !s.is_dense()) {
            for &(pick, first) in &storage.picks {
                let (all, to) = (self.whole(i, around), around.places[&pick]);
                let offset = all.offset + first * storage.stride;
                let from = Place { offset, len: all.len - first * storage.stride, ..all };
                list.push(spaced(storage, (from, storage.stride), (to, storage.size)));
            }
        }
        list
    }

    fn start_of(&self, carry: usize) -> usize {
        // Carries have the first windows, two each: in and out.
        self.windows[2 * carry].start
    }

    fn whole(&self, storage: usize, around: &Surroundings<'_>) -> Place {
        let len = self.storages[storage].len();
        Place { space: Space::Work, offset: around.storages[storage], len }
    }

    fn slot(&self, storage: usize, slot: usize, around: &Surroundings<'_>) -> Place {
        let size = self.storages[storage].size;
        self.storages[storage].place(around.storages[storage], slot, size)
    }

    /// Gives a carry its first value.
    fn first_value(&self, carry: usize, to: Place, around: &Surroundings<'_>) -> Instruction {
        let outer = fuse::root(self.graph, self.graph.node(self.value).inputs[carry]);
        match &self.graph.node(outer).op {
            Op::Constant(constant) => Instruction::Fill(Fill { value: constant.value, output: to }),
            _ => Instruction::Copy(flat(around.places[&outer], to)),
        }
    }

    fn turn(&self, around: &Surroundings<'_>) -> Loop {
        let mut places = self.places.clone();
        let scan_inputs = &self.graph.node(self.value).inputs;
        let staying = self.scan.carries.len() + self.scan.sequences;
        for (value, &outer) in self.scan.body.values().zip(scan_inputs).skip(staying) {
            let outer = fuse::root(self.graph, outer);
            places.extend(around.places.get(&outer).map(|&place| (value, place)));
        }
        let emitter = Emitter {
            graph: &self.scan.body,
            clusters: &self.lowered.clusters,
            places: &places,
            temporaries: &self.temporaries,
        };
        let mut body: Vec<Instruction> = (self.fills.iter())
            .filter_map(|value| match &self.scan.body.node(*value).op {
                Op::Constant(constant) => {
                    Some(Instruction::Fill(Fill { value: constant.value, output: places[value] }))
                }
                _ => None,
            })
            .collect();
        body.extend(self.lowered.units.iter().flat_map(|unit| emitter.unit(unit)));
        let copied = self.carries.iter().enumerate().filter(|(_, (_, copied))| *copied);
        for (i, _) in copied {
            let next = fuse::root(&self.scan.body, self.scan.carries[i]);
            let len = self.scan.body.shape(next).size();
            let to = Place { space: Space::Window(2 * i as u16 + 1), offset: 0, len };
            body.push(Instruction::Copy(flat(places[&next], to)));
        }
        let windows = self.windows.iter().map(|moving| {
            let (place, stride) = match moving.over {
                Over::Storage(storage) => {
                    (self.whole(storage, around), self.storages[storage].stride)
                }
                Over::Sequence(outer) => {
                    let place = around.places[&outer];
                    (place, place.len / self.turns())
                }
            };
            Window { place, stride, start: moving.start, backward: self.scan.reverse }
        });
        Loop {
            turns: self.turns(),
            windows: windows.collect(),
            local: self.local,
            rows: self.rows(),
            apart: false,
            body,
        }
    }

    /// The leading axis of what goes from turn to turn.
    fn rows(&self) -> usize {
        self.scan.body.nodes().first().and_then(|node| node.shape.first().copied()).unwrap_or(1)
    }
}

/// The value of the body that a pick takes.
pub(crate) fn body_value(graph: &Graph, scan: &Scan, pick: Value) -> Value {
    let node = graph.node(pick);
    let picked = match &node.op {
        Op::Pick(op) => scan.picked(op.start, node.shape.size()),
        _ => None,
    };
    picked.expect("the scans pass leaves picks of whole values only")
}

fn flat(input: Place, output: Place) -> Copy {
    Copy {
        shape: vec![output.len],
        input,
        in_offset: 0,
        in_strides: vec![1],
        output,
        out_offset: 0,
        out_strides: vec![1],
    }
}

/// Slots of one spacing copied to slots of another.
fn spaced(storage: &Storage, from: (Place, usize), to: (Place, usize)) -> Instruction {
    let turns = (from.0.len / from.1).min(to.0.len / to.1);
    Instruction::Copy(Copy {
        shape: vec![turns, storage.size],
        input: from.0,
        in_offset: 0,
        in_strides: vec![from.1, 1],
        output: to.0,
        out_offset: 0,
        out_strides: vec![to.1, 1],
    })
}
