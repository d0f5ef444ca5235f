//! `task = "map"`: from a row of numbers to numbers, or to a series; the two plain shapes of the lecture notes.
//!
//! One to one: a vector becomes a vector through dense layers, without recurrence. One to many: a vector is repeated at every step,
//! and a recurrent stack makes a series of it.
//!
//! ```text
//! files ─▶ elman_data::text::{read_columns, read_rows} ─▶ Columns ─▶ Dataset (scalers of the training part) ─▶ batches
//! ```

mod columns;
mod config;
mod dataset;
mod job;
mod network;
mod objective;
mod pictures;
mod predict;
mod read;
mod results;
mod scores;
mod specimen;

pub use columns::Columns;
pub use config::{GenerateConfig, Made, Map, MapBaseline, MapConfig};
pub use dataset::{Dataset, Preprocessing, Rows};
pub use job::MapJob;
pub use network::network;
pub use objective::MapObjective;
pub use predict::{Answer, Mapper};
pub use scores::{Score, Scored};
