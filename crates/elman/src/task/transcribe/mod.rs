//! From a sound, or any other series, to a text: many to many, unaligned, by connectionist temporal classification.
//!
//! ```no_run
//! use elman::recipe::Recipe;
//! use elman::run::RunFolder;
//! use elman::task::transcribe::{Transcribe, Transcriber};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let run = RunFolder::open("runs/spoken-strings".as_ref())?;
//! let recipe: Recipe<Transcribe> = run.recipe()?.of().ok_or("a run of another task")?;
//! let transcriber = Transcriber::open(&recipe, &run)?;
//! for answer in transcriber.transcribe(&["hello.wav".into()], ".".as_ref(), 10)?.0 {
//!     println!("{}: {}", answer.place, answer.text);
//! }
//! # Ok(()) }
//! ```

mod answers;
mod config;
mod dataset;
mod job;
mod objective;
mod predict;
mod results;
mod specimen;

pub use config::{Transcribe, TranscribeConfig};
pub use dataset::{Dataset, Said, Spoken};
pub use job::TranscribeJob;
pub use objective::TranscribeObjective;
pub use predict::{Answer, Transcriber};
pub use results::Scores;
