//! What an autoencoder needs beside other networks: where its code is, the comparison with principal
//! component analysis, and its pictures.

use super::{Scores, SessionError};
use crate::data::{Encoded, Inputs, PixelScale, Prepared};
use crate::engine::Engine;
use crate::layers::{AnyLayer, Code, Dense, Relu};
use crate::messages::{self as say, Said};
use crate::metrics::PcaScores;
use crate::pca::Pca;
use crate::plot::{CodeMap, CodePoint, Reconstructed, Reconstructions};
use crate::train::{Examples, Shuffled};

/// Numbers in the code where nobody says how many.
fn usual_code(width: usize) -> usize {
    (width / 8).clamp(width.min(2), 32)
}

/// Dense layers that narrow down to the code and widen again: an encoder and its mirror image.
///
/// The widths between fall by about the same factor each.
pub(super) fn usual_layers(width: usize) -> Vec<AnyLayer> {
    let hidden = if width >= 256 { [512, 256] } else { [128, 64] };
    let mut layers: Vec<AnyLayer> = Vec::new();
    for width in hidden {
        layers.extend([Dense::new(width).into(), Relu.into()]);
    }
    layers.extend([Dense::new(usual_code(width)).into(), Code.into()]);
    for width in hidden.into_iter().rev() {
        layers.extend([Dense::new(width).into(), Relu.into()]);
    }
    layers
}

/// Marks the code behind the narrowest layer where no layer says where it is; `widths` are the
/// layers' outputs. The second is a sentence that says so.
pub(super) fn with_code(
    mut layers: Vec<AnyLayer>,
    widths: &[usize],
) -> (Vec<AnyLayer>, Option<Said>) {
    if layers.iter().any(has_code) {
        return (layers, None);
    }
    let narrowest = widths.iter().take(layers.len()).min().copied();
    let Some(at) = widths.iter().take(layers.len()).rposition(|&width| Some(width) == narrowest)
    else {
        return (layers, None);
    };
    let layer = layers[at].to_spec();
    let note = Said::new(|l| say::chosen_code(l, &layer));
    layers.insert(at + 1, Code.into());
    (layers, Some(note))
}

fn has_code(layer: &AnyLayer) -> bool {
    fn inside(spec: &crate::spec::Spec) -> bool {
        spec.name == "code" || spec.layers.iter().any(inside)
    }
    inside(&layer.to_spec())
}

/// The scores of principal component analysis with `components` numbers on a part of the data.
pub(super) fn pca_scores(
    data: &Prepared,
    part: &Encoded,
    components: usize,
    threads: usize,
) -> Result<PcaScores, SessionError> {
    let width = data.train.width();
    let mut unused = vec![0.0; width];
    let mut row_of = |row: usize, to: &mut [f32]| -> Result<(), SessionError> {
        Ok(data.train.row(row, to, &mut unused)?)
    };
    let pca = Pca::fit(data.train.len(), width, components, threads, &mut row_of)?;
    let (mut row, mut unused) = (vec![0.0; width], vec![0.0; width]);
    let mut sum = 0.0;
    for index in 0..part.len() {
        part.row(index, &mut row, &mut unused)?;
        sum += pca.row_error(&row);
    }
    Ok(PcaScores {
        components: pca.components.len(),
        fitted_to: pca.rows as u64,
        mse: (!part.is_empty()).then(|| sum / part.len() as f64),
    })
}

/// Adds to the scores of an autoencoder what its code and principal component analysis are.
pub(super) fn complete(
    scores: &mut Scores,
    engine: &mut Engine,
    data: &Prepared,
) -> Result<(), SessionError> {
    let Some(found) = &mut scores.reconstruction else { return Ok(()) };
    found.code = code_size(engine, data)?;
    if found.code > 0 {
        found.pca = Some(pca_scores(data, &data.test, found.code, engine.threads())?);
    }
    Ok(())
}

/// Numbers in the code; 0 if there is none.
fn code_size(engine: &mut Engine, data: &Prepared) -> Result<usize, SessionError> {
    Ok(codes(engine, &data.train, 1, |_, _, _| {})?.first().map_or(0, Vec::len))
}

/// Examples on the map of the codes.
const POINTS: usize = 2000;

/// Examples that are shown beside what is given back.
const SHOWN: usize = 20;

/// The map of the codes and, of images, some that are given back.
pub(super) fn pictures(
    engine: &mut Engine,
    data: &Prepared,
) -> Result<(CodeMap, Option<Reconstructions>), SessionError> {
    let part = if data.test.is_empty() { &data.train } else { &data.test };
    let mut shown: Vec<(Vec<f32>, Vec<f32>, f64)> = Vec::new();
    let codes = codes(engine, part, POINTS, |inputs, given_back, error| {
        if shown.len() < SHOWN {
            shown.push((inputs.to_vec(), given_back.to_vec(), error));
        }
    })?;
    let stride = part.len().div_ceil(POINTS).max(1);
    let labels = (0..codes.len()).map(|i| part.label(i * stride));
    let labels = labels.collect::<Result<Vec<_>, _>>()?;
    let map = code_map(&codes, &labels, data.preprocessing.class_names())?;
    let Inputs::Pixels(scale) = &data.preprocessing.inputs else { return Ok((map, None)) };
    Ok((map, reconstructions(scale, &shown)))
}

/// The codes of an even choice of at most `most` examples; `take` sees inputs, what is given back, and
/// the error.
fn codes(
    engine: &mut Engine,
    part: &Encoded,
    most: usize,
    mut take: impl FnMut(&[f32], &[f32], f64),
) -> Result<Vec<Vec<f32>>, SessionError> {
    let stride = part.len().div_ceil(most.max(1)).max(1);
    let rows: Vec<usize> = (0..part.len()).step_by(stride).collect();
    let (examples, width) = (Shuffled::new(part, 0, false), part.width());
    let mut all = Vec::new();
    for rows in rows.chunks(256) {
        let fill = |features: &mut [f32], targets: &mut [f32]| {
            let places = features.chunks_mut(width).zip(targets.chunks_mut(width));
            for (&row, (features, targets)) in rows.iter().zip(places) {
                examples.fill_in_order(row..row + 1, features, targets)?;
            }
            Ok::<(), SessionError>(())
        };
        engine.evaluate(rows.len(), fill, |_, given_back, targets| {
            for (back, row) in given_back.chunks(width).zip(targets.chunks(width)) {
                take(row, back, crate::metrics::row_error(back, row));
            }
        })?;
        let Some(codes) = engine.last_evaluated(rows.len(), "code") else { return Ok(Vec::new()) };
        let size = codes.len() / rows.len().max(1);
        all.extend(codes.chunks(size.max(1)).map(<[f32]>::to_vec));
    }
    Ok(all)
}

/// The codes in a plane: as they are if they are two numbers, else along their two main directions.
///
/// # Errors
/// None that finite codes can have.
pub fn code_map(
    codes: &[Vec<f32>],
    labels: &[Option<usize>],
    classes: &[String],
) -> Result<CodeMap, SessionError> {
    let width = codes.first().map_or(0, Vec::len);
    let place: Place = match width {
        0 => Box::new(|_| (0.0, 0.0)),
        1 => Box::new(|code| (f64::from(code[0]), 0.0)),
        2 => Box::new(|code| (f64::from(code[0]), f64::from(code[1]))),
        _ => {
            let mut row_of = |i: usize, to: &mut [f32]| -> Result<(), SessionError> {
                to.copy_from_slice(&codes[i]);
                Ok(())
            };
            let pca = Pca::fit(codes.len(), width, 2, 1, &mut row_of)?;
            Box::new(move |code| {
                let along = pca.encode(code);
                (along.first().copied().unwrap_or(0.0), along.get(1).copied().unwrap_or(0.0))
            })
        }
    };
    let [x_label, y_label] = match width {
        0..=2 => [Said::new(say::code_first_number), Said::new(say::code_second_number)],
        _ => [Said::new(say::code_first_direction), Said::new(say::code_second_direction)],
    };
    let point = |(code, &class): (&Vec<f32>, &Option<usize>)| {
        let (x, y) = place(code);
        CodePoint { x, y, class }
    };
    Ok(CodeMap {
        x_label,
        y_label,
        classes: classes.to_vec(),
        points: codes.iter().zip(labels).map(point).collect(),
        ..CodeMap::default()
    })
}

/// A row, what is given back of it, and the error.
type Shown = (Vec<f32>, Vec<f32>, f64);
/// The place of a code on the map.
type Place = Box<dyn Fn(&Vec<f32>) -> (f64, f64)>;

/// Images above what is given back of them; none where the rows are no images.
pub fn reconstructions(
    scale: &PixelScale,
    shown: &[(Vec<f32>, Vec<f32>, f64)],
) -> Option<Reconstructions> {
    let &[height, width, channels @ (1 | 3)] = &scale.shape[..] else { return None };
    let raw = |row: &Vec<f32>| row.iter().map(|&x| scale.decode(x)).collect::<Vec<f64>>();
    let originals: Vec<Vec<f64>> = shown.iter().map(|(row, ..)| raw(row)).collect();
    // Sets differ in what white is: 1, 16, 255.
    let all = || originals.iter().flatten().copied();
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
    let gray = |value: &f64| ((value - low) / (high - low).max(1e-9) * 255.0).round() as u8;
    let image = |((_, back, error), original): (&Shown, &Vec<f64>)| Reconstructed {
        width,
        height,
        channels,
        original: original.iter().map(gray).collect(),
        given_back: raw(back).iter().map(gray).collect(),
        error: *error,
    };
    Some(Reconstructions {
        images: shown.iter().zip(&originals).map(image).collect(),
        ..Reconstructions::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(layers: &[AnyLayer]) -> String {
        crate::experiment::print_layers(&super::super::resolve::written(layers))
    }

    #[test]
    fn the_code_is_marked_behind_the_narrowest_layer() {
        let layers: Vec<AnyLayer> =
            vec![Dense::new(8).into(), Dense::new(2).into(), Relu.into(), Dense::new(8).into()];
        let (marked, note) = with_code(layers, &[8, 2, 2, 8]);
        assert_eq!(printed(&marked), "dense 8, dense 2, relu, code, dense 8");
        assert_eq!(
            note.expect("it is told").english(),
            "the code is the output of `relu`, the narrowest layer; the layer `code` marks another"
        );
        let (same, note) = with_code(marked.clone(), &[8, 2, 2, 2, 8]);
        assert_eq!((printed(&same), note), (printed(&marked), None));
    }

    #[test]
    fn the_usual_layers_narrow_down_and_widen() {
        let text =
            "dense 128, relu, dense 64, relu, dense 8, code, dense 64, relu, dense 128, relu";
        assert_eq!(printed(&usual_layers(64)), text);
        assert_eq!((usual_code(1), usual_code(4), usual_code(784)), (1, 2, 32));
    }

    #[test]
    fn codes_of_two_numbers_are_their_own_map() {
        let codes = vec![vec![1.0, 2.0], vec![3.0, 4.0]];
        let map = code_map(&codes, &[Some(1), None], &["a".into(), "b".into()]).expect("finite");
        let points: Vec<_> = map.points.iter().map(|p| (p.x, p.y, p.class)).collect();
        assert_eq!(points, [(1.0, 2.0, Some(1)), (3.0, 4.0, None)]);
        let long: Vec<Vec<f32>> = (0..9).map(|i| vec![i as f32, 0.0, 1.0]).collect();
        let map = code_map(&long, &[None; 9], &[]).expect("finite");
        assert!((map.points[8].x - map.points[0].x - 8.0).abs() < 1e-9);
        assert!(map.points.iter().all(|p| p.y.abs() < 1e-9));
    }
}
