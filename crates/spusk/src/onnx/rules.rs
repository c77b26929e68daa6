//! The operators of ONNX for each op.

use std::sync::Arc;

use spusk_graph::ops::{self, Pooling, Resample, Rules};
use spusk_graph::{Array, Geometry, GraphError, Op, Shape, Triangle, Value};

use super::extent::Extent;
use super::lower::{Lowerer, Operand, Source, Writer, changes, extents, folded, unsupported};
use super::parts::{Attribute, Block, Element, Port};

/// Images have channels last in the graph, first in ONNX.
const CHANNELS_FIRST: [usize; 4] = [0, 3, 1, 2];
const CHANNELS_LAST: [usize; 4] = [0, 2, 3, 1];
/// `[Kh, Kw, in, out]` as `[out, in, Kh, Kw]`.
const WEIGHTS_FIRST: [usize; 4] = [3, 2, 0, 1];

/// Writes one value.
pub(super) fn lower(
    graph: &mut Lowerer<'_>,
    writer: &mut Writer<'_, '_>,
    block: &mut Block,
    value: Value,
) -> Result<Operand, GraphError> {
    let mut at = At { graph, writer, block, value };
    let nodes = at.graph.nodes(value);
    match [&nodes[0].op, &nodes[1].op] {
        [Op::Input(input), _] => at.input(&input.name),
        [Op::State(state), _] => at.state(&state.name),
        [Op::Constant(a), Op::Constant(b)] => at.constant(a.value, b.value),
        [Op::Literal(a), Op::Literal(b)] => at.literal(&a.array, &b.array),
        [Op::Broadcast(_), _] => at.graph.operand(nodes[0].inputs[0]),
        [Op::StopGradient(_), _] => at.graph.operand(nodes[0].inputs[0]),
        [Op::Reshape(_), _] => at.reshape(),
        [Op::Transpose(transpose), _] => at.transpose(transpose),
        [Op::Slice(a), Op::Slice(b)] => at.slice(a, b),
        [Op::Concat(concat), _] => at.concat(concat.axis),
        [Op::Pad(a), Op::Pad(b)] => at.pad(a, b),
        [Op::MatMul(_), _] => at.matmul(Triangle::None),
        [Op::MatMulTriangle(product), _] => at.matmul(product.triangle),
        [Op::Sum(sum), _] => {
            let axes =
                at.writer.ints(&sum.axes.iter().map(|&axis| axis as i64).collect::<Vec<_>>());
            at.reduce("ReduceSum", &sum.axes, Some(axes), Vec::new())
        }
        [Op::ReduceMax(max), _] => {
            let axes = Attribute::Ints(max.axes.iter().map(|&axis| axis as i64).collect());
            at.reduce("ReduceMax", &max.axes, None, vec![("axes", axes)])
        }
        [Op::Conv(conv), _] => at.conv(&conv.geometry),
        [Op::ConvInput(conv), _] => at.conv_input(&conv.geometry, conv.size),
        [Op::MaxPool(pool), _] => at.max_pool(pool.pooling),
        [Op::Resample(resample), _] => at.resample(resample),
        [Op::Gather(_), _] => at.gather(),
        [Op::ArgMax(_), _] => at.argmax(),
        [
            Op::Abs(_)
            | Op::Add(_)
            | Op::Cos(_)
            | Op::Div(_)
            | Op::Equal(_)
            | Op::Erf(_)
            | Op::Exp(_)
            | Op::Expm1(_)
            | Op::Floor(_)
            | Op::Greater(_)
            | Op::Log(_)
            | Op::Log1p(_)
            | Op::Max(_)
            | Op::Min(_)
            | Op::Mul(_)
            | Op::Neg(_)
            | Op::Pow(_)
            | Op::Reciprocal(_)
            | Op::Relu(_)
            | Op::Select(_)
            | Op::Sigmoid(_)
            | Op::Sign(_)
            | Op::Sin(_)
            | Op::Sqrt(_)
            | Op::Step(_)
            | Op::Sub(_)
            | Op::Tanh(_),
            _,
        ] => at.element_wise(),
        _ => Err(unsupported(nodes[0])),
    }
}

/// The value that is being written.
struct At<'a, 'g, 'w, 'v> {
    graph: &'a mut Lowerer<'g>,
    writer: &'a mut Writer<'w, 'v>,
    block: &'a mut Block,
    value: Value,
}

impl<'g> At<'_, 'g, '_, '_> {
    fn shapes(&self) -> [Shape; 2] {
        self.graph.nodes(self.value).map(|node| node.shape.clone())
    }

    fn inputs(&self) -> &'g [Value] {
        &self.graph.nodes(self.value)[0].inputs
    }

    fn operands(&self) -> Result<Vec<Operand>, GraphError> {
        self.inputs().iter().map(|&input| self.graph.operand(input)).collect()
    }

    /// The name of a whole input.
    fn full(&mut self, i: usize) -> Result<String, GraphError> {
        let input = self.inputs()[i];
        self.graph.full(self.writer, self.block, input)
    }

    fn add(
        &mut self,
        op: &'static str,
        inputs: Vec<String>,
        attributes: Vec<(&'static str, Attribute)>,
    ) -> String {
        let scope = &self.graph.nodes(self.value)[0].scope;
        self.writer.add(self.block, op, scope, inputs, attributes)
    }

    fn cast(&mut self, input: String, to: Element) -> String {
        let scope = &self.graph.nodes(self.value)[0].scope;
        self.writer.cast(self.block, scope, input, to)
    }

    /// A whole value under a name.
    fn named(&self, name: String) -> Operand {
        Operand { source: Source::Named(name), shapes: self.shapes() }
    }

    fn error(&self, what: String) -> GraphError {
        GraphError::new(self.graph.nodes(self.value)[0].scope.to_string(), what)
    }

    fn input(&mut self, name: &str) -> Result<Operand, GraphError> {
        let sizes = self.graph.extents(self.writer, self.value)?;
        let fresh = self.writer.fresh(name);
        if let Some(axis) = sizes.iter().position(|size| *size == Extent::Batches(1)) {
            self.writer.batch.get_or_insert((fresh.clone(), axis));
        }
        self.block.inputs.push(Port { name: fresh.clone(), sizes });
        Ok(self.named(fresh))
    }

    fn state(&mut self, name: &str) -> Result<Operand, GraphError> {
        let [shape, second] = self.shapes();
        if shape != second {
            return Err(changes(self.graph.nodes(self.value)[0], "a weight"));
        }
        let values = (self.writer.values)(name);
        let values =
            values.ok_or_else(|| self.error(format!("the weight `{name}` has no value")))?;
        if values.len() != shape.size() {
            let (got, want) = (values.len(), shape.size());
            return Err(
                self.error(format!("the weight `{name}` has {got} numbers, expected {want}"))
            );
        }
        let array = Array::new(shape, values.iter().map(|&x| f64::from(x)).collect());
        Ok(self.known(array, name))
    }

    fn known(&self, array: Array, hint: &str) -> Operand {
        let shapes = [array.shape.clone(), array.shape.clone()];
        Operand { source: Source::Known(array.into(), hint.into()), shapes }
    }

    /// A number everywhere is a thin array.
    fn constant(&mut self, first: f64, second: f64) -> Result<Operand, GraphError> {
        if first.to_bits() != second.to_bits() {
            return Err(changes(self.graph.nodes(self.value)[0], "a number"));
        }
        let rank = self.shapes()[0].rank();
        Ok(self.known(Array::filled(vec![1; rank], first), "number"))
    }

    fn literal(&mut self, first: &Arc<Array>, second: &Arc<Array>) -> Result<Operand, GraphError> {
        if first != second {
            return Err(changes(self.graph.nodes(self.value)[0], "a table"));
        }
        Ok(self.known(first.as_ref().clone(), "table"))
    }

    /// The op on known numbers.
    fn fold(&self) -> Result<Option<Operand>, GraphError> {
        let op = &self.graph.nodes(self.value)[0].op;
        let operands = self.operands()?;
        let whole = operands
            .iter()
            .zip(self.inputs())
            .all(|(operand, &input)| operand.shapes[0] == self.graph.nodes(input)[0].shape);
        Ok(if whole { folded(op, &operands, &self.shapes(), false) } else { None })
    }

    fn reshape(&mut self) -> Result<Operand, GraphError> {
        let input = self.inputs()[0];
        if self.graph.nodes(input).map(|node| node.shape.clone()) == self.shapes() {
            return self.graph.operand(input);
        }
        if let Some(operand) = self.fold()? {
            return Ok(operand);
        }
        let x = self.full(0)?;
        let sizes = self.graph.extents(self.writer, self.value)?;
        let growing = sizes.iter().filter(|size| matches!(size, Extent::Batches(_))).count();
        let sizes = if growing == 1 {
            let one = |size: &Extent| match *size {
                Extent::Fixed(size) => size as i64,
                Extent::Batches(_) => -1,
            };
            self.writer.ints(&sizes.iter().map(one).collect::<Vec<_>>())
        } else {
            self.writer.sizes(&sizes)
        };
        let y = self.add("Reshape", vec![x, sizes], Vec::new());
        Ok(self.named(y))
    }

    fn transpose(&mut self, transpose: &ops::Transpose) -> Result<Operand, GraphError> {
        let operand = self.graph.operand(self.inputs()[0])?;
        let order = &transpose.order;
        let moved =
            |shape: &Shape| order.iter().map(|&axis| shape[axis]).collect::<Vec<_>>().into();
        let shapes = [moved(&operand.shapes[0]), moved(&operand.shapes[1])];
        let op = &self.graph.nodes(self.value)[0].op;
        if let Some(operand) = folded(op, std::slice::from_ref(&operand), &shapes, false) {
            return Ok(operand);
        }
        let x = self.writer.name(&operand);
        let y = self.reorder(x, order);
        Ok(Operand { source: Source::Named(y), shapes })
    }

    /// Axes in another order; two times in a row is once, or never.
    fn reorder(&mut self, x: String, order: &[usize]) -> String {
        let (order, x) = match self.writer.transposed.get(&x) {
            Some((before, whole)) => {
                (order.iter().map(|&axis| before[axis]).collect::<Vec<_>>(), whole.clone())
            }
            None => (order.to_vec(), x),
        };
        if order.iter().enumerate().all(|(i, &axis)| i == axis) {
            return x;
        }
        let perm = Attribute::Ints(order.iter().map(|&axis| axis as i64).collect());
        let y = self.add("Transpose", vec![x.clone()], vec![("perm", perm)]);
        self.writer.transposed.insert(y.clone(), (order, x));
        y
    }

    fn slice(&mut self, first: &ops::Slice, second: &ops::Slice) -> Result<Operand, GraphError> {
        if let Some(operand) = self.fold()? {
            return Ok(operand);
        }
        let nodes = self.graph.nodes(self.value);
        let starts = extents(self.writer, nodes[0], [&first.starts, &second.starts])?;
        let ends = extents(self.writer, nodes[0], [&first.ends, &second.ends])?;
        let input = self.inputs()[0];
        let sizes = self.graph.extents(self.writer, input)?;
        let cut: Vec<usize> = (0..sizes.len())
            .filter(|&axis| starts[axis] != Extent::Fixed(0) || ends[axis] != sizes[axis])
            .collect();
        if cut.is_empty() {
            return self.graph.operand(input);
        }
        let x = self.full(0)?;
        let of = |all: &[Extent]| cut.iter().map(|&axis| all[axis]).collect::<Vec<_>>();
        let starts = self.writer.sizes(&of(&starts));
        let ends = self.writer.sizes(&of(&ends));
        let axes = self.writer.ints(&cut.iter().map(|&axis| axis as i64).collect::<Vec<_>>());
        let y = self.add("Slice", vec![x, starts, ends, axes], Vec::new());
        Ok(self.named(y))
    }

    fn concat(&mut self, axis: usize) -> Result<Operand, GraphError> {
        if let Some(operand) = self.fold()? {
            return Ok(operand);
        }
        let parts =
            (0..self.inputs().len()).map(|i| self.full(i)).collect::<Result<Vec<_>, _>>()?;
        if let [only] = &parts[..] {
            return Ok(self.named(only.clone()));
        }
        let y = self.add("Concat", parts, vec![("axis", Attribute::Int(axis as i64))]);
        Ok(self.named(y))
    }

    fn pad(&mut self, first: &ops::Pad, second: &ops::Pad) -> Result<Operand, GraphError> {
        if let Some(operand) = self.fold()? {
            return Ok(operand);
        }
        let nodes = self.graph.nodes(self.value);
        let mut pads = extents(self.writer, nodes[0], [&first.before, &second.before])?;
        pads.extend(extents(self.writer, nodes[0], [&first.after, &second.after])?);
        let x = self.full(0)?;
        let pads = self.writer.sizes(&pads);
        let y = self.add("Pad", vec![x, pads], Vec::new());
        Ok(self.named(y))
    }

    /// Leading axes repeat by themselves, the matrices must be whole.
    fn matmul(&mut self, triangle: Triangle) -> Result<Operand, GraphError> {
        let mut names = Vec::new();
        let mut leading: [Option<Shape>; 2] = [None, None];
        for i in 0..2 {
            let input = self.inputs()[i];
            let operand = self.graph.operand(input)?;
            let whole = &self.graph.nodes(input)[0].shape;
            let lead = whole.rank() - 2;
            let (name, shapes) = if operand.shapes[0][lead..] == whole[lead..] {
                (self.writer.name(&operand), operand.shapes)
            } else {
                let name = self.full(i)?;
                (name, self.graph.nodes(input).map(|node| node.shape.clone()))
            };
            names.push(name);
            for (so_far, shape) in leading.iter_mut().zip(&shapes) {
                let lead = Shape::from(&shape[..lead]);
                *so_far = match so_far.take() {
                    None => Some(lead),
                    Some(other) => Shape::broadcast(&other, &lead),
                };
            }
        }
        let mut shapes = self.shapes();
        for (shape, lead) in shapes.iter_mut().zip(leading) {
            let matrix = shape[shape.rank() - 2..].to_vec();
            *shape = [&lead.unwrap_or_default()[..], &matrix[..]].concat().into();
        }
        let part = |upper: i64| vec![("upper", Attribute::Int(upper))];
        if let Triangle::LeftLower | Triangle::LeftUpper = triangle {
            let upper = i64::from(triangle == Triangle::LeftUpper);
            names[0] = self.add("Trilu", vec![names[0].clone()], part(upper));
        }
        let mut y = self.add("MatMul", names, Vec::new());
        if triangle == Triangle::Lower {
            y = self.add("Trilu", vec![y], part(0));
        }
        Ok(Operand { source: Source::Named(y), shapes })
    }

    fn reduce(
        &mut self,
        op: &'static str,
        axes: &[usize],
        given: Option<String>,
        attributes: Vec<(&'static str, Attribute)>,
    ) -> Result<Operand, GraphError> {
        if axes.is_empty() {
            return self.graph.operand(self.inputs()[0]);
        }
        if let Some(operand) = self.fold()? {
            return Ok(operand);
        }
        let x = self.full(0)?;
        let y = self.add(op, std::iter::once(x).chain(given).collect(), attributes);
        Ok(self.named(y))
    }

    /// Weights with the outputs first.
    fn weights(&mut self) -> Result<String, GraphError> {
        let operand = self.graph.operand(self.inputs()[1])?;
        let order = ops::Transpose { order: WEIGHTS_FIRST.to_vec() };
        let moved = |shape: &Shape| {
            WEIGHTS_FIRST.iter().map(|&axis| shape[axis]).collect::<Vec<_>>().into()
        };
        let shapes = [moved(&operand.shapes[0]), moved(&operand.shapes[1])];
        if let Some(known) = folded(&order.into(), &[operand], &shapes, false) {
            return Ok(self.writer.name(&known));
        }
        let weights = self.full(1)?;
        Ok(self.reorder(weights, &WEIGHTS_FIRST))
    }

    fn geometry(&self, geometry: &Geometry) -> Vec<(&'static str, Attribute)> {
        let kernel = &self.graph.nodes(self.inputs()[1])[0].shape;
        let ints = |sizes: &[usize]| Attribute::Ints(sizes.iter().map(|&s| s as i64).collect());
        vec![
            ("kernel_shape", ints(&kernel[..2])),
            ("strides", ints(&geometry.stride)),
            ("dilations", ints(&geometry.dilation)),
            ("pads", ints(&[geometry.before, geometry.after].concat())),
            ("group", Attribute::Int(geometry.groups as i64)),
        ]
    }

    fn conv(&mut self, geometry: &Geometry) -> Result<Operand, GraphError> {
        let x = self.full(0)?;
        let x = self.reorder(x, &CHANNELS_FIRST);
        let w = self.weights()?;
        let attributes = self.geometry(geometry);
        let y = self.add("Conv", vec![x, w], attributes);
        let y = self.reorder(y, &CHANNELS_LAST);
        Ok(self.named(y))
    }

    fn conv_input(&mut self, geometry: &Geometry, size: [usize; 2]) -> Result<Operand, GraphError> {
        let x = self.full(0)?;
        let x = self.reorder(x, &CHANNELS_FIRST);
        let w = self.weights()?;
        let kernel = &self.graph.nodes(self.inputs()[1])[0].shape;
        // Rows that no window reaches: strides may step over the last ones.
        let rest = |axis: usize| {
            let reach = (kernel[axis] - 1) * geometry.dilation[axis] + 1;
            let padded = size[axis] + geometry.before[axis] + geometry.after[axis];
            ((padded - reach) % geometry.stride[axis]) as i64
        };
        let rest = Attribute::Ints(vec![rest(0), rest(1)]);
        let mut attributes = self.geometry(geometry);
        attributes.push(("output_padding", rest));
        let y = self.add("ConvTranspose", vec![x, w], attributes);
        let y = self.reorder(y, &CHANNELS_LAST);
        Ok(self.named(y))
    }

    fn max_pool(&mut self, pooling: Pooling) -> Result<Operand, GraphError> {
        let x = self.full(0)?;
        let x = self.reorder(x, &CHANNELS_FIRST);
        let ints = |sizes: &[usize]| Attribute::Ints(sizes.iter().map(|&s| s as i64).collect());
        let attributes = vec![
            ("kernel_shape", ints(&pooling.kernel)),
            ("strides", ints(&pooling.stride)),
            ("pads", ints(&[pooling.padding, pooling.padding].concat())),
        ];
        let y = self.add("MaxPool", vec![x], attributes);
        let y = self.reorder(y, &CHANNELS_LAST);
        Ok(self.named(y))
    }

    /// The band matrix as a whole, times every line.
    fn resample(&mut self, resample: &Resample) -> Result<Operand, GraphError> {
        let rank = self.shapes()[0].rank();
        let x = self.full(0)?;
        let rows = resample.bands.len();
        let mut matrix = Array::filled([rows, resample.size], 0.0);
        for (row, band) in matrix.data.chunks_mut(resample.size.max(1)).zip(&resample.bands) {
            for (place, &weight) in row.iter_mut().skip(band.start).zip(&band.weights) {
                *place = weight;
            }
        }
        let y = if resample.axis + 1 == rank {
            let order = ops::Transpose { order: vec![1, 0] };
            let across = order.reference(&[&matrix], &[resample.size, rows].into());
            let operand = self.known(across, "bands");
            let matrix = self.writer.name(&operand);
            self.add("MatMul", vec![x, matrix], Vec::new())
        } else {
            let mut order: Vec<usize> = (0..rank).collect();
            order.swap(resample.axis, rank - 2);
            let x = self.reorder(x, &order);
            let operand = self.known(matrix, "bands");
            let matrix = self.writer.name(&operand);
            let y = self.add("MatMul", vec![matrix, x], Vec::new());
            self.reorder(y, &order)
        };
        Ok(self.named(y))
    }

    /// Ids are rounded, as in the graph; an id without a row is an error where the file is run.
    fn gather(&mut self) -> Result<Operand, GraphError> {
        let table = self.full(0)?;
        let ids = self.full(1)?;
        let half = self.writer.number(0.5);
        let ids = self.add("Add", vec![ids, half], Vec::new());
        let ids = self.add("Floor", vec![ids], Vec::new());
        let ids = self.cast(ids, Element::Int64);
        let y = self.add("Gather", vec![table, ids], vec![("axis", Attribute::Int(0))]);
        Ok(self.named(y))
    }

    fn argmax(&mut self) -> Result<Operand, GraphError> {
        let x = self.full(0)?;
        let y = self.add("ArgMax", vec![x], vec![("axis", Attribute::Int(-1))]);
        let y = self.cast(y, Element::Float);
        Ok(self.named(y))
    }

    /// Thin operands stay thin until something needs them whole.
    fn element_wise(&mut self) -> Result<Operand, GraphError> {
        let node = self.graph.nodes(self.value)[0];
        let operands = self.operands()?;
        let joined = |i: usize| {
            let mut shapes = operands.iter().map(|operand| operand.shapes[i].clone());
            let first = shapes.next()?;
            shapes.try_fold(first, |all, shape| Shape::broadcast(&all, &shape))
        };
        let (Some(first), Some(second)) = (joined(0), joined(1)) else {
            return Err(self.error(format!("{}: the operands do not fit", node.op.name())));
        };
        let shapes = [first, second];
        if let Some(operand) = folded(&node.op, &operands, &shapes, true) {
            return Ok(operand);
        }
        let names: Vec<String> = operands.iter().map(|operand| self.writer.name(operand)).collect();
        let y = self.element(&node.op, names)?;
        Ok(Operand { source: Source::Named(y), shapes })
    }

    fn element(&mut self, op: &Op, inputs: Vec<String>) -> Result<String, GraphError> {
        Ok(match op {
            Op::Equal(_) => self.condition("Equal", inputs),
            Op::Greater(_) => self.condition("Greater", inputs),
            Op::Step(_) => {
                let zero = self.writer.number(0.0);
                self.condition("Greater", [inputs, vec![zero]].concat())
            }
            Op::Expm1(_) => {
                let y = self.add("Exp", inputs, Vec::new());
                let one = self.writer.number(1.0);
                self.add("Sub", vec![y, one], Vec::new())
            }
            Op::Log1p(_) => {
                // ln u · x / (u − 1) for u = 1 + x as it was rounded, and x where that is 1: exact for small
                // x too (Kahan; see Higham, "Accuracy and Stability of Numerical Algorithms", 1.14.1).
                let one = self.writer.number(1.0);
                let x = inputs;
                let u = self.add("Add", [x.clone(), vec![one.clone()]].concat(), Vec::new());
                let log = self.add("Log", vec![u.clone()], Vec::new());
                let rounded = self.add("Sub", vec![u.clone(), one.clone()], Vec::new());
                let ratio = self.add("Div", [x.clone(), vec![rounded]].concat(), Vec::new());
                let y = self.add("Mul", vec![log, ratio], Vec::new());
                let small = self.add("Equal", vec![u, one], Vec::new());
                self.add("Where", [vec![small], x, vec![y]].concat(), Vec::new())
            }
            Op::Select(_) => {
                let mut inputs = inputs;
                inputs[0] = match self.writer.conditions.get(&inputs[0]) {
                    Some(condition) => condition.clone(),
                    None => self.cast(inputs[0].clone(), Element::Bool),
                };
                self.add("Where", inputs, Vec::new())
            }
            _ => {
                let node = self.graph.nodes(self.value)[0];
                let name = simple(op).ok_or_else(|| unsupported(node))?;
                self.add(name, inputs, Vec::new())
            }
        })
    }

    /// 1 where a condition holds, else 0.
    fn condition(&mut self, op: &'static str, inputs: Vec<String>) -> String {
        let condition = self.add(op, inputs, Vec::new());
        let number = self.cast(condition.clone(), Element::Float);
        self.writer.conditions.insert(number.clone(), condition);
        number
    }
}

/// The operator that does the same.
fn simple(op: &Op) -> Option<&'static str> {
    Some(match op {
        Op::Abs(_) => "Abs",
        Op::Add(_) => "Add",
        Op::Cos(_) => "Cos",
        Op::Div(_) => "Div",
        Op::Erf(_) => "Erf",
        Op::Exp(_) => "Exp",
        Op::Floor(_) => "Floor",
        Op::Log(_) => "Log",
        Op::Max(_) => "Max",
        Op::Min(_) => "Min",
        Op::Mul(_) => "Mul",
        Op::Neg(_) => "Neg",
        Op::Pow(_) => "Pow",
        Op::Reciprocal(_) => "Reciprocal",
        Op::Relu(_) => "Relu",
        Op::Sigmoid(_) => "Sigmoid",
        Op::Sign(_) => "Sign",
        Op::Sin(_) => "Sin",
        Op::Sqrt(_) => "Sqrt",
        Op::Sub(_) => "Sub",
        Op::Tanh(_) => "Tanh",
        _ => return None,
    })
}
