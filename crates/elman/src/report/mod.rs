//! What a run shows: tables for the terminal, pictures and one self-contained page.

mod format;
mod table;

pub use format::{MISSING, duration, number, numbers};
pub use table::{Cell, Table};
