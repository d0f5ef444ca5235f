//! What a text holds.

use crate::content::{Kind, hangul, name};
use crate::facts::{Facts, counted, listed, size};
use crate::failure::Failure;
use elman_data::text::{RowFormat, RowsConfig, read_rows, read_texts};
use std::collections::{BTreeMap, HashMap};
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
    let text = text.into_iter().map(|file| file.text).collect::<String>();
    let (mut characters, mut words, mut blank, mut lines, mut longest) = (0, 0, 0, 0, 0);
    let mut kinds: HashMap<char, usize> = HashMap::new();
    for line in text.lines() {
        let count = line.chars().count();
        lines += 1;
        blank += usize::from(line.trim().is_empty());
        longest = longest.max(count);
        words += line.split_whitespace().count();
        characters += count + 1;
        for c in line.chars() {
            *kinds.entry(c).or_default() += 1;
        }
    }
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
            format_args!("{lines} ({blank} blank; the longest has {longest} characters)"),
        )
        .say("words", words)
        .say(
            "letters",
            format_args!(
                "{characters} characters, {} different: {}",
                kinds.len(),
                commonest(&kinds)
            ),
        )
        .say("script", script(&text));
    if !utf8 {
        facts.say("to do", "a recipe reads it with data.encoding = \"cp949\"");
    }
    if text.lines().any(|line| line.starts_with("X:"))
        && text.lines().any(|line| line.starts_with("K:"))
    {
        let tunes = text.lines().filter(|line| line.starts_with("X:")).count();
        facts.say("tunes", format_args!("{tunes}, in ABC notation"));
        facts.figure("tunes", tunes);
    }
    if characters < 10_000 {
        facts.say("note", format_args!("{characters} characters are little for a model of text; 100,000 are a beginning, 1,000,000 are good"));
    }
    facts
        .figure("characters", characters)
        .figure("lines", lines)
        .figure("words", words)
        .figure("different_characters", kinds.len())
        .figure("encoding", if utf8 { "utf-8" } else { "cp949" });
    Ok(facts)
}

fn commonest(kinds: &HashMap<char, usize>) -> String {
    let mut order: Vec<(&char, &usize)> = kinds.iter().filter(|(c, _)| !c.is_control()).collect();
    order.sort_by_key(|(c, count)| (std::cmp::Reverse(**count), **c));
    let shown = |(c, _): &(&char, &usize)| {
        if **c == ' ' {
            "␣".to_owned()
        } else {
            c.to_string()
        }
    };
    let shown: Vec<String> = order.iter().take(SHOWN).map(shown).collect();
    shown.join(" ") + if order.len() > SHOWN { " …" } else { "" }
}

/// The scripts of most letters.
fn script(text: &str) -> String {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        let script = match u32::from(c) {
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
        *found.entry(script).or_default() += 1;
    }
    let all: usize = found.values().sum();
    if all == 0 {
        return "no letters".into();
    }
    let mut order: Vec<(&str, usize)> = found.into_iter().collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let share = |(script, count): &(&str, usize)| {
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
    let texts: Vec<&str> = rows.iter().map(|row| row.fields[0].as_str()).collect();
    let labels: Vec<&str> = rows.iter().map(|row| row.fields[1].as_str()).collect();
    about_texts(&mut facts, &texts, Some(&labels));
    facts.say(
        "to do",
        format_args!("a recipe reads it with data.format = \"{format}\""),
    );
    Ok(facts)
}

/// Counts, lengths, labels and copies of texts.
pub fn about_texts(facts: &mut Facts, texts: &[&str], labels: Option<&[&str]>) {
    let words: Vec<usize> = texts
        .iter()
        .map(|text| text.split_whitespace().count())
        .collect();
    let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
    let mean = |sum: usize| sum as f64 / texts.len().max(1) as f64;
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    texts
        .iter()
        .for_each(|text| *kinds.entry(text).or_default() += 1);
    let copies = texts.len() - kinds.len();
    let blank = texts.iter().filter(|text| text.trim().is_empty()).count();
    facts
        .say("texts", texts.len())
        .say(
            "length",
            format_args!(
                "{:.1} words on average ({} to {}), {:.1} characters",
                mean(words.iter().sum()),
                words.iter().min().unwrap_or(&0),
                words.iter().max().unwrap_or(&0),
                mean(characters),
            ),
        )
        .figure("texts", texts.len())
        .figure("words", words.iter().sum::<usize>())
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
    let korean = hangul(texts.iter().copied());
    if korean > 0.3 {
        facts.say(
            "script",
            format_args!("{:.0} % of the letters are Hangul", 100.0 * korean),
        );
    }
    if let Some(labels) = labels {
        about_labels(facts, "labels", labels);
    }
}

/// How often each label comes.
pub fn about_labels(facts: &mut Facts, what: &'static str, labels: &[&str]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    labels
        .iter()
        .for_each(|label| *counts.entry(label).or_default() += 1);
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
