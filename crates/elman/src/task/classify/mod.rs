//! One class for each text: many to one.
//!
//! ```no_run
//! use elman::recipe::Recipe;
//! use elman::run::RunFolder;
//! use elman::task::classify::{Classifier, Classify};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let run = RunFolder::open("runs/sentiment-sst2".as_ref())?;
//! let recipe: Recipe<Classify> = run.recipe()?.of().ok_or("a run of another task")?;
//! let classifier = Classifier::open(&recipe, &run)?;
//! let answer = &classifier.classify(&["not bad at all"])?[0];
//! println!("{}", classifier.classes.names[answer.class]);
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

pub use answers::{answers, batch};
pub(super) use answers::{drop_words, in_batches};
pub use config::{Classify, ClassifyConfig};
pub(super) use config::{check_network, check_smoothing, check_training};
pub use dataset::{Dataset, Texts};
pub use job::{ClassifyJob, VOCABULARY, remembered};
pub use network::{INPUT, classifier, encoder};
pub use objective::{ClassifyObjective, TextBatch};
pub use predict::{Answer, Classifier};
pub use results::Results;
