//! Sequences of pictures in which a digit moves, and where to: what no single picture tells.

use super::digits;
use super::generated::{Chance, sizes};
use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::random;
use crate::data::raw::{Content, Labels, Opened, OwnTest, Pixels, RawPixels, Skipped};
use crate::data::store::{Room, Writer};
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "moving_digits",
    about: "8 pictures of 16 × 16 pixels through which a handwritten digit moves in one of 8 directions, \
            generated",
    example: "moving_digits:2000",
    claims: never,
    open,
};

/// Pictures of a sequence, pixels of a side, pixels of a digit's side.
const TURNS: usize = 8;
const SIDE: usize = 16;
const DIGIT: usize = 8;

/// Where to, with the step of a turn: down and to the right.
const DIRECTIONS: [(&str, usize, usize); 8] = [
    ("right", 0, 1),
    ("down right", 1, 1),
    ("down", 1, 0),
    ("down left", 1, SIDE - 1),
    ("left", 0, SIDE - 1),
    ("up left", SIDE - 1, SIDE - 1),
    ("up", SIDE - 1, 0),
    ("up right", SIDE - 1, 1),
];

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let points = sizes(&SOURCE, request, 2000, None)?.points;
    let noise = request.options.noise.unwrap_or(0.1);
    let (pixels, _) = digits::pixels_and_labels()?;
    let all: Vec<&[u8]> = pixels.chunks_exact(DIGIT * DIGIT).collect();
    let test = points.div_ceil(5);
    let rows = points + test;
    let key = random::key(request.options.seed, SOURCE.name);
    let room =
        Room { bytes: request.options.memory_limit / 2, folder: request.options.spool_dir.clone() };
    let mut writer = Writer::with_capacity((rows * TURNS * SIDE * SIDE) as u64, room)?;
    for row in 0..rows {
        let mut chance = Chance::of(key, row);
        let digit = all[below(&mut chance, all.len())];
        let (_, down, right) = DIRECTIONS[row % DIRECTIONS.len()];
        let place = [below(&mut chance, SIDE), below(&mut chance, SIDE)];
        writer.push(&sequence(digit, place, [down, right], noise, &mut chance))?;
    }
    Ok(Opened {
        name: SOURCE.name.to_owned(),
        kind: Said::new(|l| {
            say::data_generated(l, say::data_moving_digits(l, TURNS, l.digits(&noise.to_string())))
        }),
        content: Content::Pixels(RawPixels {
            shape: vec![TURNS, SIDE, SIDE, 1],
            rows,
            pixels: Pixels::Bytes(writer.finish()?),
            labels: Some(Labels {
                name: "direction".to_owned(),
                outputs: 1,
                values: (0..rows).map(|row| (row % DIRECTIONS.len()) as f64).collect(),
                classes: Some(DIRECTIONS.iter().map(|(name, ..)| name.to_string()).collect()),
                whole: true,
            }),
            files: None,
        }),
        own_test: OwnTest::Last(test),
        skipped: Skipped::new(),
        notes: Vec::new(),
    })
}

/// A whole number from 0 on below `count`.
fn below(chance: &mut Chance, count: usize) -> usize {
    ((chance.uniform() * count as f64) as usize).min(count - 1)
}

/// A digit that moves by a step from picture to picture; what leaves at one side comes in at the other, so
/// that a place tells nothing of the direction.
fn sequence(
    digit: &[u8],
    mut place: [usize; 2],
    step: [usize; 2],
    noise: f64,
    chance: &mut Chance,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(TURNS * SIDE * SIDE);
    for _ in 0..TURNS {
        let mut picture = [0.0; SIDE * SIDE];
        for (i, &ink) in digit.iter().enumerate() {
            let (down, right) = ((place[0] + i / DIGIT) % SIDE, (place[1] + i % DIGIT) % SIDE);
            picture[down * SIDE + right] = f64::from(ink) / 16.0;
        }
        let byte = |ink: &f64| ((ink + chance.normal(noise)).clamp(0.0, 1.0) * 255.0).round() as u8;
        bytes.extend(picture.iter().map(byte));
        place = [0, 1].map(|axis| (place[axis] + step[axis]) % SIDE);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_moves_one_pixel_a_turn_and_comes_in_again_at_the_other_side() {
        let mut digit = [0; DIGIT * DIGIT];
        digit[0] = 16;
        let mut chance = Chance::of(1, 2);
        let bytes = sequence(&digit, [15, 3], [1, SIDE - 1], 0.0, &mut chance);
        let places: Vec<usize> = bytes
            .chunks_exact(SIDE * SIDE)
            .map(|picture| picture.iter().position(|&byte| byte == 255).expect("one is white"))
            .collect();
        let at = |down: usize, right: usize| down * SIDE + right;
        assert_eq!(places[..5], [at(15, 3), at(0, 2), at(1, 1), at(2, 0), at(3, 15)]);
        assert_eq!(bytes.iter().filter(|&&byte| byte > 0).count(), TURNS);
    }
}
