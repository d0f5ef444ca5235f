//! `elman translate`: texts into other texts, with a trained run.

use crate::args::TranslateArgs;
use crate::failure::{self, Failure};
use crate::given::{Given, given};
use crate::lines::Line;
use crate::output::{self, Output};
use crate::precision;
use crate::runs;
use elman::task::translate::{SearchConfig, Source, Translate, Translation, Translator};
use elman_data::text::read_unlabelled;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};

/// Texts that are answered together, so that answers to long files come as they are made.
const AT_ONCE: usize = 256;

pub fn run(args: &TranslateArgs, output: &Output) -> Result<(), Failure> {
    let output = &output.beside(args.output.as_deref().or(args.plot.as_deref()))?;
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "translate");
    let recipe = recipe.of::<Translate>().ok_or_else(other)?;
    let config = config(args, recipe.task.search.clone());
    config.check()?;
    let translator = Translator::open(&recipe, &run)?;
    let is_given = !args.texts.is_empty() || args.input.is_some() || args.output.is_some();
    let talks = !is_given && std::io::stdin().is_terminal();
    if talks {
        return talk(&translator, &config, args, output);
    }
    let given = given(&args.texts, args.input.as_deref(), args.text)?;
    let lines = lines(given, &recipe.task, output)?;
    if args.plot.is_some() && lines.len() > 1 {
        return Err(Failure::input(format!(
            "--plot draws one answer, but there are {} texts: give one",
            lines.len()
        )));
    }
    let mut written = Vec::new();
    for lines in lines.chunks(AT_ONCE) {
        let read = |line: &Line| {
            let read = translator.read(&line.text);
            read.map_err(|error| Failure::input(format!("text {}: {error}", line.number)))
        };
        let sources = lines.iter().map(read).collect::<Result<Vec<Source>, _>>()?;
        let translations = translator.translate(&sources, &config)?;
        for (line, translation) in lines.iter().zip(&translations) {
            tell(line, translation, args, output)?;
            if args.output.is_some() {
                // A line for each line that was read, blank ones too.
                written.resize(line.number - 1, String::new());
                written.push(one_line(&translation.answers[0].text));
            }
        }
    }
    if let Some(path) = &args.output {
        output::write(path, written.join("\n") + "\n")?;
        output.result(format_args!(
            "wrote {} ({} texts)",
            path.display(),
            lines.len()
        ));
    }
    Ok(())
}

/// The texts that are given, or those of files, read as the sources of training.
fn lines(given: Given, tables: &Translate, output: &Output) -> Result<Vec<Line>, Failure> {
    let files = match given {
        Given::Texts { lines, .. } => return Ok(lines),
        Given::Files(files) => files,
    };
    let mut lines: Vec<Line> = Vec::new();
    for file in files {
        let source = &tables.translate.source;
        let read = read_unlabelled(&tables.data, source, &[], &file)?;
        let count = read.rows.len();
        let texts = match &read.column {
            Some(column) => format!("the texts of its column `{column}` ({count}) are translated"),
            None => format!("its lines ({count}) are translated"),
        };
        output.note(format_args!("`{}` is a file: {texts}", file.display()));
        // A line for each line; rows of a table are counted, whatever lines they take.
        let before = lines.last().map_or(0, |line| line.number);
        let plain = read.column.is_none();
        lines.extend((1..).zip(&read.rows).map(|(place, row)| Line {
            number: before + if plain { row.line() } else { place },
            text: row.field(0).to_owned(),
        }));
    }
    Ok(lines)
}

/// Answers line by line, as they are typed.
fn talk(
    translator: &Translator,
    config: &SearchConfig,
    args: &TranslateArgs,
    output: &Output,
) -> Result<(), Failure> {
    output.note("type a text and Enter; an empty line ends");
    for (number, line) in (1..).zip(std::io::stdin().lock().lines()) {
        let text = line.map_err(|error| Failure::input(format!("line {number}: {error}")))?;
        let text = text.trim().to_string();
        if text.is_empty() {
            break;
        }
        match translator.read(&text) {
            Ok(source) => {
                let translations = translator.translate(&[source], config)?;
                tell(&Line { number, text }, &translations[0], args, output)?;
            }
            Err(error) => output.note(error),
        }
    }
    Ok(())
}

/// The recipe's settings, changed as the command line asks.
fn config(args: &TranslateArgs, mut config: SearchConfig) -> SearchConfig {
    config.beam = args.beam.unwrap_or(config.beam);
    config.consensus = args.consensus.unwrap_or(config.consensus);
    if let Some(wanted) = args.alternatives {
        config.beam = config.beam.max(wanted);
    }
    config.length_penalty = args.length_penalty.unwrap_or(config.length_penalty);
    config.max_length = args.max_length.or(config.max_length);
    config
}

/// Shows one answer.
fn tell(
    line: &Line,
    translation: &Translation,
    args: &TranslateArgs,
    output: &Output,
) -> Result<(), Failure> {
    remarks(line, translation, output);
    output.event(&event(line, translation, args));
    if args.output.is_none() {
        match args.alternatives {
            None => output.result(one_line(&translation.answers[0].text)),
            Some(wanted) => {
                for answer in translation.answers.iter().take(wanted) {
                    output.result(format_args!(
                        "{:.3}\t{}",
                        answer.score,
                        one_line(&answer.text)
                    ));
                }
            }
        }
    }
    if let Some(path) = &args.plot {
        let svg = translation.alignment(&line.text).ok_or_else(|| {
            Failure::input(
                "there is nothing to draw: the model was trained without attention, or its answer is empty",
            )
        })?;
        output::write(path, svg.as_str())?;
        output.note(format_args!("drew {}", path.display()));
    }
    Ok(())
}

fn event(line: &Line, translation: &Translation, args: &TranslateArgs) -> Value {
    let answers = &translation.answers;
    let wanted = args.alternatives.unwrap_or(1).min(answers.len());
    json!({
        "event": "translation",
        "line": line.number,
        "text": line.text,
        "translation": answers[0].text,
        "source": translation.source,
        "unknown": translation.unknown,
        "answers": answers[..wanted],
    })
}

/// Why an answer may be worth less than it seems.
fn remarks(line: &Line, translation: &Translation, output: &Output) {
    let number = line.number;
    if translation.cut {
        output.note(format_args!(
            "text {number}: only its beginning was read (translate.longest)"
        ));
    }
    match translation.unknown {
        0 => {}
        1 => output.note(format_args!(
            "text {number}: training never saw one of its tokens"
        )),
        unknown => output.note(format_args!(
            "text {number}: training never saw {unknown} of its tokens"
        )),
    }
    if !translation.answers[0].ended {
        output.note(format_args!(
            "text {number}: the answer was cut off at its greatest length"
        ));
    }
}

/// An answer as one line, whatever the model wrote.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
