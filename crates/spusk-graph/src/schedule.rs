//! In which order units run, and which of them may write a new state over the old one.

use std::collections::HashMap;

use crate::fuse;
use crate::lower::{Unit, UnitKind};
use crate::{Graph, Value};

/// An order and the updates that happen in place.
pub(crate) struct Schedule {
    /// Units, first to last.
    pub(crate) units: Vec<Unit>,
    /// New value → the state whose place it is written to.
    pub(crate) donated: HashMap<Value, Value>,
}

/// Orders the units so that few values are alive at once, and new states replace old ones in place
/// where every reader of the old one can run before.
pub(crate) fn schedule(graph: &Graph, units: Vec<Unit>, updates: &[(Value, Value)]) -> Schedule {
    let mut edges = Edges::new(graph, &units);
    let mut donated: HashMap<Value, Value> = HashMap::new();
    for &(state, new) in updates {
        let new = fuse::root(graph, new);
        let Some(&writer) = edges.writer.get(&new) else { continue };
        let in_place = matches!(units[writer].kind, UnitKind::Fused(_))
            || units[writer].steps_from() == Some(state);
        if in_place
            && fuse::column_sum(graph, new).is_none()
            && !donated.contains_key(&new)
            && graph.shape(new).size() == graph.shape(state).size()
            && edges.run_before(&units, state, writer)
        {
            donated.insert(new, state);
        }
    }
    let order = order(graph, &units, &edges, &donated);
    let mut units: Vec<Option<Unit>> = units.into_iter().map(Some).collect();
    let take = |i: usize| units[i].take().expect("an order names every unit once");
    Schedule { units: order.into_iter().map(take).collect(), donated }
}

struct Edges {
    /// Unit that writes a value.
    writer: HashMap<Value, usize>,
    /// Units that must come after each unit.
    after: Vec<Vec<usize>>,
}

impl Edges {
    fn new(graph: &Graph, units: &[Unit]) -> Self {
        let _ = graph;
        let mut writer = HashMap::new();
        for (i, unit) in units.iter().enumerate() {
            writer.extend(unit.outputs.iter().map(|&output| (output, i)));
        }
        let mut after = vec![Vec::new(); units.len()];
        for (i, unit) in units.iter().enumerate() {
            for before in unit.inputs.iter().filter_map(|input| writer.get(input)) {
                after[*before].push(i);
            }
        }
        Edges { writer, after }
    }

    /// Makes every reader of a state run before the unit that will overwrite it, if that is
    /// possible.
    fn run_before(&mut self, units: &[Unit], state: Value, writer: usize) -> bool {
        let reads = |i: &usize| *i != writer && units[*i].inputs.contains(&state);
        let readers: Vec<usize> = (0..units.len()).filter(reads).collect();
        let reached = self.reachable(writer);
        if readers.iter().any(|&reader| reached[reader]) {
            return false;
        }
        for reader in readers {
            self.after[reader].push(writer);
        }
        true
    }

    fn reachable(&self, from: usize) -> Vec<bool> {
        let mut reached = vec![false; self.after.len()];
        let mut stack = self.after[from].clone();
        while let Some(unit) = stack.pop() {
            if !std::mem::replace(&mut reached[unit], true) {
                stack.extend(&self.after[unit]);
            }
        }
        reached
    }
}

/// A topological order that frees memory as early as it can: among the units that are ready, the
/// one that adds least to what is alive, the earliest of equals.
fn order(
    graph: &Graph,
    units: &[Unit],
    edges: &Edges,
    donated: &HashMap<Value, Value>,
) -> Vec<usize> {
    let mut waiting = vec![0; units.len()];
    for &next in edges.after.iter().flatten() {
        waiting[next] += 1;
    }
    let mut readers: HashMap<Value, usize> = HashMap::new();
    for input in units.iter().flat_map(|unit| &unit.inputs) {
        *readers.entry(*input).or_default() += 1;
    }
    let size = |value: &Value| graph.shape(*value).size() as isize;
    let mut ready: Vec<usize> = (0..units.len()).filter(|&i| waiting[i] == 0).collect();
    let mut order = Vec::with_capacity(units.len());
    while !ready.is_empty() {
        let growth = |i: usize| -> isize {
            let unit = &units[i];
            let made = unit.outputs.iter().filter(|output| !donated.contains_key(*output));
            let freed = unit
                .inputs
                .iter()
                .filter(|input| edges.writer.contains_key(*input) && readers[*input] == 1);
            made.map(size).sum::<isize>() - freed.map(size).sum::<isize>()
        };
        let best = (0..ready.len()).min_by_key(|&r| (growth(ready[r]), ready[r]));
        let next = ready.swap_remove(best.expect("`ready` is not empty"));
        for input in &units[next].inputs {
            *readers.entry(*input).or_default() -= 1;
        }
        for &after in &edges.after[next] {
            waiting[after] -= 1;
            if waiting[after] == 0 {
                ready.push(after);
            }
        }
        order.push(next);
    }
    order
}
