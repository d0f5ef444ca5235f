//! Recipes for series, recordings and clips.

use super::head::Head;
use super::{column, quoted};
use crate::args::{InitArgs, InitTask};

/// A recipe about series: those of the file or, where it is a table with a column `file`, those that it names.
pub fn signals(task: InitTask, args: &InitArgs, file: &str, head: Option<&Head>) -> String {
    let text = match task {
        InitTask::Recognize => RECOGNIZE,
        InitTask::Resemble => RESEMBLE,
        _ => TRANSCRIBE,
    };
    let mut series = match head.is_some_and(|head| head.has("file")) {
        true => format!("labels = {}", quoted(file)),
        false => format!("files = [{}]", quoted(file)),
    };
    // As the UCR archive has it: no header, the label first.
    let first = head.is_some_and(Head::is_labelled_first).then_some("1");
    if let Some(label) = args.target.as_deref().or(first) {
        series += &format!("\nlabel = {}", column(label));
    }
    text.replace("SERIES", &series)
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
