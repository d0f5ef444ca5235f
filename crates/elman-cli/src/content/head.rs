//! The beginning of a table, and what its columns hold.

use super::Long;
use crate::args::InitTask;
use elman_data::text::{Column, read_head};
use elman_data::{Error, are_numbers, is_called_like_a_time};
use std::path::Path;

/// How the names of tables end that are looked into.
const TABLES: [&str; 9] = [
    "csv", "tsv", "tab", "jsonl", "ndjson", "json", "xlsx", "xls", "ods",
];
/// Rows that are looked at.
const ROWS: usize = 200;
/// What columns of pictures' names are usually called.
pub const PICTURES: [&str; 5] = ["image", "picture", "file", "filename", "path"];
/// What columns of sentences about them are usually called.
pub const SENTENCES: [&str; 4] = ["caption", "sentence", "description", "text"];
/// What a column that is to be answered is usually called.
const ANSWERS: [&str; 4] = ["y", "target", "output", "answer"];
/// How the names of pictures end.
const ENDINGS: [&str; 5] = [".png", ".jpg", ".jpeg", ".bmp", ".webp"];
/// Fewer columns of a table without a header are no series with its label.
const FEWEST_STEPS: usize = 8;
/// More different labels than this are none.
const MOST_LABELS: usize = 100;
/// What columns of texts are usually called.
const TEXTS: [&str; 24] = [
    "text",
    "sentence",
    "review",
    "document",
    "content",
    "comment",
    "body",
    "message",
    "title",
    "question",
    "tweet",
    "post",
    "abstract",
    "headline",
    "description",
    "utterance",
    "sequence",
    "seq",
    "문장",
    "리뷰",
    "내용",
    "본문",
    "질문",
    "댓글",
];
/// What columns of labels are usually called.
const LABELS: [&str; 22] = [
    "label",
    "class",
    "category",
    "sentiment",
    "target",
    "rating",
    "stars",
    "topic",
    "intent",
    "tag",
    "type",
    "polarity",
    "emotion",
    "score",
    "y",
    "labels",
    "classes",
    "레이블",
    "라벨",
    "감정",
    "분류",
    "평점",
];
/// What columns of texts and their answers are usually called.
const PAIRS: [[&str; 2]; 15] = [
    ["source", "target"],
    ["src", "tgt"],
    ["src", "trg"],
    ["question", "answer"],
    ["q", "a"],
    ["input", "output"],
    ["en", "de"],
    ["en", "fr"],
    ["en", "ko"],
    ["ko", "en"],
    ["de", "en"],
    ["english", "french"],
    ["english", "korean"],
    ["질문", "답변"],
    ["prompt", "response"],
];

/// A column of texts and, where there is one, that of their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    /// The texts.
    pub text: Column,
    /// Their labels.
    pub label: Option<Column>,
}

/// What the rows of a table are.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// Texts with labels.
    Labelled(Texts),
    /// Texts and their answers.
    Pairs([Column; 2]),
    /// Files and what is known of each.
    Files,
    /// Pictures and sentences.
    Captions,
    /// Series, each with its label first.
    LabelledFirst,
    /// Steps of several series, each of one class.
    Long(Long),
    /// Numbers, the last of which is answered from the others.
    Answered,
    /// Anything else, such as the steps of a series.
    Steps,
}

/// The columns of a table and its first rows.
#[derive(Debug)]
pub struct Head {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    ragged: Option<Error>,
    is_json: bool,
}

impl Head {
    /// The beginning of a table; nothing where the name of the file says that it is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(file: &Path) -> Option<Result<Self, Error>> {
        let ending = super::ending(file);
        if !TABLES.contains(&ending.as_str()) {
            return None;
        }
        Some(read_head(file, ROWS).map(|head| Self {
            columns: head.columns,
            rows: head.rows,
            ragged: head.ragged,
            is_json: ending.contains("json"),
        }))
    }

    /// Whether its rows are written in JSON.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// What is wrong with the first row that has other columns than the first, taken out of it.
    pub fn take_ragged(&mut self) -> Option<Error> {
        self.ragged.take()
    }

    /// The columns in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether there is a column of this name.
    pub fn has(&self, name: &str) -> bool {
        self.first_of(&[name]).is_some()
    }

    /// The first of these names that a column has.
    pub fn first_of<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        let is = |name: &&&str| self.columns.contains(&Column::Name((**name).into()));
        names.iter().find(is).copied()
    }

    /// The columns that hold a number in every row.
    pub fn numbers(&self) -> Vec<Column> {
        let is = |place: &usize| {
            let cells = self
                .rows
                .iter()
                .map(|row| row.get(*place).map_or("", |cell| cell.trim()));
            !self.rows.is_empty() && are_numbers(cells)
        };
        let places = (0..self.columns.len()).filter(is);
        places.map(|place| self.columns[place].clone()).collect()
    }

    /// Whether rows are series without names of their columns, each with its label first: a whole number, one of a few.
    pub fn is_labelled_first(&self) -> bool {
        let labels: Vec<&str> = self
            .rows
            .iter()
            .map(|row| row.first().map_or("", |cell| cell.trim()))
            .collect();
        let mut kinds = labels.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let whole = |label: &&str| label.parse::<f64>().is_ok_and(|label| label.fract() == 0.0);
        self.columns.first() == Some(&Column::Number(1))
            && self.columns.len() >= FEWEST_STEPS
            && labels.iter().all(whole)
            && (2..=MOST_LABELS.min(labels.len() / 2)).contains(&kinds.len())
    }

    /// What the rows are.
    pub fn rows(&self) -> Rows {
        let first = |name: &str| {
            self.values(self.place(name))
                .next()
                .unwrap_or_default()
                .to_lowercase()
        };
        if let Some(name) = self.first_of(&PICTURES)
            && ENDINGS.iter().any(|ending| first(name).ends_with(ending))
            && self.first_of(&SENTENCES).is_some()
        {
            return Rows::Captions;
        }
        if self.has("file") && (self.has("label") || self.has("text")) {
            return Rows::Files;
        }
        if self.is_labelled_first() {
            return Rows::LabelledFirst;
        }
        if let Some(long) = Long::find(self) {
            return Rows::Long(long);
        }
        if let Some(pair) = self.pair() {
            return Rows::Pairs(pair);
        }
        if let Some(texts) = self.texts().filter(|texts| texts.label.is_some()) {
            return Rows::Labelled(texts);
        }
        let answered = self.columns.last();
        let answered = answered.map(|column| column.to_string().to_lowercase());
        let answered = answered.is_some_and(|name| ANSWERS.contains(&name.as_str()));
        let numbers = self.numbers().len() == self.columns.len() && self.columns.len() > 1;
        match answered && numbers && !self.has_times() {
            true => Rows::Answered,
            false => Rows::Steps,
        }
    }

    /// Whether a column that is called like one of times rises from row to row, or falls.
    fn has_times(&self) -> bool {
        let runs = |place: usize| {
            let numbers = self.values(Some(place)).map(str::parse::<f64>);
            let numbers: Vec<f64> = numbers.filter_map(Result::ok).collect();
            numbers.is_sorted_by(|a, b| a < b) || numbers.is_sorted_by(|a, b| a > b)
        };
        let mut columns = self.columns.iter().enumerate();
        columns.any(|(place, column)| is_called_like_a_time(&column.to_string()) && runs(place))
    }

    /// What the table is probably for.
    pub fn task(&self) -> InitTask {
        match self.rows() {
            Rows::Captions => InitTask::Caption,
            Rows::Files if self.has("label") => InitTask::Recognize,
            Rows::Files => InitTask::Transcribe,
            Rows::LabelledFirst | Rows::Long(_) => InitTask::Recognize,
            Rows::Pairs(_) => InitTask::Translate,
            Rows::Labelled(_) => InitTask::Classify,
            Rows::Answered => InitTask::Map,
            Rows::Steps => InitTask::Forecast,
        }
    }

    /// How many rows were looked at.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The cells of a column, without white space around them.
    pub fn cells(&self, column: &Column) -> Vec<&str> {
        let place = match column {
            Column::Number(number) => number.checked_sub(1),
            name => self.columns.iter().position(|known| known == name),
        };
        self.values(place).collect()
    }

    fn values(&self, place: Option<usize>) -> impl Iterator<Item = &str> {
        let cell = move |row: &'_ Vec<String>| place.and_then(|place| row.get(place)).is_some();
        let rows = self.rows.iter().filter(move |row| cell(row));
        rows.map(move |row| row[place.unwrap_or_default()].trim())
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.to_string() == name)
    }

    /// Whether the names are none: the first row reads as the others do. A label that comes again, or a sentence, is no name.
    pub fn is_headless(&self) -> bool {
        let name = |place: usize| match &self.columns[place] {
            Column::Name(name) => name.trim(),
            Column::Number(_) => "",
        };
        if self.is_json
            || self
                .columns
                .iter()
                .any(|column| matches!(column, Column::Number(_)))
        {
            return false;
        }
        let ends = |text: &str| text.ends_with(['.', '!', '?', '。', '…']);
        let sentence =
            |text: &str| text.split_whitespace().count() >= 4 || is_dna(text) || ends(text);
        (0..self.columns.len()).any(|place| {
            let name = name(place);
            !name.is_empty()
                && (sentence(name) && (self.is_text(place) || ends(name))
                    || self.values(Some(place)).any(|cell| cell == name))
        })
    }

    /// A column by its name or, where there are no names, by its number.
    fn column(&self, place: usize) -> Column {
        match self.is_headless() {
            true => Column::Number(place + 1),
            false => self.columns[place].clone(),
        }
    }

    /// Whether a column holds texts: sentences, DNA, or the words of a language that takes few letters for much.
    fn is_text(&self, place: usize) -> bool {
        let cells: Vec<&str> = self
            .values(Some(place))
            .filter(|cell| !cell.is_empty())
            .collect();
        let words: usize = cells
            .iter()
            .map(|cell| cell.split_whitespace().count())
            .sum();
        let wide = |c: &char| u32::from(*c) >= 0x1100 && c.is_alphabetic();
        let letters: usize = cells
            .iter()
            .map(|cell| cell.chars().count() + cell.chars().filter(wide).count())
            .sum();
        let number = |cell: &&str| cell.parse::<f64>().is_ok();
        let texts = cells.iter().filter(|cell| !number(cell)).count();
        !cells.is_empty()
            && 2 * texts > cells.len()
            && (2 * words >= 5 * cells.len() || letters >= 16 * cells.len())
            && !cells.iter().all(|cell| is_time(cell))
    }

    /// The number of different values, and whether they are few enough to be labels.
    fn label_count(&self, place: usize) -> Option<usize> {
        let mut kinds: Vec<&str> = self.values(Some(place)).collect();
        let all = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        let short = kinds
            .iter()
            .all(|kind| kind.chars().count() <= 40 && !kind.is_empty());
        (short && (2..=MOST_LABELS.min(all / 3)).contains(&kinds.len())).then_some(kinds.len())
    }

    /// The texts of the table, and their labels.
    pub fn texts(&self) -> Option<Texts> {
        let named = |place: &usize, names: &[&str]| {
            let name = self.columns[*place].to_string().trim().to_lowercase();
            names.iter().position(|known| *known == name)
        };
        let all = 0..self.columns.len();
        let length = |place: &usize| -> usize { self.values(Some(*place)).map(str::len).sum() };
        // Short texts are told by the names of both columns, where no times stand beside them.
        let has_label = all.clone().any(|place| named(&place, &LABELS).is_some());
        let has_times = all
            .clone()
            .any(|place| self.values(Some(place)).all(is_time));
        let is_short = |place: usize| {
            has_label && !has_times && named(&place, &TEXTS).is_some() && self.is_words(place)
        };
        let is_one = |place: &usize| self.is_text(*place) || is_short(*place);
        let texts: Vec<usize> = all.clone().filter(is_one).collect();
        let text = texts
            .iter()
            .copied()
            .filter(|place| named(place, &TEXTS).is_some())
            .max_by_key(length)
            .or_else(|| texts.iter().copied().max_by_key(length))?;
        let labels = || all.clone().filter(|place| *place != text);
        let label = labels()
            .filter(|place| !self.is_text(*place))
            .filter_map(|place| Some((named(&place, &LABELS)?, place)))
            .min()
            .map(|(_, place)| place)
            .or_else(|| {
                labels()
                    .filter(|place| self.label_count(*place).is_some())
                    .min_by_key(|place| self.label_count(*place))
            });
        Some(Texts {
            text: self.column(text),
            label: label.map(|place| self.column(place)),
        })
    }

    /// Two columns of texts, one of which answers the other.
    fn pair(&self) -> Option<[Column; 2]> {
        let lower: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.to_string().trim().to_lowercase())
            .collect();
        let at = |name: &str| lower.iter().position(|known| known == name);
        for [source, target] in PAIRS {
            if let (Some(source), Some(target)) = (at(source), at(target))
                && !self.is_number(source)
                && !self.is_number(target)
                && self.label_count(target).is_none()
            {
                return Some([self.columns[source].clone(), self.columns[target].clone()]);
            }
        }
        // Without names: nothing but texts, two of them, or a third that says where they are from.
        let headless =
            self.is_headless() || matches!(self.columns.first(), Some(Column::Number(1)));
        let texts = (0..self.columns.len().min(2)).all(|place| self.is_words(place));
        let few = (2..=3).contains(&self.columns.len());
        let labels =
            (0..self.columns.len()).any(|place| self.label_count(place).is_some() && place < 2);
        (headless && few && texts && !labels).then_some([Column::Number(1), Column::Number(2)])
    }

    fn is_number(&self, place: usize) -> bool {
        let mut cells = self.values(Some(place)).filter(|cell| !cell.is_empty());
        cells.all(|cell| cell.parse::<f64>().is_ok())
    }

    /// Whether a column holds words, short texts too.
    fn is_words(&self, place: usize) -> bool {
        let cells: Vec<&str> = self.values(Some(place)).collect();
        let words = cells
            .iter()
            .filter(|cell| cell.chars().any(char::is_alphabetic));
        !cells.is_empty()
            && words.count() * 10 >= cells.len() * 9
            && !cells.iter().all(|cell| is_time(cell))
    }
}

/// Whether a cell looks like a time: digits above all, with what stands between those of dates and clocks.
fn is_time(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let between = cell
        .chars()
        .filter(|c| "-/:.,+ TZ년월일시분초".contains(*c))
        .count();
    digits >= 4 && 10 * (digits + between) >= 8 * cell.chars().count()
}

/// Whether a text is a strand of DNA.
pub fn is_dna(text: &str) -> bool {
    let letter = |c: char| matches!(c.to_ascii_uppercase(), 'A' | 'C' | 'G' | 'T' | 'N');
    text.len() >= 12 && text.chars().all(letter)
}

/// The share of Hangul among the letters of texts.
pub fn hangul<'a>(texts: impl IntoIterator<Item = &'a str>) -> f64 {
    let (mut all, mut found) = (0usize, 0usize);
    for c in texts
        .into_iter()
        .flat_map(str::chars)
        .filter(|c| c.is_alphabetic())
    {
        all += 1;
        found += usize::from(
            matches!(u32::from(c), 0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7a3),
        );
    }
    found as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, text: &str) -> Head {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        Head::read(&file).unwrap().unwrap()
    }

    fn labelled(text: impl Into<Column>, label: impl Into<Column>) -> Rows {
        let (text, label) = (text.into(), Some(label.into()));
        Rows::Labelled(Texts { text, label })
    }

    #[test]
    fn tables_of_texts_are_known_by_their_columns() {
        let reviews: String = (0..12)
            .map(|k| format!("{k},this film was number {k},{}\n", k % 2))
            .collect();
        let named = head("a.csv", &format!("id,document,label\n{reviews}"));
        assert_eq!(named.rows(), labelled("document", "label"));
        // Nobody calls them so: the sentences, and the values that come again.
        let other = head("a.csv", &format!("nr,said,good\n{reviews}"));
        assert_eq!(other.rows(), labelled("said", "good"));
        let first: String = (0..12)
            .map(|k| format!("{}\tthis film was number {k}\n", ["neg", "pos"][k % 2]))
            .collect();
        assert_eq!(head("a.tsv", &first).rows(), labelled(2usize, 1usize));
        let dna: String = (0..12)
            .map(|k| format!("{},ACGTACGT{}\n", ["EI", "N"][k % 2], "ACGT".repeat(k + 1)))
            .collect();
        assert_eq!(head("a.csv", &dna).rows(), labelled(2usize, 1usize));
        let pairs = "Go.\tVa !\nRun!\tCours !\nStop it now please.\tArrête ça tout de suite.\n";
        assert_eq!(
            head("a.tsv", pairs).rows(),
            Rows::Pairs([Column::Number(1), Column::Number(2)])
        );
        let asked = head(
            "a.csv",
            "question,answer\nwho are you,a machine of words\nwhere,here\n",
        );
        assert_eq!(
            asked.rows(),
            Rows::Pairs(["question".into(), "answer".into()])
        );
    }

    #[test]
    fn steps_of_several_series_are_known_by_their_classes() {
        let rows: String = (0..40)
            .map(|k| {
                format!(
                    "{},{},7,{},{}.5\n",
                    k / 10,
                    ["sit", "run"][k / 10 % 2],
                    k % 10,
                    k * k % 7
                )
            })
            .collect();
        let found = head("a.csv", &format!("seq,action,subject,frame,x\n{rows}")).rows();
        let Rows::Long(long) = found else {
            panic!("{found:?}");
        };
        assert_eq!(
            (long.id.as_str(), long.label.as_str(), long.time.as_deref()),
            ("seq", "action", Some("frame"))
        );
        assert_eq!(long.values, ["x"]);
    }

    #[test]
    fn tables_of_numbers_are_no_texts() {
        let days: String = (1..20)
            .map(|k| format!("2021-01-{k:02},{k},{}\n", ["shop", "web"][k % 2]))
            .collect();
        assert_eq!(
            head("a.csv", &format!("date,sales,where\n{days}")).rows(),
            Rows::Steps
        );
        assert_eq!(
            head("a.csv", "u,x,y\n1,2,3\n2,3,4\n").rows(),
            Rows::Answered
        );
        let short = head(
            "a.csv",
            "text,label\nfine film,pos\nbad,neg\ngood one,pos\n",
        );
        assert!(matches!(short.rows(), Rows::Labelled(_)));
        // Times that rise are no input of an answer.
        for name in ["t", "time", "date", "timestamp"] {
            let text = format!("{name},y\n1609459200,3\n1609462800,4\n1609466400,2\n");
            assert_eq!(head("a.csv", &text).rows(), Rows::Steps, "{name}");
        }
    }
}
