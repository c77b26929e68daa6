//! Running plans.

use spusk_kernels::{Buffer, Element, LANES, Lent, Place, Space, Team};

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

/// The arena of one plan, and memory for the inputs that may be lent, for runs in which they are not.
#[derive(Debug, Clone)]
pub struct Workspace<T: Element> {
    pub(crate) buffer: Buffer<T>,
    /// Of each input that may be lent. A computer spends memory only on what is written.
    own: Vec<Buffer<T>>,
    inputs: Vec<Entry>,
    outputs: Vec<Entry>,
}

impl<T: Element> Workspace<T> {
    pub(crate) fn new(plan: &Plan<T>) -> Workspace<T> {
        let mut buffer = Buffer::zeroed(plan.work_length);
        plan.constants_into(&mut buffer);
        let own = plan.lent.iter().map(|&len| Buffer::zeroed(len)).collect();
        Workspace { buffer, own, inputs: plan.inputs.clone(), outputs: plan.outputs.clone() }
    }

    /// What a place lies in.
    fn of(&self, place: Place) -> &Buffer<T> {
        match place.space {
            Space::Lent(number) => &self.own[usize::from(number)],
            _ => &self.buffer,
        }
    }

    fn of_mut(&mut self, place: Place) -> &mut Buffer<T> {
        match place.space {
            Space::Lent(number) => &mut self.own[usize::from(number)],
            _ => &mut self.buffer,
        }
    }

    /// The elements of an input, to be written before a run; they keep their values over runs, those
    /// for which it is lent too.
    ///
    /// # Errors
    /// If the plan has no such input; it may have been found not to matter for any output.
    pub fn input_mut(&mut self, name: &str) -> Result<&mut [T], GraphError> {
        let place = find(&self.inputs, name, "input")?.place;
        Ok(self.at_mut(place))
    }

    /// The elements of an output of the last run.
    ///
    /// # Errors
    /// If the plan has no such output, or it is a state itself (read it from there).
    pub fn output(&self, name: &str) -> Result<&[T], GraphError> {
        let entry = find(&self.outputs, name, "output")?;
        if entry.place.space == Space::State {
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
        self.of_mut(place).at_mut(place)
    }

    /// The elements of two places in the arena at once.
    ///
    /// # Panics
    /// If a place lies outside of the arena, or they overlap.
    pub fn two_mut(&mut self, a: Place, b: Place) -> (&mut [T], &mut [T]) {
        let Workspace { buffer, own, .. } = self;
        let [i, j] = [a, b].map(|place| match place.space {
            Space::Lent(number) => Some(usize::from(number)),
            _ => None,
        });
        match (i, j) {
            (Some(i), Some(j)) => {
                let both = own.get_disjoint_mut([i, j]).expect("two inputs of this plan");
                let [first, second] = both;
                (first.at_mut(a), second.at_mut(b))
            }
            (Some(i), None) => (own[i].at_mut(a), buffer.at_mut(b)),
            (None, Some(j)) => (buffer.at_mut(a), own[j].at_mut(b)),
            (None, None) => two_of(buffer, a, b),
        }
    }

    /// The elements of a place in the arena.
    ///
    /// # Panics
    /// If the place lies outside of the arena.
    pub fn at(&self, place: Place) -> &[T] {
        self.of(place).at(place)
    }
}

fn two_of<T: Element>(buffer: &mut Buffer<T>, a: Place, b: Place) -> (&mut [T], &mut [T]) {
    let ((first, second), swapped) =
        if a.offset <= b.offset { ((a, b), false) } else { ((b, a), true) };
    let (left, right) = buffer.as_mut_slice().split_at_mut(second.offset);
    let left = &mut left[first.offset..first.offset + first.len];
    let right = &mut right[..second.len];
    if swapped { (right, left) } else { (left, right) }
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

/// The number under which an input can be lent, if it may be: an array that ends with it must end with
/// a whole vector.
fn number(place: Place) -> Option<usize> {
    match place {
        Place { space: Space::Lent(number), len, .. } if len.is_multiple_of(LANES) => {
            Some(usize::from(number))
        }
        _ => None,
    }
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
            Space::State => state.buffer.at(place),
            Space::Work => work.buffer.at(place),
            Space::Lent(_) | Space::Window(_) | Space::Local => {
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
        self.run_on(team.threads(), team, state, work);
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
        let Workspace { buffer, own, .. } = work;
        self.program.run_on(threads, team, buffer, &mut state.buffer, &self.lent(own, &[]));
    }

    /// Where an input of a name stands, for [`Plan::run_lending`].
    ///
    /// # Errors
    /// If the plan has no such input; it may have been found not to matter for any output.
    pub fn input_place(&self, name: &str) -> Result<Place, GraphError> {
        Ok(find(&self.inputs, name, "input")?.place)
    }

    /// As [`Plan::run_on`], with values for some inputs, which their places name. Those that [`PlanSpec::lend`]
    /// names are read where they stand; the run keeps nothing of them, and the workspace its own
    /// values. Other inputs are copied into the workspace, and so is one whose number of elements is
    /// not a multiple of [`LANES`]: kernels read whole vectors, and what stands behind it is not lent.
    ///
    /// ```
    /// use spusk_graph::{GraphError, Plan, PlanSpec, State, StateLayout, Team, Trace};
    ///
    /// # fn main() -> Result<(), GraphError> {
    /// let trace = Trace::new();
    /// let y = trace.input("x", &[2, 16]).square();
    /// let mut spec = PlanSpec::default();
    /// spec.output("y", trace.value(y)?);
    /// spec.lend("x");
    /// let layout = StateLayout::default();
    /// let plan = Plan::<f32>::compile(&trace.graph(), &spec, &layout)?;
    /// let (mut state, mut work) = (State::new(&layout), plan.workspace());
    /// let rows = [3.0; 5 * 16];
    /// let given = [(plan.input_place("x")?, &rows[16..48])];
    /// plan.run_lending(1, &mut Team::new(1), &mut state, &mut work, &given)?;
    /// assert_eq!(work.output("y")?, [9.0; 32]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If no input of the plan stands there, or values are not as many as its elements; nothing has run
    /// then.
    ///
    /// # Panics
    /// As [`Plan::run`].
    ///
    /// [`PlanSpec::lend`]: crate::PlanSpec::lend
    pub fn run_lending(
        &self,
        threads: usize,
        team: &mut Team,
        state: &mut State<T>,
        work: &mut Workspace<T>,
        inputs: &[(Place, &[T])],
    ) -> Result<(), GraphError> {
        for &(place, values) in inputs {
            self.check_input(place, values.len())?;
        }
        for &(place, values) in inputs.iter().filter(|(place, _)| number(*place).is_none()) {
            work.at_mut(place).copy_from_slice(values);
        }
        let Workspace { buffer, own, .. } = work;
        self.program.run_on(threads, team, buffer, &mut state.buffer, &self.lent(own, inputs));
        Ok(())
    }

    /// The arrays that a run reads: those that are lent, and the workspace's own for the others.
    fn lent<'a>(&self, own: &'a [Buffer<T>], inputs: &[(Place, &'a [T])]) -> Lent<'a, T> {
        let mut lent = Lent::default();
        // There are no more than a run takes, as the compiler has made sure.
        for own in own {
            lent.push(own.as_slice());
        }
        for &(place, values) in inputs {
            if let Some(number) = number(place) {
                lent.replace(number, values);
            }
        }
        lent
    }

    /// Whether an input stands in a place, and so many values are right for it.
    fn check_input(&self, place: Place, got: usize) -> Result<(), GraphError> {
        let error = |what| Err(GraphError::new("run", what));
        match self.inputs.iter().find(|entry| entry.place == place) {
            Some(_) if got == place.len => Ok(()),
            Some(Entry { name, shape, .. }) => error(format!(
                "input `{name}` is given {got} values, but it has {} (shape {shape}); give as many",
                place.len
            )),
            None => error(format!(
                "no input of the plan stands at {place}; ask the plan itself for an input's place"
            )),
        }
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
        let Workspace { buffer, own, .. } = work;
        let lent = self.lent(own, &[]);
        self.program.run_observed(buffer, &mut state.buffer, &lent, |i, work, state| {
            while kernel < kernels.len() && kernels[kernel].instructions.end <= i {
                kernel += 1;
            }
            if kernel < kernels.len() && kernels[kernel].instructions.end == i + 1 {
                after(kernel, work, state);
            }
        });
    }
}
