//! Directions in the space of the weights, and the planes that they span.

use crate::data::random;
use crate::eigen::{dot, symmetric};
use crate::landscape::Subject;
use crate::net::Parameter;

/// A random direction, filter by filter as long as the weights.
///
/// Li, Xu, Taylor, Studer & Goldstein 2018, "Visualizing the loss landscape of neural nets": numbers are
/// Gaussian; every row of a parameter as it stands in files, which is what makes one output unit or
/// filter, is scaled to the norm of the weights there; biases and parameters of normalization get 0.
pub(crate) fn random_direction(subject: &Subject, seed: u64, number: u64) -> Vec<f64> {
    let mut direction = vec![0.0; subject.weights().len()];
    for (parameter, range) in subject.parameters().iter().zip(subject.ranges()) {
        let key = random::word(random::key(seed, &parameter.name), number);
        let weights = &subject.weights()[range.clone()];
        direction[range].copy_from_slice(&filters(parameter, weights, key));
    }
    direction
}

fn filters(parameter: &Parameter, weights: &[f64], key: u64) -> Vec<f64> {
    if !parameter.trainable || parameter.shape.rank() < 2 {
        return vec![0.0; weights.len()];
    }
    let stored = parameter.layout.stored_shape(&parameter.shape);
    let row = stored.size() / stored.first().copied().unwrap_or(1).max(1);
    let of_file = parameter.layout.store(weights, &parameter.shape);
    let mut drawn: Vec<f64> = (0..weights.len() as u64).map(|i| random::normal(key, i)).collect();
    for (drawn, weights) in drawn.chunks_mut(row.max(1)).zip(of_file.chunks(row.max(1))) {
        let scale = dot(weights, weights).sqrt() / (dot(drawn, drawn).sqrt() + 1e-10);
        drawn.iter_mut().for_each(|x| *x *= scale);
    }
    parameter.layout.load(&drawn, &parameter.shape)
}

/// Where a point of the space lies over a plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shadow {
    /// The foot of the point: θ + x·u + y·v.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// The distance from the plane, as a share of the distance from θ; 0 lies in the plane.
    pub off_plane: f64,
}

/// The point of the plane through 0 along `u` and `v` that is nearest to `away`, by least squares: the
/// directions need be neither orthogonal nor of length 1.
pub(crate) fn project(away: &[f64], u: &[f64], v: &[f64]) -> Shadow {
    let (uu, uv, vv) = (dot(u, u), dot(u, v), dot(v, v));
    let (au, av, aa) = (dot(away, u), dot(away, v), dot(away, away));
    let det = uu * vv - uv * uv;
    let (x, y) = match det > 1e-14 * uu * vv {
        true => ((au * vv - av * uv) / det, (av * uu - au * uv) / det),
        false => (if uu > 0.0 { au / uu } else { 0.0 }, 0.0),
    };
    let left = (aa - x * au - y * av).max(0.0);
    Shadow { x, y, off_plane: if aa > 0.0 { (left / aa).sqrt() } else { 0.0 } }
}

/// The two main directions of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MainDirections {
    pub(crate) u: Vec<f64>,
    pub(crate) v: Vec<f64>,
    /// Shares of Σ‖θ_t − θ*‖² along each.
    pub(crate) shares: [f64; 2],
}

/// The two orthonormal directions that hold most of Σ‖θ_t − θ*‖², from the products of the differences
/// with each other: no matrix of the size of the weights. `None` if they span no plane.
pub(crate) fn main_directions(differences: &[impl AsRef<[f64]>]) -> Option<MainDirections> {
    let differences: Vec<&[f64]> = differences.iter().map(AsRef::as_ref).collect();
    let products =
        differences.iter().map(|a| differences.iter().map(|b| dot(a, b)).collect()).collect();
    let (values, vectors) = symmetric(products);
    let total: f64 = values.iter().map(|value| value.max(0.0)).sum();
    let second = values.get(1).copied()?;
    if second.is_nan() || second <= 1e-12 * total {
        return None;
    }
    let direction = |i: usize| {
        let mut whole = vec![0.0; differences[0].len()];
        for (weight, difference) in vectors[i].iter().zip(&differences) {
            whole.iter_mut().zip(*difference).for_each(|(x, d)| *x += weight * d);
        }
        let length = dot(&whole, &whole).sqrt();
        whole.iter_mut().for_each(|x| *x /= length);
        whole
    };
    Some(MainDirections {
        u: direction(0),
        v: direction(1),
        shares: [values[0] / total, second / total],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadows_are_those_of_skew_directions() {
        // u and v neither orthogonal nor of length 1; the point is 2u − v and 3 across.
        let (u, v) = ([1.0, 0.0, 0.0], [1.0, 2.0, 0.0]);
        let found = project(&[1.0, -2.0, 3.0], &u, &v);
        assert!((found.x - 2.0).abs() < 1e-12 && (found.y + 1.0).abs() < 1e-12, "{found:?}");
        assert!((found.off_plane - 3.0 / 14.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_random_walk_in_many_dimensions_looks_explained() {
        // Antognini & Sohl-Dickstein 2018: 6/π² + 6/(4π²) = 76 %, of a walk that goes nowhere. Differences
        // are taken from its end here, so a little more.
        let (steps, size) = (60, 2000);
        let key = random::key(1, "walk");
        let mut at = vec![0.0; size];
        let mut walk = Vec::new();
        for step in 0..steps {
            let moved = at
                .iter()
                .enumerate()
                .map(|(i, x)| x + random::normal(key, (step * size + i) as u64));
            at = moved.collect();
            walk.push(at.clone());
        }
        let end = at;
        walk.iter_mut().for_each(|point| point.iter_mut().zip(&end).for_each(|(x, e)| *x -= e));
        let found = main_directions(&walk).expect("it spans many planes");
        let explained = found.shares[0] + found.shares[1];
        assert!((0.70..0.95).contains(&explained), "{explained}");
        assert!(
            dot(&found.u, &found.v).abs() < 1e-9 && (dot(&found.u, &found.u) - 1.0).abs() < 1e-9
        );
    }

    #[test]
    fn a_straight_path_spans_no_plane() {
        let straight: Vec<Vec<f64>> =
            (1..9).map(|i| vec![f64::from(i), -f64::from(i), 0.0]).collect();
        assert_eq!(main_directions(&straight), None);
    }
}
