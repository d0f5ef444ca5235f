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
use elman::recipe::Recipe;
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
    let head = Head::read(&file, folder);
    let task = args.task.unwrap_or_else(|| task(&args.file, head.as_ref()));
    refuse_unused(args, task)?;
    let table = || {
        head.as_ref().ok_or_else(|| {
            Failure::input(format!(
                "`{}` cannot be read as a table: name a CSV, TSV or JSON lines file",
                args.file.display()
            ))
        })
    };
    let text = match task {
        InitTask::Forecast => forecast(args, &file, folder, output)?,
        InitTask::Generate | InitTask::Classify | InitTask::Tag | InitTask::Translate => {
            texts(task, args, &file)
        }
        InitTask::Recognize | InitTask::Transcribe | InitTask::Resemble => {
            signals(task, args, &file, head.as_ref())
        }
        InitTask::Map => map(args, &file, folder, table()?)?,
        InitTask::Caption => caption(args, &file, table()?),
    };
    let text = HEAD.to_string() + &text;
    Recipe::parse(&text, &name, &[])?.prepare(folder)?;
    write_atomic(&path, text.as_bytes())?;
    output.event(&json!({"event": "result", "recipe": name}));
    output.result(format_args!(
        "wrote {name}\n\nnext:\n  elman recipe check {name}\n  elman train {name}"
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

/// What a file is probably for.
fn task(file: &Path, head: Option<&Head>) -> InitTask {
    let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("txt" | "md" | "abc") => InitTask::Generate,
        Some("conllu" | "conll" | "iob") => InitTask::Tag,
        Some("ts") => InitTask::Recognize,
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

/// A column by its name, or by its number where it is one.
fn column(name: &str) -> String {
    match name.parse::<usize>() {
        Ok(number) => number.to_string(),
        Err(_) => quoted(name),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

const HEAD: &str =
    "# Every key that is not here has a default: `elman recipe show` prints them all.\n";
