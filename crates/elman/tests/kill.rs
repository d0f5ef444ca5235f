//! A training that is killed at any moment, even while it writes, resumes to the same bits.

mod support;

use elman::train::{Silent, TrainConfig, Trainer};
use elman::weights::{self, TensorFile};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::{Folder, Tiny, Wave, alone, bits};

const TOML: &str = "
epochs = 120
accumulate = 2
checkpoint_every = 1
optimizer = { name = 'adam', learning_rate = 0.01 }
schedule = { name = 'cosine' }
early_stopping = { patience = 30 }
";
const FOLDER: &str = "ELMAN_TEST_KILL_FOLDER";

fn trainer(folder: &Path) -> Trainer {
    let config: TrainConfig = toml::from_str(TOML).unwrap();
    Trainer::new(config.check().unwrap())
        .with_checkpoints(folder)
        .with_checkpoint_interval(Duration::ZERO)
}

/// Trains, or goes on, in the process that the test below starts and kills.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let trainer = trainer(Path::new(&folder));
    let model = match trainer.checkpoint() {
        None => trainer.train(&Wave::default(), Tiny::new(1), &mut Silent),
        Some(_) => trainer.resume(&Wave::default(), Tiny::new(99), &mut Silent),
    };
    let path = Path::new(&folder).join("model.safetensors");
    weights::save(&model.unwrap().model, &path, &Default::default()).unwrap();
}

#[test]
fn a_killed_training_resumes_to_the_same_bits() {
    let _turn = alone();
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    let (killed, whole) = (Folder::new("killed"), Folder::new("unkilled"));
    let expected = trainer(whole.path()).train(&Wave::default(), Tiny::new(1), &mut Silent);
    let finished = killed.path().join("model.safetensors");
    let (mut kills, mut steps) = (0, Vec::new());
    for attempt in 0.. {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--quiet"])
            .env(FOLDER, killed.path())
            .spawn()
            .unwrap();
        // The first is killed before or at its first checkpoints, the later ones further on.
        std::thread::sleep(Duration::from_millis(20 + 37 * attempt));
        kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().ok();
        child.wait().unwrap();
        let last = killed.path().join("last.safetensors");
        if last.exists() {
            // Whole at every moment.
            let file = TensorFile::read(&last).unwrap();
            let header: serde_json::Value =
                serde_json::from_str(&file.metadata["elman.checkpoint"]).unwrap();
            steps.push(header["progress"]["step"].as_u64().unwrap());
        }
        if finished.exists() {
            break;
        }
    }
    assert!(kills >= 3, "killed {kills} times only");
    assert!(steps.is_sorted(), "{steps:?}");
    let found = weights::load(Tiny::new(7), &finished).unwrap();
    assert!(
        bits(&found) == bits(&expected.unwrap().model),
        "killed at {steps:?}"
    );
}
