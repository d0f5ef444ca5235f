//! Vocabularies of pieces of words.

use super::*;

/// Enough text of two languages to learn pieces from.
fn corpus() -> Vec<String> {
    let (subjects, verbs) = (
        ["나는", "학교에서", "the teacher", "walking", "서울의 봄"],
        ["갔다", "읽었다", "walked", "is reading", "좋아한다"],
    );
    (0..400)
        .map(|i| {
            format!(
                "{} {} {}{}",
                subjects[i % 5],
                verbs[(i / 5 + i / 31) % 5],
                i * i % 97,
                ["!", ".", " don't…"][i % 3]
            )
        })
        .collect()
}

fn subwords(tokens: &str, more: &str) -> Vocabulary {
    let corpus = corpus();
    let texts: Vec<&str> = corpus.iter().map(String::as_str).collect();
    build(&format!("tokens = \"{tokens}\"\n{more}"), &ALL, &texts)
        .unwrap_or_else(|error| panic!("{tokens}: {error}"))
}

#[test]
fn subwords_are_trained_alike_every_time_and_read_back() {
    for (tokens, size) in [("bpe", 330), ("word_piece", 150), ("unigram", 150)] {
        let vocabulary = subwords(tokens, &format!("size = {size}"));
        assert!(vocabulary.len() <= size, "{tokens}: {}", vocabulary.len());
        // Where there are enough pieces to learn.
        assert!(
            vocabulary.len() == size || tokens == "unigram",
            "{tokens}: {}",
            vocabulary.len()
        );
        assert_eq!(vocabulary.kind().to_string(), tokens);
        for _ in 0..5 {
            assert_eq!(
                subwords(tokens, &format!("size = {size}")).digest(),
                vocabulary.digest(),
                "{tokens}"
            );
        }
        let read = Vocabulary::from_json(&vocabulary.to_json()).unwrap();
        assert_eq!((&read, read.digest()), (&vocabulary, vocabulary.digest()));
        for text in corpus() {
            let ids = vocabulary.encode(&text).unwrap();
            assert!(ids.iter().all(|&id| id >= 4), "{tokens}: {ids:?}");
            assert!(
                ids.len() <= text.chars().count(),
                "{tokens}: {text} {ids:?}"
            );
            assert_eq!(vocabulary.decode(&ids), text, "{tokens}");
            assert_eq!(read.encode(&text).unwrap(), ids);
            assert_eq!(vocabulary.tokens(&text).unwrap().len(), ids.len());
            let mut decoder = vocabulary.decoder();
            let streamed: String = ids.iter().map(|&id| decoder.push(id)).collect();
            assert_eq!(streamed + &decoder.finish(), text);
        }
    }
}

#[test]
fn what_a_word_piece_or_unigram_vocabulary_does_not_know() {
    for tokens in ["word_piece", "unigram"] {
        let vocabulary = subwords(tokens, "size = 200");
        let ids = vocabulary.encode("나는 🙂 walked").unwrap();
        assert!(ids.contains(&1), "{tokens}");
        assert_eq!(
            vocabulary
                .decode(&ids)
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["나는", "walked"]
        );
        let corpus = corpus();
        let texts: Vec<&str> = corpus.iter().map(String::as_str).collect();
        let strict = build(
            &format!("tokens = \"{tokens}\"\nsize = 200"),
            &ALL[2..],
            &texts,
        )
        .unwrap();
        let message = message(strict.encode("나는 🙂 walked"));
        assert!(
            message.contains("the vocabulary does not hold") && message.contains('🙂'),
            "{message}"
        );
    }
    let vocabulary = subwords("bpe", "size = 300");
    assert!(!vocabulary.encode("새로운 🙂\u{0}").unwrap().contains(&1));
}

#[test]
fn subwords_of_jamo_and_of_lower_case() {
    let vocabulary = subwords("bpe", "size = 400\nnormalise = \"nfd\"\nlowercase = true");
    let ids = vocabulary.encode("나는 WALKED").unwrap();
    assert_eq!(vocabulary.decode(&ids), "나는 walked");
    let mut decoder = vocabulary.decoder();
    let pieces: Vec<String> = ids.iter().map(|&id| decoder.push(id)).collect();
    assert!(
        pieces.iter().all(|piece| piece.nfc().eq(piece.chars())),
        "{pieces:?}"
    );
}

#[test]
fn subword_sizes_and_texts_that_cannot_be() {
    let fails = |toml: &str, text: &str| message(build(toml, &ALL, &[text]));
    assert_eq!(
        fails("tokens = \"bpe\"\nsize = 200", "a"),
        "`vocabulary.size`: bpe needs 256 tokens for the bytes besides the special ones; raise it"
    );
    for tokens in ["word_piece", "unigram"] {
        let message = fails(
            &format!("tokens = \"{tokens}\"\nsize = 8"),
            "가나다라마바사",
        );
        assert!(
            message
                .starts_with("`vocabulary.size`: the characters of the training texts alone are "),
            "{message}"
        );
    }
    for tokens in ["bpe", "word_piece", "unigram"] {
        assert_eq!(
            fails(&format!("tokens = \"{tokens}\""), " \n"),
            "vocabulary: the training texts hold no token; are they empty?"
        );
        // Tiny texts, and texts without white space, are no reason to fail.
        for text in ["a", "가가가", &"긴문장".repeat(50_000)] {
            let vocabulary = build(&format!("tokens = \"{tokens}\""), &ALL, &[text])
                .unwrap_or_else(|error| panic!("{tokens}: {error}"));
            vocabulary.encode(text).unwrap();
        }
    }
}

#[test]
fn a_tokenizer_file_is_used_as_it_is() {
    let trained = subwords("bpe", "size = 300");
    let saved: serde_json::Value = serde_json::from_str(&trained.to_json()).unwrap();
    let file = saved["tokenizer"].as_str().unwrap();
    let load = |content: &str| {
        support::with_files(&[("tokenizer.json", content.as_bytes())], |base| {
            Vocabulary::build(
                &config("file = \"tokenizer.json\""),
                &ALL,
                base,
                ["x"].into_iter(),
            )
        })
    };
    let loaded = load(file).unwrap();
    assert_eq!(
        (loaded.kind(), loaded.encode("나는 walked").unwrap()),
        (Tokens::Bpe, trained.encode("나는 walked").unwrap())
    );
    // Padding, truncation, dropout and special tokens of the file do not reach the numbers or the text.
    let mut changed: serde_json::Value = serde_json::from_str(file).unwrap();
    changed["truncation"] = serde_json::json!({"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0});
    changed["padding"] = serde_json::json!({"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "!"});
    changed["model"]["dropout"] = 0.5.into();
    changed["added_tokens"] = serde_json::json!([{"id": 296, "content": "<|end|>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}]);
    let loaded = load(&changed.to_string()).unwrap();
    assert_eq!(
        loaded.encode("나는 walked").unwrap(),
        trained.encode("나는 walked").unwrap()
    );
    let end = loaded.encode("walked<|end|>").unwrap();
    assert_eq!(
        (end.last(), loaded.decode(&end)),
        (Some(&300), "walked".into())
    );

    let starts = |content: &str, expected: &str| {
        let message = load(content).unwrap_err();
        assert!(message.starts_with(expected), "{message}");
    };
    let foreign = "vocabulary: `tokenizer.json`: this is no tokenizer.json as the tokenizers library writes it: ";
    starts("{\"version\": \"1.0\"", foreign);
    starts("{\"a\": 0, \"b\": 1}", foreign);
    starts("", foreign);
    starts(
        "{\"version\": \"1.0\", \"model\": {\"type\": \"Mystery\"}}",
        foreign,
    );
    changed["added_tokens"] = serde_json::json!([]);
    changed["model"]["vocab"] = serde_json::json!({});
    changed["model"]["merges"] = serde_json::json!([]);
    starts(
        &changed.to_string(),
        "vocabulary: `tokenizer.json`: it numbers 0 tokens up to 0",
    );
    changed["model"]["vocab"] = serde_json::json!({"a": 4_000_000_000u32});
    starts(
        &changed.to_string(),
        "vocabulary: `tokenizer.json`: it numbers 1 tokens up to 4000000001",
    );
    let missing = message(build("file = \"absent.json\"", &ALL, &["x"]));
    assert!(
        missing.starts_with("there is no file `./absent.json`"),
        "{missing}"
    );
}

#[test]
fn tokenizers_of_other_makes_decode_by_their_own_rules() {
    let load = |file: serde_json::Value| {
        let mut whole = serde_json::json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
            "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
        });
        whole
            .as_object_mut()
            .unwrap()
            .extend(file.as_object().unwrap().clone());
        support::with_files(&[("t.json", whole.to_string().as_bytes())], |base| {
            Vocabulary::build(&config("file = \"t.json\""), &ALL, base, ["x"].into_iter())
        })
    };
    let round = |vocabulary: &Vocabulary, text: &str| {
        let ids = vocabulary.encode(text).unwrap();
        let mut decoder = vocabulary.decoder();
        let pieces: Vec<String> = ids.iter().map(|&id| decoder.push(id)).collect();
        assert_eq!(pieces.concat() + &decoder.finish(), vocabulary.decode(&ids));
        (vocabulary.decode(&ids), pieces)
    };

    // As Llama's: bytes for what is not in the vocabulary, and a decoder of several steps.
    let mut pieces = serde_json::Map::new();
    pieces.insert("<unk>".into(), 0.into());
    (0..256).for_each(|byte| drop(pieces.insert(format!("<0x{byte:02X}>"), (byte + 1).into())));
    for (i, piece) in ["▁", "a", "b", "▁a", "ab", "▁ab"].iter().enumerate() {
        pieces.insert((*piece).into(), (257 + i).into());
    }
    let llama = load(serde_json::json!({
        "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
            "vocab": pieces, "merges": [["▁", "a"], ["a", "b"], ["▁a", "b"]]},
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
            {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    }))
    .unwrap();
    let (text, pieces) = round(&llama, "ab ab 한🙂b a");
    assert_eq!(text, "ab ab 한🙂b a");
    assert_eq!(
        pieces,
        ["ab", " ab", " ", "", "", "한", "", "", "", "🙂", "b", " a"]
    );
    // Bytes that are no character do not hold the text back for ever.
    let lone = llama.id("<0xF0>").unwrap();
    let mut decoder = llama.decoder();
    let given: String = [lone; 9].iter().map(|&id| decoder.push(id)).collect();
    assert!(!given.is_empty());

    // As BERT's: a normaliser of its own, pieces with ##, special tokens in brackets.
    let bert = serde_json::json!({
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "walk": 2, "##ed": 3, ",": 4, "good": 5}},
        "added_tokens": [{"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    });
    let loaded = load(bert.clone()).unwrap();
    assert_eq!(round(&loaded, "Good, WALKED 한 [PAD]").0, "good, walked");
    assert_eq!(loaded.encode("good 한").unwrap(), [9, 1]);
    let mut broken = bert;
    broken["model"]["unk_token"] = "[MISSING]".into();
    let message = load(broken).unwrap_err();
    assert!(
        message.starts_with("vocabulary: `t.json`: the tokenizer failed: "),
        "{message}"
    );

    let words = load(serde_json::json!({
        "model": {"type": "WordLevel", "vocab": {"나는": 0, "간다": 1, "?": 2}, "unk_token": "?"},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
    }))
    .unwrap();
    assert_eq!(
        (round(&words, "간다  나는 간다 x").0, words.kind()),
        ("간다 나는 간다".into(), Tokens::Words)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn byte_level_subwords_decode_to_any_text(texts in prop::collection::vec(any_text(), 20)) {
        static VOCABULARY: std::sync::LazyLock<Vocabulary> = std::sync::LazyLock::new(|| subwords("bpe", "size = 320\nnormalise = \"none\""));
        for text in &texts {
            let ids = VOCABULARY.encode(text).unwrap();
            prop_assert!(!ids.contains(&1));
            prop_assert_eq!(&VOCABULARY.decode(&ids), text);
        }
    }
}
