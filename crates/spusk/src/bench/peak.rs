//! The floor under the time of a step: its operations at the rate of a large matrix product.

use std::time::{Duration, Instant};

use spusk_graph::{GraphError, Plan, PlanSpec, State, StateLayout, Team, Trace};

/// Rows, and rows and columns of the right operand: the caches of any processor hold all of it.
const ROWS: usize = 256;
const SIDE: usize = 512;
/// Products that do not count: the first ones touch their memory.
const WARM_UP: u32 = 3;

/// Floating-point operations in a second of matrix products on so many threads: the fastest of those
/// that some time holds, since other programs only ever make one slower.
///
/// # Errors
/// None: the product is sound.
pub fn peak(threads: usize, time: Duration) -> Result<f64, GraphError> {
    let trace = Trace::new();
    let (a, b) = (trace.input("a", &[ROWS, SIDE]), trace.input("b", &[SIDE, SIDE]));
    let product = trace.value(a.matmul(b))?;
    let mut spec = PlanSpec::default();
    spec.output("product", product);
    let layout = StateLayout::new([]);
    let plan = Plan::<f32>::compile(&trace.graph(), &spec, &layout)?;
    let (mut state, mut work) = (State::new(&layout), plan.workspace());
    for name in ["a", "b"] {
        let values = work.input_mut(name)?.iter_mut().enumerate();
        values.for_each(|(i, value)| *value = (i % 17) as f32 / 17.0 - 0.5);
    }
    let mut team = Team::new(threads);
    let (mut least, mut runs) = (Duration::MAX, 0);
    let started = Instant::now();
    while runs <= WARM_UP || started.elapsed() < time {
        let start = Instant::now();
        plan.run(&mut team, &mut state, &mut work);
        if runs >= WARM_UP {
            least = least.min(start.elapsed());
        }
        runs += 1;
    }
    Ok(plan.cost().flops as f64 / least.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_has_a_rate() {
        let peak = peak(1, Duration::ZERO).expect("the product is sound");
        assert!(peak.is_finite() && peak > 1e6, "{peak}");
    }
}
