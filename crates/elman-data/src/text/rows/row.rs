//! Rows as places in the texts of their files.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memchr_iter;

/// The cells of one row that were asked for, and where it stands.
///
/// All rows of a file share its text: a row costs little, however short its cells are.
#[derive(Clone)]
pub struct Row {
    page: Arc<Page>,
    at: usize,
}

impl Row {
    /// The cell of a column, numbered from 0 in the order in which columns were asked for. None is empty.
    ///
    /// # Panics
    /// If so many columns were not asked for.
    pub fn field(&self, column: usize) -> &str {
        let width = self.page.width();
        assert!(column < width, "column {column} of {width}");
        self.page.read(&self.page.cells[self.at * width + column])
    }

    /// The cells in the order in which columns were asked for.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.page.width()).map(|column| self.field(column))
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.page.path
    }

    /// The line on which it begins, from 1.
    pub fn line(&self) -> usize {
        self.page.lines[self.at]
    }

    /// File and line, as messages name them.
    pub fn place(&self) -> String {
        format!("`{}`, line {}", self.file().display(), self.line())
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.line() == other.line()
            && self.file() == other.file()
            && self.fields().eq(other.fields())
    }
}

impl Eq for Row {}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place())?;
        f.debug_list().entries(self.fields()).finish()
    }
}

/// A file and where its rows stand in it.
struct Page {
    path: PathBuf,
    /// What was read and, behind it, what cells say that do not stand there as they are.
    texts: [String; 2],
    /// Where each cell stands in the two texts, row after row.
    cells: Vec<Range<usize>>,
    lines: Vec<usize>,
}

impl Page {
    fn width(&self) -> usize {
        self.cells.len() / self.lines.len().max(1)
    }

    fn read(&self, cell: &Range<usize>) -> &str {
        let [first, second] = &self.texts;
        match cell.start.checked_sub(first.len()) {
            None => &first[cell.clone()],
            Some(start) => &second[start..cell.end - first.len()],
        }
    }
}

/// The rows of a text, as they are found.
pub(super) struct Found {
    /// What cells say that do not stand in the text as they are.
    made: String,
    cells: Vec<Range<usize>>,
    lines: Vec<usize>,
}

impl Found {
    /// With room for rows of `text` with so many cells: as many as it has lines.
    pub(super) fn within(text: &str, width: usize) -> Self {
        let lines = 1 + memchr_iter(b'\n', text.as_bytes()).count();
        Self {
            made: String::new(),
            cells: Vec::with_capacity(lines * width),
            lines: Vec::with_capacity(lines),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Adds a row of `text`.
    pub(super) fn push<'c>(
        &mut self,
        text: &str,
        line: usize,
        cells: impl Iterator<Item = &'c str>,
    ) {
        for cell in cells {
            let place = place(text, cell).unwrap_or_else(|| {
                // The same label, row after row, is kept once.
                if !self.made.ends_with(cell) {
                    self.made += cell;
                }
                let end = text.len() + self.made.len();
                end - cell.len()..end
            });
            self.cells.push(place);
        }
        self.lines.push(line);
    }

    /// Adds a row of two texts that lie side by side.
    pub(super) fn pair(&mut self, line: usize, [first, second]: [&str; 2], cells: [&str; 2]) {
        let [left, right] = [(first, cells[0]), (second, cells[1])]
            .map(|(text, cell)| place(text, cell).expect("a line of the text"));
        let behind = first.len();
        self.cells
            .extend([left, behind + right.start..behind + right.end]);
        self.lines.push(line);
    }

    /// The rows, with the text that they were found in.
    pub(super) fn rows(
        mut self,
        path: PathBuf,
        text: String,
    ) -> impl ExactSizeIterator<Item = Row> {
        let made = std::mem::take(&mut self.made);
        self.beside(path, [text, made])
    }

    /// The rows, with the two texts that they were found in.
    pub(super) fn beside(
        self,
        path: PathBuf,
        texts: [String; 2],
    ) -> impl ExactSizeIterator<Item = Row> {
        let page = Arc::new(Page {
            path,
            texts,
            cells: self.cells,
            lines: self.lines,
        });
        (0..page.lines.len()).map(move |at| Row {
            page: page.clone(),
            at,
        })
    }
}

/// Where a piece of a text stands in it; nothing for a text of its own.
fn place(text: &str, piece: &str) -> Option<Range<usize>> {
    let start = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let end = start + piece.len();
    (end <= text.len()).then_some(start..end)
}
