//! Everything about a formula at once.

use spusk_graph::GraphError;

use super::{
    Audit, Basins, CriticalPoints, Descent, DescentOptions, Formula, Kind, RateChoice, Region,
    Sweep, audit, basins, choose_rate, critical_points, descend, optimize, sweep,
};
use crate::data::random::key;
use crate::optimizers::AnyOptimizer;

/// Most numbers of a path that are kept: every point is.
const MOST_NUMBERS: usize = 8_000_000;

/// What to do with a formula.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where to give the value and the derivatives.
    pub at: Option<Vec<f64>>,
    /// Where to search, to start and to draw.
    pub region: Region,
    /// Optimizers to race.
    pub optimizers: Vec<AnyOptimizer>,
    /// The step; chosen if not given.
    pub learning_rate: Option<f64>,
    /// When a descent stops.
    pub threshold: f64,
    /// Most steps of a descent.
    pub max_steps: usize,
    /// The source of everything random.
    pub seed: u64,
    /// Where the descent starts; random if not given.
    pub start: Option<Vec<f64>>,
    /// How many random starts to try for the basins; 0 for none.
    pub starts: usize,
    /// Whether to try many steps.
    pub step_sweep: bool,
}

impl Request {
    /// The usual one.
    #[must_use]
    pub fn new(f: &Formula) -> Request {
        Request {
            at: None,
            region: Region::around(f.variables().len()),
            optimizers: Vec::new(),
            learning_rate: None,
            threshold: 1e-6,
            max_steps: 10_000,
            seed: 0,
            start: None,
            starts: 0,
            step_sweep: false,
        }
    }
}

/// An optimizer in a race.
#[derive(Debug)]
pub struct Racer {
    /// Its name.
    pub name: String,
    /// Its learning rate.
    pub learning_rate: f64,
    /// Its course.
    pub descent: Result<Descent, GraphError>,
}

/// Everything that was found.
#[derive(Debug)]
pub struct Exploration {
    /// What was asked.
    pub request: Request,
    /// The critical points.
    pub critical: CriticalPoints,
    /// How the descent went; `None` without variables or without a start where f is defined.
    pub descent: Option<(DescentOptions, Descent, Audit)>,
    /// How the step was chosen, if it was.
    pub rate: Option<RateChoice>,
    /// The racers.
    pub race: Vec<Racer>,
    /// The basins, if asked for.
    pub basins: Option<Basins>,
    /// The limits of the step, if asked for and if there is a minimum with a curvature.
    pub sweep: Option<Sweep>,
}

/// Does what is asked. The same request gives the same answer, to the bit.
#[must_use]
pub fn explore(f: &Formula, request: &Request) -> Exploration {
    let request = request.clone();
    let n = f.variables().len();
    let critical = critical_points(f, &request.region, request.seed);
    let mut found = Exploration {
        critical,
        descent: None,
        rate: None,
        race: Vec::new(),
        basins: None,
        sweep: None,
        request,
    };
    let request = &found.request;
    let start = request.start.clone().or_else(|| random_start(f, request));
    let Some(start) = start.filter(|_| n > 0) else { return found };
    let chosen = choose_rate(f, &request.region, &start, request.seed);
    let options = DescentOptions {
        learning_rate: request.learning_rate.unwrap_or(chosen.learning_rate),
        threshold: request.threshold,
        max_steps: request.max_steps.min(MOST_NUMBERS / n),
    };
    found.rate = request.learning_rate.is_none().then_some(chosen);
    let descent = descend(f, &start, &options);
    let audit = audit(f, &descent, &options);
    for optimizer in &request.optimizers {
        // Plain descent has no rate that suits every formula; the others have one of their own.
        let plain = matches!(optimizer, AnyOptimizer::Descent(_) | AnyOptimizer::Sgd(_));
        let own = if plain { chosen.learning_rate } else { optimizer.learning_rate() };
        let learning_rate = request.learning_rate.unwrap_or(own);
        let options = DescentOptions { learning_rate, ..options.clone() };
        let descent = optimize(f, optimizer, &start, &options);
        found.race.push(Racer { name: optimizer.to_spec().to_string(), learning_rate, descent });
    }
    if request.starts > 0 {
        let region = &request.region;
        let (count, seed) = (request.starts, request.seed);
        found.basins = Some(basins(f, region, &found.critical, count, seed, &options));
    }
    if request.step_sweep {
        let known = found.critical.points.iter().filter(|p| p.kind == Kind::Minimum && p.smooth);
        let below = audit.minimum.clone().map(|(at, _)| at);
        let lowest = known.min_by(|a, b| a.value.total_cmp(&b.value)).map(|p| p.at.clone());
        found.sweep = below.or(lowest).and_then(|at| sweep(f, &start, &at, &options));
    }
    found.descent = Some((options, descent, audit));
    found
}

/// The first of 1,000 random points where f and its gradient are defined.
fn random_start(f: &Formula, request: &Request) -> Option<Vec<f64>> {
    let key = key(request.seed, "start");
    let defined = |at: &Vec<f64>| {
        f.value_at(at).is_finite() && f.gradient_at(at).iter().all(|x| x.is_finite())
    };
    (0..1000).map(|i| request.region.random(key, i)).find(defined)
}
