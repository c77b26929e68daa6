//! One team of threads for a whole run.

/// Threads that run programs together. The calling thread is one of them.
pub struct Team {
    threads: usize,
}

impl Team {
    /// A team of `threads` (at least 1).
    pub fn new(threads: usize) -> Team {
        Team { threads: threads.max(1) }
    }

    /// Its size.
    pub fn threads(&self) -> usize {
        self.threads
    }
}
