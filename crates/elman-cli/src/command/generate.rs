//! `elman generate`: new text from a trained run, as it is made.

use crate::args::GenerateArgs;
use crate::failure::{self, Failure};
use crate::output::{self, Output};
use crate::precision;
use crate::runs;
use elman::task::generate::{self, Ended, Generate, Generator, SampleConfig, step_table};
use serde_json::json;

pub fn run(args: &GenerateArgs, output: &Output) -> Result<(), Failure> {
    let output = &output.beside(args.output.as_deref())?;
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "generate");
    let recipe = recipe.of::<Generate>().ok_or_else(other)?;
    let (vocabulary, model) = generate::open(&recipe, &run)?;
    let generator = Generator {
        vocabulary: &vocabulary,
        model: &model,
    };
    if let Some(text) = &args.show_steps {
        let steps = generator.steps(text)?;
        output.result(step_table(&steps, &vocabulary));
        output.event(
            &json!({"event": "result", "run": run.path().to_string_lossy(), "steps": steps}),
        );
        return Ok(());
    }
    let config = config(args, recipe.task.sample);
    let mut samples = Vec::new();
    for sample in 0..args.count {
        let config = SampleConfig {
            seed: config.seed.wrapping_add(sample),
            ..config.clone()
        };
        let mut write = |piece: &str| {
            if args.output.is_none() {
                output.piece(piece);
            }
        };
        let sample = generator.generate(&config, &mut write)?;
        if args.output.is_none() {
            // Texts stand apart by an empty line; one that ends its own line needs no other end.
            output.piece(if sample.text.ends_with('\n') {
                ""
            } else {
                "\n"
            });
            output.piece(if samples.len() as u64 + 1 < args.count {
                "\n"
            } else {
                ""
            });
        }
        samples.push(sample);
    }
    if let Some(path) = &args.output {
        let texts: Vec<&str> = samples
            .iter()
            .map(|sample| sample.text.trim_end())
            .collect();
        output::write(path, texts.join("\n\n") + "\n")?;
        let ended = samples
            .iter()
            .filter(|sample| sample.ended != Ended::Length);
        output.result(format_args!(
            "wrote {} ({} texts, {} of which end by themselves)",
            path.display(),
            samples.len(),
            ended.count()
        ));
    }
    output.event(
        &json!({"event": "result", "run": run.path().to_string_lossy(), "samples": samples}),
    );
    Ok(())
}

/// The recipe's settings, changed as the command line asks.
fn config(args: &GenerateArgs, mut config: SampleConfig) -> SampleConfig {
    let GenerateArgs {
        prompt,
        length,
        temperature,
        top_k,
        top_p,
        repetition_penalty,
        stop,
        seed,
        ..
    } = args;
    config.prompt = prompt.clone().unwrap_or(config.prompt);
    config.length = length.unwrap_or(config.length);
    config.temperature = temperature.unwrap_or(config.temperature);
    config.top_k = top_k.or(config.top_k);
    config.top_p = top_p.or(config.top_p);
    config.repetition_penalty = repetition_penalty.unwrap_or(config.repetition_penalty);
    config.stop = stop.clone().or(config.stop);
    config.seed = seed.unwrap_or(config.seed);
    config
}
