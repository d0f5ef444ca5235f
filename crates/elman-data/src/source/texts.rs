//! Columns of texts, without a copy of them.
//!
//! The text of a file is kept once, and a cell is a span of it: three bytes, counted from where its row begins. The few cells
//! that no such span gives (long ones, those far out in a long row, those with quotes inside quotes) are kept by themselves.

use std::borrow::Cow;
use std::rc::Rc;

use super::clock;

/// The cells of one column.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// One for each file.
    parts: Vec<Part>,
}

/// The cells of one column of one file.
#[derive(Debug, Default)]
struct Part {
    /// The row of the column behind the last of them.
    end: usize,
    text: Rc<String>,
    /// Where the rows begin in the text, in bytes.
    rows: Rc<Vec<u32>>,
    spans: Spans,
}

/// A span for each row.
#[derive(Debug, Default)]
struct Spans {
    list: Vec<Span>,
    /// The cells that have none, each with its row.
    kept: Vec<(usize, Box<str>)>,
}

/// Where a cell begins, in bytes from the beginning of its row, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: [u8; 2],
    length: u8,
}

/// Stands for a cell that is kept by itself.
const KEPT: Span = Span {
    from: [u8::MAX; 2],
    length: u8::MAX,
};

impl Span {
    /// `None` for what begins too far out or is too long.
    fn new(from: usize, length: usize) -> Option<Self> {
        let span = Self {
            from: u16::try_from(from).ok()?.to_ne_bytes(),
            length: u8::try_from(length).ok()?,
        };
        (span != KEPT).then_some(span)
    }
}

impl Spans {
    fn push(&mut self, cell: &str, span: Option<Span>) {
        if span.is_none() {
            self.kept.push((self.list.len(), cell.into()));
        }
        self.list.push(span.unwrap_or(KEPT));
    }

    fn truncate(&mut self, rows: usize) {
        self.list.truncate(rows);
        self.kept.retain(|(row, _)| *row < rows);
    }

    /// The cell of a row that begins at byte `at` of `text`.
    fn get<'t>(&'t self, row: usize, text: &'t str, at: u32) -> &'t str {
        let span = self.list[row];
        if span == KEPT {
            let found = self.kept.binary_search_by_key(&row, |(row, _)| *row);
            return &self.kept[found.expect("a cell without a span is kept")].1;
        }
        let from = at as usize + usize::from(u16::from_ne_bytes(span.from));
        &text[from..from + usize::from(span.length)]
    }
}

impl Texts {
    /// Adds a cell that stands in no file.
    pub(super) fn push(&mut self, cell: &str) {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        let last = self.parts.len() - 1;
        self.parts[last].push(cell.trim());
    }

    pub(super) fn get(&self, row: usize) -> &str {
        let part = &self.parts[self.part_of(row)];
        part.get(row - part.first())
    }

    fn part_of(&self, row: usize) -> usize {
        self.parts.partition_point(|part| part.end <= row)
    }

    pub(super) fn len(&self) -> usize {
        self.parts.last().map_or(0, |part| part.end)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Adds the cells of the next file.
    pub(super) fn append(&mut self, other: Self) {
        let rows = self.len();
        let moved = other.parts.into_iter().map(|part| Part {
            end: rows + part.end,
            ..part
        });
        self.parts.extend(moved);
    }

    /// The given rows in the given order.
    pub(super) fn select(&mut self, rows: &[usize]) {
        let mut end = 0;
        let of_one_part = rows.chunk_by(|a, b| self.part_of(*a) == self.part_of(*b));
        let parts = of_one_part.map(|rows| {
            end += rows.len();
            self.parts[self.part_of(rows[0])].select(rows, end)
        });
        self.parts = parts.collect();
    }
}

impl clock::Cells for Texts {
    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, row: usize) -> &str {
        self.get(row)
    }
}

impl Part {
    fn push(&mut self, cell: &str) {
        let at = u32::try_from(self.text.len());
        let span = at.ok().and_then(|_| Span::new(0, cell.len()));
        if span.is_some() {
            Rc::make_mut(&mut self.text).push_str(cell);
        }
        Rc::make_mut(&mut self.rows).push(at.unwrap_or(0));
        self.spans.push(cell, span);
        self.end += 1;
    }

    /// The row of the column that is the first here.
    fn first(&self) -> usize {
        self.end - self.spans.list.len()
    }

    fn get(&self, row: usize) -> &str {
        self.spans.get(row, &self.text, self.rows[row])
    }

    /// Some rows of the column, all of which are here; the last of them goes before row `end`.
    fn select(&self, rows: &[usize], end: usize) -> Self {
        let here = || rows.iter().map(|row| row - self.first());
        let mut spans = Spans::default();
        spans.list.reserve_exact(rows.len());
        for row in here() {
            let span = Some(self.spans.list[row]);
            spans.push(self.get(row), span.filter(|span| *span != KEPT));
        }
        Self {
            end,
            text: self.text.clone(),
            rows: Rc::new(here().map(|row| self.rows[row]).collect()),
            spans,
        }
    }
}

/// The columns of a text whose rows are being read.
pub(super) struct Columns {
    rows: Vec<u32>,
    columns: Vec<Spans>,
}

impl Columns {
    /// So many columns, with room for so many rows.
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        let spans = || Spans {
            list: Vec::with_capacity(rows),
            kept: Vec::new(),
        };
        Self {
            rows: Vec::with_capacity(rows),
            columns: (0..columns).map(|_| spans()).collect(),
        }
    }

    /// Adds the cells of the row that begins at byte `at` of `text`.
    pub(super) fn push(&mut self, text: &str, at: usize, cells: &[Cow<'_, str>]) {
        let row = u32::try_from(at);
        for (spans, cell) in self.columns.iter_mut().zip(cells) {
            let cell = cell.trim();
            let from = offset(text, cell).and_then(|from| from.checked_sub(at));
            let span = from
                .filter(|_| row.is_ok())
                .and_then(|from| Span::new(from, cell.len()));
            spans.push(cell, span);
        }
        self.rows.push(row.unwrap_or(0));
    }

    /// Keeps the first `rows`.
    pub(super) fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
        for spans in &mut self.columns {
            spans.truncate(rows);
        }
    }

    /// The columns of `text`, whose rows were read.
    pub(super) fn finish(self, text: String) -> impl Iterator<Item = Texts> {
        let (text, rows) = (Rc::new(text), Rc::new(self.rows));
        self.columns.into_iter().map(move |spans| Texts {
            parts: vec![Part {
                end: rows.len(),
                text: text.clone(),
                rows: rows.clone(),
                spans,
            }],
        })
    }
}

/// Where a piece of `text` begins in it, in bytes; `None` for what is none.
fn offset(text: &str, piece: &str) -> Option<usize> {
    let from = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (from + piece.len() <= text.len()).then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Texts> {
        let mut columns = Columns::new(2, 4);
        let mut at = 0;
        for line in text.lines() {
            let cells: Vec<Cow<'_, str>> = line.split(',').map(Cow::Borrowed).collect();
            columns.push(text, at, &cells);
            at += line.len() + 1;
        }
        // The text moves, and with it what the spans lie in.
        columns.finish(text.to_owned()).collect()
    }

    fn all(texts: &Texts) -> Vec<&str> {
        texts.iter().collect()
    }

    #[test]
    fn cells_are_spans_or_kept_by_themselves() {
        let (long, far) = ("x".repeat(300), " ".repeat(70_000));
        let columns = read(&format!("a, b \n{long},c\n{far}d,é\n,{}", "y".repeat(255)));
        assert_eq!(all(&columns[0]), ["a", &long, "d", ""]);
        assert_eq!(all(&columns[1]), ["b", "c", "é", &"y".repeat(255)]);
        let kept = |texts: &Texts| texts.parts[0].spans.kept.len();
        assert_eq!([kept(&columns[0]), kept(&columns[1])], [2, 1]);
        assert_eq!(size_of::<Span>(), 3);
    }

    #[test]
    fn rows_of_several_texts() {
        let long = "z".repeat(300);
        let mut made = Texts::default();
        ["p", " q ", &long, ""]
            .iter()
            .for_each(|cell| made.push(cell));
        assert_eq!(all(&made), ["p", "q", &long, ""]);
        let [mut first, _]: [Texts; 2] = read("a,b\nc,d").try_into().unwrap();
        first.append(made);
        assert_eq!(all(&first), ["a", "c", "p", "q", &long, ""]);
        first.select(&[5, 4, 0, 2, 1]);
        assert_eq!(all(&first), ["", &long, "a", "p", "c"]);
        first.push("e");
        assert_eq!(first.get(5), "e");
        first.select(&[]);
        assert_eq!(first.len(), 0);
    }
}
