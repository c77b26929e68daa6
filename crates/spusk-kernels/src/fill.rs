//! One value everywhere.

use std::ops::Range;

use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Element, Fill, LANES, Level, Place};

/// Elements that one thread writes at a time.
const CHUNK: usize = 16 * 1024;

struct FillKernel<T> {
    value: T,
    output: Place,
}

pub(crate) fn prepare<T: Element>(spec: &Fill) -> Result<Box<dyn Kernel<T>>, String> {
    Ok(Box::new(FillKernel { value: T::from_f64(spec.value), output: spec.output }))
}

impl<T: Element> Kernel<T> for FillKernel<T> {
    fn reads(&self) -> Vec<Place> {
        Vec::new()
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.output]
    }

    fn chunks(&self) -> usize {
        self.output.len.div_ceil(CHUNK).max(1)
    }

    fn cost(&self) -> f64 {
        5.0 + 0.02 * (self.output.len * size_of::<T>()) as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, _: Level) {
        // The padding may be written too, and whole vectors are quicker than a rest.
        let len = self.output.len.next_multiple_of(LANES);
        let (from, to) = ((chunks.start * CHUNK).min(len), (chunks.end * CHUNK).min(len));
        // SAFETY: the range lies inside the padded place, which nobody else touches here.
        let output =
            unsafe { std::slice::from_raw_parts_mut(memory.ptr(self.output).add(from), to - from) };
        output.fill(self.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{State, place, run};
    use crate::{Fill, Instruction};

    #[test]
    fn fills_its_place_and_nothing_else() {
        for len in [0, 1, 15, 16, 17, 100_000] {
            let output = place(32, len);
            let work = vec![7.0; output.padded_end() + 16];
            let fill = Instruction::Fill(Fill { value: -0.5, output });
            let State { work, .. } = run::<f32>(vec![fill], work, vec![]);
            assert!(work[..32].iter().all(|&x| x == 7.0));
            assert!(work[32..32 + len].iter().all(|&x| x == -0.5));
            assert!(work[output.padded_end()..].iter().all(|&x| x == 7.0));
        }
    }
}
