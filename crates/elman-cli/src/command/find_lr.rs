//! `elman find-lr`: which learning rate a recipe learns with.

use crate::args::FindLrArgs;
use crate::builtin::locate;
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::progress::Bar;
use elman::run::safe_name;
use elman::train::RangeTest;
use serde_json::json;
use std::path::PathBuf;

pub fn run(args: &FindLrArgs, output: &Output) -> Result<(), Failure> {
    let test = RangeTest {
        from: args.from,
        to: args.to,
        steps: args.steps,
    };
    let positive = |rate: f64| rate > 0.0 && rate.is_finite();
    if !(positive(test.from) && positive(test.to) && test.from < test.to) {
        return Err(Failure::input(format!(
            "--from {} and --to {} are no range of learning rates: both are above zero, and the first is the smaller",
            args.from, args.to
        )));
    }
    let located = locate(&args.recipe.recipe, &args.recipe.set, output)?;
    let name = || PathBuf::from(format!("{}-find-lr.svg", safe_name(&located.name)));
    let file = args.out.clone().unwrap_or_else(name);
    let output = &output.beside(Some(&file))?;
    output::may_write(&file, args.force)?;
    let now = located.recipe.train.optimizer.learning_rate;
    let mut session = located.recipe.prepare(&located.base)?;
    let found = session.range_test(
        &test,
        Default::default(), // a signal ends the program: nothing is kept
        &mut Bar::new("learning rate", output),
    )?;
    output::write(&file, found.picture(&located.name).as_str())?;
    output.result(found.verdict(&test));
    if let Some(rate) = found.suggestion() {
        let sets: String = args
            .recipe
            .set
            .iter()
            .map(|set| format!(" --set '{set}'"))
            .collect();
        output.result(format_args!(
            "The recipe has {now}. Train with {rate}:\n  elman train {}{sets} --set train.optimizer.learning_rate={rate}",
            args.recipe.recipe.display(),
        ));
    }
    output.note(format_args!("wrote {}", file.display()));
    output.event(&json!({
        "event": "result",
        "suggestion": found.suggestion(),
        "steepest": found.steepest,
        "diverged": found.diverged,
        "tenth": found.tenth(),
        "learning_rate": now,
        "rates": found.rates,
        "losses": found.losses,
        "smoothed": found.smoothed,
        "file": file.to_string_lossy(),
    }));
    Ok(())
}
