//! Neurons that are copies of each other.

use crate::engine::Engine;

/// Neurons of a layer that are compared.
const COMPARED: usize = 64;
/// From which cosine on two neurons are the same.
const SAME: f64 = 0.9999;

/// The share of a layer's neurons whose weights and bias point where those of an earlier one do. Of
/// wide layers the first neurons are looked at.
pub(super) fn share(engine: &Engine, weight: &str, path: &str) -> f64 {
    let Some(parameter) = engine.parameters().iter().find(|p| p.name == weight) else { return 0.0 };
    let Some(values) = engine.state().get(weight) else { return 0.0 };
    let bias = engine.state().get(&format!("{path}.bias"));
    let outputs = parameter.shape.last().copied().unwrap_or(1);
    share_of(values, outputs, bias.filter(|bias| bias.len() == outputs))
}

/// `values[…, outputs]`.
fn share_of(values: &[f32], outputs: usize, bias: Option<&[f32]>) -> f64 {
    let compared = outputs.min(COMPARED);
    // In two dimensions directions meet by chance.
    let dimensions = values.len() / outputs.max(1) + usize::from(bias.is_some());
    if compared < 2 || dimensions < 3 {
        return 0.0;
    }
    let neurons: Vec<Vec<f64>> = (0..compared)
        .map(|neuron| {
            let own = values.iter().skip(neuron).step_by(outputs).map(|&x| f64::from(x));
            let own: Vec<f64> = own.chain(bias.map(|bias| f64::from(bias[neuron]))).collect();
            let norm = own.iter().map(|x| x * x).sum::<f64>().sqrt();
            // A neuron of zeros is the same as another one of zeros.
            own.iter().map(|x| if norm > 0.0 { x / norm } else { 0.0 }).collect()
        })
        .collect();
    let is_zero = |neuron: &[f64]| neuron.iter().all(|&x| x == 0.0);
    let are_same = |a: &[f64], b: &[f64]| match (is_zero(a), is_zero(b)) {
        (true, true) => true,
        (false, false) => a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() > SAME,
        _ => false,
    };
    let copied = |i: usize| neurons[..i].iter().any(|earlier| are_same(earlier, &neurons[i]));
    (1..compared).filter(|&i| copied(i)).count() as f64 / (compared - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_counted() {
        // Four inputs, three neurons: the second is twice the first.
        let values = [1.0, 2.0, 0.5, -1.0, -2.0, 0.5, 3.0, 6.0, 0.1, 0.0, 0.0, 0.2];
        assert_eq!(share_of(&values, 3, None), 0.5);
        assert_eq!(share_of(&[0.0; 12], 3, None), 1.0);
        assert_eq!(share_of(&values, 3, Some(&[0.0, 5.0, 0.0])), 0.0, "the bias differs");
        assert_eq!(share_of(&[1.0, 1.0, 1.0], 3, None), 0.0, "one dimension");
    }
}
