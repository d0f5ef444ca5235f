//! Where files and texts for people go: links, pipes, devices, and nothing that commands a terminal.
#![cfg(unix)]

mod common;

use common::{elman, files, last_json, project, refused, run, stderr, stdout, succeeds, trained};
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

const FORECAST: [&str; 5] = ["forecast", "run", "--quiet", "--steps", "2"];

fn to(output: &str) -> Vec<&str> {
    [&FORECAST[..], &["--output", output]].concat()
}

#[test]
fn a_link_is_followed_and_permissions_stay() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("real.csv"), "old").unwrap();
    fs::set_permissions(at("real.csv"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real.csv", at("link.csv")).unwrap();
    succeeds(folder.path(), &to("link.csv"));
    assert!(fs::symlink_metadata(at("link.csv")).unwrap().is_symlink());
    let text = fs::read_to_string(at("real.csv")).unwrap();
    assert!(text.starts_with("time,sales\n"), "{text}");
    assert_eq!(text.lines().count(), 3);
    let mode = fs::metadata(at("real.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // A link to nothing makes the file that it points to, in its own folder.
    fs::create_dir(at("far")).unwrap();
    symlink("far/new.csv", at("new.csv")).unwrap();
    succeeds(folder.path(), &to("new.csv"));
    assert_eq!(fs::read_to_string(at("far/new.csv")).unwrap(), text);
    assert_eq!(files(&at("far")), ["new.csv"]);
}

#[test]
fn a_pipe_and_standard_output_are_written_to() {
    let folder = trained();
    succeeds(folder.path(), &to("plain.csv"));
    let plain = fs::read_to_string(folder.path().join("plain.csv")).unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let mut command = elman(folder.path());
    command.args(to("pipe")).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    assert_eq!(fs::read_to_string(&pipe).unwrap(), plain);
    assert!(child.wait().unwrap().success());
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    // Then nothing but the file is on standard output.
    for name in ["-", "/dev/stdout", "/dev/fd/1"] {
        assert_eq!(succeeds(folder.path(), &to(name)), plain, "{name}");
    }
    assert!(!folder.path().join("-").exists());
    refused(
        folder.path(),
        &[&to("-")[..], &["--json"]].concat(),
        &["--json", "name a file"],
    );
    // So with pictures.
    let svg = succeeds(folder.path(), &["draw", "sales.toml", "--out", "-"]);
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    let output = run(folder.path(), &to("run"));
    assert!(!output.status.success() && stderr(&output).contains("folder of that name"));
}

/// Through a link that only this test has, so that no device is ever replaced.
#[test]
fn a_device_is_written_to() {
    let folder = trained();
    symlink("/dev/null", folder.path().join("null.csv")).unwrap();
    succeeds(folder.path(), &to("null.csv"));
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    if !Path::new("/dev/full").exists() {
        return eprintln!("skipped: there is no /dev/full");
    }
    symlink("/dev/full", folder.path().join("full.csv")).unwrap();
    let output = run(folder.path(), &to("full.csv"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("No space left on device"));
    assert!(
        fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn pictures_do_not_replace_files_unasked() {
    let folder = project();
    let at = |name: &str| folder.path().join(name);
    let find = ["find-lr", "sales.toml", "--steps", "20"];
    let draw = ["draw", "sales.toml"];
    for (args, name) in [(&draw[..], "sales.svg"), (&find[..], "sales-find-lr.svg")] {
        fs::write(at(name), "mine").unwrap();
        refused(folder.path(), args, &[name, "--force"]);
        assert_eq!(fs::read_to_string(at(name)).unwrap(), "mine");
        succeeds(folder.path(), &[args, &["--force"]].concat());
        assert!(fs::read_to_string(at(name)).unwrap().starts_with("<svg"));
    }
}

/// Names as a hostile or damaged file has them: they clear the screen, set the title, or turn the line around.
#[test]
fn no_letter_of_a_file_commands_the_terminal() {
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}red";
    let folder = project();
    let table = common::months().replace("sales", hostile);
    fs::write(folder.path().join("sales.csv"), &table).unwrap();
    succeeds(
        folder.path(),
        &["train", "sales.toml", "--run", "run", "--quiet"],
    );
    let missing = format!("data.targets=[\"{}\"]", "no\\u001b[2Jne");
    let commands: [&[&str]; 9] = [
        &["data", "describe", "sales.csv"],
        &["recipe", "check", "sales.toml"],
        &["train", "sales.toml", "--run", "again"],
        &["forecast", "run"],
        &["forecast", "run", "--json"],
        &["inspect", "run", "--no-hiding", "--json"],
        &["recipe", "check", "sales.toml", "--set", &missing],
        &["train", hostile],
        &[hostile],
    ];
    for args in commands {
        let output = run(folder.path(), args);
        let text = stdout(&output) + &stderr(&output);
        let bad = text
            .chars()
            .find(|letter| elman::report::is_hostile(*letter));
        assert_eq!(bad, None, "{args:?}: {text:?}");
        assert!(!text.is_empty());
    }
    // What machines read still says what is in the file.
    let event = last_json(&succeeds(folder.path(), &["forecast", "run", "--json"]));
    let values = event["forecast"][0]["values"].as_object().unwrap();
    assert_eq!(values.keys().next().unwrap(), hostile);
    succeeds(folder.path(), &to("out.csv"));
    let csv = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert!(csv.starts_with(&format!("time,{hostile}\n")), "{csv:?}");
}
