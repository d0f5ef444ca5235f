//! Recipes for texts: running ones, labelled ones, tagged ones, pairs.

use super::{Begin, filled, written};
use crate::content::{Beginning, Kind, Rows, hangul, is_dna};
use crate::facts::counted;
use crate::failure::Failure;
use elman_data::text::Column;

/// Fewer texts are said to be few.
const LITTLE: usize = 200;

/// A recipe for more text like this.
pub fn generate(begin: &mut Begin) -> Result<String, Failure> {
    let beginning = Beginning::read(&begin.file);
    let beginning = beginning.ok().flatten();
    let tunes = beginning.as_ref().is_some_and(Beginning::is_abc);
    let korean = beginning.as_ref().map_or(0.0, |text| hangul(text.lines()));
    let facts = &mut begin.facts;
    let tokens = match korean > 0.5 {
        true => {
            "characters are syllables of Hangul; --set vocabulary.tokens=bpe for pieces of words"
        }
        false => "characters; --set vocabulary.tokens=words (or bpe) for others",
    };
    facts.say("tokens", tokens);
    let documents = match tunes {
        true => {
            facts.say(
                "documents",
                "tunes in ABC notation, one between two blank lines (data.documents)",
            );
            "\ndocuments = \"blank_line\" # each tune is one"
        }
        false => "",
    };
    if let Some(beginning) = beginning.filter(|beginning| beginning.whole) {
        let characters: usize = beginning.lines().map(|line| line.chars().count() + 1).sum();
        if characters < 20_000 {
            facts.say(
                "little",
                format_args!(
                    "{characters} characters: a model learns them by heart; 100,000 are a beginning"
                ),
            );
        }
    }
    let test = if begin.split.test.is_some() {
        "0"
    } else {
        "0.0"
    };
    let values = [
        ("FILE", begin.files() + &begin.split_files() + documents),
        ("SHARES", begin.shares("0.1", test)),
    ];
    Ok(filled(GENERATE, &values))
}

/// A recipe for the label of a text.
pub fn classify(begin: &mut Begin) -> Result<String, Failure> {
    let lines = match begin.kind {
        Kind::LabelFirst => Some("label_first"),
        Kind::Fasttext => Some("fasttext"),
        _ => None,
    };
    let found = begin.head().and_then(|head| head.texts());
    let (text, label) = match (&found, begin.head()) {
        (Some(texts), _) => (texts.text.clone(), texts.label.clone()),
        (None, _) => ("text".into(), None),
    };
    if lines.is_none() && label.is_none() && begin.args.target.is_none() {
        let columns = begin.table()?.columns();
        let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
        if !names.iter().any(|name| name == "label") {
            return Err(Failure::input(format!(
                "`{}` has no column that reads as labels. Name it: --target COLUMN; its columns are: {}",
                begin.file.display(),
                names.join(", ")
            )));
        }
    }
    let text = begin.column(begin.args.input.as_ref(), text);
    let label = begin.column(begin.args.target.as_ref(), label.unwrap_or("label".into()));
    let (cells, labels): (Vec<String>, Vec<String>) = match begin.head() {
        Some(head) => {
            let owned =
                |column: &Column| head.cells(column).into_iter().map(str::to_owned).collect();
            (owned(&text), owned(&label))
        }
        None => Default::default(),
    };
    let texts = || cells.iter().map(String::as_str);
    let dna = !cells.is_empty() && texts().all(is_dna);
    let korean = hangul(texts()) > 0.3;
    let few = (1..LITTLE).contains(&cells.len());
    let mut kinds = labels.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let facts = &mut begin.facts;
    match lines {
        Some(format) => {
            facts.say(
                "text",
                format_args!("after the label of each line (data.format = \"{format}\")"),
            );
        }
        None => {
            facts
                .say(
                    "text",
                    format_args!("the column {text}; --input COLUMN for another"),
                )
                .say(
                    "label",
                    format_args!("the column {label}; --target COLUMN for another"),
                )
                .figure("text", text.to_string())
                .figure("label", label.to_string());
        }
    }
    let tokens = match (dna, korean) {
        (true, _) => "letters of DNA (A, C, G, T)",
        (_, true) => {
            "characters: words of Korean carry endings; --set vocabulary.tokens=bpe for pieces of words"
        }
        _ => "words in small letters; --set vocabulary.tokens=characters (or bpe) for others",
    };
    facts.say("tokens", tokens);
    if few {
        facts.say("little", format_args!("{}, about {} of a class: the figures of the test set will say little; some hundreds of a class are a beginning", counted(cells.len(), "text"), cells.len() / kinds.len().max(1)));
    }
    let vocabulary = match (dna, korean) {
        (true, _) => "tokens = \"dna\"           # a letter is one of four".to_owned(),
        (_, true) => format!(
            "tokens = \"characters\"    # syllables; or \"words\", \"bpe\"\nmin_count = {}",
            if few { 1 } else { 2 }
        ),
        _ => format!(
            "tokens = \"words\"         # or \"characters\", \"bpe\"\nlowercase = true\nmin_count = {}",
            if few { 1 } else { 2 }
        ),
    };
    let format = match lines {
        Some("label_first") if begin.coarse_labels() => {
            "\nformat = \"label_first\"\nlabel_until = \":\"        # `DESC:manner` is `DESC`"
                .into()
        }
        Some(format) => format!("\nformat = \"{format}\""),
        None => String::new(),
    };
    let values = [
        ("FILE", begin.files() + &begin.split_files() + &format),
        ("SHARES", begin.shares("0.1", "0.1")),
        ("VOCABULARY", vocabulary),
        ("INPUT", written(&text)),
        ("TARGET", written(&label)),
        (
            "EMBEDDING",
            if dna {
                "0       # one-hot".into()
            } else {
                "100".into()
            },
        ),
    ];
    Ok(filled(CLASSIFY, &values))
}

/// A recipe for the tag of each word.
pub fn tag(begin: &mut Begin) -> Result<String, Failure> {
    let conllu = crate::content::ending(&begin.file) == "conllu";
    let columns = match conllu {
        true => "columns 2 and 4 of CoNLL-U; --set data.tag=5 for another",
        false => "columns 1 and 2; --set data.word=N, --set data.tag=N for others",
    };
    begin.facts.say("word, tag", columns);
    let values = [
        ("FILE", begin.files() + &begin.split_files()),
        ("SHARES", begin.shares("0.1", "0.1")),
    ];
    Ok(filled(TAG, &values))
}

/// A recipe for a text for each text.
pub fn translate(begin: &mut Begin) -> Result<String, Failure> {
    let pair = match begin.head().map(|head| head.rows()) {
        Some(Rows::Pairs(pair)) => pair,
        _ => ["source".into(), "target".into()],
    };
    let [source, target] = pair;
    let source = begin.column(begin.args.input.as_ref(), source);
    let target = begin.column(begin.args.target.as_ref(), target);
    begin
        .facts
        .say(
            "source",
            format_args!("the column {source}; --input COLUMN for another"),
        )
        .say(
            "target",
            format_args!("the column {target}; --target COLUMN for another"),
        )
        .figure("source", source.to_string())
        .figure("target", target.to_string());
    let rows = begin.head().map_or(0, |head| head.len());
    if (1..LITTLE).contains(&rows) {
        begin.facts.say(
            "little",
            format_args!("{}: some thousands are a beginning", counted(rows, "pair")),
        );
    }
    let count = if (1..LITTLE).contains(&rows) {
        "1"
    } else {
        "2"
    };
    let values = [
        ("FILE", begin.files() + &begin.split_files()),
        ("SHARES", begin.shares("0.05", "0.05")),
        ("INPUT", written(&source)),
        ("TARGET", written(&target)),
        ("COUNT", count.into()),
    ];
    Ok(filled(TRANSLATE, &values))
}

impl Begin<'_> {
    /// Whether every label before a text has a finer one after a colon.
    fn coarse_labels(&self) -> bool {
        let beginning = Beginning::read(&self.file).ok().flatten();
        let coarse = |line: &str| {
            let label = line.split_whitespace().next().unwrap_or_default();
            label.is_empty() || label.contains(':')
        };
        beginning.is_some_and(|beginning| beginning.lines().all(coarse))
    }
}

const GENERATE: &str = r#"task = "generate"

[data]
files = FILE

[split]                  # from the end of the text
SHARES

[vocabulary]
tokens = "characters"    # or "words", "bpe", "bytes"

[model]
cell = "lstm"            # or "gru", "simple_rnn"
hidden_size = 256
num_layers = 2
dropout = 0.2

[train]
epochs = 20
batch_size = 32
bptt_len = 64
clip_norm = 5.0

[train.optimizer]
learning_rate = 0.002

[train.early_stopping]
patience = 3
"#;

const CLASSIFY: &str = r#"task = "classify"

[data]
files = FILE

[split]                  # by a hash of the text
SHARES

[vocabulary]
VOCABULARY

[classify]
text = INPUT
label = TARGET
word_dropout = 0.1

[model]
cell = "lstm"            # or "gru", "simple_rnn"
embedding_size = EMBEDDING
hidden_size = 128
bidirectional = true
dropout = 0.5

[train]
epochs = 20
clip_norm = 5.0

[train.early_stopping]
patience = 3
"#;

const TAG: &str = r#"task = "tag"

[data]
files = FILE

[split]                  # by a hash of the sentence
SHARES

[model]
cell = "lstm"
hidden_size = 128
bidirectional = true
dropout = 0.4

[train]
epochs = 20
clip_norm = 5.0

[train.early_stopping]
patience = 3
"#;

const TRANSLATE: &str = r#"task = "translate"

[data]
files = FILE

[split]                  # by a hash of the source
SHARES

[vocabulary]
tokens = "words"         # or "characters", "bpe"
lowercase = true
min_count = COUNT

[translate]
source = INPUT
target = TARGET
attention = "luong"      # or "bahdanau", "none"

[model]
cell = "gru"
embedding_size = 128
hidden_size = 256
bidirectional = true
dropout = 0.3

[train]
epochs = 15
batch_size = 64
clip_norm = 1.0

[train.early_stopping]
patience = 3
"#;
