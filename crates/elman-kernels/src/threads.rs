//! How many threads the kernels use, and running a job on a team of them.
//!
//! The threads are those of rayon's global pool. Waking one takes longer than a small job, so a thread that has helped stays
//! awake for a while and looks out for the next job, doing whatever else the pool is asked meanwhile: the kernels never add a
//! thread to the pool's, and a caller never waits for a thread that is busy elsewhere.
#![allow(
    unsafe_code,
    reason = "members of a team borrow a job from the stack of the caller, who waits for them"
)]

use std::cell::{Cell, UnsafeCell};
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// More threads than this never help a recurrence.
const MOST: usize = 256;

/// How long a thread that has helped looks out for the next job.
const LOOKOUT: Duration = Duration::from_micros(400);

/// How long it does so at most, jobs or not, before the pool's other work has its turn.
const SHIFT: Duration = Duration::from_millis(10);

/// Zero: not set, use rayon's global pool size.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads one call may use; zero means one, absurd values are clamped. Results do not depend on it, to the bit.
///
/// The threads are those of rayon's global pool; more than it has are not used.
pub fn set_threads(n: usize) {
    THREADS.store(n.clamp(1, MOST), Ordering::Relaxed);
}

/// How many threads one call may use: rayon's global pool size unless [`set_threads`] asked for fewer.
#[must_use]
pub fn threads() -> usize {
    #[cfg(test)]
    seven_threads();
    let pool = rayon::current_num_threads().clamp(1, MOST);
    match THREADS.load(Ordering::Relaxed) {
        0 => pool,
        n => n.min(pool),
    }
}

/// The pool of the tests, whatever the machine has.
#[cfg(test)]
fn seven_threads() {
    static POOL: std::sync::Once = std::sync::Once::new();
    POOL.call_once(|| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(7);
        pool.build_global().expect("nobody used the pool before");
    });
}

/// How many members a job of `operations` multiply-adds in `parts` independent parts deserves.
pub(crate) fn workers(operations: usize, parts: usize) -> usize {
    /// A member with less to do than this costs more to call than it saves.
    const WORTH: usize = 150_000;
    if operations < 2 * WORTH || parts < 2 {
        return 1;
    }
    threads().min(operations / WORTH).min(parts)
}

/// One of those who run a job together.
pub(crate) struct Member<'a> {
    /// Below `count`.
    pub index: usize,
    pub count: usize,
    barrier: &'a Barrier,
    /// How often members have waited, in this job and all before it.
    turn: Cell<u64>,
}

impl Member<'_> {
    /// Waits until every member has come here; what they wrote before is visible to all after.
    pub(crate) fn wait(&self) {
        if self.count > 1 {
            self.turn.set(self.turn.get() + 1);
            self.barrier.wait(self.index, self.count, self.turn.get());
        }
    }
}

/// Runs `job` on up to `most` threads at once, this one among them, and returns when all have ended. Members may wait for each
/// other. Who takes part is settled before any of them begins; `operations` (multiply-adds) says how long it is worth waiting
/// for a thread to wake up.
pub(crate) fn team(most: usize, operations: usize, job: impl Fn(&Member) + Sync) {
    let (joined, count, first) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicU64::new(0));
    // Returns the last turn taken.
    let member = |index, count| {
        let barrier = &TEAM.barrier;
        let unwinding = std::thread::panicking();
        let _break = OnDrop(|| {
            if count > 1 && std::thread::panicking() && !unwinding {
                barrier.broken.store(true, Ordering::Release);
            }
        });
        let member = Member {
            index,
            count,
            barrier,
            turn: Cell::new(first.load(Ordering::Relaxed)),
        };
        job(&member);
        member.turn.get()
    };
    let help = || {
        let index = 1 + joined.fetch_add(1, Ordering::AcqRel);
        let count = spin(|| Some(count.load(Ordering::Acquire)).filter(|&count| count > 0));
        if index < count {
            member(index, count);
        }
    };
    TEAM.with(most, &help, |awake| {
        let Some(awake) = awake else {
            member(0, 1);
            return;
        };
        let turn = TEAM.turn.load(Ordering::Relaxed);
        first.store(turn, Ordering::Relaxed);
        // Should this thread panic, others may have taken any number of turns.
        TEAM.turn.store(turn + (1 << 40), Ordering::Relaxed);
        gather(&joined, most - 1, awake, operations);
        let members = 1 + joined.load(Ordering::Acquire).min(most - 1);
        count.store(members, Ordering::Release);
        let last = member(0, members);
        TEAM.turn.store(last, Ordering::Relaxed);
    });
}

/// Waits for helpers to join: briefly for the `awake` ones, longer for those asleep where the job is long.
fn gather(joined: &AtomicUsize, wanted: usize, awake: usize, operations: usize) {
    /// What one on the lookout needs to notice, unless the pool keeps it busy.
    const NOTICE: Duration = Duration::from_micros(3);
    // A tenth of the time that the job takes one thread at 30 multiply-adds a nanosecond.
    let worth = Duration::from_nanos(operations as u64 / 300).min(Duration::from_micros(300));
    let patience = match awake {
        // Tests are about what members do together, not about who was awake.
        _ if cfg!(test) => Duration::from_millis(20),
        0 => worth,
        _ => worth.max(NOTICE),
    };
    let start = Instant::now();
    while joined.load(Ordering::Acquire) < wanted && start.elapsed() < patience {
        spin_loop();
    }
}

/// Calls `f(0) … f(parts − 1)`, on several threads where there are several parts.
pub(crate) fn run(parts: usize, f: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                break;
            }
            f(part);
        }
    };
    TEAM.with(parts, &work, |_| work());
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Polls `ready`, giving the processor up once it takes long: the machine may have fewer processors than members.
fn spin<T>(mut ready: impl FnMut() -> Option<T>) -> T {
    const PATIENCE: usize = 250;
    let mut polls = 0usize;
    loop {
        if let Some(value) = ready() {
            return value;
        }
        polls += 1;
        if polls < PATIENCE {
            spin_loop();
        } else {
            std::thread::yield_now();
        }
    }
}

/// What a member says that could not wait for one that panicked.
const ANOTHER: &str = "another thread of this job panicked";

/// Where members meet. Each has a cache line of its own to write, so that meeting costs one transfer between processors.
struct Barrier {
    /// The latest turn that each member has taken part in; those of later jobs are larger.
    turns: [Line; MOST],
    broken: AtomicBool,
}

/// A value that shares no cache line, nor the neighbour that processors fetch along with one.
#[repr(align(128))]
struct Line(AtomicU64);

impl Barrier {
    fn wait(&self, index: usize, count: usize, turn: u64) {
        self.turns[index].0.store(turn, Ordering::Release);
        for other in (0..count).filter(|&other| other != index) {
            spin(|| {
                assert!(!self.broken.load(Ordering::Relaxed), "{ANOTHER}");
                (self.turns[other].0.load(Ordering::Acquire) >= turn).then_some(())
            });
        }
    }
}

/// The one job that is open for helpers, and who helps.
struct Team {
    /// Held by the caller whose job it is; others meanwhile work alone.
    busy: AtomicBool,
    /// [`OPEN`], and how many helpers are inside.
    door: AtomicUsize,
    /// Written while the door is closed and nobody inside.
    help: UnsafeCell<Option<Help>>,
    /// Jobs opened so far.
    jobs: AtomicUsize,
    /// Pool threads on the lookout or on their way to it, and how many were wanted last.
    lookouts: AtomicUsize,
    wanted: AtomicUsize,
    /// The last turn of the jobs before.
    turn: AtomicU64,
    barrier: Barrier,
}

/// What a helper calls; borrowed from the caller's stack for as long as the door is open or somebody inside.
#[derive(Clone, Copy)]
struct Help(*const (dyn Fn() + Sync));

const OPEN: usize = 1 << (usize::BITS - 1);

// SAFETY: `help` is written only by the holder of `busy` while the door is closed with nobody inside, and read only inside;
// what it points to is `Sync`.
unsafe impl Sync for Team {}

static TEAM: Team = Team {
    busy: AtomicBool::new(false),
    door: AtomicUsize::new(0),
    help: UnsafeCell::new(None),
    jobs: AtomicUsize::new(0),
    lookouts: AtomicUsize::new(0),
    wanted: AtomicUsize::new(0),
    turn: AtomicU64::new(0),
    barrier: Barrier {
        turns: [const { Line(AtomicU64::new(0)) }; MOST],
        broken: AtomicBool::new(false),
    },
};

impl Team {
    /// Runs `own` while up to `most − 1` helpers run `help`, and returns when all have ended. `own` is told how many were on the
    /// lookout; nothing where nobody can help, since another caller's job is open or none is wanted.
    fn with(&self, most: usize, help: &(dyn Fn() + Sync), own: impl FnOnce(Option<usize>)) {
        if most <= 1 || self.busy.swap(true, Ordering::Acquire) {
            return own(None);
        }
        let panics = Mutex::new(Vec::new());
        let guarded = || {
            if let Err(cause) = catch_unwind(AssertUnwindSafe(help)) {
                let mut panics = panics.lock().unwrap_or_else(PoisonError::into_inner);
                panics.push(cause);
            }
        };
        // SAFETY: `guarded` and what it borrows live until `close` has returned, which nothing in between can skip.
        let awake = unsafe { self.open(&guarded, most - 1) };
        let own = catch_unwind(AssertUnwindSafe(|| own(Some(awake))));
        self.close();
        self.busy.store(false, Ordering::Release);
        let theirs = panics.into_inner().unwrap_or_else(PoisonError::into_inner);
        let causes: Vec<_> = own.err().into_iter().chain(theirs).collect();
        let first = causes.iter().position(|cause| {
            let message = cause.downcast_ref::<String>();
            message.is_none_or(|message| message != ANOTHER)
        });
        if let Some(cause) = causes.into_iter().nth(first.unwrap_or(0)) {
            resume_unwind(cause);
        }
    }

    /// Opens a job to helpers and sees to it that `wanted` of them look out or wake up; how many looked out already.
    ///
    /// # Safety
    /// The caller holds `busy` and calls [`Team::close`] before `help` ends.
    unsafe fn open(&self, help: &(dyn Fn() + Sync), wanted: usize) -> usize {
        // SAFETY: only the lifetime changes; the caller keeps `help` alive until the door is closed and everybody out.
        let help: *const (dyn Fn() + Sync + 'static) = unsafe { std::mem::transmute(help) };
        // SAFETY: the door is closed and nobody inside, since the last caller's `close` returned.
        unsafe { *self.help.get() = Some(Help(help)) };
        self.barrier.broken.store(false, Ordering::Relaxed);
        self.jobs.fetch_add(1, Ordering::Relaxed);
        self.door.fetch_or(OPEN, Ordering::Release);
        self.wanted.store(wanted, Ordering::Relaxed);
        let awake = self.lookouts.load(Ordering::Relaxed);
        for _ in awake..wanted {
            self.lookouts.fetch_add(1, Ordering::Relaxed);
            rayon::spawn(|| TEAM.look_out());
        }
        awake
    }

    /// Closes the door and waits until everybody is out.
    fn close(&self) {
        self.door.fetch_and(!OPEN, Ordering::AcqRel);
        spin(|| (self.door.load(Ordering::Acquire) == 0).then_some(()));
    }

    /// Helps with the open job, unless it is number `last`; its number.
    fn join(&self, last: Option<usize>) -> Option<usize> {
        let enter = |door: usize| (door & OPEN != 0).then_some(door + 1);
        self.door
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, enter)
            .ok()?;
        let _leave = OnDrop(|| {
            self.door.fetch_sub(1, Ordering::Release);
        });
        let job = self.jobs.load(Ordering::Relaxed);
        // SAFETY: inside, the door was open, so the help was written before and is alive until this one is out.
        let help = unsafe { (*self.help.get()).map(|help| &*help.0) };
        if let (Some(help), true) = (help, last != Some(job)) {
            help();
        }
        Some(job)
    }

    /// A pool thread's wait for jobs; ends when none has come for a while, and after a longer while in any case: beneath it the
    /// thread may have begun other work of the pool.
    fn look_out(&self) {
        thread_local! {
            static LOOKING: Cell<bool> = const { Cell::new(false) };
        }
        let enough = self.lookouts.load(Ordering::Relaxed) > self.wanted.load(Ordering::Relaxed);
        if enough || LOOKING.replace(true) {
            self.lookouts.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let _gone = OnDrop(|| {
            LOOKING.set(false);
            self.lookouts.fetch_sub(1, Ordering::Relaxed);
        });
        let mut helped = None;
        let begin = Instant::now();
        let mut last = begin;
        while last.elapsed() < LOOKOUT && begin.elapsed() < SHIFT {
            for _ in 0..256 {
                let open = self.door.load(Ordering::Relaxed) & OPEN != 0;
                if open && helped != Some(self.jobs.load(Ordering::Relaxed)) {
                    helped = self.join(helped).or(helped);
                    last = Instant::now();
                }
                spin_loop();
            }
            // Whatever the pool gives it to do may take long: meanwhile it is not on the lookout.
            self.lookouts.fetch_sub(1, Ordering::Relaxed);
            rayon::yield_now();
            self.lookouts.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// An output that several members fill, each its own part.
#[derive(Clone, Copy)]
pub(crate) struct Shared(pub *mut f32);

// SAFETY: a bare address; every write through it states which part is its own.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}
