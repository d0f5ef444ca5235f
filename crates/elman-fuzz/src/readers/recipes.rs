//! Recipes: as TOML, with changes by `--set`, and with the data that they name.

use super::projects::{PROJECTS, Project};
use super::{Readers, place, said};
use crate::reader::{Case, Reader};
use elman::recipe::Recipe;
use std::io;
use std::path::Path;

pub(super) const READERS: Readers = &[
    ("recipe", |_| recipe()),
    ("recipe-set", |_| Ok(set())),
    ("recipe-check", check),
];

/// The recipes that come with the command.
fn builtin() -> io::Result<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            cases.push(Case::text(place(&path).1, std::fs::read(&path)?));
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name)); // inputs follow from their order
    Ok(cases)
}

/// A recipe that was read can be written and read again, to the same recipe.
fn written_and_read(recipe: &Recipe) {
    let text = recipe.to_toml();
    let again = Recipe::parse(&text, "written", &[])
        .unwrap_or_else(|error| panic!("what is written is not read: {error}"));
    assert_eq!(
        again.to_toml(),
        text,
        "what is written is read as something else"
    );
    let _ = (
        recipe.keys_left_out(),
        recipe.task.shape(),
        recipe.task.ends(),
    );
}

fn recipe() -> io::Result<Reader> {
    Ok(Reader::new("recipe", builtin()?, |_, path| {
        let recipe = Recipe::load(path, &[]).map_err(said)?;
        written_and_read(&recipe);
        Ok(())
    }))
}

/// Each line of the file is given by `--set`.
fn set() -> Reader {
    let lines = "train.epochs=5\nmodel.hidden_size=16\nmodel.cell=gru\ntrain.optimizer.learning_rate=1e-3\ndata.files=[\"a.csv\"]\n\
                 forecast.lookback=24\nsplit.valid=0.2\ntrain.seed=9223372036854775807\ndata.time=none\ntrain.schedule.name=cosine\n\
                 data.missing_by_column.x=zero\ndescription=\"a\"\ndata.resample={every=\"1h\"}\n";
    let few = "train.epochs=5\n";
    let cases = vec![Case::text("many.txt", lines), Case::text("one.txt", few)];
    Reader::new("recipe-set", cases, |_, path| {
        let text = String::from_utf8_lossy(&std::fs::read(path).map_err(said)?).into_owned();
        let changes: Vec<String> = text.lines().map(str::to_owned).collect();
        // Each by itself, as one that is wrong hides the others, and then all.
        for change in changes.iter().take(20) {
            let _ = Recipe::parse(
                PROJECTS[0].recipe,
                "recipe.toml",
                std::slice::from_ref(change),
            );
        }
        let recipe = Recipe::parse(PROJECTS[0].recipe, "recipe.toml", &changes).map_err(said)?;
        written_and_read(&recipe);
        Ok(())
    })
}

/// As `elman recipe check` does it: with the data, up to the network's shapes.
fn check(work: &Path) -> io::Result<Reader> {
    let folder = work.join("projects");
    for project in PROJECTS {
        project.write(&folder)?;
    }
    let cases = PROJECTS
        .iter()
        .map(|Project { task, recipe, .. }| Case::text(format!("{task}.toml"), *recipe));
    let reader = Reader::new("recipe-check", cases.collect(), move |_, path| {
        let recipe = Recipe::load(path, &[]).map_err(said)?;
        let session = recipe.prepare(&folder).map_err(said)?;
        let _ = (session.summary().to_string(), session.about());
        Ok(())
    });
    Ok(reader.holding(256 << 20, 64).every(10))
}
