//! Some of the inputs that `elman-fuzz` makes, given to the command itself: it ends with 0 or 2, says what is wrong, and never
//! accepts what cannot be right.

mod common;

use common::{elman, stderr};
use elman_fuzz::reader::Reader;
use elman_fuzz::readers;
use std::path::Path;
use std::process::Output;

/// Gives the command `inputs` inputs of a reader, each written to its place in a folder of its own.
fn attack(name: &str, inputs: u64, command: impl Fn(&Path, &str) -> Output) {
    let work = tempfile::tempdir().unwrap();
    let reader: Reader = readers::open(name, work.path()).unwrap().unwrap();
    let scratch = work.path().join("scratch");
    let mut refused = 0;
    for number in 0..inputs {
        // Files beside the one in question are as they were made.
        for case in &reader.cases {
            let path = scratch.join(&case.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &case.bytes).unwrap();
        }
        let input = reader.input(2, number);
        let case = &reader.cases[input.case].name;
        std::fs::write(scratch.join(case), &input.bytes).unwrap();
        let output = command(&scratch, case);
        let (code, says) = (output.status.code(), stderr(&output));
        assert!(
            code == Some(0) || code == Some(2),
            "{name} {number}, {case}: {code:?} {says}"
        );
        assert!(
            !says.contains("panicked"),
            "{name} {number}, {case}: {says}"
        );
        if code == Some(2) {
            refused += 1;
            assert!(says.contains("error: "), "{name} {number}, {case}: {says}");
        }
        // Not every command reads every file of a run; `eval` reads these.
        let read = !["result.json", "metrics.jsonl", "last.safetensors"]
            .iter()
            .any(|file| case.ends_with(file));
        if let Some(why) = input.garbage.filter(|_| read) {
            assert_eq!(
                code,
                Some(2),
                "{name} {number}, {case}: {why}, and it is used"
            );
        }
    }
    assert!(refused > 0, "{name}: nothing was refused");
}

#[test]
fn recipes() {
    let command = |folder: &Path, case: &str| {
        elman(folder)
            .args(["recipe", "check", case])
            .output()
            .unwrap()
    };
    attack("recipe", 25, command);
}

#[test]
fn runs() {
    let command = |folder: &Path, _: &str| {
        elman(folder)
            .args(["eval", "run", "--quiet"])
            .output()
            .unwrap()
    };
    for name in readers::names().filter(|name| name.starts_with("run-") && *name != "run-caption") {
        attack(name, 20, command);
    }
}
