//! One class for each series, sound or clip, or for each of its steps: many to one, and many to many aligned.
//!
//! ```no_run
//! use elman::recipe::Recipe;
//! use elman::run::RunFolder;
//! use elman::task::recognize::{Recognize, Recognizer};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let run = RunFolder::open("runs/gun-point".as_ref())?;
//! let recipe: Recipe<Recognize> = run.recipe()?.of().ok_or("a run of another task")?;
//! let recognizer = Recognizer::open(&recipe, &run)?;
//! for answer in recognizer.recognize(&["new.ts".into()], ".".as_ref())?.0 {
//!     println!("{}: {}", answer.place, recognizer.classes.names[answer.classes[0]]);
//! }
//! # Ok(()) }
//! ```

mod answers;
mod baselines;
mod config;
mod dataset;
mod job;
mod network;
mod objective;
mod predict;
mod results;
mod specimen;

pub use answers::{answers, vectors};
pub use baselines::SignalBaseline;
pub use config::{Each, Recognize, RecognizeConfig};
pub use dataset::{Dataset, Series};
pub use job::RecognizeJob;
pub(super) use job::remembered;
pub use network::{encoder, recognizer};
pub use objective::RecognizeObjective;
pub use predict::{Answer, Recognizer};
