//! Networks that restore pictures: around their layers, in tiles over pictures of any size, and scored
//! beside what needs no network.

mod reach;
mod score;
mod tiles;

use std::path::Path;

pub use score::{MethodScore, PictureScore, PictureScores};
pub use tiles::Tiles;

use super::{Scores, SessionError, Trained};
use crate::Model;
use crate::data::{
    DataOptions, Degradation, PatchInputs, Patches, Prepared, Preprocessing, pictures_of,
};
use crate::init::Initializer;
use crate::layers::{AnyLayer, Conv2d, Enlarge, Padding, PixelShuffle, Residual, Resize};
use crate::messages::{self as say, Said};
use crate::model::Batch;
use crate::picture::{Picture, Raster};
use crate::zoo::{Denoiser, Network, Upscaler};

/// The side of a tile where nobody says another: the network's own memory is then some tens of MiB.
pub const TILE: usize = 256;

/// The network of hidden layers: their sum with the picture, or with its enlargement, and nothing at first.
pub(super) fn network(patches: &PatchInputs, hidden: Vec<AnyLayer>) -> Model {
    let factor = patches.degradation.factor();
    let mut layers = hidden;
    let output = Conv2d {
        padding: Padding::Same,
        init: Initializer::Zeros,
        ..Conv2d::new(patches.channels() * factor * factor, 3)
    };
    layers.push(output.into());
    let layer: AnyLayer = match patches.degradation {
        Degradation::Noise { .. } => Residual { project: false, ..Residual::new(layers) }.into(),
        Degradation::Reduced { factor } => {
            layers.push(PixelShuffle { scale: factor }.into());
            Enlarge { layers, scale: factor, mode: Resize::Bicubic }.into()
        }
    };
    Model { layers: vec![layer] }
}

/// The network that is taken where none is named, and how it is written.
pub(super) fn usual_network(
    patches: &PatchInputs,
) -> Result<(Vec<AnyLayer>, &'static str), String> {
    match patches.degradation {
        Degradation::Noise { .. } => Ok((Denoiser::default().layers()?, "denoiser")),
        Degradation::Reduced { .. } => Ok((Upscaler::default().layers()?, "upscaler")),
    }
}

/// Steps of a training.
pub(super) const USUAL_STEPS: u64 = 2560;

/// Patches of a step.
pub(super) const USUAL_BATCH: usize = 16;

/// Refuses networks that cannot be applied in tiles, or change the size otherwise than they should.
pub(super) fn check(model: &Model, preprocessing: &Preprocessing) -> Result<(), SessionError> {
    let Some(patches) = preprocessing.patches() else { return Ok(()) };
    reach::reach(&model.layers).map_err(SessionError::Said)?;
    let batch = Batch {
        size: 1,
        features: preprocessing.shape().into(),
        target: preprocessing.target_shape().into(),
    };
    let rows = model.describe(&batch)?;
    let got = rows.iter().rfind(|row| row.depth == 0).map(|row| row.output.to_vec());
    let want = [vec![1], patches.target_shape()].concat();
    if got.as_ref() == Some(&want) {
        return Ok(());
    }
    let [got, want] = [got.unwrap_or_default(), want].map(|shape| format!("{shape:?}"));
    Err(SessionError::told(|l| say::restores_other_size(l, &got, &want)))
}

impl Trained {
    /// A picture without its noise, or enlarged: computed in tiles of at most `tile` × `tile` pixels that
    /// overlap by as far as the network sees, so the result does not depend on `tile`.
    ///
    /// Gray pictures and colored ones are both taken, whatever the network was trained on: a network for
    /// gray restores each color by itself, one for colors sees three equal ones. Memory is that of the
    /// picture, that of the result (a byte a value each) and that of one tile ([`Tiles::bytes`]).
    ///
    /// # Errors
    /// If the network restores no pictures.
    pub fn enhance(&mut self, picture: &dyn Raster, tile: usize) -> Result<Picture, SessionError> {
        Tiles::new(self, tile)?.restore(picture)
    }

    /// What the network undoes, if it restores pictures.
    pub fn degradation(&self) -> Option<Degradation> {
        self.preprocessing.patches().map(|patches| patches.degradation)
    }

    /// Scores on all pictures of a source, each spoiled as in training.
    pub(super) fn evaluate_pictures(
        &mut self,
        source: &str,
        options: &DataOptions,
        tell: &mut dyn FnMut(&Said),
    ) -> Result<Scores, SessionError> {
        let Some(patches) = self.preprocessing.patches().cloned() else {
            return Err(SessionError::told(say::restores_none));
        };
        let mut scores = PictureScores::new(patches.degradation);
        let mut failed = None;
        let notes = pictures_of(source, patches.channels(), options, |name, picture| {
            if failed.is_none() {
                failed = scores.push(self, name, picture).err();
            }
            Ok(())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        notes.iter().for_each(&mut *tell);
        let std = patches.scale.std;
        let mse = |psnr: f64| 255.0f64.powi(2) / 10.0f64.powf(psnr / 10.0) / (std * std);
        let errors =
            scores.pictures.iter().filter_map(|one| one.network()).map(|one| mse(one.psnr));
        let loss = errors.sum::<f64>() / scores.pictures.len().max(1) as f64;
        Ok(Scores {
            loss,
            examples: scores.pictures.len(),
            pictures: Some(scores),
            ..Scores::default()
        })
    }

    /// Adds to the scores on patches those on the whole pictures of a part.
    pub(super) fn score_pictures(
        &mut self,
        scores: &mut Scores,
        part: &Patches,
    ) -> Result<(), SessionError> {
        let mut found = PictureScores::new(part.inputs().degradation);
        for (index, name) in part.names().enumerate() {
            found.push(self, name, part.picture(index)?)?;
        }
        scores.pictures = Some(found);
        Ok(())
    }
}

/// Adds to the scores of a run that is saved those on the whole pictures of its test part.
pub(super) fn complete(
    scores: &mut Scores,
    run: &Path,
    data: &Prepared,
    threads: usize,
) -> Result<(), SessionError> {
    let Some(patches) = data.test.as_patches() else { return Ok(()) };
    Trained::open(run, threads)?.score_pictures(scores, patches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Inputs, PixelScale, Target, Task};

    fn preprocessing(degradation: Degradation) -> Preprocessing {
        let scale = PixelScale { shape: vec![12, 12, 3], mean: 100.0, std: 50.0 };
        let task = match degradation {
            Degradation::Noise { .. } => Task::Denoise,
            Degradation::Reduced { .. } => Task::Upscale,
        };
        Preprocessing {
            version: 1,
            task,
            inputs: Inputs::Patches(PatchInputs { scale, degradation }),
            target: Target::Patches,
        }
    }

    #[test]
    fn usual_networks_fit_and_others_are_refused() {
        for degradation in [Degradation::Noise { sigma: 25.0 }, Degradation::Reduced { factor: 3 }]
        {
            let preprocessing = preprocessing(degradation);
            preprocessing.validate().expect("it is sound");
            let patches = preprocessing.patches().expect("it has patches");
            let (hidden, _) = usual_network(patches).expect("the defaults fit");
            check(&network(patches, hidden), &preprocessing).expect("it fits");
            let valid = vec![Conv2d::new(4, 3).into()];
            let error = check(&network(patches, valid), &preprocessing).expect_err("it shrinks");
            assert!(error.to_string().contains("padding=same"), "{error}");
        }
    }
}
