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
    assert!(
        !set.keys_left_out()
            .iter()
            .any(|off| off.key == "model.checkpoint_every")
    );
    assert!(set.to_toml().contains("precision = \"bf16\""));
    assert_eq!(Recipe::parse(&set.to_toml(), "again", &[]).unwrap(), set);
    let plain = recipe(&[]);
    assert_eq!(plain.model.precision, Precision::F32);
    assert!(
        plain
            .keys_left_out()
            .iter()
            .any(|off| off.key == "model.checkpoint_every")
    );

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

/// Names of the fields of every configuration in a file of this workspace: structs that refuse unknown keys.
fn fields(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for block in source.split("deny_unknown_fields").skip(1) {
        let Some(head) = block.find("pub struct ") else {
            continue;
        };
        if block[..head].contains("pub enum ") || block[..head].matches('\n').count() > 3 {
            continue;
        }
        let body = &block[head + "pub struct ".len()..];
        let name = body.split([' ', '<', '(']).next().unwrap_or_default();
        let end = body.find("\n}").unwrap_or(0);
        let lines: Vec<&str> = body[..end].lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let skipped = at > 0 && lines[at - 1].contains("serde(skip)");
            if let Some(field) = line.strip_prefix("    pub ").filter(|_| !skipped) {
                let field = field.split(':').next().unwrap_or_default();
                found.push((name.to_owned(), field.to_owned()));
            }
        }
    }
    found
}

/// The fields are read off the source, so that a new key cannot be forgotten: every key of every table occurs.
#[test]
fn every_key_of_every_table_is_shown() {
    let shown: String = RECIPES.iter().map(|text| shown(text)).collect();
    let sources = [
        include_str!("model.rs"),
        include_str!("../model/recurrent.rs"),
        include_str!("../train/config.rs"),
        include_str!("../task/forecast/config.rs"),
        include_str!("../task/map/config.rs"),
        include_str!("../task/classify/config.rs"),
        include_str!("../task/recognize/config.rs"),
        include_str!("../task/generate/config.rs"),
        include_str!("../task/tag/config.rs"),
        include_str!("../task/translate/config.rs"),
        include_str!("../task/caption/config.rs"),
        include_str!("../task/transcribe/config.rs"),
        include_str!("../task/animate/config.rs"),
        include_str!("../task/similarity/config.rs"),
        include_str!("../task/resemble/config.rs"),
        include_str!("../task/likeness/config.rs"),
        include_str!("../../../elman-data/src/source/config.rs"),
        include_str!("../../../elman-data/src/signal/config.rs"),
        include_str!("../../../elman-data/src/text/config.rs"),
        include_str!("../../../elman-data/src/text/rows/config.rs"),
        include_str!("../../../elman-data/src/text/tagged.rs"),
        include_str!("../../../elman-data/src/media/sound/config.rs"),
        include_str!("../../../elman-data/src/split.rs"),
    ];
    let fields: Vec<_> = sources.iter().flat_map(|source| fields(source)).collect();
    assert!(fields.len() > 200, "{}", fields.len());
    for (name, field) in fields {
        let occurs = shown.contains(&format!("{field} = ")) || shown.contains(&format!("{field}]"));
        assert!(occurs, "{name}.{field}");
    }
}

/// What is off says what it would do, and the whole can be read again as the recipe it is.
#[test]
fn keys_that_are_off_are_explained_and_the_recipe_stays_one() {
    let mut silent = Vec::new();
    for text in RECIPES {
        let recipe = Recipe::parse(text, "r", &[]).unwrap();
        let again = Recipe::parse(&recipe.to_toml_with_off(), "r", &[]).unwrap();
        assert_eq!(again, recipe);
        for off in recipe.keys_left_out() {
            if off.meaning.is_empty() {
                silent.push(format!("{}: {}", recipe.task.name(), off.key));
            }
        }
    }
    assert!(
        silent.is_empty(),
        "write what these do in recipe/meanings.rs: {silent:#?}"
    );
}

#[test]
fn a_key_that_is_off_stands_in_its_own_table() {
    let text = shown(
        "task = \"forecast\"\n[data]\nfiles = [\"a.csv\"]\n[[model.layers]]\ntype = \"gru\"\nhidden_size = 4\n[[model.layers]]\ntype = \"dense\"\nunits = 1\n",
    );
    let data = text.find("[data]").unwrap();
    let resample = text.find("# resample = { every = …").unwrap();
    let next = data + 1 + text[data + 1..].find("\n[").unwrap();
    assert!((data..next).contains(&resample), "{text}");
    let layer = text.find("[[model.layers]]").unwrap();
    let reset = text.find("# reset = ").unwrap();
    assert!(
        layer < reset && reset < layer + text[layer + 1..].find("[[model.layers]]").unwrap(),
        "{text}"
    );
}

fn shown(text: &str) -> String {
    Recipe::parse(text, "r", &[]).unwrap().to_toml_with_off()
}

/// A recipe of every task, and those whose tables exclude each other.
const RECIPES: &[&str] = &[
    "task = \"forecast\"\n[data]\nfiles = [\"a.csv\"]\n[[model.layers]]\ntype = \"gru\"\nhidden_size = 4\n[[model.layers]]\ntype = \"dense\"\nunits = 1\n",
    "task = \"forecast\"\n[generate]\n",
    "task = \"map\"\n[data]\nfiles = [\"a.csv\"]\n[map]\ninputs = [\"x\"]\ntargets = [\"y\"]\n",
    "task = \"map\"\n[generate]\nwhat = \"friedman\"\n",
    "task = \"classify\"\n[data]\nfiles = [\"a.csv\"]\n",
    "task = \"recognize\"\n[data]\nfiles = [\"a.ts\"]\n",
    "task = \"recognize\"\n[data]\nfiles = [\"a.wav\"]\n[data.sound]\nrate = 8000\n[data.frames]\nside = 4\n",
    "task = \"generate\"\n[data]\ntext = \"hello\"\n",
    "task = \"tag\"\n[data]\nfiles = [\"a.conllu\"]\n[model]\nbidirectional = true\n",
    "task = \"translate\"\n[data]\nfiles = [\"a.tsv\"]\n[target_vocabulary]\n",
    "task = \"caption\"\n[data]\nfiles = [\"a.csv\"]\n",
    "task = \"transcribe\"\n[data]\nlabels = \"a.csv\"\n",
    "task = \"animate\"\n[data]\nfiles = [\"a.npy\"]\n",
    "task = \"similarity\"\n[data]\nfiles = [\"a.csv\"]\n",
    "task = \"resemble\"\n[data]\nfiles = [\"a.ts\"]\n",
];

/// Limits may be whole numbers that the tables of the `toml` crate do not hold.
#[test]
fn a_recipe_with_the_widest_numbers_is_shown_with_every_key() {
    let base = "task = \"recognize\"\n[data]\nfiles = [\"a.gif\"]\n[data.frames.limits]\n";
    let plain = shown(&format!("{base}pixels = 4444\n"));
    for number in ["9223372036854775808", "18446744073709551615"] {
        let text = shown(&format!("{base}pixels = {number}\n"));
        assert!(text.contains(&format!("pixels = {number}")), "{text}");
        assert_eq!(text.replace(number, "4444"), plain);
    }
    let text = shown(
        "task = \"forecast\"\n[data]\nfiles = [\"a.csv\"]\n[split]\ntest = 18446744073709551615\n",
    );
    assert!(text.contains("test = 18446744073709551615"), "{text}");
    Recipe::parse(&text, "again", &[]).unwrap();
}
