//! What models are for.
//!
//! A task is a folder here: the tables of its recipes ([`TaskTables`]), and a [`Job`], which is one recipe with its data and
//! its network. What the command does with any task (train, judge, write the run) it does through a [`Session`], which
//! any job makes; what only one task can do (forecast, generate, tag …) is a function of that task's folder.

pub mod animate;
pub mod caption;
pub mod classes;
pub mod classify;
mod error;
mod finished;
pub mod forecast;
pub mod generate;
pub mod likeness;
pub mod map;
mod overlap;
mod passes;
pub mod recognize;
pub mod resemble;
mod session;
pub mod signals;
pub mod similarity;
pub mod tag;
pub mod transcribe;
pub mod translate;

pub use error::Error;
pub use finished::{Finished, Outcome};
pub use session::{Session, fit};

use crate::init::{Initializer, ParamSource};
use crate::inspect::{Asked, Choice, Reading, Specimen};
use crate::model::Summary;
use crate::recipe::{self, ModelConfig, Recipe, Tables, TablesError};
use crate::report::Table;
use crate::run::RunFolder;
use crate::train::{Objective, Observer, TrainConfig};
use burn::module::Module;
use burn::prelude::Device;
use elman_data::text::Vocabulary;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The tables of a recipe that belong to one task.
pub trait TaskTables: Sized {
    /// The task itself.
    type Job: Job + 'static;

    /// What no single key can say about itself, and keys of `[model]` and `[train]` that would do nothing here.
    ///
    /// # Errors
    /// The first thing that is wrong.
    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error>;

    /// Which of the five shapes of the lecture notes the recipe has.
    fn shape(&self) -> &'static str;

    /// What its network reads and what it says, in words.
    fn ends(&self) -> [&'static str; 2];

    /// Whether the data are made rather than read.
    fn is_generated(&self) -> bool {
        false
    }

    /// Reads the data of a recipe, whose files are in `base`, and fits the network to them.
    ///
    /// # Errors
    /// If the data cannot be used or the network does not suit them.
    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<Self::Job, Error>;

    /// The job of a run that exists: its data as they were divided, scaled and numbered then.
    ///
    /// # Errors
    /// If the data cannot be used or are not those of the run.
    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<Self::Job, Error>;
}

/// A recipe with its data and its network.
pub trait Job {
    /// The network with parameters.
    type Model: Module;
    /// What training makes small.
    type Objective<'a>: Objective<Model = Self::Model>
    where
        Self: 'a;

    /// The network's layers and parameters.
    fn summary(&self) -> Summary;

    /// What was read.
    fn about(&self) -> About;

    /// Writes to a new run what will be needed beside the weights: scalers, vocabularies.
    ///
    /// # Errors
    /// If a file cannot be written.
    fn remember(&self, run: &RunFolder) -> Result<(), Error>;

    /// How to train.
    fn training(&self) -> &TrainConfig;

    /// Does to the data what takes too long for a look at them, and must be done before anything is learned.
    ///
    /// # Errors
    /// If the data cannot be used.
    fn ready(&mut self, _observer: &mut dyn Observer) -> Result<(), Error> {
        Ok(())
    }

    /// The training and validation parts, on `device`.
    ///
    /// # Errors
    /// If they are too small, or a key of `[train]` does not go with the task.
    fn objective(&self, device: &Device) -> Result<Self::Objective<'_>, Error>;

    /// Whose defaults the first parameters follow.
    fn initializer(&self) -> Initializer;

    /// The network with parameters that `source` gives.
    ///
    /// # Errors
    /// If the layers do not fit together.
    fn network(&self, source: &mut ParamSource) -> Result<Self::Model, Error>;

    /// The network with its first parameters, on `device`.
    ///
    /// # Errors
    /// If the layers do not fit together.
    fn build(&self, device: &Device) -> Result<Self::Model, Error> {
        self.network(&mut ParamSource::new(
            self.training().seed,
            self.initializer(),
            device,
        ))
    }

    /// Measures what the model must beat, and shows it; nothing where there is nothing simpler. What is trained for it
    /// tells `observer` how far it is, and ends early once `stop` is true.
    ///
    /// # Errors
    /// If a baseline cannot be made.
    fn baselines(
        &mut self,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error>;

    /// Judges a trained network on the test part, beside the baselines if they were measured.
    ///
    /// # Errors
    /// If its answers cannot be measured.
    fn judge(&self, model: &Self::Model) -> Result<Outcome, Error>;

    /// Puts the examples of another labelled file in the place of the test set, read as the files of training were; returns how many
    /// there are, in words.
    ///
    /// # Errors
    /// If the file cannot be read so, or the task cannot be evaluated on other files than the recipe's.
    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        Err(Error::input(format!(
            "`{}` cannot take the place of this run's test set: its task is evaluated on the files of its recipe alone. Train again \
             with data.test_files",
            file.display()
        )))
    }

    /// One example of the part that the model is judged by, for [`inspect`](crate::inspect::inspect). Unless a task says
    /// better, it is a batch of the first epoch, and what is looked at is how small its loss is.
    ///
    /// # Errors
    /// If there is no such example.
    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Self::Model>, Error> {
        choice.no_text()?;
        let objective = self.objective(&Device::default().autodiff())?;
        let mut batches = objective.batches(0);
        let batch = batches.swap_remove(choice.of(batches.len(), "batches")?);
        Ok(Specimen {
            title: format!("training batch {}", choice.example + 1),
            steps: 0,
            reading: Reading::Numbers(Vec::new()),
            hides: false,
            measure: "the loss, the other way round",
            ask: Box::new(move |model, _, _| {
                let loss = objective.loss(model, &batch, None).loss;
                let size = loss.clone().into_scalar::<f32>();
                Asked {
                    value: loss.neg(),
                    said: format!(
                        "the answers whose loss is {}",
                        crate::report::number(f64::from(size))
                    ),
                    steps: Vec::new(),
                }
            }),
        })
    }
}

/// What a job has read.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// What was found in the files and done to it; several lines.
    pub report: Option<String>,
    /// How much there is of each part, as the end of "The recipe is good: …".
    pub sizes: String,
    /// The same for machines: an object.
    pub figures: Value,
}

/// A vocabulary that a run keeps in a file of this name.
///
/// # Errors
/// If the file is missing or damaged.
pub fn vocabulary(run: &RunFolder, name: &str) -> Result<Vocabulary, Error> {
    let text = run.read(name)?;
    let read = Vocabulary::from_json(&text);
    Ok(read.map_err(|error| run.damaged(name, error))?)
}

macro_rules! tasks {
    ($($(#[$doc:meta])* $name:literal $variant:ident($tables:ty),)*) => {
        /// What a model is for: the recipe's `task`, with the tables that belong to it.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "task")]
        #[allow(clippy::large_enum_variant)] // A program holds one recipe.
        pub enum Task {
            $($(#[$doc])* #[serde(rename = $name)] $variant($tables),)*
        }

        impl Task {
            /// The tasks by the names recipes use.
            pub const NAMES: [&str; [$($name),*].len()] = [$($name),*];

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }

            /// The tables of the task called `name`, if there is one.
            pub(crate) fn read(name: &str, tables: Tables<'_>) -> Option<Result<Self, TablesError>> {
                Some(match name {
                    $($name => tables.read().map(Self::$variant),)*
                    _ => return None,
                })
            }

            pub(crate) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
                match self {
                    $(Self::$variant(tables) => tables.check(model, train),)*
                }
            }

            /// What its network reads and what it says, in words.
            pub fn ends(&self) -> [&'static str; 2] {
                match self {
                    $(Self::$variant(tables) => tables.ends(),)*
                }
            }

            /// Which of the five shapes of the lecture notes the recipe has.
            pub fn shape(&self) -> &'static str {
                match self {
                    $(Self::$variant(tables) => tables.shape(),)*
                }
            }

            /// Whether the data are made rather than read.
            pub fn is_generated(&self) -> bool {
                match self {
                    $(Self::$variant(tables) => tables.is_generated(),)*
                }
            }
        }

        $(impl TryFrom<Task> for $tables {
            type Error = Task;

            fn try_from(task: Task) -> Result<Self, Task> {
                match task {
                    Task::$variant(tables) => Ok(tables),
                    other => Err(other),
                }
            }
        })*

        impl Recipe {
            /// Reads the data of the recipe, whose files are in `base`, and fits the network to them.
            ///
            /// # Errors
            /// If the data cannot be used or the network does not suit them.
            pub fn prepare(self, base: &Path) -> Result<Box<dyn Session>, Error> {
                match self.task.clone() {
                    $(Task::$variant(tables) => TaskTables::prepare(self.with_task(tables), base).map(session::hold),)*
                }
            }

            /// The job of a run that exists: its data as they were divided, scaled and numbered then.
            ///
            /// # Errors
            /// If the data cannot be used or are not those of the run.
            pub fn reopen(self, base: &Path, run: &RunFolder) -> Result<Box<dyn Session>, Error> {
                match self.task.clone() {
                    $(Task::$variant(tables) => TaskTables::reopen(self.with_task(tables), base, run).map(session::hold),)*
                }
            }

            /// [Reopens](Self::reopen) a finished run, where its data were, with its trained network.
            ///
            /// # Errors
            /// If the data cannot be used or are not those of the run, or a file of the run is damaged.
            pub fn trained(self, run: &RunFolder) -> Result<Box<dyn Session>, Error> {
                let mut session = self.reopen(&run.base()?, run)?;
                session.load(&run.model())?;
                Ok(session)
            }
        }
    };
}

tasks! {
    /// The next values of a series.
    "forecast" Forecast(forecast::Forecast),
    /// From a row of numbers to numbers, or to a series.
    "map" Map(map::Map),
    /// One class for each text.
    "classify" Classify(classify::Classify),
    /// One class for each series, or for each of its steps.
    "recognize" Recognize(recognize::Recognize),
    /// Text that goes on as the text it was learned from would.
    "generate" Generate(generate::Generate),
    /// A label for each word of a sentence.
    "tag" Tag(tag::Tag),
    /// From one text to another: translations, answers to questions.
    "translate" Translate(translate::Translate),
    /// From a picture to a sentence.
    "caption" Caption(caption::Caption),
    /// From a sound, or another series, to a text.
    "transcribe" Transcribe(transcribe::Transcribe),
    /// Movements that go on as those they were learned from would.
    "animate" Animate(animate::Animate),
    /// How close two texts are.
    "similarity" Similarity(similarity::Similarity),
    /// How close two series are.
    "resemble" Resemble(resemble::Resemble),
}
