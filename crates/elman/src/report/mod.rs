//! What a run shows: tables for the terminal, pictures, and one page that holds everything.
//!
//! [`Table`] lines up in a terminal and in the page; [`plot`] draws; [`Report`] is the page, made of sections that any
//! task fills in.

mod chart;
mod classes;
mod format;
mod html;
mod plain;
pub mod plot;
mod svg;
mod table;
mod ticks;

pub use classes::ClassReport;
pub use elman_data::csv_cell;
pub use format::{MISSING, duration, number, numbers};
pub use html::{Block, Report, Section, Tone};
pub use plain::{is_hostile, shown};
pub use svg::{Svg, SvgPicture};
pub use table::{Cell, Table};

/// A picture and the file it goes to.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The file's name without folder and extension.
    pub file: String,
    /// The picture.
    pub svg: Svg,
    /// What to see in it.
    pub caption: String,
}
