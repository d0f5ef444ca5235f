//! Texts: rows, parallel files, tagged sentences, plain text, DNA, tunes; vocabularies and tokenizers.

use super::{Readers, config, each, place, said, tables, tokenizers};
use crate::reader::{Case, Reader};
use elman_data::text::{
    Column, RowSplit, RowsConfig, Special, TaggedConfig, Vocabulary, VocabularyConfig, abc,
    read_columns, read_head, read_parallel, read_parts, read_tagged, read_texts,
};

pub(super) const READERS: Readers = &[
    ("rows", |_| Ok(rows())),
    ("row-head", |_| Ok(head())),
    ("parallel", |_| Ok(parallel())),
    ("tagged", |_| Ok(tagged())),
    ("text", |_| Ok(text())),
    ("dna", |_| Ok(dna())),
    ("abc", |_| Ok(tunes())),
    ("vocabulary", tokenizers::vocabulary),
    ("tokenizer", tokenizers::tokenizer),
];

const WORDS: [&str; 12] = [
    "good",
    "bad",
    "영화가",
    "재미있다",
    "it",
    "is",
    "\"quoted\"",
    "a,b",
    "naïve",
    "x",
    "don't",
    "…",
];

pub(super) fn sentence(row: usize) -> String {
    let words = (0..2 + row % 6).map(|place| WORDS[(row * 5 + place * 7) % WORDS.len()]);
    words.collect::<Vec<_>>().join(" ") + &format!(" {row}")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn row_files() -> Vec<(Case, &'static str)> {
    let label = |row: usize| ["pos", "neg"][row % 2];
    let csv = tables::table("id,text,label", 90, |row| {
        format!("{row},{},{}", quoted(&sentence(row)), label(row))
    });
    let jsonl = tables::table("", 90, |row| {
        format!(
            r#"{{"text": {:?}, "label": "{}", "extra": [{row}, {{"a": null}}]}}"#,
            sentence(row).replace('…', "\\"),
            label(row)
        )
    });
    vec![
        (Case::text("rows.csv", csv.clone()), "{}"),
        (
            Case::text(
                "semicolons.csv",
                csv.replace("\",", "\";")
                    .replace(",\"", ";\"")
                    .replace("id,text,label", "id;text;label"),
            ),
            "{}",
        ),
        (
            Case::text(
                "rows.tsv",
                tables::table("text\tlabel", 90, |row| {
                    format!("{}\t{}", sentence(row), label(row))
                }),
            ),
            "{}",
        ),
        (Case::text("rows.jsonl", jsonl), "{}"),
        (
            Case::text(
                "first.txt",
                tables::table("", 90, |row| {
                    format!("{}:fine {}", label(row), sentence(row))
                }),
            ),
            r#"{"format": "label_first", "label_until": ":"}"#,
        ),
        (
            Case::text(
                "fast.txt",
                tables::table("", 90, |row| {
                    format!("__label__{} {}", label(row), sentence(row))
                }),
            ),
            r#"{"format": "fasttext"}"#,
        ),
        (
            Case::text("lines.pos", tables::table("", 90, sentence)),
            r#"{"format": "lines", "labels": {"*.pos": "positive"}, "skip_empty": true}"#,
        ),
    ]
}

fn rows() -> Reader {
    let cases = row_files()
        .into_iter()
        .map(|(case, keys)| (case, config::<RowsConfig>(keys)));
    let columns: [Column; 2] = ["text".into(), "label".into()];
    let split = RowSplit {
        ..RowSplit::default()
    };
    each("rows", cases.collect(), move |config, path| {
        let (base, name) = place(path);
        let config = RowsConfig {
            files: vec![name],
            ..config.clone()
        };
        read_parts(&config, &columns, &split, base)
            .map(drop)
            .map_err(said)
    })
}

fn head() -> Reader {
    let cases = row_files()
        .into_iter()
        .take(4)
        .map(|(case, keys)| (case, config::<RowsConfig>(keys)));
    each("row-head", cases.collect(), |config, path| {
        let (base, name) = place(path);
        let columns = read_columns(config, &[name], true, base).map_err(said)?;
        let head = read_head(path, 20).map_err(said)?;
        let _ = format!("{columns:?} {head:?}");
        Ok(())
    })
}

/// The file beside which the mutated one stands is whole.
fn parallel() -> Reader {
    let german = tables::table("", 25, |row| format!("satz {row} {}", sentence(row)));
    let cases = vec![
        Case::text("source.txt", tables::table("", 25, sentence)),
        Case::text("other.txt", german.clone()),
    ];
    Reader::new("parallel", cases, move |_, path| {
        let (base, name) = place(path);
        let beside = base.join("target.de");
        if !beside.exists() {
            std::fs::write(&beside, &german).map_err(said)?;
        }
        read_parallel(&[name], &["target.de".into()], Some("auto"), base)
            .map(drop)
            .map_err(said)
    })
}

fn tagged() -> Reader {
    let word = |row: usize| WORDS[row * 5 % WORDS.len()].replace(' ', "_");
    let tag = |row: usize| ["NOUN", "VERB", "ADJ"][row % 3];
    let conllu = tables::table(
        "# sent_id = 1\n1-2\tdes\t_\t_\t_\t_\t_\t_\t_\t_",
        40,
        |row| match row % 6 {
            5 => String::new(),
            place => format!(
                "{}\t{}\tl\t{}\t_\tA=B\t0\troot\t_\t_",
                place + 1,
                word(row),
                tag(row)
            ),
        },
    );
    let columns = tables::table("", 40, |row| match row % 5 {
        4 => String::new(),
        _ => format!("{} {} O", word(row), tag(row)),
    });
    let cases = vec![
        (Case::text("a.conllu", conllu), config::<TaggedConfig>("{}")),
        (
            Case::text("a.tsv", columns.replace(' ', "\t")),
            config(r#"{"word": 1, "tag": 2}"#),
        ),
        (
            Case::text("a.txt", columns),
            config(r#"{"encoding": "auto"}"#),
        ),
    ];
    each("tagged", cases, |config, path| {
        let (base, name) = place(path);
        read_tagged(&[name], config, base).map(drop).map_err(said)
    })
}

/// Plain text in several encodings, and what becomes of it as tokens of each kind.
fn text() -> Reader {
    let plain = tables::table("", 20, sentence);
    let korean = [b"\xb3\xaf\xc2\xa5 \xb0\xaa\n".as_slice(), b"plain\n"]
        .concat()
        .repeat(10);
    let cases = vec![
        (Case::text("plain.txt", plain.clone()), None),
        (Case::text("korean.txt", korean), Some("auto")),
        (
            Case::text("western.txt", b"na\xefve caf\xe9 \x80 5\n".repeat(10)),
            Some("windows-1252"),
        ),
        (
            Case::text(
                "wide.txt",
                [
                    b"\xfe\xff".to_vec(),
                    plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                ]
                .concat(),
            ),
            None,
        ),
    ];
    let kinds = ["bytes", "characters", "words"].map(|tokens| {
        let form = if tokens == "words" { "nfd" } else { "nfkc" };
        config::<VocabularyConfig>(&format!(
            r#"{{"tokens": "{tokens}", "normalise": "{form}", "lowercase": true}}"#
        ))
    });
    each("text", cases, move |encoding, path| {
        let (base, name) = place(path);
        let files = read_texts(&[name], *encoding, base).map_err(said)?;
        let texts = files.iter().map(|file| file.text.as_str());
        for kind in &kinds {
            let vocabulary =
                Vocabulary::build(kind, &[Special::Unknown], base, texts.clone()).map_err(said)?;
            tokens_there_and_back(&vocabulary, &files[0].text)?;
        }
        Ok(())
    })
    .holding(16 << 20, 512)
    .every(4)
}

pub(super) fn tokens_there_and_back(vocabulary: &Vocabulary, text: &str) -> Result<(), String> {
    let numbers = vocabulary.encode(text).map_err(said)?;
    let beyond = numbers
        .iter()
        .find(|number| **number as usize >= vocabulary.len());
    assert!(
        beyond.is_none(),
        "token {beyond:?} of a vocabulary of {}",
        vocabulary.len()
    );
    let mut decoder = vocabulary.decoder();
    let piecewise: String = numbers.iter().map(|number| decoder.push(*number)).collect();
    let piecewise = piecewise + &decoder.finish();
    let _ = (
        vocabulary.decode(&numbers),
        vocabulary.tokens(text).map_err(said)?,
        piecewise,
    );
    (0..vocabulary.len().min(300) as u32).for_each(|number| drop(vocabulary.shown(number)));
    Ok(())
}

fn dna() -> Reader {
    let letters = |row: usize| -> String {
        (0..60)
            .map(|at| ['A', 'C', 'G', 'T', 'N', 'u', '-'][(row * 31 + at * at) % 7])
            .collect()
    };
    let rows = tables::table("", 30, |row| {
        format!("{},name-{row},{}", ["EI", "IE", "N"][row % 3], letters(row))
    });
    let cases = vec![Case::text("genes.csv", rows)];
    let rows: RowsConfig = config(r#"{"header": false}"#);
    let letters: VocabularyConfig = config(r#"{"tokens": "dna"}"#);
    Reader::new("dna", cases, move |_, path| {
        let (base, name) = place(path);
        let rows = RowsConfig {
            files: vec![name],
            ..rows.clone()
        };
        let parts =
            read_parts(&rows, &[3.into(), 1.into()], &RowSplit::default(), base).map_err(said)?;
        let texts = || parts.train.iter().map(|row| row.field(0));
        let vocabulary =
            Vocabulary::build(&letters, &[Special::Padding], base, texts()).map_err(said)?;
        for text in texts() {
            let numbers = vocabulary.encode(text).map_err(said)?;
            vocabulary.reverse_complement(&numbers);
        }
        Ok(())
    })
}

fn tunes() -> Reader {
    const TUNES: [&str; 4] = [
        "X:1\nT:Two bars\nM:6/8\nL:1/8\nK:D\nd2e fga|b3 a2z|\n",
        "X: 2\nT: Repeats\nC: trad.\nM: 4/4\nL: 1/8\nQ: 1/4=120\nK: G\n|:G2B2 d2B2|\"C\"c2A2 F2A2|G>B{c}d<B (3ABc d2|1 G4 z4:|2 G8|]\n",
        "X:3\nT:Voices\nM:3/4\nL:1/4\nV:1\nV:2 clef=bass\nK:Am\n[V:1] A B c|d2-d|\n[V:2] [A,CE] z2|x3 & A,3|]\n",
        "X:4\nT:Free\nM:none\nL:1/16\nK:C\n!trill!c2(3:2:3ded ~e2 .f2|Z|c/2d//e3/2|::\nw: la\n",
    ];
    let cases = TUNES
        .iter()
        .enumerate()
        .map(|(place, tune)| Case::text(format!("{place}.abc"), *tune));
    Reader::new("abc", cases.collect(), |_, path| {
        let text = std::fs::read_to_string(path).map_err(said)?;
        abc::problem(&text).map_or(Ok(()), Err)
    })
}
