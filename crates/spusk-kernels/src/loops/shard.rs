//! Cuts the body of a loop by rows, so that threads need not wait for each other.

use std::ops::Range;

use super::Touched;
use crate::rows::Rows;
use crate::{Instruction, LANES, Loop, Place, Space};

/// The bodies of the groups of rows; the whole body alone if it does not treat its rows alike and
/// each by itself.
pub(super) fn shards(spec: &Loop, touched: &[Touched]) -> Vec<Vec<Instruction>> {
    let alone = || vec![spec.body.clone()];
    if spec.apart || spec.rows < 2 || !written_rows_agree(spec, touched) {
        return alone();
    }
    // A row of a convolution is a picture: enough work that few of them are worth a thread.
    let convolves = spec.body.iter().any(|one| matches!(one, Instruction::Conv(_)));
    let small = spec.rows.div_ceil(PICTURES).clamp(1, Loop::SHARD);
    let sizes = if convolves { [small, Loop::SHARD] } else { [Loop::SHARD; 2] };
    let cut = |size: usize| -> Option<Vec<_>> {
        let groups = (0..spec.rows).step_by(size);
        let groups = groups.map(|first| first..spec.rows.min(first + size));
        let body = |rows: Range<usize>| {
            let cut = |place: &Place| cut(spec, &rows, place);
            let whole = |place: &Place| whole(spec, touched, place);
            let rows = Rows { all: spec.rows, taken: rows.len(), cut: &cut, whole: &whole };
            spec.body.iter().map(|instruction| rows.instruction(instruction)).collect()
        };
        groups.map(body).collect()
    };
    let fitting = sizes.into_iter().filter(|&size| size < spec.rows);
    fitting.filter_map(cut).next().unwrap_or_else(alone)
}

/// Groups that the pictures of a loop are cut into, where there are as many.
const PICTURES: usize = 8;

/// A place with all that it sweeps, and the step from turn to turn.
pub(super) fn sweep(spec: &Loop, place: &Place) -> Option<(Place, usize)> {
    match place.space {
        Space::Work | Space::State | Space::Lent(_) => Some((*place, 0)),
        Space::Window(number) => {
            let window = spec.windows.get(usize::from(number))?;
            Some((window.place, window.stride))
        }
        Space::Local => None,
    }
}

/// Whether places of the buffers that meet, and of which one is written, are the same rows in every
/// turn: then no group of rows touches what another one writes.
fn written_rows_agree(spec: &Loop, touched: &[Touched]) -> bool {
    let mut written = touched.iter().flat_map(|t| &t.writes);
    written.all(|write| {
        touched.iter().flat_map(|t| t.reads.iter().chain(&t.writes)).all(|other| {
            let (Some(a), Some(b)) = (sweep(spec, write), sweep(spec, other)) else { return true };
            let same_slots = a.1 == b.1
                && write.len == other.len
                && write.offset == other.offset
                && match a.1 {
                    0 => true,
                    stride => a.0.offset.abs_diff(b.0.offset).is_multiple_of(stride),
                };
            !a.0.overlaps(&b.0) || same_slots
        })
    })
}

/// The rows of a place that holds all rows, one behind the other.
fn cut(spec: &Loop, rows: &Range<usize>, place: &Place) -> Option<Place> {
    if !place.len.is_multiple_of(spec.rows) {
        return None;
    }
    let each = place.len / spec.rows;
    // Local memory is each thread's own: its rows stand in front.
    let first = if place.space == Space::Local { 0 } else { rows.start };
    let offset = place.offset + first * each;
    let aligned = offset.is_multiple_of(LANES);
    aligned.then(|| Place { offset, len: rows.len() * each, ..*place })
}

/// A place that every group of rows reads as a whole: the loop must not write it.
fn whole(spec: &Loop, touched: &[Touched], place: &Place) -> Option<Place> {
    let (swept, _) = sweep(spec, place)?;
    let meets =
        |write: &Place| sweep(spec, write).is_some_and(|(written, _)| written.overlaps(&swept));
    let written = touched.iter().flat_map(|t| &t.writes).any(meets);
    (!written).then_some(*place)
}
