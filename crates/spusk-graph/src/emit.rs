//! From units with places to instructions.

use std::collections::HashMap;

use spusk_kernels::{
    Access, Copy, Fused, FusedOp, Gemm, GradientStep, Instruction, Place, Reduce, ReduceKind,
    TileBinary, TileUnary, Triangle,
};

use crate::fuse::{self, Cluster, Clusters, Reading, Split};
use crate::lower::{Descent, Factor, Term, Unit, UnitKind};
use crate::ops::{Lowering, Placed};
use crate::{Graph, Op, Value};

/// Writes the instructions of units.
pub(crate) struct Emitter<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) clusters: &'g Clusters,
    /// Where every value in memory stands.
    pub(crate) places: &'g HashMap<Value, Place>,
    /// Memory that units need while they run, by the value that they compute.
    pub(crate) temporaries: &'g HashMap<Value, Place>,
}

impl Emitter<'_> {
    fn place(&self, value: Value) -> Place {
        *self.places.get(&value).expect("every value that a unit reads or writes has a place")
    }

    /// The instructions of one unit.
    pub(crate) fn unit(&self, unit: &Unit) -> Vec<Instruction> {
        match &unit.kind {
            UnitKind::Fused(c) => {
                let fused = self.fused(&self.clusters.all[*c], &unit.outputs);
                let sums = unit.outputs.iter().filter_map(|&output| self.shard_sum(output));
                std::iter::once(Instruction::Fused(fused)).chain(sums).collect()
            }
            UnitKind::MatMul { terms, output, bias, step } => {
                let product = |(i, term): (usize, &Term)| {
                    let bias = bias.filter(|_| i == 0);
                    let gemm = self.gemm(term, *output, bias, i > 0);
                    let step = step.map(|Descent { from, rate }| GradientStep {
                        from: self.place(from),
                        rate: self.place(rate),
                    });
                    Instruction::Gemm(Gemm { step, ..gemm })
                };
                terms.iter().enumerate().map(product).collect()
            }
            UnitKind::Conv { product, output, bias } => self.conv(*product, *output, *bias),
            UnitKind::Node(value) => self.node(*value),
            UnitKind::Strip(strip) => vec![strip.emit(self, unit)],
            UnitKind::Loop(_) => unreachable!("a loop's own plan writes its instructions"),
        }
    }

    fn node(&self, value: Value) -> Vec<Instruction> {
        let node = self.graph.node(value);
        let inputs: Vec<Value> =
            node.inputs.iter().map(|&input| fuse::root(self.graph, input)).collect();
        let shapes: Vec<_> = node.inputs.iter().map(|&input| self.graph.shape(input)).collect();
        let output = self.place(value);
        let copy = |in_strides: Vec<usize>| {
            vec![Instruction::Copy(Copy {
                shape: node.shape.to_vec(),
                input: self.place(inputs[0]),
                in_offset: 0,
                in_strides,
                output,
                out_offset: 0,
                out_strides: node.shape.strides(),
            })]
        };
        match node.op.lower() {
            Lowering::Transpose(order) => {
                let strides = shapes[0].strides();
                copy(order.iter().map(|&axis| strides[axis]).collect())
            }
            Lowering::Broadcast => copy(crate::ops::repeating_strides(shapes[0])),
            Lowering::Reduce(kind, axes) => {
                let (outer, reduced, inner) = fuse::split_reduction(shapes[0], axes)
                    .expect("the split pass leaves neighboring axes only");
                let input = self.place(inputs[0]);
                vec![Instruction::Reduce(Reduce { kind, outer, reduced, inner, input, output })]
            }
            Lowering::Kernel(emit) => {
                let inputs = inputs.iter().map(|&input| self.place(input)).collect();
                emit(&Placed { shapes, inputs, shape: &node.shape, output })
            }
            _ => unreachable!("leaves, views and members of clusters are no units"),
        }
    }

    fn conv(&self, product: Value, output: Value, bias: Option<Value>) -> Vec<Instruction> {
        let node = self.graph.node(product);
        let Lowering::Conv(convolution) = node.op.lower() else {
            unreachable!("a unit of this kind is made of a convolution")
        };
        let inputs = node.inputs.iter();
        let placed = Placed {
            shapes: inputs.clone().map(|&input| self.graph.shape(input)).collect(),
            inputs: inputs.map(|&input| self.place(fuse::root(self.graph, input))).collect(),
            shape: &node.shape,
            output: self.place(output),
        };
        let bias = bias.map(|bias| self.place(bias));
        convolution.instructions(&placed, bias, self.temporaries.get(&output).copied())
    }

    fn gemm(&self, term: &Term, output: Value, bias: Option<Value>, accumulate: bool) -> Gemm {
        let Term { product, a, b } = term;
        let node = self.graph.node(*product);
        let rank = node.shape.rank();
        let matrix = |factor: &Factor| {
            let place = self.place(factor.value);
            factor.matrix(place).expect("`lower` takes only what a product can read")
        };
        Gemm {
            batch: node.shape[..rank - 2].iter().product(),
            m: node.shape[rank - 2],
            n: node.shape[rank - 1],
            k: self.graph.shape(node.inputs[0])[rank - 1],
            a: matrix(a),
            b: matrix(b),
            c: self.place(output),
            bias: bias.map(|bias| self.place(bias)),
            accumulate,
            triangle: match node.op.lower() {
                Lowering::Triangle(triangle) => triangle,
                _ => Triangle::None,
            },
            step: None,
        }
    }

    /// Adds up the shards of a sum over rows, if there are several.
    fn shard_sum(&self, value: Value) -> Option<Instruction> {
        let (rows, columns) = fuse::column_sum(self.graph, value)?;
        let input = *self.temporaries.get(&value)?;
        Some(Instruction::Reduce(Reduce {
            kind: ReduceKind::Sum,
            outer: 1,
            reduced: Fused::shards(rows, columns),
            inner: columns,
            input,
            output: self.place(value),
        }))
    }

    fn fused(&self, cluster: &Cluster, stored: &[Value]) -> Fused {
        let (rows, columns) = match cluster.split {
            Split::Free(size) => (1, size),
            Split::Fixed(rows, columns) => (rows, columns),
        };
        let mut writer = FusedWriter {
            emitter: self,
            cluster,
            stored,
            fused: Fused {
                rows,
                columns,
                inputs: Vec::new(),
                outputs: Vec::new(),
                sums: Vec::new(),
                ops: Vec::new(),
            },
            registers: HashMap::new(),
            loads: HashMap::new(),
            constants: HashMap::new(),
            per_row: Vec::new(),
            readers: HashMap::new(),
        };
        writer.run();
        writer.fused
    }
}

struct FusedWriter<'e> {
    emitter: &'e Emitter<'e>,
    cluster: &'e Cluster,
    stored: &'e [Value],
    fused: Fused,
    registers: HashMap<Value, usize>,
    loads: HashMap<(Value, u8), usize>,
    constants: HashMap<u64, usize>,
    /// Of every operation: whether it is one element a row.
    per_row: Vec<bool>,
    /// How many operands of the cluster's nodes are each node.
    readers: HashMap<Value, usize>,
}

impl FusedWriter<'_> {
    fn run(&mut self) {
        let (graph, cluster) = (self.emitter.graph, self.cluster);
        for &input in cluster.nodes.iter().flat_map(|&node| &graph.node(node).inputs) {
            let read = self.operand(input).value;
            *self.readers.entry(read).or_default() += 1;
        }
        // Only what is stored is computed; the rest comes on demand, so that a product that a sum
        // absorbs is never written.
        let nodes = self.cluster.nodes.clone();
        for node in nodes {
            if !self.stored.contains(&node) {
                continue;
            }
            if fuse::column_sum(self.graph(), node).is_some() {
                self.column_sum(node);
            } else {
                let register = self.compute(node);
                self.store(node, register);
            }
        }
    }

    fn graph(&self) -> &Graph {
        self.emitter.graph
    }

    fn operand(&self, input: Value) -> fuse::Operand {
        fuse::operand(self.emitter.graph, input, &self.emitter.clusters.materialized)
    }

    fn is_full(&self, value: Value) -> bool {
        self.graph().shape(value).size() == self.fused.rows * self.fused.columns
    }

    fn push(&mut self, op: FusedOp, per_row: bool) -> usize {
        self.fused.ops.push(op);
        self.per_row.push(per_row);
        self.fused.ops.len() - 1
    }

    fn column_sum(&mut self, node: Value) {
        let x = self.argument(self.graph().node(node).inputs[0], true);
        let x = self.spread(x);
        let shards = self.emitter.temporaries.get(&node).copied();
        self.fused.sums.push(shards.unwrap_or_else(|| self.emitter.place(node)));
        let sum = self.fused.sums.len() - 1;
        self.push(FusedOp::ColumnSum(x, sum), true);
    }

    fn store(&mut self, node: Value, register: usize) {
        let full = self.is_full(node);
        let register = if full { self.spread(register) } else { register };
        self.fused.outputs.push((self.emitter.place(node), full));
        let output = self.fused.outputs.len() - 1;
        self.push(FusedOp::Store(register, output), full);
    }

    /// A register of rows × columns elements.
    fn spread(&mut self, register: usize) -> usize {
        if self.per_row[register] { self.push(FusedOp::Spread(register), false) } else { register }
    }

    /// Whether a node is computed for one reader of this cluster alone, so that the reader may
    /// absorb it.
    fn absorbable(&self, value: Value) -> bool {
        self.cluster.nodes.binary_search(&value).is_ok()
            && self.readers.get(&value) == Some(&1)
            && !self.stored.contains(&value)
            && !self.registers.contains_key(&value)
    }

    /// The operand of a node that this one may absorb, if its op is the wanted one.
    fn absorbed(&self, input: Value, lowering: impl Fn(Lowering<'_>) -> bool) -> Option<Value> {
        let operand = self.operand(input);
        let fits = operand.reading == Reading::Same
            && self.absorbable(operand.value)
            && lowering(self.graph().node(operand.value).op.lower());
        fits.then_some(operand.value)
    }

    fn compute(&mut self, value: Value) -> usize {
        if let Some(&register) = self.registers.get(&value) {
            return register;
        }
        let graph = self.emitter.graph;
        let node = graph.node(value);
        let full = self.is_full(value);
        let register = match node.op.lower() {
            Lowering::Reduce(kind, _) => {
                let x = self.argument(node.inputs[0], true);
                let x = self.spread(x);
                let op = match kind {
                    ReduceKind::Sum => FusedOp::RowSum(x),
                    ReduceKind::Max => FusedOp::RowMax(x),
                };
                self.push(op, true)
            }
            Lowering::Unary(f) => {
                let x = self.argument(node.inputs[0], full);
                self.push_elementwise(FusedOp::Unary(f, x), &[x])
            }
            Lowering::Relu => {
                let x = self.argument(node.inputs[0], full);
                let zero = self.constant(0.0);
                self.push_elementwise(FusedOp::Binary(TileBinary::Max, x, zero), &[x])
            }
            Lowering::Select => {
                let x = self.argument(node.inputs[0], full);
                let y = self.argument(node.inputs[1], full);
                let z = self.argument(node.inputs[2], full);
                self.push_elementwise(FusedOp::Select(x, y, z), &[x, y, z])
            }
            Lowering::Binary(f) => self.binary(value, f, full),
            _ => unreachable!("members of clusters are element-wise or row reductions"),
        };
        self.registers.insert(value, register);
        register
    }

    fn binary(&mut self, value: Value, f: TileBinary, full: bool) -> usize {
        let graph = self.emitter.graph;
        let inputs = &graph.node(value).inputs;
        let is_mul = |l: Lowering<'_>| matches!(l, Lowering::Binary(TileBinary::Mul));
        if f == TileBinary::Add {
            for (i, j) in [(0, 1), (1, 0)] {
                if let Some(product) = self.absorbed(inputs[i], is_mul) {
                    let factors = graph.node(product).inputs.clone();
                    let x = self.argument(factors[0], full);
                    let y = self.argument(factors[1], full);
                    let z = self.argument(inputs[j], full);
                    return self.push_elementwise(FusedOp::MulAdd(x, y, z), &[x, y, z]);
                }
            }
        }
        if f == TileBinary::Div
            && let Some((root, eps)) = self.root_plus_constant(inputs[1])
        {
            let x = self.argument(inputs[0], full);
            let y = self.argument(root, full);
            return self.push_elementwise(FusedOp::DivSqrt(x, y, eps), &[x, y]);
        }
        let x = self.argument(inputs[0], full);
        let y = self.argument(inputs[1], full);
        self.push_elementwise(FusedOp::Binary(f, x, y), &[x, y])
    }

    /// The y and ε of √y + ε.
    fn root_plus_constant(&self, input: Value) -> Option<(Value, f64)> {
        let graph = self.emitter.graph;
        let is_add = |l: Lowering<'_>| matches!(l, Lowering::Binary(TileBinary::Add));
        let is_sqrt = |l: Lowering<'_>| matches!(l, Lowering::Unary(TileUnary::Sqrt));
        let sum = self.absorbed(input, is_add)?;
        let terms = &graph.node(sum).inputs;
        [(0, 1), (1, 0)].into_iter().find_map(|(i, j)| {
            let root = self.absorbed(terms[i], is_sqrt)?;
            match graph.node(self.operand(terms[j]).value).op {
                Op::Constant(ref eps) if eps.value >= 0.0 => {
                    Some((graph.node(root).inputs[0], eps.value))
                }
                _ => None,
            }
        })
    }

    fn push_elementwise(&mut self, op: FusedOp, arguments: &[usize]) -> usize {
        let per_row = arguments.iter().all(|&i| self.per_row[i]);
        self.push(op, per_row)
    }

    /// The register of an operand of a full or per-row node.
    fn argument(&mut self, input: Value, full: bool) -> usize {
        let operand = self.operand(input);
        if let Op::Constant(constant) = &self.emitter.graph.node(operand.value).op {
            return self.constant(constant.value);
        }
        if self.cluster.nodes.binary_search(&operand.value).is_ok() {
            return self.compute(operand.value);
        }
        let access = match operand.reading {
            Reading::Same if full => Access::Full,
            Reading::Same | Reading::Column(_) => Access::Column,
            Reading::Row(_) => Access::Row,
            Reading::Scalar => Access::Scalar,
        };
        let key = (operand.value, access as u8);
        if let Some(&register) = self.loads.get(&key) {
            return register;
        }
        self.fused.inputs.push((self.emitter.place(operand.value), access));
        let load = FusedOp::Load(self.fused.inputs.len() - 1);
        let register = self.push(load, matches!(access, Access::Column | Access::Scalar));
        self.loads.insert(key, register);
        register
    }

    fn constant(&mut self, value: f64) -> usize {
        if let Some(&register) = self.constants.get(&value.to_bits()) {
            return register;
        }
        let register = self.push(FusedOp::Constant(value), true);
        self.constants.insert(value.to_bits(), register);
        register
    }
}
