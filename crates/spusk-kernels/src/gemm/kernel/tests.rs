use super::*;
use crate::testing::{place, refusal, run};
use crate::{GradientStep, Instruction, Matrix};

/// How an operand lies in memory.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    Rows,
    Columns,
    /// Rows farther apart than they are long.
    WideRows,
    WideColumns,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Start {
    Zero,
    Bias,
    Old,
    /// 0, and the result is a step from c itself.
    Step,
    /// The same from weights elsewhere.
    StepFrom,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    batch: usize,
    m: usize,
    k: usize,
    n: usize,
    a: Layout,
    b: Layout,
    start: Start,
    /// Whether all batch entries share b.
    shared_b: bool,
    triangle: Triangle,
}

const PLAIN: Case = Case {
    batch: 1,
    m: 1,
    k: 1,
    n: 1,
    a: Layout::Rows,
    b: Layout::Rows,
    start: Start::Zero,
    shared_b: false,
    triangle: Triangle::None,
};

fn matrix(layout: Layout, offset: usize, batch: usize, rows: usize, columns: usize) -> Matrix {
    let (row_stride, column_stride) = match layout {
        Layout::Rows => (columns.max(1), 1),
        Layout::Columns => (1, rows.max(1)),
        Layout::WideRows => (columns + 5, 1),
        Layout::WideColumns => (1, rows + 3),
    };
    let batch_stride = rows.max(1) * row_stride + columns.max(1) * column_stride;
    let place = place(offset, batch * batch_stride);
    Matrix { place, batch_stride, group: None, row_stride, column_stride }
}

impl Case {
    fn spec(&self) -> (Gemm, usize) {
        let Case { batch, m, k, n, .. } = *self;
        let a = matrix(self.a, 16, batch, m, k);
        let b_batch = if self.shared_b { 1 } else { batch };
        let mut b = matrix(self.b, a.place.padded_end(), b_batch, k, n);
        if self.shared_b {
            b.batch_stride = 0;
        }
        let bias = place(b.place.padded_end(), n);
        let c = place(bias.padded_end(), batch * m * n);
        let weights = place(c.padded_end(), c.len);
        let rate = place(bias.offset, 1);
        let gemm = Gemm {
            batch,
            m,
            n,
            k,
            a,
            b,
            c,
            bias: (self.start == Start::Bias).then_some(bias),
            accumulate: self.start == Start::Old,
            triangle: self.triangle,
            step: match self.start {
                Start::Step => Some(GradientStep { from: c, rate }),
                Start::StepFrom => Some(GradientStep { from: weights, rate }),
                _ => None,
            },
        };
        (gemm, weights.padded_end() + 16)
    }
}

/// The definition, one fused multiply-add at a time.
fn reference<T: Element>(spec: &Gemm, work: &[T]) -> Vec<T> {
    let at = |matrix: &Matrix, batch: usize, i: usize, j: usize| {
        let inner = i * matrix.row_stride + j * matrix.column_stride;
        work[matrix.place.offset + matrix.entry(batch) + inner]
    };
    let mut c = Vec::new();
    for index in 0..spec.c.len {
        let (batch, i, j) = (index / spec.n / spec.m, index / spec.n % spec.m, index % spec.n);
        let mut acc = match spec.bias {
            Some(bias) => work[bias.offset + j],
            None if spec.accumulate => work[spec.c.offset + index],
            None => T::ZERO,
        };
        for p in spec.triangle.range(i, j, spec.k) {
            acc = at(&spec.a, batch, i, p).mul_add(at(&spec.b, batch, p, j), acc);
        }
        if let Some(GradientStep { from, rate }) = spec.step {
            acc = work[from.offset + index] - acc * work[rate.offset];
        }
        c.push(acc);
    }
    c
}

/// Numbers of both signs that are exact in f32.
fn numbers(len: usize) -> Vec<f64> {
    let mut seed = 1_u32;
    let number = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((seed >> 8) as i32 - (1 << 23)) / f64::from(1 << 23)
    };
    (0..len).map(number).collect()
}

/// Every level and number of threads gives the bits of the definition, touches nothing else,
/// and in f32 is as near to the result in f64 as k roundings allow.
fn check(case: Case) {
    let (spec, len) = case.spec();
    let work = numbers(len);
    let as_f32: Vec<f32> = work.iter().map(|&x| x as f32).collect();
    let (exact, expected) = (reference(&spec, &work), reference(&spec, &as_f32));
    let got = run::<f32>(vec![Instruction::Gemm(spec.clone())], work.clone(), vec![]).work;
    let c = spec.c.offset..spec.c.offset + spec.c.len;
    for (i, (&got, &want)) in got[c.clone()].iter().zip(&expected).enumerate() {
        assert_eq!(got, f64::from(want), "{case:?}: element {i}");
        let error = (got - exact[i]).abs();
        let bound = f64::from(f32::EPSILON) * (spec.k + 1) as f64 * (1.0 + spec.k as f64);
        assert!(error <= bound, "{case:?}: element {i} is {got}, exactly {}", exact[i]);
    }
    assert_eq!(got[..c.start], work[..c.start], "{case:?}");
    assert_eq!(got[spec.c.padded_end()..], work[spec.c.padded_end()..], "{case:?}");
    let got = run::<f64>(vec![Instruction::Gemm(spec)], work.clone(), vec![]).work;
    assert_eq!(got[c], exact, "{case:?} in f64");
}

const LAYOUTS: [Layout; 4] = [Layout::Rows, Layout::Columns, Layout::WideRows, Layout::WideColumns];

#[test]
fn sizes_from_0_to_3_vectors() {
    const SIZES: [usize; 9] = [0, 1, 2, 3, 13, 17, 31, 33, 65];
    for (i, m) in SIZES.into_iter().enumerate() {
        for (j, k) in SIZES.into_iter().enumerate() {
            for (l, n) in SIZES.into_iter().enumerate() {
                let start = [Start::Zero, Start::Bias, Start::Old][(i + j + l) % 3];
                let (a, b) = (LAYOUTS[(i + j + l) % 4], LAYOUTS[(i * 3 + j + l * 2) % 4]);
                check(Case { m, k, n, a, b, start, ..PLAIN });
            }
        }
    }
}

#[test]
fn layouts_and_starts() {
    for (m, k, n) in [(5, 7, 9), (40, 35, 70), (1, 50, 100), (100, 50, 1), (30, 20, 10)] {
        for a in LAYOUTS {
            for b in LAYOUTS {
                for start in [Start::Zero, Start::Bias, Start::Old] {
                    check(Case { m, k, n, a, b, start, ..PLAIN });
                }
            }
        }
    }
}

#[test]
fn batches() {
    for (m, k, n) in [(1, 1, 1), (17, 5, 18), (33, 16, 40), (3, 0, 2)] {
        for (a, b) in [(Layout::Rows, Layout::Rows), (Layout::Columns, Layout::WideColumns)] {
            for start in [Start::Zero, Start::Bias, Start::Old] {
                for (batch, shared_b) in [(0, false), (5, false), (3, true)] {
                    check(Case { batch, m, k, n, a, b, start, shared_b, ..PLAIN });
                }
            }
        }
    }
}

#[test]
fn heads_of_sequences() {
    // Sequences of 6 places with 3 heads of 5 numbers: entry (sequence, head) has rows that lie
    // 15 apart.
    let (sequences, heads, size, places) = (2, 3, 5, 6);
    let group = Some(crate::Group { size: heads, stride: places * heads * size });
    let len = sequences * heads * places * size;
    let wide = heads * size;
    let a = Matrix {
        place: place(16, len),
        batch_stride: size,
        group,
        row_stride: wide,
        column_stride: 1,
    };
    let b_place = place(a.place.padded_end(), len);
    let b = Matrix { place: b_place, row_stride: 1, column_stride: wide, ..a };
    let c = place(b_place.padded_end(), sequences * heads * places * places);
    let (m, n, k) = (places, places, size);
    let batch = sequences * heads;
    let (bias, accumulate, triangle) = (None, false, Triangle::None);
    let spec = Gemm { batch, m, n, k, a, b, c, bias, accumulate, triangle, step: None };
    let mut work: Vec<f32> = vec![0.0; c.padded_end()];
    for (i, x) in work.iter_mut().enumerate() {
        *x = (i as f32 * 0.7).sin();
    }
    let want = reference(&spec, &work);
    let double: Vec<f64> = work.iter().map(|&x| f64::from(x)).collect();
    let got = run::<f32>(vec![Instruction::Gemm(spec)], double, vec![]);
    let got = &got.work[c.offset..][..c.len];
    assert!(got.iter().zip(&want).all(|(&got, &want)| got == f64::from(want)));
}

#[test]
fn triangles() {
    const SIZES: [usize; 8] = [0, 1, 2, 7, 13, 31, 33, 65];
    let left = [Triangle::LeftLower, Triangle::LeftUpper];
    for (i, m) in SIZES.into_iter().enumerate() {
        for (j, k) in SIZES.into_iter().enumerate() {
            for (l, n) in SIZES.into_iter().enumerate() {
                let (a, b) = (LAYOUTS[(i + j + l) % 4], LAYOUTS[(i * 3 + j + l * 2) % 4]);
                let case = Case { batch: 2, m, k, n, a, b, ..PLAIN };
                check(Case { triangle: Triangle::Lower, ..case });
                let start = [Start::Zero, Start::Bias, Start::Old][(i + j + l) % 3];
                check(Case { triangle: left[(i + l) % 2], start, ..case });
            }
        }
    }
    // Several blocks of k, packed operands, tall and wide results.
    for (m, k, n) in [(700, 700, 33), (600, 70, 15), (41, 300, 1024), (30, 600, 600)] {
        for (a, b) in [(Layout::Rows, Layout::Rows), (Layout::Columns, Layout::Columns)] {
            for triangle in [left[0], left[1], Triangle::Lower] {
                check(Case { m, k, n, a, b, triangle, ..PLAIN });
            }
        }
    }
}

#[test]
fn long_sums_and_wide_results() {
    // Rows of 512 and 1,024 numbers are packed where they serve several tiles.
    for (m, k, n) in [
        (30, 2000, 40),
        (15, 700, 600),
        (600, 70, 15),
        (1, 1500, 700),
        (60, 300, 512),
        (41, 30, 1024),
    ] {
        for (a, b) in [(Layout::Rows, Layout::Rows), (Layout::Columns, Layout::Columns)] {
            for start in [Start::Zero, Start::Bias, Start::Old] {
                check(Case { m, k, n, a, b, start, ..PLAIN });
            }
        }
    }
}

#[test]
fn steps_of_weights_whose_gradients_are_products() {
    for (m, k, n) in [(2, 1, 2), (14, 3, 32), (31, 64, 47), (64, 256, 100), (100, 16, 25)] {
        for start in [Start::Step, Start::StepFrom] {
            let case = Case { m, k, n, start, a: Layout::Columns, ..PLAIN };
            check(case);
            check(Case { batch: 3, a: Layout::WideColumns, ..case });
            check(Case { b: Layout::Columns, ..case });
        }
    }
}

#[test]
fn refuses_what_does_not_fit() {
    let (good, len) = Case { m: 3, k: 4, n: 5, ..PLAIN }.spec();
    let check = |change: &dyn Fn(&mut Gemm), expected: &str| {
        let mut gemm = good.clone();
        change(&mut gemm);
        assert_eq!(refusal(Instruction::Gemm(gemm), len), expected);
    };
    check(&|_| {}, "accepted");
    // Strides of axes of size 1 do not matter.
    check(&|g| (g.m, g.c.len, g.a.row_stride) = (1, 5, usize::MAX), "accepted");
    check(
        &|g| g.a.column_stride = 2,
        "gemm: a has row stride 4 and column stride 2; one of them must be 1",
    );
    check(
        &|g| g.b.row_stride = 7,
        "gemm: b of shape [1, 4, 5] with strides [25, 7, 1] reaches element 25, but its place has \
         25 elements",
    );
    check(
        &|g| (g.m, g.a.row_stride) = (3, usize::MAX),
        "gemm: a of shape [1, 3, 4] with strides [16, 18446744073709551615, 1] reaches beyond all \
         numbers, but its place has 16 elements",
    );
    check(&|g| g.c.len = 14, "gemm: c has 14 elements, expected batch × m × n = 1 × 3 × 5");
    check(&|g| g.bias = Some(place(0, 4)), "gemm: the bias has 4 elements, expected n = 5");
    check(
        &|g| (g.bias, g.accumulate) = (Some(place(0, 5)), true),
        "gemm: starts with both a bias and the old c; use one of them",
    );
    check(
        &|g| (g.triangle, g.accumulate) = (Triangle::Lower, true),
        "gemm: the lower triangle of a result starts with 0, not with a bias or the old c",
    );
    let step = |g: &mut Gemm, rate: usize| {
        (g.a.row_stride, g.a.column_stride) = (1, 3);
        g.step = Some(GradientStep { from: g.c, rate: place(0, rate) });
    };
    check(&|g| step(g, 1), "accepted");
    check(&|g| step(g, 2), "gemm: a step of 15 weights by 2 rates, expected 15 and 1");
    check(
        &|g| {
            step(g, 1);
            g.accumulate = true;
        },
        "gemm: a step takes sums of 1 to 256 products, more than one row and column, a left operand by \
         columns, no start values and no triangle; got m = 3, n = 5, k = 4",
    );
    check(
        &|g| {
            step(g, 1);
            g.step = g.step.map(|step| GradientStep { rate: place(g.c.offset, 1), ..step });
        },
        "gemm: writes work[80..95], which overlaps work[80..81], which it reads",
    );
    check(&|g| g.c = g.a.place, "gemm: c has 16 elements, expected batch × m × n = 1 × 3 × 5");
    check(
        &|g| g.c.offset = 16,
        "gemm: writes work[16..31], which overlaps work[16..32], which it reads",
    );
}
