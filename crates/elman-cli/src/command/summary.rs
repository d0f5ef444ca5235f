//! `elman summary`: layers, output shapes and parameters.

use crate::args::RecipeArgs;
use crate::builtin::{self, locate};
use crate::failure::Failure;
use crate::output::Output;
use elman::run::RunFolder;
use serde_json::json;

pub fn run(args: &RecipeArgs, output: &Output) -> Result<(), Failure> {
    let path = args.recipe.as_path();
    let is_run = args.set.is_empty() && RunFolder::is_run(path) && !builtin::hides(path);
    let kept = match is_run {
        true => RunFolder::existing(path)?.summary(),
        false => None,
    };
    let summary = match kept {
        Some(summary) => summary,
        None => {
            let located = locate(path, &args.set, output)?;
            located.recipe.prepare(&located.base)?.summary()
        }
    };
    let layers = summary.rows.iter().map(|row| {
        json!({"name": row.name, "type": row.layer, "output_shape": row.output.to_string(), "parameters": row.parameters})
    });
    output.event(&json!({"event": "result", "layers": layers.collect::<Vec<_>>(), "parameters": summary.parameters()}));
    output.result(summary);
    Ok(())
}
