//! How close two texts are: one encoder for both, trained so that texts of one label come near each other.
//!
//! ```no_run
//! use elman::recipe::Recipe;
//! use elman::run::RunFolder;
//! use elman::task::similarity::{Encoder, Similarity};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let run = RunFolder::open("runs/similar-questions".as_ref())?;
//! let recipe: Recipe<Similarity> = run.recipe()?.of().ok_or("a run of another task")?;
//! let encoder = Encoder::open(&recipe, &run)?;
//! println!("{}", encoder.between("How far is the moon ?", "What is the height of Everest ?")?);
//! # Ok(()) }
//! ```

mod config;
mod encoder;
mod texts;

pub use config::{Similarity, SimilarityConfig};
pub use encoder::Encoder;
pub use texts::{LabelledTexts, network};
