//! How close two series are: one encoder for both, trained so that series of one label come near each other.
//!
//! ```no_run
//! use elman::recipe::Recipe;
//! use elman::run::RunFolder;
//! use elman::task::resemble::{Encoder, Resemble};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let run = RunFolder::open("runs/similar-series".as_ref())?;
//! let recipe: Recipe<Resemble> = run.recipe()?.of().ok_or("a run of another task")?;
//! let encoder = Encoder::open(&recipe, &run)?;
//! let (known, _) = encoder.known("data".as_ref())?;
//! let (asked, _) = encoder.read(&["new.ts".into()], ".".as_ref())?;
//! for (item, distance) in encoder.nearest(&asked[0].vector, &known, 5) {
//!     println!("{distance} {}", known[item].place);
//! }
//! # Ok(()) }
//! ```

mod config;
mod encoder;
mod searches;
mod series;

pub use config::{Resemble, ResembleConfig};
pub use encoder::{Encoded, Encoder, Group};
pub use series::{LabelledSeries, network};
