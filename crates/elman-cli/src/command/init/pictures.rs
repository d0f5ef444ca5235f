//! A recipe for sentences about pictures.

use super::head::{Head, PICTURES, SENTENCES};
use super::{column, filled, quoted, written};
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
    recipe(args, file, head, there)
}

/// The recipe, for whoever has the weights of that network or has them not.
fn recipe(args: &InitArgs, file: &str, head: &Head, has_weights: bool) -> String {
    let eye = match has_weights {
        true => {
            r#""pretrained"       # trained on photographs; or "learned": for drawings, and many of them"#
        }
        false => {
            r#""learned"          # for photographs "pretrained", once you have its weights: elman data get squeezenet1_0"#
        }
    };
    let named = |given: &Option<String>, usual: &[&str]| {
        let usual = || head.first_of(usual).unwrap_or(usual[0]).to_owned();
        written(&column(
            &given.clone().unwrap_or_else(usual),
            head.columns(),
        ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use elman::recipe::Recipe;

    #[derive(Parser)]
    struct Init {
        #[command(flatten)]
        args: InitArgs,
    }

    #[test]
    fn what_sees_the_pictures_is_a_value_of_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        std::fs::write(&file, "image,caption\na.png,a house\n").unwrap();
        let head = Head::read(&file).unwrap().unwrap();
        let args = Init::parse_from(["init", "a.csv"]).args;
        for (has_weights, eye) in [(true, "pretrained"), (false, "learned")] {
            let text = recipe(&args, "a.csv", &head, has_weights);
            assert!(text.contains(&format!("eye = \"{eye}\" ")), "{text}");
            Recipe::parse(&text, "a.toml", &[]).unwrap();
        }
    }
}
