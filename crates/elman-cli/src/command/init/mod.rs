//! `elman recipe init`: a recipe for a file of one's own, whose choices follow from the file.

use crate::args::{InitArgs, InitTask};
use crate::failure::Failure;
use crate::output::Output;
use elman::recipe::Recipe;
use elman_data::{Missing, Series, SourceConfig, Step, read_series, write_atomic};
use serde_json::json;
use std::path::Path;

/// Writes the recipe, once it is known to be good.
pub fn init(args: &InitArgs, output: &Output) -> Result<(), Failure> {
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
    let task = args.task.unwrap_or_else(|| task(&args.file));
    let (forecasts, answers) = (
        task == InitTask::Forecast,
        matches!(task, InitTask::Classify | InitTask::Translate),
    );
    let labels = matches!(task, InitTask::Recognize | InitTask::Transcribe);
    for (flag, given, used) in [
        ("--horizon", args.horizon.is_some(), forecasts),
        ("--input", args.input.is_some(), answers),
        (
            "--target",
            args.target.is_some(),
            forecasts || answers || labels,
        ),
    ] {
        if given && !used {
            return Err(Failure::input(format!(
                "{flag} says nothing about this task; leave it out, or choose another --task"
            )));
        }
    }
    let text = match task {
        InitTask::Forecast => forecast(args, &file, folder, output)?,
        InitTask::Generate => GENERATE.replace("FILE", &quoted(&file)),
        InitTask::Classify => columns(args, &file, CLASSIFY, ["text", "label"]),
        InitTask::Tag => TAG.replace("FILE", &quoted(&file)),
        InitTask::Translate => columns(args, &file, TRANSLATE, ["source", "target"]),
        InitTask::Recognize => signals(args, &file, &args.file, RECOGNIZE)?,
        InitTask::Transcribe => signals(args, &file, &args.file, TRANSCRIBE)?,
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

/// What a file is probably for.
fn task(file: &Path) -> InitTask {
    let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("txt" | "md" | "abc") => InitTask::Generate,
        Some("conllu" | "conll" | "iob") => InitTask::Tag,
        Some("ts") => InitTask::Recognize,
        _ => InitTask::Forecast,
    }
}

fn forecast(
    args: &InitArgs,
    file: &str,
    folder: &Path,
    output: &Output,
) -> Result<String, Failure> {
    let mut source = SourceConfig {
        files: vec![file.into()],
        missing: Missing::Interpolate,
        targets: args.target.iter().cloned().collect(),
        ..SourceConfig::default()
    };
    let (read, report) = read_series(&source, folder)?;
    output.note(&report);
    if source.targets.is_empty() {
        let last = read.target_names().last().map(ToString::to_string);
        source.targets = last.into_iter().collect();
    }
    let gaps = report.columns.iter().any(|column| column.missing > 0);
    Ok(series(&read, &source, gaps, args.horizon))
}

/// A recipe about two columns, whose usual names are given.
fn columns(args: &InitArgs, file: &str, text: &str, usual: [&str; 2]) -> String {
    let name = |given: &Option<String>, usual: &str| match given {
        Some(number) if number.parse::<usize>().is_ok() => number.clone(),
        given => quoted(given.as_deref().unwrap_or(usual)),
    };
    let values = [
        ("FILE", quoted(file)),
        ("INPUT", name(&args.input, usual[0])),
        ("TARGET", name(&args.target, usual[1])),
    ];
    let line = |line: &str| {
        let found = values.iter().find(|(key, _)| line.contains(key));
        found.map_or(line.into(), |(key, value)| line.replacen(key, value, 1)) + "\n"
    };
    text.lines().map(line).collect()
}

/// A recipe about series: those of the file or, where it is a table with a column `file`, those that it names.
fn signals(args: &InitArgs, file: &str, path: &Path, text: &str) -> Result<String, Failure> {
    let head = std::fs::read(path)
        .map_err(|error| Failure::input(format!("cannot read `{}`: {error}", path.display())))?;
    let head = String::from_utf8_lossy(&head[..head.len().min(4096)]).into_owned();
    let first = head.lines().next().unwrap_or_default();
    let names = first
        .split([',', ';', '\t'])
        .any(|name| name.trim().trim_matches('"') == "file");
    let key = if names { "labels = " } else { "files = " };
    let value = match names {
        true => quoted(file),
        false => format!("[{}]", quoted(file)),
    };
    let label = match &args.target {
        Some(label) => format!("\nlabel = {}", quoted(label)),
        None => String::new(),
    };
    Ok(text.replace("SERIES", &format!("{key}{value}{label}")))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

const HEAD: &str =
    "# Every key that is not here has a default: `elman recipe show` prints them all.\n";

const GENERATE: &str = r#"task = "generate"

[data]
files = [FILE]

[split]                  # from the end of the text
valid = 0.1
test = 0.0

[vocabulary]
tokens = "characters"    # or "words", "bpe", "bytes"

[model]
cell = "lstm"            # or "gru", "simple_rnn"
hidden_size = 256
num_layers = 2
dropout = 0.2

[train]
epochs = 20
batch_size = 32
bptt_len = 64
clip_norm = 5.0

[train.optimizer]
learning_rate = 0.002

[train.early_stopping]
patience = 3
"#;

const CLASSIFY: &str = r#"task = "classify"

[data]
files = [FILE]

[split]                  # by a hash of the text
valid = 0.1
test = 0.1

[vocabulary]
tokens = "words"         # or "characters", "bpe"
lowercase = true
min_count = 2

[classify]
text = INPUT
label = TARGET
word_dropout = 0.1

[model]
cell = "lstm"            # or "gru", "simple_rnn"
embedding_size = 100
hidden_size = 128
bidirectional = true
dropout = 0.5

[train]
epochs = 20
clip_norm = 5.0

[train.early_stopping]
patience = 3
"#;

const RECOGNIZE: &str = r#"task = "recognize"

[data]
SERIES
scale = "set"            # or "series": each by itself; or "none"

[split]                  # every class gives its share; by = "speaker" keeps groups together
valid = 0.1
test = 0.2

[model]
cell = "gru"             # or "lstm", "simple_rnn"
hidden_size = 64
num_layers = 2
bidirectional = true
dropout = 0.3

[train]
epochs = 60
batch_size = 16
clip_norm = 1.0

[train.optimizer]
learning_rate = 0.002

[train.early_stopping]
patience = 15
"#;

const TRANSCRIBE: &str = r#"task = "transcribe"

[data]
SERIES
scale = "series"         # the loudness of a recording says nothing

[split]                  # by = "speaker" keeps groups together
valid = 0.1
test = 0.1

[vocabulary]
tokens = "characters"    # or "words", "bpe"

[model]
cell = "lstm"            # or "gru", "simple_rnn"
hidden_size = 128
num_layers = 2
bidirectional = true
dropout = 0.3

[train]
epochs = 40
batch_size = 16
clip_norm = 5.0

[train.early_stopping]
patience = 8
"#;

const TAG: &str = r#"task = "tag"

[data]
files = [FILE]

[split]                  # by a hash of the sentence
valid = 0.1
test = 0.1

[model]
cell = "lstm"
hidden_size = 128
bidirectional = true
dropout = 0.4

[train]
epochs = 20
clip_norm = 5.0

[train.early_stopping]
patience = 3
"#;

const TRANSLATE: &str = r#"task = "translate"

[data]
files = [FILE]

[split]                  # by a hash of the source
valid = 0.05
test = 0.05

[vocabulary]
tokens = "words"         # or "characters", "bpe"
lowercase = true
min_count = 2

[translate]
source = INPUT
target = TARGET
attention = "luong"      # or "bahdanau", "none"

[model]
cell = "gru"
embedding_size = 128
hidden_size = 256
bidirectional = true
dropout = 0.3

[train]
epochs = 15
batch_size = 64
clip_norm = 1.0

[train.early_stopping]
patience = 3
"#;

fn series(series: &Series, source: &SourceConfig, gaps: bool, horizon: Option<usize>) -> String {
    let (season, calendar) = match series.step {
        Some(Step::Months(1)) => (12, "\"month\""),
        Some(Step::Months(_)) => (4, "\"month\""),
        Some(Step::Duration(step)) if step.as_secs() < 86_400 => (
            (86_400 / step.as_secs().max(1)) as usize,
            "\"hour\", \"weekday\"",
        ),
        Some(Step::Duration(step)) if step.as_secs() == 86_400 => (7, "\"weekday\", \"month\""),
        _ => (1, ""),
    };
    let rows = series.len();
    let horizon = horizon.unwrap_or(season.clamp(1, (rows / 10).max(1)));
    let lookback = (2 * season).max(2 * horizon).clamp(2, (rows / 4).max(2));
    let quoted = |names: &[String]| {
        names
            .iter()
            .map(|name| toml::Value::from(name.as_str()).to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let missing = if gaps {
        "missing = \"interpolate\"   # the file has gaps\n"
    } else {
        ""
    };
    format!(
        "task = \"forecast\"\n\n\
         [data]\n\
         files = [{files}]\n\
         targets = [{targets}]\n\
         calendar = [{calendar}]\n\
         {missing}\n\
         [split]                  # in the order of time\n\
         valid = 0.1\n\
         test = 0.2\n\n\
         [forecast]\n\
         lookback = {lookback}\n\
         horizon = {horizon}\n\
         relative_to = \"last\"     # follows a level that drifts\n\n\
         [model]\n\
         cell = \"lstm\"            # or \"gru\", \"simple_rnn\"\n\
         hidden_size = 32\n\n\
         [train]\n\
         epochs = 100\n\
         clip_norm = 1.0\n\n\
         [train.early_stopping]\n\
         patience = 10\n",
        files = quoted(&source.files),
        targets = quoted(&source.targets),
    )
}
