//! Which neuron of one network does the work of which of another.
//!
//! Hidden units can be put in any order without a change of what a network computes, so two trained
//! networks that do the same may lie far apart. Ainsworth, Hayase & Srinivasa 2023, "Git Re-Basin", weight
//! matching: layer by layer the order of the second network's units that makes its weights most alike,
//! in front and behind, again until nothing changes.

use std::ops::Range;

use super::Subject;
use crate::layers::AnyLayer;

/// Most rounds over the layers.
const ROUNDS: usize = 20;

/// The second network with its hidden units in the order of the first one's.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// Its weights.
    pub weights: Vec<f64>,
    /// Hidden units in all.
    pub units: usize,
    /// How many of them have changed their place.
    pub moved: usize,
}

/// The units between two dense layers, by what holds their numbers among the weights.
struct Hidden {
    units: usize,
    /// `[inputs, units]`: what each unit reads.
    reads: Range<usize>,
    /// `[units]` each: biases, and what normalization has for each unit.
    own: Vec<Range<usize>>,
    /// `[units, outputs]`: what reads each unit.
    read_by: Range<usize>,
}

/// Matches the units of `weights` to those of the subject. `None` if there are other layers than dense
/// ones with activations, norms and dropout between, or no hidden one.
#[must_use]
pub fn matched(subject: &Subject, weights: &[f64]) -> Option<Matched> {
    let hidden = hidden_layers(subject)?;
    let mut weights = weights.to_vec();
    let mut orders: Vec<Vec<usize>> = hidden.iter().map(|h| (0..h.units).collect()).collect();
    for _ in 0..ROUNDS {
        let mut changed = false;
        for (layer, order) in hidden.iter().zip(&mut orders) {
            let next = assign(&likeness(layer, subject.weights(), &weights), layer.units);
            if next.iter().enumerate().all(|(unit, &from)| unit == from) {
                continue;
            }
            changed = true;
            permute(layer, &next, &mut weights);
            *order = next.iter().map(|&from| order[from]).collect();
        }
        if !changed {
            break;
        }
    }
    let places = orders.iter().flat_map(|order| order.iter().enumerate());
    let moved = places.filter(|&(unit, &from)| unit != from).count();
    Some(Matched { weights, units: orders.iter().map(Vec::len).sum(), moved })
}

fn hidden_layers(subject: &Subject) -> Option<Vec<Hidden>> {
    let ranges = subject.ranges();
    let named = |name: String| {
        let at = subject.parameters().iter().position(|p| p.name == name)?;
        Some((ranges[at].clone(), subject.parameters()[at].shape.clone()))
    };
    let (mut layers, mut open): (Vec<Hidden>, Option<Hidden>) = (Vec::new(), None);
    for (i, layer) in subject.model.layers.iter().enumerate() {
        match layer {
            AnyLayer::Dense(_) => {
                let (weight, shape) = named(format!("layers.{i}.weight"))?;
                if let Some(before) = open.take() {
                    layers.push(Hidden { read_by: weight.clone(), ..before });
                }
                let own = named(format!("layers.{i}.bias")).map(|(range, _)| range);
                let units = *shape.last()?;
                open = Some(Hidden {
                    units,
                    reads: weight,
                    own: own.into_iter().collect(),
                    read_by: 0..0,
                });
            }
            AnyLayer::BatchNorm(_) | AnyLayer::LayerNorm(_) | AnyLayer::RmsNorm(_) => {
                let prefix = format!("layers.{i}.");
                let of_layer = subject.parameters().iter().zip(&ranges);
                let of_layer = of_layer.filter(|(p, _)| p.name.starts_with(&prefix));
                let open = open.as_mut()?;
                open.own.extend(of_layer.map(|(_, range)| range.clone()));
            }
            AnyLayer::Flatten(_) if open.is_none() => {}
            layer if is_unit_by_unit(layer) => {}
            _ => return None,
        }
    }
    let fits = |h: &Hidden| {
        h.own.iter().all(|range| range.len() == h.units)
            && h.read_by.len().is_multiple_of(h.units)
            && h.reads.len().is_multiple_of(h.units)
    };
    (!layers.is_empty() && layers.iter().all(fits)).then_some(layers)
}

/// Whether every unit is worked on alike and by itself.
fn is_unit_by_unit(layer: &AnyLayer) -> bool {
    matches!(
        layer,
        AnyLayer::Relu(_)
            | AnyLayer::LeakyRelu(_)
            | AnyLayer::Elu(_)
            | AnyLayer::Gelu(_)
            | AnyLayer::Silu(_)
            | AnyLayer::Sigmoid(_)
            | AnyLayer::Softplus(_)
            | AnyLayer::Tanh(_)
            | AnyLayer::Threshold(_)
            | AnyLayer::Identity(_)
            | AnyLayer::Dropout(_)
    )
}

/// How well each unit of the second network (columns) fits each of the first (rows): the product of all
/// their numbers.
fn likeness(layer: &Hidden, a: &[f64], b: &[f64]) -> Vec<f64> {
    let n = layer.units;
    let mut likeness = vec![0.0; n * n];
    let mut add = |x: &[f64], y: &[f64]| {
        for (row, &x) in likeness.chunks_mut(n).zip(x) {
            row.iter_mut().zip(y).for_each(|(sum, y)| *sum += x * y);
        }
    };
    let reads = a[layer.reads.clone()].chunks(n).zip(b[layer.reads.clone()].chunks(n));
    reads.for_each(|(x, y)| add(x, y));
    for own in &layer.own {
        add(&a[own.clone()], &b[own.clone()]);
    }
    let outputs = layer.read_by.len() / n;
    let column = |all: &[f64], output: usize| -> Vec<f64> {
        all[layer.read_by.clone()].iter().skip(output).step_by(outputs).copied().collect()
    };
    for output in 0..outputs {
        add(&column(a, output), &column(b, output));
    }
    likeness
}

/// Puts unit `order[i]` at place i.
fn permute(layer: &Hidden, order: &[usize], weights: &mut [f64]) {
    let n = layer.units;
    let columns = |row: &mut [f64]| {
        let old = row.to_vec();
        row.iter_mut().zip(order).for_each(|(to, &from)| *to = old[from]);
    };
    weights[layer.reads.clone()].chunks_mut(n).for_each(columns);
    for own in &layer.own {
        columns(&mut weights[own.clone()]);
    }
    let outputs = layer.read_by.len() / n;
    let rows = &mut weights[layer.read_by.clone()];
    let old = rows.to_vec();
    for (to, &from) in rows.chunks_mut(outputs).zip(order) {
        to.copy_from_slice(&old[from * outputs..(from + 1) * outputs]);
    }
}

/// The assignment of columns to rows with the largest sum of `gains[n, n]`: Kuhn 1955 and Munkres 1957, with
/// shortest augmenting paths over potentials (Jonker & Volgenant 1987), O(n³).
fn assign(gains: &[f64], n: usize) -> Vec<usize> {
    const FREE: usize = usize::MAX;
    let cost = |row: usize, column: usize| -gains[row * n + column];
    let (mut of_row, mut of_column) = (vec![0.0; n], vec![0.0; n + 1]);
    // The row of each column; column n stands for the row that looks for one.
    let mut row_of = vec![FREE; n + 1];
    for row in 0..n {
        row_of[n] = row;
        let (mut column, mut seen) = (n, vec![false; n + 1]);
        let (mut least, mut from) = (vec![f64::INFINITY; n], vec![n; n]);
        while row_of[column] != FREE {
            seen[column] = true;
            let (at, mut next, mut step) = (row_of[column], column, f64::INFINITY);
            for j in (0..n).filter(|&j| !seen[j]) {
                let reduced = cost(at, j) - of_row[at] - of_column[j];
                if reduced < least[j] {
                    (least[j], from[j]) = (reduced, column);
                }
                if least[j] < step {
                    (step, next) = (least[j], j);
                }
            }
            if next == column {
                // Only where a gain is not a number: leave the order as it is.
                return (0..n).collect();
            }
            for j in 0..=n {
                if seen[j] {
                    of_row[row_of[j]] += step;
                    of_column[j] -= step;
                } else if j < n {
                    least[j] -= step;
                }
            }
            column = next;
        }
        while column != n {
            let before = from[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    let mut column_of = vec![0; n];
    (0..n).for_each(|column| column_of[row_of[column]] = column);
    column_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::random;
    use crate::landscape::compiled::Evaluator;
    use crate::landscape::tests::subject;
    use crate::layers::{BatchNorm, Conv2d, Dense, Flatten, Relu};

    #[test]
    fn assignments_are_the_best_of_all() {
        let key = random::key(5, "gains");
        for (round, n) in [1, 2, 3, 4, 5, 5, 5].into_iter().enumerate() {
            let gains: Vec<f64> =
                (0..n * n).map(|i| random::normal(key, (100 * round + i) as u64)).collect();
            let sum = |order: &[usize]| -> f64 {
                order.iter().enumerate().map(|(row, &column)| gains[row * n + column]).sum()
            };
            let found = sum(&assign(&gains, n));
            let mut best = f64::NEG_INFINITY;
            let mut orders = vec![Vec::new()];
            for _ in 0..n {
                let longer = |order: Vec<usize>| -> Vec<Vec<usize>> {
                    let free = (0..n).filter(|i| !order.contains(i));
                    free.map(|i| [&order[..], &[i]].concat()).collect()
                };
                orders = orders.into_iter().flat_map(longer).collect();
            }
            orders.iter().for_each(|order| best = best.max(sum(order)));
            assert!((found - best).abs() < 1e-12, "{n}: {found} {best}");
        }
    }

    #[test]
    fn a_network_whose_units_were_shuffled_is_put_in_order_again() {
        let subject = subject(
            vec![
                Flatten.into(),
                Dense::new(12).into(),
                BatchNorm::default().into(),
                Relu.into(),
                Dense::new(9).into(),
                Relu.into(),
                Dense::new(3).into(),
            ],
            &[2, 2, 2],
            3,
        );
        let mut shuffled = subject.weights().to_vec();
        for (layer, hidden) in hidden_layers(&subject).expect("it is plain").iter().enumerate() {
            let order = crate::data::Permutation::new(hidden.units, 77 + layer as u64);
            let order: Vec<usize> = (0..hidden.units).map(|i| order.at(i)).collect();
            permute(hidden, &order, &mut shuffled);
        }
        assert_ne!(shuffled, subject.weights());
        let mut evaluator = Evaluator::<f64>::new(&subject, 1, true).expect("it fits");
        let (before, after) = (
            evaluator.loss_at(subject.weights()).expect("it runs"),
            evaluator.loss_at(&shuffled).expect("it runs"),
        );
        assert!((before - after).abs() < 1e-12, "the order changes nothing: {before} {after}");
        let found = matched(&subject, &shuffled).expect("it is plain");
        assert_eq!(found.weights, subject.weights());
        assert_eq!(found.units, 21);
        assert!(found.moved > 10, "{}", found.moved);
    }

    #[test]
    fn other_networks_are_not_matched() {
        let conv = subject(
            vec![Conv2d::new(2, 3).into(), Flatten.into(), Dense::new(3).into()],
            &[4, 4, 1],
            3,
        );
        assert_eq!(matched(&conv, conv.weights()), None);
        let single = subject(vec![Dense::new(3).into()], &[4], 3);
        assert_eq!(matched(&single, single.weights()), None);
    }
}
