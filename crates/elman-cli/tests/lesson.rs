//! `elman lesson`: what it writes, in which language, and what it says to names that are wrong.

mod common;

use common::{elman, last_json, refused, stderr, stdout, succeeds};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_lesson_tells_measures_and_draws() {
    let folder = folder();
    let text = succeeds(folder.path(), &["lesson", "one-cell", "--lang", "en"]);
    assert!(text.contains("Expected and measured") && text.contains('✓'));
    assert!(!text.contains('✗') && !text.contains('\u{1b}'), "{text}");
    let lesson = folder.path().join("lessons/one-cell");
    let page = std::fs::read_to_string(lesson.join("report.html")).unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("<svg"));
    let picture = std::fs::read_to_string(lesson.join("states.svg")).unwrap();
    assert!(picture.starts_with("<svg"));
}

#[test]
fn the_language_is_the_flag_s_or_the_environment_s() {
    let folder = folder();
    let run = |lang: &str, all: &str, flag: &[&str]| {
        let mut command = elman(folder.path());
        command.env("LANG", lang).env("LC_ALL", all);
        command.env_remove("LC_MESSAGES");
        let output = command
            .args(["lesson", "bptt", "--quiet"])
            .args(flag)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output).contains("기대한 값과 측정한 값")
    };
    assert!(run("ko_KR.UTF-8", "", &[]));
    assert!(!run("ko_KR.UTF-8", "C", &[]));
    assert!(!run("ko_KR.UTF-8", "", &["--lang", "en"]));
    assert!(run("en_US.UTF-8", "", &["--lang", "ko"]));
    let page = folder.path().join("lessons/bptt/report.html");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<html lang=\"ko\">"));
}

#[test]
fn machines_read_each_claim() {
    let folder = folder();
    let args = [
        "lesson",
        "bag-of-counts",
        "--quick",
        "--json",
        "--out",
        "here",
    ];
    let told = last_json(&succeeds(folder.path(), &args));
    assert_eq!(
        (&told["event"], &told["met"]),
        (&"result".into(), &true.into())
    );
    let claims = told["claims"].as_array().unwrap();
    assert_eq!(
        claims[0]["measured"], 0.0,
        "the counts' answers are the same bits"
    );
    assert!(claims.iter().all(|claim| claim["met"] == true));
    assert!(folder.path().join("here/counts.svg").exists());
    let listed = succeeds(folder.path(), &["lesson", "list", "--json"]);
    let listed: Vec<&str> = listed
        .lines()
        .filter(|line| line.contains("\"name\""))
        .collect();
    assert!(listed.len() >= 16, "{listed:?}");
}

#[test]
fn names_that_are_wrong_are_answered_with_the_nearest() {
    let folder = folder();
    let refused = |name: &str, says: &[&str]| refused(folder.path(), &["lesson", name], says);
    refused(
        "nonsense",
        &[
            "no lesson `nonsense`",
            "the nearest are `",
            "elman lesson list",
        ],
    );
    refused("bag-of-count", &["did you mean `bag-of-counts`?"]);
    refused("lsmt", &["did you mean `lstm`?"]);
    refused("강의", &["no lesson `강의`", "the nearest are `"]);
    refused("", &["no lesson ``", "elman lesson list"]);
    assert!(!folder.path().join("lessons").exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_named_before_anything_is_trained() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    refused(
        folder.path(),
        &["lesson", "one-cell", "--out", "file/here"],
        &["cannot make the folder `file/here`"],
    );
    refused(
        folder.path(),
        &["lesson", "one-cell", "--lang", "fr"],
        &["'fr'", "en", "ko"],
    );
}
