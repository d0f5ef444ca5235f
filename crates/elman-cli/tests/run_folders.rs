//! Run folders: one training each, whatever they are called and wherever they go, and answers without anything else.
#![cfg(unix)]

mod common;

use common::{
    RECIPE, elman, files, is_tidy, last_json, months, project, refused, run, stderr, stdout,
    succeeds, trained,
};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LONG: [&str; 5] = [
    "--quiet",
    "--set",
    "train.epochs=1000000",
    "--set",
    "train.early_stopping.patience=1000000",
];

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = elman(folder);
    command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn until(ready: impl Fn() -> bool) {
    let start = Instant::now();
    while !ready() {
        assert!(start.elapsed() < Duration::from_secs(30), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn stop(child: Child) -> (Option<i32>, String) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn trainings_of_one_name_at_once_get_a_folder_each() {
    let folder = project();
    let sizes = ["5", "6", "7", "8"];
    let children = sizes.map(|size| {
        let set = format!("model.hidden_size={size}");
        start(
            folder.path(),
            &["train", "sales.toml", "--quiet", "--set", &set],
        )
    });
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    for name in ["sales", "sales-2", "sales-3", "sales-4"] {
        let place = format!("runs/{name}");
        succeeds(folder.path(), &["eval", &place]); // recipe and weights are of one training
        is_tidy(&folder.path().join(place));
    }
    assert_eq!(fs::read_dir(folder.path().join("runs")).unwrap().count(), 4);
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = project();
    let begin = [&["train", "sales.toml"], &LONG[..], &["--run", "run"]].concat();
    let first = start(folder.path(), &begin);
    let by = format!("process {}", first.id());
    until(|| {
        folder
            .path()
            .join("run/checkpoint/last.safetensors")
            .exists()
    });
    refused(
        folder.path(),
        &["train", "run", "--resume"],
        &["in use", &by],
    );
    refused(
        folder.path(),
        &[&begin[..], &["--resume"]].concat(),
        &["in use", &by],
    );
    refused(folder.path(), &begin, &["already holds a run"]);
    let (code, message) = stop(first);
    assert_eq!(code, Some(130), "{message}");
    // It can be taken up again now, also where a killed training has left its lock behind.
    fs::write(folder.path().join("run/lock"), "process 1 on elsewhere\n").unwrap();
    let again = start(folder.path(), &["train", "run", "--resume", "--quiet"]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(stop(again).0, Some(130));
    is_tidy(&folder.path().join("run"));
}

#[test]
fn a_sweep_in_use_is_refused() {
    let folder = project();
    let sweep = [
        &["sweep", "sales.toml", "--over", "model.hidden_size=2,3"],
        &LONG[..],
    ]
    .concat();
    let first = start(folder.path(), &sweep);
    until(|| {
        folder
            .path()
            .join("sweeps/sales/001-hidden_size=2/lock")
            .exists()
    });
    refused(folder.path(), &sweep, &["in use"]);
    assert_eq!(stop(first).0, Some(130));
}

#[test]
fn partial_files_of_killed_trainings_are_removed() {
    let folder = project();
    succeeds(
        folder.path(),
        &["train", "sales.toml", "--run", "run", "--quiet"],
    );
    let run = folder.path().join("run");
    for place in ["", "plots", "checkpoint"] {
        fs::write(run.join(place).join(".aBcD12.partial"), "half").unwrap();
    }
    fs::write(run.join(".mine.partial"), "kept").unwrap(); // not as ours are called
    succeeds(folder.path(), &["train", "run", "--resume", "--quiet"]);
    let partial: Vec<String> = files(&run)
        .into_iter()
        .filter(|name| name.ends_with("partial"))
        .collect();
    assert_eq!(partial, [".mine.partial"]);
}

#[test]
fn a_folder_that_is_removed_while_it_is_trained_is_written_again() {
    let folder = project();
    let args = [&["train", "sales.toml"], &LONG[..], &["--run", "run"]].concat();
    let child = start(folder.path(), &args);
    let place = folder.path().join("run");
    until(|| place.join("metrics.jsonl").exists());
    let _ = fs::remove_dir_all(&place);
    until(|| place.join("recipe.toml").exists() && place.join("run.json").exists());
    assert_eq!(stop(child).0, Some(130));
    for file in [
        "recipe.toml",
        "run.json",
        "preprocessing.json",
        "checkpoint/last.safetensors",
    ] {
        assert!(place.join(file).exists(), "{file}");
    }
    let again = start(folder.path(), &["train", "run", "--resume", "--quiet"]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(stop(again).0, Some(130));
}

#[test]
fn any_folder_will_do() {
    for name in [&b"d\xff"[..], b"\xed\xa0\x80", "가 나".as_bytes(), b"a[b]*"] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(OsString::from_vec(name.to_vec()));
        fs::create_dir(&place).unwrap();
        fs::write(place.join("sales.csv"), months()).unwrap();
        fs::write(place.join("sales.toml"), RECIPE).unwrap();
        succeeds(&place, &["train", "sales.toml", "--quiet"]);
        let before = succeeds(&place, &["forecast", "runs/sales", "--json"]);
        let commands: [&[&str]; 8] = [
            &["forecast", "runs/sales", "--input", "sales.csv"],
            &["eval", "runs/sales"],
            &["inspect", "runs/sales", "--no-hiding"],
            &["summary", "runs/sales"],
            &["draw", "runs/sales"],
            &["train", "runs/sales", "--resume", "--quiet"],
            &[
                "sweep",
                "sales.toml",
                "--over",
                "model.hidden_size=2,3",
                "--json",
                "--set",
                "train.epochs=1",
            ],
            &["compare", "sweeps/sales", "--json"],
        ];
        for args in commands {
            succeeds(&place, args);
        }
        // From outside, where the folder's name is part of every path.
        for (command, last) in [
            ("forecast", "runs/sales"),
            ("summary", "sales.toml"),
            ("eval", "runs/sales"),
            ("compare", "sweeps/sales"),
        ] {
            let mut outside = elman(folder.path());
            let output = outside
                .arg(command)
                .arg(place.join(last))
                .arg("--json")
                .output()
                .unwrap();
            assert!(output.status.success(), "{command}: {}", stderr(&output));
            if command == "forecast" {
                let (here, there) = (last_json(&before), last_json(&stdout(&output)));
                assert_eq!(here["forecast"], there["forecast"]);
            }
        }
    }
}

/// Names that lead elsewhere stay where runs are.
#[test]
fn a_name_leads_nowhere_else() {
    let folder = project();
    let long = "x".repeat(250);
    for (file, run) in [
        ("..toml", "run"),
        ("...toml", "run-2"),
        (".sales.toml", "sales"),
        (&format!("{long}.toml"), &long[..120]),
    ] {
        fs::copy(folder.path().join("sales.toml"), folder.path().join(file)).unwrap();
        succeeds(
            folder.path(),
            &["train", file, "--quiet", "--set", "train.epochs=1"],
        );
        let place = folder.path().join("runs").join(run);
        assert!(place.join("model.safetensors").exists(), "{file}");
    }
    // Nor does the name that a run remembers.
    let origin = folder.path().join("runs/run/run.json");
    let text = fs::read_to_string(&origin).unwrap();
    let mut origin_json: serde_json::Value = serde_json::from_str(&text).unwrap();
    origin_json["name"] = "../../out".into();
    fs::write(&origin, origin_json.to_string()).unwrap();
    let inner = folder.path().join("inner/deeper");
    fs::create_dir_all(&inner).unwrap();
    succeeds(&inner, &["draw", "../../runs/run"]);
    assert!(!folder.path().join("out.svg").exists());
    assert_eq!(files(&inner).len(), 1);
}

#[test]
fn a_folder_does_not_hide_a_recipe() {
    let folder = project();
    fs::create_dir(folder.path().join("hello")).unwrap();
    let output = run(
        folder.path(),
        &["train", "hello", "--quiet", "--set", "train.epochs=1"],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("./hello"), "{}", stderr(&output));
    assert!(folder.path().join("runs/hello/model.safetensors").exists());
    // Nor does a run of another recipe.
    succeeds(
        folder.path(),
        &[
            "train",
            "sales.toml",
            "--run",
            "hello",
            "--quiet",
            "--set",
            "train.epochs=1",
        ],
    );
    let summary = succeeds(folder.path(), &["summary", "hello"]);
    let recipe = succeeds(folder.path(), &["summary", "runs/hello"]);
    assert_eq!(summary, recipe);
    assert_ne!(succeeds(folder.path(), &["summary", "./hello"]), recipe);
}

/// The history that a forecast starts from is the run's own.
#[test]
fn a_run_stands_alone() {
    let folder = trained();
    let here = |args: &[&str]| succeeds(folder.path(), args);
    let (forecast, summary) = (here(&["forecast", "run"]), here(&["summary", "run"]));
    let drawing = here(&["draw", "run", "--out", "-"]);
    // Another machine and another user: no data, no home, nothing that can be written to.
    let other = tempfile::tempdir().unwrap();
    let moved = other.path().join("moved");
    copy(&folder.path().join("run"), &moved);
    fs::remove_file(folder.path().join("sales.csv")).unwrap();
    let alone = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_elman"));
        command
            .env_clear()
            .env("HOME", "/proc/nope")
            .current_dir(other.path())
            .args(args);
        command.output().unwrap()
    };
    let is = |args: &[&str], text: &str| {
        let output = alone(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), text, "{args:?}");
        stderr(&output)
    };
    let note = is(&["forecast", "moved"], &forecast);
    assert!(
        note.contains("own last rows, which end at 2005-12"),
        "{note}"
    );
    is(&["summary", "moved"], &summary);
    is(&["draw", "moved", "--out", "-"], &drawing);
    for command in ["eval", "inspect"] {
        let output = alone(&[command, "moved"]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            message.contains("was trained on data that are not there"),
            "{message}"
        );
        assert!(message.contains("sales.csv"), "{message}");
    }
    assert!(!moved.join("inspect").exists());
    // Moved together with its data, it finds them.
    let together = tempfile::tempdir().unwrap();
    fs::create_dir(together.path().join("project")).unwrap();
    fs::write(together.path().join("project/sales.csv"), months()).unwrap();
    copy(&moved, &together.path().join("project/run"));
    fs::remove_dir_all(folder.path()).unwrap();
    succeeds(together.path(), &["eval", "project/run"]);
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

/// The table of a recipe that comes with the program needs no home that can be written to, for a run and for its training.
#[test]
fn without_a_home() {
    let folder = tempfile::tempdir().unwrap();
    let homeless = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_elman"));
        command
            .env_clear()
            .env("HOME", "/proc/nope")
            .current_dir(folder.path());
        command
            .env("TMPDIR", folder.path())
            .args(args)
            .output()
            .unwrap()
    };
    let train = [
        "train",
        "air-passengers",
        "--quiet",
        "--set",
        "train.epochs=1",
        "--run",
        "run",
    ];
    for args in [
        &train[..],
        &["forecast", "run"],
        &["eval", "run"],
        &["summary", "air-passengers"],
    ] {
        let output = homeless(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    }
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing but the run is left");
}

#[test]
fn a_run_that_was_edited_says_so() {
    let folder = trained();
    let warning = || {
        let output = run(folder.path(), &["forecast", "run", "--quiet"]);
        assert!(output.status.success());
        stderr(&output)
    };
    assert_eq!(warning(), "");
    let recipe = folder.path().join("run/recipe.toml");
    let whole = fs::read_to_string(&recipe).unwrap();
    fs::write(&recipe, whole.replace("lookback = 12", "lookback = 2")).unwrap();
    let says = warning();
    assert!(
        says.contains("`lookback = 2`") && says.contains("`lookback = 12`"),
        "{says}"
    );
    fs::write(&recipe, &whole).unwrap();
    let origin = folder.path().join("run/run.json");
    let text = fs::read_to_string(&origin).unwrap();
    let version = format!("\"version\": \"{}\"", elman::VERSION);
    assert!(text.contains(&version));
    fs::write(&origin, text.replace(&version, "\"version\": \"99.0.0\"")).unwrap();
    let says = warning();
    assert!(
        says.contains("99.0.0") && says.contains(elman::VERSION),
        "{says}"
    );
    // Where shapes differ it is an error, as ever.
    fs::write(&recipe, whole.replace("hidden_size = 8", "hidden_size = 9")).unwrap();
    refused(folder.path(), &["forecast", "run"], &["shape"]);
}
