//! Which units run strip by strip: on one part of the batch after the other, so that what one leaves is
//! still in the cache when the next one reads it, and no thread waits for another one in between.
//!
//! A strip's units treat the parts of the batch alike and each by itself: products of a batch of
//! matrices and the element-wise work between them, as in an attention. What only they read never
//! stands in memory as a whole: it lasts one turn. The results are the same bits.

use std::cell::RefCell;
use std::collections::HashMap;

use spusk_kernels::{Instruction, LANES, Loop, Place, Rows, Space, Window};

use crate::arena::{self, Block};
use crate::emit::Emitter;
use crate::fuse::{self, Clusters};
use crate::lower::{Unit, UnitKind};
use crate::{Graph, Op, Value};

/// Units that take turns on the parts of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Strip {
    /// In order.
    pub(crate) units: Vec<Unit>,
    /// Number of parts.
    pub(crate) turns: usize,
    /// How every value of a unit is read or written.
    ways: HashMap<Value, Way>,
}

/// What a turn touches of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Its part.
    Part,
    /// All of it.
    Whole,
}

/// Joins units that can run strip by strip, in turns of at least `turn_from` multiply-adds.
pub(crate) fn join(
    graph: &Graph,
    clusters: &Clusters,
    units: Vec<Unit>,
    wanted: &[Value],
    updates: &[(Value, Value)],
    turn_from: usize,
) -> Vec<Unit> {
    let Some(parts) = batch(graph) else { return units };
    let writes_state = |unit: &Unit| {
        updates.iter().any(|&(_, new)| unit.outputs.contains(&fuse::root(graph, new)))
    };
    let fakes = Fakes::new(graph);
    let ways: Vec<Option<HashMap<Value, Way>>> = (units.iter())
        .map(|unit| if writes_state(unit) { None } else { fakes.ways(clusters, unit, parts) })
        .collect();
    let mut joining = Joining::new(&units, &ways);
    for unit in 0..units.len() {
        joining.place(unit);
    }
    let strips = joining.strips;
    let turns = |strip: &Vec<usize>| turns(graph, &units, strip, parts, turn_from);
    let turns: Vec<usize> = strips.iter().map(turns).collect();
    let mut made: Vec<Option<Strip>> = turns
        .into_iter()
        .map(|turns| (turns > 1).then(|| Strip { units: Vec::new(), turns, ways: HashMap::new() }))
        .collect();
    // A strip stands where its last unit stood: behind all that it needs.
    let of = joining.of;
    let mut lasts: HashMap<usize, usize> = HashMap::new();
    lasts.extend(of.iter().enumerate().filter_map(|(unit, strip)| Some(((*strip)?, unit))));
    let needed = Needed::new(graph, &units, wanted);
    let mut out = Vec::with_capacity(units.len());
    for (i, (unit, ways)) in units.into_iter().zip(ways).enumerate() {
        let strip = of[i].and_then(|s| Some((s, made[s].as_mut()?)));
        let (Some((number, strip)), Some(ways)) = (strip, ways) else {
            out.push(unit);
            continue;
        };
        strip.units.push(unit);
        strip.ways.extend(ways);
        if lasts[&number] == i
            && let Some(strip) = made[number].take()
        {
            out.push(needed.unit(strip));
        }
    }
    sorted(out)
}

/// The parts into which everything may be cut: the leading axis of most inputs.
fn batch(graph: &Graph) -> Option<usize> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for node in graph.nodes() {
        let (Op::Input(_), Some(&size)) = (&node.op, node.shape.first()) else { continue };
        match counts.iter_mut().find(|(other, _)| *other == size) {
            Some((_, count)) => *count += 1,
            None => counts.push((size, 1)),
        }
    }
    // The first of those that are met most often.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count)?;
    (best.0 > 1).then_some(best.0)
}

/// Into how many turns a strip is cut: as many as are worth it; 1 if it is none.
fn turns(graph: &Graph, units: &[Unit], strip: &[usize], parts: usize, turn_from: usize) -> usize {
    if strip.len() < 2 {
        return 1;
    }
    let products = strip.iter().filter_map(|&unit| match &units[unit].kind {
        UnitKind::MatMul { terms, .. } => Some(terms),
        _ => None,
    });
    let work: usize = products
        .flatten()
        .map(|term| {
            let inner = graph.shape(graph.node(term.product).inputs[0]).last().copied();
            graph.shape(term.product).size() * inner.unwrap_or(1)
        })
        .sum();
    let worth = |turns: &usize| parts.is_multiple_of(*turns) && work / turns >= turn_from;
    (1..=parts).rev().find(worth).unwrap_or(1)
}

/// Places of no meaning, all apart, to ask which instructions can be cut.
struct Fakes<'g> {
    graph: &'g Graph,
    places: HashMap<Value, Place>,
    /// The value at every offset.
    at: HashMap<usize, Value>,
}

impl<'g> Fakes<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut fakes = Fakes { graph, places: HashMap::new(), at: HashMap::new() };
        let mut offset = 0;
        for value in graph.values() {
            let len = graph.shape(value).size();
            fakes.places.insert(value, Place { space: Space::Work, offset, len });
            fakes.at.insert(offset, value);
            offset += len.next_multiple_of(LANES).max(LANES);
        }
        fakes
    }

    /// How a unit touches its values, if it can run part by part.
    fn ways(&self, clusters: &Clusters, unit: &Unit, parts: usize) -> Option<HashMap<Value, Way>> {
        let fits = match &unit.kind {
            UnitKind::Fused(_) => true,
            // Products with one right operand for all rows share it best as a whole.
            UnitKind::MatMul { terms, .. } => terms.iter().all(|term| {
                let shape = self.graph.shape(term.product);
                shape.size() > shape.iter().rev().take(2).product()
            }),
            _ => false,
        };
        if !fits || !unit.temporaries(self.graph).is_empty() {
            return None;
        }
        let none = HashMap::new();
        let emitter =
            Emitter { graph: self.graph, clusters, places: &self.places, temporaries: &none };
        let ways: RefCell<HashMap<Value, Way>> = RefCell::default();
        let note = |place: &Place, way: Way| {
            let value = *self.at.get(&place.offset)?;
            let before = ways.borrow_mut().insert(value, way);
            before.is_none_or(|before| before == way).then_some(())
        };
        let cut = |place: &Place| {
            let each = place.len / parts;
            if !place.len.is_multiple_of(parts) || !each.is_multiple_of(LANES) {
                return None;
            }
            note(place, Way::Part)?;
            Some(Place { len: each, ..*place })
        };
        let whole = |place: &Place| {
            note(place, Way::Whole)?;
            Some(*place)
        };
        let rows = Rows { all: parts, taken: 1, cut: &cut, whole: &whole };
        for instruction in emitter.unit(unit) {
            rows.instruction(&instruction)?;
        }
        Some(ways.into_inner())
    }
}

/// Strips while they grow.
struct Joining<'a> {
    units: &'a [Unit],
    ways: &'a [Option<HashMap<Value, Way>>],
    /// Unit that writes a value.
    writer: HashMap<Value, usize>,
    /// Units that read each value.
    readers: HashMap<Value, Vec<usize>>,
    /// The strip of each unit.
    of: Vec<Option<usize>>,
    /// Units of each strip, in order.
    strips: Vec<Vec<usize>>,
}

impl<'a> Joining<'a> {
    fn new(units: &'a [Unit], ways: &'a [Option<HashMap<Value, Way>>]) -> Self {
        let (mut writer, mut readers) = (HashMap::new(), HashMap::<_, Vec<_>>::new());
        for (i, unit) in units.iter().enumerate() {
            writer.extend(unit.outputs.iter().map(|&output| (output, i)));
            for &input in &unit.inputs {
                readers.entry(input).or_default().push(i);
            }
        }
        Joining { units, ways, writer, readers, of: vec![None; units.len()], strips: Vec::new() }
    }

    /// Gives a unit to a strip that makes what it reads, else to one that reads the same, else to a new
    /// one. Element-wise work alone is no strip: it gains nothing.
    fn place(&mut self, unit: usize) {
        let Some(ways) = &self.ways[unit] else { return };
        let is_product = matches!(self.units[unit].kind, UnitKind::MatMul { .. });
        let parts: Vec<Value> = (self.units[unit].inputs.iter().copied())
            .filter(|input| ways.get(input) == Some(&Way::Part))
            .collect();
        let makers = parts.iter().filter_map(|input| self.writer.get(input)).copied();
        let others = parts.iter().filter_map(|input| self.readers.get(input)).flatten().copied();
        let others = others.filter(|&other| is_product && other < unit);
        let candidates: Vec<usize> =
            makers.chain(others).filter_map(|other| self.of[other]).collect();
        let found = candidates.into_iter().find(|&strip| self.may_join(unit, strip));
        let strip = match found {
            Some(strip) => strip,
            None if is_product => {
                self.strips.push(Vec::new());
                self.strips.len() - 1
            }
            None => return,
        };
        self.strips[strip].push(unit);
        self.of[unit] = Some(strip);
    }

    /// Whether the unit reads no whole value that the strip makes, reads everything as its other units do,
    /// and nothing lies between them.
    fn may_join(&self, unit: usize, strip: usize) -> bool {
        let Some(ways) = &self.ways[unit] else { return false };
        let made_here = |value: &Value| {
            self.writer.get(value).is_some_and(|&writer| self.of[writer] == Some(strip))
        };
        let whole = ways.iter().any(|(value, way)| *way == Way::Whole && made_here(value));
        let mut others = self.strips[strip].iter().filter_map(|&other| self.ways[other].as_ref());
        let agree = others.all(|other| {
            ways.iter().all(|(value, way)| other.get(value).is_none_or(|other| other == way))
        });
        !whole && agree && !self.leads_to(strip, unit)
    }

    /// Whether a way leads from the strip to the unit over units that are not in it.
    fn leads_to(&self, strip: usize, unit: usize) -> bool {
        let mut seen = vec![false; self.units.len()];
        let mut stack = self.strips[strip].clone();
        for &member in &stack {
            seen[member] = true;
        }
        while let Some(next) = stack.pop() {
            let inside = self.of[next] == Some(strip);
            let outputs = &self.units[next].outputs;
            for &reader in outputs.iter().filter_map(|output| self.readers.get(output)).flatten() {
                if reader == unit && !inside {
                    return true;
                }
                // Units of another strip run together: whoever leads to one leads to all.
                let together = match self.of[reader] {
                    Some(other) => &self.strips[other][..],
                    None => std::slice::from_ref(&reader),
                };
                for &reader in together {
                    if reader != unit && !std::mem::replace(&mut seen[reader], true) {
                        stack.push(reader);
                    }
                }
            }
        }
        false
    }
}

/// Who needs what.
struct Needed {
    /// How many units read each value; wanted values once more.
    readers: HashMap<Value, usize>,
}

impl Needed {
    fn new(graph: &Graph, units: &[Unit], wanted: &[Value]) -> Self {
        let mut readers = HashMap::new();
        let inputs = units.iter().flat_map(|unit| unit.inputs.iter().copied());
        for value in inputs.chain(wanted.iter().map(|&value| fuse::root(graph, value))) {
            *readers.entry(value).or_default() += 1;
        }
        Needed { readers }
    }

    /// A strip as a unit; what only its own units read is no output.
    fn unit(&self, strip: Strip) -> Unit {
        let mut inside: HashMap<Value, usize> = HashMap::new();
        for &input in strip.units.iter().flat_map(|unit| &unit.inputs) {
            *inside.entry(input).or_default() += 1;
        }
        let made: Vec<Value> =
            strip.units.iter().flat_map(|unit| unit.outputs.iter().copied()).collect();
        let mut inputs: Vec<Value> = Vec::new();
        for &input in strip.units.iter().flat_map(|unit| &unit.inputs) {
            if !made.contains(&input) && !inputs.contains(&input) {
                inputs.push(input);
            }
        }
        let mut outputs = made;
        outputs.retain(|output| self.readers.get(output) != inside.get(output));
        Unit { kind: UnitKind::Strip(strip), inputs, outputs }
    }
}

/// Every unit behind those that it needs, else in the order in which they are.
fn sorted(units: Vec<Unit>) -> Vec<Unit> {
    let mut writer = HashMap::new();
    for (i, unit) in units.iter().enumerate() {
        writer.extend(unit.outputs.iter().map(|&output| (output, i)));
    }
    let before = |i: usize| units[i].inputs.iter().filter_map(|input| writer.get(input)).copied();
    let mut order = Vec::with_capacity(units.len());
    let mut seen = vec![false; units.len()];
    for first in 0..units.len() {
        let mut stack = vec![(first, false)];
        while let Some((unit, entered)) = stack.pop() {
            if entered {
                order.push(unit);
            } else if !std::mem::replace(&mut seen[unit], true) {
                stack.push((unit, true));
                stack.extend(before(unit).map(|unit| (unit, false)));
            }
        }
    }
    let mut units: Vec<Option<Unit>> = units.into_iter().map(Some).collect();
    order.into_iter().filter_map(|unit| units[unit].take()).collect()
}

impl Strip {
    /// The loop, of which every turn is a part of the batch.
    pub(crate) fn emit(&self, emitter: &Emitter<'_>, unit: &Unit) -> Instruction {
        let mut places: HashMap<Value, Place> = HashMap::new();
        let mut windows = Vec::new();
        for &value in unit.inputs.iter().chain(&unit.outputs) {
            let place = emitter.places[&value];
            if self.ways.get(&value) != Some(&Way::Part) {
                places.insert(value, place);
                continue;
            }
            let number = u16::try_from(windows.len());
            let number = number.expect("a strip has less than 2¹⁶ values");
            let stride = place.len / self.turns;
            windows.push(Window { place, stride, start: 0, backward: false });
            places.insert(value, Place { space: Space::Window(number), offset: 0, ..place });
        }
        let local = self.place_locals(emitter.graph, &mut places);
        let cut = |place: &Place| Some(Place { len: place.len / self.turns, ..*place });
        let whole = |place: &Place| Some(*place);
        let rows = Rows { all: self.turns, taken: 1, cut: &cut, whole: &whole };
        let inner = Emitter { places: &places, ..*emitter };
        let body = self.units.iter().flat_map(|unit| inner.unit(unit));
        let body = body.map(|instruction| rows.instruction(&instruction));
        let body = body.collect::<Option<_>>();
        let body = body.expect("what can be cut into many parts can be cut into fewer");
        Instruction::Loop(Loop { turns: self.turns, windows, local, rows: 1, apart: true, body })
    }

    /// Places for what lasts one turn; returns its elements.
    fn place_locals(&self, graph: &Graph, places: &mut HashMap<Value, Place>) -> usize {
        let mut last: HashMap<Value, usize> = HashMap::new();
        for (time, unit) in self.units.iter().enumerate() {
            last.extend(unit.inputs.iter().map(|&input| (input, time)));
        }
        let (mut blocks, mut of) = (Vec::new(), Vec::new());
        for (time, unit) in self.units.iter().enumerate() {
            for &output in unit.outputs.iter().filter(|output| !places.contains_key(output)) {
                let size = graph.shape(output).size() / self.turns;
                blocks.push(Block {
                    size,
                    first: time,
                    last: last.get(&output).copied().unwrap_or(time),
                });
                of.push(output);
            }
        }
        let (offsets, length) = arena::pack(&blocks);
        for (value, offset) in of.into_iter().zip(offsets) {
            let len = graph.shape(value).size();
            places.insert(value, Place { space: Space::Local, offset, len });
        }
        length
    }
}
