//! The task on pictures: drawn shapes are learned, a run answers as its training did, and what is broken is named or left out.

use elman::recipe::Recipe;
use elman::run::{Origin, RunFolder};
use elman::task::Session;
use elman::task::caption::{Caption, Describer};
use elman::train::Silent;
use elman_data::media::made::{CaptionShapes, write_caption_shapes};
use std::path::Path;

const RECIPE: &str = r#"
    task = "caption"
    [data]
    files = ["shapes/captions.csv"]
    [split]
    valid = 0.1
    test = 0.2
    [caption]
    folder = "shapes"
    picture = "file"
    sentence = "english"
    eye = "learned"
    side = 32
    grid = 4
    [vocabulary]
    tokens = "words"
    [search]
    beam = 2
    [model]
    cell = "gru"
    embedding_size = 12
    hidden_size = 24
    initializer = "pytorch"
    [train]
    epochs = 2
    batch_size = 16
    [train.optimizer]
    learning_rate = 0.005
"#;

fn shapes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let settings = CaptionShapes {
        side: 32,
        shapes: 1,
        ..CaptionShapes::default()
    };
    write_caption_shapes(&folder.path().join("shapes"), &settings, 240).unwrap();
    folder
}

fn parsed(set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    Recipe::parse(RECIPE, "test", &set).unwrap()
}

/// Trains a recipe in a run folder, as the command does.
fn run(recipe: &Recipe, base: &Path, folder: &Path) -> (RunFolder, Box<dyn Session>) {
    let run = RunFolder::create(folder, false).unwrap();
    run.write_recipe(recipe).unwrap();
    let origin = Origin {
        base_from_run: Default::default(),
        name: "shapes".into(),
        base: base.into(),
        version: elman::VERSION.into(),
    };
    run.write_json("run.json", &origin).unwrap();
    let mut session = recipe.clone().prepare(base).unwrap();
    session.remember(&run).unwrap();
    session.baselines(&Default::default(), &mut Silent).unwrap();
    let stop = Default::default();
    session
        .train(&run.checkpoints(), false, stop, &mut Silent)
        .unwrap();
    session.save(&run.model(), &Default::default()).unwrap();
    (run, session)
}

#[test]
fn what_is_drawn_is_said_and_a_run_answers_as_its_training_did() {
    let base = shapes();
    let place = tempfile::tempdir().unwrap();
    // Few pictures, and judged by those that were learned: what a network this small can come to in seconds.
    let text = std::fs::read_to_string(base.path().join("shapes/captions.csv")).unwrap();
    let few: String = text
        .lines()
        .take(61)
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(base.path().join("shapes/captions.csv"), few).unwrap();
    let recipe = parsed(&[
        "data.test_files=[\"shapes/captions.csv\"]",
        "split.valid=0",
        "train.epochs=60",
    ]);
    assert_eq!(recipe.task.shape(), "one to many");
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let figures = &outcome.figures;
    let bleu = |of: &str| figures[of]["bleu"]["score"].as_f64().unwrap();
    assert!(bleu("search") > bleu("single") + 10.0, "{}", outcome.table);

    let tables = recipe.of::<Caption>().unwrap();
    let describer = Describer::open(&tables, &run).unwrap();
    let predictions = outcome.predictions.unwrap();
    let rows: Vec<&str> = predictions.lines().skip(1).collect();
    assert!(rows.len() > 30);
    for row in rows.iter().take(5) {
        let cells: Vec<&str> = row.split(',').collect();
        let found = describer
            .describe(Path::new(cells[0]), &tables.task.search)
            .unwrap();
        assert_eq!(found.answers[0].text, cells[2]);
        assert_eq!(found.grid, [4, 4]);
        let looks = &found.answers[0].attention;
        assert!(looks.iter().all(|weights| weights.len() == 16));
    }
    let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
    again.load(&run.model()).unwrap();
    // A picture is looked at whether or not all of them were before.
    let found = again.inspect(&Default::default(), None).unwrap();
    assert_eq!(
        found.parts.len(),
        1,
        "a decoder that takes its steps one by one is one part"
    );
    assert_eq!(found.parts[0].passage.dims.time, found.steps.len());
    assert!(found.steps.iter().all(|step| step.right.is_some()));
    again.baselines(&Default::default(), &mut Silent).unwrap();
    assert_eq!(&again.judge().unwrap().figures, figures);
}

#[test]
fn broken_and_missing_pictures_are_named_or_left_out() {
    let base = shapes();
    let picture = |k: usize| base.path().join(format!("shapes/pictures/{k:05}.png"));
    std::fs::remove_file(picture(3)).unwrap();
    let error = parsed(&[]).prepare(base.path()).err().unwrap();
    assert!(
        error.is_input() && error.to_string().contains("00003.png"),
        "{error}"
    );
    let skip = ["caption.broken=\"skip\""];
    let whole = std::fs::read(picture(5)).unwrap();
    std::fs::write(picture(5), &whole[..whole.len() / 2]).unwrap();
    let mut session = parsed(&skip).prepare(base.path()).unwrap();
    assert!(
        session
            .about()
            .report
            .unwrap()
            .contains("1 pictures that rows name are missing")
    );
    session.baselines(&Default::default(), &mut Silent).unwrap();
    let report = session.about().report.unwrap();
    assert!(report.contains("1 pictures cannot be read"), "{report}");

    std::fs::write(picture(3), &whole).unwrap();
    let mut session = parsed(&[]).prepare(base.path()).unwrap();
    let error = session
        .baselines(&Default::default(), &mut Silent)
        .err()
        .unwrap();
    let message = error.to_string();
    assert!(
        error.is_input() && message.contains("00005.png") && message.contains("skip"),
        "{message}"
    );
}

#[test]
fn keys_that_do_not_go_together_are_refused() {
    for (set, says) in [
        ("caption.finetune=1", "caption.finetune"),
        ("caption.weights=\"x\"", "caption.weights"),
        ("caption.sentence=\"file\"", "caption.sentence"),
        ("caption.grid=0", "caption.grid"),
        ("model.bidirectional=true", "model.bidirectional"),
        ("model.head=\"none\"", "model.head"),
        ("train.bptt_len=5", "train.bptt_len"),
        ("search.beam=0", "search.beam"),
        ("data.files=[]", "data.files"),
    ] {
        let error = Recipe::parse(RECIPE, "test", &[set.to_string()]).unwrap_err();
        assert!(error.to_string().contains(says), "{set}: {error}");
    }
}
