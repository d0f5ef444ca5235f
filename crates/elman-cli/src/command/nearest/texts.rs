//! The texts nearest to another.

use super::Asked;
use crate::failure::Failure;
use crate::given::note_of_text;
use crate::lines;
use elman::recipe::Recipe;
use elman::report::Table;
use elman::task::similarity::{Encoder, Similarity};
use elman_data::text::{Row, read_rows};
use serde_json::{Value, json};

pub fn run(asked: &Asked<'_>, recipe: &Recipe<Similarity>) -> Result<(), Failure> {
    let Asked {
        args, run, output, ..
    } = asked;
    let encoder = Encoder::open(recipe, run)?;
    for text in std::iter::once(&args.query).chain(&args.to) {
        if let Some(note) = note_of_text(text) {
            output.note(note);
        }
    }
    if let Some(to) = &args.to {
        if args.file.is_some() {
            return Err(Failure::input(
                "--file names texts to search among, and --to compares two texts: leave one out",
            ));
        }
        let distance = encoder.between(&args.query, to)?;
        output.result(format_args!("distance {distance:.4}"));
        output.event(&json!({"event": "result", "run": run.path().to_string_lossy(), "query": args.query, "to": to, "distance": distance}));
        return Ok(());
    }
    let (items, searched) = items(asked, recipe)?;
    let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
    let found = encoder.nearest(&args.query, &texts, args.count)?;
    let several = searched.len() > 1;
    let columns = ["distance", "label", "file", "line", "text"];
    let shown = |name: &str| match name {
        "label" => args.file.is_none(),
        "file" => several,
        _ => true,
    };
    let mut table = Table::new(columns.into_iter().filter(|name| shown(name)));
    for (item, distance) in &found {
        let item = &items[*item];
        let cells = [
            f64::from(*distance).into(),
            item.label.as_str().into(),
            item.file.as_str().into(),
            item.line.into(),
            item.text.as_str().into(),
        ];
        let cells = columns
            .into_iter()
            .zip(cells)
            .filter(|(name, _)| shown(name));
        table.row(cells.map(|(_, cell)| cell));
    }
    output.note(format_args!(
        "searched {} texts of {}",
        items.len(),
        searched.join(", ")
    ));
    output.result(table);
    let found: Vec<Value> = found
        .iter()
        .map(|(item, distance)| {
            let item = &items[*item];
            let mut event = json!({"distance": distance, "file": item.file, "line": item.line, "text": item.text});
            if args.file.is_none() {
                event["label"] = json!(item.label);
            }
            event
        })
        .collect();
    output.event(&json!({
        "event": "result", "run": run.path().to_string_lossy(), "query": args.query, "searched": searched, "count": items.len(), "nearest": found,
    }));
    Ok(())
}

/// A text to search among.
struct Item {
    file: String,
    line: usize,
    text: String,
    label: String,
}

/// The texts to search among, and the files they are from.
fn items(
    asked: &Asked<'_>,
    recipe: &Recipe<Similarity>,
) -> Result<(Vec<Item>, Vec<String>), Failure> {
    if let Some(path) = &asked.args.file {
        let file = match path.to_str() {
            Some("-") => "standard input".to_string(),
            _ => path.display().to_string(),
        };
        let item = |line: lines::Line| Item {
            file: file.clone(),
            line: line.number,
            text: line.text,
            label: String::new(),
        };
        let items = lines::read(path)?.into_iter().map(item).collect();
        return Ok((items, vec![file]));
    }
    let tables = &recipe.task;
    let columns = [
        tables.similarity.text.clone(),
        tables.similarity.label.clone(),
    ];
    let rows = read_rows(&tables.data, &tables.data.files, &columns, asked.base)?;
    let item = |row: &Row| Item {
        file: row.file().display().to_string(),
        line: row.line(),
        text: row.field(0).to_owned(),
        label: row.field(1).to_owned(),
    };
    let items: Vec<Item> = rows.iter().map(item).collect();
    let mut searched: Vec<String> = Vec::new();
    for item in &items {
        if !searched.contains(&item.file) {
            searched.push(item.file.clone());
        }
    }
    Ok((items, searched))
}
