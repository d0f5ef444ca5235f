//! Vocabularies.

mod subwords;

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
            .encode_words(["isn't", "U.S.", "new", "서울입니다"])
            .unwrap(),
        [4, 7, 1, 8]
    );
    // A word that looks like a special token is a word.
    let ids = vocabulary.encode_words(["<s>"]).unwrap();
    assert_ne!(Some(ids[0]), vocabulary.special(Special::Start));
    assert_eq!(vocabulary.token(ids[0]), "<s>");
    let strict = Vocabulary::of_words(&config("tokens = \"words\""), &[], cut.into_iter()).unwrap();
    assert_eq!(
        message(strict.encode_words(["<s>", "x"])),
        "word 2: the vocabulary does not hold \"x\"; it was not in the training texts"
    );
    assert_eq!(
        message(build("", &[], &["a"]).unwrap().encode_words(["a"])),
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
