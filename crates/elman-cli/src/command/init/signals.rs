//! Recipes for series, recordings and videos.

use super::{Begin, filled, list, quoted, written};
use crate::args::InitTask;
use crate::content::{Head, Rows};
use crate::failure::Failure;
use elman_data::text::Column;

/// A recipe about series: those of the file or, where it is a table with a column `file`, those that it names.
///
/// # Errors
/// If the file names others, and is no CSV or TSV file.
pub fn signals(begin: &mut Begin, task: InitTask) -> Result<String, Failure> {
    let text = match task {
        InitTask::Recognize => RECOGNIZE,
        InitTask::Resemble => RESEMBLE,
        _ => TRANSCRIBE,
    };
    let has = |name| begin.head().is_some_and(|head| head.has(name));
    let names_files = has("file");
    if names_files && begin.head().is_some_and(Head::is_json) {
        return Err(Failure::input(format!(
            "`{}` names files in JSON; write the table as a CSV or TSV file, which data.labels can name",
            begin.file.display()
        )));
    }
    let first = begin.head().is_some_and(Head::is_labelled_first);
    let usual = match task {
        // As the UCR archive has it: no header, the label first.
        _ if first => Some(Column::Number(1)),
        InitTask::Transcribe if has("text") && !has("label") => Some("text".into()),
        _ => None,
    };
    let long = match begin.head().map(Head::rows) {
        Some(Rows::Long(long)) if !names_files => Some(long),
        _ => None,
    };
    let usual = usual.or(long.as_ref().map(|long| long.label.as_str().into()));
    let label = match &begin.args.target {
        Some(asked) => Some(begin.column(Some(asked), "label".into())),
        None => usual,
    };
    let mut series = match names_files {
        true => format!("labels = {}", quoted(&begin.named(&begin.file))),
        false => format!("files = {}{}", begin.files(), begin.split_files()),
    };
    let label_name = label
        .as_ref()
        .map_or("label".to_owned(), ToString::to_string);
    let facts = &mut begin.facts;
    match (names_files, &long) {
        (true, _) => facts.say("series", "the files that its column `file` names, one each"),
        (_, Some(long)) => facts.say(
            "series",
            format_args!(
                "rows of one `{}` are the steps of one (data.id, data.layout)",
                long.id
            ),
        ),
        _ => facts.say("series", "those of the file"),
    };
    if let Some(long) = &long {
        series += &format!(
            "\nlayout = \"long\"        # a row is a step\nid = {}",
            quoted(&long.id)
        );
        if let Some(time) = &long.time {
            series += &format!("\ntime = {}", quoted(time));
        }
        series += &format!("\ncolumns = {}", list(&long.values));
    }
    facts
        .say(
            "label",
            format_args!("{label_name}; --target COLUMN for another"),
        )
        .figure("label", label_name);
    if let Some(label) = &label {
        series += &format!("\nlabel = {}", written(label));
    }
    let (valid, test) = match task {
        InitTask::Recognize => ("0.1", "0.2"),
        InitTask::Resemble => ("0", "0.2"),
        _ => ("0.1", "0.1"),
    };
    // A small archive has no series to spare: the test set has files of its own.
    let values = [("SERIES", series), ("SHARES", begin.shares(valid, test))];
    Ok(filled(text, &values))
}

const RECOGNIZE: &str = r#"task = "recognize"

[data]
SERIES
scale = "set"            # or "series": each by itself; or "none"

[split]                  # every class gives its share; by = "speaker" keeps groups together
SHARES

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

const RESEMBLE: &str = r#"task = "resemble"       # series of one label are near each other

[data]
SERIES
scale = "set"            # or "series": each by itself; or "none"

[split]                  # every label gives its share; by = "subject" keeps groups together
SHARES

[resemble]
noise = 0.05
stretch = 0.1

[likeness]
together = 4             # series of one label in a batch

[model]
cell = "gru"             # or "lstm", "simple_rnn"
hidden_size = 64
bidirectional = true
dropout = 0.2

[train]
epochs = 100
batch_size = 32
clip_norm = 1.0

[train.optimizer]
learning_rate = 0.002

[train.schedule]
name = "cosine"
to = 0.00002
"#;

const TRANSCRIBE: &str = r#"task = "transcribe"

[data]
SERIES
scale = "series"         # the loudness of a recording says nothing

[split]                  # by = "speaker" keeps groups together
SHARES

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
