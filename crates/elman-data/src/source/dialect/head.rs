//! What stands above the rows of a table: a separator line, comments, titles, the header, units.

use super::kind::Kind;
use super::rows::Rows;
use super::sniff::Sample;

/// Longer texts are no names of columns, and longer ones yet no units.
const LONGEST_NAME: usize = 60;
const LONGEST_UNIT: usize = 16;
/// Lines that titles and settings may take.
const MOST_TITLES: usize = 40;

/// The delimiter that a first line `sep=;` names, and where the next line begins.
pub(super) fn separator(text: &str) -> Option<(u8, usize)> {
    let line = text.split('\n').next()?;
    let bytes = line.as_bytes();
    let names = bytes.len() == 5 && line.is_ascii() && line[..4].eq_ignore_ascii_case("sep=");
    names.then(|| (bytes[4], text.len().min(line.len() + 1)))
}

/// Comments and blank lines above all else.
pub(super) struct Top<'t> {
    pub(super) at: usize,
    pub(super) line: u64,
    pub(super) comments: u64,
    /// The last two comments, without their marks, the last first.
    last: [Option<&'t str>; 2],
}

impl<'t> Top<'t> {
    pub(super) fn read(text: &'t str, (mut at, mut line): (usize, u64), mark: &str) -> Self {
        let (mut comments, mut last) = (0, [None; 2]);
        while at < text.len() {
            let content = text[at..].split('\n').next().unwrap_or_default();
            let comment = content
                .trim_start()
                .strip_prefix(mark)
                .filter(|_| !mark.is_empty());
            if let Some(comment) = comment {
                comments += 1;
                let comment = comment.trim_start_matches(mark);
                if !comment.trim().is_empty() {
                    last = [Some(comment), last[0]];
                }
            } else if !content.trim().is_empty() {
                break;
            }
            at = (at + content.len() + 1).min(text.len());
            line += 1;
        }
        Self {
            at,
            line,
            comments,
            last,
        }
    }

    /// The names in the last comment, if they are as many as the cells of the first row, on line `first`; those in the comment
    /// above it, if the last holds their units.
    pub(super) fn names(&self, sample: &Sample<'_>, first: u64) -> Option<Vec<String>> {
        let row = sample.rows.iter().find(|row| row.line == first)?;
        let [last, above] = self
            .last
            .map(|comment| names_in(comment?, sample, row.cells.len()));
        match (last, above) {
            (Some(last), Some(above)) if are_units(&last) && !are_units(&above) => Some(above),
            (last, _) => last,
        }
    }
}

/// The names of `count` columns in a comment, if it holds such.
fn names_in(comment: &str, sample: &Sample<'_>, count: usize) -> Option<Vec<String>> {
    let mut dialect = sample.dialect.clone();
    dialect.comment.clear();
    let mut names = super::Row::default();
    let mut rows = Rows::new(comment.trim(), dialect);
    if rows.next(&mut names) != Ok(true) || names.cells.len() != count {
        return None;
    }
    let names: Vec<String> = names.cells.iter().map(|name| name.trim().into()).collect();
    let is_name = |(place, name): (usize, &String)| {
        let is_short = !name.is_empty() && name.chars().count() <= LONGEST_NAME;
        is_short && !Kind::of(name).is_value() && !names[..place].contains(name)
    };
    names.iter().enumerate().all(is_name).then(|| names.clone())
}

/// `d`, `m3/s`, `hPa`, `[°C]`: one of them with a mark that names hardly have.
fn are_units(names: &[String]) -> bool {
    let has_mark = |name: &String| name.contains(['/', '°', '%', '[', '(', '^']);
    let is_short = |name: &String| name.chars().count() <= 3;
    names.iter().any(has_mark) && names.iter().all(|name| has_mark(name) || is_short(name))
}

/// Which row is the header: the first, unless titles stand above it, which have fewer cells than the rows, while a row
/// below names columns of numbers or times.
pub(super) fn header(sample: &Sample<'_>, mark: &str) -> usize {
    if sample.width < 2 {
        return 0;
    }
    let first = sample.rows.iter().take(MOST_TITLES + 1);
    let is_comment = |place: usize| {
        !mark.is_empty() && sample.rows[place].cells[0].trim_start().starts_with(mark)
    };
    let fits = |place: &usize| sample.fits_below(*place) && !is_comment(*place);
    // A title may be followed by as many empty cells as a row has: the first row that is none is the header, if it names columns.
    let is_lone = |row: &super::Row<'_>| row.cells[1..].iter().all(|cell| cell.trim().is_empty());
    let below = sample
        .rows
        .iter()
        .take(first.len())
        .position(|row| !is_lone(row));
    let found = below.filter(|place| *place > 0 && fits(place) && names_columns(sample, *place));
    let Some(place) = found.or_else(|| (0..first.len()).find(fits)) else {
        return 0;
    };
    let is_title = |row: &super::Row<'_>| {
        row.cells
            .iter()
            .filter(|cell| !cell.trim().is_empty())
            .count()
            < sample.width
    };
    let titles = sample.rows[..place].iter();
    let above = titles.clone().all(is_title);
    if place > 0 && above && names_columns(sample, place) {
        place
    } else {
        0
    }
}

/// Whether the row holds a text where the rows below hold numbers or times.
pub(super) fn names_columns(sample: &Sample<'_>, place: usize) -> bool {
    // Units may stand below.
    let kinds = sample.kinds(place);
    let offset = sample.width.saturating_sub(sample.rows[place].cells.len());
    let cells = sample.rows[place].cells.iter();
    let pairs = cells.zip(kinds.iter().skip(offset));
    pairs.clone().any(|(cell, kind)| {
        kind.is_some_and(Kind::is_value) && matches!(Kind::of(cell), Kind::Text)
    })
}

/// Whether a row reads like the rows below, so that it names nothing: all numbers, or a time beside numbers.
pub(super) fn is_data(sample: &Sample<'_>, place: usize) -> bool {
    let row = &sample.rows[place];
    let first: Vec<Kind> = row.cells.iter().map(|cell| Kind::of(cell)).collect();
    let mut present = first.iter().filter(|kind| **kind != Kind::Missing);
    if present.clone().next().is_none() {
        return false;
    }
    if first.iter().all(|kind| *kind == Kind::Number) {
        return true;
    }
    let below = sample.kinds(place);
    // A number under a name that is a number, such as a year, is as likely; a time is a name only of what is none.
    let times = first.iter().zip(&below);
    let has_time = times.clone().any(|(first, below)| {
        *first == Kind::Time && (*below == Some(Kind::Time) || sample.rows.len() == place + 1)
    });
    let is_alike = times.clone().all(|(first, below)| match below {
        Some(kind) if kind.is_value() => *first == *kind || *first == Kind::Missing,
        _ => true,
    });
    // The label of a row of numbers, and no names: those rise or fall, as wavelengths do.
    let is_labelled = matches!(first[..], [Kind::Text, ..])
        && first.len() > 3
        && first[1..].iter().all(|kind| *kind == Kind::Number)
        && [place, place + 1].iter().all(|at| has_marks(sample, *at))
        && !are_steps(&row.cells[1..]);
    if is_labelled && is_alike {
        return true;
    }
    let has_name = row.cells.len() < sample.width && present.any(|kind| *kind == Kind::Text);
    let is_number = |kind: &Kind| matches!(kind, Kind::Number | Kind::Missing);
    let all_numbers = first.iter().all(is_number) && first.contains(&Kind::Number);
    is_alike && (has_time || all_numbers) && !has_name
}

/// Whether a row has decimals behind its first cell.
fn has_marks(sample: &Sample<'_>, place: usize) -> bool {
    let row = sample.rows.get(place);
    row.is_some_and(|row| {
        row.cells
            .iter()
            .skip(1)
            .any(|cell| cell.contains(['.', ',']))
    })
}

/// Whether numbers only rise or only fall.
fn are_steps(cells: &[std::borrow::Cow<'_, str>]) -> bool {
    let numbers = cells
        .iter()
        .map(|cell| cell.trim().replace(',', ".").parse::<f64>().ok());
    let numbers: Option<Vec<f64>> = numbers.collect();
    numbers.is_some_and(|numbers| {
        numbers.is_sorted_by(|a, b| a < b) || numbers.is_sorted_by(|a, b| a > b)
    })
}

/// A row of units below the header: where the columns hold numbers it holds none, but some text.
pub(super) fn units(sample: &Sample<'_>, header: usize) -> Option<(u64, String)> {
    let row = sample.rows.get(header + 1)?;
    let kinds = sample.kinds(header + 1);
    let values = kinds
        .iter()
        .flatten()
        .filter(|kind| kind.is_value())
        .count();
    let is_enough = values >= 2 && sample.rows.len() >= header + 5;
    let is_unit = |(cell, kind): (&std::borrow::Cow<'_, str>, &Option<Kind>)| {
        let cell = cell.trim();
        match kind {
            Some(kind) if kind.is_value() => {
                let found = Kind::of(cell);
                let is_short = cell.chars().count() <= LONGEST_UNIT;
                (cell.is_empty() || found == Kind::Text || cell == "-") && is_short
            }
            _ => true,
        }
    };
    let has_text = row
        .cells
        .iter()
        .zip(&kinds)
        .any(|(cell, kind)| kind.is_some_and(Kind::is_value) && Kind::of(cell) == Kind::Text);
    let all = row.cells.len() == kinds.len() && row.cells.iter().zip(&kinds).all(is_unit);
    if !(is_enough && has_text && all) {
        return None;
    }
    let words = row
        .cells
        .iter()
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty());
    Some((row.line, words.collect::<Vec<_>>().join(", ")))
}
