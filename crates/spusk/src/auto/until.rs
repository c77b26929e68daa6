//! How long the automatic choices may go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Ends when it is asked to, or when a share of the time limit is over.
pub(crate) struct Until<'a> {
    stop: &'a AtomicBool,
    end: Option<Instant>,
}

/// The share of the time limit that may go into choices, the data's preparation counted. They are
/// worth less than the training that they are for.
const SHARE: f64 = 0.5;

impl<'a> Until<'a> {
    /// Until `stop`, or half of the limit after the start.
    pub(crate) fn new(
        stop: &'a AtomicBool,
        started: Instant,
        limit: Option<Duration>,
    ) -> Until<'a> {
        // A limit beyond what the clock can say is none.
        let end = limit.and_then(|limit| started.checked_add(limit.mul_f64(SHARE)));
        Until { stop, end }
    }

    /// Whether to come to an end.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.is_late()
    }

    /// Whether time is the reason.
    pub(crate) fn is_late(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }
}
