//! Cuts the body of a loop by rows, so that threads need not wait for each other.

use std::ops::Range;

use super::Touched;
use crate::{
    Access, Conv, ConvDirection, Copy, Fill, Fused, FusedOp, Gemm, Instruction, LANES, Loop, Place,
    Reduce, Space,
};

/// The bodies of the groups of rows; the whole body alone if it does not treat its rows alike and
/// each by itself.
pub(super) fn shards(spec: &Loop, touched: &[Touched]) -> Vec<Vec<Instruction>> {
    let alone = || vec![spec.body.clone()];
    if spec.rows < 2 || !written_rows_agree(spec, touched) {
        return alone();
    }
    // A row of a convolution is a picture: enough work that few of them are worth a thread.
    let convolves = spec.body.iter().any(|one| matches!(one, Instruction::Conv(_)));
    let small = spec.rows.div_ceil(PICTURES).clamp(1, Loop::SHARD);
    let sizes = if convolves { [small, Loop::SHARD] } else { [Loop::SHARD; 2] };
    let cut = |size: usize| -> Option<Vec<_>> {
        let groups = (0..spec.rows).step_by(size);
        let groups = groups.map(|first| first..spec.rows.min(first + size));
        let body = |rows: Range<usize>| {
            let cutter = Cutter { spec, touched, rows };
            spec.body.iter().map(|instruction| cutter.instruction(instruction)).collect()
        };
        groups.map(body).collect()
    };
    let fitting = sizes.into_iter().filter(|&size| size < spec.rows);
    fitting.filter_map(cut).next().unwrap_or_else(alone)
}

/// Groups that the pictures of a loop are cut into, where there are as many.
const PICTURES: usize = 8;

/// A place with all that it sweeps, and the step from turn to turn.
pub(super) fn sweep(spec: &Loop, place: &Place) -> Option<(Place, usize)> {
    match place.space {
        Space::Work | Space::State => Some((*place, 0)),
        Space::Window(number) => {
            let window = spec.windows.get(usize::from(number))?;
            Some((window.place, window.stride))
        }
        Space::Local => None,
    }
}

/// Whether places of the buffers that meet, and of which one is written, are the same rows in every
/// turn: then no group of rows touches what another one writes.
fn written_rows_agree(spec: &Loop, touched: &[Touched]) -> bool {
    let mut written = touched.iter().flat_map(|t| &t.writes);
    written.all(|write| {
        touched.iter().flat_map(|t| t.reads.iter().chain(&t.writes)).all(|other| {
            let (Some(a), Some(b)) = (sweep(spec, write), sweep(spec, other)) else { return true };
            let same_slots = a.1 == b.1
                && write.len == other.len
                && write.offset == other.offset
                && match a.1 {
                    0 => true,
                    stride => a.0.offset.abs_diff(b.0.offset).is_multiple_of(stride),
                };
            !a.0.overlaps(&b.0) || same_slots
        })
    })
}

struct Cutter<'a> {
    spec: &'a Loop,
    touched: &'a [Touched],
    rows: Range<usize>,
}

impl Cutter<'_> {
    /// The rows of a place that holds all rows, one behind the other.
    fn cut(&self, place: &Place) -> Option<Place> {
        if !place.len.is_multiple_of(self.spec.rows) {
            return None;
        }
        let each = place.len / self.spec.rows;
        // Local memory is each thread's own: its rows stand in front.
        let first = if place.space == Space::Local { 0 } else { self.rows.start };
        let offset = place.offset + first * each;
        let aligned = offset.is_multiple_of(LANES);
        aligned.then(|| Place { offset, len: self.rows.len() * each, ..*place })
    }

    /// A place that every group of rows reads as a whole: the loop must not write it.
    fn whole(&self, place: &Place) -> Option<Place> {
        let (swept, _) = sweep(self.spec, place)?;
        let meets = |write: &Place| {
            sweep(self.spec, write).is_some_and(|(written, _)| written.overlaps(&swept))
        };
        let written = self.touched.iter().flat_map(|t| &t.writes).any(meets);
        (!written).then_some(*place)
    }

    /// A number of rows that is a multiple of the loop's.
    fn scaled(&self, rows: usize) -> Option<usize> {
        let fits = rows > 0 && rows.is_multiple_of(self.spec.rows);
        fits.then(|| rows / self.spec.rows * self.rows.len())
    }

    fn instruction(&self, instruction: &Instruction) -> Option<Instruction> {
        Some(match instruction {
            Instruction::Gemm(gemm) => Instruction::Gemm(self.gemm(gemm)?),
            Instruction::Conv(conv) => Instruction::Conv(self.conv(conv)?),
            Instruction::Fused(fused) => Instruction::Fused(self.fused(fused)?),
            Instruction::Copy(copy) => Instruction::Copy(self.copy(copy)?),
            Instruction::Fill(fill) => {
                Instruction::Fill(Fill { output: self.cut(&fill.output)?, ..fill.clone() })
            }
            Instruction::Reduce(reduce) => Instruction::Reduce(Reduce {
                outer: self.scaled(reduce.outer)?,
                input: self.cut(&reduce.input)?,
                output: self.cut(&reduce.output)?,
                ..reduce.clone()
            }),
            _ => return None,
        })
    }

    fn gemm(&self, gemm: &Gemm) -> Option<Gemm> {
        let Gemm { batch, m, a, b, c, bias, .. } = gemm;
        let by_rows = a.column_stride == 1 && m.checked_mul(a.row_stride) == Some(a.place.len);
        if *batch != 1 || !by_rows {
            return None;
        }
        let bias = match bias {
            Some(bias) => Some(self.whole(bias)?),
            None => None,
        };
        let (mut a, mut b) = (*a, *b);
        a.place = self.cut(&a.place)?;
        b.place = self.whole(&b.place)?;
        Some(Gemm { m: self.scaled(*m)?, a, b, bias, c: self.cut(c)?, ..gemm.clone() })
    }

    fn conv(&self, conv: &Conv) -> Option<Conv> {
        let Conv { batch, x, w, y, bias, .. } = conv;
        if conv.direction == ConvDirection::Weight {
            return None;
        }
        let bias = match bias {
            Some(bias) => Some(self.whole(bias)?),
            None => None,
        };
        Some(Conv {
            batch: self.scaled(*batch)?,
            x: self.cut(x)?,
            w: self.whole(w)?,
            y: self.cut(y)?,
            bias,
            ..conv.clone()
        })
    }

    fn fused(&self, fused: &Fused) -> Option<Fused> {
        let Fused { rows, columns, inputs, outputs, sums, ops } = fused;
        if !sums.is_empty() {
            return None;
        }
        let by_rows = self.scaled(*rows);
        let reduces = ops.iter().any(|op| matches!(op, FusedOp::RowSum(_) | FusedOp::RowMax(_)));
        // One long row is many rows of the loop, one behind the other.
        let along = by_rows.is_none() && *rows == 1 && !reduces;
        let input = |&(place, access): &(Place, Access)| {
            let whole = match access {
                Access::Scalar => true,
                Access::Column => along,
                Access::Row => !along,
                Access::Full => false,
            };
            let place = if whole { self.whole(&place) } else { self.cut(&place) };
            Some((place?, access))
        };
        let output = |&(place, full): &(Place, bool)| {
            let place = if full || !along { self.cut(&place) } else { None };
            Some((place?, full))
        };
        let (rows, columns) = match by_rows {
            Some(rows) => (rows, *columns),
            None if along => (1, self.scaled(*columns)?),
            None => return None,
        };
        Some(Fused {
            rows,
            columns,
            inputs: inputs.iter().map(input).collect::<Option<_>>()?,
            outputs: outputs.iter().map(output).collect::<Option<_>>()?,
            sums: Vec::new(),
            ops: ops.clone(),
        })
    }

    /// A copy whose first axis are the rows, of both sides or of the destination alone.
    fn copy(&self, copy: &Copy) -> Option<Copy> {
        let Copy { shape, input, in_strides, output, out_strides, .. } = copy;
        let rows = *shape.first()?;
        let spans = |place: &Place, stride: usize| rows.checked_mul(stride) == Some(place.len);
        if rows != self.spec.rows || !spans(output, out_strides[0]) {
            return None;
        }
        let input = match in_strides[0] {
            0 => self.whole(input)?,
            stride if spans(input, stride) => self.cut(input)?,
            _ => return None,
        };
        let mut shape = shape.clone();
        shape[0] = self.rows.len();
        Some(Copy { shape, input, output: self.cut(output)?, ..copy.clone() })
    }
}
