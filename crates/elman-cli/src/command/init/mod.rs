//! `elman recipe init`: a recipe for a file of one's own, whose choices follow from the file.

mod forecast;
mod head;
mod numbers;
mod pictures;
mod signals;
mod texts;

use crate::args::{InitArgs, InitTask};
use crate::failure::Failure;
use crate::output::Output;
use clap::ValueEnum;
use elman::recipe::Recipe;
use elman_data::text::Column;
use elman_data::write_atomic;
use forecast::forecast;
use head::Head;
use numbers::map;
use pictures::caption;
use serde_json::json;
use signals::signals;
use std::path::Path;
use texts::texts;

/// Writes the recipe, once it is known to be good.
pub fn init(args: &InitArgs, output: &Output) -> Result<(), Failure> {
    if args.file.is_dir() {
        return Err(Failure::input(format!(
            "`{}` is a folder: name a file in it. For a folder of recordings, clips or pictures write a table with a column `file` and \
             one that says what each is (`label`, `text`, `caption`), and name the table",
            args.file.display()
        )));
    }
    let file = args
        .file
        .file_name()
        .ok_or_else(|| Failure::input("name a file, not a folder"))?;
    let (file, folder) = (
        file.to_string_lossy().into_owned(),
        args.file.parent().unwrap_or(Path::new("")),
    );
    let path = args
        .output
        .clone()
        .unwrap_or_else(|| args.file.with_extension("toml"));
    let name = path.display().to_string();
    if path.exists() {
        return Err(Failure::input(format!(
            "`{name}` exists already; choose another file with --output"
        )));
    }
    if path.parent().unwrap_or(Path::new("")) != folder {
        return Err(Failure::input(
            "write the recipe beside its data: a recipe's files are relative to its own folder",
        ));
    }
    let head = Head::read(&args.file);
    let readable = head.as_ref().and_then(|head| head.as_ref().ok());
    let task = args.task.unwrap_or_else(|| task(args, readable));
    refuse_unused(args, task)?;
    let text = match task {
        InitTask::Forecast => forecast(args, &file, folder, output)?,
        InitTask::Generate | InitTask::Classify | InitTask::Tag | InitTask::Translate => {
            texts(task, args, &file)
        }
        InitTask::Recognize | InitTask::Transcribe | InitTask::Resemble => {
            signals(task, args, &file, readable)?
        }
        InitTask::Map => map(args, &file, folder, table(args, head)?)?,
        InitTask::Caption => caption(args, &file, &table(args, head)?),
    };
    let text = HEAD.to_string() + &text;
    Recipe::parse(&text, &name, &[])?.prepare(folder)?;
    write_atomic(&path, text.as_bytes())?;
    let named = task.to_possible_value();
    let named = named.as_ref().map_or("", |named| named.get_name());
    let guessed = match args.task {
        Some(_) => String::new(),
        None => ", which is a guess: --task chooses another".into(),
    };
    output.event(&json!({"event": "result", "recipe": name, "task": named}));
    output.result(format_args!(
        "wrote {name} for the task {named}{guessed}\n\nnext:\n  elman recipe check {name}\n  elman train {name}"
    ));
    Ok(())
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

/// The table that a file must be.
fn table(args: &InitArgs, head: Option<Result<Head, elman_data::Error>>) -> Result<Head, Failure> {
    match head {
        Some(head) => Ok(head?),
        None => Err(Failure::input(format!(
            "`{}` cannot be read as a table: name a CSV, TSV or JSON lines file",
            args.file.display()
        ))),
    }
}

/// What a file is probably for. A table that cannot be read is left to the task that reads most kinds: it says what is wrong.
fn task(args: &InitArgs, head: Option<&Head>) -> InitTask {
    let extension = args.file.extension().unwrap_or_default();
    match extension.to_ascii_lowercase().to_str() {
        Some("txt" | "md" | "abc") => InitTask::Generate,
        Some("conllu" | "conll" | "iob") => InitTask::Tag,
        Some("ts") => InitTask::Recognize,
        // Nothing else has a horizon.
        _ if args.horizon.is_some() => InitTask::Forecast,
        _ => head.map_or(InitTask::Forecast, Head::task),
    }
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

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

const HEAD: &str =
    "# Every key that is not here has a default: `elman recipe show` prints them all.\n";
