use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::{fs, thread};

use super::*;

/// A server of one answer per connection on 127.0.0.1; gives its address.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            stream.write_all(&answer).unwrap();
        }
    });
    address
}

fn ok(body: &[u8], announced: usize) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn dataset(base_url: String, bytes: u64) -> Dataset {
    // printf 'month,x\n1949-01,1\n' | sha256sum
    let sha256 = "4023f4f3848f59855fc9c65589c2c91c5dd7ef946e89963910f6162a436ef80e";
    let file = DatasetFile {
        name: "a.csv".into(),
        url: Some("data/a.csv".into()),
        gzip: false,
        sha256: sha256.into(),
        bytes,
    };
    let text = String::new;
    Dataset {
        name: "tiny".into(),
        about: text(),
        licence: text(),
        source: text(),
        split: text(),
        base_url: Some(base_url),
        make: None,
        maker: None,
        files: vec![file],
    }
}

const BODY: &[u8] = b"month,x\n1949-01,1\n";

#[test]
fn a_file_arrives_whole_and_is_not_fetched_twice() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("cache/tiny");
    let dataset = dataset(serve(vec![ok(BODY, BODY.len())]), BODY.len() as u64); // a second request would be refused
    let mut seen = Vec::new();
    dataset
        .get_into(&target, &mut |progress| {
            seen.push((progress.file.to_owned(), progress.done, progress.total))
        })
        .unwrap();
    assert_eq!(fs::read(target.join("a.csv")).unwrap(), BODY);
    assert_eq!(seen.last().unwrap(), &("a.csv".to_owned(), 18, 18));
    assert!(dataset.is_complete(&target));
    dataset
        .get_into(&target, &mut |_| panic!("nothing is left to fetch"))
        .unwrap();
}

#[test]
fn what_is_published_compressed_is_kept_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(BODY).unwrap();
    let packed = packed.finish().unwrap();
    let mut dataset = dataset(serve(vec![ok(&packed, packed.len())]), BODY.len() as u64);
    dataset.files[0].gzip = true;
    dataset.get_into(folder.path(), &mut |_| {}).unwrap();
    assert_eq!(fs::read(folder.path().join("a.csv")).unwrap(), BODY);
}

#[test]
fn what_cannot_be_fetched_is_told_how_to_make() {
    let folder = tempfile::tempdir().unwrap();
    let mut dataset = dataset(String::new(), BODY.len() as u64);
    (dataset.base_url, dataset.make) = (None, Some("Cut the columns.".into()));
    let message = dataset
        .get_into(folder.path(), &mut |_| {})
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("a.csv` is absent or not the file")
            && message.contains("Cut the columns. (The source is"),
        "{message}"
    );
    fs::write(folder.path().join("a.csv"), BODY).unwrap();
    dataset.get_into(folder.path(), &mut |_| {}).unwrap();
}

/// The message of a failed download, which must leave no file behind.
fn failure(answer: Vec<u8>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let dataset = dataset(serve(vec![answer]), BODY.len() as u64);
    let message = dataset
        .get_into(folder.path(), &mut |_| {})
        .unwrap_err()
        .to_string();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{message}");
    message.replace(&dataset.base_url.unwrap(), "http://host/")
}

#[test]
fn another_file_is_refused_with_both_sums() {
    let message = failure(ok(b"month,x\n1949-01,2\n", BODY.len()));
    assert!(
        message.starts_with("http://host/data/a.csv: the sha256 is "),
        "{message}"
    );
    assert!(message.contains("but the registry says 4023f4f3848f59855fc9c65589c2c91c5dd7ef946e89963910f6162a436ef80e; nothing was kept"), "{message}");
    assert!(
        failure(ok(&[b'x'; 100_000], 100_000)).contains("the sha256 is"),
        "a larger file is not fetched to its end"
    );
}

#[test]
fn answers_that_are_no_file() {
    let say = |head: &str| {
        failure(
            format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .into_bytes(),
        )
    };
    assert_eq!(
        say("404 Not Found"),
        "cannot fetch http://host/data/a.csv: the server has no such file (404); it may have moved upstream"
    );
    assert_eq!(
        say("503 Busy"),
        "cannot fetch http://host/data/a.csv: the server answered 503"
    );
    let broken = failure(ok(&BODY[..5], BODY.len()));
    assert!(
        broken.contains("the connection broke after 5 of 18 bytes"),
        "{broken}"
    );
}

#[test]
fn offline_says_where_to_put_the_files() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    }; // closed again: connections are refused
    let folder = tempfile::tempdir().unwrap();
    let message = dataset(address, 18)
        .get_into(folder.path(), &mut |_| {})
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("if this machine is offline, put the files into $ELMAN_DATA/<name>/"),
        "{message}"
    );
}

#[test]
fn the_registry_is_sound() {
    assert!(list().len() >= 21);
    assert!(list().is_sorted_by_key(|dataset| &dataset.name));
    for dataset in list() {
        assert_eq!(describe(&dataset.name).unwrap(), dataset);
        match (&dataset.base_url, &dataset.make) {
            (Some(url), None) => {
                assert!(url.starts_with("https://") && url.ends_with('/'), "{url}")
            }
            (None, Some(make)) => assert!(make.ends_with('.') && !make.contains('\n'), "{make}"),
            (None, None) => assert!(dataset.maker.is_some(), "{}", dataset.name),
            _ => panic!("{}: either an address or how to make it", dataset.name),
        }
        assert!(
            !dataset.files.is_empty()
                && !dataset.licence.is_empty()
                && !dataset.about.contains('\n')
        );
        for file in &dataset.files {
            assert!(
                file.sha256.len() == 64
                    && file
                        .sha256
                        .bytes()
                        .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
            );
            assert!(
                file.bytes > 0
                    && !file.name.starts_with('/')
                    && !file.name.contains('\\')
                    && !file.name.contains(".."),
                "{}",
                file.name
            );
        }
    }
    assert_eq!(
        describe("kma_seoul_dayly")
            .unwrap_err()
            .to_string()
            .split("; the datasets")
            .next()
            .unwrap(),
        "there is no dataset `kma_seoul_dayly`; did you mean `kma_seoul_daily`?"
    );
}
