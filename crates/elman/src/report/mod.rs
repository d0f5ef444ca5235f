//! What a run shows: tables for the terminal, pictures, and one page that holds everything.
//!
//! [`Table`] lines up in a terminal and in the page; [`plot`] draws; [`Report`] is the page, made of sections that any
//! task fills in.

mod chart;
mod format;
mod html;
pub mod plot;
mod svg;
mod table;
mod ticks;

pub use format::{MISSING, csv_cell, duration, number, numbers};
pub use html::{Block, Report, Section, Tone};
pub use svg::Svg;
pub use table::{Cell, Table};
