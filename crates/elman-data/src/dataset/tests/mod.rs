mod all;
mod server;
mod upstream;

use std::fs;
use std::io::Write;

use sha2::{Digest, Sha256};

use super::*;
use server::{Answer, Server};

pub(super) fn sha256(bytes: &[u8]) -> String {
    sum::hexadecimal(Sha256::new_with_prefix(bytes))
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A repository's archive: entries of name and contents in one folder.
pub(super) fn tarball(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, contents) in entries {
        let mut header = tar::Header::new_gnu();
        // Names as they are: the builder itself refuses those that lead elsewhere.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(contents.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *contents).unwrap();
    }
    gzip(&tar.into_inner().unwrap())
}

const BODY: &[u8] = b"month,x\n1949-01,1\n";
/// printf 'month,x\n1949-01,1\n' | sha256sum
const SUM: &str = "4023f4f3848f59855fc9c65589c2c91c5dd7ef946e89963910f6162a436ef80e";
const URL: &str = "https://host/data/a.csv";

fn dataset() -> Dataset {
    toml::from_str(&format!(
        r#"
        name = "tiny"
        about = ""
        licence = ""
        source = ""
        split = ""
        base_url = "https://host/"
        files = [{{ name = "a.csv", url = "data/a.csv", bytes = 18, sha256 = "{SUM}" }}]
        "#
    ))
    .unwrap()
}

/// Gets `dataset` from the server into a folder that has to be empty again if that fails.
fn get_from(server: &Server, dataset: &Dataset) -> Result<Vec<u8>, String> {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache/tiny");
    let got = dataset.get_with(&server.fetcher(), &folder, &mut |_| {});
    if let Err(error) = got {
        assert!(!folder.exists(), "something is left behind: {error}");
        return Err(error
            .to_string()
            .replace(&server_address(server), "http://host"));
    }
    assert!(dataset.is_complete(&folder));
    assert!(!folder.join(".partial").exists());
    Ok(fs::read(folder.join("a.csv")).unwrap_or_default())
}

fn server_address(server: &Server) -> String {
    server.url_of("https://").trim_end_matches('/').to_string()
}

fn get_answer(answer: Answer) -> Result<Vec<u8>, String> {
    let server = Server::start();
    server.put(URL, answer);
    get_from(&server, &dataset())
}

#[test]
fn a_file_arrives_whole_and_is_not_fetched_twice() {
    let server = Server::start();
    server.put(URL, Answer::File(BODY.into()));
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache/tiny");
    let (dataset, mut seen) = (dataset(), Vec::new());
    let mut hear = |progress: &Progress<'_>| {
        seen.push((progress.file.to_owned(), progress.done, progress.total))
    };
    dataset
        .get_with(&server.fetcher(), &folder, &mut hear)
        .unwrap();
    assert_eq!(seen.last().unwrap(), &("a.csv".to_owned(), 18, 18));
    assert_eq!(fs::read(folder.join("a.csv")).unwrap(), BODY);
    dataset
        .get_with(&server.fetcher(), &folder, &mut |_| {
            panic!("nothing is left to fetch")
        })
        .unwrap();
    assert_eq!(server.asked().len(), 1);
    // A file of the right size that is another is fetched again.
    fs::write(folder.join("a.csv"), b"month,x\n1949-01,2\n").unwrap();
    dataset
        .get_with(&server.fetcher(), &folder, &mut |_| {})
        .unwrap();
    assert_eq!(fs::read(folder.join("a.csv")).unwrap(), BODY);
}

#[test]
fn what_is_published_compressed_is_kept_unpacked() {
    let mut dataset = dataset();
    dataset.files[0].gzip = true;
    let server = Server::start();
    server.put(URL, Answer::File(gzip(BODY)));
    assert_eq!(get_from(&server, &dataset).unwrap(), BODY);
    server.put(URL, Answer::File(BODY.into()));
    let message = get_from(&server, &dataset).unwrap_err();
    assert!(
        message.contains("what came is not packed as expected"),
        "{message}"
    );
    // A thousand times what the registry says is neither kept nor fetched to its end.
    server.put(URL, Answer::File(gzip(&vec![b'x'; 18_000])));
    let message = get_from(&server, &dataset).unwrap_err();
    assert!(message.contains("the sha256 is"), "{message}");
}

#[test]
fn redirects_are_followed() {
    let server = Server::start();
    server.put(URL, Answer::Moved("/elsewhere/b.csv".into()));
    server.put("/elsewhere/b.csv", Answer::File(BODY.into()));
    assert_eq!(get_from(&server, &dataset()).unwrap(), BODY);
    server.put(URL, Answer::Moved("/host/data/a.csv".into())); // to itself
    let message = get_from(&server, &dataset()).unwrap_err();
    assert!(message.contains("too many redirects"), "{message}");
}

#[test]
fn what_passes_is_tried_again() {
    let broken = Answer::Cut(BODY.into(), 5);
    let busy = Answer::Status("503 Busy");
    for first in [
        broken.clone(),
        busy.clone(),
        Answer::Status("429 Slow Down"),
    ] {
        let turns = Answer::Turns(vec![first, broken.clone(), Answer::File(BODY.into())]);
        assert_eq!(get_answer(turns).unwrap(), BODY);
    }
    let message = get_answer(broken).unwrap_err();
    assert!(
        message.starts_with(
            "cannot fetch http://host/host/data/a.csv: the connection broke after 5 of 18 bytes"
        ),
        "{message}"
    );
    assert!(
        message.contains("3 times in a row; try again later, or copy the dataset"),
        "{message}"
    );
    let message = get_answer(busy).unwrap_err();
    assert!(
        message.contains("the server is busy") && message.contains("503"),
        "{message}"
    );
}

#[test]
fn a_server_that_falls_silent_is_not_waited_for() {
    let message = get_answer(Answer::Silent(BODY.into(), 7)).unwrap_err();
    assert!(
        message.contains("the server fell silent after 7 of 18 bytes"),
        "{message}"
    );
}

#[test]
fn another_file_is_refused_with_both_sums() {
    let message = get_answer(Answer::File(b"month,x\n1949-01,2\n".to_vec())).unwrap_err();
    assert!(
        message.starts_with("http://host/host/data/a.csv: the sha256 is "),
        "{message}"
    );
    assert!(
        message.contains(&format!("but the registry says {SUM}; nothing was kept")),
        "{message}"
    );
    let message = get_answer(Answer::File(vec![b'x'; 1_000_000])).unwrap_err();
    assert!(message.contains("the sha256 is"), "{message}");
}

#[test]
fn answers_that_are_no_file() {
    let message = get_answer(Answer::Status("404 Not Found")).unwrap_err();
    assert!(
        message.contains("the server has no such file")
            && message.contains("it may have moved upstream"),
        "{message}"
    );
    let message = get_answer(Answer::Status("403 Forbidden")).unwrap_err();
    assert!(message.contains("the server refuses it"), "{message}");
}

#[test]
fn offline_says_what_to_do() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    }; // closed again: connections are refused
    let pause = std::time::Duration::from_millis(5);
    let fetcher = Fetcher::new(Some(address), pause * 100, pause);
    let root = tempfile::tempdir().unwrap();
    let message = dataset()
        .get_with(&fetcher, &root.path().join("tiny"), &mut |_| {})
        .unwrap_err()
        .to_string();
    assert!(message.contains("is this machine online? Connect it, or copy the dataset from another machine into $ELMAN_DATA/<name>/"), "{message}");
    assert!(!root.path().join("tiny").exists());
}

#[test]
fn what_was_whole_stays_when_the_next_file_fails() {
    let mut dataset = dataset();
    dataset.files.push(DatasetFile {
        name: "b.csv".into(),
        url: None,
        ..dataset.files[0].clone()
    });
    let server = Server::start();
    server.put(URL, Answer::File(BODY.into()));
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tiny");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("README.md"), "mine").unwrap();
    dataset
        .get_with(&server.fetcher(), &folder, &mut |_| {})
        .unwrap_err();
    assert_eq!(place::names_in(&folder).unwrap(), ["README.md", "a.csv"]);
    assert!(!dataset.is_complete(&folder) && !folder.join(".partial").exists());
    server.put("https://host/b.csv", Answer::File(BODY.into()));
    dataset
        .get_with(&server.fetcher(), &folder, &mut |_| {})
        .unwrap();
    assert!(dataset.is_complete(&folder));
    assert_eq!(
        server
            .asked()
            .iter()
            .filter(|path| path.ends_with("a.csv"))
            .count(),
        1
    );
}

/// A dataset of the files `*.wav` of an archive.
fn archived(files: &[(&str, &[u8])]) -> Dataset {
    let mut list = many::Listing::default();
    files
        .iter()
        .for_each(|(name, bytes)| list.add((*name).into(), sha256(bytes)));
    let (count, bytes, sum) = (
        files.len(),
        files.iter().map(|file| file.1.len()).sum::<usize>(),
        list.sum(),
    );
    toml::from_str(&format!(
        r#"
        name = "sounds"
        about = ""
        licence = ""
        source = ""
        split = ""
        archive = {{ url = "https://host/o/r/tar.gz/1", strip = "in/", take = ["in/*.wav"], unpacked = 100000, files = {count}, bytes = {bytes}, sha256 = "{sum}" }}
        many = {{ names = ["*.wav"], files = {count}, bytes = {bytes}, sha256 = "{sum}" }}
        "#
    ))
    .unwrap()
}

#[test]
fn files_of_a_repository() {
    let dataset = archived(&[("b.wav", b"two"), ("a.wav", b"one")]);
    let server = Server::start();
    let good: [(&str, &[u8]); 5] = [
        ("r-1/README", b"no"),
        ("r-1/in/a.wav", b"one"),
        ("r-1/in/deep/c.wav", b"no"),
        ("r-1/in/b.wav", b"two"),
        ("r-1/in/d.wav", b"not reached"),
    ];
    let url = &dataset.archive.as_ref().unwrap().url;
    let packed = tarball(&good);
    server.put(
        url,
        Answer::Turns(vec![
            Answer::Cut(packed.clone(), packed.len() / 2),
            Answer::File(packed),
        ]),
    );
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sounds");
    let mut last = None;
    dataset
        .get_with(&server.fetcher(), &folder, &mut |progress| {
            last = Some((progress.file.to_string(), progress.done, progress.total))
        })
        .unwrap();
    assert_eq!(last.unwrap(), ("r".into(), 6, 6));
    assert_eq!(place::names_in(&folder).unwrap(), ["a.wav", "b.wav"]);
    assert!(dataset.is_complete(&folder));
    assert_eq!(dataset.size(), (2, 6));
    fs::remove_file(folder.join("a.wav")).unwrap();
    assert!(!dataset.is_complete(&folder));
}

#[test]
fn archives_that_are_others() {
    let dataset = archived(&[("b.wav", b"two"), ("a.wav", b"one")]);
    let url = dataset.archive.as_ref().unwrap().url.clone();
    let fails = |archive: Vec<u8>| {
        let server = Server::start();
        server.put(&url, Answer::File(archive));
        get_from(&server, &dataset).unwrap_err()
    };
    let message = fails(tarball(&[("r-1/in/a.wav", b"one")]));
    assert!(message.contains("it has 1 of 2 files"), "{message}");
    let message = fails(tarball(&[
        ("r-1/in/a.wav", b"one"),
        ("r-1/in/b.wav", b"TWO"),
    ]));
    assert!(message.contains("the sha256 is"), "{message}");
    let message = fails(tarball(&[
        ("r-1/in/a.wav", b"one"),
        ("r-1/in/a.wav", b"one"),
    ]));
    assert!(message.contains("comes twice"), "{message}");
    let message = fails(tarball(&[
        ("r-1/in/a.wav", &[b'x'; 5000]),
        ("r-1/in/b.wav", b"two"),
    ]));
    assert!(
        message.contains("`a.wav` has 5000 bytes, too many"),
        "{message}"
    );
    // Names that lead elsewhere are none of the files.
    for name in [
        "r-1/in/../../../b.wav",
        "/in/b.wav",
        "r-1/in/..\\b.wav",
        "r-1/in/.b.wav",
    ] {
        let message = fails(tarball(&[("r-1/in/a.wav", b"one"), (name, b"two")]));
        assert!(message.contains("it has 1 of 2 files"), "{name}: {message}");
    }
    // Megabytes of zeros that are a few hundred bytes packed are not unpacked to their end.
    let message = fails(tarball(&[
        ("r-1/big", &vec![0; 50 << 20]),
        ("r-1/in/a.wav", b"one"),
        ("r-1/in/b.wav", b"two"),
    ]));
    assert!(
        message.contains("it has 0 of 2 files") || message.contains("broke"),
        "{message}"
    );
    assert!(fails(b"no archive".to_vec()).contains("not packed as expected"));
}

#[test]
fn a_mirror_is_an_address() {
    let fetcher =
        |mirror: &str| Fetcher::new(Some(mirror.into()), Default::default(), Default::default());
    assert_eq!(
        fetcher("http://m:1/x/").address("https://host/a"),
        "http://m:1/x/host/a"
    );
    assert_eq!(
        fetcher("http://m:1/x").address("https://host/a"),
        "http://m:1/x/host/a"
    );
}

#[test]
fn the_registry_is_sound() {
    assert!(list().len() >= 34);
    assert!(list().is_sorted_by_key(|dataset| &dataset.name));
    let is_sum = |sum: &str| {
        sum.len() == 64
            && sum
                .bytes()
                .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    };
    for dataset in list() {
        let name = &dataset.name;
        assert_eq!(describe(name).unwrap(), dataset);
        assert!(
            !dataset.licence.is_empty() && !dataset.about.contains('\n'),
            "{name}"
        );
        assert!(
            !dataset.files.is_empty() || dataset.many.is_some(),
            "{name} has no files"
        );
        assert!(
            !(dataset.make.is_some() && dataset.draw.is_some()),
            "{name}"
        );
        for file in dataset.files.iter().chain(&dataset.upstream) {
            assert!(is_sum(&file.sha256) && file.bytes > 0, "{}", file.name);
            assert!(
                !file.name.starts_with('/')
                    && !file.name.contains('\\')
                    && !file.name.contains(".."),
                "{}",
                file.name
            );
        }
        // Each file is fetched, made or drawn, and each address names a commit.
        let names_a_commit = |url: &str| {
            let is_commit =
                |part: &str| part.len() >= 12 && part.bytes().all(|b| b.is_ascii_hexdigit());
            url.starts_with("https://") && url.split('/').any(is_commit)
        };
        for file in &dataset.files {
            match dataset.url(file) {
                Some(url) => assert!(names_a_commit(&url), "{url}"),
                None => assert!(
                    dataset.how() != How::Fetched,
                    "{name}: {} cannot be had",
                    file.name
                ),
            }
        }
        for file in &dataset.upstream {
            assert!(
                names_a_commit(&dataset.address(file).unwrap()),
                "{}",
                file.name
            );
        }
        if let Some(archive) = &dataset.archive {
            assert!(names_a_commit(&archive.url) && is_sum(&archive.sha256));
            assert!(
                archive
                    .take
                    .iter()
                    .all(|pattern| pattern.starts_with(&archive.strip))
            );
            many::patterns(&archive.take).unwrap();
            assert!(archive.unpacked > archive.bytes);
        }
        if let Some(many) = &dataset.many {
            many::patterns(&many.names).unwrap();
            assert!(
                many.sha256
                    .as_deref()
                    .map_or(dataset.draw.is_some(), is_sum),
                "{name}"
            );
        }
        let sources = dataset.upstream.len() + usize::from(dataset.archive.is_some());
        assert_eq!(
            dataset.how() == How::Made,
            dataset.make.is_some() && sources > 0,
            "{name}"
        );
    }
    let message = describe("kma_seoul_dayly").unwrap_err().to_string();
    let question = "there is no dataset `kma_seoul_dayly`; did you mean `kma_seoul_daily`?";
    assert_eq!(message.split("; the datasets").next().unwrap(), question);
}
