//! Whether a matrix product fits together.

use crate::{Gemm, GradientStep, Group, Matrix, Place, Triangle};

/// Checks sizes and strides; the error says what is wrong.
pub(super) fn check(spec: &Gemm) -> Result<(), String> {
    let Gemm { batch, m, n, k, a, b, c, bias, accumulate, triangle, .. } = spec;
    operand("a", a, [*batch, *m, *k])?;
    operand("b", b, [*batch, *k, *n])?;
    let count = batch.checked_mul(*m).and_then(|rows| rows.checked_mul(*n));
    if count != Some(c.len) {
        return Err(format!(
            "c has {} elements, expected batch × m × n = {batch} × {m} × {n}",
            c.len
        ));
    }
    if *triangle == Triangle::Lower && (bias.is_some() || *accumulate) {
        return Err(
            "the lower triangle of a result starts with 0, not with a bias or the old c".into()
        );
    }
    if let Some(step) = &spec.step {
        check_step(spec, step)?;
    }
    match bias {
        Some(_) if *accumulate => {
            Err("starts with both a bias and the old c; use one of them".into())
        }
        Some(Place { len, .. }) if len != n => {
            Err(format!("the bias has {len} elements, expected n = {n}"))
        }
        _ => Ok(()),
    }
}

fn check_step(spec: &Gemm, GradientStep { from, rate }: &GradientStep) -> Result<(), String> {
    let Gemm { m, n, k, a, b, c, bias, accumulate, triangle, .. } = spec;
    let plain = bias.is_none() && !accumulate && *triangle == Triangle::None;
    let most = GradientStep::MOST_SUMMANDS;
    if !plain || *m < 2 || *n < 2 || !(1..=most).contains(k) || a.row_stride != 1 {
        return Err(format!(
            "a step takes sums of 1 to {most} products, more than one row and column, a left operand by \
             columns, no start values and no triangle; got m = {m}, n = {n}, k = {k}"
        ));
    }
    if from.len != c.len || rate.len != 1 {
        let (weights, rates) = (from.len, rate.len);
        return Err(format!(
            "a step of {weights} weights by {rates} rates, expected {} and 1",
            c.len
        ));
    }
    // The program allows what is the same place, for the sake of `from`.
    match [&a.place, &b.place, rate].into_iter().find(|place| place.overlaps(c)) {
        Some(place) => Err(format!("writes {c}, which overlaps {place}, which it reads")),
        None => Ok(()),
    }
}

/// Checks that `[batch, rows, columns]` elements lie inside the operand's place.
fn operand(name: &str, matrix: &Matrix, shape: [usize; 3]) -> Result<(), String> {
    let [batch, rows, columns] = shape;
    let strides = [matrix.batch_stride, matrix.row_stride, matrix.column_stride];
    if shape.contains(&0) {
        return Ok(());
    }
    let inner = |size: usize, stride: usize| size == 1 || stride == 1;
    if !inner(rows, matrix.row_stride) && !inner(columns, matrix.column_stride) {
        return Err(format!(
            "{name} has row stride {} and column stride {}; one of them must be 1",
            matrix.row_stride, matrix.column_stride
        ));
    }
    let mut axes = vec![(rows, matrix.row_stride), (columns, matrix.column_stride)];
    match matrix.group {
        Some(Group { size: 0, .. }) => return Err(format!("{name} has groups of 0 entries")),
        Some(Group { size, stride }) => {
            axes.push((batch.div_ceil(size), stride));
            axes.push((batch.min(size), matrix.batch_stride));
        }
        None => axes.push((batch, matrix.batch_stride)),
    }
    let last = axes.into_iter().try_fold(0_usize, |last, (size, stride)| {
        last.checked_add((size - 1).checked_mul(stride)?)
    });
    match last {
        Some(last) if last < matrix.place.len => Ok(()),
        _ => Err(format!(
            "{name} of shape {shape:?} with strides {strides:?} reaches {}, but its place has {} \
             elements",
            last.map_or("beyond all numbers".into(), |last| format!("element {last}")),
            matrix.place.len
        )),
    }
}
