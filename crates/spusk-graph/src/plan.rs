//! From a graph to a program: what runs when, and where everything stands.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use spusk_kernels::{
    Buffer, ConvDirection, Copy, Element, GatherKind, Gemm, Instruction, LANES, Level, Place,
    Program, Space, Triangle,
};

use crate::arena::{self, Block};
use crate::emit::Emitter;
use crate::fuse::{self, Reading};
use crate::loops::{LoopPlan, Surroundings};
use crate::lower::{self, Unit, UnitKind};
use crate::ops::Lowering;
use crate::schedule::{self, Schedule};
use crate::strips;
use crate::{Graph, GraphError, Op, Shape, Value, Workspace, optimize, verify};

/// What a plan must compute.
#[derive(Debug, Clone, Default)]
pub struct PlanSpec {
    outputs: Vec<(String, Value)>,
    updates: Vec<(Value, Value)>,
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
    /// Bytes of the work buffer.
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
            true => strips::join(&graph, &clusters, units, &needed, &updates, options.turn_from),
            false => units,
        };
        let Schedule { units, donated } = schedule::schedule(&graph, units, &updates);
        let loops = loop_plans(&graph, &units, options);
        let mut placing = Placing {
            graph: &graph,
            layout,
            clusters: &clusters,
            units: &units,
            loops: &loops,
            reuse: options.reuse,
            places: HashMap::new(),
            storages: HashMap::new(),
            temporaries: HashMap::new(),
            inputs: Vec::new(),
            constants: Vec::new(),
        };
        let mut work_length = placing.run(&needed, &donated);
        let Placing { places, storages, temporaries, mut inputs, constants, .. } = placing;

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
        let program = Program::with_level(instructions, work_length, layout.length, options.level)
            .map_err(|error| GraphError {
                scope: "plan".into(),
                what: format!("{error} (a bug of the compiler; please report it)"),
            })?;
        Ok(Plan {
            program,
            inputs,
            outputs,
            constants,
            work_length,
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
            work_bytes: self.work_length * size_of::<T>(),
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
        let error = |what| Err(GraphError { scope: node.scope.to_string(), what });
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
        let error = |what| Err(GraphError { scope: node.scope.to_string(), what });
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
    options: PlanOptions,
) -> HashMap<Value, LoopPlan<'g>> {
    let plan = |unit: &Unit| {
        let UnitKind::Loop(value) = unit.kind else { return None };
        let Op::Scan(scan) = &graph.node(value).op else { return None };
        let PlanOptions { fuse, reuse, .. } = options;
        Some((value, LoopPlan::new(graph, value, scan, &unit.outputs, fuse, reuse)))
    };
    units.iter().filter_map(plan).collect()
}

struct Placing<'g> {
    graph: &'g Graph,
    layout: &'g StateLayout,
    clusters: &'g fuse::Clusters,
    units: &'g [Unit],
    loops: &'g HashMap<Value, LoopPlan<'g>>,
    reuse: bool,
    places: HashMap<Value, Place>,
    /// Of each scan: where the slots of its loop stand.
    storages: HashMap<Value, Vec<usize>>,
    temporaries: HashMap<Value, Place>,
    inputs: Vec<Entry>,
    constants: Vec<(Place, Vec<f64>)>,
}

impl Placing<'_> {
    /// Gives every value a place; returns the length of the work buffer.
    fn run(&mut self, needed: &[Value], donated: &HashMap<Value, Value>) -> usize {
        let leaves = self.leaves(needed);
        let end = self.units.len();
        // What is alive from the first to the last step stands in front, in order.
        let mut fixed = 0;
        for leaf in leaves {
            self.leaf(leaf, &mut fixed);
        }
        let last = self.last_uses(needed, end);
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

    fn leaf(&mut self, value: Value, fixed: &mut usize) {
        let node = self.graph.node(value);
        if let Some(place) = self.state_place(value) {
            self.places.insert(value, place);
            return;
        }
        let len = node.shape.size();
        let place = Place { space: Space::Work, offset: *fixed, len };
        *fixed += len.next_multiple_of(LANES);
        self.places.insert(value, place);
        match &node.op {
            Op::Input(input) => {
                let (name, shape) = (input.name.clone(), input.shape.clone());
                self.inputs.push(Entry { name, shape, place });
            }
            _ => self.constants.push((place, node.op.reference(&[], &node.shape).data)),
        }
    }

    /// When each value is read for the last time.
    fn last_uses(&self, needed: &[Value], end: usize) -> HashMap<Value, usize> {
        let mut last: HashMap<Value, usize> = HashMap::new();
        for (time, unit) in self.units.iter().enumerate() {
            last.extend(unit.inputs.iter().map(|&input| (input, time)));
        }
        last.extend(needed.iter().map(|&value| (fuse::root(self.graph, value), end)));
        last
    }

    /// Outputs of a loop that are picked where its slots stand.
    fn in_storages(&self, unit: &Unit) -> Vec<Value> {
        let UnitKind::Loop(scan) = unit.kind else { return Vec::new() };
        let dense = self.loops[&scan].storages().iter().filter(|storage| storage.is_dense());
        dense.flat_map(|storage| storage.picks.iter().map(|(pick, _)| *pick)).collect()
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
                let heir = self.in_place(unit, output).into_iter().find(|input| {
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

    /// Inputs whose place an output of a fused kernel may take: as large, and read element by
    /// element only.
    fn in_place(&self, unit: &Unit, output: Value) -> Vec<Value> {
        let UnitKind::Fused(c) = unit.kind else { return Vec::new() };
        if fuse::column_sum(self.graph, output).is_some() {
            return Vec::new();
        }
        let size = self.graph.shape(output).size();
        let same_everywhere = |input: Value| {
            self.clusters.all[c].nodes.iter().all(|&node| {
                self.graph.node(node).inputs.iter().all(|&i| {
                    let operand = fuse::operand(self.graph, i, &self.clusters.materialized);
                    operand.value != input || operand.reading == Reading::Same
                })
            })
        };
        let fits =
            |&&input: &&Value| self.graph.shape(input).size() == size && same_everywhere(input);
        unit.inputs.iter().filter(fits).copied().collect()
    }
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
        let nodes = match part.kind {
            UnitKind::Fused(c) => &clusters.all[c].nodes[..],
            _ => &part.outputs[..],
        };
        for &node in nodes {
            let scope = &*graph.node(node).scope;
            if !scope.is_empty() && !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    scopes.join(" + ")
}

fn describe(instruction: &Instruction) -> String {
    match instruction {
        Instruction::Gemm(gemm) => {
            let batch = if gemm.batch == 1 { String::new() } else { format!("{} × ", gemm.batch) };
            let part = match gemm.triangle {
                Triangle::None => "",
                Triangle::LeftLower => " left lower triangle",
                Triangle::LeftUpper => " left upper triangle",
                Triangle::Lower => " lower triangle",
            };
            let bias = match gemm {
                _ if gemm.bias.is_some() => " + bias",
                _ if gemm.accumulate => " + sum",
                _ => "",
            };
            format!("matmul {batch}{}×{}×{}{part}{bias}", gemm.m, gemm.k, gemm.n)
        }
        Instruction::Conv(conv) => {
            let ([h, w, c], [kh, kw], [ho, wo, d]) = (conv.input, conv.kernel, conv.output);
            let what = match conv.direction {
                ConvDirection::Output => "conv",
                ConvDirection::Input => "conv input gradient",
                ConvDirection::Weight => "conv weight gradient",
            };
            let bias = if conv.bias.is_some() { " + bias" } else { "" };
            format!("{what} {}×{h}×{w}×{c}, {kh}×{kw} → {ho}×{wo}×{d}{bias}", conv.batch)
        }
        Instruction::Fused(fused) => {
            let work = |op: &&spusk_kernels::FusedOp| {
                use spusk_kernels::FusedOp::{Constant, Load, Store};
                !matches!(op, Load(_) | Store(..) | Constant(_))
            };
            let count = fused.ops.iter().filter(work).count();
            format!("fused {count} ops over {}×{}", fused.rows, fused.columns)
        }
        Instruction::Reduce(reduce) => {
            let (outer, reduced, inner) = (reduce.outer, reduce.reduced, reduce.inner);
            format!("{:?} {outer}×[{reduced}]×{inner}", reduce.kind).to_lowercase()
        }
        Instruction::Copy(copy) => format!("copy {:?}", copy.shape),
        Instruction::Fill(fill) => format!("fill {}", fill.output.len),
        Instruction::Random(random) => format!("random {:?} {}", random.kind, random.output.len),
        Instruction::ArgMax(argmax) => format!("argmax {}×{}", argmax.rows, argmax.columns),
        Instruction::Loop(l) => {
            let body: Vec<String> = l.body.iter().map(describe).collect();
            let name = if l.apart { "strips" } else { "loop" };
            format!("{name} {} × ({})", l.turns, body.join(", "))
        }
        Instruction::Pool(pool) => {
            let kind = format!("{:?}", pool.kind).to_lowercase();
            let (height, width) = (pool.height, pool.width);
            let (rows, columns) = (height.count(), width.count());
            let count = format!("{}×{rows}×{columns}×{}", pool.batch, pool.channels);
            format!("{kind} pool {}×{} to {count}", height.kernel, width.kernel)
        }
        Instruction::Gather(g) => {
            let kind = if g.kind == GatherKind::Gather { "gather" } else { "scatter" };
            format!("{kind} {} rows of {}×{}", g.ids.len, g.rows, g.columns)
        }
        Instruction::Resample(r) => {
            format!("resample {}×[{} to {}]×{}", r.outer, r.size, r.bands.len(), r.inner)
        }
    }
}

/// Multiply-adds of one entry of the batch.
fn products(gemm: &Gemm) -> usize {
    let Gemm { m, n, k, .. } = *gemm;
    match gemm.triangle {
        Triangle::None => m * n * k,
        // The columns of the result are alike.
        Triangle::LeftLower | Triangle::LeftUpper => {
            n * (0..m).map(|i| gemm.triangle.range(i, 0, k).len()).sum::<usize>()
        }
        Triangle::Lower => k * (0..m).map(|i| n.min(i + 1)).sum::<usize>(),
    }
}

fn flops(instruction: &Instruction) -> u64 {
    use spusk_kernels::FusedOp as F;
    let count = match instruction {
        Instruction::Gemm(g) => 2 * g.batch * products(g),
        Instruction::Conv(c) => {
            let [ho, wo, d] = c.output;
            let sum = c.kernel[0] * c.kernel[1] * c.input[2] / c.groups;
            2 * c.batch * ho * wo * d * sum
        }
        Instruction::Fused(fused) => {
            let one = |op: &F| match op {
                F::Load(_) | F::Store(..) | F::Constant(_) | F::Spread(_) => 0,
                F::MulAdd(..) => 2,
                F::DivSqrt(..) => 3,
                _ => 1,
            };
            fused.ops.iter().map(one).sum::<usize>() * fused.rows * fused.columns
        }
        Instruction::Reduce(r) => r.outer * r.reduced * r.inner,
        Instruction::ArgMax(a) => a.rows * a.columns,
        Instruction::Pool(p) => {
            let windows = p.batch * p.height.count() * p.width.count() * p.channels;
            windows * p.height.kernel * p.width.kernel
        }
        Instruction::Resample(r) => {
            let weights: usize = r.bands.iter().map(|band| band.weights.len()).sum();
            2 * r.outer * weights * r.inner
        }
        Instruction::Gather(g) if g.kind == GatherKind::ScatterAdd => g.input.len,
        Instruction::Copy(_)
        | Instruction::Fill(_)
        | Instruction::Gather(_)
        | Instruction::Random(_) => 0,
        Instruction::Loop(l) => return l.turns as u64 * l.body.iter().map(flops).sum::<u64>(),
    };
    count as u64
}

/// Elements that must be read and written at least.
fn bytes(instruction: &Instruction) -> u64 {
    let elements = match instruction {
        Instruction::Gemm(g) => g.batch * (g.m * g.k + g.k * g.n + g.m * g.n),
        Instruction::Conv(c) => c.x.len + c.w.len + c.y.len,
        Instruction::Fused(fused) => {
            fused.inputs.iter().map(|(place, _)| place.len).sum::<usize>()
                + fused.outputs.iter().map(|(place, _)| place.len).sum::<usize>()
                + fused.sums.iter().map(|place| place.len).sum::<usize>()
        }
        Instruction::Reduce(r) => r.input.len + r.output.len,
        Instruction::Copy(c) => 2 * c.shape.iter().product::<usize>(),
        Instruction::Fill(f) => f.output.len,
        Instruction::Random(r) => r.output.len,
        Instruction::ArgMax(a) => a.input.len + a.output.len,
        Instruction::Loop(l) => loop_elements(l),
        Instruction::Pool(p) => p.input.len + p.other.map_or(0, |other| other.len) + p.output.len,
        // The rows, not the table.
        Instruction::Gather(g) => 2 * g.ids.len * g.columns + g.ids.len,
        Instruction::Resample(r) => r.input.len + r.output.len,
    };
    elements as u64
}

/// What windows sweep, and every other place of the buffers once: a turn leaves the rest in the cache.
fn loop_elements(l: &spusk_kernels::Loop) -> usize {
    let mut seen: Vec<Place> = Vec::new();
    let mut note = |place: Place| {
        let fixed = matches!(place.space, Space::Work | Space::State);
        if fixed && !seen.contains(&place) {
            seen.push(place);
        }
    };
    for window in &l.windows {
        note(window.place);
    }
    for instruction in &l.body {
        if let Instruction::Gemm(gemm) = instruction {
            note(gemm.b.place);
        }
    }
    seen.iter().map(|place| place.len).sum()
}
