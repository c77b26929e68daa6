//! The largest errors of the elementary functions in single precision, in units in the last place,
//! against double precision.
//!
//! `cargo run --release -p spusk-kernels --example accuracy [STEP [FUNCTION]]` looks at every
//! STEP-th of all 2³² inputs; with STEP 1, the default, that is hours.
#![allow(clippy::print_stdout)]

use spusk_kernels::{
    Access, Buffer, Element, Fused, FusedOp, Instruction, Place, Program, Space, Team, TileUnary,
};

const BATCH: usize = 1 << 16;

const FUNCTIONS: [(&str, TileUnary); 9] = [
    ("exp", TileUnary::Exp),
    ("expm1", TileUnary::Expm1),
    ("log", TileUnary::Log),
    ("log1p", TileUnary::Log1p),
    ("tanh", TileUnary::Tanh),
    ("sigmoid", TileUnary::Sigmoid),
    ("erf", TileUnary::Erf),
    ("sin", TileUnary::Sin),
    ("cos", TileUnary::Cos),
];

fn main() {
    let step = std::env::args().nth(1).map_or(1, |step| step.parse().expect("STEP is a number"));
    let wanted = std::env::args().nth(2);
    for (name, function) in FUNCTIONS {
        if wanted.as_deref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let (error, x) = worst(function, step);
        println!("{name:8} {error:.4} at {x:?}");
    }
}

/// The largest error and where.
fn worst(function: TileUnary, step: usize) -> (f64, f32) {
    let single = program::<f32>(function);
    let double = program::<f64>(function);
    let (mut small, mut large) = (Buffer::zeroed(2 * BATCH), Buffer::zeroed(2 * BATCH));
    let mut team = Team::new(1);
    let mut worst = (0.0, 0.0);
    let mut inputs = (0..=u32::MAX).step_by(step).peekable();
    while inputs.peek().is_some() {
        let pairs = small.as_mut_slice().iter_mut().zip(large.as_mut_slice());
        for ((small, large), bits) in pairs.take(BATCH).zip(inputs.by_ref()) {
            *small = f32::from_bits(bits);
            *large = f64::from(*small);
        }
        let mut state = Buffer::zeroed(0);
        single.run(&mut team, &mut small, &mut state);
        double.run(&mut team, &mut large, &mut Buffer::zeroed(0));
        let (x, got) = small.as_slice().split_at(BATCH);
        for ((&x, &got), &want) in x.iter().zip(got).zip(&large.as_slice()[BATCH..]) {
            let error = units(got, want);
            if error.is_nan() || error > worst.0 {
                worst = (error, x);
            }
        }
    }
    worst
}

/// f from the first half of the work buffer to the second.
fn program<T: Element>(function: TileUnary) -> Program<T> {
    let place = |offset| Place { space: Space::Work, offset, len: BATCH };
    let fused = Fused {
        rows: 1,
        columns: BATCH,
        inputs: vec![(place(0), Access::Full)],
        outputs: vec![(place(BATCH), true)],
        sums: Vec::new(),
        ops: vec![FusedOp::Load(0), FusedOp::Unary(function, 0), FusedOp::Store(1, 0)],
    };
    Program::new(vec![Instruction::Fused(fused)], 2 * BATCH, 0).expect("a right program")
}

/// The distance of `got`, in units in the last place of `want` rounded to single precision.
fn units(got: f32, want: f64) -> f64 {
    let rounded = want as f32;
    if (got.is_nan() && rounded.is_nan()) || (got == rounded && got.is_infinite()) {
        return 0.0;
    }
    let exponent = ((rounded.abs().to_bits() >> 23) as i32).clamp(1, 254);
    (f64::from(got) - want).abs() / f64::from(exponent - 150).exp2()
}
