//! Where values stand in the work buffer.

use spusk_kernels::LANES;

/// A value's memory and the time in which it is used, in positions of the schedule, inclusive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) size: usize,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// Offsets for every block such that blocks alive at once do not meet, and the length of it all.
///
/// Greedy by size: the largest first, each at the lowest offset that is free while it lives
/// (Pisarchyk and Lee 2020).
pub(crate) fn pack(blocks: &[Block]) -> (Vec<usize>, usize) {
    let mut by_size: Vec<usize> = (0..blocks.len()).collect();
    by_size.sort_by_key(|&i| (std::cmp::Reverse(blocks[i].size), blocks[i].first, i));
    let mut offsets = vec![0; blocks.len()];
    // Placed blocks, by offset.
    let mut placed: Vec<usize> = Vec::with_capacity(blocks.len());
    let mut length = 0;
    for i in by_size {
        let block = &blocks[i];
        let size = block.size.next_multiple_of(LANES);
        let mut offset = 0;
        for &other in &placed {
            let (start, end) =
                (offsets[other], offsets[other] + blocks[other].size.next_multiple_of(LANES));
            let together = blocks[other].first <= block.last && block.first <= blocks[other].last;
            if together && start < offset + size {
                offset = offset.max(end);
            }
        }
        offsets[i] = offset;
        length = length.max(offset + size);
        let at = placed.partition_point(|&other| offsets[other] <= offset);
        placed.insert(at, i);
    }
    (offsets, length)
}

/// The most elements alive at once: no packing can be shorter.
#[cfg(test)]
fn lower_bound(blocks: &[Block]) -> usize {
    let alive = |time: usize| {
        let now = blocks.iter().filter(|b| b.first <= time && time <= b.last);
        now.map(|b| b.size.next_multiple_of(LANES)).sum::<usize>()
    };
    blocks.iter().map(|block| alive(block.first)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_alive_at_once_never_meet(
            raw in prop::collection::vec((1usize..200, 0usize..30, 0usize..10), 0..60)
        ) {
            let blocks: Vec<Block> = (raw.iter())
                .map(|&(size, first, more)| Block { size, first, last: first + more })
                .collect();
            let (offsets, length) = pack(&blocks);
            for (i, a) in blocks.iter().enumerate() {
                prop_assert!(offsets[i] % LANES == 0 && offsets[i] + a.size <= length);
                for (j, b) in blocks.iter().enumerate().skip(i + 1) {
                    let together = a.first <= b.last && b.first <= a.last;
                    let apart =
                        offsets[i] + a.size <= offsets[j] || offsets[j] + b.size <= offsets[i];
                    prop_assert!(!together || apart);
                }
            }
            prop_assert!(length >= lower_bound(&blocks));
        }
    }
}
