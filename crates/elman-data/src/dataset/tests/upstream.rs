//! The makers on what upstream really publishes, where copies of it are at hand: `ELMAN_UPSTREAM` names a folder that holds, for every
//! address `https://HOST/PATH`, the file `HOST/PATH`. Without it this test says so and passes.

use super::*;

#[test]
fn what_is_published_becomes_what_the_registry_lists() {
    let Some(copies) = std::env::var_os("ELMAN_UPSTREAM").map(PathBuf::from) else {
        return eprintln!(
            "SKIPPED: set ELMAN_UPSTREAM to a folder with copies of what is published to run this test"
        );
    };
    let root = tempfile::tempdir().unwrap();
    let mut got = Vec::new();
    for dataset in list().iter().filter(|dataset| dataset.how() != How::Drawn) {
        let fetched = dataset.files.iter().filter_map(|file| dataset.url(file));
        let fetched = fetched.chain(
            dataset
                .upstream
                .iter()
                .filter_map(|file| dataset.address(file)),
        );
        let urls: Vec<String> = fetched
            .chain(dataset.archive.iter().map(|archive| archive.url.clone()))
            .collect();
        let copy = |url: &String| copies.join(url.trim_start_matches("https://"));
        if let Some(lacking) = urls.iter().find(|url| !copy(url).is_file()) {
            eprintln!("SKIPPED: {} (no copy of {lacking})", dataset.name);
            continue;
        }
        let server = Server::start();
        for url in &urls {
            server.put(url, Answer::File(fs::read(copy(url)).unwrap()));
        }
        let folder = root.path().join(&dataset.name);
        dataset
            .get_with(&server.fetcher(), &folder, &mut |_| {})
            .unwrap_or_else(|error| panic!("{}: {error}", dataset.name));
        assert!(dataset.is_complete(&folder));
        fs::remove_dir_all(&folder).unwrap();
        got.push(dataset.name.as_str());
    }
    eprintln!("made or fetched as listed: {}", got.join(", "));
    assert!(!got.is_empty());
}
