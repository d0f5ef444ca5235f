//! The recipes that come with the command, and how a recipe's name becomes a recipe.

use crate::command::dataset::{fetch, size};
use crate::failure::Failure;
use crate::output::{self, Output};
use elman::recipe::Recipe;
use elman::run::{Origin, RunFolder};
use elman_data::dataset::{self, Dataset, How};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A recipe inside the program.
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// Its TOML.
    pub text: &'static str,
    /// The table it comes with, if any: file name and contents.
    pub table: Option<(&'static str, &'static str)>,
}

macro_rules! builtin {
    ($name:literal $(, $table:literal)?) => {
        Builtin {
            name: $name,
            text: include_str!(concat!("../../../recipes/", $name, ".toml")),
            table: [$(($table, include_str!(concat!("../../../recipes/", $table))))?].first().copied(),
        }
    };
}

/// The recipes inside the program.
pub const BUILTINS: &[Builtin] = &[
    builtin!("air-passengers", "air-passengers.csv"),
    builtin!("series-1-step-linear"),
    builtin!("series-1-step-simple"),
    builtin!("series-1-step"),
    builtin!("series-10-steps-linear"),
    builtin!("series-10-steps"),
    builtin!("series-10-steps-sequence"),
    builtin!("series-10-steps-iterative"),
    builtin!("friedman"),
    builtin!("damped-oscillation"),
    builtin!("stock"),
    builtin!("hello"),
    builtin!("shakespeare"),
    builtin!("korean-novels"),
    builtin!("music"),
    builtin!("pos-english"),
    builtin!("pos-korean"),
    builtin!("translate-de-en"),
    builtin!("chat-korean"),
    builtin!("seoul-weather"),
    builtin!("seoul-weather-multivariate"),
    builtin!("beijing-hourly"),
    builtin!("etth1"),
    builtin!("sentiment-sst2"),
    builtin!("nsmc"),
    builtin!("question-type"),
    builtin!("similar-questions"),
    builtin!("dna-splice"),
    builtin!("series-classes"),
    builtin!("similar-series"),
    builtin!("similar-stocks"),
    builtin!("skeleton"),
    builtin!("skeleton-dance"),
    builtin!("sequential-mnist"),
    builtin!("moving-digits"),
    builtin!("bouncing-digits"),
    builtin!("caption-flickr"),
    builtin!("caption-shapes"),
    builtin!("spoken-digits"),
    builtin!("spoken-strings"),
];

/// A recipe with the folder its files are in.
pub struct Located {
    /// The recipe, overrides applied.
    pub recipe: Recipe,
    /// What to call a run of it.
    pub name: String,
    /// The folder that `data.files` are relative to.
    pub base: PathBuf,
}

/// A recipe, and where it is from: its data need not be there.
pub struct Found {
    /// The recipe, overrides applied.
    pub recipe: Recipe,
    name: String,
    source: Source,
}

enum Source {
    /// A run, whose files are in this folder.
    Run(PathBuf),
    /// A file of this folder.
    File(PathBuf),
    Builtin(&'static Builtin),
}

impl Found {
    fn locate(self, output: &Output) -> Result<Located, Failure> {
        let base = match self.source {
            Source::Run(base) => base,
            Source::File(folder) => base(&self.recipe, output, || Ok(folder))?,
            Source::Builtin(builtin) => base(&self.recipe, output, || tables(builtin))?,
        };
        Ok(Located {
            recipe: self.recipe,
            name: self.name,
            base,
        })
    }
}

/// Finds a recipe by file or name and reads it; its data must be there, unless they are drawn here.
pub fn locate(
    name: impl AsRef<Path>,
    overrides: &[String],
    output: &Output,
) -> Result<Located, Failure> {
    find(name, overrides)?.locate(output)
}

/// Finds a recipe by file or name and reads it, and nothing of its data.
pub fn find(name: impl AsRef<Path>, overrides: &[String]) -> Result<Found, Failure> {
    let path = name.as_ref();
    let name = &*path.to_string_lossy();
    if hides(path) {
        return builtin(name, overrides);
    }
    let run = if path.is_file() {
        path.parent().unwrap_or(path)
    } else {
        path
    };
    if RunFolder::is_run(run) && (path == run || path.file_name() == Some("recipe.toml".as_ref())) {
        // The recipe of a run: its files are where they were.
        let run = RunFolder::existing(run)?;
        let origin = run.origin()?;
        return Ok(Found {
            recipe: Recipe::load(&run.file("recipe.toml"), overrides)?,
            source: Source::Run(base_of(&run, &origin)?),
            name: origin.name,
        });
    }
    if path.is_file() {
        let folder = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let name = path.file_stem().unwrap_or_default();
        return Ok(Found {
            recipe: Recipe::load(path, overrides)?,
            name: name.to_string_lossy().into_owned(),
            source: Source::File(folder.into()),
        });
    }
    builtin(name, overrides)
}

/// The recipe of this name that comes with elman.
fn builtin(name: &str, overrides: &[String]) -> Result<Found, Failure> {
    let Some(builtin) = BUILTINS.iter().find(|builtin| builtin.name == name) else {
        let names = BUILTINS.iter().map(|builtin| builtin.name);
        let hint = elman_data::nearest(name, names)
            .map_or(".".into(), |near| format!("; did you mean `{near}`?"));
        return Err(Failure::input(format!(
            "there is no recipe file `{name}` and no recipe of that name{hint} `elman recipe list` shows those that come \
             with elman, `elman recipe init FILE.csv` makes one for your data."
        )));
    };
    Ok(Found {
        recipe: Recipe::parse(builtin.text, name, overrides)?,
        name: name.into(),
        source: Source::Builtin(builtin),
    })
}

/// The folder of a recipe's files: its dataset's, or the one that `otherwise` gives. A dataset is drawn if it can be, and fetched
/// only when the user says so.
fn base(
    recipe: &Recipe,
    output: &Output,
    otherwise: impl FnOnce() -> Result<PathBuf, Failure>,
) -> Result<PathBuf, Failure> {
    let Some(name) = &recipe.dataset else {
        return otherwise();
    };
    let (dataset, folder) = (dataset::describe(name)?, dataset::resolve(name)?);
    if dataset.is_complete(&folder) {
        return Ok(folder);
    }
    if dataset.how() == How::Drawn && has_recordings(dataset)? {
        return fetch(name, output);
    }
    Err(Failure::input(format!(
        "the dataset `{name}` is not here ({}); get it with: elman data get {name}",
        size(dataset)
    )))
}

/// Whether the dataset that this one is drawn from is here, or there is none.
fn has_recordings(dataset: &Dataset) -> Result<bool, Failure> {
    let Some(name) = dataset.drawn_from() else {
        return Ok(true);
    };
    Ok(dataset::describe(name)?.is_complete(&dataset::resolve(name)?))
}

/// Whether `path` is the name of a recipe that comes with elman, and there is a file or folder of that name as well: the
/// name then means the recipe, which is said once.
pub fn hides(path: &Path) -> bool {
    let Some(name) = path.to_str() else {
        return false;
    };
    let hidden = BUILTINS.iter().any(|builtin| builtin.name == name) && path.exists();
    if hidden {
        static SAID: std::sync::Once = std::sync::Once::new();
        SAID.call_once(|| {
            output::say(format_args!(
                "note: `{name}` is the recipe that comes with elman; for what is called so in this folder say ./{name}"
            ));
        });
    }
    hidden
}

/// A path as an argument that means it, even if it is called as a recipe that comes with elman.
pub fn argument(path: &Path) -> String {
    let shown = path.display().to_string();
    if BUILTINS.iter().any(|builtin| builtin.name == shown) {
        return format!("./{shown}");
    }
    shown
}

/// The folder of the files of a run's recipe, wherever it is on this machine.
pub fn base_of(run: &RunFolder, origin: &Origin) -> Result<PathBuf, Failure> {
    let base = origin.base(run.path());
    // The table of a recipe that comes with elman is at hand on every machine.
    let builtin = BUILTINS.iter().find(|builtin| builtin.name == origin.name);
    let table = builtin.and_then(|builtin| Some((builtin, builtin.table?.0)));
    if let Some((builtin, table)) = table
        && base.ends_with(TABLES)
        && !base.join(table).is_file()
    {
        return tables(builtin);
    }
    if base.is_dir() {
        return Ok(base);
    }
    // So may a dataset be.
    let Some(name) = run.recipe()?.dataset else {
        return Ok(base);
    };
    let folder = dataset::resolve(&name)?;
    let here = dataset::describe(&name)?.is_complete(&folder);
    Ok(if here { folder } else { base })
}

/// Where the tables that come with recipes are written, within the folder of temporary files or another.
const TABLES: &str = "elman/tables";

/// Writes the table that comes with a recipe where recipes can read it: beside downloads, or for this once into a temporary
/// folder where that cannot be.
fn tables(builtin: &Builtin) -> Result<PathBuf, Failure> {
    let Some((name, contents)) = builtin.table else {
        return Ok(PathBuf::new()); // it reads no files
    };
    let cached = dataset::cache_folder().map(|folder| folder.join("tables"));
    if let Ok(folder) = cached {
        let path = folder.join(name);
        let there = std::fs::read_to_string(&path).ok().as_deref() == Some(contents);
        if there || output::write(&path, contents).is_ok() {
            return Ok(folder);
        }
    }
    let folder = temporary()?.join(TABLES);
    output::write(&folder.join(name), contents)?;
    Ok(folder)
}

/// A folder that is there until the program ends.
fn temporary() -> Result<PathBuf, Failure> {
    let mut folder = TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = &*folder {
        return Ok(folder.path().into());
    }
    let made = tempfile::Builder::new().prefix("elman-").tempdir();
    let made = made.map_err(|error| {
        Failure::Program(format!(
            "cannot make a temporary folder in `{}`: {error}. Set TMPDIR to a folder that can be written to",
            std::env::temp_dir().display()
        ))
    })?;
    let path = made.path().to_path_buf();
    *folder = Some(made);
    Ok(path)
}

static TEMPORARY: Mutex<Option<tempfile::TempDir>> = Mutex::new(None);

/// Removes what was made for the program's own use.
pub fn tidy() {
    TEMPORARY
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
}
