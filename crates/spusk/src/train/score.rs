//! One number besides the loss, at the end of every epoch.

/// What is reckoned.
#[derive(Debug, Clone, PartialEq)]
pub enum Score {
    /// Nothing.
    None,
    /// The share of examples whose largest output is at their class; of a single output, whose sign
    /// is right.
    Accuracy,
    /// √ mean (output − target)² over all outputs, each in its own unit.
    Rmse {
        /// The unit of each output.
        scales: Vec<f64>,
    },
    /// The peak signal-to-noise ratio of outputs, in dB: 10 · log₁₀(255² / mean (output − target)²).
    Psnr {
        /// Steps of 255 that an output of 1 is.
        std: f64,
    },
}

/// A score being gathered.
pub(super) struct Gathered<'a> {
    score: &'a Score,
    sum: f64,
    count: f64,
}

impl Score {
    /// Its name in events: `accuracy`, `rmse`, `psnr`.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Score::None => None,
            Score::Accuracy => Some("accuracy"),
            Score::Rmse { .. } => Some("rmse"),
            Score::Psnr { .. } => Some("psnr"),
        }
    }

    /// Whether `a` is better than `b`.
    pub fn is_better(&self, a: f64, b: f64) -> bool {
        match self {
            Score::Accuracy | Score::Psnr { .. } => a > b,
            Score::None | Score::Rmse { .. } => a < b,
        }
    }

    pub(super) fn start(&self) -> Gathered<'_> {
        Gathered { score: self, sum: 0.0, count: 0.0 }
    }
}

impl Gathered<'_> {
    pub(super) fn push(&mut self, outputs: &[f32], targets: &[f32]) {
        match self.score {
            Score::None => {}
            Score::Accuracy => self.push_classes(outputs, targets),
            Score::Psnr { std } => {
                let error = |(a, b): (&f32, &f32)| (f64::from(a - b) * std).powi(2);
                self.sum += outputs.iter().zip(targets).map(error).sum::<f64>();
                self.count += outputs.len() as f64;
            }
            Score::Rmse { scales } => {
                let width = (outputs.len() / (targets.len() / scales.len().max(1)).max(1)).max(1);
                for (outputs, targets) in
                    outputs.chunks(width).zip(targets.chunks(scales.len().max(1)))
                {
                    for ((output, target), scale) in outputs.iter().zip(targets).zip(scales) {
                        let error = f64::from(output - target) * scale;
                        self.sum += error * error;
                        self.count += 1.0;
                    }
                }
            }
        }
    }

    fn push_classes(&mut self, outputs: &[f32], labels: &[f32]) {
        let classes = outputs.len() / labels.len().max(1);
        for (outputs, &label) in outputs.chunks(classes.max(1)).zip(labels) {
            let guess = match outputs {
                [single] => usize::from(*single > 0.0),
                _ => crate::metrics::rank::argmax(outputs),
            };
            self.sum += f64::from(u8::from(guess as f32 == label));
            self.count += 1.0;
        }
    }

    pub(super) fn finish(self) -> Option<f64> {
        let mean = (self.count > 0.0).then(|| self.sum / self.count)?;
        match self.score {
            Score::None => None,
            Score::Accuracy => Some(mean),
            Score::Rmse { .. } => Some(mean.sqrt()),
            Score::Psnr { .. } => Some(10.0 * (255.0 * 255.0 / mean).log10()),
        }
    }
}
