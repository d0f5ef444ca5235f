//! `elman data`: public datasets and files of one's own.

use crate::args::{DataAction, DataCommand};
use crate::facts::Facts;
use crate::failure::Failure;
use crate::given::near;
use crate::output::Output;
use elman::report::Table;
use elman_data::dataset;
use serde_json::json;
use std::path::Path;

pub fn run(args: &DataCommand, output: &Output) -> Result<(), Failure> {
    match &args.action {
        DataAction::List => list(output),
        DataAction::Get { name } => get(name, output),
        DataAction::Describe { name } => describe(name, output),
    }
}

fn list(output: &Output) -> Result<(), Failure> {
    let mut table = Table::new(["dataset", "here", "what"]);
    for dataset in dataset::list() {
        let here = dataset.is_complete(&dataset::resolve(&dataset.name)?);
        output.event(&json!({"event": "dataset", "name": dataset.name, "here": here, "about": dataset.about}));
        table.row(
            [
                dataset.name.as_str(),
                if here { "yes" } else { "no" },
                &dataset.about,
            ]
            .map(Into::into),
        );
    }
    output.result(table);
    Ok(())
}

fn get(name: &str, output: &Output) -> Result<(), Failure> {
    let mut last = String::new();
    let folder = dataset::get(name, &mut |progress| {
        if progress.file != last {
            last = progress.file.to_string();
            output.note(format_args!("fetching {last}"));
        }
    })?;
    output.event(&json!({"event": "result", "dataset": name, "folder": folder}));
    output.result(format_args!("{name} is in {}", folder.display()));
    Ok(())
}

fn describe(name: &str, output: &Output) -> Result<(), Failure> {
    let path = Path::new(name);
    let is_dataset = dataset::list().iter().any(|dataset| dataset.name == name);
    if path.is_file() || path.is_dir() && !is_dataset {
        return super::describe::describe(path, output);
    }
    if !is_dataset {
        let names = dataset::list().iter().map(|dataset| dataset.name.as_str());
        let near = match (elman_data::nearest(name, names), near(path)) {
            (Some(dataset), _) => format!("; did you mean the dataset `{dataset}`?"),
            (None, file) if !file.is_empty() => file,
            _ => ".".into(),
        };
        return Err(Failure::input(format!(
            "there is no file and no dataset called `{name}`{near} `elman data list` shows the datasets."
        )));
    }
    let dataset = dataset::describe(name)?;
    let folder = dataset::resolve(name)?;
    let here = dataset.is_complete(&folder);
    output.event(&json!({"event": "result", "dataset": dataset, "here": here, "folder": folder}));
    let mut facts = Facts::default();
    let (place, bytes) = (
        folder.display().to_string(),
        dataset.files.iter().map(|file| file.bytes).sum::<u64>(),
    );
    let place = if here {
        place
    } else {
        format!("not here; fetch it with: elman data get {name}")
    };
    facts.say("dataset", name);
    for (key, value) in [
        ("what", dataset.about.as_str()),
        ("licence", &dataset.licence),
        ("source", &dataset.source),
        ("split", &dataset.split),
        (
            "files",
            &format!(
                "{} files, {:.1} MB",
                dataset.files.len(),
                bytes as f64 / 1e6
            ),
        ),
        ("folder", &place),
    ] {
        facts.say(key, value);
    }
    output.result(facts);
    Ok(())
}
