//! A number cut into nearly equal parts.

use std::ops::Range;

/// `count` things in `parts` parts, of which the first ones have one more than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    parts: usize,
    count: usize,
    size: usize,
    larger: usize,
}

impl Cut {
    /// As few parts as possible of at most `max` things.
    pub(crate) fn new(count: usize, max: usize) -> Cut {
        Cut::into(count, count.div_ceil(max))
    }

    /// A given number of parts; none only for nothing.
    pub(crate) fn into(count: usize, parts: usize) -> Cut {
        let divisor = parts.max(1);
        Cut { parts, count, size: count / divisor, larger: count % divisor }
    }

    /// Number of parts.
    pub(crate) fn parts(&self) -> usize {
        self.parts
    }

    /// Number of things.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Size of the largest part.
    pub(crate) fn max(&self) -> usize {
        self.size + usize::from(self.larger > 0)
    }

    /// Size of the smallest part.
    pub(crate) fn min(&self) -> usize {
        self.size
    }

    /// The first thing of a part, or the end of the last one.
    pub(crate) fn first(&self, part: usize) -> usize {
        part * self.size + part.min(self.larger)
    }

    /// The number of things in a part.
    pub(crate) fn size(&self, part: usize) -> usize {
        self.size + usize::from(part < self.larger)
    }

    /// The things of a part.
    pub(crate) fn range(&self, part: usize) -> Range<usize> {
        self.first(part)..self.first(part + 1)
    }

    /// Some neighboring parts by themselves.
    pub(crate) fn slice(&self, parts: Range<usize>) -> Cut {
        Cut {
            parts: parts.len(),
            count: self.first(parts.end) - self.first(parts.start),
            size: self.size,
            larger: self.larger.clamp(parts.start, parts.end) - parts.start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_nearly_equal_and_meet() {
        for count in 0..50 {
            for max in 1..10 {
                let cut = Cut::new(count, max);
                assert_eq!(cut.parts(), count.div_ceil(max));
                let mut next = 0;
                for part in 0..cut.parts() {
                    let range = cut.range(part);
                    assert_eq!((range.start, range.len()), (next, cut.size(part)));
                    assert!(range.len() <= max && range.len() + 1 >= cut.max());
                    next = range.end;
                }
                assert_eq!(next, count);
                for start in 0..=cut.parts() {
                    for end in start..=cut.parts() {
                        let slice = cut.slice(start..end);
                        let sizes: Vec<usize> = (start..end).map(|part| cut.size(part)).collect();
                        let got: Vec<usize> =
                            (0..slice.parts()).map(|part| slice.size(part)).collect();
                        assert_eq!(got, sizes);
                        assert_eq!(slice.count(), sizes.iter().sum::<usize>());
                    }
                }
            }
        }
    }
}
