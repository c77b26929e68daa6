//! How well pictures are restored, beside what needs no network.

use serde::{Deserialize, Serialize};

use super::TILE;
use crate::data::Degradation;
use crate::messages::{self as say, Said};
use crate::metrics::Likeness;
use crate::picture::{Kernel, Noisy, Picture, Raster, resize};
use crate::plot::{ComparedImage, ComparedPicture};
use crate::session::{SessionError, Trained};

/// Scores on whole pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureScores {
    /// How they were spoiled.
    pub degradation: Degradation,
    /// Each picture.
    pub pictures: Vec<PictureScore>,
    /// A part of some, for people.
    pub shown: Vec<ComparedPicture>,
}

/// Scores on one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureScore {
    /// Its file.
    pub name: String,
    /// Pixels down.
    pub height: usize,
    /// Pixels across.
    pub width: usize,
    /// What was done to it, the network last.
    pub methods: Vec<MethodScore>,
}

/// How near one way of restoring comes to the true picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodScore {
    /// `noisy`, `bilinear`, `bicubic`, `network`.
    pub name: String,
    /// How near.
    pub likeness: Likeness,
}

/// The network's name among the methods.
pub(crate) const NETWORK: &str = "network";

/// Pictures of which a part is shown.
const SHOWN: usize = 4;
/// The side of that part, at most.
const SHOWN_SIDE: usize = 96;

impl PictureScore {
    /// What the network reached.
    pub fn network(&self) -> Option<&Likeness> {
        self.methods.iter().find(|method| method.name == NETWORK).map(|method| &method.likeness)
    }
}

impl PictureScores {
    pub(super) fn new(degradation: Degradation) -> PictureScores {
        PictureScores { degradation, pictures: Vec::new(), shown: Vec::new() }
    }

    /// The mean over pictures of every method; none of no pictures.
    pub fn means(&self) -> Vec<MethodScore> {
        let Some(first) = self.pictures.first() else { return Vec::new() };
        let mean = |(i, method): (usize, &MethodScore)| {
            let all = || self.pictures.iter().filter_map(move |one| one.methods.get(i));
            let count = all().count() as f64;
            let ssim: Option<Vec<f64>> = all().map(|method| method.likeness.ssim).collect();
            let likeness = Likeness {
                psnr: all().map(|method| method.likeness.psnr).sum::<f64>() / count,
                ssim: ssim.map(|all| all.iter().sum::<f64>() / count),
            };
            MethodScore { name: method.name.clone(), likeness }
        };
        first.methods.iter().enumerate().map(mean).collect()
    }

    /// The network's mean PSNR above the best of what needs no network, in dB.
    pub fn gain(&self) -> Option<f64> {
        let means = self.means();
        let (network, others) = means.split_last()?;
        let best = others.iter().map(|method| method.likeness.psnr).fold(f64::MIN, f64::max);
        (network.name == NETWORK && !others.is_empty()).then_some(network.likeness.psnr - best)
    }

    /// Spoils a picture, restores it, and compares.
    pub(super) fn push(
        &mut self,
        trained: &mut Trained,
        name: &str,
        truth: Picture,
    ) -> Result<(), SessionError> {
        match self.degradation {
            Degradation::Noise { sigma } => {
                let seed = trained.experiment.training.seed;
                let noisy = Noisy { picture: &truth, sigma, seed };
                let network = trained.enhance(&noisy, TILE)?;
                let seen = Picture::of(&noisy);
                self.add(
                    name,
                    &truth,
                    &[("noisy", &noisy, &seen), (NETWORK, &network, &network)],
                    None,
                );
            }
            Degradation::Reduced { factor } => {
                let (height, width) = (truth.height / factor, truth.width / factor);
                if height == 0 || width == 0 {
                    return Err(SessionError::told(|l| {
                        say::picture_too_small(l, name, truth.height, truth.width, factor)
                    }));
                }
                let truth = truth.crop(0, 0, height * factor, width * factor);
                let small = resize(&truth, height, width, Kernel::Bicubic);
                let of = |kernel| resize(&small, height * factor, width * factor, kernel);
                let (linear, cubic) = (of(Kernel::Bilinear), of(Kernel::Bicubic));
                let network = trained.enhance(&small, TILE)?;
                let methods: [(&str, &dyn Raster, &Picture); 3] = [
                    (Kernel::Bilinear.name(), &linear, &linear),
                    (Kernel::Bicubic.name(), &cubic, &cubic),
                    (NETWORK, &network, &network),
                ];
                self.add(name, &truth, &methods, Some((&small, factor)));
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        name: &str,
        truth: &Picture,
        methods: &[(&str, &dyn Raster, &Picture)],
        small: Option<(&Picture, usize)>,
    ) {
        let score = |&(name, values, _): &(&str, &dyn Raster, &Picture)| MethodScore {
            name: name.into(),
            likeness: Likeness::of(values, truth).unwrap_or_default(),
        };
        self.pictures.push(PictureScore {
            name: name.into(),
            height: truth.height,
            width: truth.width,
            methods: methods.iter().map(score).collect(),
        });
        if self.shown.len() == SHOWN {
            return;
        }
        let factor = small.map_or(1, |(_, factor)| factor);
        let [y, x, tall, wide] = liveliest(truth, factor);
        let part = truth.crop(y, x, tall, wide);
        let mut images = Vec::new();
        if let Some((small, factor)) = small {
            let given = small.crop(y / factor, x / factor, tall / factor, wide / factor);
            images.push(shown("given", given, None));
        }
        for (name, _, seen) in methods {
            let own = seen.crop(y, x, tall, wide);
            let likeness = Likeness::of(&own, &part);
            images.push(shown(name, own, likeness));
        }
        images.push(shown("true", part, None));
        self.shown.push(ComparedPicture { name: name.into(), images });
    }
}

fn shown(label: &str, picture: Picture, likeness: Option<Likeness>) -> ComparedImage {
    ComparedImage {
        label: Said::new(|l| say::method(l, label)),
        height: picture.height,
        width: picture.width,
        channels: picture.channels,
        pixels: picture.pixels,
        likeness,
    }
}

/// The part (y, x, height, width) of a picture with the most detail: the mean difference of neighbors in a
/// row. All are multiples of `factor`.
fn liveliest(picture: &Picture, factor: usize) -> [usize; 4] {
    let whole = |size: usize| size / factor * factor;
    let (tall, wide) =
        (whole(picture.height.min(SHOWN_SIDE)).max(1), whole(picture.width.min(SHOWN_SIDE)).max(1));
    let detail = |y: usize, x: usize| -> u64 {
        let part = picture.crop(y, x, tall, wide);
        let rows = part.pixels.chunks_exact(part.width * part.channels);
        let row = |row: &[u8]| -> u64 {
            row.iter().zip(&row[part.channels..]).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
        };
        rows.map(row).sum()
    };
    let places = |size: usize, part: usize| (0..=size - part).step_by(whole(part / 2).max(factor));
    let all =
        places(picture.height, tall).flat_map(|y| places(picture.width, wide).map(move |x| (y, x)));
    let (y, x) = all.max_by_key(|&(y, x)| detail(y, x)).unwrap_or((0, 0));
    [y, x, tall, wide]
}
