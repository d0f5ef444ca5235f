//! `elman nearest`: the texts nearest to another.

use crate::args::NearestArgs;
use crate::failure::{self, Failure};
use crate::lines::{self, Line};
use crate::output::Output;
use crate::precision;
use elman::report::Table;
use elman::run::{Origin, RunFolder};
use elman::task::similarity::{Encoder, Similarity};
use elman_data::text::read_rows;
use serde_json::json;

pub fn run(args: &NearestArgs, output: &Output) -> Result<(), Failure> {
    let run = RunFolder::open(&args.run)?;
    let origin: Origin = run.read_json("run.json")?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "nearest");
    let recipe = recipe.of::<Similarity>().ok_or_else(other)?;
    let encoder = Encoder::open(&recipe, &run)?;
    let lines = match &args.file {
        Some(path) => lines::read(path)?,
        None => {
            let own = &recipe.task;
            let columns = [own.similarity.text.clone()];
            let rows = read_rows(&own.data, &own.data.files, &columns, &origin.base)?;
            let line = |row: elman_data::text::Row| Line {
                number: row.line,
                text: row.fields.into_iter().next().unwrap_or_default(),
            };
            rows.into_iter().map(line).collect()
        }
    };
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let found = encoder.nearest(&args.query, &texts, args.count)?;
    let mut table = Table::new(["distance", "line", "text"]);
    for (item, distance) in &found {
        table.row([
            f64::from(*distance).into(),
            lines[*item].number.into(),
            texts[*item].into(),
        ]);
    }
    output.result(table);
    let found: Vec<_> = found
        .iter()
        .map(|(item, distance)| json!({"distance": distance, "line": lines[*item].number, "text": texts[*item]}))
        .collect();
    output.event(
        &json!({"event": "result", "run": run.path(), "query": args.query, "nearest": found}),
    );
    Ok(())
}
