//! Working memory that survives the call that needed it: a fresh megabyte costs page faults worth more than the arithmetic on it.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use crate::simd::MAX_LANES;

/// Buffers kept by each thread at most.
const KEPT: usize = 32;

thread_local! {
    static POOL: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// A slice of f32 that starts on a cache line and goes back to its thread's pool when dropped.
pub(crate) struct Scratch {
    buffer: Vec<f32>,
    start: usize,
    len: usize,
}

impl Scratch {
    /// `len` values of any content.
    pub(crate) fn new(len: usize) -> Self {
        let needed = len + MAX_LANES;
        let mut buffer = POOL.with_borrow_mut(|pool| {
            let fitting = (0..pool.len()).filter(|&i| pool[i].len() >= needed);
            let smallest = fitting.min_by_key(|&i| pool[i].len());
            match smallest {
                Some(i) if pool[i].len() <= 4 * needed + 4096 => pool.swap_remove(i),
                _ => Vec::new(),
            }
        });
        if buffer.len() < needed {
            buffer = vec![0.0; needed];
        }
        let line = MAX_LANES * size_of::<f32>();
        let start = (line - buffer.as_ptr() as usize % line) % line / size_of::<f32>();
        Self { buffer, start, len }
    }

    /// `len` zeros.
    pub(crate) fn zeroed(len: usize) -> Self {
        let mut scratch = Self::new(len);
        scratch.fill(0.0);
        scratch
    }
}

impl Deref for Scratch {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.buffer[self.start..self.start + self.len]
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.buffer[self.start..self.start + self.len]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        // The thread may be ending, its pool gone: then the buffer is simply freed.
        let _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            if pool.len() < KEPT {
                pool.push(buffer);
            }
        });
    }
}
