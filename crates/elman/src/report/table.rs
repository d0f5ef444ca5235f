//! Tables that line up, for the terminal here and for the page in [`super::html`].

use std::fmt;

use unicode_width::UnicodeWidthStr;

use super::format::{MISSING, fixed, numbers};

/// Widest cell in the terminal, in columns; longer text is cut with `…`.
const WIDEST_CELL: usize = 48;

/// One cell of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A measured value; a column's values share their decimals. NaN shows as missing.
    Number(f64),
    /// A count, shown in full.
    Count(u64),
    /// No value.
    Missing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

/// Columns with names, and rows of [`Cell`]s.
///
/// Its `Display` is plain text for the terminal: numbers to the right, words to the left, Hangul and other wide letters
/// counted as two columns, control characters removed.
///
/// ```
/// use elman::report::Table;
///
/// let mut table = Table::new(["forecast", "MAE"]);
/// table.row(["Lstm".into(), 0.412.into()]);
/// table.row(["last value".into(), 1.25.into()]);
/// table.mark_smallest(1);
/// assert_eq!(
///     table.to_string(),
///     "forecast      MAE\n\
///      ──────────  ──────\n\
///      Lstm        0.412*\n\
///      last value  1.250\n\
///      * best in its column\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// `(row, column)` of cells marked as best.
    best: Vec<(usize, usize)>,
}

impl Table {
    /// An empty table with these column names.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            best: Vec::new(),
        }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If the row has not one cell per column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> &mut Self {
        let cells: Vec<Cell> = cells.into_iter().collect();
        assert_eq!(
            cells.len(),
            self.columns.len(),
            "Table::row: one cell per column"
        );
        self.rows.push(cells);
        self
    }

    /// Marks the smallest number of a column as its best, where there are at least two; equal ones are all marked.
    pub fn mark_smallest(&mut self, column: usize) -> &mut Self {
        self.mark(column, f64::min)
    }

    /// Marks the largest number of a column as its best, where there are at least two; equal ones are all marked.
    pub fn mark_largest(&mut self, column: usize) -> &mut Self {
        self.mark(column, f64::max)
    }

    fn mark(&mut self, column: usize, better: fn(f64, f64) -> f64) -> &mut Self {
        let value = |row: &Vec<Cell>| match row.get(column) {
            Some(Cell::Number(value)) => Some(*value).filter(|value| value.is_finite()),
            Some(Cell::Count(count)) => Some(*count as f64),
            _ => None,
        };
        let values: Vec<(usize, f64)> = self
            .rows
            .iter()
            .enumerate()
            .filter_map(|(index, row)| Some((index, value(row)?)))
            .collect();
        if let (2.., Some(best)) = (
            values.len(),
            values.iter().map(|(_, value)| *value).reduce(better),
        ) {
            self.best.extend(
                values
                    .iter()
                    .filter(|(_, value)| *value == best)
                    .map(|(row, _)| (*row, column)),
            );
        }
        self
    }

    pub(super) fn is_best(&self, row: usize, column: usize) -> bool {
        self.best.contains(&(row, column))
    }

    /// Every column as shown: its name, whether it holds numbers (to the right), its cells.
    pub(super) fn shown(&self) -> Vec<ShownColumn<'_>> {
        let shown = self.columns.iter().enumerate().map(|(column, name)| {
            let cells = || self.rows.iter().map(move |row| &row[column]);
            let measured: Vec<f64> = cells()
                .filter_map(|cell| {
                    if let Cell::Number(value) = cell {
                        Some(*value)
                    } else {
                        None
                    }
                })
                .collect();
            let mut measured = numbers(&measured).into_iter();
            let cells_shown = cells().map(|cell| match cell {
                Cell::Text(text) => printable(text),
                Cell::Number(_) => measured.next().unwrap_or_default(),
                Cell::Count(count) => fixed(*count as f64, 0),
                Cell::Missing => MISSING.to_owned(),
            });
            ShownColumn {
                name,
                numeric: !cells().any(|cell| matches!(cell, Cell::Text(_))),
                cells: cells_shown.collect(),
            }
        });
        shown.collect()
    }
}

/// A column of a [`Table`] ready to be laid out.
pub(super) struct ShownColumn<'a> {
    pub(super) name: &'a str,
    pub(super) numeric: bool,
    pub(super) cells: Vec<String>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Column by column: marked, cut and padded to its width; then read across.
        let columns: Vec<Vec<String>> = self
            .shown()
            .into_iter()
            .enumerate()
            .map(|(c, shown)| self.lay_out(c, shown))
            .collect();
        for line in 0..columns.first().map_or(0, Vec::len) {
            let cells: Vec<&str> = columns.iter().map(|column| column[line].as_str()).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        if self.best.is_empty() {
            Ok(())
        } else {
            writeln!(f, "* best in its column")
        }
    }
}

impl Table {
    /// Name, rule and cells of one column, all equally wide.
    fn lay_out(&self, column: usize, shown: ShownColumn<'_>) -> Vec<String> {
        let marked = self.best.iter().any(|(_, marked)| *marked == column);
        let mark = |row: usize| {
            if !marked {
                ""
            } else if self.is_best(row, column) {
                "*"
            } else {
                " "
            }
        };
        let mut lines =
            vec![cut(&printable(shown.name), WIDEST_CELL) + if marked { " " } else { "" }];
        lines.extend(
            shown
                .cells
                .iter()
                .enumerate()
                .map(|(row, cell)| cut(cell, WIDEST_CELL) + mark(row)),
        );
        let width = lines.iter().map(|line| line.width()).max().unwrap_or(0);
        for line in &mut lines {
            let gap = " ".repeat(width - line.width());
            *line = if shown.numeric {
                gap + line
            } else {
                line.clone() + &gap
            };
        }
        lines.insert(1, "─".repeat(width));
        lines
    }
}

/// Text without control characters, which could redraw a terminal or break a page.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() || super::is_hostile(letter) {
                ' '
            } else {
                letter
            }
        })
        .collect()
}

/// Text cut to at most `width` columns, with `…` where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if short.width() + 1 > width {
            short.pop();
            break;
        }
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(table: &Table) -> Vec<String> {
        table.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn hangul_and_numbers_line_up() {
        let mut table = Table::new(["예측", "MAE", "n"]);
        table.row(["마지막 값".into(), 12.5.into(), 1_234usize.into()]);
        table.row(["last".into(), 3.25.into(), Cell::Missing]);
        let lines = lines(&table);
        assert_eq!(lines[2], "마지막 값  12.50  1,234");
        assert_eq!(lines[3], "last        3.25      –");
        assert!(lines.iter().all(|line| line.width() == lines[0].width())); // the last column is to the right
    }

    #[test]
    fn the_best_is_marked_only_against_a_rival() {
        let mut table = Table::new(["", "MAE", "skill"]);
        table.row(["a".into(), 2.0.into(), Cell::Missing]);
        table.row(["b".into(), 1.0.into(), 0.5.into()]);
        table.row(["c".into(), f64::NAN.into(), f64::NAN.into()]);
        table.mark_smallest(1).mark_largest(2).mark_smallest(0);
        assert_eq!(table.best, [(1, 1)]);
        let lines = lines(&table);
        assert!(lines[3].contains("1*"), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "* best in its column");
    }

    #[test]
    fn long_and_hostile_text_stays_in_its_cell() {
        let mut table = Table::new(["가".repeat(500)]);
        table.row(["\u{1b}[2Jx\ny".into()]);
        let lines = lines(&table);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.width() <= WIDEST_CELL));
        assert!(lines[0].ends_with('…') || lines[0].ends_with("… "));
        assert!(!table.to_string().contains('\u{1b}'));
    }

    #[test]
    fn an_empty_table_is_its_header() {
        assert_eq!(Table::new(["a", "b"]).to_string(), "a  b\n─  ─\n");
        assert_eq!(Table::new(Vec::<String>::new()).to_string(), "");
    }
}
