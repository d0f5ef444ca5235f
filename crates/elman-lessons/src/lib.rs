//! The experiments of a course on recurrent networks: each trains, says what is expected and what was measured, explains why
//! it comes out so, and draws.
//!
//! A [`Lesson`] is a function from a [`Setup`] to what is [`Told`]: paragraphs, tables, figures and claims. The terminal, the
//! page and the JSON are made from that alone. Every word is said in English and in Korean ([`Words`]).
//!
//! All data are generated or written here, so that every lesson runs from the program alone.

mod claim;
mod gradient;
mod lesson;
mod lexicon;
mod network;
mod setup;
mod show;
mod teach;
mod told;
mod words;

pub use claim::{Claim, Expected, Measured};
pub use lesson::{LESSONS, Lesson, find};
pub use setup::{Error, Setup, Unwatched, Watcher};
pub use show::{json, overview, page, text};
pub use told::{Grid, Part, Told};
pub use words::{Lang, Words};
