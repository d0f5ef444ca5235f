//! The rows of delimited text, cell by cell, each with its line.
//!
//! Cells stand in quotes where they hold the delimiter, a quote (which is doubled) or a line's end. Files are often not so
//! written: a quote may be a letter. So a cell is quoted only if it begins *and* ends with a quote and doubles those
//! inside; any other quote is a letter, and one that is opened and never closed is an error, not a cell that swallows rows.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// What separates cells, and what the marks of a text mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The character between cells; a space stands for any run of spaces and tabs.
    pub(crate) delimiter: u8,
    /// What cells may stand in.
    pub(crate) quote: Option<u8>,
    /// The quote was asked for: no other reading is tried.
    pub(crate) is_strict: bool,
    /// Lines that begin with this are passed over wherever they stand; empty for none.
    pub(crate) comment: String,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: Some(b'"'),
            is_strict: false,
            comment: String::new(),
        }
    }
}

/// One row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row<'t> {
    pub(crate) cells: Vec<Cow<'t, str>>,
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// Lines it spans.
    pub(crate) lines: u64,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    /// It begins with a quote.
    pub(crate) starts_quoted: bool,
}

/// A quote that is opened and not closed as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclosed {
    /// The line on which it is opened, from 1.
    pub(crate) line: u64,
}

/// The rows of a text with `\n` line ends, from a place in it on.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    dialect: Dialect,
    /// Cells that a row should have: it decides between two readings of a quote.
    width: Option<usize>,
    /// Comments passed over so far.
    pub(crate) comments: u64,
}

/// Lines that a cell in quotes may span though each of them would be a row by itself.
const MOST_LIKE_ROWS: u64 = 3;

impl<'t> Rows<'t> {
    pub(crate) fn new(text: &'t str, dialect: Dialect) -> Self {
        Self::from(text, dialect, 0, 1)
    }

    /// The rows from byte `at` on, which begins line `line`.
    pub(crate) fn from(text: &'t str, dialect: Dialect, at: usize, line: u64) -> Self {
        Self {
            text,
            at,
            line,
            dialect,
            width: None,
            comments: 0,
        }
    }

    /// Where the next row is looked for, in bytes.
    pub(crate) fn place(&self) -> usize {
        self.at
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.dialect.delimiter
    }

    pub(crate) fn expect(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// Reads the next row into `row`; whether there is one.
    pub(crate) fn next(&mut self, row: &mut Row<'t>) -> Result<bool, Unclosed> {
        row.cells.clear();
        let bytes = self.text.as_bytes();
        loop {
            if self.at >= bytes.len() {
                return Ok(false);
            }
            let end = memchr(b'\n', &bytes[self.at..]).map_or(bytes.len(), |end| self.at + end);
            let line = &self.text[self.at..end];
            let is_comment = !self.dialect.comment.is_empty()
                && line.trim_start().starts_with(&self.dialect.comment);
            if !is_comment && !self.is_blank(line) {
                (row.line, row.at) = (self.line, self.at);
                let first = line.trim_start().bytes().next();
                row.starts_quoted = first.is_some() && first == self.dialect.quote;
                return self.row(row, end).map(|()| true);
            }
            self.comments += u64::from(is_comment);
            self.at = end + 1;
            self.line += 1;
        }
    }

    /// A line of white space says nothing, unless tabs in it separate empty cells.
    fn is_blank(&self, line: &str) -> bool {
        line.as_bytes().first().is_none_or(u8::is_ascii_whitespace)
            && line.trim().is_empty()
            && !(self.dialect.delimiter == b'\t'
                && self.width.is_some_and(|width| {
                    width > 1 && memchr_iter(b'\t', line.as_bytes()).count() + 1 == width
                }))
    }

    /// The row that begins here, on a line that ends at `end`.
    fn row(&mut self, row: &mut Row<'t>, end: usize) -> Result<(), Unclosed> {
        let line = &self.text[self.at..end];
        let quote = self
            .dialect
            .quote
            .filter(|quote| memchr(*quote, line.as_bytes()).is_some());
        let Some(quote) = quote else {
            split(line, self.dialect.delimiter, &mut row.cells);
            self.pass(row, end);
            return Ok(());
        };
        let stop = self.quoted(row, end, quote)?;
        // Where quotes are letters between tabs, cells that seem to span several may be as many.
        let is_one_line = stop <= end;
        if self.width.is_some_and(|width| width != row.cells.len()) && is_one_line {
            let count = self.count(line);
            let is_letter = !self.dialect.is_strict && self.dialect.delimiter == b'\t';
            if is_letter && Some(count) == self.width {
                row.cells.clear();
                split(line, self.dialect.delimiter, &mut row.cells);
            }
        }
        self.pass(row, stop);
        Ok(())
    }

    fn pass(&mut self, row: &mut Row<'t>, stop: usize) {
        row.lines = 1 + memchr_iter(b'\n', &self.text.as_bytes()[self.at..stop]).count() as u64;
        self.line += row.lines;
        self.at = stop + 1;
    }

    /// Cells of a line that holds quotes; gives where the row ends.
    fn quoted(&self, row: &mut Row<'t>, end: usize, quote: u8) -> Result<usize, Unclosed> {
        let bytes = self.text.as_bytes();
        let is_space = self.dialect.delimiter == b' ';
        let (mut at, mut end) = (self.at, end);
        loop {
            let blank = if is_space { is_blank } else { is_plain_space };
            let start = at + bytes[at..end].iter().take_while(blank).count();
            if is_space && start == end && !row.cells.is_empty() {
                return Ok(end);
            }
            let is_open = start < end && bytes[start] == quote;
            let after = match is_open
                .then(|| self.close(start, end, quote, row))
                .transpose()?
                .flatten()
            {
                Some(closed) => {
                    row.cells.push(self.unquoted(start + 1, closed.at, quote));
                    end = closed.end;
                    closed.after
                }
                None => {
                    let from = if is_space { start } else { at };
                    let rest = &bytes[from..end];
                    let found = match is_space {
                        true => memchr2(b' ', b'\t', rest),
                        false => memchr(self.dialect.delimiter, rest),
                    };
                    let stop = found.map_or(end, |found| from + found);
                    row.cells.push(Cow::Borrowed(&self.text[from..stop]));
                    stop
                }
            };
            if after >= end {
                return Ok(end);
            }
            at = after + 1;
            // Spaces at the end of a line separate nothing.
            if is_space && bytes[at..end].iter().all(|byte| is_blank(&byte)) {
                return Ok(end);
            }
        }
    }

    /// Where a quote that is opened at `start` is closed; `None` if it is a letter.
    fn close(
        &self,
        start: usize,
        end: usize,
        quote: u8,
        row: &Row<'t>,
    ) -> Result<Option<Closed>, Unclosed> {
        let bytes = self.text.as_bytes();
        let is_strict = self.dialect.is_strict;
        let error = || {
            let before = memchr_iter(b'\n', &bytes[self.at..start]).count() as u64;
            Err(Unclosed {
                line: self.line + before,
            })
        };
        match self.closing(start + 1, quote) {
            Some(closed) if closed.at < end || is_strict => Ok(Some(closed)),
            Some(closed) => match self.is_like_rows(start, closed.end, row) {
                false => Ok(Some(closed)),
                true if self.dialect.delimiter == b'\t' => Ok(None),
                true => error(),
            },
            None => {
                // What stands in the cell if the quote is a letter.
                let rest = &bytes[start + 1..end];
                let stop = memchr(self.dialect.delimiter, rest).unwrap_or(rest.len());
                let has_another = memchr(quote, &rest[..stop]).is_some();
                let is_fit = self
                    .width
                    .is_none_or(|width| self.count(&self.text[self.at.min(start)..end]) == width);
                let is_letter = has_another || self.dialect.delimiter == b'\t' && is_fit;
                if is_letter && !is_strict {
                    Ok(None)
                } else {
                    error()
                }
            }
        }
    }

    /// The quote that closes a cell: one that no other follows, with the cell's end behind it.
    fn closing(&self, from: usize, quote: u8) -> Option<Closed> {
        let bytes = self.text.as_bytes();
        let is_space = self.dialect.delimiter == b' ';
        let mut from = from;
        loop {
            let at = from + memchr(quote, &bytes[from..])?;
            if bytes.get(at + 1) == Some(&quote) {
                from = at + 2;
                continue;
            }
            let spaces = bytes[at + 1..].iter();
            let after = at
                + 1
                + spaces
                    .take_while(|b| !is_space && is_plain_space(b))
                    .count();
            let is_end = match bytes.get(after) {
                None | Some(b'\n') => true,
                Some(byte) => {
                    *byte == self.dialect.delimiter || is_space && matches!(byte, b' ' | b'\t')
                }
            };
            if is_end {
                let end = memchr(b'\n', &bytes[after.min(bytes.len())..])
                    .map_or(bytes.len(), |end| after + end);
                return Some(Closed { at, after, end });
            }
            if bytes[at - 1] != b'\\' {
                return None;
            }
            from = at + 1;
        }
    }

    /// Whether the lines from the one at `start` to the one that ends at `end` would all be rows if quotes were letters, so
    /// that a cell over all of them is not to be believed.
    fn is_like_rows(&self, start: usize, end: usize, row: &Row<'t>) -> bool {
        let Some(width) = self.width.filter(|width| *width > 1) else {
            return false;
        };
        let bytes = self.text.as_bytes();
        let first_end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        let first = row.cells.len() + self.count(&self.text[start..first_end]);
        let rest = self.text.get(first_end + 1..end).unwrap_or_default();
        let mut lines = 1;
        let is_all = rest.split('\n').all(|line| {
            lines += 1;
            self.count(line) == width
        });
        let is_enough = self.dialect.delimiter == b'\t' || lines > MOST_LIKE_ROWS;
        first == width && is_all && is_enough
    }

    /// Cells of a line in which quotes are letters.
    fn count(&self, line: &str) -> usize {
        match self.dialect.delimiter {
            b' ' => line.split_ascii_whitespace().count(),
            delimiter => 1 + memchr_iter(delimiter, line.as_bytes()).count(),
        }
    }

    /// What stands between two quotes, with those inside as they are meant.
    fn unquoted(&self, from: usize, to: usize, quote: u8) -> Cow<'t, str> {
        let cell = &self.text[from..to];
        if memchr(quote, cell.as_bytes()).is_none() {
            return Cow::Borrowed(cell);
        }
        let mark = char::from(quote);
        let mut text = String::with_capacity(cell.len());
        let mut letters = cell.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == mark {
                letters.next_if_eq(&mark);
            } else if letter == '\\' && letters.peek() == Some(&mark) {
                letters.next();
                text.push(mark);
                continue;
            }
            text.push(letter);
        }
        Cow::Owned(text)
    }
}

/// A closing quote.
#[derive(Clone, Copy)]
struct Closed {
    at: usize,
    /// The delimiter behind it, or the end of its line.
    after: usize,
    /// The end of its line.
    end: usize,
}

fn is_blank(byte: &&u8) -> bool {
    matches!(**byte, b' ' | b'\t')
}

fn is_plain_space(byte: &&u8) -> bool {
    **byte == b' '
}

fn split<'t>(line: &'t str, delimiter: u8, cells: &mut Vec<Cow<'t, str>>) {
    if delimiter == b' ' {
        cells.extend(line.split_ascii_whitespace().map(Cow::Borrowed));
        return;
    }
    let mut from = 0;
    for at in memchr_iter(delimiter, line.as_bytes()) {
        cells.push(Cow::Borrowed(&line[from..at]));
        from = at + 1;
    }
    cells.push(Cow::Borrowed(&line[from..]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells joined by `|` and rows by line numbers; an unclosed quote as `!line`.
    fn read(text: &str, delimiter: u8, width: Option<usize>) -> String {
        let dialect = Dialect {
            delimiter,
            ..Dialect::default()
        };
        let mut rows = Rows::new(text, dialect);
        rows.width = width;
        let (mut row, mut out) = (Row::default(), Vec::new());
        loop {
            match rows.next(&mut row) {
                Ok(true) => out.push(format!("{}:{}", row.line, row.cells.join("|"))),
                Ok(false) => return out.join(" "),
                Err(unclosed) => {
                    out.push(format!("!{}", unclosed.line));
                    return out.join(" ");
                }
            }
        }
    }

    #[test]
    fn cells_in_quotes() {
        // What Python's csv.reader gives for the same texts.
        assert_eq!(
            read("a,\"b,c\"\n\n\"d\"\"e\",f", b',', None),
            "1:a|b,c 3:d\"e|f"
        );
        assert_eq!(read("\"a\nb\",c\nd,e\n", b',', Some(2)), "1:a\nb|c 3:d|e");
        assert_eq!(read("\"a\" , \"b\"\n", b',', None), "1:a|b");
        assert_eq!(read("\"\",\"\"\n", b',', None), "1:|");
        assert_eq!(read("\"x \\\"y\\\" z\",1\n", b',', None), "1:x \"y\" z|1");
        assert_eq!(read("a,b,\n", b',', None), "1:a|b|");
    }

    #[test]
    fn quotes_that_are_letters() {
        assert_eq!(read("a \"b\" c,d\n", b',', None), "1:a \"b\" c|d");
        assert_eq!(
            read("\"Oh\" he said,d\n", b',', Some(2)),
            "1:\"Oh\" he said|d"
        );
        assert_eq!(
            read("5\" pipe\t1\n6\" pipe\t2\n", b'\t', Some(2)),
            "1:5\" pipe|1 2:6\" pipe|2"
        );
        assert_eq!(read("\"x\t1\ny\"\t2\n", b'\t', Some(2)), "1:\"x|1 2:y\"|2");
        assert_eq!(read("\"x\t1\ny\t2\n", b'\t', Some(2)), "1:\"x|1 2:y|2");
        assert_eq!(read("\"a\tb\"\n", b'\t', Some(2)), "1:\"a|b\"");
    }

    #[test]
    fn quotes_that_are_not_closed() {
        assert_eq!(read("a,b\n\"c,d\ne,f\n", b',', Some(2)), "1:a|b !2");
        assert_eq!(
            read("a,b\n\"c,d\ne,f\n\"g\",h\n", b',', Some(2)),
            "1:a|b !2"
        );
        // Four lines of two cells each are no cell of four lines.
        assert_eq!(read("\"c,d\ne,f\ng,h\n12\",5\n", b',', Some(2)), "!1");
    }

    #[test]
    fn spaces_separate_by_runs() {
        assert_eq!(
            read("  a   b\t c \n1 \"x y\"  2\n", b' ', None),
            "1:a|b|c 2:1|x y|2"
        );
    }
}
