//! A landscape in words and tables: one account for the terminal and for the page.

use super::{Between, Curvature, Landscape, Plane, PlaneKind, Subject, barrier};
use crate::formula::Part;
use crate::messages::{self as say, Language};

/// What a landscape found.
#[must_use]
pub fn account(subject: &Subject, found: &Landscape, log: bool, l: Language) -> Vec<Part> {
    let mut parts = vec![weights(subject, found, l)];
    parts.extend(found.planes.iter().map(|plane| plane_part(plane, log, l)));
    if let Some(curvature) = &found.curvature {
        parts.push(curvature_part(curvature, l));
    }
    parts
}

/// A number for people.
pub(super) fn number(value: f64, l: Language) -> String {
    if value.is_finite() { l.significant(value, 4) } else { "—".into() }
}

fn weights(subject: &Subject, found: &Landscape, l: Language) -> Part {
    let (rows, total) = (subject.rows(), subject.total_rows());
    let (shown, all) = (l.count(rows as u64), l.count(total as u64));
    let mut part = Part { heading: say::landscape_weights(l), ..Part::default() };
    part.sentences.push(match rows < total {
        true => {
            say::landscape_loss_part(l, number(found.loss, l), number(found.error, l), shown, all)
        }
        false => say::landscape_loss_all(l, number(found.loss, l), all),
    });
    part.sentences.push(say::landscape_mode(l, l.count(subject.weights().len() as u64)));
    if subject.has_batch_norm() {
        part.sentences.push(say::landscape_batch_norm(l, subject.block_rows()));
    }
    if found.path_missing {
        part.sentences.push(say::plane_path_missing(l));
    }
    part
}

pub(super) fn plane_heading(kind: PlaneKind, l: Language) -> String {
    match kind {
        PlaneKind::Random => say::plane_random(l),
        PlaneKind::Hessian => say::plane_hessian(l),
        PlaneKind::Path => say::plane_path(l),
    }
}

fn plane_part(plane: &Plane, log: bool, l: Language) -> Part {
    let mut part = Part { heading: plane_heading(plane.kind, l), ..Part::default() };
    let sentences = &mut part.sentences;
    match plane.kind {
        PlaneKind::Random => sentences.push(say::plane_random_about(l)),
        PlaneKind::Hessian => {
            let [largest, smallest] =
                plane.curvatures.unwrap_or([f64::NAN; 2]).map(|x| number(x, l));
            sentences.push(say::plane_hessian_about(l, largest, smallest));
            sentences.push(say::plane_hessian_reach(l));
        }
        PlaneKind::Path => {
            let [first, second] = plane.explained.unwrap_or([f64::NAN; 2]);
            let [a, b, sum] = [first, second, first + second].map(|share| l.percent(share, 1));
            sentences.push(say::plane_path_about(l, plane.path.len(), a, b, sum));
            sentences.push(say::plane_path_honest(l));
            let [_, most] = off_plane(plane);
            sentences.push(say::plane_path_heights(l, l.percent(most, 0)));
        }
    }
    let finite = || plane.losses.iter().copied().filter(|loss| loss.is_finite());
    let (low, high) =
        (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    sentences.push(say::plane_range(l, number(low, l), number(high, l)));
    if log {
        sentences.push(say::plane_log(l));
    }
    match (plane.kind, plane.path.len()) {
        (_, 0) => {}
        (PlaneKind::Path, _) => part.table = Some(path_table(plane, l)),
        (_, moments) => {
            let [least, most] = off_plane(plane).map(|share| l.percent(share, 1));
            sentences.push(say::plane_path_over(l, moments, least, most));
            let beyond = plane.path.iter().filter(|point| !plane.holds(&point.shadow)).count();
            if beyond > 0 {
                sentences.push(say::plane_path_beyond(l, beyond));
            }
        }
    }
    part.after.push(say::plane_time(l, plane.x.len(), l.seconds(plane.seconds)));
    if plane.kind == PlaneKind::Random {
        part.after.push(say::plane_random_honest(l));
    }
    part
}

/// How far off the plane the nearest and the farthest moment of the path lie, as shares of their distances
/// from the end; the end itself lies in every plane.
fn off_plane(plane: &Plane) -> [f64; 2] {
    let off = || plane.path.iter().map(|point| point.shadow.off_plane).filter(|&off| off > 0.0);
    let most = off().fold(0.0, f64::max);
    [off().fold(most, f64::min), most]
}

fn path_table(plane: &Plane, l: Language) -> (Vec<String>, Vec<Vec<String>>) {
    let columns = vec![
        say::column_after_step(l),
        say::column_loss(l),
        say::column_loss_in_plane(l),
        say::column_off_plane(l),
    ];
    let row = |point: &super::PathPoint| {
        let in_plane = plane.loss_at(point.shadow.x, point.shadow.y);
        vec![
            l.count(point.step),
            number(point.loss, l),
            in_plane.map_or("—".into(), |x| number(x, l)),
            l.percent(point.shadow.off_plane, 0),
        ]
    };
    (columns, plane.path.iter().map(row).collect())
}

fn curvature_part(found: &Curvature, l: Language) -> Part {
    let ends = &found.extremes;
    let products = ends.products + found.density.as_ref().map_or(0, |density| density.products);
    let mut part = Part { heading: say::landscape_curvature(l), ..Part::default() };
    part.sentences.push(say::curvature_about(l, products, l.seconds(found.seconds)));
    let sharpness = ends.largest.first().map_or(f64::NAN, |pair| pair.value);
    let limit = number(2.0 / sharpness, l);
    part.sentences.push(say::curvature_sharpness(
        l,
        number(sharpness, l),
        limit,
        number(found.gradient_norm, l),
    ));
    let pairs = || ends.largest.iter().chain([&ends.smallest]);
    if pairs().any(|pair| pair.residual > 1e-3 * sharpness.abs()) {
        part.sentences.push(say::curvature_loose(l));
    }
    let name = |i: usize| match i < ends.largest.len() {
        true => say::eigenvalue_largest(l, i + 1),
        false => say::eigenvalue_smallest(l),
    };
    let row = |(i, pair): (usize, &super::Eigenpair)| {
        vec![name(i), number(pair.value, l), l.significant(pair.residual, 2)]
    };
    let columns = vec![say::column_which(l), say::column_eigenvalue(l), say::column_residual(l)];
    part.table = Some((columns, pairs().enumerate().map(row).collect()));
    if let Some(density) = &found.density {
        let (trace, error) = (number(density.trace, l), number(density.trace_error, l));
        part.after.push(say::curvature_trace(l, trace, error, density.probes));
        let share = |inside: &dyn Fn(f64) -> bool| {
            l.percent(
                density.nodes.iter().filter(|node| inside(node.0)).map(|node| node.1).sum(),
                1,
            )
        };
        let one = 0.01 * sharpness.abs();
        part.after.push(say::curvature_shares(
            l,
            share(&|value| value < -one),
            share(&|value| value.abs() <= one),
        ));
    }
    part
}

/// The ways between two networks, by name.
pub(super) fn ways(found: &Between, l: Language) -> Vec<(String, &[f64])> {
    let mut ways = vec![(say::line_straight(l), &found.straight[..])];
    if let Some(matched) = &found.matched {
        ways.push((say::line_straight_matched(l), matched));
    }
    ways.push((say::line_bend(l), &found.bend));
    ways
}

/// What lies between two networks.
#[must_use]
pub fn account_between(subject: &Subject, found: &Between, steps: usize, l: Language) -> Part {
    let mut part = Part { heading: say::line_heading(l), ..Part::default() };
    let (rows, total) = (l.count(subject.rows() as u64), l.count(subject.total_rows() as u64));
    part.sentences.push(say::line_rows(l, rows, total, number(found.error, l)));
    part.sentences.push(match found.matched {
        Some(_) => say::line_matched(l, found.moved, found.units),
        None => say::line_not_matched(l),
    });
    if subject.has_batch_norm() {
        part.sentences.push(say::landscape_batch_norm(l, subject.block_rows()));
    }
    let ways = ways(found, l);
    for (name, losses) in &ways {
        part.sentences.push(say::line_barrier(l, name, number(barrier(losses), l)));
    }
    let columns = std::iter::once(say::axis_share(l)).chain(ways.iter().map(|way| way.0.clone()));
    // Ten places tell the way; all stand in the JSON.
    let every = (found.t.len() - 1).div_ceil(10).max(1);
    let row = |i: usize| {
        let losses = ways.iter().map(|(_, losses)| number(losses[i], l));
        std::iter::once(l.significant(found.t[i], 3)).chain(losses).collect()
    };
    part.table = Some((columns.collect(), (0..found.t.len()).step_by(every).map(row).collect()));
    part.after.push(say::line_bend_about(l, steps));
    part.after.push(say::took_time(l, l.seconds(found.seconds)));
    part
}
