//! From a graph to a program: what runs when, and where everything stands.

mod kernel;
mod placing;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use spusk_kernels::{
    Buffer, Copy, Element, Instruction, LANES, Lengths, Level, Place, Program, Space,
};

use self::kernel::{bytes, describe, flops};
use self::placing::Placing;
use crate::descent;
use crate::emit::Emitter;
use crate::fuse;
use crate::loops::{LoopPlan, Surroundings};
use crate::lower::{self, Unit, UnitKind};
use crate::schedule::{self, Schedule};
use crate::strips;
use crate::{Graph, GraphError, Op, Shape, Value, Workspace, optimize, verify};

/// What a plan must compute.
#[derive(Debug, Clone, Default)]
pub struct PlanSpec {
    outputs: Vec<(String, Value)>,
    updates: Vec<(Value, Value)>,
    lent: Vec<String>,
}

impl PlanSpec {
    /// A value to be read after a run.
    pub fn output(&mut self, name: &str, value: Value) {
        self.outputs.push((name.into(), value));
    }

    /// A state's value for the next run.
    pub fn update(&mut self, state: Value, new: Value) {
        self.updates.push((state, new));
    }

    /// An input that the caller may lend: [`Plan::run_lending`] reads it where it stands, with nothing
    /// copied; other runs read it in the workspace. Names that the graph does not have are ignored,
    /// as inputs that nothing depends on are.
    pub fn lend(&mut self, input: &str) {
        self.lent.push(input.into());
    }
}

/// How a plan is made. All ways give the same results: reuse and turns bit for bit, fusion up to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanOptions {
    /// For which instruction set.
    pub level: Level,
    /// Whether element-wise nodes run together.
    pub fuse: bool,
    /// Whether values that nobody needs any more give up their place.
    pub reuse: bool,
    /// Multiply-adds from which on a part of a batch is worth a turn of its own, in products of batches of
    /// matrices and what stands between them.
    pub turn_from: usize,
}

impl Default for PlanOptions {
    fn default() -> Self {
        // A few microseconds.
        PlanOptions { level: Level::detect(), fuse: true, reuse: true, turn_from: 100_000 }
    }
}

/// A named place with its sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique in its list.
    pub name: String,
    /// Sizes.
    pub shape: Shape,
    /// Where.
    pub place: Place,
}

/// Which states there are and where each stands. Plans that share a state share its layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateLayout {
    pub(crate) entries: Vec<Entry>,
    pub(crate) length: usize,
}

impl StateLayout {
    /// States one after the other, each at the start of a cache line.
    pub fn new<'a>(states: impl IntoIterator<Item = (&'a str, &'a [usize])>) -> StateLayout {
        let mut layout = StateLayout::default();
        for (name, shape) in states {
            let shape = Shape::from(shape);
            let place = Place { space: Space::State, offset: layout.length, len: shape.size() };
            layout.length += shape.size().next_multiple_of(LANES);
            layout.entries.push(Entry { name: name.into(), shape, place });
        }
        layout
    }

    /// All states in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The state of a name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// What one kernel of a plan is and does.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// The layers, losses or optimizers that it comes from.
    pub scope: String,
    /// For people: `matmul 128×784×512`.
    pub what: String,
    /// Floating-point operations: a multiply-add counts two, any other function one.
    pub flops: u64,
    /// Bytes that it must read and write at least.
    pub bytes: u64,
    /// Its instructions in the program.
    pub instructions: Range<usize>,
    /// Where it writes.
    pub writes: Vec<Place>,
}

/// What a plan costs, known before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Floating-point operations of a run.
    pub flops: u64,
    /// Bytes of the workspace. Those of inputs that are lent in every run are never used.
    pub work_bytes: usize,
    /// Bytes of the state.
    pub state_bytes: usize,
    /// Kernels of a run.
    pub kernels: usize,
}

/// A compiled graph: a list of kernel calls over two buffers.
pub struct Plan<T: Element> {
    pub(crate) program: Program<T>,
    pub(crate) inputs: Vec<Entry>,
    pub(crate) outputs: Vec<Entry>,
    pub(crate) constants: Vec<(Place, Vec<T>)>,
    pub(crate) work_length: usize,
    /// Elements of each input that may be lent, padding included.
    pub(crate) lent: Vec<usize>,
    layout: StateLayout,
    kernels: Vec<Kernel>,
}

impl<T: Element> Plan<T> {
    /// Compiles a graph with the usual options.
    ///
    /// # Errors
    /// If the graph breaks a rule of [`verify`], or a state is not in the layout with its shape.
    pub fn compile(
        graph: &Graph,
        spec: &PlanSpec,
        layout: &StateLayout,
    ) -> Result<Self, GraphError> {
        Self::compile_with(graph, spec, layout, PlanOptions::default())
    }

    /// Compiles a graph.
    ///
    /// # Errors
    /// As [`Plan::compile`], and if the processor lacks the instruction set.
    pub fn compile_with(
        graph: &Graph,
        spec: &PlanSpec,
        layout: &StateLayout,
        options: PlanOptions,
    ) -> Result<Self, GraphError> {
        verify(graph)?;
        let mut wanted: Vec<Value> = spec.outputs.iter().map(|(_, value)| *value).collect();
        wanted.extend(spec.updates.iter().flat_map(|&(state, new)| [state, new]));
        let graph = optimize(graph, &mut wanted);
        let (outputs, pairs) = wanted.split_at(spec.outputs.len());
        let updates: Vec<(Value, Value)> = pairs.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        check(&graph, &updates, layout)?;

        let needed: Vec<Value> =
            outputs.iter().copied().chain(updates.iter().map(|&(_, new)| new)).collect();
        let lower::Lowered { clusters, units } = lower::lower(&graph, &needed, options.fuse);
        let units = match options.fuse {
            true => {
                let units = descent::join(&graph, &clusters, units, &needed);
                strips::join(&graph, &clusters, units, &needed, &updates, options.turn_from)
            }
            false => units,
        };
        let Schedule { units, donated } = schedule::schedule(&graph, units, &updates);
        let loops = loop_plans(&graph, &units, &needed, &donated, options);
        let mut placing = Placing {
            graph: &graph,
            layout,
            clusters: &clusters,
            units: &units,
            loops: &loops,
            reuse: options.reuse,
            may_lend: &spec.lent,
            lent: Vec::new(),
            places: HashMap::new(),
            storages: HashMap::new(),
            temporaries: HashMap::new(),
            inputs: Vec::new(),
            constants: Vec::new(),
        };
        let mut work_length = placing.run(&needed, &donated);
        let Placing { places, storages, temporaries, mut inputs, constants, lent, .. } = placing;

        let emitter = Emitter {
            graph: &graph,
            clusters: &clusters,
            places: &places,
            temporaries: &temporaries,
        };
        let mut instructions = Vec::new();
        let mut kernels = Vec::new();
        for unit in &units {
            let start = instructions.len();
            match unit.kind {
                UnitKind::Loop(scan) => {
                    let around = Surroundings { places: &places, storages: &storages[&scan] };
                    instructions.extend(loops[&scan].emit(&around));
                }
                _ => instructions.extend(emitter.unit(unit)),
            }
            let made = &instructions[start..];
            kernels.push(Kernel {
                scope: scope(&graph, &clusters, unit),
                what: made.iter().map(describe).collect::<Vec<_>>().join(", "),
                flops: made.iter().map(flops).sum(),
                bytes: made.iter().map(|i| bytes(i) * size_of::<T>() as u64).sum(),
                instructions: start..instructions.len(),
                writes: unit.outputs.iter().map(|output| places[output]).collect(),
            });
        }
        let late = copied_updates(&graph, &updates, &donated, &places, layout, &mut work_length);
        if !late.is_empty() {
            let start = instructions.len();
            let writes = late.iter().map(|copy| copy.output).collect();
            instructions.extend(late.into_iter().map(Instruction::Copy));
            kernels.push(Kernel {
                scope: "updates".into(),
                what: "copies of new states".into(),
                flops: 0,
                bytes: 0,
                instructions: start..instructions.len(),
                writes,
            });
        }

        let output = |((name, _), value): (&(String, Value), &Value)| {
            let place = places[&fuse::root(&graph, *value)];
            Entry { name: name.clone(), shape: graph.shape(*value).clone(), place }
        };
        let outputs = spec.outputs.iter().zip(outputs).map(output).collect();
        inputs.sort_by(|a, b| a.name.cmp(&b.name));
        let constants = (constants.into_iter())
            .map(|(place, data)| (place, data.into_iter().map(T::from_f64).collect()))
            .collect();
        let lengths = Lengths { work: work_length, state: layout.length, lent: lent.clone() };
        let program =
            Program::with_level(instructions, lengths, options.level).map_err(|error| {
                GraphError::new(
                    "plan",
                    format!("{error} (a bug of the compiler; please report it)"),
                )
            })?;
        Ok(Plan {
            program,
            inputs,
            outputs,
            constants,
            work_length,
            lent,
            layout: layout.clone(),
            kernels,
        })
    }

    /// The arena for this plan's inputs, values and outputs.
    pub fn workspace(&self) -> Workspace<T> {
        Workspace::new(self)
    }

    /// Where the states stand.
    pub fn state_layout(&self) -> &StateLayout {
        &self.layout
    }

    /// The inputs that it needs, by name.
    pub fn inputs(&self) -> &[Entry] {
        &self.inputs
    }

    /// The outputs in the order of the spec.
    pub fn outputs(&self) -> &[Entry] {
        &self.outputs
    }

    /// The kernels in order.
    pub fn kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// What a run costs.
    pub fn cost(&self) -> Cost {
        Cost {
            flops: self.kernels.iter().map(|kernel| kernel.flops).sum(),
            work_bytes: (self.work_length + self.lent.iter().sum::<usize>()) * size_of::<T>(),
            state_bytes: self.layout.length * size_of::<T>(),
            kernels: self.kernels.len(),
        }
    }

    pub(crate) fn constants_into(&self, buffer: &mut Buffer<T>) {
        for (place, data) in &self.constants {
            buffer.at_mut(*place).copy_from_slice(data);
        }
    }
}

impl<T: Element> fmt::Debug for Plan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kernel in &self.kernels {
            writeln!(f, "{:40} {}", kernel.what, kernel.scope)?;
        }
        Ok(())
    }
}

/// What the layout and the values must be like.
fn check(
    graph: &Graph,
    updates: &[(Value, Value)],
    layout: &StateLayout,
) -> Result<(), GraphError> {
    for value in graph.values() {
        let node = graph.node(value);
        let error = |what| Err(GraphError::new(node.scope.to_string(), what));
        if node.shape.size() == 0 {
            return error(format!("{} has shape {}, no elements", node.op.name(), node.shape));
        }
        let Op::State(state) = &node.op else { continue };
        match layout.get(&state.name) {
            None => return error(format!("state `{}` is not in the layout", state.name)),
            Some(entry) if entry.shape != state.shape => {
                let (name, got, want) = (&state.name, &state.shape, &entry.shape);
                return error(format!("state `{name}` has shape {got}, {want} in the layout"));
            }
            Some(_) => {}
        }
    }
    for &(state, new) in updates {
        let node = graph.node(state);
        let error = |what| Err(GraphError::new(node.scope.to_string(), what));
        if !matches!(node.op, Op::State(_)) {
            return error(format!("{} is updated, but it is no state", node.op.name()));
        }
        if node.shape.size() != graph.shape(new).size() {
            let (old, new) = (&node.shape, graph.shape(new));
            return error(format!("a state of shape {old} is updated by a value of shape {new}"));
        }
        if updates.iter().filter(|(other, _)| *other == state).count() > 1 {
            return error("a state is updated twice".into());
        }
    }
    Ok(())
}

/// The plans of all loops, by their scans.
fn loop_plans<'g>(
    graph: &'g Graph,
    units: &[Unit],
    needed: &[Value],
    donated: &HashMap<Value, Value>,
    options: PlanOptions,
) -> HashMap<Value, LoopPlan<'g>> {
    let last = last_uses(graph, units, needed);
    let mut loops: HashMap<Value, LoopPlan<'g>> = HashMap::new();
    for (time, unit) in units.iter().enumerate() {
        let UnitKind::Loop(value) = unit.kind else { continue };
        let Op::Scan(scan) = &graph.node(value).op else { continue };
        let computed = |outer| units[..time].iter().any(|unit| unit.outputs.contains(&outer));
        let needs = |outer: Value| {
            let is_read = last.get(&outer) > Some(&time) || donated.contains_key(&outer);
            is_read || !computed(outer) || !loops.values().all(|plan| plan.stands_alone(outer))
        };
        let plan = LoopPlan::new(graph, value, scan, &unit.outputs, options, needs);
        loops.insert(value, plan);
    }
    loops
}

/// When each value is read for the last time; those needed afterwards, when all units are done.
fn last_uses(graph: &Graph, units: &[Unit], needed: &[Value]) -> HashMap<Value, usize> {
    let mut last: HashMap<Value, usize> = HashMap::new();
    for (time, unit) in units.iter().enumerate() {
        last.extend(unit.inputs.iter().map(|&input| (input, time)));
    }
    last.extend(needed.iter().map(|&value| (fuse::root(graph, value), units.len())));
    last
}

/// Copies for updates that could not happen in place. Values that stand in the state themselves are
/// saved first, since another copy may overwrite them.
fn copied_updates(
    graph: &Graph,
    updates: &[(Value, Value)],
    donated: &HashMap<Value, Value>,
    places: &HashMap<Value, Place>,
    layout: &StateLayout,
    work_length: &mut usize,
) -> Vec<Copy> {
    let copy = |input: Place, output: Place| Copy {
        shape: vec![input.len],
        input,
        in_offset: 0,
        in_strides: vec![1],
        output,
        out_offset: 0,
        out_strides: vec![1],
    };
    let (mut saves, mut writes) = (Vec::new(), Vec::new());
    for &(state, new) in updates {
        let new = fuse::root(graph, new);
        let Op::State(op) = &graph.node(state).op else { continue };
        let Some(entry) = layout.get(&op.name) else { continue };
        if donated.get(&new) == Some(&state) || new == state {
            continue;
        }
        let mut source = places[&new];
        if source.space == Space::State {
            let saved = Place { space: Space::Work, offset: *work_length, len: source.len };
            *work_length += source.len.next_multiple_of(LANES);
            saves.push(copy(source, saved));
            source = saved;
        }
        writes.push(copy(source, entry.place));
    }
    saves.extend(writes);
    saves
}

/// The scopes of a unit's nodes, each once.
fn scope(graph: &Graph, clusters: &fuse::Clusters, unit: &Unit) -> String {
    let parts = match &unit.kind {
        UnitKind::Strip(strip) => &strip.units[..],
        _ => std::slice::from_ref(unit),
    };
    let mut scopes: Vec<&str> = Vec::new();
    for part in parts {
        let gradient = match &part.kind {
            UnitKind::MatMul { terms, step: Some(_), .. } => Some(terms[0].product),
            _ => None,
        };
        let nodes = match part.kind {
            UnitKind::Fused(c) => &clusters.all[c].nodes[..],
            _ => &part.outputs[..],
        };
        for &node in gradient.iter().chain(nodes) {
            let scope = &*graph.node(node).scope;
            if !scope.is_empty() && !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    scopes.join(" + ")
}
