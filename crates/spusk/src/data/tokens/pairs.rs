//! Byte-pair encoding: the most frequent pair of neighbors becomes one token, again and again.
//!
//! Own code: the well-kept crate for this brings about sixty others, for a hundred lines.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::FIRST_MERGE;

type Pair = (u32, u32);

/// Words that merges are learned from, the most frequent ones: more change little and cost much.
const MOST_WORDS: usize = 200_000;

/// The number of a byte.
fn byte_number(byte: u8) -> u32 {
    u32::from(byte) + 1
}

/// Up to `most` merges of pairs that come at least `least` times in `words` with their counts.
pub(super) fn learn_merges(words: &[(String, u64)], most: usize, least: u64) -> Vec<Pair> {
    let words = &words[..words.len().min(MOST_WORDS)];
    let mut spelled: Vec<(Vec<u32>, u64)> = words
        .iter()
        .map(|(word, count)| (word.bytes().map(byte_number).collect(), *count))
        .collect();
    let mut pairs = Pairs::default();
    for (index, (word, count)) in spelled.iter().enumerate() {
        word.windows(2).for_each(|pair| pairs.add((pair[0], pair[1]), *count, index));
    }
    let mut queue: BinaryHeap<(u64, Reverse<Pair>)> =
        pairs.counts.iter().map(|(&pair, &count)| (count, Reverse(pair))).collect();
    let mut merges = Vec::new();
    while merges.len() < most
        && let Some((count, Reverse(pair))) = queue.pop()
    {
        let now = pairs.counts.get(&pair).copied().unwrap_or(0);
        if now != count {
            // Counts in the queue grow old.
            if now > 0 {
                queue.push((now, Reverse(pair)));
            }
            continue;
        }
        if count < least.max(1) {
            break;
        }
        let new = (FIRST_MERGE + merges.len()) as u32;
        merges.push(pair);
        let mut changed: HashSet<Pair> = HashSet::new();
        for index in pairs.places.remove(&pair).unwrap_or_default() {
            let (word, count) = &mut spelled[index];
            for old in word.windows(2) {
                pairs.remove((old[0], old[1]), *count);
            }
            merge(word, pair, new);
            for fresh in word.windows(2) {
                let fresh = (fresh[0], fresh[1]);
                pairs.add(fresh, *count, index);
                if fresh.0 == new || fresh.1 == new {
                    changed.insert(fresh);
                }
            }
        }
        pairs.counts.remove(&pair);
        // The order in which equals enter the queue does not matter: it is a total order.
        queue.extend(changed.into_iter().map(|pair| (pairs.counts[&pair], Reverse(pair))));
    }
    merges
}

/// How often pairs come, and in which words.
#[derive(Default)]
struct Pairs {
    counts: HashMap<Pair, u64>,
    places: HashMap<Pair, HashSet<usize>>,
}

impl Pairs {
    fn add(&mut self, pair: Pair, count: u64, word: usize) {
        *self.counts.entry(pair).or_default() += count;
        self.places.entry(pair).or_default().insert(word);
    }

    fn remove(&mut self, pair: Pair, count: u64) {
        if let Some(all) = self.counts.get_mut(&pair) {
            *all -= count;
        }
    }
}

/// Puts `new` in the place of every `pair`, from the left.
fn merge(word: &mut Vec<u32>, pair: Pair, new: u32) {
    let (mut read, mut write) = (0, 0);
    while read < word.len() {
        let found = word.get(read..read + 2).is_some_and(|two| two == [pair.0, pair.1]);
        word[write] = if found { new } else { word[read] };
        read += if found { 2 } else { 1 };
        write += 1;
    }
    word.truncate(write);
}

/// Merges, ready to be applied.
pub(super) struct Merger {
    ranks: HashMap<Pair, u32>,
}

impl Merger {
    pub(super) fn new(merges: &[Pair]) -> Merger {
        let numbered = merges.iter().enumerate();
        Merger { ranks: numbered.map(|(i, &pair)| (pair, (FIRST_MERGE + i) as u32)).collect() }
    }

    /// Appends the tokens of a word: the earliest merge is applied first.
    pub(super) fn split(&self, word: &str, numbers: &mut Vec<u32>) {
        /// A run without blanks, as long as a file may hold, must not take a time that grows with its square.
        const LONGEST: usize = 256;
        for bytes in word.as_bytes().chunks(LONGEST) {
            let mut tokens: Vec<u32> = bytes.iter().copied().map(byte_number).collect();
            loop {
                let known = |two: &[u32]| self.ranks.get(&(two[0], two[1])).copied();
                let Some(first) = tokens.windows(2).filter_map(known).min() else { break };
                let at = tokens.windows(2).position(|two| known(two) == Some(first));
                let pair = at.map(|at| (tokens[at], tokens[at + 1]));
                let Some(pair) = pair else { break };
                merge(&mut tokens, pair, first);
            }
            numbers.extend(tokens);
        }
    }
}

/// Appends the bytes of a token.
pub(super) fn spell(merges: &[Pair], token: u32, bytes: &mut Vec<u8>) {
    let mut open = vec![token];
    while let Some(token) = open.pop() {
        match (token as usize).checked_sub(FIRST_MERGE) {
            Some(index) => {
                let Some(&(left, right)) = merges.get(index) else { continue };
                open.extend([right, left]);
            }
            None => bytes.push((token.saturating_sub(1)) as u8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_pair_is_merged_first() {
        // The example of Sennrich et al. 2016: "es", then "est", then "lo", "low", …
        let words = [("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)];
        let words = words.map(|(word, count)| (word.to_owned(), count));
        let merges = learn_merges(&words, 4, 1);
        let spelled = |token: u32| {
            let mut bytes = Vec::new();
            spell(&merges, token, &mut bytes);
            String::from_utf8(bytes).expect("ASCII")
        };
        let all: Vec<String> = (0..4).map(|i| spelled(257 + i)).collect();
        assert_eq!(all, ["es", "est", "lo", "low"]);
        let mut numbers = Vec::new();
        Merger::new(&merges).split("lowest", &mut numbers);
        assert_eq!(numbers, [260, 258]);
        assert!(learn_merges(&words, 100, 1000).is_empty());
    }

    #[test]
    fn repeated_letters_are_counted_as_pairs() {
        let merges = learn_merges(&[("aaaa".to_owned(), 3)], 2, 1);
        assert_eq!(merges.len(), 2);
        let mut numbers = Vec::new();
        Merger::new(&merges).split("aaaaa", &mut numbers);
        assert_eq!(numbers, [258, 98]);
    }
}
