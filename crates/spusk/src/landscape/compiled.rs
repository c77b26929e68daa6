//! The loss, its gradient and its Hessian's products, compiled for the rows of a subject.

use spusk_graph::{
    Element, Graph, GraphError, Plan, PlanSpec, Shape, State, StateLayout, Team, Trace, Value, Var,
    Workspace, grad,
};

use super::subject::{Block, Subject};
use crate::net::{Parameter, Substitute};

/// Where a direction's parts stand in the state: in front of the parameters' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Weights,
    First,
    Second,
}

impl Role {
    fn name(self, parameter: &str) -> String {
        let prefix = match self {
            Role::Weights => "",
            Role::First => "u.",
            Role::Second => "v.",
        };
        format!("{prefix}{parameter}")
    }
}

/// A state with the parameters, buffers and directions of a subject.
struct Memory<T: Element> {
    layout: StateLayout,
    state: State<T>,
    team: Team,
}

impl<T: Element> Memory<T> {
    fn new(subject: &Subject, roles: &[Role], threads: usize) -> Memory<T> {
        let mut entries: Vec<(String, Shape)> = Vec::new();
        for &role in roles {
            let of_role = subject.parameters.iter();
            entries.extend(of_role.map(|p| (role.name(&p.name), p.shape.clone())));
        }
        let buffers = subject.buffers.iter();
        entries.extend(buffers.map(|(buffer, _)| (buffer.name.clone(), buffer.shape.clone())));
        let layout = StateLayout::new(entries.iter().map(|(name, shape)| (&**name, &shape[..])));
        let mut memory = Memory { state: State::new(&layout), layout, team: Team::new(threads) };
        for (buffer, values) in &subject.buffers {
            let values: Vec<f64> = values.iter().map(|&x| f64::from(x)).collect();
            memory.put(&buffer.name, &values);
        }
        memory.set(subject, Role::Weights, subject.weights());
        memory
    }

    fn put(&mut self, name: &str, values: &[f64]) {
        for (to, &from) in self.state.get_mut(name).into_iter().flatten().zip(values) {
            *to = T::from_f64(from);
        }
    }

    fn set(&mut self, subject: &Subject, role: Role, values: &[f64]) {
        for (parameter, range) in subject.parameters.iter().zip(subject.ranges()) {
            self.put(&role.name(&parameter.name), &values[range]);
        }
    }

    fn compile(&self, graph: &Graph, outputs: &[(String, Value)]) -> Result<Job<T>, GraphError> {
        let mut spec = PlanSpec::default();
        outputs.iter().for_each(|(name, value)| spec.output(name, *value));
        let plan = Plan::compile(graph, &spec, &self.layout)?;
        Ok(Job { work: plan.workspace(), plan })
    }

    fn run(&mut self, job: &mut Job<T>) {
        job.plan.run(&mut self.team, &mut self.state, &mut job.work);
    }

    fn scalar(&self, job: &Job<T>, name: &str) -> Result<f64, GraphError> {
        let values = job.plan.output(name, &self.state, &job.work)?;
        Ok(values.first().map_or(f64::NAN, |x| x.to_f64()))
    }
}

/// A plan with its arena.
struct Job<T: Element> {
    plan: Plan<T>,
    work: Workspace<T>,
}

impl<T: Element> Job<T> {
    /// Writes an input, if the plan needs it.
    fn give<V: Copy + Into<f64>>(&mut self, name: &str, values: &[V]) {
        let Some(place) = self.plan.input(name).map(|entry| entry.place) else { return };
        for (to, &from) in self.work.at_mut(place).iter_mut().zip(values) {
            *to = T::from_f64(from.into());
        }
    }

    fn give_block(&mut self, block: &Block) {
        self.give("features", &block.features);
        self.give("targets", &block.targets);
    }
}

/// Named values of a trace.
fn resolve(
    trace: &Trace,
    named: Vec<(String, Var<'_>)>,
) -> Result<Vec<(String, Value)>, GraphError> {
    named.into_iter().map(|(name, var)| Ok((name, trace.value(var)?))).collect()
}

/// θ + αu + βv in place of the parameters.
fn moved<'t>(trace: &'t Trace) -> (Var<'t>, Var<'t>, Substitute<'t>) {
    let (alpha, beta) = (trace.input("alpha", &[]), trace.input("beta", &[]));
    let substitute = move |parameter: &Parameter, state: Var<'t>| {
        if !parameter.trainable {
            return state;
        }
        let of = |role: Role| trace.state(&role.name(&parameter.name), &parameter.shape);
        state + of(Role::First) * alpha + of(Role::Second) * beta
    };
    (alpha, beta, Box::new(substitute))
}

/// The loss of a subject at places of a plane through its weights.
///
/// The first layer, where it is dense, is linear in its weights: x·(W + αU + βV) is xW + α·xU + β·xV. The
/// three products are computed once for all places.
///
/// Blocks of rows are dealt to workers with a memory of their own, so that nobody waits at every kernel; what
/// they found is added up in the order of the blocks, whatever the number of workers.
pub(super) struct Evaluator<'s, T: Element> {
    subject: &'s Subject,
    workers: Vec<Worker<T>>,
}

struct Worker<T: Element> {
    memory: Memory<T>,
    /// By number of rows: what makes the products of the first layer, and what goes on from there.
    jobs: Vec<(usize, Option<Job<T>>, Job<T>)>,
}

/// What the copies of weights and directions of all workers may take, in bytes.
const MOST_BYTES: usize = 1 << 30;

const PRODUCTS: [(Role, &str); 3] =
    [(Role::Weights, "product.0"), (Role::First, "product.1"), (Role::Second, "product.2")];

impl<'s, T: Element> Evaluator<'s, T> {
    /// An evaluator at the subject's weights, with both directions 0. `linear_first` makes use of the
    /// first layer's being linear, where it is.
    pub(super) fn new(
        subject: &'s Subject,
        threads: usize,
        linear_first: bool,
    ) -> Result<Self, GraphError> {
        let room = MOST_BYTES / (3 * size_of::<T>() * subject.weights().len().max(1));
        let count = threads.min(subject.blocks.len()).min(room).max(1);
        // A worker alone computes with all threads.
        let own = if count == 1 { threads } else { 1 };
        let worker = |_| Worker::new(subject, own, linear_first);
        Ok(Evaluator { subject, workers: (0..count).map(worker).collect::<Result<_, _>>()? })
    }

    /// Sets the weights or a direction.
    pub(super) fn set(&mut self, role: Role, values: &[f64]) {
        for worker in &mut self.workers {
            worker.memory.set(self.subject, role, values);
        }
    }

    /// The mean loss at θ + αu + βv for every (α, β).
    pub(super) fn losses(&mut self, places: &[(f64, f64)]) -> Result<Vec<f64>, GraphError> {
        let of_blocks = self.each_block(|memory, job| {
            let sum = |&place: &(f64, f64)| {
                run_at(memory, job, place);
                memory.scalar(job, "sum")
            };
            let sums = places.iter().map(sum).collect::<Result<Vec<f64>, _>>()?;
            Ok((sums, memory.scalar(job, "weight")?))
        })?;
        let (mut sums, mut weight) = (vec![0.0; places.len()], 0.0);
        for (of_block, own) in of_blocks {
            sums.iter_mut().zip(of_block).for_each(|(sum, x)| *sum += x);
            weight += own;
        }
        Ok(sums.into_iter().map(|sum| sum / weight).collect())
    }

    /// The mean loss at other weights.
    pub(super) fn loss_at(&mut self, weights: &[f64]) -> Result<f64, GraphError> {
        self.set(Role::Weights, weights);
        Ok(self.losses(&[(0.0, 0.0)])?[0])
    }

    /// The mean loss at the weights, and the standard error that the choice of the rows gives it: of a
    /// quotient of sums, and less the more of all rows were chosen.
    pub(super) fn loss_and_error(&mut self) -> Result<(f64, f64), GraphError> {
        let of_blocks = self.each_block(|memory, job| {
            run_at(memory, job, (0.0, 0.0));
            let get = |name: &str| job.plan.output(name, &memory.state, &job.work);
            let losses: Vec<f64> = get("rows")?.iter().map(|x| x.to_f64()).collect();
            let weights = match get("row_weights") {
                Ok(given) => given.iter().map(|x| x.to_f64()).collect(),
                Err(_) => vec![1.0; losses.len()],
            };
            Ok(losses.into_iter().zip(weights).collect::<Vec<_>>())
        })?;
        let rows: Vec<(f64, f64)> = of_blocks.concat();
        let (n, weight): (f64, f64) = (rows.len() as f64, rows.iter().map(|row| row.1).sum());
        let loss = rows.iter().map(|row| row.0).sum::<f64>() / weight;
        let squares: f64 = rows.iter().map(|(x, w)| (x - loss * w).powi(2)).sum();
        let left_out = 1.0 - n / (self.subject.total_rows().max(rows.len()) as f64);
        let error = (squares * n / (n - 1.0).max(1.0) * left_out).sqrt() / weight;
        Ok((loss, error))
    }

    /// What `visit` makes of every block of rows with its plan, ready to run at any place; in the order of
    /// the blocks.
    fn each_block<R: Send>(
        &mut self,
        visit: impl Fn(&mut Memory<T>, &mut Job<T>) -> Result<R, GraphError> + Sync,
    ) -> Result<Vec<R>, GraphError> {
        let (blocks, count) = (&self.subject.blocks, self.workers.len());
        let (visit, mut found) = (&visit, Vec::with_capacity(blocks.len()));
        std::thread::scope(|scope| {
            let work = |(first, worker): (usize, &'_ mut Worker<T>)| {
                let own = blocks.iter().skip(first).step_by(count);
                own.map(|block| worker.visit(block, visit)).collect::<Vec<_>>()
            };
            let mut workers = self.workers.iter_mut().enumerate();
            let first = workers.next();
            let others: Vec<_> = workers.map(|one| scope.spawn(move || work(one))).collect();
            let mut all: Vec<_> = first.map(work).into_iter().collect();
            for other in others {
                all.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            let mut all: Vec<_> = all.into_iter().map(Vec::into_iter).collect();
            for block in 0..blocks.len() {
                found.extend(all[block % count].next());
            }
        });
        found.into_iter().collect()
    }
}

impl<T: Element> Worker<T> {
    fn new(subject: &Subject, threads: usize, linear_first: bool) -> Result<Self, GraphError> {
        let roles = [Role::Weights, Role::First, Role::Second];
        let memory = Memory::new(subject, &roles, threads);
        let mut jobs: Vec<(usize, Option<Job<T>>, Job<T>)> = Vec::new();
        let before = subject.before_first_dense().filter(|_| linear_first);
        for block in &subject.blocks {
            if jobs.iter().any(|(rows, ..)| *rows == block.rows) {
                continue;
            }
            let (first, shape) = match before {
                Some(before) => {
                    let (job, shape) = first_products(subject, &memory, block.rows, before)?;
                    (Some(job), Some(shape))
                }
                None => (None, None),
            };
            jobs.push((block.rows, first, loss(subject, &memory, block.rows, shape)?));
        }
        Ok(Worker { memory, jobs })
    }

    fn visit<R>(
        &mut self,
        block: &Block,
        visit: impl Fn(&mut Memory<T>, &mut Job<T>) -> Result<R, GraphError>,
    ) -> Result<R, GraphError> {
        let found = self.jobs.iter_mut().find(|(rows, ..)| *rows == block.rows);
        let Some((_, first, job)) = found else {
            unreachable!("there is a job for every block of the subject")
        };
        job.give_block(block);
        if let Some(first) = first {
            first.give_block(block);
            self.memory.run(first);
            for (_, name) in PRODUCTS {
                let values = first.plan.output(name, &self.memory.state, &first.work)?;
                if let Ok(to) = job.work.input_mut(name) {
                    to.copy_from_slice(values);
                }
            }
        }
        visit(&mut self.memory, job)
    }
}

fn run_at<T: Element>(memory: &mut Memory<T>, job: &mut Job<T>, (alpha, beta): (f64, f64)) {
    job.give("alpha", &[alpha]);
    job.give("beta", &[beta]);
    memory.run(job);
}

/// The products of the first layer with its weights and with both directions, and their shape.
fn first_products<T: Element>(
    subject: &Subject,
    memory: &Memory<T>,
    rows: usize,
    before: usize,
) -> Result<(Job<T>, Shape), GraphError> {
    let trace = Trace::new();
    let mut net = crate::net::Net::new(&trace, crate::net::Mode::Measure);
    let x = net.layers(&subject.model.layers[..before], subject.features(&trace, rows));
    let weight = &subject.parameters[0];
    let product = |(role, name): (Role, &str)| {
        let of = trace.state(&role.name(&weight.name), &weight.shape);
        (name.to_string(), x.matmul(of))
    };
    let named: Vec<(String, Var)> = PRODUCTS.into_iter().map(product).collect();
    let shape = named[0].1.shape();
    let outputs = resolve(&trace, named)?;
    Ok((memory.compile(&trace.graph(), &outputs)?, shape))
}

/// The loss at a place of the plane, with the first layer's products given if they have a shape.
fn loss<T: Element>(
    subject: &Subject,
    memory: &Memory<T>,
    rows: usize,
    products: Option<Shape>,
) -> Result<Job<T>, GraphError> {
    let trace = Trace::new();
    let (alpha, beta, substitute) = moved(&trace);
    let first = products.map(|shape| {
        let [own, along_u, along_v] = PRODUCTS.map(|(_, name)| trace.input(name, &shape));
        own + along_u * alpha + along_v * beta
    });
    let traced = subject.trace(&trace, rows, Some(substitute), first);
    let mut named = vec![("sum".to_string(), traced.sum), ("weight".into(), traced.weight)];
    named.push(("rows".into(), traced.rows));
    named.extend(traced.row_weights.map(|weights| ("row_weights".to_string(), weights)));
    memory.compile(&trace.graph(), &resolve(&trace, named)?)
}

/// The gradient of the loss, or the products of its Hessian with vectors, exactly: the gradient is a
/// graph itself, and Hv = ∇(∇L·v).
///
/// Where a layer has a kink (ReLU), derivatives are those of the piece that a point lies on.
pub(crate) struct Derivative<'s, T: Element> {
    subject: &'s Subject,
    memory: Memory<T>,
    second: bool,
    jobs: Vec<(usize, Job<T>)>,
}

impl<'s, T: Element> Derivative<'s, T> {
    /// The gradient at the subject's weights.
    pub(super) fn gradient(subject: &'s Subject, threads: usize) -> Result<Self, GraphError> {
        Self::new(subject, threads, false)
    }

    /// Products with the Hessian at the subject's weights.
    pub(crate) fn hessian(subject: &'s Subject, threads: usize) -> Result<Self, GraphError> {
        Self::new(subject, threads, true)
    }

    fn new(subject: &'s Subject, threads: usize, second: bool) -> Result<Self, GraphError> {
        let roles = [Role::Weights, Role::First];
        let memory = Memory::new(subject, &roles[..1 + usize::from(second)], threads);
        Ok(Derivative { subject, memory, second, jobs: Vec::new() })
    }

    /// The gradient at other weights, on other rows of the same data; returns the loss there.
    pub(super) fn at(
        &mut self,
        weights: &[f64],
        block: &Block,
        gradient: &mut [f64],
    ) -> Result<f64, GraphError> {
        self.memory.set(self.subject, Role::Weights, weights);
        gradient.fill(0.0);
        let (sum, weight) = self.add(block, gradient)?;
        gradient.iter_mut().for_each(|g| *g /= weight);
        Ok(sum / weight)
    }

    /// The gradient, or H·v, over all rows of the subject.
    pub(crate) fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError> {
        if self.second {
            self.memory.set(self.subject, Role::First, v);
        }
        result.fill(0.0);
        let mut weight = 0.0;
        for block in &self.subject.blocks {
            weight += self.add(block, result)?.1;
        }
        result.iter_mut().for_each(|x| *x /= weight);
        Ok(())
    }

    /// Adds what a block gives; returns its loss and weight.
    fn add(&mut self, block: &Block, result: &mut [f64]) -> Result<(f64, f64), GraphError> {
        let known = self.jobs.iter().position(|(rows, _)| *rows == block.rows);
        let at = match known {
            Some(at) => at,
            None => {
                let job = derivative(self.subject, &self.memory, block.rows, self.second)?;
                self.jobs.push((block.rows, job));
                self.jobs.len() - 1
            }
        };
        let (_, job) = &mut self.jobs[at];
        job.give_block(block);
        self.memory.run(job);
        for (parameter, range) in self.subject.parameters.iter().zip(self.subject.ranges()) {
            if parameter.trainable {
                let values = job.plan.output(&parameter.name, &self.memory.state, &job.work)?;
                result[range].iter_mut().zip(values).for_each(|(to, x)| *to += x.to_f64());
            }
        }
        Ok((self.memory.scalar(job, "sum")?, self.memory.scalar(job, "weight")?))
    }
}

fn derivative<T: Element>(
    subject: &Subject,
    memory: &Memory<T>,
    rows: usize,
    second: bool,
) -> Result<Job<T>, GraphError> {
    let trace = Trace::new();
    let traced = subject.trace(&trace, rows, None, None);
    let trained = subject.parameters.iter().zip(&traced.parameters).filter(|(p, _)| p.trainable);
    let (parameters, values): (Vec<&Parameter>, Vec<Var>) = trained.map(|(p, v)| (p, *v)).unzip();
    let mut gradient = grad(traced.sum, &values);
    if second {
        let along = parameters.iter().zip(&gradient).map(|(parameter, g)| {
            (*g * trace.state(&Role::First.name(&parameter.name), &parameter.shape)).sum()
        });
        let slope = along.fold(trace.constant(0.0), |sum, part| sum + part);
        gradient = grad(slope, &values);
    }
    let mut named = vec![("sum".to_string(), traced.sum), ("weight".into(), traced.weight)];
    named.extend(parameters.iter().map(|p| p.name.clone()).zip(gradient));
    memory.compile(&trace.graph(), &resolve(&trace, named)?)
}
