//! The definition of a fused kernel: value by value, element by element. Slow on purpose.

use super::function::Apply;
use super::lower::Shape;
use super::nodes::Nodes;
use super::op::{Count, Op};
use crate::{Element, Fused, FusedOp, LANES, Level, Place};

/// A value with the way it is laid out.
#[derive(Clone)]
enum Value<T> {
    PerRow(Vec<T>),
    Full(Vec<T>),
    Nothing,
}

/// What every output, then every sum holds afterwards. `load` gives the elements of a place before.
pub(super) fn reference<T: Element>(spec: &Fused, load: impl Fn(Place) -> Vec<T>) -> Vec<Vec<T>> {
    let (rows, columns) = (spec.rows, spec.columns);
    let mut outputs = vec![Vec::new(); spec.outputs.len() + spec.sums.len()];
    let mut values: Vec<Value<T>> = Vec::new();
    for op in &spec.ops {
        let value = match *op {
            FusedOp::Load(n) => loaded(spec, n, &load),
            FusedOp::Constant(value) => Value::PerRow(vec![T::from_f64(value); rows]),
            FusedOp::Unary(f, x) => apply(columns, Apply::Unary(f), &[&values[x]]),
            FusedOp::Binary(f, x, y) => apply(columns, Apply::Binary(f), &[&values[x], &values[y]]),
            FusedOp::MulAdd(x, y, z) => {
                apply(columns, Apply::MulAdd, &[&values[x], &values[y], &values[z]])
            }
            FusedOp::Select(x, y, z) => {
                apply(columns, Apply::Select, &[&values[x], &values[y], &values[z]])
            }
            FusedOp::DivSqrt(x, y, eps) => {
                let function = Apply::div_sqrt(eps);
                let eps = Value::PerRow(vec![T::from_f64(eps); rows]);
                apply(columns, function, &[&values[x], &values[y], &eps])
            }
            FusedOp::Spread(x) => Value::Full(full(columns, &values[x])),
            FusedOp::RowSum(x) => reduce_rows(rows, columns, &values[x], T::ZERO, |a, b| a + b),
            FusedOp::RowMax(x) => {
                let larger = |a: T, b: T| if a != a || a > b { a } else { b };
                reduce_rows(rows, columns, &values[x], T::from_f64(f64::NEG_INFINITY), larger)
            }
            FusedOp::ColumnSum(x, n) => {
                let tile_rows = Shape::new(&Nodes::new(spec)).tile_rows;
                outputs[spec.outputs.len() + n] =
                    column_sums(rows, columns, &full(columns, &values[x]), tile_rows);
                Value::Nothing
            }
            FusedOp::Store(x, n) => {
                outputs[n] = match &values[x] {
                    Value::PerRow(values) | Value::Full(values) => values.clone(),
                    Value::Nothing => panic!("a store has no value"),
                };
                Value::Nothing
            }
        };
        values.push(value);
    }
    outputs
}

fn loaded<T: Element>(spec: &Fused, n: usize, load: impl Fn(Place) -> Vec<T>) -> Value<T> {
    use crate::Access::{Column, Full, Row, Scalar};
    let (place, access) = spec.inputs[n];
    let elements = load(place);
    match access {
        Full => Value::Full(elements),
        Row => Value::Full(elements.repeat(spec.rows)),
        Column => Value::PerRow(elements),
        Scalar => Value::PerRow(vec![elements[0]; spec.rows]),
    }
}

fn full<T: Element>(columns: usize, value: &Value<T>) -> Vec<T> {
    match value {
        Value::Full(values) => values.clone(),
        Value::PerRow(values) => values.iter().flat_map(|&x| vec![x; columns]).collect(),
        Value::Nothing => panic!("a store has no value"),
    }
}

fn apply<T: Element>(columns: usize, apply: Apply, arguments: &[&Value<T>]) -> Value<T> {
    let per_row = |value: &&Value<T>| match value {
        Value::PerRow(values) => Some(values.clone()),
        _ => None,
    };
    match arguments.iter().map(per_row).collect::<Option<Vec<_>>>() {
        Some(arguments) => Value::PerRow(each(apply, &arguments)),
        None => {
            let arguments = arguments.iter().map(|value| full(columns, value)).collect::<Vec<_>>();
            Value::Full(each(apply, &arguments))
        }
    }
}

fn each<T: Element>(apply: Apply, arguments: &[Vec<T>]) -> Vec<T> {
    (0..arguments[0].len())
        .map(|i| one(apply, &arguments.iter().map(|a| a[i]).collect::<Vec<_>>()))
        .collect()
}

/// f of one element each.
pub(super) fn one<T: Element>(apply: Apply, arguments: &[T]) -> T {
    let mut elements = [T::ZERO; 4];
    elements[1..=arguments.len()].copy_from_slice(arguments);
    let table: [*mut T; 4] = std::array::from_fn(|i| &raw mut elements[i]);
    let op = Op {
        function: apply.by_level(),
        slots: [0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        walked: 0b111,
        row_steps: None,
        count: Count::Elements,
        columns: 1,
    };
    // SAFETY: four addresses of one element each, for one element.
    unsafe { op.function[Level::Portable as usize](&op, table.as_ptr(), 1) };
    elements[0]
}

/// Tiles add up rows r, r + apart, …, a shard its tiles' sums, and in the end the partial sums.
fn column_sums<T: Element>(rows: usize, columns: usize, x: &[T], tile_rows: usize) -> Vec<T> {
    let (shard, apart) = (Fused::shard_rows(columns), Fused::rows_apart(columns));
    let mut sums = Vec::new();
    for start in (0..rows).step_by(shard) {
        let end = rows.min(start + shard);
        for column in 0..columns {
            let mut partial = vec![T::ZERO; apart];
            for tile in (start..end).step_by(tile_rows) {
                for (r, partial) in partial.iter_mut().enumerate() {
                    let mine = (tile + r..end.min(tile + tile_rows)).step_by(apart);
                    let sum = mine.fold(T::ZERO, |sum, row| sum + x[row * columns + column]);
                    *partial = *partial + sum;
                }
            }
            sums.push(partial.into_iter().fold(T::ZERO, |sum, x| sum + x));
        }
    }
    sums
}

/// Lane i takes elements i, i + `LANES`, …; then i with i + 8, + 4, + 2, + 1.
fn reduce_rows<T: Element>(
    rows: usize,
    columns: usize,
    value: &Value<T>,
    identity: T,
    combine: impl Fn(T, T) -> T,
) -> Value<T> {
    let values = full(columns, value);
    let row = |row: usize| {
        let mut lanes = [identity; LANES];
        for (i, &x) in values[row * columns..(row + 1) * columns].iter().enumerate() {
            lanes[i % LANES] = combine(lanes[i % LANES], x);
        }
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                lanes[i] = combine(lanes[i], lanes[i + half]);
            }
        }
        lanes[0]
    };
    Value::PerRow((0..rows).map(row).collect())
}
