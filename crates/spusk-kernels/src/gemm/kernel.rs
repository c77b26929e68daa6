//! The product as a kernel.

use std::ops::Range;

use super::check::check;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Vector, Work, dispatch};
use crate::{Element, Gemm, Level, Place};

struct GemmKernel {
    spec: Gemm,
}

pub(crate) fn prepare<T: Element>(spec: &Gemm, _: Level) -> Result<Box<dyn Kernel<T>>, String> {
    check(spec)?;
    Ok(Box::new(GemmKernel { spec: spec.clone() }))
}

impl<T: Element> Kernel<T> for GemmKernel {
    fn reads(&self) -> Vec<Place> {
        let mut reads = vec![self.spec.a.place, self.spec.b.place];
        reads.extend(self.spec.bias);
        reads
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.c]
    }

    fn chunks(&self) -> usize {
        (self.spec.batch * self.spec.m).max(1)
    }

    fn cost(&self) -> f64 {
        10.0 + 0.1 * (self.spec.c.len * self.spec.k) as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        let rows = if self.spec.c.len == 0 { 0..0 } else { chunks };
        // SAFETY: passed on; `check` has put every index inside its place.
        unsafe { dispatch(level, Rows { spec: &self.spec, memory, rows }) }
    }
}

struct Rows<'a, T> {
    spec: &'a Gemm,
    memory: RawMemory<T>,
    rows: Range<usize>,
}

impl<T: Element> Work<T> for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        let Gemm { m, n, k, a, b, c, bias, accumulate, .. } = self.spec;
        for row in self.rows.clone() {
            let (batch, i) = (row / m, row % m);
            // SAFETY: indices inside the shape.
            unsafe {
                let a_row = self.memory.ptr(a.place).add(batch * a.batch_stride + i * a.row_stride);
                let b_start = self.memory.ptr(b.place).add(batch * b.batch_stride);
                let c_row = self.memory.ptr(*c).add(row * n);
                for j in (0..*n).step_by(V::N) {
                    let width = V::N.min(n - j);
                    let mut acc = match bias {
                        Some(bias) => V::load_partial(self.memory.ptr(*bias).add(j), width),
                        None if *accumulate => V::load_partial(c_row.add(j), width),
                        None => V::zero(),
                    };
                    for p in 0..*k {
                        let from = b_start.add(p * b.row_stride + j * b.column_stride);
                        let b_row = if b.column_stride == 1 {
                            V::load_partial(from, width)
                        } else {
                            let mut row = [T::ZERO; crate::LANES];
                            for (l, x) in row[..width].iter_mut().enumerate() {
                                *x = *from.add(l * b.column_stride);
                            }
                            V::load(row.as_ptr())
                        };
                        acc = V::splat(*a_row.add(p * a.column_stride)).mul_add(b_row, acc);
                    }
                    acc.store_partial(c_row.add(j), width);
                }
            }
        }
    }
}
