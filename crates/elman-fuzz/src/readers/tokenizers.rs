//! Vocabularies as runs keep them, and `tokenizer.json`.

use super::texts::{sentence, tokens_there_and_back};
use super::{config, said, tables};
use crate::reader::{Case, Reader};
use elman_data::text::{Special, Vocabulary, VocabularyConfig};
use serde_json::json;
use std::io;
use std::path::Path;

const KINDS: [&str; 7] = [
    "bytes",
    "characters",
    "dna",
    "words",
    "bpe",
    "word_piece",
    "unigram",
];

/// A vocabulary of each kind, as a run keeps it.
fn vocabularies(work: &Path) -> io::Result<Vec<(&'static str, String)>> {
    let made = KINDS.map(|kind| {
        let pieces = ["bpe", "word_piece", "unigram"].contains(&kind);
        let size = if pieces { Some(300) } else { None };
        let config: VocabularyConfig = config(&json!({"tokens": kind, "size": size}).to_string());
        let text = if kind == "dna" {
            "ACGTNA".repeat(20)
        } else {
            tables::table("", 60, sentence)
        };
        let specials = [
            Special::Padding,
            Special::Unknown,
            Special::Start,
            Special::End,
        ];
        let built = Vocabulary::build(&config, &specials, work, text.lines());
        built
            .map(|vocabulary| (kind, vocabulary.to_json()))
            .map_err(io::Error::other)
    });
    made.into_iter().collect()
}

pub(super) fn vocabulary(work: &Path) -> io::Result<Reader> {
    let cases = vocabularies(work)?
        .into_iter()
        .map(|(kind, json)| Case::text(format!("{kind}.json"), json).whole_but(3));
    Ok(Reader::new("vocabulary", cases.collect(), |_, path| {
        let text = std::fs::read_to_string(path).map_err(said)?;
        let vocabulary = Vocabulary::from_json(&text).map_err(said)?;
        tokens_there_and_back(&vocabulary, "A good 영화가 don't <pad> \u{1F600} ACGT…").or(Ok(()))
    })
    .holding(64 << 20, 512)
    .every(4))
}

/// `tokenizer.json`, as other programs write it.
pub(super) fn tokenizer(work: &Path) -> io::Result<Reader> {
    let mut cases = Vec::new();
    for (kind, json) in vocabularies(work)? {
        let saved: serde_json::Value = serde_json::from_str(&json)?;
        let inner = saved
            .as_object()
            .and_then(|fields| fields.values().find_map(tokenizer_in));
        if let Some(tokenizer) = inner {
            cases.push(Case::text(format!("{kind}.json"), tokenizer));
        }
    }
    if cases.is_empty() {
        return Err(io::Error::other("no kind of vocabulary holds a tokenizer"));
    }
    let parts = [
        r#""decoder": {"type": "Strip", "content": " ", "start": 1, "stop": 1}"#,
        r#""decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}"#,
        r#""decoder": {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": true}"#,
        r#""pre_tokenizer": {"type": "FixedLength", "length": 3}"#,
        r#""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Isolated", "invert": false}"#,
        r#""normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "NFKC"}, {"type": "StripAccents"}]}"#,
        r#""truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}"#,
        r#""post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {}}"#,
        r#""added_tokens": [{"id": 5, "content": "x", "single_word": false, "lstrip": true, "rstrip": true, "normalized": false, "special": true}]"#,
    ];
    // Other parts in place of those that our own tokenizers have: files to be mutated, and blocks to splice from.
    for part in parts {
        let part: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&format!("{{{part}}}"))?;
        let mut whole: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&cases[0].bytes)?;
        let name = part.keys().next().cloned().unwrap_or_default();
        whole.extend(part);
        cases.push(Case::text(
            format!("{name}-{}.json", cases.len()),
            serde_json::to_vec_pretty(&whole)?,
        ));
    }
    let base = work.to_owned();
    Ok(Reader::new("tokenizer", cases, move |_, path| {
        let vocabulary: VocabularyConfig = config(&json!({ "file": path }).to_string());
        let vocabulary = Vocabulary::build(
            &vocabulary,
            &[Special::Unknown, Special::End],
            &base,
            ["good 영화가 it is"].into_iter(),
        )
        .map_err(said)?;
        tokens_there_and_back(&vocabulary, "A good 영화가 don't <pad> \u{1F600} x…")?;
        let again = Vocabulary::from_json(&vocabulary.to_json())
            .unwrap_or_else(|error| panic!("what a run keeps is not read: {error}"));
        tokens_there_and_back(&again, "it is")
    })
    .holding(64 << 20, 512)
    .every(4))
}

/// The text of a tokenizer that a saved vocabulary holds, as a text or as an object.
fn tokenizer_in(field: &serde_json::Value) -> Option<String> {
    let text = match field {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (text.starts_with('{') && text.contains("\"model\"")).then_some(text)
}
