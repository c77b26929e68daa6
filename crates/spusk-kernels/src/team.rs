//! One team of threads for a whole run.

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::memory::Buffer;

/// Threads that run programs together. The calling thread is one of them.
///
/// Between two runs the others wait actively for some microseconds, so that the steps of a training
/// run follow each other without a system call, and then go to sleep. Dropping the team ends them.
pub struct Team {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// Scratch memory of all members, one behind the other.
    scratch: Buffer<f64>,
    scratch_each: usize,
}

impl Team {
    /// The largest team.
    pub const MAX_THREADS: usize = 1024;

    /// A team of `threads`, at least 1 and at most [`Team::MAX_THREADS`]; smaller if the operating
    /// system refuses to start that many.
    pub fn new(threads: usize) -> Team {
        let threads = threads.clamp(1, Team::MAX_THREADS);
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let shared = Arc::new(Shared::new(threads, threads <= cores));
        let workers = (1..threads)
            .map_while(|index| {
                let shared = Arc::clone(&shared);
                let name = format!("spusk-{index}");
                std::thread::Builder::new().name(name).spawn(move || work(&shared, index)).ok()
            })
            .collect();
        Team { shared, workers, scratch: Buffer::zeroed(0), scratch_each: 0 }
    }

    /// Its size.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Gives every member at least `bytes` of scratch memory. Allocates only when it had less.
    pub(crate) fn reserve_scratch(&mut self, bytes: usize) {
        if bytes > self.scratch_each {
            // Members write their scratch all the time: keep them off each other's cache lines, and
            // the neighbor line too, which the processor likes to fetch along.
            self.scratch_each = bytes.next_multiple_of(128) + 128;
            let elements = self.scratch_each / size_of::<f64>() * self.threads();
            self.scratch = Buffer::zeroed(elements);
        }
    }

    /// Runs `job` on `members` threads at once, this one among them, and returns when all are done.
    ///
    /// # Panics
    /// If a member panics, with the same message, after all have stopped.
    pub(crate) fn run(&mut self, members: usize, job: &(dyn Fn(Member<'_>) + Sync)) {
        let members = members.clamp(1, self.threads());
        let shared = &*self.shared;
        let scratch = Scratch {
            start: self.scratch.as_mut_slice().as_mut_ptr().cast(),
            each: self.scratch_each,
        };
        let me = Member { shared, index: 0, members, scratch };
        if members == 1 {
            job(me);
            return;
        }
        shared.publish(members, Job::new(job, scratch), &self.workers);
        let outcome = catch_unwind(AssertUnwindSafe(|| job(me)));
        if let Err(panic) = outcome {
            shared.fail(panic);
        }
        // `job` is borrowed: nobody may leave before every member has.
        shared.patience.wait(Duration::MAX, || shared.running.0.load(Ordering::Acquire) == 0);
        if shared.failed.load(Ordering::Acquire) {
            resume_unwind(shared.take_panic());
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.advance(self.threads(), &self.workers);
        for worker in self.workers.drain(..) {
            // A worker catches every panic of a job, so there is nothing to learn from its end.
            let _ = worker.join();
        }
    }
}

impl std::fmt::Debug for Team {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Team({} threads)", self.threads())
    }
}

/// One thread's part in a job.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    shared: &'a Shared,
    /// 0 is the calling thread.
    pub(crate) index: usize,
    /// How many take part.
    pub(crate) members: usize,
    scratch: Scratch,
}

/// Another member of the team has panicked: leave the job.
#[derive(Debug)]
pub(crate) struct Abandoned;

impl Member<'_> {
    /// Waits until all members have come here. What they wrote before is visible behind it.
    pub(crate) fn barrier(&self) -> Result<(), Abandoned> {
        if self.members == 1 {
            return Ok(());
        }
        let shared = self.shared;
        let round = shared.round.0.load(Ordering::Relaxed);
        if shared.arrived.0.fetch_add(1, Ordering::AcqRel) + 1 == self.members {
            shared.arrived.0.store(0, Ordering::Relaxed);
            shared.round.0.store(round.wrapping_add(1), Ordering::Release);
        } else {
            shared.patience.wait(Duration::MAX, || {
                shared.round.0.load(Ordering::Acquire) != round
                    || shared.failed.load(Ordering::Relaxed)
            });
        }
        if shared.failed.load(Ordering::Relaxed) { Err(Abandoned) } else { Ok(()) }
    }

    /// This member's scratch memory: as many bytes as were reserved, aligned to 64 bytes, and
    /// nobody else's while the job runs.
    pub(crate) fn scratch(&self) -> *mut u8 {
        self.scratch.start.wrapping_add(self.index * self.scratch.each)
    }
}

/// The scratch memory of all members.
#[derive(Clone, Copy)]
struct Scratch {
    start: *mut u8,
    each: usize,
}

/// What the members are to do, without the lifetime of the borrow.
#[derive(Clone, Copy)]
struct Job {
    call: *const (dyn Fn(Member<'_>) + Sync),
    scratch: Scratch,
}

impl Job {
    fn new(job: &(dyn Fn(Member<'_>) + Sync), scratch: Scratch) -> Job {
        // SAFETY: only the lifetime changes. `Team::run` does not return, nor unwind, before every
        // member is through with the job, so the pointer is never used after the borrow ends.
        let call = unsafe {
            std::mem::transmute::<
                *const (dyn Fn(Member<'_>) + Sync + '_),
                *const (dyn Fn(Member<'_>) + Sync + 'static),
            >(job)
        };
        Job { call, scratch }
    }
}

/// Keeps a counter on a cache line (and its neighbor) of its own.
#[repr(align(128))]
struct Padded<T>(T);

struct Shared {
    /// Jobs so far, times [`EPOCH_STEP`], plus the members of the last one: a worker learns with one
    /// load whether there is something new and whether it takes part.
    epoch: Padded<AtomicUsize>,
    /// Workers that have not finished the current job.
    running: Padded<AtomicUsize>,
    /// Members that wait at the barrier.
    arrived: Padded<AtomicUsize>,
    /// Barriers passed.
    round: Padded<AtomicUsize>,
    /// Written by the calling thread while no worker takes part in a job, read by members only.
    job: UnsafeCell<Option<Job>>,
    /// Whether worker i (at i - 1) is asleep or about to be.
    sleeping: Vec<AtomicBool>,
    stop: AtomicBool,
    failed: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    patience: Patience,
}

/// Twice the largest team, a power of two.
const EPOCH_STEP: usize = 2 * Team::MAX_THREADS;

// SAFETY: all fields but `job` may be shared anyway. `job` is written only in `publish`, which
// `Team::run` calls through `&mut Team` and only when no worker takes part in a job, and it is read
// only by members of the job that the following release of `epoch` announces.
unsafe impl Sync for Shared {}
// SAFETY: as above; the pointers in `job` are to things that are `Sync` (the job) or handed to one
// member each (the scratch memory).
unsafe impl Send for Shared {}

impl Shared {
    fn new(threads: usize, cores_suffice: bool) -> Shared {
        Shared {
            epoch: Padded(AtomicUsize::new(0)),
            running: Padded(AtomicUsize::new(0)),
            arrived: Padded(AtomicUsize::new(0)),
            round: Padded(AtomicUsize::new(0)),
            job: UnsafeCell::new(None),
            sleeping: (1..threads).map(|_| AtomicBool::new(false)).collect(),
            stop: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            panic: Mutex::new(None),
            patience: if cores_suffice { Patience::Spin } else { Patience::Yield },
        }
    }

    /// Hands a job to workers 1..members.
    fn publish(&self, members: usize, job: Job, workers: &[JoinHandle<()>]) {
        self.arrived.0.store(0, Ordering::Relaxed);
        self.failed.store(false, Ordering::Relaxed);
        self.running.0.store(members - 1, Ordering::Relaxed);
        // SAFETY: the workers of the last job have left it (`running` was 0), and nobody reads the
        // new one before `advance`.
        unsafe { *self.job.get() = Some(job) };
        self.advance(members, workers);
    }

    fn advance(&self, members: usize, workers: &[JoinHandle<()>]) {
        let epoch = self.epoch.0.load(Ordering::Relaxed);
        let next = (epoch - epoch % EPOCH_STEP).wrapping_add(EPOCH_STEP) + members;
        // Sequentially consistent, like the worker's store to `sleeping` and its second look at
        // `epoch`: either it sees the new epoch or we see that it sleeps.
        self.epoch.0.store(next, Ordering::SeqCst);
        for (sleeping, worker) in self.sleeping.iter().zip(workers).take(members - 1) {
            if sleeping.load(Ordering::SeqCst) {
                worker.thread().unpark();
            }
        }
    }

    /// Keeps the first panic and makes the others leave the job at their next barrier.
    fn fail(&self, panic: Box<dyn Any + Send>) {
        let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(panic);
        self.failed.store(true, Ordering::Release);
    }

    fn take_panic(&self) -> Box<dyn Any + Send> {
        let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
        first.take().unwrap_or_else(|| Box::new("a member of the team panicked"))
    }
}

/// The life of a worker.
fn work(shared: &Shared, index: usize) {
    let mut epoch = 0;
    loop {
        epoch = shared.next_epoch(index, epoch);
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        // SAFETY: this worker is a member of the announced job, so `Team::run` waits for it before
        // it writes another, and the acquiring load of `epoch` has made this one visible.
        let Some(job) = (unsafe { *shared.job.get() }) else { return };
        let member = Member { shared, index, members: epoch % EPOCH_STEP, scratch: job.scratch };
        // SAFETY: the borrow behind `call` lives until `running` is 0.
        let call = unsafe { &*job.call };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| call(member))) {
            shared.fail(panic);
        }
        shared.running.0.fetch_sub(1, Ordering::Release);
    }
}

impl Shared {
    /// Waits for a job that worker `index` takes part in.
    fn next_epoch(&self, index: usize, last: usize) -> usize {
        let concerns_me = |epoch: usize| epoch != last && index < epoch % EPOCH_STEP;
        let mut epoch = 0;
        let mut seen = |order| {
            epoch = self.epoch.0.load(order);
            concerns_me(epoch)
        };
        if !self.patience.wait(Patience::BETWEEN_JOBS, || seen(Ordering::Acquire)) {
            let sleeping = &self.sleeping[index - 1];
            sleeping.store(true, Ordering::SeqCst);
            while !seen(Ordering::SeqCst) {
                std::thread::park();
            }
            sleeping.store(false, Ordering::Relaxed);
        }
        epoch
    }
}

/// How to wait.
#[derive(Clone, Copy, PartialEq)]
enum Patience {
    /// Every member has a core: look again and again, for some time.
    Spin,
    /// More members than cores: whoever waits only keeps the others from working.
    Yield,
}

impl Patience {
    /// How long a worker stays awake for the next job. Covers the gap between two training steps;
    /// going to sleep and waking costs about as much.
    const BETWEEN_JOBS: Duration = Duration::from_micros(50);
    /// How long a member spins before it offers its core to others between two looks. If another
    /// process has taken a core, the member waited for may be waiting for this one.
    const ALONE: Duration = Duration::from_micros(5);

    /// Looks until `done` or until `limit` has passed; says which.
    fn wait(self, limit: Duration, mut done: impl FnMut() -> bool) -> bool {
        let mut start = None;
        loop {
            if self == Patience::Spin {
                for _ in 0..32 {
                    if done() {
                        return true;
                    }
                    std::hint::spin_loop();
                }
            } else if done() {
                return true;
            }
            let waited = start.get_or_insert_with(Instant::now).elapsed();
            if waited > limit {
                return false;
            }
            if waited > Patience::ALONE || self == Patience::Yield {
                std::thread::yield_now();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn every_member_runs_once_and_barriers_separate() {
        for threads in [1, 2, 3, 5] {
            let mut team = Team::new(threads);
            assert_eq!(team.threads(), threads);
            let sums: Vec<AtomicU64> = (0..50).map(|_| AtomicU64::new(0)).collect();
            for _ in 0..20 {
                team.run(threads, &|member| {
                    for (i, sum) in sums.iter().enumerate() {
                        // Everybody sees the whole of the round before.
                        if i > 0 {
                            assert_eq!(sums[i - 1].load(Ordering::Relaxed), threads as u64);
                        }
                        sum.fetch_add(1, Ordering::Relaxed);
                        member.barrier().unwrap();
                    }
                });
                sums.iter().for_each(|sum| sum.store(0, Ordering::Relaxed));
            }
        }
    }

    #[test]
    fn a_part_of_the_team_runs_and_sleepers_wake() {
        let mut team = Team::new(4);
        for members in [4, 1, 2, 3, 9, 0] {
            std::thread::sleep(Duration::from_millis(2));
            let ran: Vec<AtomicU64> = (0..4).map(|_| AtomicU64::new(0)).collect();
            team.run(members, &|member| {
                ran[member.index].fetch_add(1, Ordering::Relaxed);
                member.barrier().unwrap();
            });
            let ran: Vec<u64> = ran.into_iter().map(AtomicU64::into_inner).collect();
            let expected: Vec<u64> = (0..4).map(|i| u64::from(i < members.clamp(1, 4))).collect();
            assert_eq!(ran, expected, "members = {members}");
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_team_lives_on() {
        let mut team = Team::new(3);
        for culprit in 0..3 {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                team.run(3, &|member| {
                    // Unwinds without the panic hook, which would write to the test's output.
                    if member.index == culprit {
                        resume_unwind(Box::new(culprit));
                    }
                    assert!(member.barrier().is_err());
                });
            }));
            assert_eq!(outcome.unwrap_err().downcast_ref::<usize>(), Some(&culprit));
            let ran = AtomicU64::new(0);
            team.run(3, &|_| {
                ran.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(ran.into_inner(), 3);
        }
    }

    #[test]
    fn members_have_scratch_of_their_own() {
        let mut team = Team::new(3);
        for bytes in [1, 1000, 70_000, 64] {
            team.reserve_scratch(bytes);
            team.run(3, &|member| {
                let scratch = member.scratch();
                assert_eq!(scratch as usize % 64, 0);
                // SAFETY: `bytes` were reserved for this member.
                unsafe { scratch.write_bytes(member.index as u8, bytes) };
                member.barrier().unwrap();
                // SAFETY: as above.
                let written = unsafe { std::slice::from_raw_parts(scratch, bytes) };
                assert!(written.iter().all(|&byte| byte == member.index as u8));
            });
        }
    }

    #[test]
    fn sizes_are_clamped() {
        assert_eq!(Team::new(0).threads(), 1);
        assert!(Team::new(usize::MAX).threads() <= Team::MAX_THREADS);
    }
}
