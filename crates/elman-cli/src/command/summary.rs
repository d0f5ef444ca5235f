//! `elman summary`: layers, output shapes and parameters.

use crate::args::RecipeArgs;
use crate::builtin::locate;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;

pub fn run(args: &RecipeArgs, output: &Output) -> Result<(), Failure> {
    let located = locate(&args.recipe, &args.set, output)?;
    let summary = located.recipe.prepare(&located.base)?.summary();
    let layers = summary.rows.iter().map(|row| {
        json!({"name": row.name, "type": row.layer, "output_shape": row.output.to_string(), "parameters": row.parameters})
    });
    output.event(&json!({"event": "result", "layers": layers.collect::<Vec<_>>(), "parameters": summary.parameters()}));
    output.result(summary);
    Ok(())
}
