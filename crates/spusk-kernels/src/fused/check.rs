//! What a fused kernel must satisfy, and what follows from it alone.

use crate::{Access, Fused, FusedOp, LANES, Place};

/// Over what a result extends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// One element a row.
    PerRow,
    /// rows × columns.
    Full,
    /// No result: a store.
    Nothing,
}

impl Extent {
    fn name(self) -> &'static str {
        match self {
            Extent::PerRow => "per row",
            Extent::Full => "full",
            Extent::Nothing => "a store",
        }
    }
}

/// More operations than any sensible kernel has; keeps slots in 16 bits.
const MAX_OPS: usize = 10_000;

/// Refuses what is not a fused kernel, saying why.
pub(super) fn check(spec: &Fused) -> Result<(), String> {
    sizes(spec)?;
    let extents = extents(spec)?;
    stores(spec, &extents)?;
    overlaps(spec)
}

fn sizes(spec: &Fused) -> Result<(), String> {
    let (rows, columns) = (spec.rows, spec.columns);
    let full = rows
        .checked_mul(columns)
        .ok_or_else(|| format!("{rows} x {columns} elements are too many"))?;
    if spec.ops.len() + spec.inputs.len() + spec.outputs.len() > MAX_OPS {
        return Err(format!("more than {MAX_OPS} operations and operands"));
    }
    let expect = |what: &str, n: usize, place: &Place, want: usize| {
        if place.len != want {
            let got = place.len;
            return Err(format!(
                "{rows} x {columns}: {what} {n} has {got} elements, expected {want}"
            ));
        }
        if !place.offset.is_multiple_of(LANES) {
            let offset = place.offset;
            return Err(format!(
                "{what} {n} starts at element {offset}, not a multiple of {LANES}"
            ));
        }
        Ok(())
    };
    for (n, (place, access)) in spec.inputs.iter().enumerate() {
        let want = match access {
            Access::Full => full,
            Access::Row => columns,
            Access::Column => rows,
            Access::Scalar => 1,
        };
        expect("input", n, place, want)?;
    }
    for (n, (place, is_full)) in spec.outputs.iter().enumerate() {
        expect("output", n, place, if *is_full { full } else { rows })?;
    }
    let limit = Fused::MAX_SUMMED_COLUMNS;
    if !spec.sums.is_empty() && (rows < 2 || !(2..=limit).contains(&columns)) {
        return Err(format!(
            "column sums over {rows} x {columns}; they take at least 2 rows and 2 to {limit} columns"
        ));
    }
    for (n, place) in spec.sums.iter().enumerate() {
        expect("sum", n, place, Fused::shards(rows, columns) * columns)?;
    }
    Ok(())
}

/// The extent of every result.
fn extents(spec: &Fused) -> Result<Vec<Extent>, String> {
    let mut extents: Vec<Extent> = Vec::with_capacity(spec.ops.len());
    for (position, op) in spec.ops.iter().enumerate() {
        let argument = |x: usize| match extents.get(x) {
            None => Err(format!("op {position}: its argument {x} does not come before it")),
            Some(Extent::Nothing) => {
                Err(format!("op {position}: its argument {x} is a store and has no value"))
            }
            Some(&extent) => Ok(extent),
        };
        let join = |arguments: &[usize]| {
            let mut joined = Extent::PerRow;
            for &x in arguments {
                if argument(x)? == Extent::Full {
                    joined = Extent::Full;
                }
            }
            Ok::<_, String>(joined)
        };
        let extent = match *op {
            FusedOp::Load(n) => match spec.inputs.get(n) {
                None => {
                    let count = spec.inputs.len();
                    return Err(format!("op {position}: loads input {n} of {count}"));
                }
                Some((_, Access::Column | Access::Scalar)) => Extent::PerRow,
                Some((_, Access::Full | Access::Row)) => Extent::Full,
            },
            FusedOp::Constant(_) => Extent::PerRow,
            FusedOp::Unary(_, x) => join(&[x])?,
            FusedOp::Binary(_, x, y) | FusedOp::DivSqrt(x, y, _) => join(&[x, y])?,
            FusedOp::MulAdd(x, y, z) | FusedOp::Select(x, y, z) => join(&[x, y, z])?,
            FusedOp::Spread(x) => {
                if argument(x)? == Extent::Full {
                    return Err(format!("op {position}: spreads {x}, which is full"));
                }
                Extent::Full
            }
            FusedOp::RowSum(x) | FusedOp::RowMax(x) => {
                if argument(x)? == Extent::PerRow {
                    return Err(format!("op {position}: reduces {x}, which is per row"));
                }
                if spec.columns > Fused::MAX_REDUCED_COLUMNS {
                    return Err(format!(
                        "op {position}: reduces rows of {}, more than {}; use Reduce",
                        spec.columns,
                        Fused::MAX_REDUCED_COLUMNS
                    ));
                }
                Extent::PerRow
            }
            FusedOp::ColumnSum(x, _) => {
                if argument(x)? == Extent::PerRow {
                    return Err(format!(
                        "op {position}: sums the columns of {x}, which is per row"
                    ));
                }
                Extent::Nothing
            }
            FusedOp::Store(x, _) => {
                argument(x)?;
                Extent::Nothing
            }
        };
        extents.push(extent);
    }
    Ok(extents)
}

/// Every output is written once, by a value of its extent.
fn stores(spec: &Fused, extents: &[Extent]) -> Result<(), String> {
    let mut written = vec![false; spec.outputs.len()];
    for (position, op) in spec.ops.iter().enumerate() {
        let FusedOp::Store(x, n) = *op else { continue };
        let count = spec.outputs.len();
        let Some((_, is_full)) = spec.outputs.get(n) else {
            return Err(format!("op {position}: stores to output {n} of {count}"));
        };
        if std::mem::replace(&mut written[n], true) {
            return Err(format!("op {position}: stores to output {n} a second time"));
        }
        let want = if *is_full { Extent::Full } else { Extent::PerRow };
        if extents[x] != want {
            return Err(format!(
                "op {position}: output {n} is {}, but {x} is {}",
                want.name(),
                extents[x].name()
            ));
        }
    }
    if let Some(n) = written.iter().position(|written| !written) {
        return Err(format!("output {n} is never stored"));
    }
    let mut summed = vec![false; spec.sums.len()];
    for (position, op) in spec.ops.iter().enumerate() {
        let FusedOp::ColumnSum(_, n) = *op else { continue };
        let count = spec.sums.len();
        match summed.get_mut(n) {
            None => return Err(format!("op {position}: writes sum {n} of {count}")),
            Some(true) => return Err(format!("op {position}: writes sum {n} a second time")),
            Some(summed) => *summed = true,
        }
    }
    match summed.iter().position(|summed| !summed) {
        Some(n) => Err(format!("sum {n} is never written")),
        None => Ok(()),
    }
}

/// Over which of (rows, columns) an operand varies.
pub(super) fn varies(spec: &Fused, access: Access) -> (bool, bool) {
    let (rows, columns) = match access {
        Access::Full => (true, true),
        Access::Row => (false, true),
        Access::Column => (true, false),
        Access::Scalar => (false, false),
    };
    (rows && spec.rows > 1, columns && spec.columns > 1)
}

/// The access of an output.
pub(super) fn output_access(is_full: bool) -> Access {
    if is_full { Access::Full } else { Access::Column }
}

/// Outputs overlap nothing, except an input that lies just as they do.
fn overlaps(spec: &Fused) -> Result<(), String> {
    for (n, (output, is_full)) in spec.outputs.iter().enumerate() {
        for (m, (other, _)) in spec.outputs[..n].iter().enumerate() {
            if output.overlaps(other) {
                return Err(format!("outputs {m} and {n} overlap"));
            }
        }
        for (m, (input, access)) in spec.inputs.iter().enumerate() {
            let alike =
                input == output && varies(spec, *access) == varies(spec, output_access(*is_full));
            if output.overlaps(input) && !alike {
                return Err(format!(
                    "output {n} overlaps input {m} ({access:?}), which is not updated in \
                     place; give the output a place of its own"
                ));
            }
        }
    }
    for (n, sum) in spec.sums.iter().enumerate() {
        let outputs = spec.outputs.iter().map(|(place, _)| place);
        let mut others =
            outputs.chain(spec.inputs.iter().map(|(place, _)| place)).chain(&spec.sums[..n]);
        if others.any(|other| other.overlaps(sum)) {
            return Err(format!("sum {n} overlaps another operand"));
        }
    }
    Ok(())
}
