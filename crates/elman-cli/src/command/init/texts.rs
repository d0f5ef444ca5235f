//! Recipes for texts: running ones, labelled ones, tagged ones, pairs.

use super::{column, filled, quoted, written};
use crate::args::{InitArgs, InitTask};

/// The recipe of a task on texts.
pub fn texts(task: InitTask, args: &InitArgs, file: &str) -> String {
    let (text, [input, target]) = match task {
        InitTask::Generate => (GENERATE, [""; 2]),
        InitTask::Tag => (TAG, [""; 2]),
        InitTask::Classify => (CLASSIFY, ["text", "label"]),
        _ => (TRANSLATE, ["source", "target"]),
    };
    let named =
        |given: &Option<String>, usual| written(&column(given.as_deref().unwrap_or(usual), &[]));
    let values = [
        ("FILE", quoted(file)),
        ("INPUT", named(&args.input, input)),
        ("TARGET", named(&args.target, target)),
    ];
    filled(text, &values)
}

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
