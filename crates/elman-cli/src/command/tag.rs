//! `elman tag`: each word of a sentence with its tag.

use crate::args::TagArgs;
use crate::failure::{self, Failure};
use crate::lines;
use crate::output::Output;
use crate::precision;
use elman::report::Table;
use elman::run::RunFolder;
use elman::task::tag::{Answer, Tag, Tagging};
use serde_json::json;

/// Sentences that are tagged together, so that answers to long files come as they are made.
const AT_ONCE: usize = 1_000;

pub fn run(args: &TagArgs, output: &Output) -> Result<(), Failure> {
    let run = RunFolder::open(&args.run)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "tag");
    let recipe = recipe.of::<Tag>().ok_or_else(other)?;
    let lines = lines::given(&args.texts, args.input.as_deref())?;
    let tagging = Tagging::open(&recipe, &run)?;
    let alone = lines.len() == 1;
    for lines in lines.chunks(AT_ONCE) {
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        for (line, words) in lines.iter().zip(tagging.tag(&texts)?) {
            output.event(
                &json!({"event": "tags", "line": line.number, "text": line.text, "words": words}),
            );
            match alone {
                true => output.result(table(&words)),
                // As tagged files are: a word on each line, a blank line after each sentence.
                false => {
                    let rows = words
                        .iter()
                        .map(|word| format!("{}\t{}\n", word.word, word.tag));
                    output.result(rows.collect::<String>());
                }
            }
        }
    }
    Ok(())
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
