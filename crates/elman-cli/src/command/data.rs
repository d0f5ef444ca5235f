//! `elman data`: public datasets and files of one's own.

use crate::args::{DataAction, DataCommand};
use crate::facts::Facts;
use crate::failure::Failure;
use crate::given::{exists, near};
use crate::output::Output;
use elman_data::dataset;
use serde_json::json;
use std::path::Path;

pub fn run(args: &DataCommand, output: &Output) -> Result<(), Failure> {
    match &args.action {
        DataAction::List => super::dataset::list(output),
        DataAction::Get { name } => super::dataset::get(name, output),
        DataAction::Describe { name } => describe(name, output),
    }
}

fn describe(path: &Path, output: &Output) -> Result<(), Failure> {
    let Some(name) = path.to_str() else {
        return exists(path); // which says why it cannot be
    };
    let is_dataset = dataset::list().iter().any(|dataset| dataset.name == name);
    if name == "-" || path.is_file() || path.is_dir() && !is_dataset {
        return super::describe::describe(path, output);
    }
    if !is_dataset {
        let names = dataset::list().iter().map(|dataset| dataset.name.as_str());
        let near = match (elman_data::nearest(name, names), near(path)) {
            (Some(dataset), _) => format!("; did you mean `{dataset}`?"),
            (None, file) => file,
        };
        return Err(Failure::input(format!(
            "there is no file and no dataset called `{name}`{near} `elman data list` shows the datasets."
        )));
    }
    let dataset = dataset::describe(name)?;
    let folder = dataset::resolve(name)?;
    let here = dataset.is_complete(&folder);
    output.event(&json!({"event": "result", "dataset": dataset, "how": dataset.how(), "here": here, "folder": folder.to_string_lossy()}));
    let mut facts = Facts::default();
    let place = if here {
        folder.display().to_string()
    } else {
        super::dataset::absent(dataset)
    };
    facts.say("dataset", name);
    for (key, value) in [
        ("what", dataset.about.as_str()),
        ("licence", &dataset.licence),
        ("source", &dataset.source),
        ("split", &dataset.split),
        ("how", super::dataset::how(dataset)),
        ("files", &super::dataset::size(dataset)),
        ("folder", &place),
    ] {
        facts.say(key, value);
    }
    output.result(facts);
    Ok(())
}
