//! Which class texts are of.

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::given::{Given, given};
use crate::lines::Line;
use crate::output::Output;
use elman::recipe::Recipe;
use elman::report::Table;
use elman::run::RunFolder;
use elman::task::classify::{Answer, Classifier, Classify};
use elman_data::text::{Row, read_unlabelled};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Texts that are answered together, so that answers to long files come as they are made.
const AT_ONCE: usize = 1_000;
/// Classes that are shown of a single text.
const SHOWN: usize = 10;

pub fn run(
    args: &PredictArgs,
    recipe: &Recipe<Classify>,
    run: &RunFolder,
    output: &Output,
) -> Result<(), Failure> {
    let given = given(&args.inputs, args.input.as_deref(), args.text)?;
    let classifier = Classifier::open(recipe, run)?;
    match given {
        Given::Texts { lines, typed } => answer(&lines, typed, &classifier, output),
        Given::Files(files) => {
            for file in files {
                let lines = texts_of(&file, recipe, run, &classifier, output)?;
                answer(&lines, false, &classifier, output)?;
            }
            Ok(())
        }
    }
}

/// The texts of a file, read as those of training.
fn texts_of(
    file: &Path,
    recipe: &Recipe<Classify>,
    run: &RunFolder,
    classifier: &Classifier,
    output: &Output,
) -> Result<Vec<Line>, Failure> {
    let tables = &recipe.task;
    let read = read_unlabelled(
        &tables.data,
        &tables.classify.text,
        &classifier.classes.labels,
        file,
    )?;
    let name = file.display();
    let count = read.rows.len();
    let texts = match (&read.column, count) {
        (Some(column), 1) => format!("the text of its column `{column}` in 1 row is classified"),
        (Some(column), _) => {
            format!("the texts of its column `{column}` in {count} rows are classified")
        }
        (None, 1) => "its 1 line is classified".into(),
        (None, _) => format!("its {count} lines are classified"),
    };
    let beside = match read.beside.contains(&tables.classify.label) {
        true => format!(
            "; its column `{}` is not read (elman eval {} --data {name} compares with it)",
            tables.classify.label,
            run.path().display()
        ),
        false => String::new(),
    };
    output.note(format_args!("`{name}` is a file: {texts}{beside}"));
    let line = |row: &Row| Line {
        number: row.line(),
        text: row.field(0).to_owned(),
    };
    Ok(read.rows.iter().map(line).collect())
}

/// Answers texts: one with a table, others with a line each.
fn answer(
    lines: &[Line],
    typed: bool,
    classifier: &Classifier,
    output: &Output,
) -> Result<(), Failure> {
    let alone = lines.len() == 1;
    for lines in lines.chunks(AT_ONCE) {
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let answers = classifier.classify(&texts)?;
        for (line, answer) in lines.iter().zip(&answers) {
            output.event(&event(line, answer, classifier));
            remarks(line, answer, output);
            match (alone, typed) {
                (true, _) => output.result(table(answer, classifier)),
                (false, true) => {
                    output.result(&line.text);
                    output.result(table(answer, classifier));
                }
                (false, false) => output.result(format_args!(
                    "{}\t{:.1} %\t{}",
                    classifier.classes.names[answer.class],
                    100.0 * answer.probabilities[answer.class],
                    line.text
                )),
            }
        }
    }
    Ok(())
}

fn event(line: &Line, answer: &Answer, classifier: &Classifier) -> Value {
    let names = &classifier.classes.names;
    let probabilities: Map<String, Value> = names
        .iter()
        .zip(&answer.probabilities)
        .map(|(name, share)| (name.clone(), json!(share)))
        .collect();
    json!({
        "event": "prediction",
        "line": line.number,
        "text": line.text,
        "class": names[answer.class],
        "label": classifier.classes.labels[answer.class],
        "probability": answer.probabilities[answer.class],
        "probabilities": probabilities,
        "tokens": answer.tokens,
        "unknown": answer.unknown,
    })
}

/// Why an answer may be worth less than it seems.
fn remarks(line: &Line, answer: &Answer, output: &Output) {
    if answer.unknown == answer.tokens {
        output.note(format_args!(
            "text {}: training saw none of its {} tokens; the answer is a guess",
            line.number, answer.tokens
        ));
    }
    if answer.cut {
        output.note(format_args!(
            "text {}: only its first {} tokens were read (classify.longest)",
            line.number, answer.tokens
        ));
    }
}

fn table(answer: &Answer, classifier: &Classifier) -> Table {
    let shares = &answer.probabilities;
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
    let mut table = Table::new(["class", "probability %"]);
    for class in order.into_iter().take(SHOWN) {
        table.row([
            classifier.classes.names[class].as_str().into(),
            (100.0 * shares[class]).into(),
        ]);
    }
    table
}
