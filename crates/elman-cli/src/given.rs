//! What a command is to answer, as its arguments and `--input` give it: texts, or the files that hold them.

use crate::failure::Failure;
use crate::lines::{self, Line};
use elman_data::nearest;
use std::path::{Path, PathBuf};

/// How the names of files end that nobody would type as a text.
const ENDINGS: [&str; 16] = [
    "txt", "csv", "tsv", "tab", "jsonl", "ndjson", "json", "conllu", "conll", "iob", "parquet",
    "xlsx", "gz", "zst", "md", "ts",
];

/// What is to be answered.
pub enum Given {
    /// Texts of the command line, or lines of standard input.
    Texts {
        /// The texts.
        lines: Vec<Line>,
        /// Whether they were typed: few, and read by a person.
        typed: bool,
    },
    /// Files, which are read as the run's own files were.
    Files(Vec<PathBuf>),
}

/// What the arguments of a command and its `--input` give; nothing at all is standard input. An argument that is the name of a
/// file is the file, unless `as_text`.
///
/// # Errors
/// If there is no such file, an argument looks like the name of one that is not there, or files and texts are mixed.
pub fn given(texts: &[String], input: Option<&Path>, as_text: bool) -> Result<Given, Failure> {
    if let Some(path) = input {
        return match path == Path::new("-") {
            true => standard_input(),
            false => exists(path).map(|()| Given::Files(vec![path.into()])),
        };
    }
    let is_file = |text: &String| !as_text && Path::new(text).is_file();
    let files = texts.iter().filter(|text| is_file(text)).count();
    match (texts, files) {
        ([], _) => standard_input(),
        ([dash], _) if dash == "-" && !as_text => standard_input(),
        (_, 0) => {
            let is_folder = |text: &&String| !as_text && Path::new(text).is_dir();
            if let Some(text) = texts.iter().find(is_folder) {
                return Err(Failure::input(format!(
                    "`{text}` is a folder: name a file in it. If it is a text: --text"
                )));
            }
            if let Some(text) = texts.iter().find(|text| !as_text && is_name(text)) {
                return Err(Failure::input(format!(
                    "there is no file `{text}`{} If it is a text: --text",
                    near(Path::new(text))
                )));
            }
            let line = |(number, text): (usize, &String)| Line {
                number,
                text: text.clone(),
            };
            Ok(Given::Texts {
                lines: (1..).zip(texts).map(line).collect(),
                typed: true,
            })
        }
        (texts, files) if files == texts.len() => {
            Ok(Given::Files(texts.iter().map(PathBuf::from).collect()))
        }
        (texts, _) => {
            let (file, other) = (
                texts.iter().find(|text| is_file(text)),
                texts.iter().find(|text| !is_file(text)),
            );
            let [file, other] = [file, other].map(|text| text.map_or("", String::as_str));
            if is_name(other) {
                return Err(Failure::input(format!(
                    "there is no file `{other}`{}",
                    near(Path::new(other))
                )));
            }
            Err(Failure::input(format!(
                "`{file}` is a file and `{other}` is not: name files, or give texts. If all of them are texts: --text"
            )))
        }
    }
}

/// What to say of an argument that is a text, though there is a file of that name.
pub fn note_of_text(text: &str) -> Option<String> {
    (Path::new(text).is_file() || is_name(text))
        .then(|| format!("`{text}` is taken for a text, not for the name of a file"))
}

/// Fails if there is no such file, and names the nearest.
///
/// # Errors
/// If there is none, it is a folder, or its name is no text: recipes and answers could not name it.
pub fn exists(path: &Path) -> Result<(), Failure> {
    let name = path.display();
    if path.file_name().is_some_and(|name| name.to_str().is_none()) {
        return Err(Failure::input(format!(
            "the name of the file `{name}` is not UTF-8, so no recipe can name it: rename the file"
        )));
    }
    if path.is_dir() {
        return Err(Failure::input(format!(
            "`{name}` is a folder: name a file in it"
        )));
    }
    match path.exists() {
        true => Ok(()),
        false => Err(Failure::input(format!(
            "there is no file `{name}`{}",
            near(path)
        ))),
    }
}

/// The file whose name is nearest to that of one that is not there, as the end of a sentence.
pub fn near(path: &Path) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        let folder = folder.unwrap_or(path).display();
        return format!("; there is no folder `{folder}` either.");
    };
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let names: Vec<String> = names.collect();
    let asked = path.file_name().map(|name| name.to_string_lossy());
    let found = nearest(&asked.unwrap_or_default(), names.iter().map(String::as_str));
    let joined = |name: &str| folder.map_or(PathBuf::from(name), |folder| folder.join(name));
    found.map_or(".".into(), |name| {
        format!("; did you mean `{}`?", joined(name).display())
    })
}

fn standard_input() -> Result<Given, Failure> {
    let lines = lines::read(Path::new("-"))?;
    Ok(Given::Texts {
        lines,
        typed: false,
    })
}

/// Whether a text looks like the name of a file: it ends like one, or a file is called nearly so.
fn is_name(text: &str) -> bool {
    let ending = Path::new(text)
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let short =
        (2..=8).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric());
    !text.contains(char::is_whitespace)
        && (ENDINGS.contains(&ending.as_str())
            || short && near(Path::new(text)).contains("did you mean"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_told_from_texts() {
        for name in ["new.txt", "data/new.csv", "C.CONLLU", "./a.jsonl"] {
            assert!(is_name(name), "{name}");
        }
        for text in [
            "good",
            "so so.",
            "I like it.txt a lot",
            "example.com",
            "3.14",
            "…",
        ] {
            assert!(!is_name(text), "{text}");
        }
    }
}
