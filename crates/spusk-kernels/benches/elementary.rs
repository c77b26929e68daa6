//! What element-wise kernels and reductions cost on one thread.
//!
//! `cargo bench -p spusk-kernels --bench elementary [WORD]` runs the cases whose name has WORD in
//! it. A case's figure is the least of many runs: on a shared machine, that is the kernel's own.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use spusk_kernels::{
    Access, Buffer, Fused, FusedOp, Instruction, Lengths, Level, Place, Program, Reduce,
    ReduceKind, Space, Team, TileBinary, TileUnary,
};

use Access::{Column, Full, Row, Scalar};
use FusedOp::{Binary, Constant, DivSqrt, Load, MulAdd, RowMax, RowSum, Store, Unary};
use TileBinary::{Add, Div, Equal, Max, Mul, Sub};

fn main() {
    let word = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    for (name, case) in cases() {
        if name.contains(&word) {
            measure(&name, &case);
        }
    }
}

/// An instruction and the elements that its cost is counted by.
struct Case {
    instruction: Instruction,
    elements: usize,
    work_len: usize,
}

fn measure(name: &str, case: &Case) {
    let mut line = format!("{name:36}");
    for level in Level::available().into_iter().filter(|&level| level != Level::Portable) {
        // Several times in one program, so that starting it does not count.
        let repeat = (20_000 / case.elements.max(1)).clamp(1, 50);
        let lengths = Lengths { work: case.work_len, ..Lengths::default() };
        let program = Program::with_level(vec![case.instruction.clone(); repeat], lengths, level)
            .expect("a right program");
        let mut work = Buffer::zeroed(case.work_len);
        for (i, x) in work.as_mut_slice().iter_mut().enumerate() {
            *x = 0.01 + (i % 97) as f32 * 0.01;
        }
        let mut state = Buffer::zeroed(0);
        let mut team = Team::new(1);
        let begin = Instant::now();
        let (mut least, mut runs) = (f64::INFINITY, 0);
        while begin.elapsed() < Duration::from_millis(150) || runs < 20 {
            let start = Instant::now();
            program.run(&mut team, &mut work, &mut state);
            least = least.min(start.elapsed().as_secs_f64() * 1e9 / repeat as f64);
            runs += 1;
        }
        let each = least / case.elements as f64;
        line += &format!("  {}: {least:11.1} ns {each:7.4} ns each", level.name());
    }
    println!("{line}");
}

/// A fused kernel over inputs of these accesses; outputs are full or per row, with a place of their
/// own or that of an input.
fn fused(
    (rows, columns): (usize, usize),
    inputs: &[Access],
    outputs: &[(bool, Option<usize>)],
    ops: &[FusedOp],
) -> Case {
    let mut work_len = 0;
    let mut place = |len: usize| {
        let offset = work_len;
        work_len += len.next_multiple_of(16) + 16 * 17;
        Place { space: Space::Work, offset, len }
    };
    let mut list = Vec::new();
    for &access in inputs {
        let len = match access {
            Full => rows * columns,
            Row => columns,
            Column => rows,
            Scalar => 1,
        };
        list.push((place(len), access));
    }
    let outputs = outputs.iter().map(|&(full, input)| match input {
        Some(input) => (list[input].0, full),
        None => (place(if full { rows * columns } else { rows }), full),
    });
    let outputs = outputs.collect();
    let (sums, ops) = (Vec::new(), ops.to_vec());
    let fused = Fused { rows, columns, inputs: list, outputs, sums, ops };
    Case { instruction: Instruction::Fused(fused), elements: rows * columns, work_len }
}

fn reduce(outer: usize, reduced: usize, inner: usize) -> Case {
    let elements = outer * reduced * inner;
    let input = Place { space: Space::Work, offset: 0, len: elements };
    let offset = elements.next_multiple_of(16);
    let output = Place { space: Space::Work, offset, len: outer * inner };
    let spec = Reduce { kind: ReduceKind::Sum, outer, reduced, inner, input, output };
    Case { instruction: Instruction::Reduce(spec), elements, work_len: output.padded_end() }
}

fn cases() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    let mut add = |name: &str, case: Case| cases.push((name.to_string(), case));
    for (name, f) in [
        ("exp", TileUnary::Exp),
        ("log", TileUnary::Log),
        ("log1p", TileUnary::Log1p),
        ("expm1", TileUnary::Expm1),
        ("tanh", TileUnary::Tanh),
        ("sigmoid", TileUnary::Sigmoid),
        ("erf", TileUnary::Erf),
        ("sin", TileUnary::Sin),
        ("sqrt", TileUnary::Sqrt),
        ("reciprocal", TileUnary::Reciprocal),
        ("neg", TileUnary::Neg),
    ] {
        let ops = [Load(0), Unary(f, 0), Store(1, 0)];
        add(&format!("{name} 4096"), fused((1, 4096), &[Full], &[(true, None)], &ops));
    }
    let sum = [Load(0), Load(1), Binary(Add, 0, 1), Store(2, 0)];
    add("add 4096", fused((1, 4096), &[Full, Full], &[(true, None)], &sum));
    add("bias [128, 512]", fused((128, 512), &[Full, Row], &[(true, None)], &sum));
    add("bias [64, 10]", fused((64, 10), &[Full, Row], &[(true, None)], &sum));
    add("column [128, 512]", fused((128, 512), &[Full, Column], &[(true, None)], &sum));
    add("column [64, 10]", fused((64, 10), &[Full, Column], &[(true, None)], &sum));

    let div_sqrt = [Load(0), Load(1), DivSqrt(0, 1, 1e-8), Store(2, 0)];
    add("div_sqrt 1024", fused((1, 1024), &[Full, Full], &[(true, None)], &div_sqrt));
    let mul_add = [Load(0), Load(1), Constant(0.5), MulAdd(0, 2, 1), Store(3, 0)];
    add("mul_add 1024", fused((1, 1024), &[Full, Full], &[(true, None)], &mul_add));
    let in_place = [Load(0), Load(1), Binary(Add, 0, 1), Store(2, 0)];
    add("add in place 1024", fused((1, 1024), &[Full, Full], &[(true, Some(0))], &in_place));

    let relu = [Load(0), Constant(0.0), Binary(Max, 0, 1), Store(2, 0)];
    add("relu [64, 128]", fused((1, 8192), &[Full], &[(true, None)], &relu));
    let relu_backward =
        [Load(0), Load(1), Unary(TileUnary::Step, 0), Binary(Mul, 1, 2), Store(3, 0)];
    add("relu' [64, 128]", fused((1, 8192), &[Full, Full], &[(true, Some(1))], &relu_backward));

    let sgd = [Load(0), Load(1), Load(2), Unary(TileUnary::Neg, 2), MulAdd(3, 1, 0), Store(4, 0)];
    let adam = adam();
    for n in [4096, 101_770, 669_706] {
        add(&format!("sgd {n}"), fused((1, n), &[Full, Full, Scalar], &[(true, Some(0))], &sgd));
        let outputs = [(true, Some(0)), (true, Some(1)), (true, Some(2))];
        add(
            &format!("adam {n}"),
            fused((1, n), &[Full, Full, Full, Full, Scalar, Scalar], &outputs, &adam),
        );
    }
    for shape in [(64, 10), (2048, 65), (8192, 128), (512, 512)] {
        let ops = cross_entropy(shape.0);
        add(
            &format!("cross-entropy and gradient {shape:?}"),
            fused(shape, &[Full, Column, Row], &[(false, None), (true, None)], &ops),
        );
        add(&format!("softmax {shape:?}"), fused(shape, &[Full], &[(true, None)], &softmax()));
    }
    for shape in [(2048, 128), (512, 512)] {
        let norm = layer_norm(shape.1);
        let outputs = [(true, None), (false, None), (false, None)];
        add(&format!("layer norm {shape:?}"), fused(shape, &[Full, Row, Row], &outputs, &norm));
    }
    for shape in [(32_768, 16), (8192, 32), (2048, 64)] {
        let norm = batch_norm();
        let inputs = [Full, Row, Row, Row, Row];
        add(&format!("batch norm {shape:?}"), fused(shape, &inputs, &[(true, None)], &norm));
    }
    add("gelu (2048, 512)", fused((2048, 512), &[Full], &[(true, None)], &gelu()));

    let three = [
        Load(0),
        Load(1),
        Constant(0.5),
        MulAdd(0, 1, 2),
        Binary(Mul, 3, 0),
        Binary(Sub, 4, 1),
        Store(5, 0),
    ];
    for n in [1, 16, 32, 512] {
        add(
            &format!("three operations on {n}"),
            fused((1, n), &[Full, Full], &[(true, None)], &three),
        );
    }
    let tanh = [Load(0), Load(1), Binary(Add, 0, 1), Unary(TileUnary::Tanh, 2), Store(3, 0)];
    add("bias and tanh (32, 16)", fused((32, 16), &[Full, Row], &[(true, None)], &tanh));
    for (outer, reduced, inner) in [
        (1, 128, 512),
        (1, 64, 128),
        (1, 64, 10),
        (1, 32, 16),
        (1, 32, 1),
        (1, 1_000_000, 1),
        (1, 32 * 32 * 32, 16),
        (1, 32 * 32 * 8, 32),
        (32, 64, 64),
        (2048, 65, 1),
    ] {
        let shape = format!("sum ({outer}, {reduced}, {inner})");
        add(&shape, reduce(outer, reduced, inner));
    }
    cases
}

/// m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², θ ← θ - αm / (√(γv) + ε). Inputs θ, m, v, g, α, γ.
fn adam() -> Vec<FusedOp> {
    vec![
        Load(0),
        Load(1),
        Load(2),
        Load(3),
        Load(4),
        Load(5),
        Constant(0.9),
        Constant(0.1),
        Constant(0.999),
        Constant(0.001),
        Binary(Mul, 3, 7),
        MulAdd(1, 6, 10),
        Store(11, 1),
        Binary(Mul, 3, 3),
        Binary(Mul, 13, 9),
        MulAdd(2, 8, 14),
        Store(15, 2),
        Binary(Mul, 11, 4),
        Binary(Mul, 15, 5),
        DivSqrt(17, 18, 1e-8),
        Binary(Sub, 0, 19),
        Store(20, 0),
    ]
}

fn softmax() -> Vec<FusedOp> {
    vec![
        Load(0),
        RowMax(0),
        Binary(Sub, 0, 1),
        Unary(TileUnary::Exp, 2),
        RowSum(3),
        Unary(TileUnary::Reciprocal, 4),
        Binary(Mul, 3, 5),
        Store(6, 0),
    ]
}

/// Loss of each row and gradient of the mean with respect to the logits. Inputs: logits, labels, the
/// numbers of the columns.
fn cross_entropy(rows: usize) -> Vec<FusedOp> {
    vec![
        Load(0),
        Load(1),
        Load(2),
        RowMax(0),
        Binary(Sub, 0, 3),
        Unary(TileUnary::Exp, 4),
        RowSum(5),
        Unary(TileUnary::Log, 6),
        Binary(Equal, 2, 1),
        Binary(Mul, 8, 4),
        RowSum(9),
        Binary(Sub, 7, 10),
        Store(11, 0),
        Binary(Div, 5, 6),
        Binary(Sub, 13, 8),
        Constant(1.0 / rows as f64),
        Binary(Mul, 14, 15),
        Store(16, 1),
    ]
}

/// Normalized rows times γ plus β, and the mean and the inverse deviation of each row.
fn layer_norm(columns: usize) -> Vec<FusedOp> {
    let n = Constant(1.0 / columns as f64);
    vec![
        Load(0),
        Load(1),
        Load(2),
        RowSum(0),
        n,
        Binary(Mul, 3, 4),
        Binary(Sub, 0, 5),
        Binary(Mul, 6, 6),
        RowSum(7),
        Constant(1e-5),
        MulAdd(8, 4, 9),
        Unary(TileUnary::Sqrt, 10),
        Unary(TileUnary::Reciprocal, 11),
        Binary(Mul, 6, 12),
        MulAdd(13, 1, 2),
        Store(14, 0),
        Store(5, 1),
        Store(12, 2),
    ]
}

/// max(0, γ (x - mean) / √(variance + ε) + β). Inputs x, mean, variance, γ, β.
fn batch_norm() -> Vec<FusedOp> {
    vec![
        Load(0),
        Load(1),
        Load(2),
        Load(3),
        Load(4),
        Constant(1e-5),
        Binary(Add, 2, 5),
        Unary(TileUnary::Sqrt, 6),
        Unary(TileUnary::Reciprocal, 7),
        Binary(Mul, 8, 3),
        Binary(Sub, 0, 1),
        MulAdd(10, 9, 4),
        Constant(0.0),
        Binary(Max, 11, 12),
        Store(13, 0),
    ]
}

/// x/2 (1 + erf(x/√2)).
fn gelu() -> Vec<FusedOp> {
    vec![
        Load(0),
        Constant(std::f64::consts::FRAC_1_SQRT_2),
        Binary(Mul, 0, 1),
        Unary(TileUnary::Erf, 2),
        Constant(0.5),
        Binary(Mul, 0, 4),
        MulAdd(5, 3, 5),
        Store(6, 0),
    ]
}
