//! How sharp a valley an optimizer can stand.

use spusk_graph::State;

use crate::optimizers::{AnyOptimizer, Sgd};

/// Where the steps of an optimizer stop settling: at a curvature λ₁ of `width` / η.
///
/// λ₁ is the largest eigenvalue of the Hessian H, for adaptive methods of P⁻¹H with their preconditioner
/// P. Descent: 2; with momentum μ (Polyak) 2 + 2μ, Nesterov's (2 + 2μ) / (1 + 2μ); Adam
/// (2 + 2β₁) / (1 − β₁), 38 at β₁ = 0.9, with P = (1 − β₁ᵗ)(√v̂ + ε).
///
/// Cohen et al. 2021, "Gradient descent on neural networks typically occurs at the edge of stability";
/// Cohen et al. 2022, "Adaptive gradient methods at the edge of stability".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stability {
    /// The limit of η·λ₁.
    pub width: f64,
    /// How many times η a gradient that lasts moves the weights: 1 / (1 − μ) with momentum.
    pub pace: f64,
    preconditioner: Preconditioner,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Preconditioner {
    None,
    /// √slot + ε.
    Root {
        slot: &'static str,
        eps: f64,
    },
    /// (1 − β₁ᵗ)(√(v / (1 − β₂ᵗ)) + ε).
    Adam {
        beta1: f64,
        beta2: f64,
        eps: f64,
    },
}

impl Stability {
    /// Of an optimizer whose limit is known.
    pub fn of(optimizer: &AnyOptimizer) -> Option<Stability> {
        let plain = |width, momentum: f64| Stability {
            width,
            pace: 1.0 / (1.0 - momentum).max(1e-3),
            preconditioner: Preconditioner::None,
        };
        let adam = |beta1: f64, beta2: f64, eps: f64| Stability {
            width: (2.0 + 2.0 * beta1) / (1.0 - beta1),
            pace: 1.0,
            preconditioner: Preconditioner::Adam { beta1, beta2, eps },
        };
        match optimizer {
            AnyOptimizer::Descent(_) => Some(plain(2.0, 0.0)),
            AnyOptimizer::Sgd(Sgd { momentum, nesterov: true }) => {
                Some(plain((2.0 + 2.0 * momentum) / (1.0 + 2.0 * momentum), *momentum))
            }
            AnyOptimizer::Sgd(sgd) => Some(plain(2.0 + 2.0 * sgd.momentum, sgd.momentum)),
            AnyOptimizer::Adam(o) => Some(adam(o.beta1, o.beta2, o.eps)),
            AnyOptimizer::AdamW(o) => Some(adam(o.beta1, o.beta2, o.eps)),
            AnyOptimizer::RmsProp(o) if o.momentum == 0.0 && !o.centered => Some(Stability {
                width: 2.0,
                pace: 1.0,
                preconditioner: Preconditioner::Root { slot: "v", eps: o.eps },
            }),
            AnyOptimizer::Adagrad(o) => Some(Stability {
                width: 2.0,
                pace: 1.0,
                preconditioner: Preconditioner::Root { slot: "sum", eps: o.eps },
            }),
            _ => None,
        }
    }

    /// Whether the curvature is that of the preconditioned Hessian.
    pub fn is_preconditioned(&self) -> bool {
        self.preconditioner != Preconditioner::None
    }

    /// P^−½ for the elements of a parameter, 0 where no step has met a gradient yet (a row of an embedding
    /// whose token was not read), so that P is not known; empty for 1 everywhere. `None` before the first step of an
    /// adaptive method, when P is not known yet.
    pub(super) fn scale(&self, state: &State<f32>, parameter: &str) -> Option<Vec<f64>> {
        let slot = |slot: &str| state.get(&format!("optimizer.{slot}.{parameter}"));
        match self.preconditioner {
            Preconditioner::None => Some(Vec::new()),
            Preconditioner::Root { slot: name, eps } => {
                let root = |&x: &f32| match x > 0.0 {
                    true => (f64::from(x).sqrt() + eps).sqrt().recip(),
                    false => 0.0,
                };
                let scale: Vec<f64> = slot(name)?.iter().map(root).collect();
                Some(scale).filter(|scale| scale.iter().any(|&s| s > 0.0 && s * s * eps < 0.5))
            }
            Preconditioner::Adam { beta1, beta2, eps } => {
                let step = state.get("optimizer.step")?.first().map(|&t| f64::from(t))?;
                if step < 1.0 {
                    return None;
                }
                let [first, second] = [beta1, beta2].map(|beta| 1.0 - beta.powf(step));
                let root = |&v: &f32| match v > 0.0 {
                    true => (first * ((f64::from(v) / second).sqrt() + eps)).sqrt().recip(),
                    false => 0.0,
                };
                Some(slot("v")?.iter().map(root).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{Adam, Descent, Lion};

    #[test]
    fn limits_are_those_of_the_papers() {
        let width = |optimizer: AnyOptimizer| Stability::of(&optimizer).map(|s| s.width);
        assert_eq!(width(Descent::default().into()), Some(2.0));
        assert_eq!(width(Sgd { momentum: 0.9, nesterov: false }.into()), Some(3.8));
        let nesterov = width(Sgd { momentum: 0.9, nesterov: true }.into()).expect("known");
        assert!((nesterov - 3.8 / 2.8).abs() < 1e-12);
        let adam = width(Adam::default().into()).expect("known");
        assert!((adam - 38.0).abs() < 1e-9);
        assert_eq!(width(Lion::default().into()), None);
    }
}
