//! Splits: which rows train, which validate, which are held out to the end.

use super::permutation::Permutation;
use super::random;
use super::raw::OwnTest;

/// The part of the data that a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Part {
    /// The weights and the preprocessing are fitted on these rows.
    Train,
    /// Watched during training: early stopping and the automatic choices look at these rows.
    Validation,
    /// Looked at once, at the end.
    Test,
    /// Not used; the accounting says why.
    Skipped,
}

/// The shares that are held out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// The test part as a share of all rows, in [0, 1).
    pub test: f64,
    /// The validation part as a share of the rows that are not test rows, in [0, 1).
    pub validation: f64,
}

/// The label of a row that is not used.
pub const UNUSED: u32 = u32::MAX;
/// The label of a row that is not used because a cell of it is missing.
pub(crate) const INCOMPLETE: u32 = u32::MAX - 1;

/// The seed of the test parts that do not depend on the user's seed.
const FIXED: u64 = 0x5350_5553_4b00_7e57;

/// Deals rows to parts with exact counts, stratified for classes.
///
/// `labels` holds the class of each row (0 for all rows of a regression) or [`UNUSED`]. The result
/// is a pure function of the arguments.
pub fn split(labels: &[u32], shares: Shares, seed: u64) -> Vec<Part> {
    parts(labels, OwnTest::None, shares, seed)
}

/// As [`split`], but a test part that the source brings along stays what it is.
pub(crate) fn parts(labels: &[u32], own: OwnTest, shares: Shares, seed: u64) -> Vec<Part> {
    let mut parts: Vec<Part> = labels
        .iter()
        .map(|&label| if label >= INCOMPLETE { Part::Skipped } else { Part::Train })
        .collect();
    match own {
        OwnTest::None => hold_out(labels, &mut parts, Part::Test, shares.test, seed),
        OwnTest::Fixed => hold_out(labels, &mut parts, Part::Test, shares.test, FIXED),
        OwnTest::Last(count) => {
            let first = parts.len().saturating_sub(count);
            let test = parts[first..].iter_mut().filter(|part| **part == Part::Train);
            test.for_each(|part| *part = Part::Test);
        }
    }
    hold_out(labels, &mut parts, Part::Validation, shares.validation, seed);
    parts
}

/// Moves a share of the rows that still train to another part.
///
/// The k-th of these rows of a class goes where a keyed permutation of that class sends k.
fn hold_out(labels: &[u32], parts: &mut [Part], to: Part, share: f64, seed: u64) {
    let mut sizes = Vec::new();
    for (&label, &part) in labels.iter().zip(&*parts) {
        if part == Part::Train {
            let class = label as usize;
            sizes.resize(sizes.len().max(class + 1), 0);
            sizes[class] += 1;
        }
    }
    let held = shared(&sizes, share);
    let key = random::key(seed, if to == Part::Test { "test" } else { "validation" });
    let orders: Vec<Permutation> = sizes
        .iter()
        .enumerate()
        .map(|(class, &size)| Permutation::new(size, random::word(key, class as u64)))
        .collect();
    let mut seen = vec![0; sizes.len()];
    for (&label, part) in labels.iter().zip(parts) {
        if *part == Part::Train {
            let class = label as usize;
            if orders[class].at(seen[class]) < held[class] {
                *part = to;
            }
            seen[class] += 1;
        }
    }
}

/// How many rows of each class are held out, so that the sum is `share` of all, rounded.
///
/// Shared among the classes by largest remainder; the last row of a class always trains, so a class
/// with one example is never held out.
fn shared(sizes: &[usize], share: f64) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let room: usize = sizes.iter().map(|&size| size.saturating_sub(1)).sum();
    let wanted = ((total as f64 * share).round() as usize).min(room);
    let exact = |class: usize| sizes[class] as f64 * share;
    let limit = |class: usize| sizes[class].saturating_sub(1);
    let mut held: Vec<usize> =
        (0..sizes.len()).map(|class| (exact(class).floor() as usize).min(limit(class))).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| exact(b).fract().total_cmp(&exact(a).fract()).then(a.cmp(&b)));
    let mut missing = wanted.saturating_sub(held.iter().sum());
    // More than one turn only where small classes could not give their share.
    while missing > 0 {
        for &class in &order {
            if missing > 0 && held[class] < limit(class) {
                held[class] += 1;
                missing -= 1;
            }
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(parts: &[Part], part: Part) -> usize {
        parts.iter().filter(|&&other| other == part).count()
    }

    #[test]
    fn counts_are_exact_and_stratified() {
        let labels: Vec<u32> = (0..150).map(|row| row / 50).collect();
        let shares = Shares { test: 0.2, validation: 0.1 };
        for seed in 0..20 {
            let parts = split(&labels, shares, seed);
            assert_eq!(count(&parts, Part::Test), 30);
            assert_eq!(count(&parts, Part::Validation), 12);
            for class in 0..3 {
                assert_eq!(count(&parts[50 * class..50 * (class + 1)], Part::Test), 10);
                assert_eq!(count(&parts[50 * class..50 * (class + 1)], Part::Validation), 4);
            }
        }
    }

    #[test]
    fn a_split_is_a_function_of_the_seed() {
        let labels = vec![0; 500];
        let shares = Shares { test: 0.2, validation: 0.1 };
        assert_eq!(split(&labels, shares, 5), split(&labels, shares, 5));
        assert_ne!(split(&labels, shares, 5), split(&labels, shares, 6));
    }

    #[test]
    fn a_class_with_one_example_trains() {
        let mut labels = vec![0; 9];
        labels.push(1);
        let parts = split(&labels, Shares { test: 0.4, validation: 0.3 }, 1);
        assert_eq!(parts[9], Part::Train);
        assert_eq!(count(&parts, Part::Test), 4);
        // Many single examples leave nothing to hold out.
        let labels: Vec<u32> = (0..10).collect();
        let parts = split(&labels, Shares { test: 0.5, validation: 0.5 }, 1);
        assert_eq!(count(&parts, Part::Train), 10);
    }

    #[test]
    fn own_test_parts_stay() {
        let labels: Vec<u32> =
            (0..100).map(|row| if row == 99 { UNUSED } else { row % 2 }).collect();
        let shares = Shares { test: 0.2, validation: 0.1 };
        let last = parts(&labels, OwnTest::Last(30), shares, 1);
        assert!(last[70..99].iter().all(|&part| part == Part::Test));
        assert_eq!(last[99], Part::Skipped);
        assert_eq!((count(&last, Part::Test), count(&last, Part::Validation)), (29, 7));
        let tested = |seed| {
            let parts = parts(&labels, OwnTest::Fixed, shares, seed);
            parts.iter().map(|&part| part == Part::Test).collect::<Vec<_>>()
        };
        assert_eq!(tested(1), tested(2));
        assert_eq!(tested(1).iter().filter(|&&test| test).count(), 20);
    }

    #[test]
    fn nothing_is_held_out_when_nothing_is_asked() {
        assert_eq!(shared(&[3, 4, 0], 0.0), [0, 0, 0]);
        assert_eq!(shared(&[], 0.5), [0usize; 0]);
        assert_eq!(shared(&[1], 0.9), [0]);
    }

    #[test]
    fn every_row_trains_in_about_its_share_of_seeds() {
        let labels = vec![0; 40];
        let mut tested = vec![0; 40];
        for seed in 0..2000 {
            let parts = split(&labels, Shares { test: 0.25, validation: 0.0 }, seed);
            for (tested, part) in tested.iter_mut().zip(parts) {
                *tested += usize::from(part == Part::Test);
            }
        }
        assert!(tested.iter().all(|&tested| (400..600).contains(&tested)), "{tested:?}");
    }
}
