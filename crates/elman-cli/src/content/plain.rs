//! Files of lines that are no tables: running text, words with tags, texts with labels.

use super::beginning;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The beginning of a file of text.
pub struct Beginning {
    text: String,
    /// Whether it is the whole file.
    pub whole: bool,
}

/// How a file of text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Running text.
    Text,
    /// A word and its tags on each line, blank lines between sentences.
    Tagged,
    /// A label before each text.
    LabelFirst,
    /// `__label__` and a label before each text.
    Fasttext,
    /// Rows of numbers.
    Numbers,
}

impl Beginning {
    /// The beginning of a file in UTF-8 or, which shows line by line as well, another encoding that holds ASCII; nothing for one of
    /// other bytes.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> std::io::Result<Option<Self>> {
        let (bytes, whole) = beginning(path)?;
        let mut text = match utf16(&bytes) {
            Some(text) => text,
            None if bytes.contains(&0) => return Ok(None),
            None => String::from_utf8_lossy(&bytes).into_owned(),
        };
        if !whole && let Some(end) = text.rfind('\n') {
            text.truncate(end + 1); // the last line may be cut
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        Ok(Some(Self { text, whole }))
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// Whether it holds tunes in ABC notation: headers that begin with their number and end with their key.
    pub fn is_abc(&self) -> bool {
        let has = |field: &str| self.lines().any(|line| line.starts_with(field));
        has("X:") && has("K:")
    }

    /// How it is written.
    pub fn plain(&self) -> Plain {
        let lines: Vec<&str> = self.text.lines().map(str::trim_end).collect();
        let filled: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|line| !line.trim().is_empty())
            .collect();
        if filled.len() < 2 {
            return Plain::Text;
        }
        match () {
            () if filled.iter().all(|line| line.starts_with("__label__")) => Plain::Fasttext,
            () if is_tagged(&lines) => Plain::Tagged,
            () if are_numbers(&filled) => Plain::Numbers,
            () if has_labels(&filled) => Plain::LabelFirst,
            () => Plain::Text,
        }
    }
}

/// The text of UTF-16 that begins with its mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]));
    let letters = char::decode_utf16(units);
    Some(
        letters
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

/// Whether lines are words with their tags: as many columns on every line, one short word first, and blank lines between sentences.
fn is_tagged(lines: &[&str]) -> bool {
    let words: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| {
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("-DOCSTART-")
        })
        .collect();
    let Some(first) = words.first() else {
        return false;
    };
    let tabs = first.contains('\t');
    let cells = |line: &&str| -> Vec<String> {
        match tabs {
            true => line.split('\t').map(str::to_owned).collect(),
            false => line.split_whitespace().map(str::to_owned).collect(),
        }
    };
    let width = cells(first).len();
    let sentences = lines
        .split(|line| line.trim().is_empty())
        .filter(|sentence| !sentence.is_empty())
        .count();
    let rows: Vec<Vec<String>> = words.iter().map(cells).collect();
    let even = rows
        .iter()
        .all(|row| row.len() == width && !row[0].contains(char::is_whitespace));
    if width < 2 || sentences < 2 || !even || words.len() < 2 * sentences {
        return false;
    }
    // Tags are few and come again; a text in lines of two words has neither.
    let last: HashSet<&String> = rows.iter().filter_map(|row| row.last()).collect();
    last.len() <= 100 && last.len() * 2 <= rows.len().max(8)
}

/// Whether nearly every line is a row of numbers, two or more.
fn are_numbers(lines: &[&str]) -> bool {
    let rows = lines.iter().filter(|line| !line.starts_with(['#', '%']));
    let (mut all, mut numbers) = (0, 0);
    let mut widths: HashMap<usize, usize> = HashMap::new();
    for line in rows {
        let cells: Vec<&str> = line
            .split([',', ';', '\t', ' ', '|'])
            .filter(|cell| !cell.is_empty())
            .collect();
        let number = |cell: &&&str| cell.replace(',', ".").parse::<f64>().is_ok();
        let count = cells.iter().filter(number).count();
        all += 1;
        if count >= 1 && count * 2 >= cells.len() && cells.len() >= 2 {
            numbers += 1;
            *widths.entry(cells.len()).or_default() += 1;
        }
    }
    let commonest = widths.values().max().copied().unwrap_or(0);
    all > 2 && numbers * 10 >= all * 8 && commonest * 10 >= all * 7
}

/// Whether every line begins with one of few words in capitals or with a colon, as labels are, before a text.
fn has_labels(lines: &[&str]) -> bool {
    let first: Option<Vec<(&str, &str)>> = lines
        .iter()
        .map(|line| line.split_once([' ', '\t']))
        .collect();
    let Some(pairs) = first else {
        return false;
    };
    let coarse = |label: &str| label.split(':').next().unwrap_or(label).to_owned();
    let labels: HashSet<String> = pairs.iter().map(|(label, _)| coarse(label)).collect();
    let marked = pairs.iter().all(|(label, _)| {
        label.contains(':') && !label.ends_with(':')
            || label
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '_' || c == '-')
    });
    let texts = pairs
        .iter()
        .filter(|(_, text)| text.split_whitespace().count() > 1);
    marked
        && (2..=50).contains(&labels.len())
        && labels.len() * 3 <= pairs.len()
        && texts.count() * 2 > pairs.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Plain {
        let text = text.to_owned();
        Beginning { text, whole: true }.plain()
    }

    #[test]
    fn lines_say_what_they_are() {
        let tagged = "The DET\ndog NOUN\nbarks VERB\n\nA DET\ncat NOUN\nsleeps VERB\n";
        assert_eq!(plain(tagged), Plain::Tagged);
        assert_eq!(plain(&tagged.replace(' ', "\t")), Plain::Tagged);
        assert_eq!(
            plain("It was\na dark\n\nand stormy\nnight then\n\nThe end\nwas near\n"),
            Plain::Text
        );
        assert_eq!(
            plain("__label__a one two\n__label__b three\n"),
            Plain::Fasttext
        );
        let questions = "DESC:manner How did it end ?\nENTY:animal What is a newt ?\n".repeat(4);
        assert_eq!(plain(&questions), Plain::LabelFirst);
        assert_eq!(
            plain(&"0 it is bad\n1 it is good\n".repeat(4)),
            Plain::LabelFirst
        );
        assert_eq!(plain("# t v\n0.1 1.5\n0.2 1.6\n0.3 1.7\n"), Plain::Numbers);
        assert_eq!(
            plain("a\tb\n1\t2,5\n2\t2,7\n3\t2,8\n4\t2,9\n5\t3,0\n"),
            Plain::Numbers
        );
        assert_eq!(
            plain("In 1990, there were 3 of them.\nIn 1991, 4.\n"),
            Plain::Text
        );
        assert_eq!(plain("X:1\nT:A tune\nK:C\nCDEF|\n"), Plain::Text);
    }
}
