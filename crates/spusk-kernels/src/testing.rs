//! What the tests of the kernels share.

use crate::program::Costs;
use crate::{Buffer, Element, Instruction, Lengths, Lent, Level, Place, Program, Space, Team};

/// Both buffers, as f64.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) work: Vec<f64>,
    pub(crate) state: Vec<f64>,
}

/// A place in the work buffer.
pub(crate) fn place(offset: usize, len: usize) -> Place {
    Place { space: Space::Work, offset, len }
}

/// A buffer that holds these numbers, rounded.
pub(crate) fn buffer<T: Element>(values: &[f64]) -> Buffer<T> {
    let mut buffer = Buffer::zeroed(values.len());
    for (to, &from) in buffer.as_mut_slice().iter_mut().zip(values) {
        *to = T::from_f64(from);
    }
    buffer
}

/// Runs the instructions at every level and with 1, 2 and 3 threads, checks that all give the same
/// bits, and returns the buffers.
pub(crate) fn run<T: Element>(
    instructions: Vec<Instruction>,
    work: Vec<f64>,
    state: Vec<f64>,
) -> State {
    let mut first: Option<State> = None;
    for level in Level::available() {
        // Every phase is shared, however small.
        let (list, costs) = (instructions.clone(), Costs::NONE);
        let lengths = Lengths { work: work.len(), state: state.len(), ..Lengths::default() };
        let program = Program::<T>::with_costs(list, lengths, level, costs)
            .expect("the test's program is right");
        for threads in [0, 1, 2, 3] {
            let (mut work, mut state) = (buffer::<T>(&work), buffer::<T>(&state));
            match threads {
                0 => program.run_observed(&mut work, &mut state, &Lent::default(), |_, _, _| {}),
                _ => program.run(&mut Team::new(threads), &mut work, &mut state),
            }
            let to_f64 = |b: &Buffer<T>| b.as_slice().iter().map(|x| x.to_f64()).collect();
            let result = State { work: to_f64(&work), state: to_f64(&state) };
            let first = first.get_or_insert_with(|| result.clone());
            let same = |a: &[f64], b: &[f64]| {
                a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits())
            };
            for (a, b) in [(&first.work, &result.work), (&first.state, &result.state)] {
                if let Some(i) = same(a, b) {
                    panic!(
                        "{level:?} with {threads} threads: element {i} is {}, but {} at first",
                        b[i], a[i]
                    );
                }
            }
        }
    }
    first.expect("there is always a level")
}

/// Why the instruction is refused over a work buffer of this length (and no state).
pub(crate) fn refusal(instruction: Instruction, work_len: usize) -> String {
    match Program::<f32>::new(vec![instruction], work_len, 0) {
        Ok(_) => "accepted".into(),
        Err(error) => {
            assert_eq!(error.instruction, 0);
            error.what
        }
    }
}
