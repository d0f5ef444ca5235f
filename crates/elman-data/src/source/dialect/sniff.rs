//! Which delimiter and which quotes a text is written with.
//!
//! Each candidate is judged by how well the rows then agree in the number of their cells, and by how many of these are
//! numbers or times, as CleverCSV (van den Burg, Nazábal & Sutton, 2019) and DuckDB's sniffer do. The header alone decides
//! nothing: names hold commas as easily as semicolons.

use std::collections::HashMap;

use super::Purpose;
use super::config::DialectConfig;
use super::kind::Kind;
use super::rows::{Dialect, Row, Rows};
use crate::Error;

/// What usually stands between cells, each with how readily it is believed.
const DELIMITERS: [(u8, f64); 5] = [
    (b',', 1.0),
    (b';', 1.0),
    (b'\t', 1.0),
    (b'|', 0.95),
    (b' ', 0.5),
];
/// Stands for "nothing between cells": a table of one column.
pub(crate) const NOTHING: u8 = 0x1f;
/// Bytes of the beginning that are looked at, and of a piece from the middle and one from the end.
const HEAD: usize = 64 << 10;
const PIECE: usize = 16 << 10;
/// Rows of which the cells are looked at.
pub(crate) const ROWS: usize = 120;
const PIECE_ROWS: usize = 30;
/// Two candidates this near each other are not told apart.
const NEAR: f64 = 0.985;

/// Rows as one candidate reads them.
pub(crate) struct Sample<'t> {
    pub(crate) dialect: Dialect,
    /// The first rows, the header among them.
    pub(crate) rows: Vec<Row<'t>>,
    /// Rows from the middle and the end.
    later: Vec<Row<'t>>,
    /// Cells of most rows below the first.
    pub(crate) width: usize,
}

/// The candidate that fits best, from the first row at byte `at` on, which is line `line`.
///
/// # Errors
/// If two fit equally well.
pub(crate) fn sniff<'t>(
    text: &'t str,
    (at, line): (usize, u64),
    forced: Option<u8>,
    keys: &DialectConfig,
    purpose: Purpose,
    file: &str,
) -> Result<Sample<'t>, Error> {
    let may_be_ragged = purpose == Purpose::Signals { is_ragged: true };
    let dialect = Dialect {
        delimiter: b',',
        quote: match keys.quote.as_deref() {
            Some(given) => given.bytes().next(),
            None => Some(b'"'),
        },
        is_strict: keys.quote.is_some(),
        comment: keys.comment.clone().unwrap_or_default(),
    };
    let with = |delimiter: u8| {
        let dialect = Dialect {
            delimiter,
            ..dialect.clone()
        };
        Sample::new(text, (at, line), dialect)
    };
    let sample = match forced {
        Some(delimiter) => with(delimiter),
        None => {
            let found = candidates(text, at, purpose);
            match found.as_slice() {
                [only] => with(*only),
                several => {
                    let samples = several.iter().map(|delimiter| with(*delimiter));
                    best(samples.collect(), may_be_ragged, file)?
                }
            }
        }
    };
    Ok(match keys.quote {
        None => single_quotes(sample, text, (at, line)),
        Some(_) => sample,
    })
}

/// The delimiters that occur, and none where the first line holds none of them.
fn candidates(text: &str, at: usize, purpose: Purpose) -> Vec<u8> {
    let all = &text.as_bytes()[at..];
    let head = &all[..all.len().min(HEAD)];
    let first = head.split(|byte| *byte == b'\n').next();
    let first = first.unwrap_or_default().trim_ascii();
    let mut found: Vec<u8> = DELIMITERS.iter().map(|(delimiter, _)| *delimiter).collect();
    // Blanks stand in every text.
    found.retain(|delimiter| *delimiter != b' ' || purpose != Purpose::Texts);
    let occurs = |delimiter: &u8| head.contains(delimiter);
    if found
        .iter()
        .any(|delimiter| *delimiter != b' ' && occurs(delimiter))
    {
        found.retain(occurs);
    } else {
        // The first cells may be long.
        found.retain(|delimiter| memchr::memchr(*delimiter, all).is_some());
    }
    if !found.iter().any(|delimiter| first.contains(delimiter)) {
        found.push(NOTHING);
    }
    found
}

fn best<'t>(
    samples: Vec<Sample<'t>>,
    may_be_ragged: bool,
    file: &str,
) -> Result<Sample<'t>, Error> {
    let mut scored: Vec<(f64, Sample<'t>)> = samples
        .into_iter()
        .map(|sample| (sample.score(may_be_ragged), sample))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let [(first, one), (second, other), ..] = scored.as_slice()
        && one.width > 1
        && other.width > 1
        && *second >= NEAR * first
        && other.dialect.delimiter != b' '
        && one.dialect.delimiter != b' '
    {
        let show =
            |sample: &Sample<'_>| format!("{:?}", char::from(sample.dialect.delimiter).to_string());
        return Err(Error::Config {
            key: "data.delimiter".into(),
            message: format!(
                "the rows of `{file}` fit {} as well as {} between cells; set it to the one that is meant",
                show(one),
                show(other)
            ),
        });
    }
    Ok(scored.swap_remove(0).1)
}

/// The sample with single quotes around cells, where they plainly are that.
fn single_quotes<'t>(sample: Sample<'t>, text: &'t str, start: (usize, u64)) -> Sample<'t> {
    let is_quoted = |cell: &str| {
        let cell = cell.trim();
        cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'')
    };
    let rows = sample.rows.get(1..).unwrap_or_default();
    let quoted = rows.iter().filter(|row| {
        let mut cells = row.cells.iter();
        cells.any(|cell| is_quoted(cell) || cell.trim().starts_with('\''))
    });
    if rows.is_empty() || quoted.count() < rows.len() {
        return sample;
    }
    let dialect = Dialect {
        quote: Some(b'\''),
        ..sample.dialect.clone()
    };
    let single = Sample::new(text, start, dialect);
    let all = (0..sample.width).any(|place| {
        let cells = rows.iter().map(|row| row.cells.get(place));
        cells
            .clone()
            .all(|cell| cell.is_some_and(|cell| is_quoted(cell)))
    });
    if single.consistency() > sample.consistency()
        || all && single.consistency() == sample.consistency()
    {
        single
    } else {
        sample
    }
}

impl<'t> Sample<'t> {
    fn new(text: &'t str, (at, line): (usize, u64), dialect: Dialect) -> Self {
        let rows = read(text, at, line, &dialect, at + HEAD, ROWS, None);
        let width = commonest(&rows);
        let mut later = Vec::new();
        if text.len() > at + HEAD + 2 * PIECE {
            let middle = at + (text.len() - at) / 2;
            for from in [middle, text.len() - PIECE] {
                let Some(start) = next_line(text, from) else {
                    continue;
                };
                let piece = read(
                    text,
                    start,
                    0,
                    &dialect,
                    start + PIECE,
                    PIECE_ROWS,
                    Some(width),
                );
                later.extend(piece);
            }
        }
        Self {
            width,
            dialect,
            rows,
            later,
        }
    }

    /// The rows below the first, or that if there is no other.
    fn body(&self) -> impl Iterator<Item = &Row<'t>> + Clone {
        let skipped = usize::from(self.rows.len() > 1);
        self.rows[skipped..].iter().chain(&self.later)
    }

    /// The share of rows that have as many cells as most.
    fn consistency(&self) -> f64 {
        let (rows, fits) = self.body().fold((0, 0), |(rows, fits), row| {
            (rows + 1, fits + usize::from(row.cells.len() == self.width))
        });
        fits as f64 / f64::from(rows.max(1))
    }

    fn score(&self, may_be_ragged: bool) -> f64 {
        let prior = DELIMITERS
            .iter()
            .find(|(delimiter, _)| *delimiter == self.dialect.delimiter)
            .map_or(1.0, |(_, prior)| *prior);
        let mut consistency = self.consistency();
        if may_be_ragged && self.body().all(|row| row.cells.len() > 1) {
            consistency = consistency.max(0.95);
        }
        let (mut cells, mut typed) = (0u32, 0u32);
        for row in self.body() {
            for cell in &row.cells {
                cells += 1;
                typed += u32::from(Kind::of(cell) != Kind::Text);
            }
        }
        let types = f64::from(typed) / f64::from(cells.max(1));
        let structure = match self.width {
            0 | 1 => 0.3,
            width => 0.5 + 0.5 * (width - 1) as f64 / width as f64,
        };
        let header = if may_be_ragged || self.has_fitting_header() {
            1.0
        } else {
            0.1
        };
        prior * consistency * consistency * structure * (0.1 + types) * header
    }

    /// Whether one of the first rows can be the header of those below.
    fn has_fitting_header(&self) -> bool {
        let first = self.rows.iter().take(40);
        // Below titles, only what names something is a header.
        let names = |row: &Row<'_>| row.cells.iter().any(|cell| Kind::of(cell) == Kind::Text);
        let fits =
            |(place, row): (usize, &Row<'t>)| self.fits_below(place) && (place == 0 || names(row));
        self.rows.len() < 2 || first.enumerate().any(fits)
    }

    /// Whether the row at `place` has as many cells as those below, or as many as a header of them may have.
    pub(crate) fn fits_below(&self, place: usize) -> bool {
        let row = &self.rows[place];
        let (count, below) = (row.cells.len(), &self.rows[place + 1..]);
        let near = below.iter().take(10);
        let is_even = near.clone().all(|row| row.cells.len() == self.width);
        let is_longer =
            count == self.width + 1 && row.cells.last().is_some_and(|cell| cell.trim().is_empty());
        let is_shorter =
            count + 1 == self.width && (self.is_trailing(place) || self.has_row_names(place));
        is_even && !below.is_empty() && (count == self.width || is_longer || is_shorter)
    }

    /// Whether all rows below `place` end with a delimiter.
    pub(crate) fn is_trailing(&self, place: usize) -> bool {
        let mut below = self.rows[place + 1..].iter();
        self.width > 1
            && self.dialect.delimiter != b' '
            && self.rows.len() > place + 1
            && below.all(|row| {
                row.cells.len() < self.width
                    || row.cells.last().is_some_and(|cell| cell.trim().is_empty())
            })
    }

    /// Whether the rows below `place` have one cell more than it, their name, as R writes them: in quotes, or between
    /// blanks.
    pub(crate) fn has_row_names(&self, place: usize) -> bool {
        let below = &self.rows[place + 1..];
        self.rows[place].cells.len() + 1 == self.width
            && !below.is_empty()
            && (matches!(self.dialect.delimiter, b'\t' | b' ')
                || below.iter().all(|row| row.starts_quoted))
    }

    /// What most cells of each column below `place` look like.
    pub(crate) fn kinds(&self, place: usize) -> Vec<Option<Kind>> {
        let below = self.rows.get(place + 1..).unwrap_or_default();
        let kind = |column: usize| {
            let mut counts: HashMap<u8, (usize, Kind)> = HashMap::new();
            for row in below {
                let kind = row
                    .cells
                    .get(column)
                    .map_or(Kind::Missing, |cell| Kind::of(cell));
                if kind != Kind::Missing {
                    counts.entry(kind as u8).or_insert((0, kind)).0 += 1;
                }
            }
            let all: usize = counts.values().map(|(count, _)| count).sum();
            let most = counts.into_values().max_by_key(|(count, _)| *count)?;
            (10 * most.0 >= 8 * all).then_some(most.1)
        };
        (0..self.width).map(kind).collect()
    }
}

fn read<'t>(
    text: &'t str,
    at: usize,
    line: u64,
    dialect: &Dialect,
    end: usize,
    most: usize,
    width: Option<usize>,
) -> Vec<Row<'t>> {
    let mut rows = Rows::from(text, dialect.clone(), at, line);
    if let Some(width) = width {
        rows.expect(width);
    }
    let mut found: Vec<Row<'t>> = Vec::new();
    let mut row = Row::default();
    // An unclosed quote ends the sample; the reading says where it is.
    while found.len() < most && rows.place() < end && rows.next(&mut row) == Ok(true) {
        found.push(std::mem::take(&mut row));
        // The rows so far say what a quote can mean in the next.
        if width.is_none() && found.len() == 2 && found[0].cells.len() == found[1].cells.len() {
            rows.expect(found[0].cells.len());
        }
    }
    found
}

/// The number of cells that most rows below the first have; of equally many the larger.
fn commonest(rows: &[Row<'_>]) -> usize {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for row in rows.iter().skip(usize::from(rows.len() > 1)) {
        *counts.entry(row.cells.len()).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|&(width, count)| (count, width));
    most.map_or(1, |(width, _)| width)
}

/// Where the next line after `from` begins.
fn next_line(text: &str, from: usize) -> Option<usize> {
    let found = memchr::memchr(b'\n', text.as_bytes().get(from..)?)?;
    Some(from + found + 1).filter(|at| *at < text.len())
}
