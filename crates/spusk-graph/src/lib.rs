//! The compiler of Spusk: a graph of pure operations, its gradients, its plan.
//!
//! ```
//! use spusk_graph::{Plan, PlanSpec, State, StateLayout, Team, Trace, grad};
//!
//! // The loss (w·x - y)² of one neuron, and its gradient, as one graph.
//! let trace = Trace::new();
//! let x = trace.input("x", &[4, 3]);
//! let y = trace.input("y", &[4, 1]);
//! let w = trace.state("w", &[3, 1]);
//! let error = x.matmul(w) - y;
//! let loss = (error * error).mean();
//! let gradient = grad(loss, &[w])[0];
//! let new_w = w - gradient * 0.1;
//!
//! let mut spec = PlanSpec::default();
//! spec.output("loss", trace.value(loss)?);
//! spec.update(trace.value(w)?, trace.value(new_w)?);
//! let layout = StateLayout::new([("w", &[3, 1][..])]);
//! let plan = Plan::<f32>::compile(&trace.graph(), &spec, &layout)?;
//! let mut state = State::new(&layout);
//! let mut work = plan.workspace();
//! let mut team = Team::new(1);
//! work.input_mut("x")?.fill(1.0);
//! work.input_mut("y")?.fill(6.0);
//! for _ in 0..50 {
//!     plan.run(&mut team, &mut state, &mut work);
//! }
//! assert!(work.output("loss")?[0] < 1e-6);
//! # Ok::<(), spusk_graph::GraphError>(())
//! ```

mod arena;
mod array;
mod convolution;
mod descent;
mod emit;
mod fuse;
mod grad;
mod graph;
mod loops;
mod lower;
mod math;
pub mod ops;
mod passes;
mod plan;
mod recurrence;
mod reference;
mod run;
mod schedule;
mod shape;
mod strips;
mod text;
mod trace;
mod verify;

pub use array::Array;
pub use convolution::{Convolution, Geometry};
pub use grad::grad;
pub use graph::{Graph, GraphError, Node, Value};
pub use ops::{Attribute, Attributes, Call, Lowering, Op, Placed, Rules, Sample, Vjp};
pub use passes::optimize;
pub use plan::{Cost, Entry, Kernel, Plan, PlanOptions, PlanSpec, StateLayout};
pub use reference::evaluate;
pub use run::{State, Workspace};
pub use shape::Shape;
pub use spusk_kernels::{Band, Buffer, Element, Level, Place, Space, Team, Triangle, Windows};
pub use text::parse;
pub use trace::{Trace, Var};
pub use verify::verify;
