//! A training killed at any moment goes on to the same bits.

mod common;

use common::{elman, is_tidy, project, run, stderr};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const TRAIN: [&str; 10] = [
    "train",
    "sales.toml",
    "--quiet",
    "--resume",
    "--set",
    "train.epochs=60",
    "--set",
    "train.checkpoint_every=2",
    "--set",
    "model.recurrent_dropout=0.2",
];

/// How often the run is killed; the moments are spread over its length by a fixed rule.
fn kills() -> u32 {
    std::env::var("ELMAN_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(6)
}

fn train(folder: &Path, name: &str) -> Vec<u8> {
    let output = elman(folder)
        .args(TRAIN)
        .args(["--run", name])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    std::fs::read(folder.join(name).join("model.safetensors")).unwrap()
}

#[test]
fn kill_nine_and_resume_gives_the_same_weights() {
    let folder = project();
    let start = Instant::now();
    let whole = train(folder.path(), "whole");
    let length = start.elapsed();
    let mut moment = 12_345u64;
    let mut resumed = 0;
    for attempt in 0..kills() {
        moment = moment
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let share = (moment >> 40) as f64 / (1u64 << 24) as f64;
        let mut child = elman(folder.path())
            .args(TRAIN)
            .args(["--run", "killed"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs_f64(length.as_secs_f64() * share));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        resumed += u32::from(
            folder
                .path()
                .join("killed/checkpoint/last.safetensors")
                .exists(),
        );
        // Every second time it dies once more on its way back.
        if attempt % 2 == 0 {
            assert_eq!(
                train(folder.path(), "killed"),
                whole,
                "killed after {share:.2} of the training"
            );
            is_tidy(&folder.path().join("killed"));
            std::fs::remove_dir_all(folder.path().join("killed")).unwrap();
        }
    }
    // Otherwise all of them would have begun anew, and nothing was tried.
    assert!(
        3 * resumed >= kills(),
        "only {resumed} of {} left a checkpoint",
        kills()
    );
    assert_eq!(train(folder.path(), "killed"), whole);
}

#[test]
fn going_on_with_another_configuration_is_refused() {
    let folder = project();
    train(folder.path(), "run");
    let mut args = TRAIN.to_vec();
    args.extend(["--run", "run", "--set", "train.seed=9"]);
    let output = run(folder.path(), &args);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("seed"), "{}", stderr(&output));
}
