//! Training steps written on bare graphs: their plans, and how long they take.
//!
//! `cargo run --release -p spusk-graph --example steps -- W2 2`

#![allow(clippy::print_stdout)]

use std::time::Instant;

use spusk_graph::{Plan, PlanSpec, State, StateLayout, Team, Trace, Var, grad};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let workload = arguments.get(1).map_or("W2", String::as_str);
    let threads = arguments.get(2).and_then(|t| t.parse().ok()).unwrap_or(2);
    let (sizes, batch, adam, tanh): (&[usize], usize, bool, bool) = match workload {
        "W1" => (&[784, 128, 10], 64, false, false),
        "W2" => (&[784, 512, 512, 10], 128, true, false),
        "W7" => (&[784, 256, 64, 256, 784], 128, true, false),
        _ => (&[2, 16, 16, 1], 32, false, true),
    };
    let trace = Trace::new();
    let mut x = trace.input("x", &[batch, sizes[0]]);
    let classes = *sizes.last().expect("not empty");
    let mse = workload == "W7" || workload == "W3";
    let y = if mse { trace.input("y", &[batch, classes]) } else { trace.input("y", &[batch]) };
    let mut parameters: Vec<(String, Vec<usize>)> = Vec::new();
    let mut vars = Vec::new();
    for (i, pair) in sizes.windows(2).enumerate() {
        let w = trace.state(&format!("w{i}"), pair);
        let b = trace.state(&format!("b{i}"), &pair[1..]);
        parameters.push((format!("w{i}"), pair.to_vec()));
        parameters.push((format!("b{i}"), pair[1..].to_vec()));
        vars.extend([w, b]);
        x = trace.scoped(&format!("layers.{i}"), || x.matmul(w) + b);
        if i + 2 < sizes.len() {
            x = if tanh { x.tanh() } else { x.relu() };
        }
    }
    let loss = if mse {
        if workload == "W7" {
            x = x.sigmoid();
        }
        (x - y).square().mean()
    } else {
        -(x.log_softmax() * y.one_hot(classes)).sum() * (1.0 / batch as f64)
    };
    let gradients = grad(loss, &vars);
    let mut spec = PlanSpec::default();
    spec.output("loss", trace.value(loss).expect("fits"));
    let mut states = parameters.clone();
    let update = |spec: &mut PlanSpec, old: Var, new: Var| {
        spec.update(trace.value(old).expect("fits"), trace.value(new).expect("fits"));
    };
    let step = trace.state("step", &[]);
    states.push(("step".into(), vec![]));
    let t = step + 1.0;
    if adam {
        update(&mut spec, step, t);
    }
    let size = (-((t * 0.9f64.ln()).expm1())).reciprocal() * 1e-3;
    let second = (-((t * 0.999f64.ln()).expm1())).reciprocal();
    for (((name, shape), p), g) in parameters.iter().zip(&vars).zip(gradients) {
        if adam {
            let m = trace.state(&format!("{name}.m"), shape);
            let v = trace.state(&format!("{name}.v"), shape);
            states.push((format!("{name}.m"), shape.clone()));
            states.push((format!("{name}.v"), shape.clone()));
            let new_m = m * 0.9 + g * 0.1;
            let new_v = v * 0.999 + g * g * 0.001;
            update(&mut spec, m, new_m);
            update(&mut spec, v, new_v);
            update(&mut spec, *p, *p - new_m * size / ((new_v * second).sqrt() + 1e-8));
        } else {
            update(&mut spec, *p, *p - g * 0.1);
        }
    }
    let layout = StateLayout::new(states.iter().map(|(n, s)| (n.as_str(), s.as_slice())));
    let started = Instant::now();
    let plan = Plan::<f32>::compile(&trace.graph(), &spec, &layout).expect("compiles");
    println!("compiled in {:?}; {:?}", started.elapsed(), plan.cost());
    let mut state = State::new(&layout);
    let mut seed = 1u32;
    let mut next = move || {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        (seed >> 8) as f32 / (1 << 24) as f32
    };
    for (name, shape) in &parameters {
        let bound = 1.0 / (shape[0] as f32).sqrt();
        for x in state.get_mut(name).expect("in the layout") {
            *x = (next() * 2.0 - 1.0) * bound;
        }
    }
    let mut work = plan.workspace();
    work.input_mut("x").expect("an input").fill_with(&mut next);
    let labels = work.input_mut("y").expect("an input");
    labels.fill_with(|| if mse { next() } else { (next() * classes as f32).floor() });
    let mut team = Team::new(threads);
    let mut times = Vec::new();
    let block = if workload == "W3" { 2000 } else { 50 };
    for _ in 0..40 {
        let started = Instant::now();
        for _ in 0..block {
            plan.run(&mut team, &mut state, &mut work);
        }
        times.push(started.elapsed().as_secs_f64() / block as f64 * 1e6);
    }
    times.sort_by(f64::total_cmp);
    println!("{workload}: median {:.2} µs, least {:.2} µs a step", times[20], times[0]);
    println!("loss {}", work.output("loss").expect("an output")[0]);
    let mut spent = vec![0.0; plan.kernels().len()];
    for _ in 0..200 {
        let mut last = Instant::now();
        plan.run_observed(&mut state, &mut work, |kernel, _, _| {
            let now = Instant::now();
            spent[kernel] += (now - last).as_secs_f64() / 200.0 * 1e6;
            last = now;
        });
    }
    for (kernel, spent) in plan.kernels().iter().zip(&spent) {
        let rate = kernel.flops as f64 / spent / 1e3;
        println!("{spent:9.2} µs {rate:7.1} GFLOP/s  {:45} {}", kernel.what, kernel.scope);
    }
    println!("{:9.2} µs on one thread", spent.iter().sum::<f64>());
}
