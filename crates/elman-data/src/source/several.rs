//! Tables that hold several series, one below the other or mixed.
//!
//! Rows of several series must never be sorted into one. Three signs tell them: nearly every time repeats and a column
//! tells the rows of one time apart; the time falls back to where an earlier stretch of rows already was; or, without
//! times, a column of texts stays the same over long stretches.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::civil::DateTime;

use super::config::SourceConfig;
use super::table::Table;
use super::time::Times;
use super::time_columns::are_distinct;
use crate::{Error, names};

/// From this share of rows on that repeat a time, repeats are no slip.
const MANY: f64 = 0.1;
/// Columns that are tried together, those with the fewest different values.
const TRIED: usize = 8;
/// Rows that a stretch of one series has at least, on average.
const SHORTEST: usize = 4;
/// Rows that tell whether a column holds texts.
const FIRST_ROWS: usize = 100;
/// A stretch of rows shares this part of its rows' period with another that it interrupts.
const SHARED: f64 = 0.25;

/// Fails if the rows plainly belong to several series, unless `data.one_series` says that they do not.
///
/// # Errors
/// [`Error::SeveralSeries`], which names what tells them apart and how one is chosen.
pub(super) fn refuse(
    table: &Table,
    times: Option<&Times>,
    config: &SourceConfig,
) -> Result<(), Error> {
    if config.one_series {
        return Ok(());
    }
    let found = match times {
        Some(times) => {
            let found = mixed(table, times, config);
            found.or_else(|| one_after_the_other(table, times, config))
        }
        None if config.columns.is_empty() => in_blocks(table, config),
        None => None,
    };
    found.map_or(Ok(()), Err)
}

/// Whether two rows say the same in every column.
pub(super) fn alike(table: &Table, one: usize, other: usize) -> bool {
    let mut columns = table.columns.iter();
    columns.all(|cells| cells.text(one) == cells.text(other))
}

/// Rows of several series that have the same times.
fn mixed(table: &Table, times: &Times, config: &SourceConfig) -> Option<Error> {
    let times_of = &times.times;
    if are_distinct(times_of) {
        return None;
    }
    let mut order: Vec<usize> = (0..times_of.len()).collect();
    order.sort_by_key(|&row| times_of[row]);
    let repeats: Vec<[usize; 2]> = order
        .windows(2)
        .filter(|pair| times_of[pair[0]] == times_of[pair[1]])
        .map(|pair| [pair[0], pair[1]])
        .collect();
    if (repeats.len() as f64) < MANY * times_of.len() as f64 || repeats.is_empty() {
        return None;
    }
    // A file that is read twice, or an export that overlaps another.
    let same = repeats.iter().filter(|[a, b]| alike(table, *a, *b)).count();
    if same * 10 >= repeats.len() * 9 {
        return None;
    }
    let ids = identify(table, times, config, repeats.len())?;
    let signs = format!(
        "{} of {} rows repeat a time, and {} tells them apart",
        repeats.len(),
        times_of.len(),
        ids.describe(),
    );
    Some(ids.error(table, signs))
}

/// What tells series apart.
enum Ids {
    /// Columns, and the different values that they have together, in the order in which they come.
    Columns(Vec<(String, Vec<String>)>),
    /// Each file is a series.
    Files,
}

impl Ids {
    fn describe(&self) -> String {
        match self {
            Self::Files => "only the file".into(),
            Self::Columns(columns) => {
                let each = columns.iter().map(|(name, values)| {
                    let shown = names::list(values.iter().map(String::as_str), 5);
                    format!("`{name}` ({} values: {shown})", values.len())
                });
                let each: Vec<String> = each.collect();
                let together = if each.len() > 1 { " together" } else { "" };
                format!("{}{together}", each.join(" with "))
            }
        }
    }

    fn error(&self, table: &Table, signs: String) -> Error {
        let path = &table.sources[0].path;
        let (what, remedy) = match self {
            Self::Files => (
                "the files hold".to_owned(),
                "Name one file in data.files".to_owned(),
            ),
            Self::Columns(columns) => {
                let pairs = columns.iter().map(|(name, values)| {
                    let value = toml_text(values.first().map_or("", String::as_str));
                    format!("{} = {value}", toml_key(name))
                });
                let pairs: Vec<String> = pairs.collect();
                let names: Vec<String> = columns
                    .iter()
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                (
                    format!("`{}` holds", path.display()),
                    format!(
                        "Choose one with data.filter = {{ {} }}, or bring the table into a form with a column for each \
                         (a pivot table: a row for each time, a column for each {})",
                        pairs.join(", "),
                        names.join(" and "),
                    ),
                )
            }
        };
        Error::SeveralSeries {
            what,
            signs,
            remedy,
        }
    }
}

fn toml_text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn toml_key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.into()
    } else {
        toml_text(name)
    }
}

/// A column that may tell series apart: a number for each different cell.
struct Codes {
    position: usize,
    codes: Vec<u32>,
    distinct: usize,
}

/// The columns of texts or whole numbers that have few different values, those with the fewest first.
fn candidates(table: &Table, times: Option<&Times>, config: &SourceConfig) -> Vec<Codes> {
    let is_time = |position: usize| times.is_some_and(|times| times.positions.contains(&position));
    let is_target = |position: usize| config.targets.contains(&table.names[position]);
    let positions =
        (0..table.names.len()).filter(|&position| !is_time(position) && !is_target(position));
    let mut found: Vec<Codes> = positions
        .filter_map(|position| codes(table, position))
        .collect();
    found.sort_by_key(|codes| codes.distinct);
    found
}

fn codes(table: &Table, position: usize) -> Option<Codes> {
    let cells = &table.columns[position];
    let most = table.len() / 2;
    let mut known: HashMap<Cow<'_, str>, u32> = HashMap::new();
    let mut codes = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let cell = cells.text(row)?;
        let is_decimal = || {
            cell.parse::<f64>()
                .is_ok_and(|n| n.is_finite() && n.fract() != 0.0)
        };
        let next = known.len() as u32;
        let code = match known.get(&cell) {
            Some(code) => *code,
            None if is_decimal() => return None,
            None => *known.entry(cell).or_insert(next),
        };
        codes.push(code);
        if known.len() > most {
            return None;
        }
    }
    (known.len() > 1).then_some(Codes {
        position,
        distinct: known.len(),
        codes,
    })
}

/// The fewest columns with which hardly a time repeats; else the files, if each is a series.
fn identify(table: &Table, times: &Times, config: &SourceConfig, repeats: usize) -> Option<Ids> {
    let few = repeats / 20;
    let candidates = candidates(table, Some(times), config);
    let tried: Vec<&Codes> = candidates.iter().take(TRIED).collect();
    for columns in subsets(&tried) {
        let key = |row: usize| -> (DateTime, Vec<u32>) {
            let codes = columns.iter().map(|column| column.codes[row]);
            (times.times[row], codes.collect())
        };
        if repeated(table.len(), key) <= few {
            let of = |column: &&&Codes| {
                let name = table.names[column.position].clone();
                (name, values(table, column.position))
            };
            return Some(Ids::Columns(columns.iter().map(of).collect()));
        }
    }
    let file = |row: usize| (times.times[row], table.places.get(row).file);
    (table.sources.len() > 1 && repeated(table.len(), file) <= few).then_some(Ids::Files)
}

/// One column, then two, then three together.
fn subsets<'a>(columns: &'a [&'a Codes]) -> Vec<Vec<&'a &'a Codes>> {
    let mut all: Vec<Vec<&&Codes>> = columns.iter().map(|column| vec![column]).collect();
    let mut last = 0..all.len();
    for _ in 1..3 {
        let begin = all.len();
        for at in last {
            let newest = all[at].last().map_or(0, |column| column.position);
            let place = columns.iter().position(|column| column.position == newest);
            for column in &columns[place.map_or(0, |place| place + 1)..] {
                let mut more = all[at].clone();
                more.push(column);
                all.push(more);
            }
        }
        last = begin..all.len();
    }
    all
}

/// Rows whose key came before.
fn repeated<K: std::hash::Hash + Eq>(rows: usize, key: impl Fn(usize) -> K) -> usize {
    let mut known = HashSet::with_capacity(rows);
    (0..rows).filter(|&row| !known.insert(key(row))).count()
}

/// The different cells of a column, in the order in which they come.
fn values(table: &Table, position: usize) -> Vec<String> {
    let mut known = HashSet::new();
    let cells = (0..table.len()).filter_map(|row| table.columns[position].text(row));
    cells
        .filter(|cell| known.insert(cell.to_string()))
        .map(Cow::into_owned)
        .collect()
}

/// Series one below the other: the time falls back to where an earlier stretch already was.
fn one_after_the_other(table: &Table, times: &Times, config: &SourceConfig) -> Option<Error> {
    let times_of = &times.times;
    let runs = stretches(times_of.len(), |a, b| times_of[a].cmp(&times_of[b]))?;
    let fell = |border: usize| {
        format!(
            "the time goes back from {} to {} at {}",
            text(times_of[border - 1]),
            text(times_of[border]),
            table.place(border)
        )
    };
    // A column that changes where the time goes back, and nowhere else.
    let changes = |codes: &&Codes| {
        let first = |run: &Range<usize>| codes.codes[run.start];
        let is_steady = |run: &Range<usize>| {
            let codes_of = &codes.codes[run.clone()];
            codes_of.iter().all(|code| *code == first(run))
        };
        runs.iter().all(is_steady)
            && runs
                .windows(2)
                .all(|pair| first(&pair[0]) != first(&pair[1]))
    };
    let candidates = candidates(table, Some(times), config);
    if let Some(codes) = candidates.iter().find(changes) {
        let name = table.names[codes.position].clone();
        let ids = Ids::Columns(vec![(name, values(table, codes.position))]);
        let signs = format!("{}, where {} changes", fell(runs[1].start), ids.describe());
        return Some(ids.error(table, signs));
    }
    let border = interruption(&runs, |a, b| times_of[a].cmp(&times_of[b]))?;
    let signs = format!("{}, into the time of the rows before", fell(border));
    if table.places.get(border - 1).file != table.places.get(border).file {
        return Some(Ids::Files.error(table, signs));
    }
    Some(Error::SeveralSeries {
        what: format!("`{}` seems to hold", table.sources[0].path.display()),
        signs,
        remedy: "Add a column that says which series a row belongs to and choose one with data.filter, or keep them in files \
                 of their own"
            .into(),
    })
}

/// The stretches of rows that lie in order, oldest or newest first, where there are several and they are long; `compare` gives
/// the order of two rows.
pub(crate) fn stretches(
    rows: usize,
    compare: impl Fn(usize, usize) -> Ordering,
) -> Option<Vec<Range<usize>>> {
    let steps = |order: Ordering| {
        let is = |row: &usize| compare(row - 1, *row) == order;
        (1..rows).filter(is).count()
    };
    let (rises, falls) = (steps(Ordering::Less), steps(Ordering::Greater));
    if falls == 0 || rises == 0 {
        return None;
    }
    let back = if falls > rises {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    let runs = runs(rows, |a, b| compare(a, b) != back);
    (rows >= SHORTEST * runs.len()).then_some(runs)
}

/// The first row of a stretch that reaches well into the period of the stretch before, as a late row or a file out of turn does
/// not.
pub(crate) fn interruption(
    runs: &[Range<usize>],
    compare: impl Fn(usize, usize) -> Ordering,
) -> Option<usize> {
    let ends = |run: &Range<usize>| {
        let (first, last) = (run.start, run.end - 1);
        if compare(first, last).is_gt() {
            [last, first]
        } else {
            [first, last]
        }
    };
    let shared = |run: &Range<usize>, other: &Range<usize>| {
        let [oldest, newest] = ends(other);
        let inside = |row: &usize| !compare(*row, oldest).is_lt() && !compare(*row, newest).is_gt();
        let rows = run.clone().filter(inside).count();
        rows >= 3 && rows as f64 >= SHARED * run.len() as f64
    };
    let pair = runs
        .windows(2)
        .find(|pair| shared(&pair[0], &pair[1]) && shared(&pair[1], &pair[0]));
    pair.map(|pair| pair[1].start)
}

/// Series one below the other in a table without times: a column of texts stays the same over long stretches, and no value
/// comes again.
fn in_blocks(table: &Table, config: &SourceConfig) -> Option<Error> {
    let may_be = |position: &usize| {
        let name = table.names[*position].to_lowercase();
        let cells = &table.columns[*position];
        let is_text = |row: usize| {
            let cell = cells.text(row);
            cell.is_some_and(|cell| !cell.is_empty() && cell.parse::<f64>().is_err())
        };
        !config.targets.contains(&table.names[*position])
            && !CALENDAR.contains(&name.as_str())
            && (is_id(&name) || (0..table.len().min(FIRST_ROWS)).any(is_text))
    };
    let in_blocks = |codes: &Codes| {
        let runs = runs(table.len(), |a, b| codes.codes[a] == codes.codes[b]);
        runs.len() == codes.distinct && table.len() >= SHORTEST * runs.len()
    };
    let mut found = (0..table.names.len())
        .filter(may_be)
        .filter_map(|position| codes(table, position));
    let codes = found.find(in_blocks)?;
    let name = table.names[codes.position].clone();
    let ids = Ids::Columns(vec![(name, values(table, codes.position))]);
    let signs = format!(
        "there are no times, and {} keeps to one stretch of rows for each value",
        ids.describe()
    );
    Some(ids.error(table, signs))
}

/// What columns are called that tell the time of a row, not its series.
const CALENDAR: [&str; 14] = [
    "year", "quarter", "month", "week", "weekday", "day", "season", "period", "연도", "년", "분기",
    "월", "요일", "계절",
];

fn is_id(name: &str) -> bool {
    let ids = [
        "id", "series", "unit", "store", "item", "shop", "sensor", "device", "station", "subject",
        "engine",
    ];
    ids.contains(&name) || name.ends_with("_id") || name.ends_with(" id")
}

/// The stretches of rows whose neighbours go `together`.
fn runs(rows: usize, together: impl Fn(usize, usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for row in 0..rows {
        match runs.last_mut() {
            Some(run) if together(row - 1, row) => run.end = row + 1,
            _ => runs.push(row..row + 1),
        }
    }
    runs
}

fn text(time: DateTime) -> String {
    time.to_string().replace('T', " ")
}
