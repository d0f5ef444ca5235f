//! How many threads the kernels use, and running a job on them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// More tasks than this never help a recurrence.
const MOST: usize = 256;

/// Zero: not set, use rayon's global pool size.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads one call may use; zero means one, absurd values are clamped. Results do not depend on it, to the bit.
///
/// The threads are those of rayon's global pool, and more tasks than it has threads take turns.
pub fn set_threads(n: usize) {
    THREADS.store(n.clamp(1, MOST), Ordering::Relaxed);
}

/// How many threads one call may use: rayon's global pool size unless [`set_threads`] said otherwise.
#[must_use]
pub fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => rayon::current_num_threads().clamp(1, MOST),
        n => n,
    }
}

/// How many workers a job of `operations` multiply-adds in `parts` independent parts deserves.
pub(crate) fn workers(operations: usize, parts: usize) -> usize {
    /// A worker with less to do than this costs more to wake than it saves.
    const WORTH: usize = 150_000;
    if operations < 2 * WORTH || parts < 2 {
        return 1;
    }
    threads().min(operations / WORTH).min(parts)
}

/// Calls `f(0) … f(workers − 1)`, in parallel where there are several.
pub(crate) fn run(workers: usize, f: impl Fn(usize) + Sync) {
    if workers <= 1 {
        return f(0);
    }
    let f = &f;
    rayon::in_place_scope(|scope| {
        for worker in 1..workers {
            scope.spawn(move |_| f(worker));
        }
        f(0);
    });
}
