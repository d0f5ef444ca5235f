//! `elman recipe init`: a recipe for a file of one's own, whose choices follow from the file and are said.

mod changes;
mod choose;
mod forecast;
mod numbers;
mod pictures;
mod signals;
mod texts;

use crate::args::{InitArgs, InitTask};
use crate::content::{self, Head, Kind, Split, split_of};
use crate::facts::{Facts, listed};
use crate::failure::Failure;
use crate::given;
use crate::output::Output;
use changes::Changes;
use clap::ValueEnum;
use elman::recipe::Recipe;
use elman_data::text::Column;
use elman_data::write_atomic;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What a recipe is begun from.
struct Begin<'a> {
    args: &'a InitArgs,
    /// The file of the training set.
    file: PathBuf,
    /// The folder of the recipe.
    base: PathBuf,
    kind: Kind,
    /// The beginning of a table.
    head: Option<Result<Head, elman_data::Error>>,
    /// Files of the validation and the test set.
    split: Split,
    changes: Changes,
    /// What was taken for what, and how to change it.
    facts: Facts,
}

/// Writes the recipe, once it is known to be good, and says what it was made from.
pub fn init(args: &InitArgs, output: &Output) -> Result<(), Failure> {
    let mut begin = Begin::new(args)?;
    let path = args.output.clone().unwrap_or_else(|| beside(&begin.file));
    let name = path.display().to_string();
    let task = args.task.unwrap_or_else(|| begin.task());
    let named = task.to_possible_value();
    let named = named.as_ref().map_or("", |named| named.get_name());
    refuse_unused(args, task)?;
    if path.exists() && !args.force {
        return Err(Failure::input(format!(
            "`{name}` exists already: --force replaces it, --output names another file"
        )));
    }
    let other = match args.task {
        Some(_) => "",
        None => ": a guess; --task for another",
    };
    begin.facts.say("task", format_args!("{named}{other}"));
    begin.facts.figure("task", named);
    let text = begin.text(task);
    let text = text.map_err(|error| advised(error, args))?;
    let text = begin.changes.apply(&(HEAD.to_owned() + &text));
    let (text, sizes) = match begin.prepared(text, &name) {
        Ok(prepared) => prepared,
        Err(error) => {
            output.note(&begin.facts); // what it was begun from may be what is wrong
            return Err(error);
        }
    };
    begin.facts.say("sets", sizes);
    write_atomic(&path, text.as_bytes())?;
    output.note(&begin.facts);
    output.event(
        &json!({"event": "result", "recipe": name, "task": named, "took": begin.facts.json()}),
    );
    output.result(format_args!("wrote {name}"));
    output.advice(format_args!(
        "\nnext:\n  elman recipe check {name}\n  elman train {name}"
    ));
    Ok(())
}

/// The recipe of a file, beside it.
fn beside(file: &Path) -> PathBuf {
    let packed = content::packed(file).then(|| file.with_extension(""));
    packed.as_deref().unwrap_or(file).with_extension("toml")
}

/// What is wrong, and that its key can be given here.
fn advised(error: Failure, args: &InitArgs) -> Failure {
    let names_key = |text: &str| {
        ["data.", "caption.", "split.", "map.", "vocabulary."]
            .iter()
            .any(|table| text.contains(table))
    };
    match error {
        Failure::Input(text) if names_key(&text) && !text.contains("--set") => {
            let files: Vec<String> = args
                .files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            Failure::input(format!(
                "{text}\nKeys are given as: elman recipe init {} --set KEY=VALUE",
                files.join(" ")
            ))
        }
        other => other,
    }
}

impl<'a> Begin<'a> {
    fn new(args: &'a InitArgs) -> Result<Self, Failure> {
        let named = &args.files[0];
        if named.is_dir() {
            return Err(Failure::input(format!(
                "`{}` is a folder: name a file in it. For a folder of recordings, videos or pictures write a table with a column `file` \
                 and one that says what each is (`label`, `text`, `caption`), and name the table",
                named.display()
            )));
        }
        args.files.iter().try_for_each(|file| given::exists(file))?;
        let mut facts = Facts::default();
        let mut file = named.clone();
        let found = (args.files.len() == 1).then(|| split_of(named)).flatten();
        let mut split = found.unwrap_or_default();
        if let Some(train) = split.train.take() {
            facts.say(
                "files",
                format_args!(
                    "{} is named, and {} beside it is the training set",
                    named.display(),
                    content::name(&train)
                ),
            );
            file = train;
        }
        let path = args.output.clone().unwrap_or_else(|| beside(&file));
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let unread = |error| Failure::input(format!("cannot read `{}`: {error}", file.display()));
        Ok(Self {
            kind: Kind::of(&file).map_err(unread)?,
            head: Head::read(&file),
            changes: Changes::read(&args.set)?,
            args,
            file,
            base,
            split,
            facts,
        })
    }

    /// What the file is probably for. A table that cannot be read is left to the task that reads most kinds: it says what is wrong.
    fn task(&self) -> InitTask {
        match (self.kind.task(), &self.head) {
            (Some(task), _) => task,
            // Nothing else has a horizon.
            _ if self.args.horizon.is_some() => InitTask::Forecast,
            (None, Some(Ok(head))) => head.task(),
            (None, _) => InitTask::Forecast,
        }
    }

    fn text(&mut self, task: InitTask) -> Result<String, Failure> {
        if task != InitTask::Forecast {
            self.say_split(task);
        }
        match task {
            InitTask::Forecast => forecast::forecast(self),
            InitTask::Generate => texts::generate(self),
            InitTask::Classify => texts::classify(self),
            InitTask::Tag => texts::tag(self),
            InitTask::Translate => texts::translate(self),
            InitTask::Recognize | InitTask::Transcribe | InitTask::Resemble => {
                signals::signals(self, task)
            }
            InitTask::Map => numbers::map(self),
            InitTask::Caption => pictures::caption(self),
        }
    }

    /// The recipe that can be trained, and how large its sets are: where the data are so few that a set would be empty, without a
    /// validation set; where cells are empty, without their rows.
    fn prepared(&mut self, text: String, name: &str) -> Result<(String, String), Failure> {
        let mut text = text;
        for _ in 0..3 {
            let prepared = Recipe::parse(&text, name, &[])?.prepare(&self.base);
            let why = match prepared {
                Ok(job) => return Ok((text, job.about().sizes)),
                Err(error) => Failure::from(error),
            };
            let message = why.to_string();
            if message.contains("data.skip_empty") && !text.contains("skip_empty") {
                self.facts.say(
                    "blank",
                    "rows with an empty cell are left out: data.skip_empty",
                );
                text = changes::with_key(
                    &text,
                    "data",
                    "skip_empty",
                    "true",
                    "some rows have an empty cell",
                );
            } else if (message.contains("valid = 0") || message.contains("validation"))
                && !self.changes.has("split.valid")
                && !text.contains("valid = 0 ")
            {
                self.facts.say(
                    "little",
                    "too little for a validation set: there is none (split.valid)",
                );
                text = changes::with_key(
                    &text,
                    "split",
                    "valid",
                    "0",
                    "too little for a validation set",
                );
            } else {
                return Err(advised(why, self.args));
            }
        }
        Err(Failure::input(format!(
            "no recipe fits `{}`",
            self.file.display()
        )))
    }

    /// The table that the file must be.
    fn table(&self) -> Result<&Head, Failure> {
        match &self.head {
            Some(Ok(head)) => Ok(head),
            Some(Err(error)) => Err(Failure::input(error)),
            None => Err(Failure::input(format!(
                "`{}` cannot be read as a table: name a CSV, TSV or JSON lines file",
                self.file.display()
            ))),
        }
    }

    /// The table, if it is one.
    fn head(&self) -> Option<&Head> {
        self.head.as_ref().and_then(|head| head.as_ref().ok())
    }

    /// A file as the recipe names it: relative to its folder if it is in it, else by its whole path.
    fn named(&self, file: &Path) -> String {
        let real = |path: &Path| {
            let path = if path == Path::new("") {
                Path::new(".")
            } else {
                path
            };
            std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
        };
        if file.parent().unwrap_or(Path::new("")) == self.base {
            return content::name(file);
        }
        let (file, base) = (real(file), real(&self.base));
        file.strip_prefix(&base)
            .unwrap_or(&file)
            .to_string_lossy()
            .into_owned()
    }

    /// The line that names the files of a set, in a recipe.
    fn files(&self) -> String {
        let mut files = vec![self.file.clone()];
        files.extend(self.args.files[1..].iter().cloned());
        list(files.iter().map(|file| self.named(file)))
    }

    /// The lines that name the files of the validation and the test set, as `data` has them.
    fn split_files(&self) -> String {
        let line = |key: &str, file: &Option<PathBuf>| match file {
            Some(file) => format!("\n{key} = {}", list([self.named(file)])),
            None => String::new(),
        };
        line("valid_files", &self.split.valid) + &line("test_files", &self.split.test)
    }

    /// The shares of the sets that have no files of their own: `valid = 0.1`, `test = 0.2`.
    fn shares(&self, valid: &str, test: &str) -> String {
        let own = |key: &str, file: &Option<PathBuf>, share: &str| match file {
            Some(_) => format!("{key} = 0             # it has files of its own"),
            None => format!("{key} = {share}"),
        };
        let lines = [
            own("valid", &self.split.valid, valid),
            own("test", &self.split.test, test),
        ];
        lines.join("\n")
    }

    fn say_split(&mut self, task: InitTask) {
        let used = !matches!(task, InitTask::Forecast);
        for (what, file) in [
            ("valid", self.split.valid.clone()),
            ("test", self.split.test.clone()),
        ] {
            if let Some(file) = file.filter(|_| used) {
                self.facts.say(
                    what,
                    format_args!("{}, beside it (data.{what}_files)", content::name(&file)),
                );
            }
        }
    }

    /// The column that is asked for with a flag or, without it, the one that was found.
    fn column(&self, asked: Option<&String>, found: Column) -> Column {
        match asked {
            Some(asked) => column(asked, self.head().map_or(&[], Head::columns)),
            None => found,
        }
    }
}

/// Flags that say nothing about the task.
fn refuse_unused(args: &InitArgs, task: InitTask) -> Result<(), Failure> {
    let forecasts = task == InitTask::Forecast;
    let two = [
        InitTask::Classify,
        InitTask::Translate,
        InitTask::Map,
        InitTask::Caption,
    ];
    let two = two.contains(&task);
    let none = matches!(task, InitTask::Generate | InitTask::Tag);
    for (flag, given, used) in [
        ("--horizon", args.horizon.is_some(), forecasts),
        ("--input", args.input.is_some(), two),
        ("--target", args.target.is_some(), !none),
    ] {
        if given && !used {
            return Err(Failure::input(format!(
                "{flag} says nothing about this task; leave it out, or choose another --task"
            )));
        }
    }
    Ok(())
}

/// A text with values in place of their names, which stand once in it; what else a line holds stays.
fn filled(text: &str, values: &[(&str, String)]) -> String {
    let line = |line: &str| {
        let found = values.iter().find(|(key, _)| line.contains(key));
        found.map_or(line.into(), |(key, value)| line.replacen(key, value, 1)) + "\n"
    };
    text.lines().map(line).collect()
}

/// The column that is asked for: the one that is called so or, where none of those known is, the one of this number.
fn column(asked: &str, known: &[Column]) -> Column {
    let named = Column::from(asked);
    match asked.parse() {
        Ok(number) if !known.contains(&named) => Column::Number(number),
        _ => named,
    }
}

/// A column as a recipe names it.
fn written(column: &Column) -> String {
    match column {
        Column::Number(number) => number.to_string(),
        Column::Name(name) => quoted(name),
    }
}

/// Texts as a list of a recipe.
fn list(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted = texts.into_iter().map(|text| quoted(text.as_ref()));
    format!("[{}]", listed(quoted, usize::MAX))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

const HEAD: &str =
    "# Every key that is not here has a default: `elman recipe show` prints them all.\n";
