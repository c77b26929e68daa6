//! Weighted sums of neighbors along one axis: averages over windows, enlarging and reducing.

use std::ops::Range;

use crate::elementary::Elementary;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Vector, Work, dispatch};
use crate::{Element, Level, Place, Resample};

/// Elements of the output that one thread makes at a time, about.
const CHUNK: usize = 8 * 1024;

/// Vectors that are added up side by side.
const WIDE: usize = 4;

struct ResampleKernel<T> {
    outer: usize,
    size: usize,
    inner: usize,
    input: Place,
    output: Place,
    /// Of every element of the axis: the first neighbor, and its weights among `weights`.
    bands: Vec<(usize, Range<usize>)>,
    weights: Vec<T>,
    rows_per_chunk: usize,
}

pub(crate) fn prepare<T: Element>(spec: &Resample) -> Result<Box<dyn Kernel<T>>, String> {
    let Resample { outer, size, inner, bands, input, output } = spec;
    for (i, band) in bands.iter().enumerate() {
        if band.start.checked_add(band.weights.len()).is_none_or(|end| end > *size) {
            let (start, len) = (band.start, band.weights.len());
            return Err(format!(
                "element {i} takes {len} elements from {start} on, but the axis has {size}"
            ));
        }
    }
    for (name, place, axis) in [("input", input, *size), ("output", output, bands.len())] {
        let want = outer.checked_mul(axis).and_then(|rows| rows.checked_mul(*inner));
        if want != Some(place.len) {
            return Err(format!(
                "the {name} has {} elements, expected {outer} × {axis} × {inner}",
                place.len
            ));
        }
    }
    let weights = bands.iter().flat_map(|band| &band.weights).map(|&w| T::from_f64(w)).collect();
    let mut first = 0;
    let bands = (bands.iter())
        .map(|band| {
            first += band.weights.len();
            (band.start, first - band.weights.len()..first)
        })
        .collect();
    Ok(Box::new(ResampleKernel {
        outer: *outer,
        size: *size,
        inner: *inner,
        input: *input,
        output: *output,
        bands,
        weights,
        rows_per_chunk: (CHUNK / (*inner).max(1)).max(1),
    }))
}

impl<T: Element> ResampleKernel<T> {
    /// Rows of `inner` elements.
    fn rows(&self) -> usize {
        self.outer * self.bands.len()
    }
}

impl<T: Element> Kernel<T> for ResampleKernel<T> {
    fn reads(&self) -> Vec<Place> {
        vec![self.input]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.output]
    }

    fn chunks(&self) -> usize {
        self.rows().div_ceil(self.rows_per_chunk).max(1)
    }

    fn cost(&self) -> f64 {
        let vectors = (self.outer * self.weights.len() * self.inner.div_ceil(8)) as f64;
        20.0 + 0.6 * vectors + 2.0 * self.rows() as f64 + 0.1 * self.output.len as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        let from = (chunks.start * self.rows_per_chunk).min(self.rows());
        let to = (chunks.end * self.rows_per_chunk).min(self.rows());
        // SAFETY: the places lie in the buffers and the processor has the level by the caller's
        // promise; `prepare` has compared their lengths with the sizes.
        unsafe {
            let input = memory.ptr(self.input);
            let output = memory.ptr(self.output);
            dispatch(level, Rows { kernel: self, input, output, rows: from..to });
        }
    }
}

/// The rows of one call.
struct Rows<'a, T> {
    kernel: &'a ResampleKernel<T>,
    input: *const T,
    output: *mut T,
    rows: Range<usize>,
}

impl<T: Element> Work<T> for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Elementary<Scalar = T>>(self) {
        let ResampleKernel { size, inner, bands, weights, input, .. } = self.kernel;
        let end = self.rows.end * inner;
        for row in self.rows {
            let (outer, i) = (row / bands.len(), row % bands.len());
            let (start, range) = &bands[i];
            let first = (outer * size + start) * inner;
            let weights = &weights[range.clone()];
            let last = first + weights.len().saturating_sub(1) * inner;
            let mut e = 0;
            // SAFETY: elements of the axis in the input, by `prepare`; of the output only rows of
            // this call, of which later ones are written later.
            unsafe {
                let (from, to) = (self.input.add(first), self.output.add(row * inner));
                while e + WIDE * V::N <= *inner {
                    let sums = sum::<V, WIDE>(from.add(e), *inner, weights, V::N);
                    for (k, sum) in sums.into_iter().enumerate() {
                        sum.store(to.add(e + k * V::N));
                    }
                    e += WIDE * V::N;
                }
                while e < *inner {
                    let own = V::N.min(inner - e);
                    let whole = last + e + V::N <= input.len && row * inner + e + V::N <= end;
                    let n = if whole { V::N } else { own };
                    let [sum] = sum::<V, 1>(from.add(e), *inner, weights, n);
                    if whole {
                        sum.store(to.add(e))
                    } else {
                        sum.store_partial(to.add(e), own)
                    }
                    e += V::N;
                }
            }
        }
    }
}

/// Σ over k of weights[k] · from[k · stride ..], k ascending, of `M` vectors side by side; of a
/// single vector only `n ≤ N` elements are read.
///
/// # Safety
/// The elements may be read.
#[inline(always)]
unsafe fn sum<V: Vector, const M: usize>(
    from: *const V::Scalar,
    stride: usize,
    weights: &[V::Scalar],
    n: usize,
) -> [V; M] {
    let mut sums = [V::zero(); M];
    for (k, &weight) in weights.iter().enumerate() {
        for (j, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let x = unsafe {
                let at = from.add(k * stride + j * V::N);
                if n == V::N { V::load(at) } else { V::load_partial(at, n) }
            };
            *sum = x.mul_add(V::splat(weight), *sum);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{place, refusal, run};
    use crate::{Band, Instruction};

    const OUTPUT: usize = 64 * 1024;

    fn spec(outer: usize, size: usize, inner: usize, bands: Vec<Band>) -> Resample {
        let (input, output) = (outer * size * inner, outer * bands.len() * inner);
        let (input, output) = (place(0, input), place(OUTPUT, output));
        Resample { outer, size, inner, bands, input, output }
    }

    /// The definition.
    fn reference<T: Element>(spec: &Resample, input: &[f64]) -> Vec<f64> {
        let mut output = Vec::new();
        for o in 0..spec.outer {
            for band in &spec.bands {
                for e in 0..spec.inner {
                    let mut sum = T::ZERO;
                    for (k, &weight) in band.weights.iter().enumerate() {
                        let x = input[(o * spec.size + band.start + k) * spec.inner + e];
                        sum = T::from_f64(x).mul_add(T::from_f64(weight), sum);
                    }
                    output.push(sum.to_f64());
                }
            }
        }
        output
    }

    fn check<T: Element>(spec: &Resample) {
        let mut work = vec![7.0; 2 * OUTPUT];
        for (i, x) in work[..spec.input.len].iter_mut().enumerate() {
            *x = T::from_f64((i as f64 * 0.7).sin()).to_f64();
        }
        let want = reference::<T>(spec, &work);
        let got = run::<T>(vec![Instruction::Resample(spec.clone())], work, vec![]);
        assert_eq!(got.work[OUTPUT..][..want.len()], want, "{spec:?}");
        assert!(got.work[OUTPUT + want.len()..].iter().all(|&x| x == 7.0), "{spec:?}");
    }

    #[test]
    fn agrees_with_the_definition() {
        let band = |start: usize, weights: &[f64]| Band { start, weights: weights.to_vec() };
        let averages = vec![band(0, &[0.5, 0.5]), band(2, &[0.5, 0.5]), band(4, &[1.0])];
        let others = vec![band(4, &[0.1]), band(0, &[]), band(0, &[0.3, -1.0, 2.0, 0.25, 1e-3])];
        for bands in [averages, others] {
            for (outer, inner) in [(1, 1), (7, 1), (3, 6), (2, 16), (5, 37), (3, 300), (2, 5000)] {
                let spec = spec(outer, 5, inner, bands.clone());
                check::<f32>(&spec);
                check::<f64>(&spec);
            }
        }
        check::<f32>(&spec(2, 3, 4, vec![]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let good = || spec(2, 3, 4, vec![Band { start: 1, weights: vec![1.0, 2.0] }]);
        let check = |change: &dyn Fn(&mut Resample), want: &str| {
            let mut spec = good();
            change(&mut spec);
            assert_eq!(refusal(Instruction::Resample(spec), 2 * OUTPUT), want);
        };
        check(&|_| {}, "accepted");
        check(
            &|s| s.bands[0].start = 2,
            "resample: element 0 takes 2 elements from 2 on, but the axis has 3",
        );
        check(&|s| s.inner = 5, "resample: the input has 24 elements, expected 2 × 3 × 5");
        check(&|s| s.output.len = 9, "resample: the output has 9 elements, expected 2 × 1 × 4");
    }
}
