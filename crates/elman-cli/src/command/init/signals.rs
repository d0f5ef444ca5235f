//! Recipes for series, recordings and clips.

use super::head::Head;
use super::{column, quoted, written};
use crate::args::{InitArgs, InitTask};
use crate::failure::Failure;

/// A recipe about series: those of the file or, where it is a table with a column `file`, those that it names.
///
/// # Errors
/// If the file names others, and is no CSV or TSV file.
pub fn signals(
    task: InitTask,
    args: &InitArgs,
    file: &str,
    head: Option<&Head>,
) -> Result<String, Failure> {
    let text = match task {
        InitTask::Recognize => RECOGNIZE,
        InitTask::Resemble => RESEMBLE,
        _ => TRANSCRIBE,
    };
    let has = |name| head.is_some_and(|head| head.has(name));
    let is_json = head.is_some_and(Head::is_json);
    let mut series = match has("file") {
        true if is_json => {
            return Err(Failure::input(format!(
                "`{file}` names files in JSON; write the table as a CSV or TSV file, which data.labels can name"
            )));
        }
        true => format!("labels = {}", quoted(file)),
        false => format!("files = [{}]", quoted(file)),
    };
    let usual = match task {
        // As the UCR archive has it: no header, the label first.
        _ if head.is_some_and(Head::is_labelled_first) => Some("1"),
        InitTask::Transcribe if has("text") && !has("label") => Some("text"),
        _ => None,
    };
    if let Some(label) = args.target.as_deref().or(usual) {
        let known = head.map_or(&[][..], Head::columns);
        series += &format!("\nlabel = {}", written(&column(label, known)));
    }
    Ok(text.replace("SERIES", &series))
}

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

const RESEMBLE: &str = r#"task = "resemble"       # series of one label are near each other

[data]
SERIES
scale = "set"            # or "series": each by itself; or "none"

[split]                  # every label gives its share; by = "subject" keeps groups together
valid = 0
test = 0.2

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
