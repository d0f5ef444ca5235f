//! What the loop does in a step and at an epoch's end, and what it says when something is wrong.

mod support;

use burn::module::Module;
use burn::prelude::*;
use elman::train::{EpochRecord, Error, Objective, Silent, TrainConfig, Trained, Trainer};
use elman::weights;
use std::path::Path;
use support::{CHUNKS, Folder, Tiny, Watch, Wave, alone, bits};

fn trainer(toml: &str) -> Trainer {
    let config: TrainConfig = toml::from_str(toml).unwrap();
    Trainer::new(config.check().unwrap())
}

fn values(model: &Tiny) -> Vec<f32> {
    let weights = weights::snapshot(model);
    weights
        .values()
        .flat_map(|data| data.iter::<f32>().collect::<Vec<_>>())
        .collect()
}

fn distance(left: &[f32], right: &[f32]) -> f64 {
    let squares = left
        .iter()
        .zip(right)
        .map(|(l, r)| f64::from(l - r).powi(2));
    squares.sum::<f64>().sqrt()
}

#[test]
fn the_norm_is_clipped_over_all_parameters_together() {
    let _turn = alone();
    let (wave, mut free, mut clipped) = (Wave::default(), Watch::default(), Watch::default());
    let plain = "epochs = 1\naccumulate = 7\noptimizer = { name = 'sgd', learning_rate = 1.0 }";
    let start = values(&Tiny::new(1));
    let unclipped = trainer(plain)
        .train(&wave, Tiny::new(1), &mut free)
        .unwrap();
    // One plain step of rate 1 moves the weights by the gradient itself.
    let moved = distance(&values(&unclipped.model), &start);
    assert!(
        (moved - free.norms[0]).abs() < 1e-6 * moved,
        "{moved}, not {:?}",
        free.norms
    );
    let limit = moved / 3.0;
    let toml = format!("clip_norm = {limit}\n{plain}");
    let found = trainer(&toml)
        .train(&wave, Tiny::new(1), &mut clipped)
        .unwrap();
    let moved = distance(&values(&found.model), &start);
    assert!((moved - limit).abs() < 1e-6 * moved, "{moved}, not {limit}");
    assert_eq!(clipped.norms, free.norms);
    assert_eq!((free.clipped[0], clipped.clipped[0]), (false, true));
    assert_eq!(found.history[0].clipped_share, 1.0);
    // The direction is unchanged.
    for ((one, third), start) in values(&unclipped.model)
        .iter()
        .zip(values(&found.model))
        .zip(&start)
    {
        assert!(((one - start) / 3.0 - (third - start)).abs() < 1e-6);
    }
}

/// The batches of [`Wave`], joined in one loss weighted as accumulation weighs them.
struct Joined(Wave);

impl Objective for Joined {
    type Model = Tiny;
    type Batch = ();

    fn batches(&self, _epoch: usize) -> Vec<()> {
        vec![()]
    }

    fn loss(
        &self,
        model: &Tiny,
        _batch: &(),
        _carry: Option<elman::train::Carry>,
    ) -> elman::train::StepLoss {
        let (mut total, mut examples) = (None, 0);
        for chunk in self.0.batches(0) {
            let step = self.0.loss(model, &chunk, None);
            let loss = step.loss * step.examples as f64;
            total = Some(total.map_or(loss.clone(), |total: Tensor<1>| total + loss));
            examples += step.examples;
        }
        elman::train::StepLoss {
            loss: total.unwrap() / examples as f64,
            carry: None,
            examples,
        }
    }

    fn validate(&self, _model: &Tiny) -> Option<elman::train::Evaluation> {
        None
    }
}

#[test]
fn accumulated_batches_act_as_one_large_batch() {
    let _turn = alone();
    let wave = || Wave {
        carry: false,
        validates: false,
        ..Wave::default()
    };
    // The chunks come in another order, and dropout is drawn in that order, so it must be off.
    let dry = |seed| Tiny::new(seed).without_dropout();
    let toml = |accumulate| {
        format!("epochs = 3\naccumulate = {accumulate}\noptimizer.learning_rate = 0.05")
    };
    let accumulated = trainer(&toml(CHUNKS))
        .train(&wave(), dry(1), &mut Silent)
        .unwrap();
    let joined = trainer(&toml(1))
        .train(&Joined(wave()), dry(1), &mut Silent)
        .unwrap();
    assert_eq!((accumulated.steps, joined.steps), (3, 3));
    assert!(distance(&values(&accumulated.model), &values(&joined.model)) < 1e-5);
    for (left, right) in accumulated.history.iter().zip(&joined.history) {
        assert!((left.train_loss - right.train_loss).abs() < 1e-6);
        assert!((left.gradient_norm_mean - right.gradient_norm_mean).abs() < 1e-6);
    }
    let separate = trainer(&toml(1))
        .train(&wave(), dry(1), &mut Silent)
        .unwrap();
    assert_eq!(separate.steps, 3 * CHUNKS);
}

#[test]
fn the_best_weights_are_restored_and_kept_in_a_file() {
    let _turn = alone();
    let folder = Folder::new("best");
    // A rate that grows harmful: the last epoch is not the best.
    let toml = "epochs = 12\noptimizer = { name = 'sgd', learning_rate = 0.9 }\nclip_norm = 3.0";
    let early = format!("{toml}\nearly_stopping = {{ patience = 3 }}");
    let wave = Wave::default();
    let last = trainer(toml)
        .train(&wave, Tiny::new(1), &mut Silent)
        .unwrap();
    let kept = trainer(&early).with_checkpoints(folder.path());
    let kept = kept.train(&wave, Tiny::new(1), &mut Silent).unwrap();
    let best = kept.best.unwrap();
    assert!(best.epoch + 1 < kept.history.len(), "{best:?}");
    let loss = |trained: &Trained<Tiny>| wave.validate(&trained.model.valid()).unwrap().loss;
    assert_eq!(loss(&kept), best.score);
    assert!(loss(&last) > best.score);
    let lowest = kept
        .history
        .iter()
        .map(EpochRecord::score)
        .fold(f64::INFINITY, f64::min);
    assert_eq!(best.score, lowest);
    let file = weights::load(Tiny::new(5), &folder.path().join("best.safetensors")).unwrap();
    assert!(bits(&file) == bits(&kept.model));
    let stopped = kept.reason == elman::train::StopReason::EarlyStopping;
    assert_eq!(stopped, best.epoch + 4 == kept.history.len());
}

#[test]
fn a_history_keeps_every_figure_in_json() {
    let _turn = alone();
    let trained = trainer("epochs = 1")
        .train(&Wave::default(), Tiny::new(1), &mut Silent)
        .unwrap();
    let record = &trained.history[0];
    assert_eq!(record.metrics["nothing"], f64::NEG_INFINITY);
    let json = serde_json::to_string(record).unwrap();
    assert!(json.contains(r#""nothing":"-inf""#), "{json}");
    assert_eq!(&serde_json::from_str::<EpochRecord>(&json).unwrap(), record);
    assert!(record.seconds > 0.0 && record.steps_per_second > 0.0);
}

fn failure(trainer: &Trainer, wave: &Wave) -> elman::train::NonFinite {
    match trainer.train(wave, Tiny::new(1), &mut Silent) {
        Err(Error::NonFinite(bad)) => *bad,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_spoiled_input_stops_training_before_the_weights_are_harmed() {
    let _turn = alone();
    let folder = Folder::new("spoiled");
    let wave = Wave {
        spoiled: Some((4, f32::NAN)),
        ..Wave::default()
    };
    let trainer = trainer("epochs = 2").with_checkpoints(folder.path());
    let bad = failure(&trainer, &wave);
    assert_eq!(
        (bad.what, bad.epoch, bad.step, bad.batch),
        ("the loss", 0, 4, 4)
    );
    assert_eq!(bad.parameter, None);
    let message = bad.to_string();
    assert!(
        message.contains("the loss is NaN at step 4 (epoch 0, batch 4: chunk 4)"),
        "{message}"
    );
    assert!(
        message.contains("The weights are finite, so the data are not"),
        "{message}"
    );
    // With the data mended, training goes on from before the bad step.
    let found = trainer
        .resume(&Wave::default(), Tiny::new(9), &mut Silent)
        .unwrap();
    let expected = self::trainer("epochs = 2")
        .train(&Wave::default(), Tiny::new(1), &mut Silent)
        .unwrap();
    assert!(bits(&found.model) == bits(&expected.model));
}

#[test]
fn a_rate_far_too_high_is_named_as_the_cause() {
    let _turn = alone();
    let folder = Folder::new("rate");
    let toml = "epochs = 5\noptimizer = { name = 'sgd', learning_rate = 1e38 }";
    let trainer = trainer(toml).with_checkpoints(folder.path());
    let bad = failure(&trainer, &Wave::default());
    assert!(bad.parameter.is_some(), "{bad:?}");
    let message = bad.to_string();
    assert!(
        message.contains("the learning rate is too high"),
        "{message}"
    );
    assert!(message.contains("set train.clip_norm"), "{message}");
    // Weights that are not finite are never saved.
    assert_eq!(trainer.checkpoint(), None);
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_explained() {
    let _turn = alone();
    let (folder, wave) = (Folder::new("damaged"), Wave::default());
    let path = folder.path().join("last.safetensors");
    let trainer = |toml: &str| trainer(toml).with_checkpoints(folder.path());
    let toml = "epochs = 1\noptimizer.learning_rate = 0.01";
    let refused = |trainer: &Trainer, wave: &Wave| {
        let error = trainer.resume(wave, Tiny::new(1), &mut Silent).unwrap_err();
        error.to_string()
    };
    let message = refused(&trainer(toml), &wave);
    assert!(message.starts_with("there is no checkpoint"), "{message}");
    trainer(toml)
        .train(&wave, Tiny::new(1), &mut Silent)
        .unwrap();

    let message = refused(
        &trainer("epochs = 1\noptimizer.learning_rate = 0.02"),
        &wave,
    );
    let expected = "train.optimizer.learning_rate = 0.01, which is now 0.02";
    assert!(message.contains(expected), "{message}");
    let other = Wave {
        fingerprint: "other data".to_owned(),
        ..Wave::default()
    };
    let message = refused(&trainer(toml), &other);
    assert!(
        message.contains("fingerprint of data and recipe = ``, which is now `other data`"),
        "{message}"
    );

    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(97) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let message = refused(&trainer(toml), &wave);
        assert!(
            message.contains("is not a whole safetensors file"),
            "{message}"
        );
    }
    // Any bit of the header may be wrong: an error or, in a figure, another figure; never a panic.
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for position in (0..header + 8).step_by(7) {
        let mut damaged = whole.clone();
        damaged[position] ^= 1 << (position % 7);
        std::fs::write(&path, damaged).unwrap();
        trainer(toml).resume(&wave, Tiny::new(1), &mut Silent).ok();
    }
    weights::save(&Tiny::new(1), &path, &Default::default()).unwrap();
    let message = refused(&trainer(toml), &wave);
    assert!(
        message.contains("it holds tensors, but no state of a training"),
        "{message}"
    );
}

#[test]
fn nothing_to_train_on_or_to_train_is_an_error() {
    let _turn = alone();
    struct Empty;
    impl Objective for Empty {
        type Model = Tiny;
        type Batch = ();
        fn batches(&self, _epoch: usize) -> Vec<()> {
            Vec::new()
        }
        fn loss(&self, _: &Tiny, _: &(), _: Option<elman::train::Carry>) -> elman::train::StepLoss {
            unreachable!("there is no batch")
        }
        fn validate(&self, _: &Tiny) -> Option<elman::train::Evaluation> {
            None
        }
    }
    let trainer = trainer("");
    let empty = trainer.train(&Empty, Tiny::new(1), &mut Silent);
    assert!(matches!(empty, Err(Error::NoBatches { epoch: 0 })));
    let frozen = trainer.train(&Wave::default(), Tiny::new(1).freeze(), &mut Silent);
    assert!(matches!(frozen, Err(Error::NothingToTrain)));
    let plain = trainer.train(&Wave::default(), Tiny::new(1).valid(), &mut Silent);
    assert!(matches!(plain, Err(Error::NothingToTrain)));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let _turn = alone();
    let folder = Folder::new("unwritable");
    let file = folder.path().join("file");
    std::fs::write(&file, b"in the way").unwrap();
    let trainer = trainer("epochs = 1").with_checkpoints(file.join("checkpoint"));
    let error = trainer
        .train(&Wave::default(), Tiny::new(1), &mut Silent)
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("cannot create the folder `"),
        "{message}"
    );
    assert!(
        message.contains(&Path::new("file").join("checkpoint").display().to_string()),
        "{message}"
    );
}
