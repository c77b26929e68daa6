//! A network applied to a picture tile by tile.

use std::ops::Range;

use spusk_graph::{Plan, Workspace};

use super::reach::reach;
use crate::data::PatchInputs;
use crate::messages as say;
use crate::model::Batch;
use crate::picture::{Picture, Raster, byte};
use crate::session::{SessionError, Trained};

/// A network that restores pictures, in tiles.
///
/// Tiles lie within the picture, so its edges are edges of tiles too, and overlap by twice what the network
/// sees; of every tile only what sees no cut is kept. So the result is that of the whole picture at once.
pub struct Tiles<'a> {
    trained: &'a mut Trained,
    inputs: PatchInputs,
    reach: usize,
    tile: usize,
    /// For the last size of tiles; a picture has one.
    plan: Option<([usize; 2], Plan<f32>, Workspace<f32>)>,
}

/// Along an axis: the pixels that a tile sees, and those of its result that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    sees: Range<usize>,
    keeps: Range<usize>,
}

/// Spans of one length that see all of `size` pixels and keep each once.
fn spans(size: usize, tile: usize, reach: usize) -> Vec<Span> {
    if size <= tile {
        return vec![Span { sees: 0..size, keeps: 0..size }];
    }
    let (mut spans, mut kept) = (Vec::new(), 0);
    while kept < size {
        let start = kept.saturating_sub(reach).min(size - tile);
        let end = start + tile;
        let keeps = kept..if end == size { size } else { end - reach };
        kept = keeps.end;
        spans.push(Span { sees: start..end, keeps });
    }
    spans
}

impl<'a> Tiles<'a> {
    /// Tiles of at most `tile` × `tile` pixels; at least 4 times as far as the network sees, since smaller
    /// ones would mostly overlap.
    ///
    /// # Errors
    /// If the network restores no pictures.
    pub fn new(trained: &'a mut Trained, tile: usize) -> Result<Tiles<'a>, SessionError> {
        let Some(inputs) = trained.preprocessing.patches().cloned() else {
            return Err(SessionError::told(say::restores_none));
        };
        let reach = reach(&trained.model.layers).map_err(SessionError::Said)?;
        Ok(Tiles { trained, inputs, reach, tile: tile.max(4 * reach).max(1), plan: None })
    }

    /// Pixels to each side that a pixel of the result may depend on.
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// The side of a tile.
    pub fn tile(&self) -> usize {
        self.tile
    }

    /// Bytes that the network takes beside the picture and the result, once a picture is restored.
    pub fn bytes(&self) -> usize {
        self.plan.as_ref().map_or(0, |(_, plan, _)| plan.cost().work_bytes)
    }

    /// The picture restored, of bytes; transparency is the caller's.
    ///
    /// # Errors
    /// If the network cannot be compiled for the tiles.
    pub fn restore(&mut self, picture: &dyn Raster) -> Result<Picture, SessionError> {
        let [height, width, channels] = picture.size();
        let factor = self.inputs.degradation.factor();
        if height == 0 || width == 0 {
            return Err(SessionError::told(say::picture_empty));
        }
        let mut to = Picture {
            height: height * factor,
            width: width * factor,
            channels,
            pixels: vec![0; height * width * channels * factor * factor],
            alpha: None,
        };
        let (down, across) =
            (spans(height, self.tile, self.reach), spans(width, self.tile, self.reach));
        for rows in &down {
            for columns in &across {
                self.restore_tile(picture, rows, columns, &mut to)?;
            }
        }
        Ok(to)
    }

    fn restore_tile(
        &mut self,
        picture: &dyn Raster,
        rows: &Span,
        columns: &Span,
        to: &mut Picture,
    ) -> Result<(), SessionError> {
        let [_, _, channels] = picture.size();
        let own = self.inputs.channels();
        let (tall, wide) = (rows.sees.len(), columns.sees.len());
        let mut values = vec![0.0; tall * wide * channels];
        for (y, row) in rows.sees.clone().zip(values.chunks_exact_mut(wide * channels)) {
            picture.row(y, columns.sees.start, row);
        }
        let mut encoded = vec![0.0; values.len()];
        self.inputs.scale.encode_floats(&values, &mut encoded);
        match (own, channels) {
            (own, channels) if own == channels => {
                let outputs = self.run([tall, wide], &encoded)?;
                self.keep(&outputs, own, rows, columns, to, |pixel, channel| pixel[channel]);
            }
            // A network for colors sees a gray picture as three equal ones.
            (3, 1) => {
                let colors: Vec<f32> = encoded.iter().flat_map(|&gray| [gray; 3]).collect();
                let outputs = self.run([tall, wide], &colors)?;
                self.keep(&outputs, own, rows, columns, to, |pixel, _| {
                    pixel.iter().sum::<f32>() / 3.0
                });
            }
            // A network for gray restores one color after the other.
            _ => {
                let mut all = Vec::new();
                for channel in 0..channels {
                    let plane: Vec<f32> =
                        encoded.iter().skip(channel).step_by(channels).copied().collect();
                    all.push(self.run([tall, wide], &plane)?);
                }
                let planes: Vec<f32> =
                    (0..all[0].len()).flat_map(|i| all.iter().map(move |plane| plane[i])).collect();
                self.keep(&planes, channels, rows, columns, to, |pixel, channel| pixel[channel]);
            }
        }
        Ok(())
    }

    /// Writes what is kept of a tile's result, `outputs[H, W, C]` of `own` channels.
    fn keep(
        &self,
        outputs: &[f32],
        own: usize,
        rows: &Span,
        columns: &Span,
        to: &mut Picture,
        value: impl Fn(&[f32], usize) -> f32,
    ) {
        let (factor, scale) = (self.inputs.degradation.factor(), &self.inputs.scale);
        let wide = columns.sees.len() * factor;
        for y in rows.keeps.start * factor..rows.keeps.end * factor {
            let row = (y - rows.sees.start * factor) * wide;
            for x in columns.keeps.start * factor..columns.keeps.end * factor {
                let at = (row + x - columns.sees.start * factor) * own;
                let place = (y * to.width + x) * to.channels;
                for channel in 0..to.channels {
                    let value = scale.decode(value(&outputs[at..at + own], channel)) as f32;
                    to.pixels[place + channel] = byte(value);
                }
            }
        }
    }

    /// The network's outputs for one tile `[H, W, C]`.
    fn run(&mut self, size: [usize; 2], features: &[f32]) -> Result<Vec<f32>, SessionError> {
        if self.plan.as_ref().is_none_or(|(known, ..)| *known != size) {
            let factor = self.inputs.degradation.factor();
            let shape = [size[0], size[1], self.inputs.channels()];
            let target = shape.iter().product::<usize>() * factor * factor;
            let batch = Batch { size: 1, features: shape.into(), target: [target].into() };
            let plan = self.trained.compile(&batch, false)?;
            let work = plan.workspace();
            self.plan = Some((size, plan, work));
        }
        let Some((_, plan, work)) = &mut self.plan else { return Ok(Vec::new()) };
        let Trained { team, state, .. } = &mut *self.trained;
        let given = [(plan.input_place("features")?, features)];
        plan.run_lending(team.threads(), team, state, work, &given)?;
        Ok(plan.output("outputs", &self.trained.state, work)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_kept_once_and_far_from_cuts() {
        for size in 1..90 {
            for (tile, reach) in [(16, 3), (8, 2), (12, 0), (100, 9)] {
                let all = spans(size, tile, reach);
                let mut next = 0;
                for span in &all {
                    assert_eq!(span.keeps.start, next);
                    assert_eq!(span.sees.len(), size.min(tile));
                    assert!(!span.keeps.is_empty() && span.sees.end <= size);
                    assert!(span.sees.start == 0 || span.keeps.start >= span.sees.start + reach);
                    assert!(span.sees.end == size || span.keeps.end + reach <= span.sees.end);
                    next = span.keeps.end;
                }
                assert_eq!(next, size);
            }
        }
    }
}
