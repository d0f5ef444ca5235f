//! Texts of a file that nobody has labelled, or whose labels are not to be looked at.

use std::path::Path;

use super::lines::{self, start};
use super::{Column, Found, Row, RowFormat, RowsConfig, format, read_columns, read_rows};
use crate::Error;
use crate::text::files::read_texts;

/// The texts of a file, one to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlabelled {
    /// A row for each text, which is its only field.
    pub rows: Vec<Row>,
    /// How the file was read.
    pub format: RowFormat,
    /// The column that holds the texts, where the file has columns.
    pub column: Option<Column>,
    /// The columns beside it, and the labels before the texts, that were not read.
    pub beside: Vec<Column>,
}

/// Reads the texts of one file, as `config` reads the files of training: in a table those of `column`,
/// elsewhere a text on each line. A file whose name tells of another format than those of training is read in that one. What
/// stands beside the texts is not read, whether it is there or not; `labels` are those of training, for formats that write
/// them before the text.
///
/// # Errors
/// As [`read_rows`]; [`Error::Row`] for the first line without a label, where others begin with one.
pub fn read_unlabelled(
    config: &RowsConfig,
    column: &Column,
    labels: &[String],
    file: &Path,
) -> Result<Unlabelled, Error> {
    let config = as_training(config, file)?;
    let format = config.format.unwrap_or(RowFormat::Lines);
    let (base, name) = located(file);
    let patterns = [name];
    match format {
        RowFormat::Csv | RowFormat::Tsv | RowFormat::Jsonl | RowFormat::Json | RowFormat::Xlsx => {
            let named = matches!(column, Column::Name(_));
            let mut beside = read_columns(&config, &patterns, named, base)?;
            // Texts alone need no number.
            let column = match (column, beside.as_slice()) {
                (Column::Number(_), [only]) => only.clone(),
                (Column::Number(number), columns) => number
                    .checked_sub(1)
                    .and_then(|place| columns.get(place))
                    .unwrap_or(column)
                    .clone(),
                (named, _) => named.clone(),
            };
            let rows = read_rows(&config, &patterns, std::slice::from_ref(&column), base)?;
            beside.retain(|other| *other != column);
            Ok(Unlabelled {
                rows,
                format,
                column: Some(column),
                beside,
            })
        }
        RowFormat::LabelFirst | RowFormat::Fasttext | RowFormat::Lines => {
            let (rows, labelled) = texts(&config, format, labels, &patterns, base)?;
            Ok(Unlabelled {
                rows,
                format,
                column: None,
                beside: if labelled {
                    vec!["label".into()]
                } else {
                    Vec::new()
                },
            })
        }
    }
}

/// Reads `columns` of every row of one file, as `config` reads the files of training: what a trained model is evaluated on.
///
/// # Errors
/// As [`read_rows`].
pub fn read_labelled(
    config: &RowsConfig,
    columns: &[Column],
    file: &Path,
) -> Result<Vec<Row>, Error> {
    let (base, name) = located(file);
    read_rows(&as_training(config, file)?, &[name], columns, base)
}

/// The configuration of training as it fits a new file: a name that tells of another format counts more than how the files of
/// training are written.
fn as_training(config: &RowsConfig, file: &Path) -> Result<RowsConfig, Error> {
    let plain = RowsConfig {
        encoding: config.encoding.clone(),
        skip_empty: config.skip_empty,
        ..RowsConfig::default()
    };
    let told = format(&RowsConfig::default(), file).ok();
    let trained = config.files.first().map(Path::new);
    let same_ending = trained.is_some_and(|trained| trained.extension() == file.extension());
    let of_training = config.format.or_else(|| {
        let named = trained.and_then(|trained| format(&RowsConfig::default(), trained).ok());
        named.filter(|_| same_ending)
    });
    Ok(match (told, of_training) {
        (_, Some(format)) if same_ending || told.is_none() => RowsConfig {
            format: Some(format),
            ..config.clone()
        },
        // The same kind of table under another ending has its header and its delimiter all the same.
        (Some(told), Some(format)) if told == format => config.clone(),
        (Some(told), _) => RowsConfig {
            format: Some(told),
            header: config
                .header
                .clone()
                .filter(|_| !matches!(told, RowFormat::Jsonl | RowFormat::Json)),
            ..plain
        },
        (None, _) => RowsConfig {
            format: Some(RowFormat::Lines),
            ..plain
        },
    })
}

/// The folder of a file and its name in it: files are named by texts, folders by any path.
pub(crate) fn located(file: &Path) -> (&Path, String) {
    let name = file.file_name().unwrap_or(file.as_os_str());
    let folder = file.parent().unwrap_or(Path::new(""));
    (folder, name.to_string_lossy().into_owned())
}

/// A text on each line, and whether labels were taken from before them.
fn texts(
    config: &RowsConfig,
    format: RowFormat,
    labels: &[String],
    patterns: &[String],
    base: &Path,
) -> Result<(Vec<Row>, bool), Error> {
    let file = read_texts(patterns, config.encoding.as_deref(), base)?.swap_remove(0);
    let lines = || {
        let numbered = (1..).zip(file.text.lines().map(str::trim));
        numbered.filter(|(_, line)| !line.is_empty())
    };
    let split = |line: &'_ str| -> Option<usize> {
        let (first, rest) = line.split_once(char::is_whitespace)?;
        let label = match format {
            RowFormat::Fasttext => Some(first).filter(|first| first.starts_with("__label__")),
            RowFormat::LabelFirst => Some(lines::until(config, first))
                .filter(|label| labels.iter().any(|known| known == label)),
            _ => None,
        };
        label.map(|_| line.len() - rest.trim_start().len())
    };
    let with = lines().filter(|(_, line)| split(line).is_some()).count();
    if with > 0
        && let Some((line, text)) = lines().find(|(_, line)| split(line).is_none())
    {
        return Err(Error::Row {
            path: file.path.clone(),
            line: line as u64,
            message: format!(
                "\"{}\" begins with no label, as {with} of the {} lines do; write the label before every text, or before none",
                start(text),
                lines().count()
            ),
        });
    }
    let mut found = Found::within(&file.text, 1);
    for (line, text) in lines() {
        let text = &text[split(text).unwrap_or(0)..];
        found.push(&file.text, line, std::iter::once(text));
    }
    Ok((found.rows(file.path, file.text).collect(), with > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        config: &RowsConfig,
        column: impl Into<Column>,
        name: &str,
        contents: &str,
    ) -> Result<Unlabelled, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, contents).unwrap();
        read_unlabelled(config, &column.into(), &["p".into(), "n".into()], &file)
    }

    fn trained(file: &str) -> RowsConfig {
        RowsConfig {
            files: vec![file.into()],
            ..RowsConfig::default()
        }
    }

    fn texts(read: &Unlabelled) -> Vec<&str> {
        read.rows.iter().map(|row| row.field(0)).collect()
    }

    // Expected values: read off the texts by hand.
    #[test]
    fn a_table_gives_its_texts_with_or_without_labels() {
        let config = trained("train.csv");
        for (name, contents, beside) in [
            ("a.csv", "text,label\n\"good, so\",p\nbad,\n", 1),
            ("b.csv", "id;text\n1;good, so\n2;bad\n", 1),
            ("c.csv", "text\n\"good, so\"\nbad\n", 0),
            ("d.tsv", "label\ttext\np\tgood, so\nn\tbad\n", 1),
            (
                "e.jsonl",
                "{\"text\":\"good, so\"}\n{\"text\":\"bad\"}\n",
                0,
            ),
            ("f.txt", "good, so\n\nbad\n", 0),
            ("g", "good, so\nbad\n", 0),
        ] {
            let found = read(&config, "text", name, contents).unwrap();
            assert_eq!(texts(&found), ["good, so", "bad"], "{name}");
            assert_eq!(found.beside.len(), beside, "{name}");
        }
        let wrong = read(&config, "text", "a.csv", "txt,label\ngood,p\n").unwrap_err();
        assert!(wrong.to_string().contains("`text`"), "{wrong}");
    }

    #[test]
    fn columns_by_number_are_those_of_training() {
        let config = trained("train.tsv");
        let found = read(&config, 2usize, "a.tsv", "p\tgood\nn\tbad\n").unwrap();
        assert_eq!(texts(&found), ["good", "bad"]);
        let alone = read(&config, 2usize, "a.tsv", "good\nbad\n").unwrap();
        assert_eq!(texts(&alone), ["good", "bad"]);
    }

    #[test]
    fn a_label_before_the_text_is_none_of_it() {
        let config = RowsConfig {
            format: Some(RowFormat::LabelFirst),
            label_until: Some(":".into()),
            ..trained("train.txt")
        };
        let found = read(&config, "text", "a.txt", "p:x good one\nn bad\n").unwrap();
        assert_eq!(texts(&found), ["good one", "bad"]);
        let without = read(&config, "text", "a.txt", "good one\nbad\n").unwrap();
        assert_eq!(texts(&without), ["good one", "bad"]);
        let mixed = read(&config, "text", "a.txt", "p good one\nbad\n").unwrap_err();
        assert!(mixed.to_string().contains("line 2"), "{mixed}");
        let fast = RowsConfig {
            format: Some(RowFormat::Fasttext),
            ..trained("train.txt")
        };
        let found = read(&fast, "text", "a.txt", "__label__q good one\n").unwrap();
        assert_eq!(texts(&found), ["good one"]);
    }
}
