//! Gradients kept within bounds.

use spusk_graph::Var;

/// √Σ g² over all elements of all gradients, a scalar.
pub fn global_norm<'t>(gradients: &[Var<'t>]) -> Option<Var<'t>> {
    let squares = gradients.iter().map(|gradient| gradient.square().sum());
    squares.reduce(|a, b| a + b).map(Var::sqrt)
}

/// All gradients scaled by one factor, so that their norm is at most `most`:
/// g ← g · min(1, most / (norm + 10⁻⁶)), where `norm` is [`global_norm`] of them.
///
/// Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks",
/// Algorithm 1; the 10⁻⁶ is that of PyTorch's `clip_grad_norm_`.
pub fn clip_by_norm<'t>(gradients: &[Var<'t>], norm: Var<'t>, most: f64) -> Vec<Var<'t>> {
    let factor = (most / (norm + 1e-6)).min(1.0);
    gradients.iter().map(|&gradient| gradient * factor).collect()
}

/// Every element kept within ±`most`, as PyTorch's `clip_grad_value_`.
pub fn clip_by_value<'t>(gradients: &[Var<'t>], most: f64) -> Vec<Var<'t>> {
    gradients.iter().map(|gradient| gradient.max(-most).min(most)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use spusk_graph::{Trace, evaluate};

    use super::*;

    fn check(clip: impl for<'t> Fn(&[Var<'t>]) -> Vec<Var<'t>>, want: [[f64; 2]; 2]) {
        let trace = Trace::new();
        let row = |data: [f64; 2]| trace.literal(spusk_graph::Array::new([2], data.to_vec()));
        let clipped = clip(&[row([1.0, -2.0]), row([2.0, 4.0])]);
        let values: Vec<_> = clipped.iter().map(|&v| trace.value(v).expect("shapes fit")).collect();
        let got = evaluate(&trace.graph(), &BTreeMap::new(), &values).expect("nothing is missing");
        for (got, want) in got.iter().zip(want) {
            let near = got.data.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-12);
            assert!(near, "{:?}, expected {want:?}", got.data);
        }
    }

    #[test]
    fn clipping_keeps_the_direction_or_the_box() {
        fn norm<'t>(gradients: &[Var<'t>]) -> Var<'t> {
            global_norm(gradients).expect("there are some")
        }
        // √(1 + 4 + 4 + 16) = 5.
        let s = 2.5 / (5.0 + 1e-6);
        check(|g| clip_by_norm(g, norm(g), 2.5), [[s, -2.0 * s], [2.0 * s, 4.0 * s]]);
        check(|g| clip_by_norm(g, norm(g), 5.1), [[1.0, -2.0], [2.0, 4.0]]);
        check(|g| clip_by_value(g, 1.5), [[1.0, -1.5], [1.5, 1.5]]);
    }
}
