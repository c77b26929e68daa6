//! A run allocates nothing, but for scratch memory the first time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use spusk_kernels::{
    ArgMax, Band, Buffer, Copy, Fill, Gemm, Instruction, Lengths, Lent, Level, Loop, Matrix, Place,
    Pool, PoolKind, Program, Random, RandomKind, Resample, Space, Team, Triangle, Window, Windows,
};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn place(offset: usize, len: usize) -> Place {
    Place { space: Space::Work, offset, len }
}

fn matrix(offset: usize, rows: usize, columns: usize) -> Matrix {
    let place = place(offset, rows * columns);
    Matrix { place, batch_stride: 0, group: None, row_stride: columns, column_stride: 1 }
}

/// y[t] = x[t] · w in 8 turns of 64 rows × 128: shared by rows, with a right operand to pack once.
fn turns(x: usize, w: usize, y: usize) -> Loop {
    let (rows, size, turns) = (64, 128, 8);
    let stride = rows * size;
    let slots =
        |offset| Window { place: place(offset, turns * stride), stride, start: 0, backward: false };
    let slot = |number| Place { space: Space::Window(number), offset: 0, len: stride };
    let product = Gemm {
        batch: 1,
        m: rows,
        n: size,
        k: size,
        a: Matrix {
            place: slot(0),
            batch_stride: 0,
            row_stride: size,
            column_stride: 1,
            group: None,
        },
        b: matrix(w, size, size),
        c: slot(1),
        bias: None,
        accumulate: false,
        triangle: Triangle::None,
        step: None,
    };
    let body = vec![Instruction::Gemm(product)];
    Loop { turns, windows: vec![slots(x), slots(y)], local: 0, rows, apart: false, body }
}

/// Every kind of instruction, large enough for several threads.
fn instructions() -> Vec<Instruction> {
    let size = 256 * 256;
    vec![
        Instruction::Fill(Fill { value: 1.0, output: place(0, 4) }),
        Instruction::Random(Random {
            kind: RandomKind::Normal,
            stream: 1,
            key: place(0, 4),
            output: place(size, size),
        }),
        Instruction::Random(Random {
            kind: RandomKind::Uniform,
            stream: 2,
            key: place(0, 4),
            output: place(2 * size, size),
        }),
        Instruction::Gemm(Gemm {
            batch: 1,
            m: 256,
            n: 256,
            k: 256,
            a: matrix(size, 256, 256),
            b: matrix(2 * size, 256, 256),
            c: place(3 * size, size),
            bias: None,
            accumulate: false,
            triangle: Triangle::None,
            step: None,
        }),
        Instruction::Copy(Copy {
            shape: vec![256, 256],
            input: place(3 * size, size),
            in_offset: 0,
            in_strides: vec![1, 256],
            output: place(4 * size, size),
            out_offset: 0,
            out_strides: vec![256, 1],
        }),
        Instruction::ArgMax(ArgMax {
            rows: 256,
            columns: 256,
            input: place(4 * size, size),
            output: place(5 * size, 256),
        }),
        Instruction::Pool(Pool {
            kind: PoolKind::Max,
            batch: 16,
            height: Windows { size: 32, kernel: 2, stride: 2, padding: 0 },
            width: Windows { size: 32, kernel: 2, stride: 2, padding: 0 },
            channels: 4,
            input: place(4 * size, size),
            other: None,
            output: place(3 * size, size / 4),
        }),
        Instruction::Resample(Resample {
            outer: 256,
            size: 2,
            inner: 128,
            bands: vec![Band { start: 0, weights: vec![0.5, 0.5] }],
            input: place(4 * size, size),
            output: place(3 * size, size / 2),
        }),
        Instruction::Loop(turns(size, 2 * size, 3 * size)),
        Instruction::Copy(Copy {
            shape: vec![256],
            input: Place { space: Space::Lent(0), offset: 0, len: 256 },
            in_offset: 0,
            in_strides: vec![1],
            output: place(0, 256),
            out_offset: 0,
            out_strides: vec![1],
        }),
    ]
}

#[test]
fn the_second_run_allocates_nothing() {
    let len = 6 * 256 * 256;
    let lengths = Lengths { work: len, state: 0, lent: vec![256] };
    let program = Program::<f32>::with_level(instructions(), lengths, Level::detect());
    let program = program.expect("a right program");
    let given = [0.5; 256];
    let (mut work, mut state) = (Buffer::zeroed(len), Buffer::zeroed(0));
    for threads in [1, 2] {
        let mut team = Team::new(threads);
        let mut run = || {
            let lent = Lent::new(&[&given]).expect("one array is not too many");
            program.run_on(threads, &mut team, &mut work, &mut state, &lent);
        };
        run();
        // The thread of the test's harness allocates now and then; a run that allocates always does.
        let least = (0..5).map(|_| {
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            run();
            ALLOCATIONS.load(Ordering::Relaxed) - before
        });
        assert_eq!(least.min(), Some(0), "{threads} threads");
    }
}
