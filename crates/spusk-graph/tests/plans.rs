//! Plans against the slow reference: every op, random graphs, updates; fused against unfused,
//! planned against unplanned, one thread against several.

use std::collections::BTreeMap;

use spusk_graph::{
    Array, Element, Geometry, Graph, Level, Op, Place, Plan, PlanOptions, PlanSpec, Shape, State,
    StateLayout, Team, Trace, Triangle, Value, Var, Workspace, evaluate, grad,
};

/// A fixed sequence of numbers.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn between(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn array(&mut self, shape: &Shape, lo: f64, hi: f64) -> Array {
        Array::new(shape.clone(), (0..shape.size()).map(|_| self.between(lo, hi)).collect())
    }
}

/// The outputs of a plan, in f64: the same bits whether its inputs stand in the workspace or are lent.
fn run<T: Element>(
    graph: &Graph,
    given: &BTreeMap<String, Array>,
    wanted: &[Value],
    options: PlanOptions,
    threads: usize,
) -> Vec<Vec<f64>> {
    let copied = run_once::<T>(graph, given, wanted, options, threads);
    let lent = run_on_lent::<T>(graph, given, wanted, options, threads);
    for (i, (copied, lent)) in copied.iter().zip(&lent).enumerate() {
        let differs = copied.iter().zip(lent).position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(differs, None, "output {i}: {copied:?}, but {lent:?} lent\n{graph}");
    }
    copied
}

/// As [`run`], every input lent: from the start of no vector, with garbage around it.
fn run_on_lent<T: Element>(
    graph: &Graph,
    given: &BTreeMap<String, Array>,
    wanted: &[Value],
    options: PlanOptions,
    threads: usize,
) -> Vec<Vec<f64>> {
    let plan = compiled::<T>(graph, wanted, options, given.keys());
    let (mut work, mut state) = (plan.workspace(), State::new(plan.state_layout()));
    let garbage = T::from_f64(f64::NAN);
    let arrays: Vec<(Place, Vec<T>)> = (plan.inputs().iter())
        .map(|entry| {
            work.at_mut(entry.place).fill(garbage);
            let values = given[&entry.name].data.iter().map(|x| T::from_f64(*x));
            (entry.place, [garbage].into_iter().chain(values).chain([garbage; 16]).collect())
        })
        .collect();
    let inputs: Vec<(Place, &[T])> =
        arrays.iter().map(|(place, values)| (*place, &values[1..values.len() - 16])).collect();
    let mut team = Team::new(threads);
    plan.run_lending(threads, &mut team, &mut state, &mut work, &inputs).expect("right lengths");
    plan.run_lending(threads, &mut team, &mut state, &mut work, &inputs).expect("right lengths");
    outputs(&work, wanted.len())
}

/// A plan for the values that are wanted, in which inputs of these names may be lent.
fn compiled<'a, T: Element>(
    graph: &Graph,
    wanted: &[Value],
    options: PlanOptions,
    lent: impl IntoIterator<Item = &'a String>,
) -> Plan<T> {
    let mut spec = PlanSpec::default();
    for (i, &value) in wanted.iter().enumerate() {
        spec.output(&format!("y{i}"), value);
    }
    lent.into_iter().for_each(|name| spec.lend(name));
    let layout = StateLayout::default();
    Plan::compile_with(graph, &spec, &layout, options).expect("compiles")
}

/// What the last run has left of them.
fn outputs<T: Element>(work: &Workspace<T>, count: usize) -> Vec<Vec<f64>> {
    let output = |i: usize| work.output(&format!("y{i}")).expect("asked for");
    (0..count).map(|i| output(i).iter().map(|x| x.to_f64()).collect()).collect()
}

fn run_once<T: Element>(
    graph: &Graph,
    given: &BTreeMap<String, Array>,
    wanted: &[Value],
    options: PlanOptions,
    threads: usize,
) -> Vec<Vec<f64>> {
    let plan = compiled::<T>(graph, wanted, options, []);
    let mut work = plan.workspace();
    for entry in plan.inputs() {
        let data = &given[&entry.name].data;
        for (to, from) in work.at_mut(entry.place).iter_mut().zip(data) {
            *to = T::from_f64(*from);
        }
    }
    let mut state = State::new(plan.state_layout());
    let mut team = Team::new(threads);
    // Twice: a run must not depend on what the last one left behind.
    plan.run(&mut team, &mut state, &mut work);
    plan.run(&mut team, &mut state, &mut work);
    outputs(&work, wanted.len())
}

fn usual() -> PlanOptions {
    PlanOptions::default()
}

/// Whether two numbers agree, relative to the size of the largest around.
fn assert_close(got: &[f64], want: &[f64], tolerance: f64, what: &dyn std::fmt::Display) {
    let scale = want.iter().filter(|x| x.is_finite()).fold(1.0f64, |a, b| a.max(b.abs()));
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let same = g == w || (g.is_nan() && w.is_nan()) || (g - w).abs() <= tolerance * scale;
        assert!(same, "{what}\nelement {i} is {g}, the reference says {w}");
    }
    assert_eq!(got.len(), want.len());
}

#[test]
fn every_op_runs_as_its_reference_says() {
    for sample in Op::samples() {
        let trace = Trace::new();
        let mut numbers = Numbers(77);
        let mut given = BTreeMap::new();
        let inputs: Vec<Var> = (sample.inputs.iter().enumerate())
            .map(|(i, (shape, lo, hi))| {
                let name = format!("x{i}");
                given.insert(name.clone(), numbers.array(shape, *lo, *hi));
                trace.input(&name, shape)
            })
            .collect();
        let y = trace.apply(sample.op, &inputs);
        let wanted = [trace.value(y).expect("the sample fits")];
        let graph = trace.graph();
        let want = evaluate(&graph, &given, &wanted).expect("all given");
        for level in Level::available() {
            let options = PlanOptions { level, ..usual() };
            let double = run::<f64>(&graph, &given, &wanted, options, 1);
            assert_close(&double[0], &want[0].data, 1e-13, &*graph);
            let single = run::<f32>(&graph, &given, &wanted, options, 1);
            assert_close(&single[0], &want[0].data, 1e-5, &*graph);
        }
    }
}

/// A graph of random nodes over a few shapes, with the gradient of it all.
fn random_graph(seed: u64) -> (Graph, BTreeMap<String, Array>, Vec<Value>) {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let trace = Trace::new();
    let (rows, columns) = (1 + numbers.below(20), 1 + numbers.below(40));
    let shapes = [vec![rows, columns], vec![rows, 1], vec![columns], vec![], vec![rows, columns]];
    let mut given = BTreeMap::new();
    let mut values: Vec<Var> = Vec::new();
    for (i, shape) in shapes.iter().enumerate() {
        let name = format!("x{i}");
        given.insert(name.clone(), numbers.array(&shape[..].into(), 0.5, 1.5));
        values.push(trace.input(&name, shape));
    }
    let inputs = values.clone();
    for _ in 0..3 + numbers.below(25) {
        let x = values[numbers.below(values.len())];
        let y = values[numbers.below(values.len())];
        let shape = x.shape();
        let next = match numbers.below(15) {
            0 => x + y,
            1 => x * y * 0.5,
            2 => x - y,
            3 => x.tanh(),
            4 => x.sigmoid(),
            5 => x.relu() + 0.1,
            6 => x / (y.square() + 1.0),
            7 if shape.rank() > 0 => x.sum_keeping(&[shape.rank() - 1]) * 0.1,
            8 if shape.rank() == 2 => x.sum_keeping(&[0]) * 0.1,
            9 if shape.rank() == 2 => x.softmax(),
            10 if shape.rank() == 2 => x.log_softmax() * 0.1,
            11 if shape.rank() == 2 && y.shape().rank() == 2 && shape[1] == y.shape()[1] => {
                x.matmul(y.transpose_last()).matmul(y) * (0.1 / columns as f64)
            }
            12 if shape.rank() == 2 => (x.transpose_last() + 0.5).transpose_last(),
            13 => (x.square() + 1.0).sqrt() / ((y.square() + 0.3).sqrt() + 0.01),
            14 if shape.rank() == 2 && shape[1] > 2 => {
                x.narrow(1, 1, shape[1] - 1).pad(&[0, 1], &[0, 1])
            }
            _ => x.mean() + y,
        };
        values.push(next);
    }
    let loss =
        (values.iter().skip(inputs.len())).fold(trace.constant(0.0), |sum, v| sum + v.mean());
    let gradients = grad(loss, &inputs);
    let second = grad((gradients[0] * gradients[0]).sum(), &inputs[..1]);
    let mut wanted = vec![loss, values[values.len() - 1]];
    wanted.extend(gradients);
    wanted.extend(second);
    let wanted = wanted.into_iter().map(|v| trace.value(v).expect("fits")).collect();
    let graph = trace.graph().clone();
    (graph, given, wanted)
}

#[test]
fn random_graphs_run_as_the_reference_says() {
    for seed in 1..=150 {
        let (graph, given, wanted) = random_graph(seed);
        let want = evaluate(&graph, &given, &wanted).expect("all given");
        let fused = run::<f64>(&graph, &given, &wanted, usual(), 1);
        let alone = run::<f64>(&graph, &given, &wanted, PlanOptions { fuse: false, ..usual() }, 1);
        for (i, want) in want.iter().enumerate() {
            let what = format!("seed {seed}, output {i}\n{graph}");
            assert_close(&fused[i], &want.data, 1e-9, &format!("fused, {what}"));
            assert_close(&alone[i], &want.data, 1e-9, &format!("unfused, {what}"));
        }
    }
}

#[test]
fn reuse_threads_and_instruction_sets_change_no_bit() {
    for seed in 1..=60 {
        let (graph, given, wanted) = random_graph(seed);
        let bits = |options, threads| -> Vec<Vec<u64>> {
            let found = run::<f32>(&graph, &given, &wanted, options, threads);
            found.iter().map(|y| y.iter().map(|x| x.to_bits()).collect()).collect()
        };
        let usual = usual();
        let first = bits(usual, 1);
        assert_eq!(first, bits(PlanOptions { reuse: false, ..usual }, 1), "reuse, seed {seed}");
        for threads in [2, 3] {
            assert_eq!(first, bits(usual, threads), "{threads} threads, seed {seed}");
        }
        for level in Level::available() {
            let there = bits(PlanOptions { level, ..usual }, 1);
            assert_eq!(first, there, "{}, seed {seed}", level.name());
        }
    }
}

/// Runs a plan of updates a few times in both ways of placing and compares the states with what
/// `step` says.
fn check_updates(
    states: &[(&str, f64)],
    build: impl for<'t> Fn(&[Var<'t>]) -> Vec<Var<'t>>,
    step: impl Fn(&[f64]) -> Vec<f64>,
) {
    let trace = Trace::new();
    let shape = [3usize, 7];
    let vars: Vec<Var> = states.iter().map(|(name, _)| trace.state(name, &shape)).collect();
    let new = build(&vars);
    let layout = StateLayout::new(states.iter().map(|(name, _)| (*name, &shape[..])));
    let mut spec = PlanSpec::default();
    for (old, new) in vars.iter().zip(&new) {
        spec.update(trace.value(*old).expect("fits"), trace.value(*new).expect("fits"));
    }
    let plan = Plan::<f64>::compile(&trace.graph(), &spec, &layout).expect("compiles");
    let (mut state, mut work, mut team) = (State::new(&layout), plan.workspace(), Team::new(1));
    let mut want: Vec<f64> = states.iter().map(|(_, x)| *x).collect();
    for (name, x) in states {
        state.get_mut(name).expect("in the layout").fill(*x);
    }
    for _ in 0..3 {
        plan.run(&mut team, &mut state, &mut work);
        want = step(&want);
        for ((name, _), want) in states.iter().zip(&want) {
            for got in state.get(name).expect("in the layout") {
                assert!((got - want).abs() < 1e-12, "{name} is {got}, expected {want}\n{plan:?}");
            }
        }
    }
}

/// Plain gradient descent: the products of gradients are steps at once, behind all that reads the old weights;
/// in place, or not where the old weights stay. A gradient that somebody else reads is left.
#[test]
fn products_of_gradients_are_steps() {
    for (keep, look) in [(false, false), (true, false), (false, true)] {
        let trace = Trace::new();
        let [x, t] = [("x", 6), ("t", 33)].map(|(name, size)| trace.input(name, &[20, size]));
        let rate = trace.input("rate", &[]);
        let [v, w] =
            [("v", [6, 18]), ("w", [18, 33])].map(|(name, shape)| trace.state(name, &shape));
        let loss = (x.matmul(v).tanh().matmul(w) - t).square().mean();
        let gradients = grad(loss, &[v, w]);
        let new: Vec<Var> = [v, w].iter().zip(&gradients).map(|(w, g)| *w - *g * rate).collect();
        let value = |var: Var<'_>| trace.value(var).expect("fits");
        let layout = StateLayout::new([("v", &[6, 18][..]), ("w", &[18, 33][..])]);
        let mut spec = PlanSpec::default();
        spec.output("loss", value(loss));
        if keep {
            spec.output("new", value(new[1]));
        }
        if look {
            spec.output("steepness", value(gradients[0].square().sum()));
        }
        let updated = if keep { 1 } else { 2 };
        let pairs = [v, w].into_iter().zip(&new).take(updated);
        pairs.for_each(|(old, new)| spec.update(value(old), value(*new)));
        let graph = trace.graph().clone();

        let steps = |fuse: bool, threads: usize| {
            let options = PlanOptions { fuse, ..usual() };
            let plan =
                Plan::<f32>::compile_with(&graph, &spec, &layout, options).expect("compiles");
            let made = plan.kernels().iter().filter(|k| k.what.contains("as a step")).count();
            assert_eq!(made, if fuse { 2 - usize::from(look) } else { 0 }, "{plan:?}");
            let (mut state, mut work) = (State::new(&layout), plan.workspace());
            let mut numbers = Numbers(4);
            let mut fill = |to: &mut [f32]| to.fill_with(|| numbers.between(-1.0, 1.0) as f32);
            ["v", "w"].iter().for_each(|name| fill(state.get_mut(name).expect("in the layout")));
            ["x", "t"].iter().for_each(|name| fill(work.input_mut(name).expect("an input")));
            work.input_mut("rate").expect("an input").fill(0.3);
            let mut team = Team::new(threads);
            let mut losses = Vec::new();
            for _ in 0..3 {
                plan.run(&mut team, &mut state, &mut work);
                losses.push(plan.output("loss", &state, &work).expect("an output")[0]);
            }
            assert!(losses.is_sorted_by(|before, after| before > after), "{losses:?}");
            let mut new = ["v", "w"].map(|name| state.get(name).expect("in the layout").to_vec());
            if keep {
                new[1] = plan.output("new", &state, &work).expect("an output").to_vec();
            }
            new.concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let plain = steps(false, 1);
        for threads in [1, 2, 3] {
            let same = steps(true, threads) == plain;
            assert!(same, "keep {keep}, look {look}, {threads} threads");
        }
    }
}

#[test]
fn updates_see_the_old_states() {
    // A plain step in place.
    check_updates(&[("a", 1.0)], |v| vec![v[0] * 0.5 + 1.0], |x| vec![x[0] * 0.5 + 1.0]);
    // Two states that need each other's old value.
    check_updates(
        &[("a", 1.0), ("b", 2.0)],
        |v| vec![v[0] + v[1], v[0] * v[1]],
        |x| vec![x[0] + x[1], x[0] * x[1]],
    );
    // An exchange, which no order can do in place.
    check_updates(&[("a", 1.0), ("b", 2.0)], |v| vec![v[1], v[0]], |x| vec![x[1], x[0]]);
    // A new value that another update reads.
    check_updates(
        &[("m", 0.0), ("p", 5.0)],
        |v| {
            let m = v[0] * 0.9 + v[1];
            vec![m, v[1] - m * 0.1]
        },
        |x| {
            let m = x[0] * 0.9 + x[1];
            vec![m, x[1] - m * 0.1]
        },
    );
    // The old value is needed behind a reduction of the new one.
    check_updates(
        &[("a", 1.0), ("b", 3.0)],
        |v| {
            let a = v[0].tanh();
            vec![a, v[0] + a.sum() + v[1]]
        },
        |x| vec![x[0].tanh(), x[0] + x[0].tanh() * 21.0 + x[1]],
    );
    // One new value for two states; a state that stays.
    check_updates(
        &[("a", 1.0), ("b", 3.0), ("c", 7.0)],
        |v| {
            let sum = v[0] + v[1];
            vec![sum, sum, v[2]]
        },
        |x| vec![x[0] + x[1], x[0] + x[1], x[2]],
    );
}

#[test]
fn wrong_use_is_an_error() {
    let trace = Trace::new();
    let (x, w) = (trace.input("x", &[2]), trace.state("w", &[2]));
    let y = trace.value(x * w).expect("fits");
    let compile = |spec: &PlanSpec, layout: &StateLayout| {
        Plan::<f32>::compile(&trace.graph(), spec, layout)
            .map(|_| ())
            .expect_err("wrong")
            .to_string()
    };
    let mut spec = PlanSpec::default();
    spec.output("y", y);
    assert_eq!(compile(&spec, &StateLayout::default()), "state `w` is not in the layout");
    let wide = StateLayout::new([("w", &[3][..])]);
    assert_eq!(compile(&spec, &wide), "state `w` has shape [2], [3] in the layout");
    spec.update(x.value().expect("fits"), y);
    let right = StateLayout::new([("w", &[2][..])]);
    assert_eq!(compile(&spec, &right), "input is updated, but it is no state");
}

/// y = x·2 and z = x + 1 over 32 numbers, and an input that is an output at once.
fn lending(team: &mut Team) -> (Plan<f32>, State<f32>) {
    let trace = Trace::new();
    let (x, odd, same) =
        (trace.input("x", &[2, 16]), trace.input("odd", &[3]), trace.input("same", &[16]));
    let mut spec = PlanSpec::default();
    let outputs = [("y", x * 2.0), ("z", odd + 1.0), ("same", same), ("view", x.reshape(&[32]))];
    for (name, var) in &outputs[..3] {
        spec.output(name, trace.value(*var).expect("fits"));
    }
    spec.output("sum", trace.value(outputs[3].1.sum() + same.sum()).expect("fits"));
    ["x", "odd", "same", "nobody"].iter().for_each(|name| spec.lend(name));
    let layout = StateLayout::default();
    let plan = Plan::compile(&trace.graph(), &spec, &layout).expect("compiles");
    let mut state = State::new(&layout);
    plan.run(team, &mut state, &mut plan.workspace());
    (plan, state)
}

#[test]
fn what_is_lent_counts_for_one_run() {
    let mut team = Team::new(1);
    let (plan, mut state) = lending(&mut team);
    let mut work = plan.workspace();
    work.input_mut("x").expect("there").fill(5.0);
    work.input_mut("odd").expect("there").fill(1.0);
    let (x, same) = ([3.0; 32], [7.0; 16]);
    let at = |name| plan.input_place(name).expect("there");
    let given = [(at("x"), &x[..]), (at("odd"), &[1.0, 2.0, 3.0]), (at("same"), &same)];
    plan.run_lending(1, &mut team, &mut state, &mut work, &given).expect("right lengths");
    let output = |work: &Workspace<f32>, name| work.output(name).expect("asked for").to_vec();
    assert_eq!(output(&work, "y"), [6.0; 32]);
    assert_eq!(output(&work, "z"), [2.0, 3.0, 4.0]);
    assert_eq!(output(&work, "same"), same);
    assert_eq!(output(&work, "sum"), [3.0 * 32.0 + 7.0 * 16.0]);
    // Then it is the workspace's turn again; what could not be lent was copied there.
    plan.run(&mut team, &mut state, &mut work);
    assert_eq!(output(&work, "y"), [10.0; 32]);
    assert_eq!(output(&work, "z"), [2.0, 3.0, 4.0]);
    let (x, odd) = work.two_mut(at("x"), at("odd"));
    assert_eq!((x[0], &*odd), (5.0, &[1.0, 2.0, 3.0][..]));
}

#[test]
fn wrong_arrays_are_refused_before_anything_runs() {
    let mut team = Team::new(1);
    let (plan, mut state) = lending(&mut team);
    let mut work = plan.workspace();
    let at = |name| plan.input_place(name).expect("there");
    let nobody = Place { offset: 16, ..at("x") };
    for (place, len, want) in [
        (at("x"), 31, "input `x` is given 31 values, but it has 32 (shape [2, 16]); give as many"),
        (at("odd"), 0, "input `odd` is given 0 values, but it has 3 (shape [3]); give as many"),
        (
            nobody,
            32,
            "no input of the plan stands at lent 0[16..48]; ask the plan itself for an input's place",
        ),
    ] {
        let given = [(at("same"), &[7.0; 16][..]), (place, &vec![1.0; len])];
        let error = plan.run_lending(1, &mut team, &mut state, &mut work, &given);
        assert_eq!(error.expect_err("wrong").to_string(), format!("run: {want}"));
        assert_eq!(work.output("same").expect("asked for"), [0.0; 16]);
    }
    let error = plan.input_place("nobody").expect_err("no input").to_string();
    assert_eq!(error, "run: the plan has no input `nobody`; it has odd, same, x");
}

#[test]
fn heads_of_sequences_are_read_in_place() {
    let trace = Trace::new();
    let heads = |name: &str| trace.input(name, &[2, 6, 8]).reshape(&[2, 6, 2, 4]);
    let (q, k, v) = (heads("q"), heads("k"), heads("v"));
    let scores = q.transpose(&[0, 2, 1, 3]).matmul(k.transpose(&[0, 2, 3, 1]));
    let mixed = scores.sin().matmul(v.transpose(&[0, 2, 1, 3]));
    let gradients = grad((mixed * mixed).sum(), &[q, k, v]);
    let wanted: Vec<Value> = [mixed]
        .into_iter()
        .chain(gradients.iter().copied())
        .map(|var| trace.value(var).expect("the sizes fit"))
        .collect();
    let graph = trace.graph();
    let mut numbers = Numbers(5);
    let given: BTreeMap<String, Array> = ["q", "k", "v"]
        .map(|name| (name.to_string(), numbers.array(&[2, 6, 8].into(), -1.0, 1.0)))
        .into();
    let want = evaluate(&graph, &given, &wanted).expect("all given");
    for level in Level::available() {
        let got = run::<f64>(&graph, &given, &wanted, PlanOptions { level, ..usual() }, 2);
        for (got, want) in got.iter().zip(&want) {
            assert_close(got, &want.data, 1e-13, &*graph);
        }
    }
    // The products read their operands by strides; only gradients go back into sequences.
    let mut spec = PlanSpec::default();
    spec.output("mixed", wanted[0]);
    let plan = Plan::<f32>::compile(&graph, &spec, &StateLayout::default()).expect("compiles");
    assert!(plan.kernels().iter().all(|kernel| !kernel.what.contains("copy")), "{plan:?}");
}

/// A graph of random products of `batch` matrices of `size` × `size` and element-wise work between them,
/// with the gradient of it all.
fn random_batches(
    seed: u64,
    batch: usize,
    size: usize,
) -> (Graph, BTreeMap<String, Array>, Vec<Value>) {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let trace = Trace::new();
    let whole = vec![batch, size, size];
    let shapes = [whole.clone(), whole.clone(), whole, vec![size], vec![1, size, size]];
    let mut given = BTreeMap::new();
    let mut values: Vec<Var> = Vec::new();
    for (i, shape) in shapes.iter().enumerate() {
        let name = format!("x{i}");
        given.insert(name.clone(), numbers.array(&shape[..].into(), -1.0, 1.0));
        values.push(trace.input(&name, shape));
    }
    let inputs = values.clone();
    let (row, shared) = (inputs[3], inputs[4]);
    let mut values = vec![values[0], values[1], values[2]];
    for _ in 0..3 + numbers.below(8) {
        let x = values[numbers.below(values.len())];
        let y = values[numbers.below(values.len())];
        let triangles = [Triangle::LeftLower, Triangle::LeftUpper, Triangle::Lower];
        let next = match numbers.below(10) {
            0 => x.matmul(y) * (1.0 / size as f64),
            1 => x.matmul(y.transpose_last()) * (1.0 / size as f64),
            2 => x.transpose_last().matmul(y) * (1.0 / size as f64),
            3 => x.softmax(),
            4 => (x + row).tanh(),
            5 => x * y,
            6 => x.matmul(shared.broadcast(&[batch, size, size])) * (1.0 / size as f64),
            7 => x - x.sum_keeping(&[2]) * (1.0 / size as f64),
            8 => x.matmul_triangle(y, triangles[numbers.below(3)]) * (1.0 / size as f64),
            _ => (x.transpose_last() + 0.5) * y,
        };
        values.push(next);
    }
    let loss = values.iter().fold(trace.constant(0.0), |sum, v| sum + (*v * *v).mean());
    let gradients = grad(loss, &inputs);
    let mut wanted = vec![loss, values[values.len() - 1]];
    wanted.extend(gradients);
    let wanted = wanted.into_iter().map(|v| trace.value(v).expect("fits")).collect();
    let graph = trace.graph().clone();
    (graph, given, wanted)
}

fn runs_in_strips(graph: &Graph, wanted: &[Value], options: PlanOptions) -> bool {
    let mut spec = PlanSpec::default();
    for (i, &value) in wanted.iter().enumerate() {
        spec.output(&format!("y{i}"), value);
    }
    let layout = StateLayout::default();
    let plan = Plan::<f32>::compile_with(graph, &spec, &layout, options).expect("compiles");
    plan.kernels().iter().any(|kernel| kernel.what.starts_with("strips"))
}

#[test]
fn turns_on_the_parts_of_a_batch_change_no_bit() {
    let mut in_strips = 0;
    let (small, none) = (PlanOptions { turn_from: 1, ..usual() }, usize::MAX);
    for seed in 1..=100 {
        let (batch, size) = ([2, 3, 6][seed as usize % 3], [4, 8, 12][seed as usize % 5 % 3]);
        let (graph, given, wanted) = random_batches(seed, batch, size);
        in_strips += u32::from(runs_in_strips(&graph, &wanted, small));
        let want = evaluate(&graph, &given, &wanted).expect("all given");
        let got = run::<f64>(&graph, &given, &wanted, small, 1);
        let plain = PlanOptions { turn_from: none, ..usual() };
        let whole = run::<f64>(&graph, &given, &wanted, plain, 1);
        let unplaced = PlanOptions { reuse: false, ..small };
        let apart = run::<f64>(&graph, &given, &wanted, unplaced, 1);
        for (i, want) in want.iter().enumerate() {
            let what = format!("seed {seed}, output {i}\n{graph}");
            assert_close(&got[i], &want.data, 1e-9, &what);
            assert_eq!(got[i], whole[i], "{what}");
            assert_eq!(got[i], apart[i], "{what}");
        }
    }
    assert!(in_strips > 50, "{in_strips} of 100 graphs");
    // Large enough for several threads.
    for seed in 1..=20 {
        let (graph, given, wanted) = random_batches(seed, 12, 48);
        let plain = PlanOptions { turn_from: none, ..usual() };
        let want = run::<f32>(&graph, &given, &wanted, plain, 1);
        for threads in [1, 2, 3] {
            let got = run::<f32>(&graph, &given, &wanted, usual(), threads);
            assert_eq!(got, want, "seed {seed}, {threads} threads\n{graph}");
        }
    }
}

/// A gated recurrence with two carries, products in front of, inside of and behind the loop, and its
/// first and second derivatives.
fn recurrence(
    batch: usize,
    inputs: usize,
    hidden: usize,
    turns: usize,
    reverse: bool,
) -> (Graph, BTreeMap<String, Array>, Vec<Value>) {
    let trace = Trace::new();
    let mut numbers = Numbers(5 + (batch * hidden) as u64);
    let mut given = BTreeMap::new();
    let mut input = |name: &str, shape: &[usize]| {
        given.insert(name.to_string(), numbers.array(&shape.into(), -0.7, 0.7));
        trace.input(name, shape)
    };
    let x = input("x", &[turns, batch, inputs]);
    let (w, u) = (input("w", &[inputs, hidden]), input("u", &[hidden, hidden]));
    let (v, bias) = (input("v", &[hidden, hidden]), input("bias", &[hidden]));
    let h = input("h", &[batch, hidden]);
    let c = trace.full(0.0, &[batch, hidden]);
    let stacked = trace.scan(reverse, &[h, c], &[x], &[w, u, v, bias], |carry, x, given| {
        let (h, c) = (carry[0], carry[1]);
        let z = x[0].matmul(given[0]) + h.matmul(given[1]) + given[3];
        let gate = (z + h.matmul(given[2])).sigmoid();
        let c = c * gate + z.tanh() * (1.0 - gate);
        let h = c.tanh() * gate;
        vec![h, c, h.sum_keeping(&[1])]
    });
    let last = if reverse { 0 } else { turns - 1 };
    let loss = stacked[0].square().mean()
        + stacked[1].narrow(0, last, last + 1).sin().mean()
        + stacked[2].mean();
    let wanted = with_gradients(&trace, [loss, stacked[0]], &[x, w, u, v, bias, h]);
    let graph = trace.graph().clone();
    (graph, given, wanted)
}

/// A loss, another value, the gradient by all variables, and by the third and the last one that of its third
/// part squared.
fn with_gradients<'t>(
    trace: &'t Trace,
    [loss, other]: [Var<'t>; 2],
    variables: &[Var<'t>],
) -> Vec<Value> {
    let gradients = grad(loss, variables);
    let second = [variables[2], variables[variables.len() - 1]];
    let second = grad(gradients[2].square().sum(), &second);
    let all = [loss, other].into_iter().chain(gradients).chain(second);
    all.map(|var| trace.value(var).expect("fits")).collect()
}

/// A recurrence over images, with convolutions in place of products, and its first and second derivatives.
fn recurrence_of_images(
    [batch, turns, side]: [usize; 3],
    [inputs, hidden]: [usize; 2],
    reverse: bool,
) -> (Graph, BTreeMap<String, Array>, Vec<Value>) {
    let trace = Trace::new();
    let mut numbers = Numbers(7 + (batch * hidden) as u64);
    let mut given = BTreeMap::new();
    let mut input = |name: &str, shape: &[usize]| {
        given.insert(name.to_string(), numbers.array(&shape.into(), -0.5, 0.5));
        trace.input(name, shape)
    };
    let x = input("x", &[turns, batch, side, side + 1, inputs]);
    let w = input("w", &[3, 3, inputs, hidden]);
    let (u, v) = (input("u", &[3, 2, hidden, hidden]), input("v", &[1, 1, hidden, hidden]));
    let h = input("h", &[batch, side, side + 1, hidden]);
    let window = |before, after| Geometry { before, after, ..Geometry::default() };
    let stacked = trace.scan(reverse, &[h], &[x], &[w, u, v], |h, x, given| {
        let around = window([1, 1], [1, 1]);
        let z = x[0].conv(given[0], &around) + h[0].conv(given[1], &window([1, 1], [1, 0]));
        let gate = h[0].conv(given[2], &Geometry::default()).sigmoid();
        vec![h[0] * gate + z.tanh() * (1.0 - gate)]
    });
    let loss = stacked[0].square().mean();
    let wanted = with_gradients(&trace, [loss, stacked[0]], &[x, w, u, v, h]);
    let graph = trace.graph().clone();
    (graph, given, wanted)
}

/// Holds every way to run a graph to the reference, and all bits to those of one thread.
fn check_every_way(
    (graph, given, wanted): (Graph, BTreeMap<String, Array>, Vec<Value>),
    tolerance: f64,
    what: &str,
) {
    let want = evaluate(&graph, &given, &wanted).expect("all given");
    let alone = PlanOptions { fuse: false, ..usual() };
    for (how, options) in [("fused", usual()), ("unfused", alone)] {
        let got = run::<f64>(&graph, &given, &wanted, options, 1);
        for (i, want) in want.iter().enumerate() {
            assert_close(&got[i], &want.data, tolerance, &format!("{how}, {what}, output {i}"));
        }
    }
    let bits = |options, threads| -> Vec<Vec<u64>> {
        let found = run::<f32>(&graph, &given, &wanted, options, threads);
        found.iter().map(|y| y.iter().map(|x| x.to_bits()).collect()).collect()
    };
    let first = bits(usual(), 1);
    assert_eq!(first, bits(PlanOptions { reuse: false, ..usual() }, 1), "reuse");
    for threads in [2, 3] {
        assert_eq!(first, bits(usual(), threads), "{threads} threads");
    }
    for level in Level::available() {
        assert_eq!(first, bits(PlanOptions { level, ..usual() }, 1), "{}", level.name());
    }
}

#[test]
fn recurrences_run_as_the_reference_says_on_any_number_of_threads() {
    let cases =
        [(37, 3, 16, 5, false), (37, 3, 5, 4, true), (2, 1, 1, 1, false), (33, 16, 32, 3, true)];
    for (batch, inputs, hidden, turns, reverse) in cases {
        let made = recurrence(batch, inputs, hidden, turns, reverse);
        check_every_way(made, 1e-11, &format!("batch {batch}, hidden {hidden}"));
    }
}

#[test]
fn recurrences_of_images_run_as_the_reference_says_on_any_number_of_threads() {
    let cases =
        [([17, 3, 4], [2, 4], false), ([5, 2, 3], [1, 3], true), ([1, 1, 2], [1, 1], false)];
    for (sizes, channels, reverse) in cases {
        let made = recurrence_of_images(sizes, channels, reverse);
        check_every_way(made, 1e-11, &format!("batch, turns, side {sizes:?}"));
    }
}

/// No turn waits for a gradient of weights: behind the loop it is that of the images of all turns, or, of a
/// kernel of one pixel, one product.
#[test]
fn gradients_of_convolutions_in_a_loop_are_those_of_the_images_of_all_turns() {
    let (graph, _, wanted) = recurrence_of_images([8, 5, 4], [2, 4], false);
    let mut spec = PlanSpec::default();
    // The loss and the gradients of the weights.
    for (i, &value) in [wanted[0], wanted[3], wanted[4], wanted[5]].iter().enumerate() {
        spec.output(&format!("y{i}"), value);
    }
    let plan = Plan::<f32>::compile(&graph, &spec, &StateLayout::default()).expect("compiles");
    let all: Vec<&str> = plan.kernels().iter().map(|kernel| kernel.what.as_str()).collect();
    let all = all.join("\n");
    assert_eq!(all.matches("loop 5 ×").count(), 2, "{all}");
    assert_eq!(all.matches("conv weight gradient 40×").count(), 2, "{all}");
    assert!(all.contains("matmul 4×800×4"), "{all}");
}

#[test]
fn products_that_no_turn_waits_for_are_one_product_over_all_turns() {
    let (batch, inputs, hidden, turns) = (32, 8, 16, 10);
    let (graph, _, wanted) = recurrence(batch, inputs, hidden, turns, false);
    let mut spec = PlanSpec::default();
    // The loss and the gradients of the weights.
    for (i, &value) in [wanted[0], wanted[3], wanted[4]].iter().enumerate() {
        spec.output(&format!("y{i}"), value);
    }
    let plan = Plan::<f32>::compile(&graph, &spec, &StateLayout::default()).expect("compiles");
    let all: Vec<&str> = plan.kernels().iter().map(|kernel| kernel.what.as_str()).collect();
    let all = all.join("\n");
    let rows = turns * batch;
    for product in [
        format!("matmul {rows}×{inputs}×{hidden}"),
        format!("matmul {inputs}×{rows}×{hidden}"),
        format!("matmul {hidden}×{rows}×{hidden}"),
    ] {
        assert!(all.contains(&product), "{product} is not in\n{all}");
    }
    assert_eq!(all.matches("loop 10 ×").count(), 2, "{all}");
}

/// What a turn leaves stands where it has read a sequence, unless somebody wants that afterwards.
#[test]
fn values_over_time_take_the_places_of_sequences_that_nobody_needs() {
    let trace = Trace::new();
    let (turns, batch, hidden) = (4, 3, 16);
    let given = trace.input("x", &[turns, batch, hidden]);
    let weights = trace.input("w", &[hidden, hidden]);
    let x = given.matmul(weights);
    let start = trace.input("h", &[batch, hidden]);
    let stacked = trace.scan(false, &[start], &[x], &[], |h, x, _| {
        let gate = (h[0] + x[0]).sigmoid();
        vec![h[0] * gate, gate]
    });
    let [gates, ends, x] = [stacked[1], stacked[0], x].map(|v| trace.value(v).expect("fits"));
    let graph = trace.graph().clone();
    let mut numbers = Numbers(3);
    let given: BTreeMap<String, Array> =
        [("x", vec![turns, batch, hidden]), ("w", vec![hidden; 2]), ("h", vec![batch, hidden])]
            .map(|(name, shape)| (name.to_string(), numbers.array(&shape[..].into(), -1.0, 1.0)))
            .into();
    let inherits = |wanted: &[Value], options| {
        let mut spec = PlanSpec::default();
        for (i, &value) in wanted.iter().enumerate() {
            spec.output(&format!("y{i}"), value);
        }
        let plan = Plan::<f32>::compile_with(&graph, &spec, &StateLayout::default(), options);
        let plan = plan.expect("compiles");
        let of = |what: &str| {
            let mut kernels = plan.kernels().iter();
            &kernels.find(|kernel| kernel.what.contains(what)).expect(what).writes
        };
        of("loop").iter().any(|place| of("matmul").contains(place))
    };
    assert!(inherits(&[gates, ends], usual()));
    assert!(!inherits(&[gates, ends], PlanOptions { reuse: false, ..usual() }));
    assert!(!inherits(&[gates, ends, x], usual()));
    for wanted in [vec![gates, ends], vec![gates, ends, x]] {
        check_every_way((graph.clone(), given.clone(), wanted), 1e-12, "sequences");
    }
}

/// What came into a turn and what it left stand in one storage, a slot apart: who reads both may write over
/// neither, or the next turn would read what this one wrote.
#[test]
fn values_that_share_a_storage_are_not_written_over() {
    for (reverse, order) in [(false, [0, 1]), (false, [1, 0]), (true, [0, 1]), (true, [1, 0])] {
        let trace = Trace::new();
        let (turns, batch, hidden) = (4, 3, 16);
        let x = trace.input("x", &[turns, batch, hidden]);
        let start = trace.input("h", &[batch, hidden]);
        let stacked =
            trace.scan(reverse, &[start], &[x], &[], |h, x, _| vec![(h[0] * x[0]).tanh(), h[0]]);
        let pair = order.map(|i| stacked[i]);
        let read = trace.scan(!reverse, &[start], &pair, &[], |h, pair, _| {
            let mixed = (pair[0] * pair[1] + h[0]).sin();
            vec![h[0] * mixed, mixed]
        });
        let wanted = [read[0], read[1]].map(|v| trace.value(v).expect("fits")).to_vec();
        let mut numbers = Numbers(4);
        let given: BTreeMap<String, Array> =
            [("x", vec![turns, batch, hidden]), ("h", vec![batch, hidden])]
                .map(|(name, shape)| (name.into(), numbers.array(&shape[..].into(), -1.0, 1.0)))
                .into();
        let what = format!("reverse {reverse}, order {order:?}");
        check_every_way((trace.graph().clone(), given, wanted), 1e-12, &what);
    }
}

#[test]
fn sums_of_products_are_made_by_the_products() {
    let trace = Trace::new();
    let [x, y] = ["x", "y"].map(|name| trace.input(name, &[20, 7]));
    let [v, w] = ["v", "w"].map(|name| trace.input(name, &[7, 33]));
    let bias = trace.input("bias", &[33]);
    let shared = y.matmul(v);
    // (x·v + bias) + y·w is one kernel; what somebody else reads, too, stands by itself.
    let sum = y.matmul(w) + (x.matmul(v) + bias);
    let other = x.matmul(w) + shared;
    let views = y.matmul(w).reshape(&[660]) + x.matmul(v).reshape(&[660]);
    let all = [sum, other, shared, views.tanh()];
    let wanted: Vec<Value> = all.iter().map(|&v| trace.value(v).expect("fits")).collect();
    let graph = trace.graph().clone();
    let mut random = Numbers(5);
    let inputs = graph.nodes().iter().filter_map(|node| match &node.op {
        Op::Input(input) => Some((input.name.clone(), random.array(&node.shape, -1.0, 1.0))),
        _ => None,
    });
    let given: BTreeMap<String, Array> = inputs.collect();
    let want = evaluate(&graph, &given, &wanted).expect("all given");
    for threads in [1, 2] {
        let got = run::<f64>(&graph, &given, &wanted, usual(), threads);
        for (i, want) in want.iter().enumerate() {
            assert_close(&got[i], &want.data, 1e-12, &format!("output {i}"));
        }
    }
    let mut spec = PlanSpec::default();
    spec.output("sum", wanted[0]);
    let plan = Plan::<f32>::compile(&graph, &spec, &StateLayout::default()).expect("compiles");
    let kernels: Vec<&str> = plan.kernels().iter().map(|kernel| kernel.what.as_str()).collect();
    assert_eq!(kernels, ["matmul 20×7×33 + bias, matmul 20×7×33 + sum"]);
}

/// A text of few letters: products with the rows of a table, there and back and of the gradient again.
#[test]
fn products_with_rows_of_a_small_table_are_products_with_the_table() {
    let trace = Trace::new();
    let mut random = Numbers(8);
    let mut given = BTreeMap::new();
    let mut input = |name: &str, shape: &[usize], lo, hi| {
        given.insert(name.to_string(), random.array(&shape.into(), lo, hi));
        trace.input(name, shape)
    };
    let ids = input("ids", &[4, 9], -0.4, 4.4);
    let table = input("table", &[5, 7], -1.0, 1.0);
    let [v, w] = ["v", "w"].map(|name| input(name, &[7, 18], -1.0, 1.0));
    let bias = input("bias", &[18], -1.0, 1.0);
    let rows = table.gather(ids).transpose(&[1, 0, 2]).reshape(&[36, 7]);
    let y = (rows.matmul(v) + bias).tanh() * rows.matmul(w).sigmoid();
    let wanted = with_gradients(&trace, [y.square().mean(), y], &[table, v, w, bias]);
    let graph = trace.graph().clone();

    let mut spec = PlanSpec::default();
    wanted[2..6].iter().enumerate().for_each(|(i, &y)| spec.output(&format!("y{i}"), y));
    let plan = Plan::<f32>::compile(&graph, &spec, &StateLayout::default()).expect("compiles");
    let products: Vec<&str> =
        plan.kernels().iter().map(|k| &*k.what).filter(|what| what.contains("matmul")).collect();
    assert!(products.iter().all(|what| !what.contains("36")), "{products:?}");
    assert_eq!(products.join(", ").matches("matmul").count(), 6, "{products:?}");

    check_every_way((graph, given, wanted), 1e-12, "rows of a table");
}
