//! What reading texts may cost: the most memory that is held at a time, beside the size of the file.
#![allow(unsafe_code)] // an allocator that counts

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use elman_data::Ragged;
use elman_data::text::{
    RowSplit, RowsConfig, Special, TaggedConfig, Vocabulary, VocabularyConfig, read_parallel,
    read_parts, read_rows, read_tagged, read_texts,
};

/// The system's allocator, counting what is held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(held, Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that are held at a time while something is done, beyond those before.
fn most<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let done = work();
    (MOST.load(Relaxed) - before, done)
}

#[track_caller]
fn assert_most(what: &str, most: usize, allowed: f64) {
    let shown = most as f64 / 1e6;
    assert!(
        most as f64 <= allowed,
        "{what}: {shown:.2} MB of {:.2}",
        allowed / 1e6
    );
}

fn words(row: usize, count: usize) -> String {
    let word = |at: usize| format!("w{}", (row * 31 + at * 17) % 997);
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

/// The bytes of rows besides their text: a number, its line, and where each of two cells begins and ends.
const ROW: f64 = 56.0;

// One test, so that nothing else is held meanwhile.
#[test]
fn texts_cost_little_more_than_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), &text).unwrap();
        text.len() as f64
    };
    let base = folder.path();

    let lines = |count: usize, length: usize| {
        (0..count)
            .map(|row| words(row, length) + "\n")
            .collect::<String>()
    };
    let size = write("long.txt", lines(20_000, 50));
    whole_text(base, "long.txt", size);

    let table = |count: usize, length: usize| {
        let row = |row: usize| format!("{},{}\n", words(row, length), ["pos", "neg"][row % 2]);
        "text,label\n".to_owned() + &(0..count).map(row).collect::<String>()
    };
    let size = write("tiny.csv", table(50_000, 2));
    rows(base, "tiny.csv", size, 50_000);
    let size = write("long.csv", table(10_000, 50));
    rows(base, "long.csv", size, 10_000);
    let json = |row: usize| format!("{{\"text\": \"{}\", \"label\": \"a\"}}\n", words(row, 50));
    let size = write("long.jsonl", (0..10_000).map(json).collect());
    rows(base, "long.jsonl", size, 10_000);

    let size = write("a.txt", lines(10_000, 50)) + write("b.txt", lines(10_000, 50));
    let (peak, pairs) =
        most(|| read_parallel(&["a.txt".into()], &["b.txt".into()], None, base).unwrap());
    assert_most("pairs", peak, 1.1 * size + 1.4 * ROW * pairs.len() as f64);

    let tagged = |row: usize| match row % 20 {
        0 => "\n".into(),
        _ => format!("{}\tTAG\n", words(row, 1)),
    };
    let size = write("tagged.tsv", (0..100_000).map(tagged).collect());
    let (peak, sentences) =
        most(|| read_tagged(&["tagged.tsv".into()], &TaggedConfig::default(), base).unwrap());
    assert_eq!(sentences.len(), 5_000);
    assert_most(
        "sentences",
        peak,
        1.1 * size + 3.0 * ROW * sentences.len() as f64,
    );
}

/// The text, its tokens with an eighth more room, and nothing that is as long.
fn whole_text(base: &Path, name: &str, size: f64) {
    let (peak, files) = most(|| read_texts(&[name.into()], None, base).unwrap());
    assert_most("text", peak, 1.05 * size);
    let text = files[0].text.as_str();
    for (toml, per_byte) in [
        ("", 1.0),
        ("lowercase = true\nnormalise = \"nfd\"", 1.0),
        ("tokens = \"words\"", 0.25),
    ] {
        let config: VocabularyConfig = toml::from_str(toml).unwrap();
        let specials = [Special::Unknown];
        let (peak, vocabulary) = most(|| {
            let texts = std::iter::once(text);
            Vocabulary::build(&config, &specials, base, texts).unwrap()
        });
        assert_most(toml, peak, 1e6);
        let (peak, ids) = most(|| vocabulary.encode_all(&[text], None).unwrap());
        assert!(ids.len() as f64 <= per_byte * size);
        assert_most(toml, peak, 1.2 * 4.0 * ids.len() as f64 + 0.6e6);
        let (peak, known) = most(|| vocabulary.knows(text));
        assert!(known);
        assert_most(toml, peak, 0.5e6);
    }
}

/// The text and small rows; and then their tokens, wherever they are divided.
fn rows(base: &Path, name: &str, size: f64, count: usize) {
    let config = RowsConfig {
        files: vec![name.into()],
        ..RowsConfig::default()
    };
    let columns = ["text".into(), "label".into()];
    let (peak, rows) = most(|| read_rows(&config, &config.files, &columns, base).unwrap());
    assert_eq!(rows.len(), count);
    assert_most(name, peak, 1.1 * size + 1.2 * ROW * count as f64);
    drop(rows);

    let (peak, parts) = most(|| read_parts(&config, &columns, &RowSplit::default(), base).unwrap());
    assert_most(name, peak, 1.1 * size + 1.6 * ROW * count as f64);
    let config = VocabularyConfig::default();
    let texts = || parts.train.iter().map(|row| row.field(0));
    let vocabulary = Vocabulary::build(&config, &[], base, texts()).unwrap();
    let (peak, tokens) = most(|| {
        let mut tokens = Ragged::with_capacity(parts.train.len());
        texts().for_each(|text| tokens.push(&vocabulary.encode(text).unwrap()));
        tokens
    });
    let kept = 4.0 * tokens.values().len() as f64 + 8.0 * tokens.len() as f64;
    assert_most(name, peak, 1.3 * kept);
}
