//! How many threads a plan runs on: whatever is quicker on this machine at this time.
//!
//! Two threads of one core, or cores that other programs use, can make a step slower. Since the bits
//! of a result do not depend on the number of threads, the number may follow the clock.

use std::time::{Duration, Instant};

/// Runs that are timed together, unless fewer take [`BLOCK_TIME`].
const BLOCK: u32 = 8;
/// Long enough that what else the machine does in between weighs little.
const BLOCK_TIME: Duration = Duration::from_millis(10);
/// Blocks of each number of threads in a trial.
const BLOCKS: u32 = 3;
/// Runs between two trials: so few after a change of mind, twice as many after each trial that confirms
/// the choice. A trial that fell into a bad moment is soon made good, and trials cost little in the end.
const SHORT: u32 = 500;
const LONG: u32 = 16_000;

/// Times runs on one thread and on all, and chooses.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    chosen: usize,
    /// Runs since the block of a trial began, or since the trial ended.
    runs: u32,
    /// Blocks of this trial so far.
    blocks: u32,
    in_trial: bool,
    /// Runs until the next trial.
    between: u32,
    block_start: Option<Instant>,
    /// The least time of a run on one thread, and on all.
    least: [Duration; 2],
}

impl Pace {
    /// Chooses between one thread and `most`.
    pub(super) fn new(most: usize) -> Pace {
        let most = most.max(1);
        Pace {
            most,
            chosen: most,
            runs: 0,
            blocks: 0,
            in_trial: most > 1,
            between: SHORT,
            block_start: None,
            least: [Duration::MAX; 2],
        }
    }

    /// Threads of most runs.
    pub(super) fn usual(&self) -> usize {
        self.chosen
    }

    /// Threads for the next run.
    pub(super) fn next(&mut self) -> usize {
        if !self.in_trial {
            return self.chosen;
        }
        if self.runs == 0 {
            self.block_start = Some(Instant::now());
        }
        if self.kind() == 0 { 1 } else { self.most }
    }

    /// A run is over.
    pub(super) fn done(&mut self) {
        if self.most == 1 {
            return;
        }
        self.runs += 1;
        if !self.in_trial {
            if self.runs >= self.between {
                (self.runs, self.blocks) = (0, 0);
                (self.in_trial, self.least) = (true, [Duration::MAX; 2]);
            }
            return;
        }
        let spent = self.block_start.map_or(Duration::MAX, |start| start.elapsed());
        if self.runs < BLOCK && spent < BLOCK_TIME {
            return;
        }
        let least = &mut self.least[self.kind()];
        *least = (*least).min(spent / self.runs);
        self.runs = 0;
        self.blocks += 1;
        if self.blocks == 2 * BLOCKS {
            let chosen = if self.least[0] <= self.least[1] { 1 } else { self.most };
            let confirmed = chosen == self.chosen;
            self.between = if confirmed { LONG.min(2 * self.between) } else { SHORT };
            self.chosen = chosen;
            self.in_trial = false;
        }
    }

    /// 0 for a block on one thread, 1 for a block on all.
    fn kind(&self) -> usize {
        1 - (self.blocks % 2) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_tried_and_the_quicker_one_stays() {
        let mut pace = Pace::new(4);
        let mut seen = Vec::new();
        while pace.in_trial {
            let threads = pace.next();
            seen.push(threads);
            // One thread pretends to be slower.
            if threads == 1 {
                std::thread::sleep(BLOCK_TIME);
            }
            pace.done();
        }
        // A slow run is a block by itself.
        assert_eq!(seen.iter().filter(|&&threads| threads == 1).count(), BLOCKS as usize);
        let many = seen.iter().filter(|&&threads| threads == 4).count();
        assert!((BLOCKS as usize..=(BLOCKS * BLOCK) as usize).contains(&many), "{many}");
        assert!((0..100).all(|_| {
            let threads = pace.next();
            pace.done();
            threads == 4
        }));
    }

    #[test]
    fn a_change_of_mind_is_soon_looked_at_again() {
        let mut pace = Pace::new(4);
        let trial = |pace: &mut Pace, slow: usize| {
            while !pace.in_trial {
                pace.next();
                pace.done();
            }
            while pace.in_trial {
                if pace.next() == slow {
                    std::thread::sleep(Duration::from_millis(2));
                }
                pace.done();
            }
            (pace.chosen, pace.between)
        };
        let seen = [4, 1, 1, 1, 4].map(|slow| trial(&mut pace, slow));
        let expected = [(1, 500), (4, 500), (4, 1000), (4, 2000), (1, 500)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn one_thread_is_never_timed() {
        let mut pace = Pace::new(1);
        for _ in 0..100 {
            assert_eq!(pace.next(), 1);
            pace.done();
        }
        assert!(pace.block_start.is_none());
    }
}
