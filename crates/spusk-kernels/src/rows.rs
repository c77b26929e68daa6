//! Some rows of an instruction that treats its rows alike and each by itself.

use crate::{
    Access, Conv, ConvDirection, Copy, Fill, Fused, FusedOp, Gemm, Instruction, Matrix, Place,
    Reduce, Triangle,
};

/// Takes some rows of instructions: a product with these rows of its left operand, or these entries of
/// its batch; these rows of a fused kernel.
///
/// A place with rows holds all of them, one behind the other, each as long as the others; `cut` says
/// where the taken ones stand. Whatever else is read, is read as a whole: `whole` says where. Either
/// may refuse.
pub struct Rows<'a> {
    /// How many rows there are.
    pub all: usize,
    /// How many are taken.
    pub taken: usize,
    /// The taken rows of a place.
    pub cut: &'a dyn Fn(&Place) -> Option<Place>,
    /// A place that is read for every row.
    pub whole: &'a dyn Fn(&Place) -> Option<Place>,
}

impl Rows<'_> {
    /// The instruction for the taken rows alone; `None` if it does not treat its rows alike and each by
    /// itself.
    pub fn instruction(&self, instruction: &Instruction) -> Option<Instruction> {
        Some(match instruction {
            Instruction::Gemm(gemm) => Instruction::Gemm(self.gemm(gemm)?),
            Instruction::Conv(conv) => Instruction::Conv(self.conv(conv)?),
            Instruction::Fused(fused) => Instruction::Fused(self.fused(fused)?),
            Instruction::Copy(copy) => Instruction::Copy(self.copy(copy)?),
            Instruction::Fill(fill) => {
                Instruction::Fill(Fill { output: (self.cut)(&fill.output)?, ..fill.clone() })
            }
            Instruction::Reduce(reduce) => Instruction::Reduce(Reduce {
                outer: self.scaled(reduce.outer)?,
                input: (self.cut)(&reduce.input)?,
                output: (self.cut)(&reduce.output)?,
                ..reduce.clone()
            }),
            _ => return None,
        })
    }

    /// A number of rows that is a multiple of all.
    fn scaled(&self, rows: usize) -> Option<usize> {
        let fits = rows > 0 && rows.is_multiple_of(self.all);
        fits.then(|| rows / self.all * self.taken)
    }

    fn gemm(&self, gemm: &Gemm) -> Option<Gemm> {
        let Gemm { batch, m, n, k, a, b, c, bias, .. } = gemm;
        if gemm.step.is_some() {
            return None;
        }
        let bias = match bias {
            Some(bias) => Some((self.whole)(bias)?),
            None => None,
        };
        let c = (self.cut)(c)?;
        if *batch > 1 {
            let (a, b) = (self.entries(a, *batch, [*m, *k])?, self.entries(b, *batch, [*k, *n])?);
            return Some(Gemm { batch: self.scaled(*batch)?, a, b, bias, c, ..gemm.clone() });
        }
        // A triangle knows its rows by their numbers.
        let by_rows = gemm.triangle == Triangle::None
            && a.column_stride == 1
            && m.checked_mul(a.row_stride) == Some(a.place.len);
        if !by_rows {
            return None;
        }
        let (mut a, mut b) = (*a, *b);
        a.place = (self.cut)(&a.place)?;
        b.place = (self.whole)(&b.place)?;
        Some(Gemm { m: self.scaled(*m)?, a, b, bias, c, ..gemm.clone() })
    }

    /// The entries of a batch that belong to the taken rows.
    fn entries(&self, matrix: &Matrix, batch: usize, sizes: [usize; 2]) -> Option<Matrix> {
        if matrix.batch_stride == 0 && matrix.group.is_none() {
            return Some(Matrix { place: (self.whole)(&matrix.place)?, ..*matrix });
        }
        let each = self.scaled(batch)? / self.taken.max(1);
        let in_groups = matrix.group.is_none_or(|group| each.is_multiple_of(group.size));
        let stride = matrix.entry(each);
        let inner = sizes[0].saturating_sub(1) * matrix.row_stride
            + sizes[1].saturating_sub(1) * matrix.column_stride;
        let furthest = (0..each).map(|entry| matrix.entry(entry) + inner).max()?;
        let one_behind_the_other =
            stride.checked_mul(self.all) == Some(matrix.place.len) && furthest < stride;
        let fits = in_groups && one_behind_the_other;
        if !fits {
            return None;
        }
        Some(Matrix { place: (self.cut)(&matrix.place)?, ..*matrix })
    }

    /// A row is a picture.
    fn conv(&self, conv: &Conv) -> Option<Conv> {
        let Conv { batch, x, w, y, bias, .. } = conv;
        if conv.direction == ConvDirection::Weight {
            return None;
        }
        let bias = match bias {
            Some(bias) => Some((self.whole)(bias)?),
            None => None,
        };
        Some(Conv {
            batch: self.scaled(*batch)?,
            x: (self.cut)(x)?,
            w: (self.whole)(w)?,
            y: (self.cut)(y)?,
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
        // One long row is many rows, one behind the other.
        let along = by_rows.is_none() && *rows == 1 && !reduces;
        let input = |&(place, access): &(Place, Access)| {
            let whole = match access {
                Access::Scalar => true,
                Access::Column => along,
                Access::Row => !along,
                Access::Full => false,
            };
            let place = if whole { (self.whole)(&place) } else { (self.cut)(&place) };
            Some((place?, access))
        };
        let output = |&(place, full): &(Place, bool)| {
            let place = if full || !along { (self.cut)(&place) } else { None };
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
        if rows != self.all || !spans(output, out_strides[0]) {
            return None;
        }
        let input = match in_strides[0] {
            0 => (self.whole)(input)?,
            stride if spans(input, stride) => (self.cut)(input)?,
            _ => return None,
        };
        let mut shape = shape.clone();
        shape[0] = self.taken;
        Some(Copy { shape, input, output: (self.cut)(output)?, ..copy.clone() })
    }
}
