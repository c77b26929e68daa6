//! From operations on whole values to a tile program.
//!
//! Every value varies over nothing, over the columns, over the rows, or over both. What varies over
//! nothing or over the columns alone is computed once for each call (the prologue); the rest runs
//! tile by tile. A tile is some whole rows; where no operand tells rows from columns, the elements
//! count as rows of one column.

use super::adaptive;
use super::function::Apply;
use super::nodes::{Class, Node, Nodes};
use super::op::{Count, Op, SLOTS};
use super::registers;
use super::rows::RowOp;
use crate::{Element, Fused, LANES, Place, Space};

/// Elements of a tile, about.
const TILE: usize = 512;

/// Rows at least this long make a tile each.
const LONG_ROW: usize = 192;

/// Rows at least this long, if even, are gone through one by one within a tile.
const BY_ROWS: usize = 128;

/// Elements of a segment, where rows are too long for a tile.
const SEGMENT: usize = 1024;

/// A tile program.
pub(super) struct Lowered<T> {
    /// How the iteration is cut.
    pub(super) shape: Shape,
    /// What the operations' slots mean; those with `per_row` above 0 first.
    pub(super) slots: Vec<Slot>,
    /// Constants that slots name.
    pub(super) pool: Vec<f64>,
    /// Once for each call.
    pub(super) prologue: Vec<Op<T>>,
    /// Once for each row; only with segments.
    pub(super) each_row: Vec<Op<T>>,
    /// Once for each tile or segment.
    pub(super) each_tile: Vec<Op<T>>,
    /// Once behind the tiles of each shard of column sums.
    pub(super) each_shard: Vec<Op<T>>,
    /// Elements of scratch memory that registers take.
    pub(super) scratch: usize,
    /// About how many nanoseconds an element takes.
    pub(super) cost: f64,
}

/// How the iteration is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Rows of the iteration.
    pub(super) rows: usize,
    /// Columns of the iteration.
    pub(super) columns: usize,
    /// Rows of a tile.
    pub(super) tile_rows: usize,
    /// Columns of a segment, if rows are cut.
    pub(super) segment: Option<usize>,
}

impl Shape {
    pub(super) fn new(nodes: &Nodes) -> Shape {
        let (rows, columns) = (nodes.rows, nodes.columns);
        let shape = |tile_rows, segment| Shape { rows, columns, tile_rows, segment };
        if columns > Nodes::SEGMENT_ABOVE && !nodes.has_reductions() {
            return shape(1, Some(SEGMENT));
        }
        let together = rows_together(nodes, columns);
        if together == 1 || rows == 1 {
            return shape(1, None);
        }
        // Tiles start at multiples of `LANES`, so that whole vectors never reach into the next one.
        let unit = (LANES / gcd(LANES, columns)).max(together);
        let unit = match nodes.sums.is_empty() {
            true => unit,
            false => unit.next_multiple_of(Fused::rows_apart(columns)),
        };
        let tile_rows = unit * (TILE / (unit * columns)).max(1);
        shape(tile_rows.min(rows.max(1)), None)
    }

    /// Whether per-row values live in registers of equal elements.
    fn single(&self) -> bool {
        self.tile_rows == 1
    }

    /// Whether rows of a tile of several are long and even enough to be gone through one by one.
    fn by_rows(&self) -> bool {
        !self.single() && self.columns >= BY_ROWS && self.columns.is_multiple_of(LANES)
    }

    /// Elements of a tile.
    fn tile(&self) -> usize {
        self.segment.unwrap_or(self.tile_rows * self.columns)
    }
}

/// Rows that a tile has at least; a power of two. 1 if every row is a tile of its own.
fn rows_together(nodes: &Nodes, columns: usize) -> usize {
    match nodes.has_reductions() {
        // So many rows are reduced as quickly as one, but a tile should stay in the cache.
        true if columns <= 128 => LANES,
        true if columns <= 1024 && columns.is_multiple_of(LANES) => 4,
        false if !nodes.sums.is_empty() && columns >= LONG_ROW => 4,
        false if columns < LONG_ROW => 2,
        _ if columns < LONG_ROW => LANES,
        _ => 1,
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Where the addresses of a slot start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Memory(Space),
    Scratch,
    Pool,
}

/// What stands at one position of the table of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) base: Base,
    /// Elements behind the base.
    pub(super) offset: usize,
    /// Elements from row to row.
    pub(super) per_row: usize,
    /// Elements from column to column; only with segments.
    pub(super) per_column: usize,
    /// Elements from one shard of column sums to the next.
    pub(super) per_shard: usize,
}

/// How large a register is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// A tile, and a vector more.
    Tile,
    /// An element for each row of a tile.
    Rows,
    /// [`LANES`] elements.
    Lanes,
    /// An element for each column.
    Columns,
    /// The partial sums of columns.
    Sums,
}

impl Size {
    pub(super) fn elements(self, shape: &Shape) -> usize {
        let elements = match self {
            Size::Tile => shape.tile() + LANES,
            Size::Rows => shape.tile_rows,
            Size::Lanes => LANES,
            Size::Columns => shape.columns,
            Size::Sums => Fused::rows_apart(shape.columns) * shape.columns,
        };
        elements.next_multiple_of(LANES)
    }
}

/// A slot before registers have places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Virtual {
    /// Outside scratch memory.
    Fixed(Slot),
    /// Somewhere in scratch memory.
    Register(Size),
}

/// An operation before its slots are final.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) results: Vec<usize>,
    /// Slots and steps.
    pub(super) operands: Vec<Option<(usize, usize)>>,
    /// As [`Op::row_steps`].
    pub(super) row_steps: Option<[usize; 3]>,
    pub(super) count: Count,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Element by element.
    Apply(Apply),
    /// The step of an adaptive optimizer.
    Adaptive,
    /// By rows.
    Rows(RowOp),
}

/// Compiles a checked kernel.
pub(super) fn lower<T: Element>(nodes: &Nodes) -> Lowered<T> {
    let mut builder = Builder::new(nodes);
    for position in 0..nodes.list.len() {
        if nodes.live[position] {
            builder.node(position);
        }
    }
    let deferred = std::mem::take(&mut builder.deferred);
    for (x, output) in deferred {
        builder.store(x, output);
    }
    builder.finish()
}

/// Where a node's value is.
#[derive(Debug, Clone, Copy, Default)]
struct Location {
    /// In the form of its own class.
    own: Option<usize>,
    /// Element by element over the tile.
    full: Option<usize>,
}

struct Builder<'a> {
    nodes: &'a Nodes,
    shape: Shape,
    virtuals: Vec<Virtual>,
    pool: Vec<f64>,
    prologue: Vec<Draft>,
    each_row: Vec<Draft>,
    each_tile: Vec<Draft>,
    each_shard: Vec<Draft>,
    locations: Vec<Location>,
    /// The output that a node's value is written to at once, by node.
    direct: Vec<Option<usize>>,
    /// Stores that wait until all else of the tile is done: slot, its step, output.
    deferred: Vec<((usize, usize), usize)>,
}

impl<'a> Builder<'a> {
    fn new(nodes: &'a Nodes) -> Self {
        let shape = Shape::new(nodes);
        let mut builder = Builder {
            nodes,
            shape,
            virtuals: Vec::new(),
            pool: Vec::new(),
            prologue: Vec::new(),
            each_row: Vec::new(),
            each_tile: Vec::new(),
            each_shard: Vec::new(),
            locations: vec![Location::default(); nodes.list.len()],
            direct: vec![None; nodes.list.len()],
            deferred: Vec::new(),
        };
        builder.choose_direct();
        builder
    }

    /// Finds the values that are computed right into their output: nothing that is in the way may
    /// be read later.
    fn choose_direct(&mut self) {
        for (position, node) in self.nodes.list.iter().enumerate() {
            let Node::Store(x, output) = *node else { continue };
            let computed = matches!(self.nodes.list[x], Node::Apply(..) | Node::Reduce(..));
            let class = self.nodes.classes[x];
            let placed = class == Class::Full || (class == Class::Column && !self.shape.single());
            let fits = class == self.nodes.outputs[output].1;
            if self.nodes.live[position]
                && computed
                && placed
                && fits
                && self.direct[x].is_none()
                && !self.read_after(output, x)
            {
                self.direct[x] = Some(output);
            }
        }
    }

    /// Whether an input at the place of `output` is read behind `position`.
    fn read_after(&self, output: usize, position: usize) -> bool {
        let place = self.nodes.outputs[output].0;
        self.nodes.list.iter().enumerate().skip(position + 1).any(|(later, node)| {
            self.nodes.live[later]
                && node.arguments().iter().any(|&x| match self.nodes.list[x] {
                    Node::Input(n) => self.nodes.inputs[n].0 == place,
                    _ => false,
                })
        })
    }

    fn virtual_slot(&mut self, slot: Virtual) -> usize {
        self.virtuals.push(slot);
        self.virtuals.len() - 1
    }

    fn register(&mut self, size: Size) -> usize {
        self.virtual_slot(Virtual::Register(size))
    }

    /// The memory of an operand, walked as its class asks.
    fn memory(&mut self, place: Place, class: Class) -> usize {
        let base = Base::Memory(place.space);
        let (rows, columns) = class.varies();
        let per_row = match (rows, columns) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => self.shape.columns,
        };
        let per_column = usize::from(columns && self.shape.segment.is_some());
        let slot = Slot { base, offset: place.offset, per_row, per_column, per_shard: 0 };
        match self.virtuals.iter().position(|&v| v == Virtual::Fixed(slot)) {
            Some(known) => known,
            None => self.virtual_slot(Virtual::Fixed(slot)),
        }
    }

    fn constant(&mut self, value: f64) -> usize {
        let known = self.pool.iter().position(|known| known.to_bits() == value.to_bits());
        let index = known.unwrap_or_else(|| {
            self.pool.push(value);
            self.pool.len() - 1
        });
        let (base, offset) = (Base::Pool, index * LANES);
        let slot = Slot { base, offset, per_row: 0, per_column: 0, per_shard: 0 };
        match self.virtuals.iter().position(|&v| v == Virtual::Fixed(slot)) {
            Some(known) => known,
            None => self.virtual_slot(Virtual::Fixed(slot)),
        }
    }

    /// The list that values of a class are computed in.
    fn list(&mut self, class: Class) -> &mut Vec<Draft> {
        match class {
            Class::Scalar | Class::Row => &mut self.prologue,
            Class::Column if self.shape.segment.is_some() => &mut self.each_row,
            Class::Column | Class::Full => &mut self.each_tile,
        }
    }

    fn push_rows(&mut self, class: Class, op: RowOp, dst: usize, a: usize, count: Count) {
        let (results, operands) = (vec![dst], vec![Some((a, 1))]);
        self.list(class).push(Draft {
            kind: Kind::Rows(op),
            results,
            operands,
            row_steps: None,
            count,
        });
    }

    /// The register size and the extent of operations on values of a class.
    fn extent(&self, class: Class) -> (Size, Count) {
        match class {
            Class::Scalar => (Size::Lanes, Count::Lanes),
            Class::Row => (Size::Columns, Count::Columns),
            Class::Column if self.shape.single() => (Size::Lanes, Count::Lanes),
            Class::Column => (Size::Rows, Count::PaddedRows),
            Class::Full => (Size::Tile, Count::Elements),
        }
    }

    /// A node's value in the form of its class.
    fn own(&mut self, x: usize) -> usize {
        if let Some(slot) = self.locations[x].own {
            return slot;
        }
        let class = self.nodes.classes[x];
        let slot = match self.nodes.list[x] {
            Node::Constant(value) => self.constant(value),
            Node::Input(n) => {
                let memory = self.memory(self.nodes.inputs[n].0, class);
                let single = class == Class::Column && self.shape.single();
                if class == Class::Scalar || single {
                    let register = self.register(Size::Lanes);
                    self.push_rows(class, RowOp::Splat, register, memory, Count::Lanes);
                    register
                } else {
                    memory
                }
            }
            _ => unreachable!("nodes are lowered in order, so computed values have their slot"),
        };
        self.locations[x].own = Some(slot);
        slot
    }

    /// A node's value as an operand of an operation on values of a class: slot and step.
    fn operand(&mut self, x: usize, wanted: Class) -> (usize, usize) {
        let class = self.nodes.classes[x];
        let own = self.own(x);
        match (class, wanted) {
            (Class::Scalar, Class::Scalar) => (own, 1),
            (Class::Scalar, Class::Column) if self.shape.single() => (own, 1),
            (Class::Scalar, _) => (own, 0),
            (Class::Column, Class::Full) if self.shape.single() => (own, 0),
            (Class::Row | Class::Column, Class::Full) if !self.shape.single() => (self.full(x), 1),
            _ => (own, 1),
        }
    }

    /// A per-row or per-column value, element by element over a tile of several rows.
    fn full(&mut self, x: usize) -> usize {
        if let Some(slot) = self.locations[x].full {
            return slot;
        }
        let own = self.own(x);
        let register = self.register(Size::Tile);
        let class = self.nodes.classes[x];
        if class == Class::Row {
            self.push_rows(class, RowOp::Repeat, register, own, Count::TileRows);
        } else {
            self.push_rows(class, RowOp::Spread, register, own, Count::Rows);
        }
        self.locations[x].full = Some(register);
        register
    }

    fn node(&mut self, position: usize) {
        let nodes = self.nodes;
        match &nodes.list[position] {
            // Made where they are used.
            Node::Input(_) | Node::Constant(_) => {}
            Node::Apply(apply, arguments) => self.apply(position, *apply, arguments),
            Node::Reduce(kind, x) => self.reduce(position, *kind, *x),
            Node::ColumnSum(x, n) => self.column_sum(*x, self.nodes.sums[*n]),
            Node::Store(x, output) => {
                if self.direct[*x] != Some(*output) {
                    self.store_node(position, *x, *output);
                }
            }
        }
    }

    /// The slot that a node's value is computed to.
    fn destination(&mut self, position: usize, size: Size) -> usize {
        match self.direct[position] {
            Some(output) => {
                let (place, class) = self.nodes.outputs[output];
                self.memory(place, class)
            }
            None => self.register(size),
        }
    }

    fn apply(&mut self, position: usize, apply: Apply, arguments: &[usize]) {
        let class = self.nodes.classes[position];
        let uneven = |&x: &usize| matches!(self.nodes.classes[x], Class::Row | Class::Column);
        if class == Class::Full && self.shape.by_rows() && arguments.iter().any(uneven) {
            return self.apply_by_rows(position, apply, arguments);
        }
        let mut operands: Vec<_> =
            arguments.iter().map(|&x| Some(self.operand(x, class))).collect();
        if apply.commutes() && operands[0].is_some_and(|(_, step)| step == 0) {
            operands.swap(0, 1);
        }
        let (size, count) = self.extent(class);
        let dst = self.destination(position, size);
        self.locations[position].own = Some(dst);
        let (kind, results) = (Kind::Apply(apply), vec![dst]);
        self.list(class).push(Draft { kind, results, operands, row_steps: None, count });
    }

    /// A full result row by row, so that operands that do not vary over both need not be written
    /// out.
    fn apply_by_rows(&mut self, position: usize, apply: Apply, arguments: &[usize]) {
        let mut row_steps = [0; 3];
        let mut operands = Vec::new();
        for (&x, row_step) in arguments.iter().zip(&mut row_steps) {
            let (step, from_row_to_row) = match self.nodes.classes[x] {
                Class::Scalar => (0, 0),
                Class::Row => (1, 0),
                Class::Column => (0, 1),
                Class::Full => (1, self.shape.columns),
            };
            operands.push(Some((self.own(x), step)));
            *row_step = from_row_to_row;
        }
        if apply.commutes() && operands[0].is_some_and(|(_, step)| step == 0) {
            operands.swap(0, 1);
            row_steps.swap(0, 1);
        }
        let dst = self.destination(position, Size::Tile);
        self.locations[position].own = Some(dst);
        self.each_tile.push(Draft {
            kind: Kind::Apply(apply),
            results: vec![dst],
            operands,
            row_steps: Some(row_steps),
            count: Count::Rows,
        });
    }

    /// A value as a tile that can be walked.
    fn walked(&mut self, x: usize) -> usize {
        let (a, step) = self.operand(x, Class::Full);
        if step > 0 {
            return a;
        }
        // One value for the whole row: written out, so that there is a row to walk.
        let register = self.register(Size::Tile);
        self.copy(Class::Full, (a, 0), register, Count::Elements);
        register
    }

    /// Partial sums that stay over the tiles of a shard, then go to its row of the output.
    fn column_sum(&mut self, x: usize, to: Place) {
        let a = self.walked(x);
        let sums = self.register(Size::Sums);
        let (base, per_shard) = (Base::Memory(to.space), self.shape.columns);
        let slot = Slot { base, offset: to.offset, per_row: 0, per_column: 0, per_shard };
        let output = self.virtual_slot(Virtual::Fixed(slot));
        let draft = |op, result, operand: usize, count| Draft {
            kind: Kind::Rows(op),
            results: vec![result],
            operands: vec![Some((operand, 1))],
            row_steps: None,
            count,
        };
        self.prologue.push(draft(RowOp::ClearSums, sums, sums, Count::Rows));
        self.each_tile.push(draft(RowOp::ColumnSum, sums, a, Count::Rows));
        self.each_shard.push(draft(RowOp::FoldSums, output, sums, Count::Rows));
        self.each_shard.push(draft(RowOp::ClearSums, sums, sums, Count::Rows));
    }

    fn reduce(&mut self, position: usize, kind: crate::ReduceKind, x: usize) {
        let a = self.walked(x);
        let (size, _) = self.extent(Class::Column);
        let dst = self.destination(position, size);
        self.locations[position].own = Some(dst);
        if self.shape.single() {
            self.push_rows(Class::Column, RowOp::ReduceOne(kind), dst, a, Count::Lanes);
        } else {
            self.push_rows(Class::Column, RowOp::Reduce(kind), dst, a, Count::Rows);
        }
    }

    fn copy(&mut self, class: Class, from: (usize, usize), dst: usize, count: Count) {
        let kind = Kind::Apply(Apply::Identity);
        let (results, operands) = (vec![dst], vec![Some(from)]);
        self.list(class).push(Draft { kind, results, operands, row_steps: None, count });
    }

    /// A store of a value that does not stand in its output already.
    fn store_node(&mut self, position: usize, x: usize, output: usize) {
        let (place, class) = self.nodes.outputs[output];
        let input = match self.nodes.list[x] {
            Node::Input(n) => Some(self.nodes.inputs[n].0),
            _ => None,
        };
        if input == Some(place) {
            return;
        }
        let operand = self.operand(x, class);
        let (size, count) = self.extent(class);
        match input {
            Some(_) if !self.read_after(output, position) => self.store(operand, output),
            // The input may be overwritten before the end of the tile.
            Some(_) if matches!(self.virtuals[operand.0], Virtual::Fixed(_)) => {
                let register = self.register(size);
                self.copy(class, operand, register, count);
                self.deferred.push(((register, 1), output));
            }
            _ => self.deferred.push((operand, output)),
        }
    }

    /// Writes an operand to an output.
    fn store(&mut self, operand: (usize, usize), output: usize) {
        let (place, class) = self.nodes.outputs[output];
        let dst = self.memory(place, class);
        if class == Class::Column && self.shape.single() {
            self.push_rows(class, RowOp::First, dst, operand.0, Count::Lanes);
        } else {
            let (_, count) = self.extent(class);
            self.copy(class, operand, dst, count);
        }
    }

    fn finish<T: Element>(mut self) -> Lowered<T> {
        let mut each_tile = std::mem::take(&mut self.each_tile);
        adaptive::find(&mut each_tile, |value| self.constant(value));
        self.each_tile = each_tile;
        let lists = [&self.prologue, &self.each_row, &self.each_tile, &self.each_shard];
        let assigned = registers::assign(&self.virtuals, lists, &self.shape);
        let columns = self.shape.columns;
        let op = |draft: &Draft| {
            let mut slots = [0; SLOTS];
            let operands = draft.operands.iter().flatten().map(|&(slot, _)| slot);
            for (to, slot) in slots.iter_mut().zip(draft.results.iter().copied().chain(operands)) {
                *to = assigned.slot_of[slot];
            }
            let fixed = |k: usize| matches!(draft.operands.get(k), Some(Some((_, 0))));
            Op {
                function: match draft.kind {
                    Kind::Apply(apply) => apply.by_level(),
                    Kind::Adaptive => adaptive::by_level(),
                    Kind::Rows(rows) => rows.by_level(),
                },
                slots,
                walked: (0..3).fold(0, |walked, k| walked | u8::from(!fixed(k)) << k),
                row_steps: draft.row_steps,
                count: draft.count,
                columns,
            }
        };
        let ops = |list: &[Draft]| list.iter().map(op).collect::<Vec<_>>();
        Lowered {
            shape: self.shape,
            prologue: ops(&self.prologue),
            each_row: ops(&self.each_row),
            each_tile: ops(&self.each_tile),
            each_shard: ops(&self.each_shard),
            cost: cost(&self.each_tile, &self.shape),
            slots: assigned.slots,
            scratch: assigned.scratch,
            pool: self.pool,
        }
    }
}

/// About how many nanoseconds an element takes.
fn cost(each_tile: &[Draft], shape: &Shape) -> f64 {
    let of = |draft: &Draft| match draft.kind {
        Kind::Apply(apply) if draft.count == Count::Elements => apply.cost(),
        Kind::Apply(apply) => apply.cost() / shape.columns.max(1) as f64,
        Kind::Adaptive => 0.4,
        Kind::Rows(RowOp::Reduce(_) | RowOp::ReduceOne(_)) => 0.1,
        Kind::Rows(_) => 0.05,
    };
    // A few nanoseconds for each operation of each tile.
    let calls = 4.0 * each_tile.len() as f64 / shape.tile().max(1) as f64;
    calls + each_tile.iter().map(of).sum::<f64>()
}
