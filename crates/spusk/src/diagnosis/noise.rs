//! How much of a batch's gradient is noise.

use serde::{Deserialize, Serialize};

use super::Sample;
use super::stability::Stability;
use crate::engine::{Engine, step_key};
use crate::train::TrainError;

/// The noise of gradients at one moment.
///
/// From gradients g_s of s examples and g_b of b: tr Σ ≈ S = (|g_s|² − |g_b|²) / (1/s − 1/b) and
/// |G|² ≈ (b|g_b|² − s|g_s|²) / (b − s); the noise scale S / |G|² is the batch at which noise and
/// gradient are equally large. McCandlish et al. 2018, "An empirical model of large-batch training",
/// appendix A.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct NoiseScale {
    /// Steps taken before.
    pub step: u64,
    /// S, in gradient².
    pub noise: f64,
    /// |G|².
    pub gradient: f64,
    /// Examples that it was measured on.
    pub rows: usize,
    /// η of the next step.
    pub learning_rate: f64,
    /// What the noise of the batches adds to the loss once it hovers, where the optimizer's rule is known:
    /// η·tr(P⁻¹Σ) / 4B, with momentum η / (1 − μ) for η.
    ///
    /// In a valley of Hessian H the noise of steps θ ← θ − ηP⁻¹g scatters the weights by C with
    /// HC + CH = ηΣ/B (P = 1), so that ½tr(HC) = η·trΣ / 4B, whatever H is. Mandt, Hoffman & Blei 2017,
    /// "Stochastic gradient descent as approximate Bayesian inference", equation 12.
    pub excess: Option<f64>,
}

impl NoiseScale {
    /// Of several moments together: S and |G|² are averaged before they are divided.
    pub fn examples(all: &[NoiseScale]) -> Option<f64> {
        let noise: f64 = all.iter().map(|one| one.noise).sum();
        let gradient: f64 = all.iter().map(|one| one.gradient).sum();
        // Without a gradient above the noise only this much is known.
        let rows = all.iter().map(|one| one.rows).max()? as f64;
        let scale = if gradient > 0.0 { noise / gradient } else { f64::INFINITY };
        Some(scale.clamp(0.0, 4.0 * rows)).filter(|scale| scale.is_finite())
    }

    /// Measures on the sample, in batches of `batch_size` or of what is left of that where the
    /// sample is small, of 64 at the most.
    ///
    /// # Errors
    /// If the gradient cannot be compiled.
    pub fn measure(
        engine: &mut Engine,
        sample: &Sample,
        batch_size: usize,
        (step, learning_rate): (u64, f64),
    ) -> Result<Option<NoiseScale>, TrainError> {
        let small = batch_size.clamp(1, (sample.rows() / 4).clamp(1, LARGEST_BATCH));
        let count = (sample.rows() / small).min(MOST_BATCHES);
        if count < 4 {
            return Ok(None);
        }
        let stability = Stability::of(&engine.options().optimizer);
        let mut scales: Option<Vec<f64>> = None;
        let mut mean: Vec<f64> = Vec::new();
        let (mut small_square, mut small_scaled) = (0.0, 0.0);
        for batch in 0..count {
            let gradients = engine.gradients(small, step_key(0, 0), |features, targets| {
                sample.fill(batch * small, features, targets);
                Ok::<_, TrainError>(())
            })?;
            let values = || gradients.iter().flat_map(|(_, g)| g).map(|&x| f64::from(x));
            small_square += values().map(|x| x * x).sum::<f64>() / count as f64;
            if batch == 0 {
                scales = stability.and_then(|stability| {
                    let of = |(name, g): &(String, Vec<f32>)| {
                        let scale = stability.scale(engine.state(), name)?;
                        Some(if scale.is_empty() { vec![1.0; g.len()] } else { scale })
                    };
                    gradients.iter().map(of).collect::<Option<Vec<_>>>().map(|all| all.concat())
                });
            }
            if let Some(scales) = &scales {
                let scaled = values().zip(scales).map(|(x, s)| (x * s).powi(2));
                small_scaled += scaled.sum::<f64>() / count as f64;
            }
            mean.resize(values().count(), 0.0);
            mean.iter_mut().zip(values()).for_each(|(mean, x)| *mean += x / count as f64);
        }
        let big_square: f64 = mean.iter().map(|x| x * x).sum();
        let (s, b) = (small as f64, (small * count) as f64);
        let excess = stability.zip(scales).map(|(stability, scales)| {
            let big: f64 = mean.iter().zip(&scales).map(|(x, s)| (x * s).powi(2)).sum();
            let trace = ((small_scaled - big) / (1.0 / s - 1.0 / b)).max(0.0);
            learning_rate * stability.pace * trace / (4.0 * batch_size.max(1) as f64)
        });
        Ok(Some(NoiseScale {
            step,
            noise: (small_square - big_square) / (1.0 / s - 1.0 / b),
            gradient: (b * big_square - s * small_square) / (b - s),
            rows: small * count,
            learning_rate,
            excess: excess.filter(|excess| excess.is_finite()),
        }))
    }
}

/// Examples of a batch that is measured at the most: what few large batches differ by says little of their noise,
/// which many smaller ones show as well.
const LARGEST_BATCH: usize = 64;
/// Batches of a measurement at the most.
const MOST_BATCHES: usize = 64;
