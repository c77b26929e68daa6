//! The classic test functions, with the minima that are published, and descents whose course is known.

use super::*;
use crate::optimizers::{Adam, AnyOptimizer, Descent as PlainDescent};

fn parse(source: &str) -> Formula {
    Formula::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

/// Name, formula, half the width of the usual square, minima, value there.
type Classic = (&'static str, &'static str, f64, &'static [&'static [f64]], f64);

/// Minima and values as collected by Jamil & Yang 2013, "A literature survey of benchmark functions for
/// global optimization problems".
const CLASSICS: &[Classic] = &[
    ("Rosenbrock", "(1-x)^2+100*(y-x^2)^2", 5.0, &[&[1.0, 1.0]], 0.0),
    (
        "Himmelblau",
        "(x^2+y-11)^2+(x+y^2-7)^2",
        5.0,
        &[&[3.0, 2.0], &[-2.805118, 3.131312], &[-3.779310, -3.283186], &[3.584428, -1.848126]],
        0.0,
    ),
    ("Beale", "(1.5-x+x*y)^2+(2.25-x+x*y^2)^2+(2.625-x+x*y^3)^2", 4.5, &[&[3.0, 0.5]], 0.0),
    ("Rastrigin", "20+x^2+y^2-10*(cos(2*pi*x)+cos(2*pi*y))", 5.12, &[&[0.0, 0.0]], 0.0),
    (
        "Ackley",
        "-20*exp(-0.2*sqrt(0.5*(x^2+y^2)))-exp(0.5*(cos(2*pi*x)+cos(2*pi*y)))+e+20",
        5.0,
        &[&[0.0, 0.0]],
        0.0,
    ),
    ("Booth", "(x+2*y-7)^2+(2*x+y-5)^2", 10.0, &[&[1.0, 3.0]], 0.0),
    ("Matyas", "0.26*(x^2+y^2)-0.48*x*y", 10.0, &[&[0.0, 0.0]], 0.0),
    (
        "six-hump camel",
        "(4-2.1*x^2+x^4/3)*x^2+x*y+(4*y^2-4)*y^2",
        3.0,
        &[&[0.089842, -0.712656], &[-0.089842, 0.712656]],
        -1.031628,
    ),
    ("three-hump camel", "2*x^2-1.05*x^4+x^6/6+x*y+y^2", 5.0, &[&[0.0, 0.0]], 0.0),
    ("McCormick", "sin(x+y)+(x-y)^2-1.5*x+2.5*y+1", 3.0, &[&[-0.547198, -1.547198]], -1.913223),
    (
        "Goldstein-Price",
        "(1+(x+y+1)^2*(19-14*x+3*x^2-14*y+6*x*y+3*y^2))*(30+(2*x-3*y)^2*(18-32*x+12*x^2+48*y-36*x*y+27*y^2))",
        2.0,
        &[&[0.0, -1.0]],
        3.0,
    ),
    (
        "Styblinski-Tang",
        "0.5*(x^4-16*x^2+5*x+y^4-16*y^2+5*y)",
        5.0,
        &[&[-2.903534, -2.903534]],
        -78.332331,
    ),
    ("Griewank", "1+x^2/4000+y^2/4000-cos(x)*cos(y/sqrt(2))", 5.0, &[&[0.0, 0.0]], 0.0),
    ("sphere of four", "a^2+b^2+c^2+d^2", 5.0, &[&[0.0, 0.0, 0.0, 0.0]], 0.0),
];

#[test]
fn classic_functions_reach_their_published_minima() {
    for &(name, source, reach, minima, value) in CLASSICS {
        let f = parse(source);
        let bounds = vec![[-reach, reach]; f.variables().len()];
        let found = critical_points(&f, &Region { bounds, given: true }, 1);
        let lowest = found.points.first().unwrap_or_else(|| panic!("{name}: nothing found"));
        assert_eq!(lowest.kind, Kind::Minimum, "{name}");
        assert!((lowest.value - value).abs() < 2e-6, "{name}: {} {:?}", lowest.value, lowest.at);
        for want in minima {
            let there = found.points.iter().find(|point| {
                point.kind == Kind::Minimum && linear::distance(&point.at, want) < 2e-6
            });
            let all: Vec<&Vec<f64>> = found.points.iter().map(|p| &p.at).take(20).collect();
            let there = there.unwrap_or_else(|| panic!("{name}: no minimum at {want:?}: {all:?}"));
            assert!((there.value - value).abs() < 2e-6, "{name}");
        }
    }
}

#[test]
fn points_are_what_they_are() {
    use Kind::*;
    for (source, want) in [
        ("x^3-3*x", &[(-1.0, Maximum), (1.0, Minimum)][..]),
        ("x^3", &[(0.0, Inflection)]),
        ("x^4", &[(0.0, Minimum)]),
        ("-x^6+2", &[(0.0, Maximum)]),
        ("x^4-2*x^2", &[(-1.0, Minimum), (0.0, Maximum), (1.0, Minimum)]),
        ("7*x", &[]),
        ("abs(x-1)", &[(1.0, Minimum)]),
        ("x*exp(-x)", &[(1.0, Maximum)]),
        ("1/x^2", &[]),
        ("log(abs(x-0.123))", &[]),
        ("cbrt(x)^2", &[(0.0, Minimum)]),
        ("cbrt(x-0.123)^2", &[(0.123, Minimum)]),
        ("x+1/x", &[(-1.0, Maximum), (1.0, Minimum)]),
        ("log(x)", &[]),
        ("cosh(x)", &[(0.0, Minimum)]),
    ] {
        let f = parse(source);
        let found = critical_points(&f, &Region::around(1), 1);
        let got: Vec<(f64, Kind)> = found.points.iter().map(|p| (p.at[0], p.kind)).collect();
        assert_eq!(got.len(), want.len(), "{source}: {got:?}");
        for (got, want) in got.iter().zip(want) {
            assert!((got.0 - want.0).abs() < 1e-6 && got.1 == want.1, "{source}: {got:?} {want:?}");
        }
    }
}

#[test]
fn roots_that_only_touch_are_found() {
    // f′ = 3·sin²x·cos x: at multiples of π it touches 0, between them it crosses.
    let found = critical_points(&parse("sin(x)^3"), &Region::around(1), 1);
    assert_eq!(found.points.len(), 13);
    for (point, quarter) in found.points.iter().zip(-6i32..) {
        let want = f64::from(quarter) * std::f64::consts::FRAC_PI_2;
        assert!((point.at[0] - want).abs() < 1e-6, "{:?} {want}", point.at);
        let kind = match quarter.rem_euclid(4) {
            1 => Kind::Maximum,
            3 => Kind::Minimum,
            _ => Kind::Inflection,
        };
        assert_eq!(point.kind, kind, "{want}");
    }
}

#[test]
fn saddles_and_degenerate_points_of_two_variables() {
    for (source, kind, looks) in [
        ("x^2-y^2", Kind::Saddle, None),
        ("x*y", Kind::Saddle, None),
        ("-x^2-2*y^2", Kind::Maximum, None),
        ("x^4+y^4", Kind::Degenerate, Some(Kind::Minimum)),
        ("x^3-3*x*y^2", Kind::Degenerate, Some(Kind::Saddle)),
        ("x^2+y^4", Kind::Degenerate, Some(Kind::Minimum)),
    ] {
        let found = critical_points(&parse(source), &Region::around(2), 1);
        let all: Vec<(&Vec<f64>, Kind)> = found.points.iter().map(|p| (&p.at, p.kind)).collect();
        assert_eq!(found.points.len(), 1, "{source}: {all:?}");
        let point = &found.points[0];
        assert_eq!((point.kind, point.looks_like), (kind, looks), "{source}");
        assert!(linear::norm(&point.at) < 1e-3, "{source}: {:?}", point.at);
    }
}

#[test]
fn lines_and_surfaces_of_critical_points_are_one_each() {
    for (source, dimensions) in [
        ("(x+y)^2", &[1][..]),
        ("x^2*y^2", &[1]),
        ("(x^2+y^2-1)^2", &[1, 0]),
        ("2*x*y^3 + 3*z^2", &[1]),
        ("exp(y)^2*x^2 + z - z", &[2]),
        ("(x^2-1)^2 + y - y", &[1, 1, 1]),
    ] {
        let f = parse(source);
        let found = critical_points(&f, &Region::around(f.variables().len()), 1);
        let all: Vec<(&Vec<f64>, usize)> =
            found.points.iter().map(|p| (&p.at, p.dimensions)).collect();
        let mut got: Vec<usize> = all.iter().map(|point| point.1).collect();
        got.sort_by(|a, b| b.cmp(a));
        assert_eq!(got, dimensions, "{source}: {all:?}");
    }
}

#[test]
fn what_the_scale_of_a_formula_hides_is_still_true() {
    use Kind::*;
    let on = |source: &str, low: f64, high: f64| {
        let f = parse(source);
        let bounds = vec![[low, high]; f.variables().len()];
        critical_points(&f, &Region { bounds, given: true }, 1)
    };
    // Curvatures of 2·10⁶ and 2·10⁻⁹.
    let flat = on("1000000*x^2 + 1e-9*y^2", -1.0, 1.0);
    assert_eq!(flat.points.len(), 1, "{:?}", flat.points);
    assert_eq!((&flat.points[0].at, flat.points[0].kind), (&vec![0.0, 0.0], Minimum));
    // Far more swings than starts: what is found is smooth, and it says that most is missing.
    let fast = on("cos(1e6*x)", -1.0, 1.0);
    assert!(fast.crowded && fast.points.iter().all(|p| p.smooth));
    assert!(!on("cos(9*x)", -1.0, 1.0).crowded);
    // Powers that vanish in f64 are a level stretch, not a row of minima.
    let power = on("x^1000000000", -1.0, 1.0);
    assert_eq!(power.points.len(), 1, "{:?}", power.points);
    let [low, high] = power.points[0].stretch.expect("a stretch");
    assert_eq!((power.points[0].kind, power.points[0].at[0]), (Minimum, 0.0));
    assert!(low < -0.9 && high > 0.9, "{low} {high}");
    // Beyond 1 it outgrows 64 bits, which is no pole.
    assert!(on("x^1000000000", -2.0, 2.0).poles.is_empty());
    // A gradient where f itself has no value.
    let nowhere = on("log(-1-x^2)", -3.0, 3.0);
    assert!(nowhere.points.is_empty(), "{:?}", nowhere.points);
}

#[test]
fn edges_and_poles_are_told() {
    let on = |source: &str, low: f64, high: f64| {
        critical_points(&parse(source), &Region { bounds: vec![[low, high]], given: true }, 1)
    };
    let root = on("sqrt(x)", -1.0, 4.0);
    let edge = root.ends.iter().find(|end| end.edge == Edge::Domain).expect("an edge");
    assert_eq!((edge.at, edge.value, edge.kind), (0.0, 0.0, Some(Kind::Minimum)));
    for (source, at, left, right) in [
        ("1/x", 0.0, Some(false), Some(true)),
        ("1/(x-0.123)", 0.123, Some(false), Some(true)),
        ("1/(x-0.123)^2", 0.123, Some(true), Some(true)),
        ("tan(x)", -std::f64::consts::FRAC_PI_2, Some(true), Some(false)),
        ("log(x)", 0.0, None, Some(false)),
        ("-log(abs(x-0.5))", 0.5, Some(true), Some(true)),
    ] {
        let found = on(source, -2.0, 1.5);
        assert_eq!(found.poles.len(), 1, "{source}: {:?} {:?}", found.poles, found.points);
        let pole = &found.poles[0];
        assert!((pole.at - at).abs() < 1e-9, "{source}: {pole:?}");
        let grows = |side: Option<f64>| side.map(|value| value > 0.0);
        assert_eq!((grows(pole.left), grows(pole.right)), (left, right), "{source}: {pole:?}");
    }
    for source in ["x^3-x", "abs(x)", "sin(5*x)", "cbrt(x)", "exp(-x^2)", "cbrt(x)^2"] {
        let found = on(source, -2.0, 1.5);
        assert!(found.poles.is_empty(), "{source}: {:?}", found.poles);
        assert!(found.ends.iter().all(|end| end.edge == Edge::Interval), "{source}");
    }
}

#[test]
fn ends_of_an_interval_are_compared() {
    let f = parse("x^3-3*x");
    let region = Region { bounds: vec![[-3.0, 1.5]], given: true };
    let found = critical_points(&f, &region, 1);
    assert!(found.exact && found.points.len() == 2);
    let ends: Vec<(f64, f64, Option<Kind>)> =
        found.ends.iter().map(|e| (e.at, e.value, e.kind)).collect();
    assert_eq!(ends, [(-3.0, -18.0, Some(Kind::Minimum)), (1.5, -1.125, Some(Kind::Maximum))]);
}

fn options(learning_rate: f64, threshold: f64, max_steps: usize) -> DescentOptions {
    DescentOptions { learning_rate, threshold, max_steps }
}

#[test]
fn a_descent_is_the_formula_of_the_lecture() {
    // On x² each step multiplies x by 1 − 2η: 0.8 here. |new − old| = 0.2·x falls below 0.001 first when
    // x = 0.8ⁿ < 0.005, which is n = 24; the step from there is the last.
    let f = parse("x^2");
    let d = descend(&f, &[1.0], &options(0.1, 1e-3, 1000));
    assert_eq!((d.steps(), d.stopped), (25, Stopped::Threshold));
    for (n, at) in d.path.iter().enumerate() {
        assert!((at[0] - 0.8_f64.powi(n as i32)).abs() < 1e-15);
    }
    assert_eq!(descend(&f, &[1.0], &options(0.1, 1e-3, 3)).stopped, Stopped::MaxSteps);
    assert_eq!(descend(&f, &[1.0], &options(1.5, 1e-3, 1000)).stopped, Stopped::Diverged);
    assert_eq!(
        descend(&parse("log(x)"), &[1.0], &options(0.4, 1e-3, 9)).stopped,
        Stopped::Diverged
    );
    assert_eq!(descend(&parse("log(x)"), &[-1.0], &options(0.4, 1e-3, 9)).steps(), 0);
}

#[test]
fn an_audit_tells_short_steps_from_a_minimum() {
    let check = |source: &str, start: &[f64], rate: f64, threshold: f64, want: Verdict| {
        let f = parse(source);
        let options = options(rate, threshold, 2000);
        let audit = audit(&f, &descend(&f, start, &options), &options);
        assert_eq!(audit.verdict, want, "{source}: {audit:?}");
        audit
    };
    check("x^2+y^2", &[1.0, 2.0], 0.3, 1e-6, Verdict::AtMinimum);
    let short = check("x^2", &[1.0], 1e-5, 1e-4, Verdict::ShortSteps);
    assert!((short.distance.expect("a minimum") - 1.0).abs() < 1e-4);
    check("x^2-y^2+y^4", &[1.0, 0.0], 0.1, 1e-6, Verdict::Saddle);
    check("x^2", &[1.0], 1e-5, 1e-9, Verdict::OnTheWay);
    check("x^2", &[1.0], 2.0, 1e-9, Verdict::Diverged);
    // A tiny step makes every place look level; a slope of 1 is none.
    let steep = check("tan(x)", &[1.0], 1e-9, 1e-6, Verdict::ShortSteps);
    assert!(steep.slope > 1.0 && steep.minimum.is_none());
    check("-x^2", &[0.0], 0.1, 1e-6, Verdict::Maximum);
    check("sin(x)", &[std::f64::consts::FRAC_PI_2], 0.1, 1e-6, Verdict::Maximum);
    check("x^3", &[0.0], 0.1, 1e-6, Verdict::Inflection);
    check("x^4", &[0.0], 0.1, 1e-6, Verdict::AtMinimum);
    let level = check("x^3", &[0.9], 0.1, 1e-6, Verdict::ShortSteps);
    assert!(level.minimum.is_none(), "{level:?}");
    check("x^2-y^2", &[0.5, 0.5], 0.3, 1e-6, Verdict::Endless);
    check("x^3-x", &[-2.0], 0.1, 1e-6, Verdict::Endless);
    check("2*x*y^3+3*z^2", &[1.0, -2.0, 1.0], 0.01, 1e-6, Verdict::Endless);
    check("-atan(x)", &[0.0], 1e15, 1e-6, Verdict::Diverged);
    check("(1-x)^2+100*(y-x^2)^2", &[-1.2, 1.0], 1e-3, 1e-3, Verdict::ShortSteps);
}

#[test]
fn the_limits_of_the_step_are_where_theory_puts_them() {
    // λ = 6: beyond 2/λ = 1/3 it diverges, at 1/λ it is there at once.
    let f = parse("3*x^2 + x^2*0");
    let swept = sweep(&f, &[1.0], &[0.0], &options(0.1, 1e-8, 5000)).expect("a curvature");
    assert_eq!(swept.curvature, 6.0);
    for run in &swept.runs {
        let share = run.learning_rate * 6.0;
        let want = match share {
            s if s < 1.0 => Course::Smooth,
            s if s < 2.0 => Course::Swinging,
            _ => Course::Diverged,
        };
        let exempt = (share - 1.0).abs() < 1e-9 || (share - 2.0).abs() < 1e-9;
        assert!(exempt || run.course == want, "{share}: {:?}", run.course);
    }
    let shown: Vec<Course> = swept.shown.iter().map(|run| run.course).collect();
    assert_eq!(shown, [Course::Smooth, Course::Smooth, Course::Swinging, Course::Diverged]);
    assert_eq!(swept.shown[1].steps, 2);
    assert!(sweep(&parse("x"), &[1.0], &[0.0], &options(0.1, 1e-8, 10)).is_none());
}

#[test]
fn many_starts_reach_the_nearest_hollows() {
    // Two hollows at ±1 with the ridge at 0: who starts right ends right.
    let f = parse("x^4-2*x^2");
    let region = Region { bounds: vec![[-2.0, 2.0]], given: true };
    let known = critical_points(&f, &region, 1);
    let found = basins(&f, &region, &known, 200, 7, &options(0.02, 1e-6, 5000));
    assert_eq!(found.minima.len(), 2);
    assert_eq!(found.minima.iter().map(|m| m.count).sum::<usize>(), 200);
    for (start, reached) in &found.starts {
        let at = found.minima[reached.expect("none is lost")].at[0];
        assert_eq!(at > 0.0, start[0] > 0.0, "{start:?} {at}");
    }
}

#[test]
fn the_engine_descends_as_the_formula_does() {
    for source in ["(1-x)^2+100*(y-x^2)^2", "x^2+atan(y)^2", "sin(x)*exp(y)+x^4+y^4"] {
        let f = parse(source);
        let options = options(1e-3, 1e-9, 300);
        let plain = descend(&f, &[-0.5, 0.7], &options);
        let engine = optimize(&f, &PlainDescent::default().into(), &[-0.5, 0.7], &options)
            .expect("compiles");
        assert_eq!(plain.steps(), engine.steps());
        for (a, b) in plain.path.iter().zip(&engine.path) {
            assert!(linear::distance(a, b) < 1e-10, "{source}: {a:?} {b:?}");
        }
    }
}

#[test]
fn every_optimizer_runs_on_a_formula() {
    let f = parse("(x-1)^2+2*(y+0.5)^2");
    for help in AnyOptimizer::HELP {
        let spec = crate::spec::Spec::new(help.name).with_defaults(help);
        let optimizer = AnyOptimizer::from_spec(&spec).expect(help.name);
        let rate = if help.name == "adadelta" { 1.0 } else { 0.02 };
        let run = optimize(&f, &optimizer, &[0.0, 0.0], &options(rate, 0.0, 800)).expect(help.name);
        assert!(run.value() < 0.5 * run.values[0], "{}: {}", help.name, run.value());
        assert_ne!(run.stopped, Stopped::Diverged, "{}", help.name);
    }
    let adam = optimize(&f, &Adam::default().into(), &[0.0, 0.0], &options(0.05, 1e-9, 5000));
    assert!(linear::distance(adam.expect("runs").end(), &[1.0, -0.5]) < 1e-6);
}

#[test]
fn the_graph_and_the_symbols_agree_on_gradients() {
    use spusk_graph::{Array, Trace, evaluate, grad};
    let mut traced = 0;
    for source in tests::SMOOTH.iter().chain(CLASSICS.iter().map(|classic| &classic.1)) {
        let f = parse(source);
        let n = f.variables().len();
        let trace = Trace::new();
        let point = trace.input("point", &[n]);
        let Some(loss) = race::traced(&f, point) else { continue };
        let slopes = grad(loss, &[point])[0];
        let wanted = [trace.value(loss).expect("legal"), trace.value(slopes).expect("legal")];
        for at in [[0.31, 0.83, 0.5, 0.7], [0.87, 0.35, 0.6, 0.4]] {
            let at = &at[..n];
            let given = [("point".to_string(), Array::new([n], at.to_vec()))].into();
            let got = evaluate(&trace.graph(), &given, &wanted).expect("all is given");
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-11 * (1.0 + b.abs());
            assert!(near(got[0].data[0], f.value_at(at)), "{source}");
            for (a, b) in got[1].data.iter().zip(f.gradient_at(at)) {
                assert!(near(*a, b), "{source}: {a} {b}");
            }
        }
        traced += 1;
    }
    assert!(traced > 30, "{traced}");
}
