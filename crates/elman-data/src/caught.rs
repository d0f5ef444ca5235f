//! Other people's code on other people's files.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether what runs on this thread may panic and be caught.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// What `run` gives, or none if it panics: crates that read files assert what damaged ones break here and there, and a file must never
/// end the program. Nothing is printed then; a panic elsewhere is reported as ever.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                before(panic);
            }
        }));
    });
    let outer = EXPECTED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    EXPECTED.set(outer);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_none_and_what_comes_after_is_as_before() {
        let nested = caught(|| {
            let inner: Option<u8> = caught(|| [1u8][std::hint::black_box(1)]);
            assert!(EXPECTED.get(), "still within the outer one");
            inner
        });
        assert_eq!(nested, Some(None));
        assert!(!EXPECTED.get());
        assert_eq!(caught(|| 3), Some(3));
    }
}
