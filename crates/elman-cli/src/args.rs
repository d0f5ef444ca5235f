//! Every argument and flag, once.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Recurrent networks from data to forecast.
///
/// Begin with `elman train air-passengers`, or `elman recipe init FILE.csv` for a series of your own.
#[derive(Debug, Parser)]
#[command(
    name = "elman",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// Write JSON lines to standard output instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Show results only, no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Threads to compute with [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub threads: Option<usize>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a recipe: baselines first, then the model, then a report
    Train(TrainArgs),
    /// Measure a trained run again on its test span
    Eval(EvalArgs),
    /// Forecast the future with a trained run
    Forecast(ForecastArgs),
    /// Make text with a trained run
    Generate(GenerateArgs),
    /// Have a movement go on, with a trained run
    Animate(AnimateArgs),
    /// Translate texts, or answer them, with a trained run
    Translate(TranslateArgs),
    /// Tag the words of sentences with a trained run
    Tag(TagArgs),
    /// Say which class texts are of, or what rows of numbers give, with a trained run
    Predict(PredictArgs),
    /// Say what is on pictures, with a trained run
    Caption(CaptionArgs),
    /// Write down what is said in recordings, with a trained run
    Transcribe(TranscribeArgs),
    /// Find the texts or series nearest to another, or say how close two are, with a trained run
    Nearest(NearestArgs),
    /// See why a trained run works, or does not: gradients, gates, and what an answer rests on
    Inspect(InspectArgs),
    /// Set runs side by side: their curves, what they reach and cost, how their recipes differ
    Compare(CompareArgs),
    /// Train a recipe with every combination of some values, or with some drawn at random, and compare the runs
    Sweep(SweepArgs),
    /// Find the learning rate that a recipe learns with, in a few steps
    FindLr(FindLrArgs),
    /// Draw a network unrolled in time
    Draw(DrawArgs),
    /// See why recurrent networks work: experiments that train, measure, explain and draw
    Lesson(LessonArgs),
    /// Show a recipe's layers, output shapes and parameters
    Summary(RecipeArgs),
    /// List, make, check and show recipes
    Recipe(RecipeCommand),
    /// List, fetch and describe data
    Data(DataCommand),
}

impl Command {
    /// Whether it makes more than it prints: it goes on where nobody reads what it prints.
    pub fn makes(&self) -> bool {
        matches!(
            self,
            Self::Train(_)
                | Self::Sweep(_)
                | Self::Lesson(_)
                | Self::FindLr(_)
                | Self::Inspect(_)
                | Self::Compare(_)
                | Self::Draw(_)
        )
    }
}

/// A recipe and changes to it.
#[derive(Debug, Args)]
pub struct RecipeArgs {
    /// A recipe: a TOML file, or the name of one that comes with elman (see `elman recipe list`)
    pub recipe: PathBuf,
    /// Change a key of the recipe, such as train.epochs=5, or take it away: train.clip_norm= (may be repeated)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `elman train`
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// The recipe, or the folder of an interrupted run
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// Folder to write the run to [default: runs/NAME]
    #[arg(long, value_name = "FOLDER")]
    pub run: Option<PathBuf>,
    /// Go on with an interrupted run, to the same result as if it had not been
    #[arg(long)]
    pub resume: bool,
}

/// `elman eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// Measure it on the examples of another labelled file instead of its test set
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
}

/// The numbers that recurrent layers multiply.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Precision {
    /// 24 bits of precision
    F32,
    /// 8 bits of precision, where the processor multiplies them
    Bf16,
    /// Weights of 8 bits
    Int8,
}

impl From<Precision> for elman::ops::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::Bf16,
            Precision::Int8 => Self::Int8,
        }
    }
}

/// `elman forecast`
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// A file with the newest history [default: the data the run was trained on]
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Steps to forecast [default: the recipe's horizon]
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub steps: Option<usize>,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
    /// Write the forecast to a CSV file as well
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `elman generate`; what is not given is as the recipe's [sample] has it
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// The text that is gone on from
    #[arg(long, short, value_name = "TEXT")]
    pub prompt: Option<String>,
    /// Most tokens after the prompt
    #[arg(long, short = 'n', value_name = "N")]
    pub length: Option<usize>,
    /// Below 1 keeps to the likely, above 1 dares more, 0 always takes the likeliest
    #[arg(long, short, value_name = "T")]
    pub temperature: Option<f64>,
    /// Draw from so many of the likeliest tokens only
    #[arg(long, value_name = "K")]
    pub top_k: Option<usize>,
    /// Draw from the likeliest tokens that together have this probability only
    #[arg(long, value_name = "P")]
    pub top_p: Option<f64>,
    /// Above 1 makes tokens that were said less likely
    #[arg(long, value_name = "X")]
    pub repetition_penalty: Option<f64>,
    /// A text that ends it
    #[arg(long, value_name = "TEXT")]
    pub stop: Option<String>,
    /// Which of the many possible texts
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many texts
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub count: u64,
    /// Show the states and the probabilities at each step of this text instead of making one
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["prompt", "length", "count", "output"])]
    pub show_steps: Option<String>,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
    /// Write the texts to a file instead of the terminal
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `elman animate`; what is not given is as the recipe's [sample] has it
#[derive(Debug, Args)]
pub struct AnimateArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// A file with a movement to go on from [default: the data the run was trained on]
    #[arg(long, value_name = "FILE")]
    pub seed_from: Option<String>,
    /// Which movement of the file
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub movement: usize,
    /// Steps of it that are read, at most
    #[arg(long, value_name = "N")]
    pub seed_steps: Option<usize>,
    /// Steps that are made
    #[arg(long, short = 'n', value_name = "N")]
    pub steps: Option<usize>,
    /// Below 1 keeps to the likely, above 1 dares more, 0 always takes the likeliest
    #[arg(long, short, value_name = "T")]
    pub temperature: Option<f64>,
    /// Which of the many possible movements
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
    /// Where to: a picture that moves (.svg), a film (.gif) or a table (.csv)
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `elman translate`; what is not given is as the recipe's [search] has it
#[derive(Debug, Args)]
pub struct TranslateArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// Texts, or files of texts, written as those of training or a text on each line [default: the lines of standard input]
    #[arg(value_name = "TEXT or FILE")]
    pub texts: Vec<String>,
    /// A file of texts; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    pub input: Option<PathBuf>,
    /// Take the arguments for texts, even where files are called so
    #[arg(long)]
    pub text: bool,
    /// Sequences that are followed at once; 1, without a consensus, is greedy
    #[arg(long, value_name = "N")]
    pub beam: Option<usize>,
    /// Sequences that are drawn, to answer with what they agree with most; 0 for the likeliest
    #[arg(long, value_name = "N")]
    pub consensus: Option<usize>,
    /// From 0, which prefers short answers, to about 1
    #[arg(long, value_name = "X")]
    pub length_penalty: Option<f64>,
    /// Most tokens of an answer
    #[arg(long, value_name = "N")]
    pub max_length: Option<usize>,
    /// Show so many of the best answers, with their scores
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1000))]
    pub alternatives: Option<usize>,
    /// Draw what each token of the answer looked at (one text only)
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
    /// Write the answers to a file instead of the terminal, a line for each text
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `elman tag`
#[derive(Debug, Args)]
pub struct TagArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// Sentences, or files of sentences, written as those of training or a sentence on each line [default: the lines of standard
    /// input]
    #[arg(value_name = "SENTENCE or FILE")]
    pub texts: Vec<String>,
    /// A file of sentences; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    pub input: Option<PathBuf>,
    /// Take the arguments for sentences, even where files are called so
    #[arg(long)]
    pub text: bool,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
}

/// `elman predict`
#[derive(Debug, Args)]
pub struct PredictArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// Texts, or files of texts, written as those of training or a text on each line [default: the lines of standard input]; where
    /// the run is about series or rows of numbers, files that hold them
    #[arg(value_name = "TEXT or FILE")]
    pub inputs: Vec<String>,
    /// A file; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "inputs")]
    pub input: Option<PathBuf>,
    /// Take the arguments for texts, even where files are called so
    #[arg(long)]
    pub text: bool,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
}

/// `elman caption`
#[derive(Debug, Args)]
pub struct CaptionArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// Pictures: PNG, JPEG, BMP or GIF
    #[arg(required = true)]
    pub files: Vec<String>,
    /// Sentences that are followed at once; 1, without a consensus, is greedy [default: the recipe's]
    #[arg(long, value_name = "N")]
    pub beam: Option<usize>,
    /// Sentences that are drawn, to answer with what they agree with most; 0 for the likeliest [default: the recipe's]
    #[arg(long, value_name = "N")]
    pub consensus: Option<usize>,
    /// Write to this folder where the model looked as it wrote each word, as SVG
    #[arg(long, value_name = "FOLDER")]
    pub looks: Option<PathBuf>,
    /// Go on with the others where a picture cannot be read
    #[arg(long)]
    pub skip: bool,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
}

/// `elman transcribe`
#[derive(Debug, Args)]
pub struct TranscribeArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// Recordings
    #[arg(required = true)]
    pub files: Vec<String>,
    /// Texts kept while the likeliest is searched for [default: the recipe's]
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1000))]
    pub beam: Option<usize>,
    /// Show where each token begins, of a single recording
    #[arg(long)]
    pub steps: bool,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
}

/// `elman nearest`
#[derive(Debug, Args)]
pub struct NearestArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// The text whose like is searched for; where the run is about series, a file that holds some, or the name (a label, or another
    /// field) of some of those that are searched among
    pub query: String,
    /// Say how far the query is from this text, file or name, instead of searching
    #[arg(long, value_name = "OTHER")]
    pub to: Option<String>,
    /// A file to search among: a text on each line (`-` is standard input), or series [default: the recipe's data.files]
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How many to show
    #[arg(long, short = 'n', value_name = "N", default_value_t = 5, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub count: usize,
    /// The numbers that recurrent layers multiply [default: the recipe's]
    #[arg(long)]
    pub precision: Option<Precision>,
}

/// `elman draw`
#[derive(Debug, Args)]
pub struct DrawArgs {
    /// A recipe (a TOML file, or the name of one that comes with elman), or the folder of a finished run
    pub recipe: PathBuf,
    /// Change a key of the recipe, such as model.num_layers=2, or take it away: model.layers= (may be repeated)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Write the numbers of one example into the picture, from the folder of a finished run
    #[arg(long)]
    pub values: bool,
    /// Which example that is
    #[arg(long, short, value_name = "N", default_value_t = 1, requires = "values", conflicts_with = "text", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub example: usize,
    /// A text of your own instead
    #[arg(long, value_name = "TEXT", requires = "values")]
    pub text: Option<String>,
    /// The picture [default: NAME.svg]; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the picture if it is there
    #[arg(long)]
    pub force: bool,
}

/// `elman inspect`
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The folder of a finished run
    pub run: PathBuf,
    /// A text of your own to look at, where the run reads texts
    pub text: Option<String>,
    /// Which example of the part that the run is judged by to look at (of some tasks, which batch it learned from)
    #[arg(long, short, value_name = "N", default_value_t = 1, conflicts_with = "text", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub example: usize,
    /// Do not ask again with each step hidden, which takes as many answers as there are steps
    #[arg(long)]
    pub no_hiding: bool,
    /// Write every state and gate of every step, too: the table `states`, a row for each number
    #[arg(long)]
    pub states: bool,
    /// Write tables as Parquet instead of CSV
    #[arg(long)]
    pub parquet: bool,
    /// Folder to write the page, the pictures and the figures to [default: RUN/inspect]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// `elman lesson`
#[derive(Debug, Args)]
pub struct LessonArgs {
    /// A lesson's name; `list` for their names, `all` for one after the other
    pub name: String,
    /// Folder for the pictures and the page [default: lessons/NAME, or lessons for `all`]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// The language it is told in [default: what LC_ALL, LC_MESSAGES or LANG says]
    #[arg(long)]
    pub lang: Option<Lang>,
    /// The shortened form: seconds, and the effect still shows
    #[arg(long)]
    pub quick: bool,
}

/// A language that lessons are told in.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// 한국어
    Ko,
}

impl From<Lang> for elman_lessons::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Ko => Self::Ko,
        }
    }
}

/// `elman compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The folders of runs of one task, finished or not; a folder that holds runs stands for all of them
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Folder to write the page and the pictures to
    #[arg(long, value_name = "FOLDER", default_value = "compare")]
    pub out: PathBuf,
}

/// `elman sweep`; the same command goes on with a sweep that was interrupted
#[derive(Debug, Args)]
pub struct SweepArgs {
    /// The recipe that is changed
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// A key and the values that it is to have, such as model.hidden_size=32,64; with --random also a range, such as
    /// train.optimizer.learning_rate=1e-4..1e-2 (may be repeated)
    #[arg(long, value_name = "KEY=V1,V2,…", required = true)]
    pub over: Vec<String>,
    /// Draw so many combinations instead of trying all; ranges above zero are drawn from evenly on a logarithmic scale
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(2..=10_000))]
    pub random: Option<usize>,
    /// Which of the many possible draws
    #[arg(long, value_name = "N", default_value_t = 0, requires = "random")]
    pub seed: u64,
    /// Folder to write the runs and their comparison to [default: sweeps/NAME]
    #[arg(long, value_name = "FOLDER")]
    pub run: Option<PathBuf>,
}

/// `elman find-lr`
#[derive(Debug, Args)]
pub struct FindLrArgs {
    /// The recipe
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// The smallest rate that is tried
    #[arg(long, value_name = "RATE", default_value_t = 1e-6)]
    pub from: f64,
    /// The largest
    #[arg(long, value_name = "RATE", default_value_t = 10.0)]
    pub to: f64,
    /// Optimizer steps from one to the other; ends before where the loss diverges
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(20..=100_000))]
    pub steps: usize,
    /// The picture [default: NAME-find-lr.svg]; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the picture if it is there
    #[arg(long)]
    pub force: bool,
}

/// `elman recipe`
#[derive(Debug, Args)]
pub struct RecipeCommand {
    /// What to do
    #[command(subcommand)]
    pub action: RecipeAction,
}

/// The actions on recipes.
#[derive(Debug, Subcommand)]
pub enum RecipeAction {
    /// The recipes that come with elman
    List,
    /// Write a recipe for a file of your own
    Init(InitArgs),
    /// Check a recipe and its data without training
    Check(RecipeArgs),
    /// Print a recipe with every key and its value
    Show(RecipeArgs),
}

/// `elman recipe init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The file: a series or rows (CSV, Parquet, JSON lines), an archive of series (.ts, .tsv), a text, tagged sentences, or a
    /// table of recordings, videos or pictures; several that are read one after the other
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What is to be learned [default: what the file and its columns suggest]
    #[arg(long)]
    pub task: Option<InitTask>,
    /// Column that is read [default: what the columns' names and cells suggest]
    #[arg(long, value_name = "COLUMN")]
    pub input: Option<String>,
    /// Column that is answered [default: what the columns' names and cells suggest]
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Steps to forecast [default: one season]
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub horizon: Option<usize>,
    /// A key of the recipe, such as data.duplicates=last (may be repeated)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Where to write the recipe [default: the file's name with .toml]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a recipe that is there
    #[arg(long)]
    pub force: bool,
}

/// The tasks that a recipe can be begun for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitTask {
    /// The next values of a series
    Forecast,
    /// More text like this
    Generate,
    /// One of several labels for each text
    Classify,
    /// A tag for each word
    Tag,
    /// A text for each text: a translation, an answer
    Translate,
    /// One of several classes for each series: a .ts archive, a CSV file, or a CSV file that labels recordings or clips
    Recognize,
    /// A text for each recording: a CSV file of recordings and what is said in them
    Transcribe,
    /// How close series are to each other: files as for recognize, series of one label are close
    Resemble,
    /// Numbers for the numbers of a row
    Map,
    /// A sentence for each picture: a CSV file of pictures and sentences about them
    Caption,
}

/// `elman data`
#[derive(Debug, Args)]
pub struct DataCommand {
    /// What to do
    #[command(subcommand)]
    pub action: DataAction,
}

/// The actions on data.
#[derive(Debug, Subcommand)]
pub enum DataAction {
    /// The public datasets that recipes use, and whether they are here
    List,
    /// Fetch a dataset, checked by sha256
    Get {
        /// Its name
        name: String,
    },
    /// Describe a dataset, or a file of your own
    Describe {
        /// A dataset's name, or a file
        name: PathBuf,
    },
}
