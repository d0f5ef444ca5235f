//! A recipe trained as the command does it.

use elman::recipe::Recipe;
use elman::run::RunFolder;
use elman::task::Session;
use elman::train::Silent;
use std::path::Path;

/// A recipe from its text, with changes as those of `--set`.
pub fn parsed(text: &str, set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    Recipe::parse(text, "test", &set).unwrap()
}

/// Trains a recipe in a run folder, and writes what a run needs to answer.
pub fn run(recipe: &Recipe, base: &Path, folder: &Path) -> (RunFolder, Box<dyn Session>) {
    let run = RunFolder::create(folder, false).unwrap();
    run.write_recipe(recipe).unwrap();
    run.write("run.json", "{}").unwrap();
    let mut session = recipe.clone().prepare(base).unwrap();
    session.remember(&run).unwrap();
    session.baselines(&Default::default(), &mut Silent).unwrap();
    let stop = Default::default();
    session
        .train(&run.checkpoints(), false, stop, &mut Silent)
        .unwrap();
    session.save(&run.model()).unwrap();
    (run, session)
}
