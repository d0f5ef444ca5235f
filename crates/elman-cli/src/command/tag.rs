//! `elman tag`: each word of a sentence with its tag.

use crate::args::TagArgs;
use crate::failure::{self, Failure};
use crate::given::{Given, given};
use crate::output::Output;
use crate::precision;
use crate::runs;
use elman::report::Table;
use elman::run::RunFolder;
use elman::task::tag::{Answer, Tag, Tagging};
use elman_data::text::{Untagged, read_untagged};
use serde_json::json;
use std::path::Path;

/// Sentences that are tagged together, so that answers to long files come as they are made.
const AT_ONCE: usize = 1_000;

pub fn run(args: &TagArgs, output: &Output) -> Result<(), Failure> {
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "tag");
    let recipe = recipe.of::<Tag>().ok_or_else(other)?;
    let given = given(&args.texts, args.input.as_deref(), args.text)?;
    let tagging = Tagging::open(&recipe, &run)?;
    match given {
        Given::Texts { lines, typed } => {
            for lines in lines.chunks(AT_ONCE) {
                let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
                for (line, words) in lines.iter().zip(tagging.tag(&texts)?) {
                    show(line.number, &line.text, &words, typed, output);
                }
            }
        }
        Given::Files(files) => {
            for file in files {
                let data = &recipe.task.data;
                let read = read_untagged(&file, data, tagging.tags())?;
                output.note(about(&file, &read, &run));
                for sentences in read.sentences.chunks(AT_ONCE) {
                    let answers = tagging.tag_sentences(sentences.to_vec())?;
                    for (sentence, words) in sentences.iter().zip(answers) {
                        show(sentence.line(), &sentence.text(), &words, false, output);
                    }
                }
            }
        }
    }
    Ok(())
}

/// What is read of a file, in a sentence.
fn about(file: &Path, read: &Untagged, run: &RunFolder) -> String {
    let (name, count) = (file.display(), read.sentences.len());
    let sentences = match count {
        1 => "1 sentence, which is tagged".into(),
        _ => format!("{count} sentences, which are tagged"),
    };
    let written = match read.word_per_line {
        true => "a word on each line",
        false => "a sentence on each line",
    };
    let tags = match read.tagged {
        true => format!(
            "; the tags in it are not read (elman eval {} --data {name} compares with them)",
            run.path().display()
        ),
        false => String::new(),
    };
    format!("`{name}` is a file of {sentences} ({written}){tags}")
}

/// A sentence that was typed with a table; others as tagged files are: a word on each line, a blank line after each sentence.
fn show(line: usize, text: &str, words: &[Answer], typed: bool, output: &Output) {
    output.event(&json!({"event": "tags", "line": line, "text": text, "words": words}));
    if typed {
        return output.result(table(words));
    }
    let rows = words
        .iter()
        .map(|word| format!("{}\t{}\t{:.3}\n", word.word, word.tag, word.probability));
    output.result(rows.collect::<String>());
}

/// Each word with its tag, how sure the model is, and what else it may be.
fn table(words: &[Answer]) -> Table {
    let mut table = Table::new(["word", "tag", "probability %", "or", ""]);
    for word in words {
        let others = word.likeliest.iter().filter(|(tag, _)| *tag != word.tag);
        let others: Vec<String> = others
            .filter(|(_, probability)| *probability >= 0.001)
            .map(|(tag, probability)| format!("{tag} {:.1} %", 100.0 * probability))
            .collect();
        table.row([
            word.word.as_str().into(),
            word.tag.as_str().into(),
            ((1000.0 * word.probability).round() / 10.0).into(),
            others.join(", ").into(),
            if word.known { "" } else { "not in training" }.into(),
        ]);
    }
    table
}
