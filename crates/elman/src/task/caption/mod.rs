//! From a picture to a sentence: one to many.
//!
//! ```no_run
//! use elman::recipe::Recipe;
//! use elman::run::RunFolder;
//! use elman::task::caption::{Caption, Describer};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let run = RunFolder::open("runs/caption-flickr".as_ref())?;
//! let recipe: Recipe<Caption> = run.recipe()?.of().ok_or("a run of another task")?;
//! let describer = Describer::open(&recipe, &run)?;
//! let answer = describer.describe("dog.jpg".as_ref(), &recipe.task.search)?;
//! println!("{}", answer.answers[0].text);
//! # Ok(()) }
//! ```

mod config;
mod dataset;
mod describer;
mod draw;
mod job;
mod objective;
mod results;
mod seen;
mod specimen;

pub use config::{Caption, CaptionConfig, EyeKind};
pub use dataset::{Dataset, Shown};
pub use describer::{Answer, Describer, Description};
pub use draw::overlay;
pub use job::CaptionJob;
pub use objective::{CaptionObjective, PictureBatch};
pub use seen::Seen;
