//! `elman recipe`: list, init, check, show.

use super::init::init;
use crate::args::{RecipeAction, RecipeArgs, RecipeCommand};
use crate::builtin::{BUILTINS, find, locate};
use crate::failure::Failure;
use crate::output::Output;
use elman::recipe::Recipe;
use elman::report::Table;
use serde_json::json;

pub fn run(args: &RecipeCommand, output: &Output) -> Result<(), Failure> {
    match &args.action {
        RecipeAction::List => list(output),
        RecipeAction::Init(args) => init(args, output),
        RecipeAction::Check(args) => check(args, output),
        RecipeAction::Show(args) => show(args, output),
    }
}

fn list(output: &Output) -> Result<(), Failure> {
    let mut table = Table::new(["recipe", "task", "shape", "data"]);
    let mut about = Vec::new();
    for builtin in BUILTINS {
        let recipe = Recipe::parse(builtin.text, builtin.name, &[])?;
        let data = match &recipe.dataset {
            Some(name) => name.as_str(),
            None if recipe.task.is_generated() => "generated",
            None => "comes with elman",
        };
        let (task, shape) = (recipe.task.name(), recipe.task.shape());
        output.event(&json!({
            "event": "recipe", "name": builtin.name, "about": recipe.description, "task": task, "shape": shape, "data": data,
        }));
        table.row([builtin.name, task, shape, data].map(Into::into));
        about.push(format!("{}: {}", builtin.name, recipe.description));
    }
    output.result(table);
    output.result(about.join("\n"));
    Ok(())
}

/// Every key: those that are off as comments.
fn show(args: &RecipeArgs, output: &Output) -> Result<(), Failure> {
    let recipe = find(&args.recipe, &args.set)?.recipe;
    output.event(&json!({"event": "result", "recipe": recipe, "off": recipe.keys_left_out()}));
    output.result(recipe.to_toml_with_off().trim_end());
    Ok(())
}

fn check(args: &RecipeArgs, output: &Output) -> Result<(), Failure> {
    let located = locate(&args.recipe, &args.set, output)?;
    let job = located.recipe.prepare(&located.base)?;
    let about = job.about();
    if let Some(report) = &about.report {
        output.result(report);
    }
    let parameters = job.summary().parameters();
    output.result(format_args!(
        "The recipe is good: {}; {parameters} parameters.",
        about.sizes
    ));
    let mut event = json!({"event": "result", "parameters": parameters});
    if let (Some(event), Some(figures)) = (event.as_object_mut(), about.figures.as_object()) {
        event.extend(figures.clone());
    }
    output.event(&event);
    Ok(())
}
