//! One text per line.

use std::path::Path;

use super::config::{Column, RowsConfig};
use super::{Found, Row, Sink};
use crate::text::files::TextFile;
use crate::{Error, names};

/// The lines of a text with their numbers; those that are blank are left out.
fn numbered(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
}

/// `LABEL text`, where the label begins with `mark`, which is cut off.
pub(super) fn label_first(
    columns: &[Column],
    mark: &str,
    mut sink: Sink<'_>,
) -> Result<Found, Error> {
    let places = places(columns, &["label", "text"])?;
    for (line, content) in numbered(sink.text) {
        let content = content.trim();
        let (label, text) = content
            .split_once(char::is_whitespace)
            .unwrap_or((content, ""));
        let text = text.trim_start();
        let Some(label) = label.strip_prefix(mark) else {
            let message = format!(
                "expected a label that begins with \"{mark}\", found \"{}\"",
                start(label)
            );
            return Err(sink.error(line, message));
        };
        if !mark.is_empty() && text.starts_with(mark) {
            return Err(sink.error(line, "a second label; a text has one".into()));
        }
        let label = until(sink.config, label);
        let cells = places.iter().map(|&place| [label, text][place].trim());
        sink.push(line, columns, cells)?;
    }
    Ok(sink.found)
}

/// A text on each line; the label is the file's.
pub(super) fn texts(columns: &[Column], mut sink: Sink<'_>) -> Result<Found, Error> {
    let known: &[&str] = if sink.config.labels.is_empty() {
        &["text"]
    } else {
        &["text", "label"]
    };
    let places = places(columns, known)?;
    let label = match known.len() {
        1 => "",
        _ => label_of(sink.config, sink.file)?,
    };
    for (line, text) in numbered(sink.text) {
        let cells = places
            .iter()
            .map(|&place| [text.trim(), label.trim()][place]);
        sink.push(line, columns, cells)?;
    }
    Ok(sink.found)
}

/// Line by line the rows of two files.
pub(super) fn pair(source: TextFile, target: TextFile) -> Result<impl Iterator<Item = Row>, Error> {
    let [sources, targets] = [&source, &target].map(|file| file.text.lines().count());
    if sources != targets {
        return Err(Error::Unpaired {
            source_side: format!("`{}` has {sources} lines", source.path.display()),
            target_side: format!("`{}` has {targets}", target.path.display()),
        });
    }
    let texts = [&source, &target].map(|file| file.text.as_str());
    let [sources, targets] = texts.map(|text| text.lines().map(str::trim));
    let mut found = Found::within(&source.text, 2);
    for (line, (from, to)) in (1..).zip(sources.zip(targets)) {
        let blank = match (from, to) {
            ("", "") => continue,
            ("", _) => Some((&source, &target)),
            (_, "") => Some((&target, &source)),
            _ => None,
        };
        if let Some((blank, other)) = blank {
            return Err(Error::Row {
                path: blank.path.clone(),
                line: line as u64,
                message: format!(
                    "the line is blank, but that of `{}` is not",
                    other.path.display()
                ),
            });
        }
        found.pair(line, texts, [from, to]);
    }
    Ok(found.beside(source.path, [source.text, target.text]))
}

/// What `label_until` leaves of a label.
pub(super) fn until<'a>(config: &RowsConfig, label: &'a str) -> &'a str {
    match config.label_until.as_deref() {
        None | Some("") => label,
        Some(end) => label.split(end).next().unwrap_or(label),
    }
}

/// The places of the columns asked for among those there are.
fn places(columns: &[Column], known: &[&str]) -> Result<Vec<usize>, Error> {
    let place = |column: &Column| {
        let place = match column {
            Column::Number(number) => number.checked_sub(1).filter(|&place| place < known.len()),
            Column::Name(name) => known.iter().position(|known| known == name),
        };
        place.ok_or_else(|| {
            let name = column.to_string();
            let labels = if name == "label" {
                "; for a label for each file, set data.labels"
            } else {
                ""
            };
            Error::NoColumn {
                key: "data".into(),
                nearest: names::nearest_phrase(&name, known.iter().copied()) + labels,
                name,
                columns: names::list(known.iter().copied(), 30),
            }
        })
    };
    columns.iter().map(place).collect()
}

/// The label of a file: that of the pattern that fits its name or its path.
fn label_of<'a>(config: &'a RowsConfig, path: &Path) -> Result<&'a str, Error> {
    let fits = |pattern: &str| -> Result<bool, Error> {
        let compiled = glob::Pattern::new(pattern).map_err(|error| Error::Config {
            key: format!("data.labels.\"{pattern}\""),
            message: format!("it is not a valid pattern: {error}"),
        })?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok(name == pattern
            || path.ends_with(pattern)
            || compiled.matches(&name)
            || compiled.matches_path(path))
    };
    let mut found: Option<(&str, &str)> = None;
    for (pattern, label) in &config.labels {
        if !fits(pattern)? {
            continue;
        }
        match found {
            Some((first, other)) if other != label => {
                return Err(Error::Config {
                    key: "data.labels".into(),
                    message: format!(
                        "`{}` fits both \"{first}\" (label `{other}`) and \"{pattern}\" (label `{label}`); make them differ",
                        path.display()
                    ),
                });
            }
            _ => found = Some((pattern, label)),
        }
    }
    if let Some((_, label)) = found {
        return Ok(label);
    }
    let known = config.labels.keys().map(String::as_str);
    Err(Error::Config {
        key: "data.labels".into(),
        message: format!(
            "no label for `{}`; there are labels for: {}",
            path.display(),
            names::list(known, 30)
        ),
    })
}

/// The beginning of a text, for a message.
pub(super) fn start(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
