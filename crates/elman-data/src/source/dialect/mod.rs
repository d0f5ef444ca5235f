//! How delimited text is written: delimiter, quotes, comments and header, decided together.

mod config;
mod head;
mod kind;
pub(crate) mod rows;
mod sniff;
#[cfg(test)]
mod tests;

use std::path::Path;

pub(crate) use config::DialectConfig;
pub use config::Header;
pub(crate) use rows::{Dialect, Row, Rows};

use crate::Error;
use sniff::Sample;

/// What a table is read for, which says what may stand in it besides rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A series: comments, titles and a row of units may stand above its rows.
    Series,
    /// Rows of numbers, or of steps: comments may stand above them.
    Signals {
        /// Rows may end early.
        is_ragged: bool,
    },
    /// Rows of texts: whatever stands there is one.
    Texts,
}

/// Where the rows of a text begin, and how they are written.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) dialect: Dialect,
    /// Where the first row begins, which may be the header: byte and line.
    pub(crate) at: usize,
    pub(crate) line: u64,
    /// The first row reads like those below, so that it names nothing.
    pub(crate) is_data: bool,
    /// The first row holds a text where those below hold numbers or times, so that it names the columns.
    pub(crate) names_columns: bool,
    /// Names from the comment just above the first row, where they are as many as its cells.
    pub(crate) above: Option<Vec<String>>,
    /// Every row below the header ends with a delimiter, behind which nothing stands.
    pub(crate) is_trailing: bool,
    /// The rows begin with names of their own, for which the header has none.
    pub(crate) has_row_names: bool,
    /// A row of units below the header: its line and what it says.
    pub(crate) units: Option<(u64, String)>,
    /// Comment lines and title lines above the first row.
    pub(crate) comments: u64,
    pub(crate) titles: u64,
    /// A first line such as `sep=;`.
    pub(crate) says_separator: bool,
}

impl Layout {
    /// Decides how `text` is written, by what `keys` leave open.
    ///
    /// # Errors
    /// [`Error::Config`] for keys that cannot be meant, or where two delimiters fit equally well; [`Error::Empty`] where
    /// there is no row; [`Error::Row`] for bytes that no text holds.
    pub(crate) fn find(
        text: &str,
        keys: &DialectConfig,
        purpose: Purpose,
        path: &Path,
    ) -> Result<Self, Error> {
        keys.check()?;
        refuse_nul(text, path)?;
        let (mut at, mut line) = (0, 1);
        let separator = keys
            .delimiter
            .is_none()
            .then(|| head::separator(text))
            .flatten();
        if let Some((_, end)) = separator {
            (at, line) = (end, 2);
        }
        let default = if purpose == Purpose::Texts { "" } else { "#" };
        let mark = keys.comment.as_deref().unwrap_or(default);
        let top = head::Top::read(text, (at, line), mark);
        if top.at >= text.len() {
            return Err(Error::Empty {
                path: path.into(),
                what: if text.trim().is_empty() {
                    "is empty"
                } else {
                    "holds only comments"
                },
            });
        }
        let forced = keys.delimiter.map(|given| given as u8);
        let forced = forced.or(separator.map(|(delimiter, _)| delimiter));
        let file = path.display().to_string();
        let start = (top.at, top.line);
        let sample = sniff::sniff(text, start, forced, keys, purpose, &file)?;
        let mut layout = Self {
            dialect: sample.dialect.clone(),
            at: top.at,
            line: top.line,
            is_data: false,
            names_columns: false,
            above: None,
            is_trailing: false,
            has_row_names: false,
            units: None,
            comments: top.comments,
            titles: 0,
            says_separator: separator.is_some(),
        };
        if purpose != Purpose::Texts && !sample.rows.is_empty() {
            layout.place_header(&sample, keys, purpose, mark);
            layout.above = top.names(&sample, layout.line);
        }
        Ok(layout)
    }

    fn place_header(
        &mut self,
        sample: &Sample<'_>,
        keys: &DialectConfig,
        purpose: Purpose,
        mark: &str,
    ) {
        let is_series = purpose == Purpose::Series;
        let may_have_titles = is_series && !matches!(keys.header, Some(Header::Present(false)));
        let place = match may_have_titles {
            true => head::header(sample, mark),
            false => 0,
        };
        for row in &sample.rows[..place] {
            let is_comment = !mark.is_empty() && row.cells[0].trim_start().starts_with(mark);
            *if is_comment {
                &mut self.comments
            } else {
                &mut self.titles
            } += row.lines;
        }
        let row = &sample.rows[place];
        (self.at, self.line) = (row.at, row.line);
        self.is_data = head::is_data(sample, place);
        self.names_columns = !self.is_data && head::names_columns(sample, place);
        if !is_series {
            return;
        }
        let count = row.cells.len();
        let ends_empty = row.cells.last().is_some_and(|cell| cell.trim().is_empty());
        self.is_trailing = sample.is_trailing(place) && (count < sample.width || ends_empty)
            || count == sample.width + 1 && ends_empty;
        self.has_row_names =
            !self.is_trailing && sample.has_row_names(place) && sample.fits_below(place);
        if !self.is_data {
            self.units = head::units(sample, place);
        }
    }

    /// The rows from the first on.
    pub(crate) fn rows<'t>(&self, text: &'t str) -> Rows<'t> {
        Rows::from(text, self.dialect.clone(), self.at, self.line)
    }

    /// How the text is written, in words: "; between cells, 2 comment lines passed over".
    pub(crate) fn describe(&self, header: &str) -> String {
        let mut words = vec![format!("{} cells", between(self.dialect.delimiter))];
        if self.dialect.delimiter == sniff::NOTHING {
            words[0] = "one column".into();
        }
        if let Some(quote) = self.dialect.quote.filter(|quote| *quote != b'"') {
            words.push(format!("quotes {}", char::from(quote)));
        }
        words.push(header.into());
        if self.says_separator {
            words.push("line 1 names the delimiter".into());
        }
        if self.titles > 0 {
            let lines = lines(self.titles);
            words.push(format!("{lines} above the header passed over"));
        }
        if self.comments > 0 {
            let s = if self.comments == 1 { "" } else { "s" };
            words.push(format!("{} comment line{s} passed over", self.comments));
        }
        if let Some((line, units)) = &self.units {
            words.push(format!("line {line} passed over: units ({units})"));
        }
        if self.is_trailing {
            words.push("the delimiter that ends each line passed over".into());
        }
        if self.has_row_names {
            words.push("rows have names, which the header has none for".into());
        }
        words.join(", ")
    }
}

fn lines(count: u64) -> String {
    match count {
        1 => "1 line".into(),
        more => format!("{more} lines"),
    }
}

fn between(delimiter: u8) -> String {
    match delimiter {
        b',' => "commas between".into(),
        b'\t' => "tabs between".into(),
        b' ' => "blanks between".into(),
        other => format!("{} between", char::from(other)),
    }
}

/// A text holds no zero byte; a file with one is damaged, or no text.
fn refuse_nul(text: &str, path: &Path) -> Result<(), Error> {
    match memchr::memchr(0, text.as_bytes()) {
        None => Ok(()),
        Some(at) => Err(Error::Row {
            path: path.into(),
            line: 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() as u64,
            message: "it holds a zero byte, which no text does; the file is damaged, or in another format or encoding \
                      (see data.format and data.encoding)"
                .into(),
        }),
    }
}

/// The error for a quote that is opened on `line` and not closed as it should be.
pub(crate) fn unclosed(path: &Path, unclosed: rows::Unclosed) -> Error {
    Error::Row {
        path: path.into(),
        line: unclosed.line,
        message: "a quote is opened there and never closed as it should be; close it and double the quotes inside, or set \
                  data.quote = \"\" if quotes are letters (data.quote = \"\\\"\" if the cell spans lines)"
            .into(),
    }
}
