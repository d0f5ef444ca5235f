//! Finding and reading the time column.

use std::borrow::Cow;

use jiff::civil::DateTime;

use super::clock;
use super::config::{SourceConfig, TimeColumns};
use super::table::{Cells, Table};
use crate::Error;

/// The times of a table, in the order of its rows.
pub(super) struct Times {
    /// The columns they come from, as positions in the table.
    pub(super) positions: Vec<usize>,
    pub(super) names: Vec<String>,
    pub(super) times: Vec<DateTime>,
    /// How they were read.
    pub(super) format: String,
    /// Nobody named the columns.
    pub(super) found: bool,
}

/// The times the configuration asks for, or those there plainly are.
pub(super) fn extract(table: &Table, config: &SourceConfig) -> Result<Option<Times>, Error> {
    match &config.time {
        TimeColumns::None => Ok(None),
        TimeColumns::Auto => find(table, config),
        TimeColumns::Columns(names) => {
            let position = |name: &String| table.position(name, "data.time");
            let positions: Vec<usize> = names.iter().map(position).collect::<Result<_, _>>()?;
            read(table, positions, config).map(Some)
        }
    }
}

const TIME_NAMES: [&str; 9] = [
    "date",
    "time",
    "datetime",
    "timestamp",
    "ds",
    "일시",
    "날짜",
    "시간",
    "일자",
];

/// Year, month, … columns; else the first column that is called like a time or is not numeric, and reads as times.
fn find(table: &Table, config: &SourceConfig) -> Result<Option<Times>, Error> {
    let mut parts: Vec<(Part, usize)> = table
        .names
        .iter()
        .enumerate()
        .filter_map(|(i, name)| Some((Part::of(name)?, i)))
        .collect();
    parts.sort();
    parts.dedup_by_key(|(part, _)| *part);
    if parts.first().is_some_and(|(part, _)| *part == Part::Year) {
        let positions = parts.into_iter().map(|(_, position)| position).collect();
        return Ok(read(table, positions, config).ok().map(|times| Times {
            found: true,
            ..times
        }));
    }
    for (position, name) in table.names.iter().enumerate() {
        let numeric = match &table.columns[position] {
            Cells::Text(texts) => texts.get(0).is_empty() || texts.get(0).parse::<f64>().is_ok(),
            Cells::Numbers(_) | Cells::Other(_) => true,
            Cells::Times(_) => false,
        };
        if numeric && !TIME_NAMES.contains(&name.to_lowercase().as_str()) {
            continue;
        }
        match read(table, vec![position], config) {
            Ok(times) => {
                return Ok(Some(Times {
                    found: true,
                    ..times
                }));
            }
            Err(error @ Error::AmbiguousTime { .. }) => return Err(error),
            // A column of words; or one of times with a slip in it, which must not pass for a series without times.
            Err(error) if numeric || !first_cell_is_a_time(table, position, config) => drop(error),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn first_cell_is_a_time(table: &Table, position: usize, config: &SourceConfig) -> bool {
    match &table.columns[position] {
        Cells::Text(texts) => {
            clock::read(&[texts.get(0).into()], config.time_format.as_deref()).is_ok()
        }
        _ => true,
    }
}

fn read(table: &Table, positions: Vec<usize>, config: &SourceConfig) -> Result<Times, Error> {
    let names: Vec<String> = positions.iter().map(|&i| table.names[i].clone()).collect();
    let column = names.join(" ");
    let bad = |row: usize, text: &str, tried: String| Error::BadTime {
        place: table.place(row),
        column: column.clone(),
        text: text.into(),
        tried,
    };
    let parts: Option<Vec<Part>> = names.iter().map(|name| Part::of(name)).collect();
    let (times, format) = match (parts, positions.as_slice()) {
        (Some(parts), several) if several.len() > 1 => {
            let cells: Vec<Vec<Cow<'_, str>>> = several.iter().map(|&i| texts(table, i)).collect();
            let row_time = |row: usize| {
                let cells: Vec<&str> = cells.iter().map(|column| column[row].as_ref()).collect();
                from_parts(&parts, &cells).ok_or_else(|| {
                    bad(
                        row,
                        &cells.join(" "),
                        format!(
                            "data.time joins {}, which must be whole numbers of a real date",
                            names.join(", ")
                        ),
                    )
                })
            };
            let times = (0..table.len()).map(row_time).collect::<Result<_, _>>()?;
            (times, names.join(", "))
        }
        (_, &[one]) if matches!(table.columns[one], Cells::Times(_)) => {
            let Cells::Times(times) = &table.columns[one] else {
                unreachable!()
            };
            let present = |(row, time): (usize, &Option<DateTime>)| {
                time.ok_or_else(|| bad(row, "", "a row needs a time".into()))
            };
            (
                times
                    .iter()
                    .enumerate()
                    .map(present)
                    .collect::<Result<_, _>>()?,
                "as stored".into(),
            )
        }
        (_, several) => {
            let cells: Vec<Vec<Cow<'_, str>>> = several.iter().map(|&i| texts(table, i)).collect();
            let joined: Vec<Cow<'_, str>> = match <[_; 1]>::try_from(cells) {
                Ok([only]) => only,
                Err(cells) => (0..table.len())
                    .map(|row| {
                        Cow::Owned(
                            cells
                                .iter()
                                .map(|column| column[row].as_ref())
                                .collect::<Vec<_>>()
                                .join(" "),
                        )
                    })
                    .collect(),
            };
            clock::read(&joined, config.time_format.as_deref()).map_err(
                |failure| match failure {
                    clock::Failure::Unreadable { row, tried } => bad(row, &joined[row], tried),
                    clock::Failure::Ambiguous { row, first, second } => Error::AmbiguousTime {
                        column: column.clone(),
                        text: joined[row].to_string(),
                        first: first.into(),
                        second: second.into(),
                    },
                },
            )?
        }
    };
    Ok(Times {
        positions,
        names,
        times,
        format,
        found: false,
    })
}

fn texts(table: &Table, position: usize) -> Vec<Cow<'_, str>> {
    match &table.columns[position] {
        Cells::Text(texts) => texts.iter().map(Cow::Borrowed).collect(),
        Cells::Numbers(numbers) => numbers.iter().map(|n| Cow::Owned(n.to_string())).collect(),
        Cells::Times(times) => times
            .iter()
            .map(|t| Cow::Owned(t.map_or(String::new(), |t| t.to_string())))
            .collect(),
        Cells::Other(_) => vec![Cow::Borrowed(""); table.len()],
    }
}

/// A part of a date that a column may hold by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Year,
    Quarter,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        Some(match name.trim().to_lowercase().as_str() {
            "year" | "yr" | "yyyy" | "년" | "연도" => Self::Year,
            "quarter" | "qtr" | "분기" => Self::Quarter,
            "month" | "mon" | "mo" | "월" => Self::Month,
            "day" | "dy" | "일" => Self::Day,
            "hour" | "hr" | "시" => Self::Hour,
            "minute" | "min" | "분" => Self::Minute,
            "second" | "sec" | "초" => Self::Second,
            _ => return None,
        })
    }
}

fn from_parts(parts: &[Part], cells: &[&str]) -> Option<DateTime> {
    let (mut year, mut month, mut day, mut seconds) = (None, 1i8, 1i8, 0i64);
    for (part, cell) in parts.iter().zip(cells) {
        // Spreadsheets write whole numbers as "2010.0" when a column has blanks.
        let value: i16 = cell.strip_suffix(".0").unwrap_or(cell).parse().ok()?;
        let within = |low: i16, high: i16| (low..=high).contains(&value).then_some(value);
        match part {
            Part::Year => year = Some(value),
            Part::Quarter => month = (within(1, 4)? as i8 - 1) * 3 + 1,
            Part::Month => month = within(1, 12)? as i8,
            Part::Day => day = within(1, 31)? as i8,
            Part::Hour => seconds += i64::from(within(0, 24)?) * 3600,
            Part::Minute => seconds += i64::from(within(0, 59)?) * 60,
            Part::Second => seconds += i64::from(within(0, 59)?),
        }
    }
    let date = jiff::civil::Date::new(year?, month, day).ok()?;
    date.to_datetime(jiff::civil::Time::midnight())
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .ok()
}
