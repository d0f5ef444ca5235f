//! A recipe for sentences about pictures.

use super::{Begin, filled, quoted, written};
use crate::content::{Head, PICTURES, SENTENCES};
use crate::failure::Failure;
use elman_data::dataset;
use elman_data::text::Column;
use std::path::{Path, PathBuf};

/// The dataset with the weights of a network that has seen photographs.
const WEIGHTS: &str = "squeezenet1_0";
/// Folders that are looked into for pictures.
const MOST_FOLDERS: usize = 1_000;

/// A recipe for a table of pictures and sentences. Pictures are seen by a network that was trained on photographs, if its weights
/// are there, and else by one that is learned with the sentences.
pub fn caption(begin: &mut Begin) -> Result<String, Failure> {
    let has_weights = dataset::resolve(WEIGHTS).is_ok_and(|folder| {
        dataset::describe(WEIGHTS).is_ok_and(|weights| weights.is_complete(&folder))
    });
    let head = begin.table()?;
    let usual = |names: &[&str]| Column::from(head.first_of(names).unwrap_or(names[0]));
    let (picture, sentence) = (usual(&PICTURES), usual(&SENTENCES));
    let picture = begin.column(begin.args.input.as_ref(), picture);
    let sentence = begin.column(begin.args.target.as_ref(), sentence);
    let folder = begin.pictures(head, &picture)?;
    begin
        .facts
        .say(
            "picture",
            format_args!("the column {picture}; --input COLUMN for another"),
        )
        .say(
            "sentence",
            format_args!("the column {sentence}; --target COLUMN for another"),
        );
    if let Some(folder) = &folder {
        begin.facts.say(
            "folder",
            format_args!("the pictures are in {folder} (caption.folder)"),
        );
    }
    Ok(recipe(begin, &picture, &sentence, folder, has_weights))
}

impl Begin<'_> {
    /// The folder of the pictures as the recipe names it; nothing where it is the recipe's own, or `--set` says it.
    fn pictures(&self, head: &Head, picture: &Column) -> Result<Option<String>, Failure> {
        let Some(first) = head.cells(picture).first().map(|name| (*name).to_owned()) else {
            return Ok(None);
        };
        if self.changes.has("caption.folder") || self.base.join(&first).is_file() {
            return Ok(None);
        }
        let table = self.file.parent().unwrap_or(Path::new(""));
        let here = if table == Path::new("") {
            Path::new(".")
        } else {
            table
        };
        let found = std::iter::once(here.to_owned())
            .chain(folders(here))
            .find(|folder| folder.join(&first).is_file());
        match found {
            Some(folder) => Ok(Some(self.named(&folder))),
            None => Err(Failure::input(format!(
                "`{}` names the picture `{first}`, which is neither beside it nor in a folder beside it. Say where the pictures are: \
                 --set caption.folder=FOLDER, relative to the recipe",
                self.file.display()
            ))),
        }
    }
}

/// The folders in a folder, two deep.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect();
        found.sort();
        found
    };
    let first = inside(folder);
    let second: Vec<PathBuf> = first.iter().flat_map(|folder| inside(folder)).collect();
    first.into_iter().chain(second).take(MOST_FOLDERS).collect()
}

/// The recipe, for whoever has the weights of that network or has them not.
fn recipe(
    begin: &Begin,
    picture: &Column,
    sentence: &Column,
    folder: Option<String>,
    has_weights: bool,
) -> String {
    let folder = folder.map_or(String::new(), |folder| {
        format!("\nfolder = {}", quoted(&folder))
    });
    let eye = match has_weights {
        true => {
            r#""pretrained"       # trained on photographs; or "learned": for drawings, and many of them"#
        }
        false => {
            r#""learned"          # for photographs "pretrained", once you have its weights: elman data get squeezenet1_0"#
        }
    };
    let values = [
        ("FILE", begin.files() + &begin.split_files()),
        ("SHARES", begin.shares("0.1", "0.1")),
        ("INPUT", written(picture)),
        ("TARGET", written(sentence) + &folder),
        ("EYE", eye.into()),
    ];
    filled(CAPTION, &values)
}

const CAPTION: &str = r#"task = "caption"

[data]
files = FILE

[split]                  # by a hash of the picture's name
SHARES

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
    use crate::args::InitArgs;
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
        let args = Init::parse_from(["init", file.to_str().unwrap()]).args;
        let begin = Begin::new(&args).unwrap();
        for (has_weights, eye) in [(true, "pretrained"), (false, "learned")] {
            let (picture, sentence) = ("image".into(), "caption".into());
            let text = recipe(&begin, &picture, &sentence, None, has_weights);
            assert!(text.contains(&format!("eye = \"{eye}\" ")), "{text}");
            Recipe::parse(&text, "a.toml", &[]).unwrap();
        }
    }
}
