//! Every dataset of the registry, got from a server that has tiny files of upstream's form under upstream's addresses. The sums of the
//! registry are replaced by those of the tiny files and of what was worked out by hand that they become.

use super::super::make::tests::{squeezenet_decoded, squeezenet_shapes, zipped_all};
use super::*;

/// Contents by name.
type Files = Vec<(String, Vec<u8>)>;

/// What one maker is given, and what it has to make of it.
struct Tiny {
    upstream: Files,
    /// Paths in the repository.
    archive: Files,
    made: Files,
}

fn files(files: &[(&str, &str)]) -> Files {
    files
        .iter()
        .map(|(name, text)| ((*name).to_string(), text.as_bytes().to_vec()))
        .collect()
}

fn named(names: [&str; 4], contents: impl Fn(&str) -> Vec<u8>) -> Files {
    names.map(|name| (name.to_string(), contents(name))).into()
}

fn tiny(maker: Maker) -> Tiny {
    let (mut upstream, mut archive) = (Files::new(), Files::new());
    let made;
    match maker {
        Maker::Digits => {
            // Two items each, of one pixel or one label: fewer than are kept.
            let idx = |name: &str| {
                if name.contains("images") {
                    [
                        &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1],
                        name.as_bytes(),
                    ]
                    .concat()[..18]
                        .to_vec()
                } else {
                    [&[0, 0, 8, 1, 0, 0, 0, 2], name.as_bytes()].concat()[..10].to_vec()
                }
            };
            let names = [
                "train-images-idx3",
                "train-labels-idx1",
                "t10k-images-idx3",
                "t10k-labels-idx1",
            ];
            upstream = named(names, idx);
            made = upstream
                .iter()
                .map(|(name, idx)| (format!("{name}-ubyte.gz"), idx.clone()))
                .collect();
        }
        Maker::FilmReviews => {
            let film = |film: &str, id: &str, rating: u32, text: &str| {
                format!(
                    r#"[{{"review": "{text}", "date": "", "rating": "{rating}", "author": "", "review_id": "{id}", "movie_id": "{film}"}}]"#
                )
            };
            // Which film is in which set: see the tests of the makers.
            let texts = [
                ("102", film("102", "1", 10, "좋다")),
                ("114", film("114", "2", 1, "나쁘다")),
                ("103", film("103", "3", 9, "최고")),
            ];
            archive = texts
                .map(|(name, text)| (format!("raw/{name}.json"), text.into_bytes()))
                .into();
            made = files(&[
                ("train.tsv", "id\tdocument\tlabel\n1\t좋다\t1\n"),
                ("valid.tsv", "id\tdocument\tlabel\n2\t나쁘다\t0\n"),
                ("test.tsv", "id\tdocument\tlabel\n3\t최고\t1\n"),
            ]);
        }
        Maker::Novels => {
            archive = files(&[
                (
                    "data/jsonl/10_A/text.jsonl",
                    "{\"text\": \"가\"}\n{\"text\": \"나\"}\n",
                ),
                ("data/jsonl/5_B/text.jsonl", "{\"text\": \"다\"}\n"),
                ("data/jsonl/1_C/text.jsonl", "{\"text\": \"라\"}\n"),
            ]);
            made = files(&[
                ("train.txt", "라\n"),
                ("valid.txt", "다\n"),
                ("test.txt", "가\n\n나\n"),
            ]);
        }
        Maker::Photographs => {
            upstream = files(&[
                ("train.txt", "b.jpg\n"),
                ("dev.txt", "a.jpg\n"),
                ("test.txt", "x.jpg\n"),
            ]);
            archive = files(&[("data/images/a.jpg", "a"), ("data/images/b.jpg", "b")]);
            made = files(&[("official_split.tsv", "a.jpg\tdev\nb.jpg\ttrain\n")]);
        }
        Maker::Questions => {
            let texts = [
                ("train.txt", "NUM:dist How far ?\n"),
                ("test.txt", "HUM:ind Who ?\n"),
            ];
            let archive: [(&str, &[u8]); 2] = [
                ("qc/train.txt", texts[0].1.as_bytes()),
                ("qc/test.txt", texts[1].1.as_bytes()),
            ];
            upstream = vec![("qc.zip".into(), zipped_all(&archive))];
            made = files(&texts);
        }
        Maker::SentencePairs => {
            let text = "Go.\tVa !\nBe cool.\tSois calme !\nCold.\tFroid.\n";
            upstream = vec![(
                "fra-eng.zip".into(),
                zipped_all(&[("_about.txt", b"no"), ("fra.txt", text.as_bytes())]),
            )];
            made = files(&[
                ("train.tsv", "Go.\tVa !\n"),
                ("valid.tsv", "Be cool.\tSois calme !\n"),
                ("test.tsv", "Cold.\tFroid.\n"),
            ]);
        }
        Maker::Skeletons => {
            let place = "data/MSRAction3D/real_world_coordinates/a01_s02_e03_skeleton3D.txt";
            archive = vec![(place.into(), "1 2 3 1.0\n".repeat(20).into_bytes())];
            let names: String = (0..20)
                .map(|joint| format!(",j{joint}x,j{joint}y,j{joint}z"))
                .collect();
            let numbers = ",1.000,2.000,3.000".repeat(20);
            let table = format!("seq,action,subject,trial,frame{names}\n0,1,2,3,0{numbers}\n");
            made = files(&[("sequences.csv.gz", &table)]);
        }
        Maker::Squeezenet => {
            // No weight but the first of each layer.
            let layers = squeezenet_shapes();
            let mut net: Vec<u8> = layers.iter().flat_map(|_| 1_u32.to_le_bytes()).collect();
            for shape in &layers {
                net.extend((0..256).flat_map(|code| (code as f32).to_le_bytes()));
                net.extend((0..shape[0]).flat_map(|_| 0.5_f32.to_le_bytes()));
                net.extend([7, 0]);
            }
            // The tests of the makers decode by hand; here the file is what that function makes.
            let weights = squeezenet_decoded(&net);
            upstream = vec![("compressed_SqueezeNet.net".into(), net)];
            made = vec![("squeezenet1_0.safetensors".into(), weights)];
        }
        Maker::Treebank => {
            let text = "# text = Go\n1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n\n";
            let table = "Go\tVERB\tVB\n\n";
            upstream = files(&[
                ("train.conllu", text),
                ("dev.conllu", text),
                ("test.conllu", text),
            ]);
            made = files(&[
                ("train.tsv", table),
                ("dev.tsv", table),
                ("test.tsv", table),
            ]);
        }
    }
    Tiny {
        upstream,
        archive,
        made,
    }
}

/// Serves `contents` as `file`, whose size and sum they become.
fn serve(server: &Server, file: &mut DatasetFile, url: &str, contents: &[u8]) {
    (file.bytes, file.sha256) = (contents.len() as u64, sha256(contents));
    let body = if file.gzip {
        gzip(contents)
    } else {
        contents.into()
    };
    server.put(url, Answer::File(body));
}

fn find<'a>(files: &'a Files, name: &str) -> &'a [u8] {
    &files
        .iter()
        .find(|file| file.0 == name)
        .unwrap_or_else(|| panic!("no {name}"))
        .1
}

/// The dataset with the sums of the tiny files, which the server then has, and the contents of its listed files.
fn shrunk(dataset: &Dataset, server: &Server) -> (Dataset, Files) {
    let mut small = dataset.clone();
    let mut tiny = dataset.make.map_or(
        Tiny {
            upstream: vec![],
            archive: vec![],
            made: vec![],
        },
        tiny,
    );
    if dataset.name == "fsdd" {
        tiny.archive = files(&[
            ("recordings/0_george_0.wav", "zero"),
            ("recordings/9_jackson_19.wav", "nine"),
        ]);
    }
    let mut expected = Files::new();
    for file in &mut small.files {
        let contents = match dataset.url(file) {
            None => find(&tiny.made, &file.name).to_vec(),
            Some(_) => format!("{} of {}\n", file.name, dataset.name).into_bytes(),
        };
        match dataset.url(file) {
            None => (file.bytes, file.sha256) = (contents.len() as u64, sha256(&contents)),
            Some(url) => serve(server, file, &url, &contents),
        }
        expected.push((file.name.clone(), contents));
    }
    for file in &mut small.upstream {
        let url = dataset.address(file).unwrap();
        serve(server, file, &url, find(&tiny.upstream, &file.name));
    }
    if let Some(archive) = &mut small.archive {
        let mut list = many::Listing::default();
        let stripped = |name: &str| name.strip_prefix(&archive.strip).unwrap().to_string();
        tiny.archive
            .iter()
            .for_each(|(name, bytes)| list.add(stripped(name), sha256(bytes)));
        archive.files = tiny.archive.len();
        archive.bytes = tiny.archive.iter().map(|file| file.1.len() as u64).sum();
        archive.sha256 = list.sum();
        let mut entries = files(&[
            ("repository-1/README.md", "not taken"),
            ("repository-1/recordings/0_george_20.wav", "not taken"),
        ]);
        entries.extend(
            tiny.archive
                .iter()
                .map(|(name, bytes)| (format!("repository-1/{name}"), bytes.clone())),
        );
        let entries: Vec<(&str, &[u8])> = entries
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        server.put(&archive.url, Answer::File(tarball(&entries)));
        if let Some(many) = &mut small.many {
            (many.files, many.bytes, many.sha256) =
                (archive.files, archive.bytes, Some(archive.sha256.clone()));
        }
    }
    (small, expected)
}

#[test]
fn every_dataset_can_be_got() {
    let server = Server::start();
    let root = tempfile::tempdir().unwrap();
    let mut got = 0;
    for dataset in list().iter().filter(|dataset| dataset.how() != How::Drawn) {
        let name = &dataset.name;
        let folder = root.path().join(name);
        let (small, expected) = shrunk(dataset, &server);
        assert!(!small.is_complete(&folder));
        small
            .get_with(&server.fetcher(), &folder, &mut |_| {})
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(small.is_complete(&folder), "{name}");
        assert_eq!(
            place::names_in(&folder).unwrap().len(),
            small.size().0,
            "{name}"
        );
        for (file, contents) in &expected {
            let mut found = fs::read(folder.join(file)).unwrap();
            if small
                .files
                .iter()
                .any(|listed| listed.name == *file && listed.packed)
            {
                found = std::io::Read::bytes(flate2::read::GzDecoder::new(&found[..]))
                    .map(Result::unwrap)
                    .collect();
            }
            assert_eq!(&found, contents, "{name}: {file}");
        }
        small
            .get_with(&server.fetcher(), &folder, &mut |_| {
                panic!("{name} is there")
            })
            .unwrap();
        got += 1;
    }
    assert!(got >= 30, "{got}");
}

#[test]
fn what_is_made_is_checked_and_nothing_else_is_kept() {
    let server = Server::start();
    let root = tempfile::tempdir().unwrap();
    for dataset in list().iter().filter(|dataset| dataset.how() == How::Made) {
        let folder = root.path().join(&dataset.name);
        let (mut small, _) = shrunk(dataset, &server);
        let made = small
            .files
            .iter()
            .position(|file| small.url(file).is_none())
            .unwrap();
        small.files[made].sha256 = "0".repeat(64);
        let message = small
            .get_with(&server.fetcher(), &folder, &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("was made here and is not what the registry lists"),
            "{message}"
        );
        let left = place::names_in(&folder).unwrap_or_default();
        assert!(
            left.iter().all(|name| small
                .files
                .iter()
                .any(|file| file.name == *name && small.url(file).is_some())),
            "{left:?}"
        );
        assert!(!folder.join(".partial").exists() && !small.is_complete(&folder));
    }
}

#[test]
fn a_part_that_is_lacking_upstream_is_named() {
    let server = Server::start();
    let root = tempfile::tempdir().unwrap();
    for dataset in list().iter().filter(|dataset| dataset.how() != How::Drawn) {
        let (small, _) = shrunk(dataset, &server);
        let fetched = small.files.iter().filter_map(|file| small.url(file));
        let fetched = fetched.chain(small.upstream.iter().filter_map(|file| small.address(file)));
        let mut urls: Vec<String> = fetched
            .chain(small.archive.iter().map(|archive| archive.url.clone()))
            .collect();
        let gone = urls.remove(urls.len() / 2);
        server.put(&gone, Answer::Status("404 Not Found"));
        let folder = root.path().join(&dataset.name);
        let message = small
            .get_with(&server.fetcher(), &folder, &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(
            message.contains(&server.url_of(&gone)) && message.contains("404"),
            "{message}"
        );
        assert!(!small.is_complete(&folder) && !folder.join(".partial").exists());
    }
}
