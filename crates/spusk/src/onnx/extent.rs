//! Sizes that grow with the batch, told from those that stay by tracing with two batch sizes.

/// A size, or another count of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// The same for every batch.
    Fixed(usize),
    /// This many times the size of the batch.
    Batches(usize),
}

impl Extent {
    /// The size that two batches have; `None` where it is no multiple of the batch.
    pub(super) fn of(sizes: [usize; 2], batches: [usize; 2]) -> Option<Extent> {
        if sizes[0] == sizes[1] {
            return Some(Extent::Fixed(sizes[0]));
        }
        let multiple = |i: usize| {
            let rest = sizes[i].checked_rem(batches[i])?;
            (rest == 0).then(|| sizes[i] / batches[i])
        };
        let (first, second) = (multiple(0)?, multiple(1)?);
        (first == second).then_some(Extent::Batches(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_is_told_from_what_stays() {
        let check = |sizes, want| assert_eq!(Extent::of(sizes, [2, 3]), want, "{sizes:?}");
        check([6, 6], Some(Extent::Fixed(6)));
        check([2, 3], Some(Extent::Batches(1)));
        check([10, 15], Some(Extent::Batches(5)));
        check([3, 4], None);
        check([4, 9], None);
        check([0, 0], Some(Extent::Fixed(0)));
        assert_eq!(Extent::of([4, 4], [4, 4]), Some(Extent::Fixed(4)));
    }
}
