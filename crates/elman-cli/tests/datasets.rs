//! Public datasets, as a user gets them. Nothing here asks a network: the mirror is a server in this process.

mod common;

use common::{elman, run, stderr, stdout};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

/// A mirror that gives every request the same answer.
fn mirror(status: &'static str, body: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(body));
        }
    });
    address
}

fn get(folder: &Path, mirror: &str, name: &str) -> Output {
    let mut command = elman(folder);
    command
        .env("ELMAN_MIRROR", mirror)
        .args(["data", "get", name]);
    command.output().unwrap()
}

#[test]
fn the_list_says_how_each_is_had_and_how_large_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let list = stdout(&run(folder.path(), &["data", "list", "--json"]));
    let sets: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let how = |name: &str| {
        let set = sets.iter().find(|set| set["name"] == name).unwrap();
        (
            set["how"].as_str().unwrap(),
            set["files"].as_u64().unwrap(),
            set["bytes"].as_u64().unwrap(),
        )
    };
    // ls *.wav | wc -l; cat *.wav | wc -c
    assert_eq!(how("fsdd"), ("fetched", 1200, 8_442_626));
    assert_eq!((how("nsmc").0, how("moving_digits").0), ("made", "drawn"));
    assert!(sets.iter().all(|set| set["here"] == false));
    let text = stdout(&run(folder.path(), &["data", "list"]));
    assert!(
        text.contains("1200 files, 8.4 MB") && text.contains("elman data get NAME"),
        "{text}"
    );
    let text = stdout(&run(folder.path(), &["data", "describe", "fsdd"]));
    assert!(
        text.contains("not here; get it with: elman data get fsdd"),
        "{text}"
    );
    let text = stdout(&run(folder.path(), &["data", "describe", "caption_shapes"]));
    assert!(
        text.contains("it is drawn when a recipe needs it"),
        "{text}"
    );
}

#[test]
fn a_recipe_names_the_one_command_that_its_data_need() {
    let folder = tempfile::tempdir().unwrap();
    for (recipe, dataset) in [
        ("nsmc", "nsmc"),
        ("question-type", "trec_qc"),
        ("spoken-strings", "spoken_strings"),
    ] {
        let done = run(folder.path(), &["train", recipe]);
        assert_eq!(done.status.code(), Some(2));
        let message = stderr(&done);
        assert!(
            message.contains(&format!("get it with: elman data get {dataset}")),
            "{message}"
        );
    }
}

#[test]
fn what_is_drawn_is_drawn_when_a_recipe_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("moving_digits")).unwrap();
    std::fs::write(data.join("moving_digits/mine.txt"), "mine").unwrap();
    // It is not drawn over what somebody else put there; that it tries is what this sees without the time of drawing.
    let mut command = elman(folder.path());
    let done = command
        .env("ELMAN_DATA", &data)
        .args(["recipe", "check", "moving-digits"])
        .output()
        .unwrap();
    let message = stderr(&done);
    assert!(
        message.contains("holds something else than the dataset that is drawn here"),
        "{message}"
    );
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(
        std::fs::read_dir(data.join("moving_digits"))
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn what_is_not_the_file_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache/elman/trec_qc");
    let done = get(folder.path(), &mirror("200 OK", b"no archive"), "trec_qc");
    assert_eq!((done.status.code(), cache.exists()), (Some(1), false));
    let message = stderr(&done);
    assert!(
        message.contains("fetching qc.zip (0.1 MB)") && message.contains("but the registry says"),
        "{message}"
    );
    let done = get(folder.path(), &mirror("404 Not Found", b""), "trec_qc");
    assert_eq!((done.status.code(), cache.exists()), (Some(1), false));
    assert!(
        stderr(&done).contains("the server has no such file"),
        "{}",
        stderr(&done)
    );
    let done = get(folder.path(), "ftp://somewhere", "trec_qc");
    assert_eq!(done.status.code(), Some(2));
    assert!(
        stderr(&done).contains("must begin with http:// or https://"),
        "{}",
        stderr(&done)
    );
}
