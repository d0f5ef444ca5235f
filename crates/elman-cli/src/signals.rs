//! Signals that ask the program to end: Ctrl-C, and those that a system sends when it shuts down or a terminal closes.
//!
//! Whatever the program does, it ends at once, with the exit code that shells expect (128 and the signal's number):
//! nothing but temporary files is half done at any moment. Only where a training has done steps that no checkpoint has yet
//! is the signal handed on, so that they are saved first; a second signal does not wait for that.

use crate::output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How often one key press may arrive as two signals.
const ONE_PRESS: Duration = Duration::from_millis(500);
/// How long the last words may take, should nobody read them.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// The signal that was heard first, and when.
static HEARD: OnceLock<(Instant, u8)> = OnceLock::new();
/// What a training is stopped by, while it has something to save.
static UNSAVED: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);
/// Says how to go on with what is interrupted.
static LAST: Mutex<Option<Box<dyn Fn() + Send>>> = Mutex::new(None);

/// Whether nothing is to be said about a signal that waits.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Ends the program when it is told to, from now on.
pub fn listen() {
    #[cfg(unix)]
    unix::listen();
    #[cfg(not(unix))]
    let _ = ctrlc::set_handler(|| heard(2)); // without a handler Ctrl-C ends the program all the same
}

/// Says nothing about a signal that waits for steps to be saved.
pub fn quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// The exit code of the signal that stopped the program, if one did.
pub fn exit_code() -> Option<u8> {
    HEARD.get().map(|(_, signal)| 128 + signal)
}

/// Has signals raise `stop`, which will have work saved, instead of ending the program; `None` to end it.
pub fn save_first(stop: Option<Arc<AtomicBool>>) {
    *locked(&UNSAVED) = stop;
}

/// Until it is dropped, `words` are said when a signal ends the program, unless others are to be said already.
pub fn last_words(words: impl Fn() + Send + 'static) -> LastWords {
    let mut last = locked(&LAST);
    let ours = last.is_none();
    if ours {
        *last = Some(Box::new(words));
    }
    LastWords { ours }
}

/// See [`last_words`].
#[must_use]
pub struct LastWords {
    ours: bool,
}

impl Drop for LastWords {
    fn drop(&mut self) {
        if self.ours {
            *locked(&LAST) = None;
        }
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a signal does.
fn heard(signal: u8) {
    let first = HEARD.get().is_none();
    let (when, signal) = *HEARD.get_or_init(|| (Instant::now(), signal));
    match &*locked(&UNSAVED) {
        Some(stop) if first || when.elapsed() <= ONE_PRESS => stop.store(true, Ordering::Relaxed),
        _ => end(signal),
    }
    if first && !QUIET.load(Ordering::Relaxed) {
        // In a thread of its own, too: the next signal is to be heard whatever becomes of this.
        std::thread::spawn(|| {
            output::say("stopping after this step; a second signal ends at once")
        });
    }
}

fn end(signal: u8) -> ! {
    // In a thread of its own: what is to be written to may be blocked.
    let (said, waits) = channel();
    std::thread::spawn(move || {
        if let Some(words) = &*locked(&LAST) {
            words();
        }
        let _ = said.send(());
    });
    let _ = waits.recv_timeout(LAST_WORDS);
    output::end(128 + signal)
}

#[cfg(unix)]
mod unix {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    pub fn listen() {
        // A limit on the size of files is then an error of the write, rather than the end.
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        let mut signals = vec![SIGINT, SIGTERM];
        if hangs_up() {
            signals.push(SIGHUP);
        }
        // In a thread: a handler could do next to nothing. Without it signals end the program all the same.
        let waiting = move || {
            for signal in Signals::new(signals).iter_mut().flat_map(Signals::forever) {
                super::heard(signal as u8); // they are small numbers
            }
        };
        let _ = std::thread::Builder::new().spawn(waiting);
    }

    /// Whether a closed terminal is to end the program: not under `nohup`, which has the signal ignored.
    fn hangs_up() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        ignored.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) == 0)
    }
}
