//! Matrix products of training steps: GFLOP/s of this crate and of the `gemm` crate.
//!
//! `cargo bench -p spusk-kernels --bench gemm [-- NAME-PART]`. The two take turns; each figure is
//! the best of many short rounds, because other processes only ever make it worse.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use gemm::Parallelism;
use spusk_kernels::{
    Buffer, Gemm, Group, Instruction, Lengths, Level, Matrix, Place, Program, Space, Team, Triangle,
};

/// Which operand is stored transposed.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// x[m, k] · w[k, n]: forward.
    Forward,
    /// xᵀ · dy: x is stored [k, m]. Gradient of the weight.
    Weight,
    /// dy · wᵀ: w is stored [n, k]. Gradient of the input.
    Input,
    /// q · kᵀ of the heads of an attention: both are stored [sequence, position, head, k].
    Scores,
    /// p · v of the heads: v is stored [sequence, position, head, n].
    Mix,
    /// pᵀ · dy of the heads, with dy as v.
    MixBack,
}

use Kind::{Forward, Input, Mix, MixBack, Scores, Weight};

/// Heads of an attention.
const HEADS: usize = 4;

/// Batch, m, k, n.
const SHAPES: &[(Kind, [usize; 4])] = &[
    (Forward, [1, 128, 784, 512]),
    (Weight, [1, 784, 128, 512]),
    (Forward, [1, 128, 512, 512]),
    (Weight, [1, 512, 128, 512]),
    (Input, [1, 128, 512, 512]),
    (Forward, [1, 128, 512, 10]),
    (Weight, [1, 512, 128, 10]),
    (Input, [1, 128, 10, 512]),
    (Forward, [1, 64, 784, 128]),
    (Weight, [1, 784, 64, 128]),
    (Forward, [1, 64, 128, 10]),
    (Weight, [1, 128, 64, 10]),
    (Input, [1, 64, 10, 128]),
    (Forward, [1, 128, 784, 256]),
    (Forward, [1, 128, 256, 64]),
    (Forward, [1, 128, 64, 256]),
    (Forward, [1, 128, 256, 784]),
    (Weight, [1, 784, 128, 256]),
    (Weight, [1, 256, 128, 784]),
    (Weight, [1, 256, 128, 64]),
    (Weight, [1, 64, 128, 256]),
    (Input, [1, 128, 784, 256]),
    (Input, [1, 128, 256, 64]),
    (Input, [1, 128, 64, 256]),
    (Forward, [1, 128, 1024, 1024]),
    (Input, [1, 128, 1024, 1024]),
    (Forward, [1, 128, 2048, 2048]),
    (Forward, [1, 256, 512, 512]),
    (Forward, [1, 512, 512, 512]),
    (Forward, [1, 1024, 1024, 1024]),
    (Forward, [1, 2048, 128, 512]),
    (Input, [1, 2048, 512, 128]),
    (Weight, [1, 128, 2048, 512]),
    (Forward, [1, 32, 256, 1024]),
    (Forward, [1, 32, 2, 16]),
    (Forward, [1, 32, 16, 16]),
    (Forward, [1, 32, 16, 1]),
    (Weight, [1, 16, 32, 16]),
    (Weight, [1, 16, 32, 1]),
    (Input, [1, 32, 1, 16]),
    (Input, [1, 32, 16, 16]),
    (Forward, [1, 1, 784, 512]),
    (Forward, [1, 1, 512, 512]),
    (Forward, [1, 1, 512, 10]),
    (Forward, [64, 128, 32, 128]),
    (Input, [64, 128, 32, 128]),
    (Forward, [64, 128, 128, 32]),
    (Weight, [64, 128, 128, 32]),
    (Scores, [64, 128, 32, 128]),
    (Mix, [64, 128, 128, 32]),
    (MixBack, [64, 128, 128, 32]),
    (Weight, [1, 512, 2048, 128]),
    (Weight, [1, 256, 2048, 256]),
    (Weight, [1, 128, 2048, 256]),
];

struct Problem {
    program: Program<f32>,
    gemm: Gemm,
    work: Buffer<f32>,
    state: Buffer<f32>,
}

fn matrix(offset: usize, batch: usize, rows: usize, columns: usize, by_columns: bool) -> Matrix {
    let (row_stride, column_stride) = if by_columns { (1, rows) } else { (columns, 1) };
    let place = Place { space: Space::Work, offset, len: batch * rows * columns };
    Matrix { place, batch_stride: rows * columns, group: None, row_stride, column_stride }
}

/// A matrix of each head out of [sequence, position, head, width].
fn of_heads(plain: Matrix, positions: usize, width: usize, by_columns: bool) -> Matrix {
    let stride = HEADS * width;
    let group = Some(Group { size: HEADS, stride: positions * stride });
    let (row_stride, column_stride) = if by_columns { (1, stride) } else { (stride, 1) };
    Matrix { batch_stride: width, group, row_stride, column_stride, ..plain }
}

impl Problem {
    fn new(kind: Kind, [batch, m, k, n]: [usize; 4]) -> Problem {
        let mut a = matrix(0, batch, m, k, matches!(kind, Weight | MixBack));
        let mut b = matrix(a.place.padded_end(), batch, k, n, kind == Input);
        if kind == Scores {
            a = of_heads(a, m, k, false);
        }
        match kind {
            Scores => b = of_heads(b, n, k, true),
            Mix | MixBack => b = of_heads(b, k, n, false),
            _ => {}
        }
        let c = Place { space: Space::Work, offset: b.place.padded_end(), len: batch * m * n };
        let gemm = Gemm {
            batch,
            m,
            n,
            k,
            a,
            b,
            c,
            bias: None,
            accumulate: false,
            triangle: Triangle::None,
            step: None,
        };
        let len = c.padded_end();
        // A level to compare with, by name.
        let wanted = std::env::var("LEVEL").unwrap_or_default();
        let level = Level::available().into_iter().find(|level| level.name() == wanted);
        let list = vec![Instruction::Gemm(gemm.clone())];
        let lengths = Lengths { work: len, ..Lengths::default() };
        let program = Program::with_level(list, lengths, level.unwrap_or_else(Level::detect));
        let mut work = Buffer::zeroed(len);
        for (i, x) in work.as_mut_slice().iter_mut().enumerate() {
            *x = (i % 17) as f32 / 17.0 - 0.5;
        }
        let program = program.unwrap_or_else(|error| panic!("{error}"));
        Problem { program, gemm, work, state: Buffer::zeroed(0) }
    }

    fn run(&mut self, team: &mut Team) {
        self.program.run(team, &mut self.work, &mut self.state);
    }

    fn run_peer(&mut self, parallelism: Parallelism) {
        let Gemm { batch, m, n, k, a, b, c, .. } = &self.gemm;
        let base = self.work.as_mut_slice().as_mut_ptr();
        for i in 0..*batch {
            // SAFETY: the same places that the program was checked for.
            unsafe {
                gemm::gemm(
                    *m,
                    *n,
                    *k,
                    base.add(c.offset + i * m * n),
                    1,
                    *n as isize,
                    false,
                    base.add(a.place.offset + a.entry(i)),
                    a.column_stride as isize,
                    a.row_stride as isize,
                    base.add(b.place.offset + b.entry(i)),
                    b.column_stride as isize,
                    b.row_stride as isize,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    parallelism,
                );
            }
        }
    }

    fn flops(&self) -> f64 {
        2.0 * (self.gemm.c.len * self.gemm.k) as f64
    }
}

/// A point in time, on two clocks.
struct Time {
    wall: Instant,
    thread: f64,
}

impl Time {
    fn now() -> Time {
        Time { wall: Instant::now(), thread: thread_nanoseconds() }
    }

    /// Nanoseconds since.
    fn elapsed(&self) -> f64 {
        self.wall.elapsed().as_nanos() as f64
    }

    /// Nanoseconds that this thread has had a core since.
    fn thread_elapsed(&self) -> f64 {
        if cfg!(target_os = "linux") { thread_nanoseconds() - self.thread } else { self.elapsed() }
    }
}

#[cfg(target_os = "linux")]
fn thread_nanoseconds() -> f64 {
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut [i64; 2]) -> i32;
    }
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
    let mut time = [0; 2];
    // SAFETY: two 64-bit numbers are what 64-bit Linux writes there.
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time[0] as f64 * 1e9 + time[1] as f64
}

#[cfg(not(target_os = "linux"))]
fn thread_nanoseconds() -> f64 {
    0.0
}

/// Nanoseconds a call, the best of several rounds of all four.
fn measure(problems: &mut [Problem], teams: &mut [Team; 2]) -> [f64; 4] {
    let mut best = [f64::INFINITY; 4];
    let mut turn = 0;
    // About a millisecond a round.
    let calls = ((1e6 / (problems[0].flops() / 100.0)) as usize).clamp(1, 10_000);
    // Whom to measure: some of the digits 0 to 3.
    let wanted = std::env::var("WHO").unwrap_or_default();
    let rounds: usize = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(60);
    for _ in 0..rounds {
        for (who, best) in best.iter_mut().enumerate() {
            if !wanted.is_empty() && !wanted.contains(&who.to_string()) {
                continue;
            }
            let mut call = || {
                turn = (turn + 1) % problems.len();
                let problem = &mut problems[turn];
                match who {
                    0 => problem.run(&mut teams[0]),
                    1 => problem.run_peer(Parallelism::None),
                    2 => problem.run(&mut teams[1]),
                    _ => problem.run_peer(Parallelism::Rayon(2)),
                }
            };
            call();
            let start = Time::now();
            for _ in 0..calls {
                call();
            }
            let spent = if who < 2 { start.thread_elapsed() } else { start.elapsed() };
            *best = best.min(spent / calls as f64);
        }
    }
    best
}

fn main() {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    // With several copies that take turns the operands come from farther away.
    let copies = std::env::var("COPIES").ok().and_then(|c| c.parse().ok()).unwrap_or(1);
    let mut teams = [Team::new(1), Team::new(2)];
    println!(
        "GFLOP/s (ns)                        1 thread: ours     gemm   2 threads: ours     gemm"
    );
    for &(kind, shape) in SHAPES {
        let [batch, m, k, n] = shape;
        let product = match kind {
            Forward => format!("{m}x{k} . {k}x{n}"),
            Weight => format!("({k}x{m})' . {k}x{n}"),
            Input => format!("{m}x{k} . ({n}x{k})'"),
            Scores => format!("heads {m}x{k} . ({n}x{k})'"),
            Mix => format!("heads {m}x{k} . {k}x{n}"),
            MixBack => format!("heads ({k}x{m})' . {k}x{n}"),
        };
        let name = if batch == 1 { product } else { format!("{batch} of {product}") };
        if !name.contains(&wanted) {
            continue;
        }
        let mut problems: Vec<_> = (0..copies).map(|_| Problem::new(kind, shape)).collect();
        let best = measure(&mut problems, &mut teams);
        let rate = best.map(|ns| problems[0].flops() / ns);
        println!(
            "{name:34} {:7.1} ({:8.0}) {:7.1} ({:8.0}) | {:7.1} ({:8.0}) {:7.1} ({:8.0})  {:.2} {:.2}",
            rate[0],
            best[0],
            rate[1],
            best[1],
            rate[2],
            best[2],
            rate[3],
            best[3],
            best[1] / best[0],
            best[3] / best[2]
        );
    }
}
