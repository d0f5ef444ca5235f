//! A training that is stopped, or killed, and resumed ends with the same bits as one that is not.

mod support;

use elman::train::{Error, StopReason, TrainConfig, Trained, Trainer, ValidConfig};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;
use support::{CHUNKS, Folder, Tiny, Watch, Wave, alone, bits};

fn config(toml: &str) -> ValidConfig {
    toml::from_str::<TrainConfig>(toml)
        .unwrap()
        .check()
        .unwrap()
}

/// Everything at once that has a state: Adam's counters, a cosine with warm-up, accumulation over an odd number of
/// batches, dropout, states carried between batches.
const STREAM: &str = "
epochs = 5
seed = 11
accumulate = 2
clip_norm = 0.5
optimizer = { name = 'adam', learning_rate = 0.02 }
schedule = { name = 'cosine', to = 0.001, warm_up = 5 }
";

const PLATEAU: &str = "
epochs = 5
checkpoint_every = 3
optimizer = { name = 'sgd', learning_rate = 0.02, momentum = 0.9, nesterov = true }
schedule = { name = 'reduce_on_plateau', patience = 1, factor = 0.3 }
early_stopping = { patience = 4 }
";

const STEPS: &str = "
epochs = 5
clip_value = 0.02
optimizer = { name = 'rmsprop', learning_rate = 0.01, momentum = 0.5 }
schedule = { name = 'step', every = 2, factor = 0.5 }
";

const DECAY: &str = "
epochs = 5
accumulate = 3
checkpoint_every = 2
optimizer = { name = 'adamw', learning_rate = 0.03, weight_decay = 0.1 }
early_stopping = { patience = 2, min_delta = 0.01 }
";

fn cases() -> [(&'static str, &'static str, Wave); 4] {
    let wave = Wave::default;
    let shuffled = Wave {
        carry: false,
        ..wave()
    };
    let blind = Wave {
        validates: false,
        ..wave()
    };
    [
        ("stream", STREAM, wave()),
        ("plateau", PLATEAU, shuffled),
        ("steps", STEPS, blind),
        ("decay", DECAY, wave()),
    ]
}

fn straight(config: &ValidConfig, wave: &Wave) -> Trained<Tiny> {
    let trainer = Trainer::new(config.clone());
    trainer
        .train(wave, Tiny::new(1), &mut Watch::default())
        .unwrap()
}

fn assert_same(found: &Trained<Tiny>, expected: &Trained<Tiny>, what: &str) {
    assert_eq!(found.reason, expected.reason, "{what}");
    assert_eq!(found.steps, expected.steps, "{what}");
    assert_eq!(found.best, expected.best, "{what}");
    assert_eq!(found.history.len(), expected.history.len(), "{what}");
    for (found, expected) in found.history.iter().zip(&expected.history) {
        assert!(
            found.same_but_time(expected),
            "{what}: {found:?}, not {expected:?}"
        );
    }
    assert!(
        bits(&found.model) == bits(&expected.model),
        "{what}: other weights"
    );
}

/// Trains, stopping after each of `stops` steps.
fn interrupted(config: &ValidConfig, wave: &Wave, stops: &[usize], folder: &Path) -> Trained<Tiny> {
    let trainer = |watch: &Watch| {
        Trainer::new(config.clone())
            .with_checkpoints(folder)
            .with_stop_flag(watch.stop.clone())
    };
    for (index, stop) in stops.iter().enumerate() {
        let mut watch = Watch {
            stop_after: Some(*stop),
            ..Watch::default()
        };
        // Other first weights: a resumed training must not depend on them.
        let stopped = match index {
            0 => trainer(&watch).train(wave, Tiny::new(1), &mut watch),
            _ => trainer(&watch).resume(wave, Tiny::new(99), &mut watch),
        };
        let stopped = stopped.unwrap();
        assert_eq!(stopped.reason, StopReason::Stopped);
        assert_eq!(stopped.steps, *stop);
    }
    let mut watch = Watch::default();
    trainer(&watch)
        .resume(wave, Tiny::new(99), &mut watch)
        .unwrap()
}

#[test]
fn training_changes_the_weights_and_repeats_exactly() {
    let _turn = alone();
    for (name, toml, wave) in cases() {
        let config = config(toml);
        let first = straight(&config, &wave);
        assert_same(&straight(&config, &wave), &first, name);
        assert!(bits(&first.model) != bits(&Tiny::new(1)));
        let losses: Vec<f64> = first
            .history
            .iter()
            .map(|record| record.train_loss)
            .collect();
        assert!(losses[losses.len() - 1] < losses[0], "{name}: {losses:?}");
    }
}

#[test]
fn stopped_at_any_step_and_resumed_it_ends_the_same() {
    let _turn = alone();
    for (name, toml, wave) in cases() {
        let config = config(toml);
        let expected = straight(&config, &wave);
        let steps = expected.steps;
        for stops in [
            vec![1],
            vec![2, 3, 4],
            vec![4, steps / 2, steps - 1],
            (1..steps).collect(),
        ] {
            let folder = Folder::new("stopped");
            let found = interrupted(&config, &wave, &stops, folder.path());
            assert_same(&found, &expected, &format!("{name}, stopped at {stops:?}"));
        }
    }
}

#[test]
fn resumed_from_any_checkpoint_a_kill_could_leave_it_ends_the_same() {
    let _turn = alone();
    for (name, toml, wave) in cases() {
        let config = config(toml);
        let (folder, copies) = (Folder::new("whole"), Folder::new("copies"));
        let mut watch = Watch {
            copies: Some(copies.path().to_owned()),
            ..Watch::default()
        };
        let trainer = Trainer::new(config.clone())
            .with_checkpoints(folder.path())
            .with_checkpoint_interval(Duration::ZERO);
        let expected = trainer.train(&wave, Tiny::new(1), &mut watch).unwrap();
        let mut count = 0;
        for copy in std::fs::read_dir(copies.path()).unwrap() {
            let copy = copy.unwrap().path();
            let trainer = Trainer::new(config.clone()).with_checkpoints(&copy);
            let found = trainer.resume(&wave, Tiny::new(99), &mut Watch::default());
            assert_same(&found.unwrap(), &expected, &format!("{name}, {copy:?}"));
            count += 1;
        }
        assert!(
            count >= expected.history.len(),
            "{name}: {count} checkpoints"
        );
    }
}

#[test]
fn a_finished_training_resumes_to_its_result_without_a_step() {
    let _turn = alone();
    let (config, wave, folder) = (config(PLATEAU), Wave::default(), Folder::new("finished"));
    let trainer = Trainer::new(config).with_checkpoints(folder.path());
    let expected = trainer
        .train(&wave, Tiny::new(1), &mut Watch::default())
        .unwrap();
    let mut watch = Watch::default();
    let found = trainer.resume(&wave, Tiny::new(99), &mut watch).unwrap();
    assert_same(&found, &expected, "finished");
    assert!(watch.losses.is_empty());
}

#[test]
fn more_epochs_go_on_as_if_they_had_been_asked_for_at_once() {
    let _turn = alone();
    let (wave, folder) = (Wave::default(), Folder::new("more"));
    let short = config(&STEPS.replace("epochs = 5", "epochs = 3"));
    let trainer = Trainer::new(short).with_checkpoints(folder.path());
    trainer
        .train(&wave, Tiny::new(1), &mut Watch::default())
        .unwrap();
    let long = config(STEPS);
    let trainer = Trainer::new(long.clone()).with_checkpoints(folder.path());
    let found = trainer
        .resume(&wave, Tiny::new(99), &mut Watch::default())
        .unwrap();
    assert_same(&found, &straight(&long, &wave), "more epochs");
}

#[test]
fn a_stop_flag_ends_a_long_epoch_at_once_and_reports_it() {
    let _turn = alone();
    let (folder, wave) = (Folder::new("flag"), Wave::default());
    let mut watch = Watch::default();
    watch.stop.store(true, Ordering::Relaxed);
    let trainer = Trainer::new(config(STREAM))
        .with_checkpoints(folder.path())
        .with_stop_flag(watch.stop.clone());
    let stopped = trainer.train(&wave, Tiny::new(1), &mut watch).unwrap();
    assert_eq!(stopped.steps, 0);
    assert_eq!(watch.seen, ["start at 0", "checkpoint at 0", "Stopped"]);
    let again = trainer.train(&wave, Tiny::new(1), &mut watch);
    assert!(matches!(again, Err(Error::CheckpointExists { .. })));
    watch.stop.store(false, Ordering::Relaxed);
    let found = trainer.resume(&wave, Tiny::new(99), &mut watch).unwrap();
    assert_same(&found, &straight(&config(STREAM), &wave), "flag");
    assert_eq!(watch.losses.len(), 5 * CHUNKS.div_ceil(2));
}
