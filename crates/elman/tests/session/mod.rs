//! A recipe trained as the command does it.

use elman::inspect::{Choice, Training};
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
    session.save(&run.model(), &Default::default()).unwrap();
    looked_into(session.as_ref());
    (run, session)
}

/// Whatever the task, a look inside finds recurrences and shares of gradients that are numbers.
pub fn looked_into(session: &dyn Session) {
    let hide: &mut dyn FnMut(usize, usize) = &mut |_, _| {};
    let found = session.inspect(&Choice::default(), Some(hide)).unwrap();
    let recurrent = session
        .summary()
        .rows
        .iter()
        .any(|row| row.recurrence.is_some());
    assert_eq!(recurrent, !found.parts.is_empty());
    for part in &found.parts {
        let flow = part
            .flow
            .as_ref()
            .expect("a gradient comes back to every recurrence");
        assert!(!flow.shares[0].is_empty(), "{}", part.passage.name);
        assert!(flow.shares.iter().flatten().all(|share| share.is_finite()));
        assert!(
            part.spectral_radii()
                .iter()
                .all(|(_, radius)| radius.is_finite())
        );
    }
    for values in [&found.rests.gradient, &found.rests.hidden]
        .into_iter()
        .flatten()
    {
        assert!(!values.is_empty() && values.iter().all(|value| value.is_finite()));
    }
    let (sections, pictures) = found.sections(&Training::default());
    assert!(!sections.is_empty());
    assert_eq!(pictures.is_empty(), found.parts.is_empty());
}
