//! What a text holds.

use crate::content::{Kind, hangul, name};
use crate::facts::{Facts, counted, listed, size};
use crate::failure::Failure;
use elman_data::text::{Characters, RowFormat, RowsConfig, read_rows, read_texts};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Characters that are named.
const SHOWN: usize = 12;

/// Running text: characters, lines, words, what it is written in.
pub fn describe(path: &Path) -> Result<Facts, Failure> {
    let base = path.parent().unwrap_or(Path::new(""));
    let read = |encoding| read_texts(&[name(path)], encoding, base);
    let (text, utf8) = match read(None) {
        Ok(files) => (files, true),
        Err(error) => (read(Some("auto")).map_err(|_| error)?, false),
    };
    let mut found = Counted::default();
    text.iter().for_each(|file| found.add(&file.text));
    let kinds: Vec<(char, u64)> = found.kinds.counts().collect();
    let characters = found.characters;
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let mut facts = Facts::default();
    facts
        .say(
            "file",
            format_args!(
                "{} (text, {}, {})",
                path.display(),
                if utf8 { "UTF-8" } else { "CP949" },
                size(bytes)
            ),
        )
        .say(
            "lines",
            format_args!(
                "{} ({} blank; the longest has {} characters)",
                found.lines, found.blank, found.longest
            ),
        )
        .say("words", found.words)
        .say(
            "letters",
            format_args!(
                "{characters} characters, {} different: {}",
                kinds.len(),
                commonest(&kinds)
            ),
        )
        .say("script", script(&kinds));
    if !utf8 {
        facts.say("to do", "a recipe reads it with data.encoding = \"cp949\"");
    }
    if found.tunes > 0 && found.keys > 0 {
        facts.say("tunes", format_args!("{}, in ABC notation", found.tunes));
        facts.figure("tunes", found.tunes);
    }
    if characters < 10_000 {
        facts.say("note", format_args!("{characters} characters are little for a model of text; 100,000 are a beginning, 1,000,000 are good"));
    }
    facts
        .figure("characters", characters)
        .figure("lines", found.lines)
        .figure("words", found.words)
        .figure("different_characters", kinds.len())
        .figure("encoding", if utf8 { "utf-8" } else { "cp949" });
    Ok(facts)
}

/// What there is in lines of text.
#[derive(Default)]
struct Counted {
    lines: usize,
    blank: usize,
    longest: usize,
    words: usize,
    characters: usize,
    /// Lines that begin a tune in ABC notation, and those that end its header.
    tunes: usize,
    keys: usize,
    kinds: Characters,
}

impl Counted {
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            let (words, length) = (words(line), line.chars().count());
            self.lines += 1;
            self.blank += usize::from(words == 0);
            self.longest = self.longest.max(length);
            self.words += words;
            self.characters += length + 1;
            self.tunes += usize::from(line.starts_with("X:"));
            self.keys += usize::from(line.starts_with("K:"));
            self.kinds.add(line);
        }
    }
}

/// How many runs there are of what is no white space.
fn words(line: &str) -> usize {
    if !line.is_ascii() {
        return line.split_whitespace().count();
    }
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let bytes = line.as_bytes();
    let begun = bytes.first().is_some_and(|byte| !is_space(*byte));
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let begin = pairs.filter(|(before, byte)| is_space(**before) && !is_space(**byte));
    usize::from(begun) + begin.count()
}

fn commonest(kinds: &[(char, u64)]) -> String {
    let mut order: Vec<&(char, u64)> = kinds.iter().filter(|(c, _)| !c.is_control()).collect();
    order.sort_by_key(|(c, count)| (std::cmp::Reverse(*count), *c));
    let shown = |(c, _): &&(char, u64)| {
        if *c == ' ' {
            "␣".to_owned()
        } else {
            c.to_string()
        }
    };
    let shown: Vec<String> = order.iter().take(SHOWN).map(shown).collect();
    shown.join(" ") + if order.len() > SHOWN { " …" } else { "" }
}

/// The scripts of most letters.
fn script(kinds: &[(char, u64)]) -> String {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for (c, count) in kinds.iter().filter(|(c, _)| c.is_alphabetic()) {
        let script = match u32::from(*c) {
            0..0x250 => "Latin",
            0x370..0x400 => "Greek",
            0x400..0x530 => "Cyrillic",
            0x590..0x600 => "Hebrew",
            0x600..0x700 => "Arabic",
            0x900..0xe00 => "Indic",
            0x3040..0x3100 => "Kana",
            0x1100..0x1200 | 0x3130..0x3190 | 0xac00..0xd7b0 => "Hangul",
            0x3400..0xa000 => "Han",
            _ => "other",
        };
        *found.entry(script).or_default() += count;
    }
    let all: u64 = found.values().sum();
    if all == 0 {
        return "no letters".into();
    }
    let mut order: Vec<(&str, u64)> = found.into_iter().collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let share = |(script, count): &(&str, u64)| {
        format!("{script} {:.1} %", 100.0 * *count as f64 / all as f64)
    };
    listed(order.iter().take(3).map(share), 3)
}

/// Texts with their labels before them.
pub fn labelled(path: &Path, kind: Kind) -> Result<Facts, Failure> {
    let format = match kind {
        Kind::Fasttext => RowFormat::Fasttext,
        _ => RowFormat::LabelFirst,
    };
    let config = RowsConfig {
        format: Some(format),
        ..RowsConfig::default()
    };
    let base = path.parent().unwrap_or(Path::new(""));
    let rows = read_rows(
        &config,
        &[name(path)],
        &["text".into(), "label".into()],
        base,
    )?;
    let mut facts = Facts::default();
    facts.say(
        "file",
        format_args!("{} (a label and a text on each line)", path.display()),
    );
    about_texts(&mut facts, rows.iter().map(|row| row.field(0)));
    about_labels(&mut facts, "labels", rows.iter().map(|row| row.field(1)));
    facts.say(
        "to do",
        format_args!("a recipe reads it with data.format = \"{format}\""),
    );
    Ok(facts)
}

/// Counts, lengths and copies of texts.
pub fn about_texts<'a>(facts: &mut Facts, texts: impl Iterator<Item = &'a str> + Clone) {
    let words = || texts.clone().map(|text| text.split_whitespace().count());
    let count = texts.clone().count();
    let characters: usize = texts.clone().map(|text| text.chars().count()).sum();
    let mean = |sum: usize| sum as f64 / count.max(1) as f64;
    let copies = count - texts.clone().collect::<HashSet<_>>().len();
    let blank = words().filter(|words| *words == 0).count();
    facts
        .say("texts", count)
        .say(
            "length",
            format_args!(
                "{:.1} words on average ({} to {}), {:.1} characters",
                mean(words().sum()),
                words().min().unwrap_or(0),
                words().max().unwrap_or(0),
                mean(characters),
            ),
        )
        .figure("texts", count)
        .figure("words", words().sum::<usize>())
        .figure("characters", characters)
        .figure("copies", copies);
    if blank > 0 {
        facts.say(
            "blank",
            format_args!(
                "{}: data.skip_empty = true leaves them out",
                counted(blank, "text")
            ),
        );
    }
    if copies > 0 {
        facts.say(
            "copies",
            format_args!("{} the same as one before", counted(copies, "text")),
        );
    }
    let korean = hangul(texts);
    if korean > 0.3 {
        facts.say(
            "script",
            format_args!("{:.0} % of the letters are Hangul", 100.0 * korean),
        );
    }
}

/// How often each label comes.
pub fn about_labels<'a>(
    facts: &mut Facts,
    what: &'static str,
    labels: impl Iterator<Item = &'a str>,
) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    let mut order: Vec<(&&str, &usize)> = counts.iter().collect();
    order.sort_by_key(|(label, count)| (std::cmp::Reverse(**count), **label));
    let shown = order
        .iter()
        .map(|(label, count)| format!("{label} {count}"));
    facts.say(
        what,
        format_args!("{}: {}", counts.len(), listed(shown, 20)),
    );
    facts.figure(what, serde_json::json!(counts));
}
