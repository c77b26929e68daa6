//! Landscapes against what can be computed otherwise.

use super::compiled::{Derivative, Evaluator, Role};
use super::direction::random_direction;
use super::subject::Block;
use super::{PlaneKind, Subject, SurveyRequest, survey};
use crate::Model;
use crate::data::random;
use crate::eigen::lanczos::{Symmetric, extremes};
use crate::eigen::symmetric;
use crate::layers::{AnyLayer, BatchNorm, Conv2d, Dense, Flatten, LeakyRelu, Tanh};
use crate::losses::{AnyLoss, CrossEntropy, Mse};
use crate::model::Batch;
use spusk_graph::GraphError;

const ROWS: usize = 40;

/// A subject with random weights and rows; `classes` 0 is a regression with one target.
pub(super) fn subject(layers: Vec<AnyLayer>, features: &[usize], classes: usize) -> Subject {
    let model = Model { layers };
    let loss: AnyLoss = if classes == 0 { Mse.into() } else { CrossEntropy::default().into() };
    let target: &[usize] = if classes == 0 { &[1] } else { &[] };
    let batch = Batch { size: 1, features: features.into(), target: target.into() };
    let step = model.eval_graph(&batch, Some(&loss), false, None).expect("the layers fit");
    let mut subject = Subject::new(&model, &loss, features, target, |name| {
        if let Some(buffer) = step.buffers.iter().find(|buffer| buffer.name == name) {
            return Some(vec![1.0; buffer.shape.size()]);
        }
        let parameter = step.parameters.iter().find(|p| p.name == name)?;
        let mut values = vec![0.0; parameter.shape.size()];
        parameter.fill(7, &mut values);
        Some(values)
    })
    .expect("the layers fit");
    let width: usize = features.iter().product();
    let key = random::key(11, "rows");
    let block = |from: usize, rows: usize| Block {
        rows,
        features: (0..rows * width)
            .map(|i| random::normal(key, (from * width + i) as u64) as f32)
            .collect(),
        targets: (from..from + rows)
            .map(|i| match classes {
                0 => random::normal(key, 1_000_000 + i as u64) as f32,
                _ => (i % classes) as f32,
            })
            .collect(),
    };
    // Two sizes of blocks.
    subject.blocks = vec![block(0, 25), block(25, ROWS - 25)];
    subject
}

fn mlp() -> Subject {
    subject(vec![Dense::new(6).into(), Tanh.into(), Dense::new(3).into()], &[5], 3)
}

#[test]
fn the_linear_first_layer_changes_nothing() {
    let layers = || -> Vec<AnyLayer> {
        vec![
            Flatten.into(),
            Dense::new(6).into(),
            BatchNorm::default().into(),
            LeakyRelu::default().into(),
            Dense::new(3).into(),
        ]
    };
    let subject = subject(layers(), &[2, 2, 3], 3);
    assert_eq!(subject.before_first_dense(), Some(1));
    let places = [(0.0, 0.0), (0.5, -0.25), (-1.0, 2.0)];
    let losses = |linear_first: bool| {
        let mut evaluator = Evaluator::<f64>::new(&subject, 1, linear_first).expect("it fits");
        evaluator.set(Role::First, &random_direction(&subject, 1, 0));
        evaluator.set(Role::Second, &random_direction(&subject, 1, 1));
        evaluator.losses(&places).expect("it runs")
    };
    let (quick, plain) = (losses(true), losses(false));
    for (a, b) in quick.iter().zip(&plain) {
        assert!((a - b).abs() < 1e-12 * b.abs(), "{quick:?} {plain:?}");
    }
    // The same as weights that were moved by hand.
    let (u, v) = (random_direction(&subject, 1, 0), random_direction(&subject, 1, 1));
    let moved = subject.weights().iter().zip(&u).zip(&v).map(|((w, u), v)| w + 0.5 * u - 0.25 * v);
    let mut evaluator = Evaluator::<f64>::new(&subject, 1, true).expect("it fits");
    let by_hand = evaluator.loss_at(&moved.collect::<Vec<_>>()).expect("it runs");
    assert!((by_hand - plain[1]).abs() < 1e-12, "{by_hand} {plain:?}");
}

#[test]
fn directions_have_the_norms_of_the_filters_and_leave_biases_alone() {
    let layers = vec![
        Conv2d::new(4, 3).into(),
        BatchNorm::default().into(),
        Flatten.into(),
        Dense::new(3).into(),
    ];
    let subject = subject(layers, &[4, 4, 2], 3);
    let direction = random_direction(&subject, 3, 0);
    assert_ne!(direction, random_direction(&subject, 3, 1));
    for (parameter, range) in subject.parameters().iter().zip(subject.ranges()) {
        let (d, w) = (&direction[range.clone()], &subject.weights()[range]);
        if parameter.shape.rank() < 2 {
            assert!(d.iter().all(|&x| x == 0.0), "{}", parameter.name);
            continue;
        }
        // One output unit or channel stands along the last axis of the graph's weights.
        let outputs = parameter.shape.last().copied().expect("rank 2 or more");
        for output in 0..outputs {
            let norm = |all: &[f64]| {
                all.iter().skip(output).step_by(outputs).map(|x| x * x).sum::<f64>().sqrt()
            };
            assert!((norm(d) - norm(w)).abs() < 1e-9 * norm(w), "{} {output}", parameter.name);
        }
    }
}

/// The Hessian by second-order differences of the loss.
fn by_differences(subject: &Subject) -> Vec<Vec<f64>> {
    let n = subject.weights().len();
    let mut evaluator = Evaluator::<f64>::new(subject, 1, true).expect("it fits");
    let h = 1e-3;
    let mut loss = |moves: &[(usize, f64)]| {
        let mut weights = subject.weights().to_vec();
        moves.iter().for_each(|&(i, by)| weights[i] += by * h);
        evaluator.loss_at(&weights).expect("it runs")
    };
    let mut matrix = vec![vec![0.0; n]; n];
    for (i, j) in (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))) {
        let mut at = |a: f64, b: f64| loss(&[(i, a), (j, b)]);
        let mixed = at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0);
        let value = mixed / (4.0 * h * h);
        (matrix[i][j], matrix[j][i]) = (value, value);
    }
    matrix
}

struct Product<'s>(Derivative<'s, f64>, usize);

impl Symmetric for Product<'_> {
    fn size(&self) -> usize {
        self.1
    }

    fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError> {
        self.0.apply(v, result)
    }
}

#[test]
fn products_with_the_hessian_are_those_of_differences() {
    for subject in [
        mlp(),
        self::subject(
            vec![
                Dense::new(4).into(),
                BatchNorm::default().into(),
                Tanh.into(),
                Dense::new(1).into(),
            ],
            &[3],
            0,
        ),
    ] {
        let n = subject.weights().len();
        let dense = by_differences(&subject);
        let largest = dense.iter().flatten().fold(0.0_f64, |a, b| a.max(b.abs()));
        let mut product = Product(Derivative::hessian(&subject, 1).expect("it fits"), n);
        let mut column = vec![0.0; n];
        for j in 0..n {
            let mut unit = vec![0.0; n];
            unit[j] = 1.0;
            product.apply(&unit, &mut column).expect("it runs");
            for i in 0..n {
                let off = (column[i] - dense[i][j]).abs();
                assert!(off < 2e-5 * largest.max(1.0), "{i} {j}: {} {}", column[i], dense[i][j]);
            }
        }
        // Lanczos over the products finds the ends of the dense matrix's spectrum.
        let (values, _) = symmetric(dense);
        let found = extremes(&mut product, 2, n, 1e-9, 0).expect("it runs");
        for (got, want) in found.largest.iter().zip(&values) {
            assert!((got.value - want).abs() < 1e-4 * values[0], "{} {want}", got.value);
        }
        assert!((found.smallest.value - values[n - 1]).abs() < 1e-4 * values[0]);
    }
}

#[test]
fn gradients_are_those_of_differences() {
    let subject = mlp();
    let mut gradient = vec![0.0; subject.weights().len()];
    let mut derivative = Derivative::<f64>::gradient(&subject, 1).expect("it fits");
    derivative.apply(&[], &mut gradient).expect("it runs");
    let mut evaluator = Evaluator::<f64>::new(&subject, 1, false).expect("it fits");
    for i in [0, 7, 30, gradient.len() - 1] {
        let mut at = |by: f64| {
            let mut weights = subject.weights().to_vec();
            weights[i] += by;
            evaluator.loss_at(&weights).expect("it runs")
        };
        let want = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!((gradient[i] - want).abs() < 1e-8, "{i}: {} {want}", gradient[i]);
    }
}

#[test]
fn the_sampling_error_is_that_of_a_mean() {
    // One linear output with weight 0 and bias 0: the loss of a row is its target squared.
    let zero = subject(vec![Dense::new(1).into()], &[2], 0);
    let zero = zero.at(vec![0.0; 3]);
    let squares: Vec<f64> = zero
        .blocks
        .iter()
        .flat_map(|block| block.targets.iter().map(|&t| f64::from(t * t)))
        .collect();
    let n = squares.len() as f64;
    let mean = squares.iter().sum::<f64>() / n;
    let variance = squares.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let with_total = |total_rows: usize| {
        let zero = Subject { total_rows, ..zero.clone() };
        let mut evaluator = Evaluator::<f64>::new(&zero, 1, true).expect("it fits");
        evaluator.loss_and_error().expect("it runs")
    };
    let (loss, error) = with_total(4 * ROWS);
    assert!((loss - mean).abs() < 1e-6);
    // Of a quarter of all rows.
    assert!((error / (variance / n * 0.75).sqrt() - 1.0).abs() < 1e-6, "{error}");
    assert_eq!(with_total(ROWS).1, 0.0, "of all rows there is no choice");
}

#[test]
fn a_survey_of_a_known_quadratic_is_that_quadratic() {
    // A linear network with mean squared error: L is a quadratic, so planes are paraboloids.
    let subject = subject(vec![Dense::new(1).into()], &[2], 0);
    let way: Vec<(u64, Vec<f64>)> = (0..9)
        .map(|step| {
            let (far, turn) = (0.9_f64.powi(step), f64::from(step));
            let moved = [far, far * turn.sin(), 0.1 * far * turn.cos()];
            (step as u64, subject.weights().iter().zip(moved).map(|(w, m)| w + m).collect())
        })
        .collect();
    let request = SurveyRequest {
        planes: vec![PlaneKind::Random, PlaneKind::Hessian, PlaneKind::Path],
        points: 5,
        curvature: true,
        eigenvalues: 3,
        ..SurveyRequest::default()
    };
    let found = survey(&subject, &way, &request).expect("it fits");
    assert_eq!(found.planes.len(), 3);
    for plane in &found.planes {
        let get = |r: usize, c: usize| plane.losses[r * 5 + c];
        for i in 0..5 {
            // Fourth differences of a quadratic vanish; second ones do not.
            let across =
                get(i, 0) - 4.0 * get(i, 1) + 6.0 * get(i, 2) - 4.0 * get(i, 3) + get(i, 4);
            assert!(across.abs() < 1e-4, "{:?} {across}", plane.kind);
        }
        let near = plane.kind == PlaneKind::Path || (get(2, 2) - found.loss).abs() < 1e-6;
        assert!(near, "{:?}: the weights are in the middle", plane.kind);
    }
    let curvature = found.curvature.expect("it was asked for");
    let hessian = &found.planes[1];
    let [sharpest, _] = hessian.curvatures.expect("a plane of eigenvectors");
    let row = &hessian.losses[10..15];
    let step = hessian.x[1] - hessian.x[0];
    let second = (row[1] - 2.0 * row[2] + row[3]) / (step * step);
    assert!((second / sharpest - 1.0).abs() < 1e-3, "{second} {sharpest}");
    // Three weights: the trace is the sum of the three eigenvalues.
    let sum: f64 = curvature.extremes.largest.iter().map(|pair| pair.value).sum();
    let density = curvature.density.expect("it was asked for");
    let off = (density.trace - sum).abs();
    assert!(off < 4.0 * density.trace_error + 1e-4, "{sum} {density:?}");
    // Over the other planes the path stands at the same losses, each moment as far off as it is.
    for plane in &found.planes[..2] {
        assert_eq!(plane.path.len(), way.len(), "{:?}", plane.kind);
        let (u, v) = (plane.lengths[0], plane.lengths[1]);
        assert!(u > 0.0 && v > 0.0);
        for (point, same) in plane.path.iter().zip(&found.planes[2].path) {
            assert_eq!((point.step, point.loss), (same.step, same.loss));
            assert!((0.0..=1.0).contains(&point.shadow.off_plane));
        }
    }
    // Along an eigenvector of length 1 the foot is the product with it.
    let largest = &curvature.extremes.largest[0].vector;
    for ((_, at), point) in way.iter().zip(&found.planes[1].path) {
        let away = at.iter().zip(subject.weights()).map(|(a, w)| a - w);
        let along: f64 = away.zip(largest).map(|(a, e)| a * e).sum();
        assert!((along - point.shadow.x).abs() < 1e-9, "{along} {point:?}");
    }
    // The path is three-dimensional, so its points lie a little off their plane, at their true loss.
    let path = &found.planes[2];
    let explained = path.explained.expect("a plane of the path");
    assert!(explained[0] >= explained[1] && explained[0] + explained[1] > 0.95);
    assert!(path.path.iter().all(|p| p.shadow.off_plane < 0.4));
    let first = &path.path[0];
    let mut evaluator = Evaluator::<f64>::new(&subject, 1, true).expect("it fits");
    let want = evaluator.loss_at(&way[0].1).expect("it runs");
    assert!((first.loss - want).abs() < 1e-5, "{first:?} {want}");
}

#[test]
fn a_path_of_one_moment_has_no_plane() {
    let subject = mlp();
    let way = vec![(0, subject.weights().iter().map(|w| w + 0.1).collect())];
    let request = SurveyRequest { planes: vec![PlaneKind::Path], ..SurveyRequest::default() };
    let found = survey(&subject, &way, &request).expect("it fits");
    assert!(found.path_missing && found.planes.is_empty());
}
