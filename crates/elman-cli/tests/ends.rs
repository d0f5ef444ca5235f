//! How the command ends, and what it leaves on the disk: full disks, closed pipes, signals.
#![cfg(unix)]

mod common;

use common::{elman, files, is_tidy, project, run, stderr, succeeds, trained};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// 128 and SIGPIPE, SIGINT, SIGTERM, SIGHUP.
const UNREAD: i32 = 141;
const SIGNALS: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 129)];

/// More epochs than any test waits for.
const ENDLESS: [&str; 6] = [
    "--quiet",
    "--set",
    "train.epochs=1000000",
    "--set",
    "train.early_stopping.patience=1000000",
    "--run",
];

/// A device on which nothing can be written.
fn full() -> Option<File> {
    let device = File::options().write(true).open("/dev/full").ok();
    if device.is_none() {
        eprintln!("skipped: there is no /dev/full");
    }
    device
}

/// A pipe that nobody reads from.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn with_stdout(folder: &Path, args: &[&str], stdout: impl Into<Stdio>) -> Output {
    let mut command = elman(folder);
    command.args(args).stdout(stdout).stderr(Stdio::piped());
    command.spawn().unwrap().wait_with_output().unwrap()
}

/// Results that cannot be written are a failure of the program, whatever the command.
#[test]
fn a_full_disk_under_results_is_exit_code_1() {
    if full().is_none() {
        return;
    }
    let folder = trained();
    let other = ["train", "sales.toml", "--quiet", "--run", "other"];
    succeeds(folder.path(), &other);
    let commands: [&[&str]; 12] = [
        &["forecast", "run"],
        &["forecast", "run", "--json"],
        &["forecast", "run", "--output", "-"],
        &["eval", "run"],
        &["inspect", "run", "--no-hiding"],
        &["summary", "run"],
        &["compare", "run", "other"],
        &["recipe", "list"],
        &["recipe", "show", "sales.toml"],
        &["data", "describe", "sales.csv"],
        &["--help"],
        &["--version"],
    ];
    for args in commands {
        let output = with_stdout(folder.path(), args, full().unwrap());
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {message}");
        let says = "cannot write to standard output: No space left on device";
        assert!(message.contains(says), "{args:?}: {message}");
    }
    is_tidy(&folder.path().join("run"));
}

/// A reader that goes away ends a command that prints, in silence; but it is not done.
#[test]
fn a_closed_pipe_under_results_is_exit_code_141() {
    let folder = trained();
    let commands: [&[&str]; 5] = [
        &["forecast", "run"],
        &["forecast", "run", "--json"],
        &["forecast", "run", "--output", "-"],
        &["recipe", "list"],
        &["--help"],
    ];
    for args in commands {
        let output = with_stdout(folder.path(), args, closed());
        assert_eq!(output.status.code(), Some(UNREAD), "{args:?}");
        assert_eq!(stderr(&output), "", "{args:?}");
    }
    // One that writes files writes them all.
    let output = with_stdout(folder.path(), &["inspect", "run", "--no-hiding"], closed());
    assert_eq!(output.status.code(), Some(UNREAD));
    assert!(folder.path().join("run/inspect/report.html").exists());
}

/// Notes that nobody reads end nothing, and are no failure either.
#[test]
fn a_training_goes_on_without_a_reader_of_its_notes() {
    let folder = project();
    let mut ends = vec![("closed", closed())];
    ends.extend(full().map(|full| ("full", full.into())));
    for (name, stream) in ends {
        let mut command = elman(folder.path());
        command.args(["train", "sales.toml", "--run", name]);
        let status = command.stdout(Stdio::null()).stderr(stream).status();
        assert_eq!(status.unwrap().code(), Some(0), "{name}");
        assert!(folder.path().join(name).join("model.safetensors").exists());
    }
}

/// A training whose results nobody can read comes to its end, and says at last that they were not shown.
#[test]
fn a_training_goes_on_without_a_reader_of_its_results() {
    let folder = project();
    let train = |more: &[&str], name: &str, stdout: Stdio, code: i32| {
        let args = [&["train", "sales.toml", "--quiet", "--run", name], more].concat();
        let output = with_stdout(folder.path(), &args, stdout);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{name}: {message}");
        assert!(
            message.contains("cannot write to standard output"),
            "{message}"
        );
        assert!(folder.path().join(name).join("result.json").exists());
        is_tidy(&folder.path().join(name));
    };
    train(&["--json"], "unread-json", closed(), UNREAD);
    train(&[], "unread", closed(), UNREAD);
    if let (Some(first), Some(second)) = (full(), full()) {
        train(&["--json"], "full-json", first.into(), 1);
        train(&[], "full", second.into(), 1);
    }
    // A sweep prints and writes as well.
    let sweep = [
        "sweep",
        "sales.toml",
        "--quiet",
        "--over",
        "model.hidden_size=2,3",
    ];
    let output = with_stdout(folder.path(), &sweep, closed());
    assert_eq!(output.status.code(), Some(UNREAD));
    assert!(folder.path().join("sweeps/sales/report.html").exists());
}

fn kill(child: &Child, signal: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &id])
        .status();
    assert!(sent.unwrap().success());
}

/// Waits until `ready`, at most half a minute.
#[track_caller]
fn until(mut ready: impl FnMut() -> bool) {
    let start = Instant::now();
    while !ready() {
        assert!(start.elapsed() < Duration::from_secs(30), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for the end of a process that was told to end.
#[track_caller]
fn end(mut child: Child, code: i32) -> Duration {
    let start = Instant::now();
    until(|| child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(code));
    start.elapsed()
}

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = elman(folder);
    command.args(args).stdin(Stdio::piped());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_signal_to_a_training_saves_and_is_its_exit_code() {
    let folder = project();
    for (signal, code) in SIGNALS {
        let place = folder.path().join(signal);
        let args = [&["train", "sales.toml"], &ENDLESS[..], &[signal]].concat();
        let child = start(folder.path(), &args);
        until(|| place.join("metrics.jsonl").exists());
        kill(&child, signal);
        assert!(end(child, code) < Duration::from_secs(5));
        is_tidy(&place);
        assert!(!place.join("model.safetensors").exists());
        let kept: Vec<String> = files(&place);
        for file in [
            "checkpoint/last.safetensors",
            "metrics.jsonl",
            "recipe.toml",
            "run.json",
        ] {
            assert!(kept.iter().any(|kept| kept == file), "{file}: {kept:?}");
        }
        // It goes on, and stops again.
        let child = start(folder.path(), &["train", signal, "--resume", "--quiet"]);
        until(|| place.join("lock").exists());
        std::thread::sleep(Duration::from_millis(300));
        kill(&child, signal);
        end(child, code);
        is_tidy(&place);
    }
}

/// `elman train X && elman forecast X` does not go on.
#[test]
fn an_interrupted_training_says_how_to_go_on() {
    let folder = project();
    let args = [&["train", "sales.toml"], &ENDLESS[..], &["run"]].concat();
    let mut command = elman(folder.path());
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let child = command.spawn().unwrap();
    until(|| {
        folder
            .path()
            .join("run/checkpoint/last.safetensors")
            .exists()
    });
    kill(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let text = common::stdout(&output);
    assert!(text.contains("elman train run --resume"), "{text}");
}

/// Whatever is done when no training has something to save ends at once: reading, baselines, waiting for input, sweeps'
/// plans, experiments.
#[test]
fn a_signal_is_heard_within_a_second_everywhere() {
    let folder = trained();
    let folder = folder.path();
    let text: String = (0..400_000)
        .map(|n| format!("the {} sang\n", n % 977))
        .collect();
    std::fs::write(folder.join("big.txt"), text).unwrap();
    let recipe = "task = \"generate\"\n[data]\nfiles = [\"big.txt\"]\n[model]\nhidden_size = 8\n";
    std::fs::write(folder.join("g.toml"), recipe).unwrap();
    let commands: [&[&str]; 6] = [
        &["forecast", "run", "--input", "-"], // waits for its input, where it reads standard input
        &["train", "g.toml", "--run", "never"], // reads, then counts letters for the baselines
        &["find-lr", "g.toml"],
        &["lesson", "deep", "--out", "lesson"],
        &[
            "sweep",
            "g.toml",
            "--over",
            "model.hidden_size=2,3",
            "--run",
            "sweep",
        ],
        &["recipe", "check", "g.toml"],
    ];
    for (number, args) in commands.into_iter().enumerate() {
        let (signal, code) = SIGNALS[number % SIGNALS.len()];
        let mut child = start(folder, args);
        std::thread::sleep(Duration::from_millis(700));
        if child.try_wait().unwrap().is_some() {
            continue; // a quick machine
        }
        kill(&child, signal);
        let took = end(child, code);
        assert!(took < Duration::from_secs(2), "{args:?} took {took:?}");
    }
    let partial = |name: &String| name.ends_with(".partial");
    assert!(!files(folder).iter().any(partial));
    assert!(!folder.join("find-lr.svg").exists());
}

#[test]
fn a_signal_ends_a_sweep_which_goes_on() {
    let folder = project();
    let sweep = [
        "sweep",
        "sales.toml",
        "--quiet",
        "--over",
        "model.hidden_size=2,3",
        "--set",
        "train.epochs=20000",
        "--set",
        "train.early_stopping.patience=20000",
    ];
    let child = start(folder.path(), &sweep);
    let first = folder.path().join("sweeps/sales/001-hidden_size=2");
    until(|| first.join("checkpoint/last.safetensors").exists());
    kill(&child, "INT");
    end(child, 130);
    is_tidy(&folder.path().join("sweeps"));
    assert!(!first.join("result.json").exists());
    // The same command goes on: it is stopped once more in the middle.
    let child = start(folder.path(), &sweep);
    until(|| first.join("lock").exists());
    kill(&child, "TERM");
    end(child, 143);
}

/// A file system that is full, or a limit on the size of a file, ends a training with exit code 1; what was there stays, and
/// it goes on to the same bits once there is room.
#[test]
fn a_training_without_room_fails_and_goes_on() {
    let folder = project();
    let whole = ["train", "sales.toml", "--quiet", "--run", "whole"];
    succeeds(folder.path(), &whole);
    let limited = |blocks: u32, resume: &str| {
        let script = format!(
            "ulimit -f {blocks}; exec {} --threads=1 train sales.toml --quiet --run tight {resume}",
            env!("CARGO_BIN_EXE_elman")
        );
        let mut command = Command::new("sh");
        command.current_dir(folder.path()).args(["-c", &script]);
        command.env("XDG_CACHE_HOME", folder.path().join("cache"));
        command.output().unwrap()
    };
    let output = limited(4, ""); // of 512 bytes or 1 KiB: less than a checkpoint
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("File too large"), "{message}");
    is_tidy(&folder.path().join("tight"));
    let output = run(
        folder.path(),
        &[
            "train",
            "sales.toml",
            "--quiet",
            "--run",
            "tight",
            "--resume",
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let model = |run: &str| std::fs::read(folder.path().join(run).join("model.safetensors"));
    assert!(model("tight").unwrap() == model("whole").unwrap());
}
