//! A recipe for sentences about pictures.

use super::head::{Head, PICTURES, SENTENCES};
use super::{column, filled, quoted};
use crate::args::InitArgs;
use elman_data::dataset;

/// The dataset with the weights of a network that has seen photographs.
const WEIGHTS: &str = "squeezenet1_0";

/// A recipe for a table of pictures and sentences. Pictures are seen by a network that was trained on photographs, if its weights
/// are there, and else by one that is learned with the sentences.
pub fn caption(args: &InitArgs, file: &str, head: &Head) -> String {
    let there = dataset::resolve(WEIGHTS).is_ok_and(|folder| {
        dataset::describe(WEIGHTS).is_ok_and(|weights| weights.is_complete(&folder))
    });
    let eye = match there {
        true => {
            r#""squeeze_net"      # trained on photographs; or "learned": for drawings, and many of them"#
        }
        false => {
            r#""learned"          # for photographs "squeeze_net", once you have its weights: elman data get squeezenet1_0"#
        }
    };
    let named = |given: &Option<String>, usual: &[&str]| {
        let usual = || head.first_of(usual).unwrap_or(usual[0]).to_owned();
        column(&given.clone().unwrap_or_else(usual))
    };
    let values = [
        ("FILE", quoted(file)),
        ("INPUT", named(&args.input, &PICTURES)),
        ("TARGET", named(&args.target, &SENTENCES)),
        ("EYE", eye.into()),
    ];
    filled(CAPTION, &values)
}

const CAPTION: &str = r#"task = "caption"

[data]
files = [FILE]

[split]                  # by a hash of the picture's name
valid = 0.1
test = 0.1

[caption]
picture = INPUT
sentence = TARGET
eye = EYE

[vocabulary]
tokens = "words"         # or "characters", "bpe"
lowercase = true

[model]
cell = "lstm"            # or "gru", "simple_rnn"
embedding_size = 64
hidden_size = 128
dropout = 0.3
initializer = "pytorch"

[train]
epochs = 20
batch_size = 32
clip_norm = 1.0

[train.optimizer]
learning_rate = 0.002

[train.early_stopping]
patience = 4
"#;
