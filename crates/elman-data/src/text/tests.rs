use std::path::Path;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::Error;

const ALL: [Special; 4] = [
    Special::Padding,
    Special::Unknown,
    Special::Start,
    Special::End,
];

fn config(toml: &str) -> VocabularyConfig {
    toml::from_str(toml).unwrap()
}

fn build(toml: &str, specials: &[Special], texts: &[&str]) -> Result<Vocabulary, Error> {
    Vocabulary::build(
        &config(toml),
        specials,
        Path::new("."),
        texts.iter().copied(),
    )
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

fn names(vocabulary: &Vocabulary) -> Vec<&str> {
    (0..vocabulary.len() as u32)
        .map(|id| vocabulary.token(id))
        .collect()
}

#[test]
fn characters_by_count_then_alphabet_after_the_special_ones() {
    let vocabulary = build("", &ALL, &["hello", "한글 한"]).unwrap();
    assert_eq!(
        names(&vocabulary),
        [
            "<pad>", "<unk>", "<s>", "</s>", "l", "한", " ", "e", "h", "o", "글"
        ]
    );
    assert_eq!(vocabulary.special(Special::Padding), Some(0));
    assert_eq!(vocabulary.special(Special::End), Some(3));
    assert_eq!(
        vocabulary.encode("한x\u{1112}\u{1161}\u{11ab}").unwrap(),
        [5, 1, 5]
    );
    assert_eq!(vocabulary.decode(&[2, 5, 10, 1, 0, 3, 99]), "한글");
    assert_eq!(
        (
            vocabulary.id("글"),
            vocabulary.id("<s>"),
            vocabulary.id("x")
        ),
        (Some(10), Some(2), None)
    );
    assert_eq!(vocabulary.tokens("글 한").unwrap(), ["글", " ", "한"]);
    assert!(!vocabulary.is_empty());
}

#[test]
fn without_a_token_for_the_unknown_its_place_is_told() {
    let vocabulary = build("", &[Special::End], &["ab\n한"]).unwrap();
    assert_eq!(vocabulary.special(Special::Unknown), None);
    assert_eq!(
        message(vocabulary.encode("a\n한🙂b")),
        "line 2, column 2: the vocabulary does not hold \"🙂\"; it was not in the training texts"
    );
}

#[test]
fn jamo_are_the_characters_of_decomposed_text() {
    let vocabulary = build("normalise = \"nfd\"", &[], &["한국"]).unwrap();
    assert_eq!(vocabulary.len(), 6);
    let ids = vocabulary.encode("국한").unwrap();
    assert_eq!((ids.len(), vocabulary.decode(&ids)), (6, "국한".into()));
    let mut decoder = vocabulary.decoder();
    let given: Vec<String> = ids.iter().map(|&id| decoder.push(id)).collect();
    assert_eq!(given, ["", "", "", "국", "", ""]);
    assert_eq!(
        (decoder.finish(), decoder.finish()),
        ("한".into(), String::new())
    );
}

#[test]
fn words_with_lower_case_size_and_count() {
    let texts = ["The food was good, not bad.", "the FOOD was bad!"];
    let vocabulary = build("tokens = \"words\"\nlowercase = true", &ALL[1..2], &texts).unwrap();
    assert_eq!(
        names(&vocabulary),
        [
            "<unk>", "bad", "food", "the", "was", "!", ",", ".", "good", "not"
        ]
    );
    let ids = vocabulary.encode("Good, not awful.").unwrap();
    assert_eq!(ids, [8, 6, 9, 0, 7]);
    assert_eq!(vocabulary.decode(&ids), "good, not.");
    assert_eq!(
        vocabulary.decode(&vocabulary.encode("good, not bad.").unwrap()),
        "good, not bad."
    );
    let small = build(
        "tokens = \"words\"\nlowercase = true\nsize = 4",
        &ALL[1..2],
        &texts,
    )
    .unwrap();
    assert_eq!(names(&small), ["<unk>", "bad", "food", "the"]);
    let frequent = build("tokens = \"words\"\nmin_count = 2", &ALL[1..2], &texts).unwrap();
    assert_eq!(names(&frequent), ["<unk>", "bad", "was"]);
    let large = build("tokens = \"words\"\nsize = 1000", &ALL, &texts).unwrap();
    assert_eq!(large.len(), 4 + 11);
}

#[test]
fn words_that_are_already_cut_get_one_number_each() {
    let cut = ["U.S.", "isn't", "(a b)", "<s>", "서울입니다", "isn't"];
    let vocabulary =
        Vocabulary::of_words(&config("tokens = \"words\""), &ALL, cut.into_iter()).unwrap();
    assert_eq!(
        vocabulary
            .encode_words(&["isn't", "U.S.", "new", "서울입니다"])
            .unwrap(),
        [4, 7, 1, 8]
    );
    // A word that looks like a special token is a word.
    let ids = vocabulary.encode_words(&["<s>"]).unwrap();
    assert_ne!(Some(ids[0]), vocabulary.special(Special::Start));
    assert_eq!(vocabulary.token(ids[0]), "<s>");
    let strict = Vocabulary::of_words(&config("tokens = \"words\""), &[], cut.into_iter()).unwrap();
    assert_eq!(
        message(strict.encode_words(&["<s>", "x"])),
        "word 2: the vocabulary does not hold \"x\"; it was not in the training texts"
    );
    assert_eq!(
        message(build("", &[], &["a"]).unwrap().encode_words(&["a"])),
        "vocabulary: its tokens are characters, but one number for each word is asked for"
    );
    assert!(
        message(Vocabulary::of_words(&config(""), &[], cut.into_iter()))
            .starts_with("`vocabulary.tokens`: ")
    );
}

#[test]
fn bytes_come_one_at_a_time() {
    let vocabulary = build("tokens = \"bytes\"", &ALL[..2], &[]).unwrap();
    assert_eq!(vocabulary.len(), 258);
    assert_eq!(
        (
            vocabulary.id("a"),
            vocabulary.id("<0x0A>"),
            vocabulary.token(2)
        ),
        (Some(99), Some(12), "<0x00>")
    );
    let ids = vocabulary.encode("한!").unwrap();
    let mut decoder = vocabulary.decoder();
    let given: Vec<String> = ids.iter().map(|&id| decoder.push(id)).collect();
    assert_eq!(given, ["", "", "한", "!"]);
    assert_eq!(
        vocabulary.decode(&[ids[0], ids[3], ids[1]]),
        "\u{fffd}!\u{fffd}"
    );
}

#[test]
fn keys_that_cannot_be_meant() {
    assert_eq!(
        message(build("tokens = \"bytes\"\nsize = 100", &[], &[])),
        "`vocabulary.size`: there are always 256 bytes; leave the key out"
    );
    assert_eq!(
        message(build("size = 2", &ALL, &["abc"])),
        "`vocabulary.size`: 2 leaves no room beside 4 special tokens"
    );
    assert_eq!(
        message(build("size = 2", &[], &["abbc"])),
        "`vocabulary.size`: leaves out 1 of the 3 characters in the training texts, and nothing can stand for them here; leave the key out"
    );
    assert_eq!(
        message(build("tokens = \"words\"\nmin_count = 3", &ALL, &["a b"])),
        "`vocabulary.min_count`: leaves out 2 of the 2 words in the training texts, and nothing can stand for them here; leave the key out"
    );
    for tokens in ["characters", "words"] {
        let text = if tokens == "words" { " \n\u{3000}" } else { "" };
        assert_eq!(
            message(build(&format!("tokens = \"{tokens}\""), &ALL, &[text])),
            "vocabulary: the training texts hold no token; are they empty?"
        );
    }
    let unknown = toml::from_str::<VocabularyConfig>("token = \"words\"").unwrap_err();
    assert!(
        unknown.to_string().contains("unknown field `token`"),
        "{unknown}"
    );
}

#[test]
fn saved_and_read_again() {
    for toml in [
        "",
        "tokens = \"words\"\nlowercase = true",
        "tokens = \"bytes\"",
        "normalise = \"nfd\"",
    ] {
        let vocabulary = build(toml, &ALL, &["\"한글\" \\ \n hello\u{0}", "e\u{301}"]).unwrap();
        let json = vocabulary.to_json();
        let read = Vocabulary::from_json(&json).unwrap();
        assert_eq!((&read, read.digest()), (&vocabulary, vocabulary.digest()));
        let other = build(toml, &ALL[..3], &["\"한글\" \\ \n hello\u{0}", "e\u{301}"]).unwrap();
        assert_ne!(other.digest(), vocabulary.digest());
    }
    assert!(
        message(Vocabulary::from_json("{\"model\": {}}"))
            .starts_with("vocabulary: this is no vocabulary that Elman wrote: ")
    );
    let json = build("", &ALL, &["ab"]).unwrap().to_json();
    assert_eq!(
        message(Vocabulary::from_json(&json.replace("\"a\"", "\"b\""))),
        "vocabulary: the token \"b\" comes twice"
    );
    assert_eq!(
        message(Vocabulary::from_json(&json.replace("\"start\"", "\"end\""))),
        "vocabulary: the special token </s> comes twice"
    );
}

/// Texts with more Hangul, jamo, emoji and combining marks than chance would give.
fn any_text() -> impl Strategy<Value = String> {
    "([가-힣]|[\u{1100}-\u{11ff}]|[a-z \n]|[\u{300}-\u{320}]|[👍🏽👨\u{200d}👩]|\\PC|\\x00){0,60}"
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(text in any_text(), form in 0..4usize) {
        let (name, expected): (_, String) = match form {
            0 => ("nfc", text.nfc().collect()),
            1 => ("nfkc", text.nfkc().collect()),
            2 => ("nfd", text.nfc().collect()),
            _ => ("none", text.clone()),
        };
        for tokens in ["bytes", "characters"] {
            let vocabulary = build(&format!("tokens = \"{tokens}\"\nnormalise = \"{name}\""), &ALL, &[&text, "x"]).unwrap();
            let ids = vocabulary.encode(&text).unwrap();
            prop_assert!(!ids.contains(&1));
            prop_assert_eq!(vocabulary.decode(&ids), &expected[..]);
        }
    }

    #[test]
    fn words_are_the_text_without_white_space(text in any_text()) {
        let vocabulary = build("tokens = \"words\"\nnormalise = \"none\"", &ALL, &[&text, "x"]).unwrap();
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(bare(&vocabulary.tokens(&text).unwrap().concat()), bare(&text));
        prop_assert_eq!(bare(&vocabulary.decode(&vocabulary.encode(&text).unwrap())), bare(&text));
    }
}

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
