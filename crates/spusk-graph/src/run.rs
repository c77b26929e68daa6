//! Running plans.

use spusk_kernels::{Buffer, Element, Place, Team};

use crate::plan::{Entry, StateLayout};
use crate::{GraphError, Plan};

/// What lives from run to run: parameters, buffers, optimizer slots.
#[derive(Debug, Clone)]
pub struct State<T: Element> {
    pub(crate) buffer: Buffer<T>,
    layout: StateLayout,
}

impl<T: Element> State<T> {
    /// All zeros.
    pub fn new(layout: &StateLayout) -> State<T> {
        State { buffer: Buffer::zeroed(layout.length), layout: layout.clone() }
    }

    /// Which states there are.
    pub fn layout(&self) -> &StateLayout {
        &self.layout
    }

    /// All elements, with the padding between the states.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.buffer.as_mut_slice()
    }

    /// The elements of a place in the state.
    ///
    /// # Panics
    /// If the place lies outside of the state.
    pub fn at(&self, place: Place) -> &[T] {
        self.buffer.at(place)
    }

    /// The elements of a state.
    pub fn get(&self, name: &str) -> Option<&[T]> {
        self.layout.get(name).map(|entry| self.buffer.at(entry.place))
    }

    /// The elements of a state.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut [T]> {
        let place = self.layout.get(name)?.place;
        Some(self.buffer.at_mut(place))
    }

    /// All elements, with the padding between the states.
    pub fn as_slice(&self) -> &[T] {
        self.buffer.as_slice()
    }
}

/// The arena of one plan.
#[derive(Debug, Clone)]
pub struct Workspace<T: Element> {
    pub(crate) buffer: Buffer<T>,
    inputs: Vec<Entry>,
    outputs: Vec<Entry>,
}

impl<T: Element> Workspace<T> {
    pub(crate) fn new(plan: &Plan<T>) -> Workspace<T> {
        let mut buffer = Buffer::zeroed(plan.work_length);
        plan.constants_into(&mut buffer);
        Workspace { buffer, inputs: plan.inputs.clone(), outputs: plan.outputs.clone() }
    }

    /// The elements of an input, to be written before a run; they keep their values over runs.
    ///
    /// # Errors
    /// If the plan has no such input; it may have been found not to matter for any output.
    pub fn input_mut(&mut self, name: &str) -> Result<&mut [T], GraphError> {
        let place = find(&self.inputs, name, "input")?.place;
        Ok(self.buffer.at_mut(place))
    }

    /// The elements of an output of the last run.
    ///
    /// # Errors
    /// If the plan has no such output, or it is a state itself (read it from there).
    pub fn output(&self, name: &str) -> Result<&[T], GraphError> {
        let entry = find(&self.outputs, name, "output")?;
        if entry.place.space == spusk_kernels::Space::State {
            return Err(GraphError::new(
                "run",
                format!("output `{name}` is a state; read it from the state"),
            ));
        }
        Ok(self.buffer.at(entry.place))
    }

    /// The elements of a place in the arena, such as an input's ([`Plan::inputs`]): without the
    /// search for its name.
    ///
    /// # Panics
    /// If the place lies outside of the arena.
    pub fn at_mut(&mut self, place: Place) -> &mut [T] {
        self.buffer.at_mut(place)
    }

    /// The elements of two places in the arena at once.
    ///
    /// # Panics
    /// If a place lies outside of the arena, or they overlap.
    pub fn two_mut(&mut self, a: Place, b: Place) -> (&mut [T], &mut [T]) {
        let ((first, second), swapped) =
            if a.offset <= b.offset { ((a, b), false) } else { ((b, a), true) };
        let (left, right) = self.buffer.as_mut_slice().split_at_mut(second.offset);
        let left = &mut left[first.offset..first.offset + first.len];
        let right = &mut right[..second.len];
        if swapped { (right, left) } else { (left, right) }
    }

    /// The elements of a place in the arena.
    ///
    /// # Panics
    /// If the place lies outside of the arena.
    pub fn at(&self, place: Place) -> &[T] {
        self.buffer.at(place)
    }
}

fn find<'e>(entries: &'e [Entry], name: &str, what: &str) -> Result<&'e Entry, GraphError> {
    entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let names: Vec<&str> = entries.iter().map(|entry| &*entry.name).collect();
        GraphError::new(
            "run",
            format!("the plan has no {what} `{name}`; it has {}", names.join(", ")),
        )
    })
}

impl<T: Element> Plan<T> {
    /// The elements of an output of the last run, wherever they stand.
    ///
    /// # Errors
    /// If the plan has no such output.
    pub fn output<'a>(
        &self,
        name: &str,
        state: &'a State<T>,
        work: &'a Workspace<T>,
    ) -> Result<&'a [T], GraphError> {
        let place = find(&self.outputs, name, "output")?.place;
        Ok(match place.space {
            spusk_kernels::Space::State => state.buffer.at(place),
            spusk_kernels::Space::Work => work.buffer.at(place),
            spusk_kernels::Space::Window(_) | spusk_kernels::Space::Local => {
                unreachable!("outputs stand in the buffers; places inside of a loop are its own")
            }
        })
    }

    /// The input of a name, if the plan needs it.
    pub fn input(&self, name: &str) -> Option<&Entry> {
        self.inputs.iter().find(|entry| entry.name == name)
    }

    /// Runs the plan once. The bits of the result do not depend on the size of the team; nothing is
    /// allocated.
    ///
    /// # Panics
    /// If the state has another layout than the plan, or the workspace is another plan's.
    pub fn run(&self, team: &mut Team, state: &mut State<T>, work: &mut Workspace<T>) {
        self.program.run(team, &mut work.buffer, &mut state.buffer);
    }

    /// As [`Plan::run`], on at most so many threads of the team.
    ///
    /// # Panics
    /// As [`Plan::run`].
    pub fn run_on(
        &self,
        threads: usize,
        team: &mut Team,
        state: &mut State<T>,
        work: &mut Workspace<T>,
    ) {
        self.program.run_on(threads, team, &mut work.buffer, &mut state.buffer);
    }

    /// How many of `available` threads make the plan quicker, by estimate.
    pub fn useful_threads(&self, available: usize) -> usize {
        self.program.useful_threads(available)
    }

    /// Runs on this thread and calls `after(kernel, work, state)` behind every kernel: to time them,
    /// or to find where a value went bad.
    ///
    /// # Panics
    /// As [`Plan::run`].
    pub fn run_observed(
        &self,
        state: &mut State<T>,
        work: &mut Workspace<T>,
        mut after: impl FnMut(usize, &Buffer<T>, &Buffer<T>),
    ) {
        let kernels = self.kernels();
        let mut kernel = 0;
        self.program.run_observed(&mut work.buffer, &mut state.buffer, |i, work, state| {
            while kernel < kernels.len() && kernels[kernel].instructions.end <= i {
                kernel += 1;
            }
            if kernel < kernels.len() && kernels[kernel].instructions.end == i + 1 {
                after(kernel, work, state);
            }
        });
    }
}
