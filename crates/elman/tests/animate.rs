//! Movements that go on: what is made is learned, truncated and whole movements say the same, nothing is learned from the test
//! part, a run goes on as its training did.

use burn::prelude::Device;
use elman::recipe::Recipe;
use elman::run::RunFolder;
use elman::task::animate::{Animate, AnimateJob, Animator, Rigid, SampleConfig, go_on, said};
use elman::task::{Job, Session, TaskTables};
use elman::train::{Objective, Silent};
use elman_data::random::Stream;
use std::f32::consts::TAU;
use std::fmt::Write;
use std::path::Path;

const RECIPE: &str = r#"
    task = "animate"
    [data]
    files = ["train.csv"]
    valid_files = ["valid.csv"]
    test_files = ["test.csv"]
    id = "who"
    time = "t"
    [animate]
    coordinates = 2
    bones = [[0, 1]]
    components = 3
    [sample]
    seed_steps = 4
    steps = 12
    [model]
    cell = "gru"
    hidden_size = 24
    [train]
    epochs = 40
    batch_size = 8
    clip_norm = 1.0
    [train.optimizer]
    learning_rate = 0.01
"#;

/// Two joints that go round the origin, the second twice as far out, in steps of a twelfth and with a little noise; one way or
/// the other.
fn circles(count: usize, seed: u64) -> String {
    let mut text = String::from("who,t,ax,ay,bx,by\n");
    for who in 0..count {
        let mut random = Stream::new(&[seed, who as u64]);
        let (radius, phase) = (random.between(1.0, 3.0), random.between(0.0, TAU));
        let way = if random.unit() < 0.5 { 1.0 } else { -1.0 };
        for t in 0..8 + random.below(8) {
            let angle = phase + way * TAU / 12.0 * t as f32;
            let (x, y) = (radius * angle.cos(), radius * angle.sin());
            let mut near = |value: f32| value + 0.02 * random.normal();
            let _ = writeln!(
                text,
                "{who},{t},{},{},{},{}",
                near(x),
                near(y),
                near(2.0 * x),
                near(2.0 * y)
            );
        }
    }
    text
}

fn files(parts: [String; 3]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, part) in ["train.csv", "valid.csv", "test.csv"].iter().zip(parts) {
        std::fs::write(folder.path().join(name), part).unwrap();
    }
    folder
}

fn all() -> tempfile::TempDir {
    files([circles(80, 1), circles(12, 2), circles(20, 3)])
}

fn parsed(set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    Recipe::parse(RECIPE, "test", &set).unwrap()
}

fn job(base: &Path, set: &[&str]) -> AnimateJob {
    Animate::prepare(parsed(set).of().unwrap(), base).unwrap()
}

#[test]
fn circles_are_learned_and_a_run_goes_on_as_its_training_did() {
    let base = all();
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(&[]);
    let run = RunFolder::create(&place.path().join("run"), false).unwrap();
    run.write_recipe(&recipe).unwrap();
    run.write("run.json", "{}").unwrap();
    let mut session: Box<dyn Session> = recipe.clone().prepare(base.path()).unwrap();
    session.remember(&run).unwrap();
    session.baselines(&Default::default(), &mut Silent).unwrap();
    let stop = Default::default();
    session
        .train(&run.checkpoints(), false, stop, &mut Silent)
        .unwrap();
    session.save(&run.model(), &Default::default()).unwrap();
    let outcome = session.judge().unwrap();
    let figures = &outcome.figures;
    let nats = |of: &serde_json::Value| of["nats"].as_f64().unwrap();
    let (still, straight) = (
        nats(&figures["baselines"]["still"]),
        nats(&figures["baselines"]["straight"]),
    );
    // A circle turns by 30 degrees a step: straight on is half a change off, and still a whole one.
    assert!(straight < still, "{}", outcome.text());
    assert!(
        nats(&figures["metrics"]) < straight - 2.0,
        "{}",
        outcome.text()
    );
    let mae = |of: &serde_json::Value| of["mae"].as_f64().unwrap();
    assert!(mae(&figures["metrics"]) < 0.3 * mae(&figures["baselines"]["straight"]));
    let moves = figures["change_made"].as_f64().unwrap() / figures["change_real"].as_f64().unwrap();
    assert!((0.5..2.0).contains(&moves), "{moves}");
    let pictures: Vec<&str> = outcome.pictures.iter().map(|p| p.file.as_str()).collect();
    assert_eq!(pictures, ["movement-1", "movement-2", "movement-3"]);
    assert!(outcome.pictures[0].svg.as_str().contains("<animate"));

    let tables = recipe.of::<Animate>().unwrap();
    let animator = Animator::open(&tables, &run).unwrap();
    // Half a turn of a circle that no one has walked, to the left: the model finds the other half.
    let mut text = String::from("who,t,ax,ay,bx,by\n");
    for t in 0..6 {
        let angle = 0.3 + TAU / 12.0 * t as f32;
        let (x, y) = (2.2 * angle.cos(), 2.2 * angle.sin());
        let _ = writeln!(text, "me,{t},{x},{y},{},{}", 2.0 * x, 2.0 * y);
    }
    std::fs::write(base.path().join("me.csv"), text).unwrap();
    let seeds = animator.seeds(&["me.csv".into()], base.path()).unwrap();
    let config = SampleConfig {
        seed_steps: 6,
        steps: 6,
        temperature: 0.0,
        seed: 1,
    };
    let made = animator.go_on(&seeds[0], &config).unwrap();
    assert_eq!((made.given, made.signal.time()), (6, 12));
    for (t, step) in made.signal.steps().enumerate() {
        let angle = 0.3 + TAU / 12.0 * t as f32;
        let off = (step[0] - 2.2 * angle.cos()).hypot(step[1] - 2.2 * angle.sin());
        let room = if t < 6 { 1e-4 } else { 0.9 };
        assert!(off < room, "step {t} is off by {off}");
    }
    let other = SampleConfig { seed: 2, ..config };
    assert_eq!(animator.go_on(&seeds[0], &other).unwrap(), made);
    let warm = SampleConfig {
        temperature: 1.0,
        ..other
    };
    let warm = animator.go_on(&seeds[0], &warm).unwrap();
    assert_ne!(warm.signal, made.signal);
    let csv = animator.csv(&made);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines[0], lines.len()), ("step,made,ax,ay,bx,by", 13));
    assert!(lines[6].starts_with("6,0,") && lines[7].starts_with("7,1,"));
    assert_eq!(animator.film(&made).time(), 12);

    let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
    again.load(&run.model()).unwrap();
    let found = again.inspect(&Default::default(), None).unwrap();
    let shares = |part: &elman::inspect::Part| part.flow.as_ref().unwrap().shares.concat();
    assert!(!found.parts.is_empty());
    assert!(found.parts.iter().flat_map(shares).all(f64::is_finite));
    again.baselines(&Default::default(), &mut Silent).unwrap();
    assert_eq!(&again.judge().unwrap().figures, figures);
}

#[test]
fn truncated_movements_say_what_whole_ones_do() {
    let base = all();
    let whole = job(base.path(), &[]);
    let cut = job(base.path(), &["train.bptt_len=3"]);
    let device = Device::default().autodiff();
    let model = whole.build(&device).unwrap();
    let surprise = |job: &AnimateJob| -> (f64, usize, usize) {
        let objective = job.objective(&device).unwrap();
        let (mut sum, mut steps, mut carry) = (0.0, 0, None);
        let batches = objective.batches(4);
        for batch in &batches {
            let loss = objective.loss(&model, batch, carry.take());
            carry = loss.carry;
            sum += f64::from(loss.loss.into_scalar::<f32>()) * loss.examples as f64;
            steps += loss.examples;
        }
        (sum / steps as f64, steps, batches.len())
    };
    let (a, b) = (surprise(&whole), surprise(&cut));
    assert_eq!(a.1, b.1);
    assert_eq!(a.1, whole.data.train.changes().iter().sum::<usize>());
    assert!(b.2 > 3 * a.2, "{a:?} {b:?}");
    assert!((a.0 - b.0).abs() < 1e-4 * a.0.abs(), "{a:?} {b:?}");
    // And what is said where nothing is learned is the same as well.
    let objective = whole.objective(&device).unwrap();
    let model = burn::module::Module::valid(&model);
    let all = said(
        &model,
        &objective.mixture,
        objective.manner,
        &whole.data.train.signals,
    );
    let steps = all.iter().flat_map(|said| &said.surprise);
    let mean = steps.sum::<f64>() / a.1 as f64;
    assert!((mean - a.0).abs() < 1e-4 * a.0.abs(), "{mean} {a:?}");
}

#[test]
fn step_by_step_a_movement_is_what_the_whole_of_it_says() {
    let base = all();
    let job = job(base.path(), &["animate.components=1"]);
    let model = job.build(&Device::default()).unwrap();
    let config = SampleConfig {
        steps: 9,
        temperature: 0.0,
        ..SampleConfig::default()
    };
    let beginning = &job.data.test.signals[0];
    let given = beginning.time();
    let made = go_on(
        &model,
        &job.mixture,
        &job.data.manner,
        beginning,
        None,
        &config,
    );
    assert_eq!(made.time(), given + 9);
    assert_eq!(made.values[..beginning.values.len()], beginning.values[..]);
    let said = said(
        &model,
        &job.mixture,
        &job.data.manner,
        std::slice::from_ref(&made),
    );
    let expected: Vec<&[f64]> = said[0].expected.chunks(4).collect();
    let steps: Vec<&[f32]> = made.steps().collect();
    for at in given - 1..made.time() - 1 {
        let change = job.data.manner.change(steps[at], steps[at + 1]);
        for (change, expected) in change.zip(expected[at]) {
            assert!(
                (f64::from(change) - expected).abs() < 1e-3,
                "{change} {expected}"
            );
        }
    }
}

#[test]
fn a_movement_cannot_run_away() {
    let base = all();
    let job = job(base.path(), &[]);
    let model = job.build(&Device::default()).unwrap();
    let config = SampleConfig {
        steps: 200,
        temperature: 100.0,
        ..SampleConfig::default()
    };
    let manner = &job.data.manner;
    let made = go_on(
        &model,
        &job.mixture,
        manner,
        &job.data.test.signals[0],
        None,
        &config,
    );
    for step in made.steps() {
        for (feature, value) in step.iter().enumerate() {
            let (low, high) = (manner.low[feature], manner.high[feature]);
            let room = 0.26 * (high - low);
            assert!(
                (low - room..=high + room).contains(&f64::from(*value)),
                "{value}"
            );
        }
    }
}

#[test]
fn bones_keep_their_length() {
    let base = all();
    let set = ["animate.rigid=true", "data.centre=2"];
    let job = job(base.path(), &set);
    let model = job.build(&Device::default()).unwrap();
    let rigid = Rigid {
        bones: &[[0, 1]],
        coordinates: 2,
        scaler: &job.data.scaler,
    };
    let config = SampleConfig {
        steps: 30,
        temperature: 3.0,
        ..SampleConfig::default()
    };
    let (manner, begun) = (&job.data.manner, &job.data.test.signals[0]);
    let scalers = &job.data.scaler.scalers;
    let own = |step: &[f32]| -> Vec<f64> {
        let pairs = step.iter().zip(scalers);
        pairs
            .map(|(value, scaler)| scaler.inverse(f64::from(*value)))
            .collect()
    };
    let length = |step: &[f32]| {
        let step = own(step);
        (step[2] - step[0]).hypot(step[3] - step[1])
    };
    let right = begun.steps().map(length).sum::<f64>() / begun.time() as f64;
    let free = go_on(&model, &job.mixture, manner, begun, None, &config);
    let kept = go_on(&model, &job.mixture, manner, begun, Some(&rigid), &config);
    let off = |signal: &elman_data::signal::Signal| -> f64 {
        let made = signal.steps().skip(begun.time());
        made.map(|step| (length(step) - right).abs())
            .fold(0.0, f64::max)
    };
    assert!(off(&free) > 0.3 * right, "{} {right}", off(&free));
    assert!(off(&kept) < 1e-4 * right, "{} {right}", off(&kept));
    assert_eq!(kept.values[..begun.values.len()], begun.values[..]);
}

#[test]
fn nothing_is_learned_from_the_test_part() {
    let base = all();
    let before = job(base.path(), &[]);
    let other = files([
        circles(80, 1),
        circles(12, 2),
        circles(5, 9).replace("0.1", "77.1"),
    ]);
    let after = job(other.path(), &[]);
    assert_eq!(before.data.scaler, after.data.scaler);
    assert_eq!(before.data.manner, after.data.manner);
    assert_eq!(before.data.train.signals, after.data.train.signals);
    assert_eq!(before.data.digest(), after.data.digest());
    assert_ne!(before.data.test.signals, after.data.test.signals);
    // Changes are counted in the usual ones.
    let changes = |signal: &elman_data::signal::Signal| -> Vec<f32> {
        let pairs = signal.steps().zip(signal.steps().skip(1));
        let manner = &before.data.manner;
        pairs
            .flat_map(|(a, b)| manner.change(a, b).collect::<Vec<_>>())
            .collect()
    };
    let all: Vec<f32> = before.data.train.signals.iter().flat_map(changes).collect();
    let mean = all.iter().map(|change| change * change).sum::<f32>() / all.len() as f32;
    assert!((mean - 1.0).abs() < 1e-3, "{mean}");
}

#[test]
fn noise_is_on_what_is_read_and_not_on_what_is_to_come() {
    let base = all();
    let device = Device::default().autodiff();
    let loss = |set: &[&str], epoch: usize| {
        let job = job(base.path(), set);
        let objective = job.objective(&device).unwrap();
        let model = job.build(&device).unwrap();
        let mut batch = objective.batches(0).remove(0);
        batch.epoch = epoch;
        objective
            .loss(&model, &batch, None)
            .loss
            .into_scalar::<f32>()
    };
    let none = loss(&[], 0);
    let noisy = ["animate.noise=0.5"];
    assert_eq!(loss(&noisy, 1), loss(&noisy, 1));
    assert_ne!(loss(&noisy, 1), loss(&noisy, 2));
    assert_eq!(loss(&[], 1), none);
    // An unlearned model guesses that nothing moves; from a noisy place the way is longer.
    assert!(loss(&["animate.noise=3.0"], 1) > none + 1.0);
}

#[track_caller]
fn refused(base: &Path, set: &[&str], says: &[&str]) {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let message = match Recipe::parse(RECIPE, "test", &set) {
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
    let base = all();
    let refused = |set: &[&str], says: &[&str]| refused(base.path(), set, says);
    refused(
        &["animate.coordinates=3"],
        &["animate.coordinates is 3", "4 numbers"],
    );
    refused(&["animate.bones=[[0,2]]"], &["joint 2", "there are 2"]);
    refused(&["animate.view=[0,2]"], &["animate.view"]);
    refused(&["animate.components=0"], &["animate.components"]);
    refused(
        &["animate.components=1000", "data.longest=0"],
        &["data.longest"],
    );
    refused(&["animate.deviation_floor=0"], &["animate.deviation_floor"]);
    refused(&["animate.noise=-1"], &["animate.noise"]);
    refused(&["animate.rate=0"], &["animate.rate"]);
    refused(
        &["animate.rigid=true", "animate.bones=[]"],
        &["animate.rigid"],
    );
    refused(&["sample.temperature=nan"], &["sample.temperature"]);
    refused(&["sample.steps=0"], &["sample.steps"]);
    refused(&["data.scale=\"series\""], &["data.scale"]);
    refused(&["data.differences=true"], &["data.differences"]);
    refused(&["data.resample=20"], &["data.resample"]);
    refused(&["train.loss.name=\"mse\""], &["train.loss"]);
    refused(&["model.bidirectional=true"], &["before it is known"]);
    refused(
        &[
            "model.cell=\"lstm\"",
            "model.hidden_size=32", // as if neither were said
            "model.layers=[{type=\"gru\",hidden_size=3}]",
        ],
        &["return_sequences"],
    );
    refused(&["model.head=\"none\""], &["model.head"]);
    refused(&["data.files=[]"], &["data.files"]);
    refused(&["data.longest=1"], &["single step"]);
    let hole = files([
        circles(20, 1),
        circles(4, 2),
        circles(4, 3).replacen("0,1,", "0,1,oops", 1),
    ]);
    self::refused(hole.path(), &[], &["test.csv", "line 3"]);
    let other = circles(4, 3).replace("who,t,ax,ay,bx,by", "who,t,ax,ay,bx,cx");
    let other = files([circles(20, 1), circles(4, 2), other]);
    self::refused(other.path(), &[], &["test.csv", "`cx`"]);
}
