//! From a row of numbers to numbers or to a series: what is made is learned, nothing is learned from the test part, a run answers
//! as its training did.

mod session;

use elman::recipe::Recipe;
use elman::task::map::{Map, MapJob, Mapper};
use elman::task::{Job, TaskTables};
use elman::train::Silent;
use elman_data::random::Stream;
use session::{parsed, run};
use std::fmt::Write;
use std::path::Path;

const VECTOR: &str = r#"
    task = "map"
    [data]
    files = ["rows.csv"]
    [split]
    valid = 0.1
    test = 0.2
    [map]
    inputs = ["a", "b"]
    targets = ["product", "large"]
    [model]
    hidden_size = 16
    [train]
    epochs = 60
    batch_size = 16
    [train.optimizer]
    learning_rate = 0.02
"#;

/// Two numbers, their product, and a thousand times their sum: the first is nothing that a line could say.
fn products(rows: usize, seed: u64) -> String {
    let mut text = String::from("name,a,b,product,large\n");
    for row in 0..rows {
        let mut random = Stream::new(&[seed, row as u64]);
        let (a, b) = (random.between(-2.0, 2.0), random.between(-2.0, 2.0));
        let _ = writeln!(text, "r{row},{a},{b},{},{}", a * b, 1000.0 * (a + b));
    }
    text
}

const SERIES: &str = r#"
    task = "map"
    [data]
    files = ["series.tsv"]
    [split]
    valid = 0.1
    test = 0.2
    [map]
    inputs = ["slope", "bend"]
    targets = ["y1..y12"]
    steps = 6
    [model]
    cell = "gru"
    hidden_size = 16
    [train]
    epochs = 60
    batch_size = 16
    loss = { name = "huber" }
    [train.optimizer]
    learning_rate = 0.02
"#;

/// Six steps of two values: slope · t, and slope · bend · t² (times a hundred).
fn series(rows: usize, seed: u64) -> String {
    let mut text = String::from("slope\tbend");
    (1..=12).for_each(|k| text += &format!("\ty{k}"));
    text.push('\n');
    for row in 0..rows {
        let mut random = Stream::new(&[seed, row as u64]);
        let (slope, bend) = (random.between(-1.0, 1.0), random.between(-1.0, 1.0));
        let _ = write!(text, "{slope}\t{bend}");
        for step in 1..=6 {
            let t = step as f32;
            let _ = write!(text, "\t{}\t{}", slope * t, 100.0 * slope * bend * t * t);
        }
        text.push('\n');
    }
    text
}

fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

fn job(text: &str, base: &Path) -> MapJob {
    Map::prepare(parsed(text, &[]).of().unwrap(), base).unwrap()
}

/// The answers of `predictions.csv`, in the order of its lines.
fn predicted(predictions: &str) -> Vec<f64> {
    let lines = predictions.lines().skip(1);
    lines
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn a_vector_becomes_a_vector_and_a_run_answers_as_its_training_did() {
    let base = folder("rows.csv", &products(400, 1));
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(VECTOR, &[]);
    assert_eq!(recipe.task.shape(), "one to one");
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let figures = &outcome.figures;
    let r2 = |of: &serde_json::Value, value: &str| of["values"][value]["r2"].as_f64().unwrap();
    assert!(
        r2(&figures["metrics"], "product") > 0.97,
        "{}",
        outcome.text()
    );
    assert!(
        r2(&figures["metrics"], "large") > 0.97,
        "{}",
        outcome.text()
    );
    // A line knows the sum and nothing of the product; the mean knows neither.
    let linear = &figures["baselines"]["linear"];
    assert!(r2(linear, "large") > 0.999 && r2(linear, "product") < 0.2);
    assert!(r2(&figures["baselines"]["mean"], "large").abs() < 0.1);
    // Errors are in the data's own units: those of the mean are as large as the values.
    let mae = |value: &str| figures["baselines"]["mean"]["values"][value]["mae"].as_f64();
    assert!(mae("large").unwrap() > 900.0 && mae("product").unwrap() < 2.0);
    let files: Vec<&str> = outcome.pictures.iter().map(|p| p.file.as_str()).collect();
    assert_eq!(files, ["scatter-1", "scatter-2"]);
    assert!(
        outcome.verdict.starts_with("The model's error is"),
        "{}",
        outcome.verdict
    );

    // The same rows from a file without the targets, in another order of columns.
    let predictions = outcome.predictions.unwrap();
    let actual = predicted(&predictions);
    let all = std::fs::read_to_string(base.path().join("rows.csv")).unwrap();
    let rows: Vec<Vec<&str>> = all.lines().map(|line| line.split(',').collect()).collect();
    let places = predictions.lines().skip(1).step_by(2).map(|line| {
        let (_, number) = line.split_once("line ").unwrap();
        let number: String = number.chars().take_while(char::is_ascii_digit).collect();
        number.parse::<usize>().unwrap()
    });
    let mut new = String::from("b,other,a\n");
    for line in places {
        let row = &rows[line - 1];
        let _ = writeln!(new, "{},?,{}", row[2], row[1]);
    }
    std::fs::write(base.path().join("new.csv"), new).unwrap();
    let mapper = Mapper::open(&recipe.of::<Map>().unwrap(), &run).unwrap();
    let answers = mapper.answer(&["new.csv".into()], base.path()).unwrap();
    let answers: Vec<f64> = answers
        .iter()
        .flat_map(|answer| answer.values.concat())
        .collect();
    assert_eq!(answers.len(), actual.len());
    for (answer, actual) in answers.iter().zip(&actual) {
        assert!(
            (answer - actual).abs() < 1e-3 * actual.abs().max(1.0),
            "{answer} {actual}"
        );
    }

    let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
    again.load(&run.model()).unwrap();
    again.baselines(&Default::default(), &mut Silent).unwrap();
    assert_eq!(&again.judge().unwrap().figures, figures);
}

#[test]
fn a_vector_becomes_a_series() {
    let base = folder("series.tsv", &series(300, 2));
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(SERIES, &[]);
    assert_eq!(recipe.task.shape(), "one to many");
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let figures = &outcome.figures;
    assert!(
        figures["metrics"]["r2"].as_f64().unwrap() > 0.95,
        "{}",
        outcome.text()
    );
    assert!(figures["baselines"]["linear"]["r2"].as_f64().unwrap() < 0.7);
    assert_eq!(figures["per_step"].as_array().unwrap().len(), 6);
    let files: Vec<&str> = outcome.pictures.iter().map(|p| p.file.as_str()).collect();
    assert_eq!(files, ["series-1", "series-2", "error-per-step"]);
    let mapper = Mapper::open(&recipe.of::<Map>().unwrap(), &run).unwrap();
    std::fs::write(base.path().join("new.tsv"), "bend\tslope\n0.5\t0.8\n").unwrap();
    let answer = mapper
        .answer(&["new.tsv".into()], base.path())
        .unwrap()
        .remove(0);
    assert_eq!((answer.values.len(), answer.values[0].len()), (6, 2));
    assert!((answer.values[5][0] - 4.8).abs() < 0.5, "{answer:?}");
    assert!((answer.values[5][1] - 1440.0).abs() < 300.0, "{answer:?}");
}

#[test]
fn nothing_is_learned_from_the_test_part() {
    let set = "\n    [data]\n    test_files = [\"test.csv\"]";
    let recipe = VECTOR.replace("\n    [data]", set);
    let prepared = |test: &str| {
        let base = folder("rows.csv", &products(60, 1));
        std::fs::write(base.path().join("test.csv"), test).unwrap();
        job(&recipe, base.path())
    };
    let before = prepared(&products(20, 2));
    let after = prepared("b,a,large,product\n1e6,-1e6,5,1e9\n0,0,0,0\n");
    assert_eq!(before.data.preprocessing, after.data.preprocessing);
    assert_eq!(before.data.train.inputs, after.data.train.inputs);
    assert_eq!(before.data.train.wanted, after.data.train.wanted);
    assert_eq!(before.data.digest(), after.data.digest());
    assert_eq!(after.data.test.actual, [1e9, 5.0, 0.0, 0.0]);
    // Standardised by the training part.
    let mean: f32 = before.data.train.inputs.iter().step_by(2).sum();
    assert!(mean.abs() < 1e-3, "{mean}");
}

#[test]
fn rows_with_the_same_inputs_stay_together() {
    let mut text = String::from("a,b,product,large\n");
    for row in 0..200 {
        let _ = writeln!(text, "1,{},{row},{}", row % 20, row * 2);
    }
    let base = folder("rows.csv", &text);
    let job = job(VECTOR, base.path());
    assert_eq!(job.data.again, 0);
    assert!(job.data.test.len() >= 10 && job.data.train.len() > 100);
    assert!(job.data.report().contains("`a` is CONSTANT"));
}

#[test]
fn layers_of_one_s_own_and_both_sources_of_rows() {
    let made = r#"
        task = "map"
        [generate]
        what = "oscillation"
        rows = 50
        steps = 7
    "#;
    let layers = |set: &[&str]| {
        let recipe = parsed(made, set).of::<Map>().unwrap();
        let job = Map::prepare(recipe, Path::new("")).unwrap();
        job.layers.names()
    };
    assert_eq!(layers(&[]), ["repeat_vector", "lstm", "dense"]);
    assert_eq!(
        layers(&["model.dropout=0.1"]),
        ["repeat_vector", "lstm", "dropout", "dense"]
    );
    let own = "model.layers=[{type=\"dense\",units=9,activation=\"tanh\"},{type=\"repeat_vector\",times=7},{type=\"gru\",hidden_size=5,return_sequences=true}]";
    assert_eq!(layers(&[own]), ["dense", "repeat_vector", "gru", "dense_1"]);
    let alone = "model.layers=[{type=\"gru\",hidden_size=5,return_sequences=true}]";
    assert_eq!(layers(&[alone]), ["repeat_vector", "gru", "dense"]);
    let friedman = parsed(made, &["generate.what=\"friedman\""]);
    assert_eq!(friedman.task.shape(), "one to one");
    assert!(friedman.task.is_generated());
    let job = Map::prepare(friedman.of().unwrap(), Path::new("")).unwrap();
    // 10 × 32 + 32, 32 × 1 + 1
    assert_eq!(job.summary().parameters(), 352 + 33);
}

#[track_caller]
fn refused(base: &Path, recipe: &str, set: &[&str], says: &[&str]) {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let message = match Recipe::parse(recipe, "test", &set) {
        Err(error) => error.to_string(),
        Ok(recipe) => match recipe.prepare(base) {
            Ok(_) => panic!("{set:?} was taken"),
            Err(error) => {
                assert!(error.is_input(), "{error}");
                error.to_string()
            }
        },
    };
    for part in says {
        assert!(message.contains(part), "{message} should say {part}");
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let base = folder("rows.csv", &products(60, 1));
    let refused = |set: &[&str], says: &[&str]| refused(base.path(), VECTOR, set, says);
    refused(
        &["map.inputs=[\"aa\"]"],
        &["map.inputs", "`aa`", "name, a, b"],
    );
    refused(
        &["map.inputs=[\"a\",\"product\"]"],
        &["`product`", "must not be read"],
    );
    refused(&["map.inputs=[\"a\",\"a\"]"], &["`a` twice"]);
    refused(&["map.inputs=[]"], &["map.inputs", "missing"]);
    refused(&["map.targets=[9]"], &["map.targets", "no column `9`"]);
    refused(
        &["map.inputs=[\"name\",\"a\"]"],
        &["line 2", "`name`", "\"r0\"", "number"],
    );
    refused(&["map.steps=3"], &["map.steps is 3", "2 columns"]);
    refused(&["map.steps=0"], &["map.steps"]);
    refused(&["model.cell=\"gru\""], &["model.cell", "map.steps"]);
    refused(&["model.embedding_size=3"], &["model.embedding_size"]);
    refused(&["train.bptt_len=3"], &["train.bptt_len"]);
    refused(&["train.loss.name=\"cross_entropy\""], &["train.loss.name"]);
    refused(&["split.test=0"], &["nothing to judge"]);
    refused(&["generate.rows=10"], &["`data`", "[generate]"]);
    refused(&["data.files=[\"none.csv\"]"], &["none.csv"]);
    refused(
        &[
            "model.hidden_size=32", // as if it were not said
            "model.head=\"none\"",
            "model.layers=[{type=\"dense\",units=3}]",
        ],
        &["that many units"],
    );
    refused(
        &[
            "model.hidden_size=32",
            "model.layers=[{type=\"repeat_vector\",times=3}]",
        ],
        &["repeat_vector", "map.steps"],
    );
    refused(
        &[
            "model.hidden_size=32",
            "map.steps=2",
            "model.layers=[{type=\"gru\",hidden_size=3}]",
        ],
        &["return_sequences"],
    );
    refused(
        &["model.hidden_size=100000", "model.num_layers=3"],
        &["parameters"],
    );
    let bad = |from: &str, to: &str, says: &[&str]| {
        let base = folder("rows.csv", &products(60, 1).replacen(from, to, 1));
        self::refused(base.path(), VECTOR, &[], says);
    };
    bad("r3,", "r3,,", &["rows.csv", "line 5"]);
    bad("r3,", "r3,oops", &["line 5", "column `a`", "oops"]);
    bad("r3,", "r3,nan\nr3,", &["line 5"]);
    bad(&products(60, 1), "name,a,b,product,large\n", &["rows.csv"]);
    bad(
        &products(60, 1),
        "name,a,b,product,large\nr,inf,1,1,1\n",
        &["line 2", "\"inf\""],
    );
    bad(
        &products(60, 1),
        "name;a;b;product;large\nr;1,5;1;1;1\nr;2.25;1;1;1\n",
        &["line 2", "\"1,5\"", "write all alike"],
    );
    bad(
        &products(60, 1),
        "a,a,b,product,large\n1,1,1,1,1\n",
        &["two columns", "`a`"],
    );
    let numbers = &["map.inputs=[2,3]", "map.targets=[4]"];
    let says = &["line 1", "column `2`", "\"a\"", "data.header = true"];
    refused(numbers, says);
    let made = "task = \"map\"\n[generate]\n";
    self::refused(base.path(), made, &["generate.rows=0"], &["generate.rows"]);
    self::refused(
        base.path(),
        made,
        &["generate.noise=-1"],
        &["generate.noise"],
    );
    self::refused(
        base.path(),
        made,
        &["generate.rows=9000000000000000000"],
        &["generate.rows"],
    );
    self::refused(
        base.path(),
        made,
        &["map.steps=3"],
        &["map.steps", "[generate]"],
    );
}
