//! `elman caption`: what is on pictures.

use crate::args::CaptionArgs;
use crate::failure::{self, Failure};
use crate::output::{self, Output};
use crate::precision;
use crate::runs;
use elman::report::numbers;
use elman::task::caption::{Caption, Describer, overlay};
use serde_json::json;
use std::path::Path;

pub fn run(args: &CaptionArgs, output: &Output) -> Result<(), Failure> {
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "caption");
    let recipe = recipe.of::<Caption>().ok_or_else(other)?;
    let describer = Describer::open(&recipe, &run)?;
    let mut search = recipe.task.search.clone();
    search.beam = args.beam.unwrap_or(search.beam);
    search.consensus = args.consensus.unwrap_or(search.consensus);
    let mut broken = 0;
    for (number, file) in args.files.iter().enumerate() {
        let found = match describer.describe(Path::new(file), &search) {
            Ok(found) => found,
            Err(error) if args.skip && error.is_input() => {
                output.note(&error);
                broken += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let best = &found.answers[0];
        output.event(&json!({"event": "caption", "picture": file, "text": best.text, "answers": found.answers}));
        match args.files.as_slice() {
            [_] if found.answers.len() > 1 => {
                // Not as a table, which would cut long sentences.
                let scores = found.answers.iter().map(|answer| answer.score);
                let scores = numbers(&scores.collect::<Vec<_>>());
                let wide = scores.iter().map(String::len).max().unwrap_or(0);
                for (answer, score) in found.answers.iter().zip(scores) {
                    output.result(format_args!("{score:>wide$}  {}", answer.text));
                }
            }
            [_] => output.result(&best.text),
            _ => output.result(format_args!("{}\t{file}", best.text)),
        }
        if args.looks.is_some() && best.attention.is_empty() {
            output.note("the model looks at the picture as a whole: there is nothing to draw");
        }
        if let Some(folder) = &args.looks {
            let stem = Path::new(file)
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            for (place, (word, weights)) in best.tokens.iter().zip(&best.attention).enumerate() {
                let svg = overlay(&found.picture, weights, found.grid, word);
                let path = folder.join(match args.files.len() {
                    1 => format!("{stem}-{:02}.svg", place + 1),
                    _ => format!("{:03}-{stem}-{:02}.svg", number + 1, place + 1),
                });
                output::write(&path, svg.as_str())?;
            }
        }
    }
    match broken == args.files.len() {
        true => Err(Failure::input("none of the pictures could be read")),
        false => Ok(()),
    }
}
