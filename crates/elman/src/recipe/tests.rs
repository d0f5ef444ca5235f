use super::*;
use crate::ops::Precision;
use crate::task::forecast::Forecast;

const SMALL: &str = "task = \"forecast\"\n[data]\nfiles = [\"a.csv\"]\n";

fn error(text: &str, overrides: &[&str]) -> String {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    Recipe::parse(text, "r.toml", &overrides)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_misspelled_key_is_named_with_its_line_and_the_right_one() {
    let message = error(&format!("{SMALL}[train]\nepocs = 5\n"), &[]);
    assert!(
        message.starts_with("r.toml, line 5, column 1: there is no key `epocs` here"),
        "{message}"
    );
    assert!(message.contains("did you mean `epochs`?"), "{message}");
    let message = error(SMALL, &["model.hiden_size=3"]);
    assert!(message.contains("did you mean `hidden_size`?"), "{message}");
    let message = error(&format!("{SMALL}[model]\ncell = \"lstn\"\n"), &[]);
    assert!(
        message.contains("there is no value `lstn` here; did you mean `lstm`?"),
        "{message}"
    );
}

#[test]
fn overrides_reach_any_key_and_keep_their_types() {
    let set = ["train.epochs=5", "model.cell=gru", "data.targets=[\"x\"]"].map(String::from);
    let recipe = Recipe::parse(SMALL, "r.toml", &set).unwrap();
    assert_eq!((recipe.train.epochs, recipe.model.cell), (5, CellName::Gru));
    assert_eq!(
        recipe.of::<Forecast>().unwrap().task.data.unwrap().targets,
        ["x"]
    );
    assert!(error(SMALL, &["train.epochs"]).contains("not of the form key=value"));
    assert!(error(SMALL, &["task.epochs=1"]).contains("`task` is a value, not a table"));
}

#[test]
fn a_recipe_printed_with_all_its_keys_reads_back_the_same() {
    let recipe = Recipe::parse(SMALL, "r.toml", &[]).unwrap();
    assert_eq!(
        Recipe::parse(&recipe.to_toml(), "again", &[]).unwrap(),
        recipe
    );
}

#[test]
fn tasks_and_common_keys_are_known_beside_those_of_the_task() {
    let message = error("task = \"forcast\"\n", &[]);
    assert!(
        message.starts_with(
            "r.toml, line 1, column 8: there is no value `forcast` here; did you mean `forecast`?"
        ),
        "{message}"
    );
    assert!(error("epochs = 3\n", &[]).contains("`task` is missing"));
    let message = error(&format!("{SMALL}[trian]\nepochs = 5\n"), &[]);
    assert!(
        message.starts_with(
            "r.toml, line 4, column 2: there is no key `trian` here; did you mean `train`?"
        ),
        "{message}"
    );
    assert!(error(SMALL, &["task=3"]).contains("is the name of a task"));
}

#[test]
fn data_must_come_from_exactly_one_place() {
    assert!(error("task = \"forecast\"", &[]).contains("`data` is missing"));
    assert!(error(&format!("{SMALL}[generate]\nseries = 10"), &[]).contains("exclude each other"));
}

#[test]
fn checkpoints_and_precision_are_checked() {
    let recipe = |set: &[&str]| {
        let set: Vec<String> = set.iter().map(ToString::to_string).collect();
        Recipe::parse(SMALL, "r.toml", &set).unwrap()
    };
    let set = recipe(&["model.checkpoint_every=64", "model.precision=bf16"]);
    assert_eq!(set.model.checkpoint_every, Some(64));
    assert_eq!(set.model.precision, Precision::Bf16);
    assert!(!set.keys_left_out().contains(&"model.checkpoint_every"));
    assert!(set.to_toml().contains("precision = \"bf16\""));
    assert_eq!(Recipe::parse(&set.to_toml(), "again", &[]).unwrap(), set);
    let plain = recipe(&[]);
    assert_eq!(plain.model.precision, Precision::F32);
    assert!(plain.keys_left_out().contains(&"model.checkpoint_every"));

    let message = error(SMALL, &["model.checkpoint_every=0"]);
    assert!(
        message.contains("`model.checkpoint_every` is 0; it must be at least 1"),
        "{message}"
    );
    let message = error(SMALL, &["model.precision=bf61"]);
    assert!(
        message.contains("there is no value `bf61` here; did you mean `bf16`?"),
        "{message}"
    );
    let message = error(SMALL, &["model.checkpoint_evry=3"]);
    assert!(
        message.contains("did you mean `checkpoint_every`?"),
        "{message}"
    );
    let layers = "[[model.layers]]\ntype = \"gru\"\nhidden_size = 4\n";
    for idle in ["model.checkpoint_every=3", "model.precision=bf16"] {
        let message = error(&format!("{SMALL}{layers}"), &[idle]);
        assert!(message.contains("says all about the layers"), "{message}");
    }
}
