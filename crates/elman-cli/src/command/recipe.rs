//! `elman recipe`: list, init, check, show.

use crate::args::{InitArgs, RecipeAction, RecipeArgs, RecipeCommand};
use crate::builtin::{BUILTINS, locate};
use crate::failure::Failure;
use crate::output::Output;
use elman::recipe::Recipe;
use elman::report::Table;
use elman_data::{Missing, Series, SourceConfig, Step, read_series, write_atomic};
use serde_json::json;
use std::path::Path;

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

fn show(args: &RecipeArgs, output: &Output) -> Result<(), Failure> {
    let recipe = locate(&args.recipe, &args.set)?.recipe;
    output.event(&json!({"event": "result", "recipe": recipe}));
    output.result(recipe.to_toml().trim_end());
    let off = recipe.keys_left_out();
    if !off.is_empty() {
        output.result(format_args!("\n# Off unless given: {}", off.join(", ")));
    }
    Ok(())
}

fn check(args: &RecipeArgs, output: &Output) -> Result<(), Failure> {
    let located = locate(&args.recipe, &args.set)?;
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

/// Writes a recipe whose choices follow from the data: its season, its length, its gaps.
fn init(args: &InitArgs, output: &Output) -> Result<(), Failure> {
    let file = args
        .file
        .file_name()
        .ok_or_else(|| Failure::input("name a file, not a folder"))?;
    let folder = args.file.parent().unwrap_or(Path::new(""));
    let mut source = SourceConfig {
        files: vec![file.to_string_lossy().into_owned()],
        missing: Missing::Interpolate,
        targets: args.target.iter().cloned().collect(),
        ..SourceConfig::default()
    };
    let (series, report) = read_series(&source, folder)?;
    output.note(&report);
    if source.targets.is_empty() {
        source.targets = series
            .target_names()
            .last()
            .map(ToString::to_string)
            .into_iter()
            .collect();
    }
    let gaps = report.columns.iter().any(|column| column.missing > 0);
    let text = starter(&series, &source, gaps, args.horizon);
    let path = args
        .output
        .clone()
        .unwrap_or_else(|| args.file.with_extension("toml"));
    let name = path.display().to_string();
    if path.exists() {
        return Err(Failure::input(format!(
            "`{name}` exists already; choose another file with --output"
        )));
    }
    let recipe = Recipe::parse(&text, &name, &[])?;
    let beside = path.parent().unwrap_or(Path::new("")) == folder;
    if !beside {
        return Err(Failure::input(
            "write the recipe beside its data: a recipe's files are relative to its own folder",
        ));
    }
    recipe.prepare(folder)?;
    write_atomic(&path, text.as_bytes())?;
    output.event(&json!({"event": "result", "recipe": name}));
    output.result(format_args!(
        "wrote {name}\n\nnext:\n  elman recipe check {name}\n  elman train {name}"
    ));
    Ok(())
}

fn starter(series: &Series, source: &SourceConfig, gaps: bool, horizon: Option<usize>) -> String {
    let (season, calendar) = match series.step {
        Some(Step::Months(1)) => (12, "\"month\""),
        Some(Step::Months(_)) => (4, "\"month\""),
        Some(Step::Duration(step)) if step.as_secs() < 86_400 => (
            (86_400 / step.as_secs().max(1)) as usize,
            "\"hour\", \"weekday\"",
        ),
        Some(Step::Duration(step)) if step.as_secs() == 86_400 => (7, "\"weekday\", \"month\""),
        _ => (1, ""),
    };
    let rows = series.len();
    let horizon = horizon.unwrap_or(season.clamp(1, (rows / 10).max(1)));
    let lookback = (2 * season).max(2 * horizon).clamp(2, (rows / 4).max(2));
    let quoted = |names: &[String]| {
        names
            .iter()
            .map(|name| toml::Value::from(name.as_str()).to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let missing = if gaps {
        "missing = \"interpolate\"   # the file has gaps\n"
    } else {
        ""
    };
    format!(
        "# Every key that is not here has a default: `elman recipe show` prints them all.\n\
         task = \"forecast\"\n\n\
         [data]\n\
         files = [{files}]\n\
         targets = [{targets}]\n\
         calendar = [{calendar}]\n\
         {missing}\n\
         [split]                  # in the order of time\n\
         valid = 0.1\n\
         test = 0.2\n\n\
         [forecast]\n\
         lookback = {lookback}\n\
         horizon = {horizon}\n\
         relative_to = \"last\"     # follows a level that drifts\n\n\
         [model]\n\
         cell = \"lstm\"            # or \"gru\", \"simple_rnn\"\n\
         hidden_size = 32\n\n\
         [train]\n\
         epochs = 100\n\
         clip_norm = 1.0\n\n\
         [train.early_stopping]\n\
         patience = 10\n",
        files = quoted(&source.files),
        targets = quoted(&source.targets),
    )
}
