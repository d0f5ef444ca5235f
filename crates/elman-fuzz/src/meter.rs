//! How much memory a reader holds, measured where it is asked for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, which counts what is held, and refuses what would go beyond a limit.
#[derive(Debug)]
pub struct Meter;

static HELD: AtomicUsize = AtomicUsize::new(0);
static HIGHEST: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Begins to measure: from now on nothing may be held beyond `bound` bytes more than now.
pub fn start(bound: usize) -> Start {
    let held = HELD.load(Relaxed);
    HIGHEST.store(held, Relaxed);
    LIMIT.store(held.saturating_add(bound), Relaxed);
    Start(held)
}

/// What was held when a measurement began.
#[derive(Clone, Copy, Debug)]
pub struct Start(usize);

impl Start {
    /// Ends the measurement: the most bytes that were held, or asked for in vain, beyond those at its beginning.
    pub fn stop(self) -> usize {
        LIMIT.store(usize::MAX, Relaxed);
        HIGHEST.load(Relaxed).saturating_sub(self.0)
    }
}

/// Whether `size` more bytes may be held; counts them if so.
fn take(size: usize) -> bool {
    let held = HELD.fetch_add(size, Relaxed).saturating_add(size);
    HIGHEST.fetch_max(held, Relaxed);
    let fits = held <= LIMIT.load(Relaxed);
    if !fits {
        HELD.fetch_sub(size, Relaxed);
    }
    fits
}

// The counters decide only whether the system is asked at all; every block is the system's own. Nothing in Elman does this: it
// is how a process measures itself.
#[allow(unsafe_code)]
// SAFETY: each method passes its arguments on to `System` unchanged and returns what it returns, or null, which means that there
// is no memory; so what `GlobalAlloc` asks of its implementors holds because it holds for `System`. The counters are atomic and
// allocate nothing.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the block came from `System` by one of the other methods, with this layout.
        unsafe { System.dealloc(pointer, layout) }
        HELD.fetch_sub(layout.size(), Relaxed);
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > layout.size() && !take(size - layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the block came from `System` with this layout, and `size` is the caller's promise.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        if size < layout.size() {
            HELD.fetch_sub(layout.size() - size, Relaxed);
        }
        moved
    }
}
