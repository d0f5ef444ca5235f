//! Finding and reading the time column.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use super::clock::{self, Ask, Failure, Moment, Numbers, settle};
use super::config::{SourceConfig, TimeColumns};
use super::parts::{self, Part};
use super::table::{Cells, Table};
use super::time_columns::{
    are_distinct, are_months, cell, clock_cells, clock_columns, clock_parts, is_numeric, texts,
    time_of_parts,
};
use super::time_names::{
    is_called_like_a_time, is_time, may_hold_days, may_hold_months, row_numbers,
};
use crate::{Error, Step, TimeStyle};

/// What a model knows of how the data that it was trained on were written: new data are read alike, however few.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The decimal mark of the numbers, where they have one.
    pub decimal: Option<char>,
    /// The columns that the times came from.
    pub columns: Vec<String>,
    /// The form in which they were written.
    pub form: String,
    /// How they are shown.
    pub style: TimeStyle,
    /// The offset from UTC of their clock, in seconds, if they were written with it.
    pub offset: Option<i32>,
    /// The step between rows, if it was regular.
    pub step: Option<Step>,
}

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
    pub(super) style: TimeStyle,
    /// The offset from UTC of their clock, in seconds, if they were written with it.
    pub(super) offset: Option<i32>,
    /// What was decided, for the report.
    pub(super) notes: Vec<String>,
}

/// The times of a table, and columns that are read only where a recipe names them, each with the reason.
pub(super) struct Axis {
    pub(super) times: Option<Times>,
    pub(super) passed: Vec<(usize, String)>,
}

/// Why columns are no times: what is wrong, and how many of their rows (0 to 1) read as times all the same.
struct Unread {
    error: Box<Error>,
    share: f64,
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        *unread.error
    }
}

/// The times the configuration asks for, or those there plainly are.
pub(super) fn extract(
    table: &Table,
    config: &SourceConfig,
    known: Option<&Known>,
) -> Result<Axis, Error> {
    let reader = Reader {
        table,
        config,
        known,
        zone: zone(config)?,
    };
    let times = match &config.time {
        TimeColumns::None => None,
        TimeColumns::Auto => reader.find()?,
        TimeColumns::Columns(names) => {
            let position = |name: &String| table.position(name, "data.time");
            let positions: Vec<usize> = names.iter().map(position).collect::<Result<_, _>>()?;
            Some(reader.read(positions, Numbers::All)?)
        }
    };
    let used = times.as_ref().map_or(&[][..], |times| &times.positions);
    Ok(Axis {
        passed: passed(table, used),
        times,
    })
}

/// The zone of `data.zone`.
fn zone(config: &SourceConfig) -> Result<Option<TimeZone>, Error> {
    let lookup = |name: &String| {
        TimeZone::get(name.trim()).map_err(|_| Error::Config {
            key: "data.zone".into(),
            message: format!(
                "there is no time zone `{name}`; write a name of the IANA database, such as \"Europe/Berlin\" or \"Asia/Seoul\""
            ),
        })
    };
    config.zone.as_ref().map(lookup).transpose()
}

/// Row numbers, and numbers in a column that is called like a time and holds none: no input that anyone meant.
fn passed(table: &Table, used: &[usize]) -> Vec<(usize, String)> {
    let reason = |position: usize| {
        if position == 0 && row_numbers(table) {
            return Some("row numbers; name it in data.columns to read it".to_owned());
        }
        (is_time(&table.names[position]) && is_numeric(table, position)).then(|| {
            "numbers that are not read as times; data.time and data.time_format say how to, and data.columns reads it as numbers"
                .to_owned()
        })
    };
    (0..table.names.len())
        .filter(|position| !used.contains(position))
        .filter_map(|position| Some((position, reason(position)?)))
        .collect()
}

struct Reader<'a> {
    table: &'a Table,
    config: &'a SourceConfig,
    known: Option<&'a Known>,
    zone: Option<TimeZone>,
}

impl Reader<'_> {
    /// The columns of a trained model; else year, month, … columns; else the first column that is called like a time or is
    /// not numeric, and reads as times. Where its times repeat, a clock time in another column may tell them apart.
    fn find(&self) -> Result<Option<Times>, Error> {
        if let Some(positions) = self.known_positions() {
            let times = self.read(positions, Numbers::All)?;
            return Ok(Some(Times {
                found: true,
                ..times
            }));
        }
        let mut repeated = None;
        if let Some(positions) = self.parts() {
            match self.read(positions, Numbers::All) {
                Ok(times) if are_distinct(&times.times) => return Ok(Some(found(times))),
                Ok(times) => repeated = Some(found(times)),
                Err(unread) if unread.share >= 0.5 => return Err(*unread.error),
                Err(_) => {}
            }
        }
        for position in 0..self.table.names.len() {
            let Some(numbers) = self.may_be_time(position) else {
                continue;
            };
            match self.read(vec![position], numbers) {
                Ok(times) if are_distinct(&times.times) => {
                    let sure = numbers != Numbers::Plain || times.times.len() > 1;
                    if sure {
                        return Ok(Some(found(times)));
                    }
                }
                Ok(_) if numbers == Numbers::Plain => {}
                Ok(times) => {
                    if let Some(joined) = self.with_clock(position, numbers) {
                        return Ok(Some(joined));
                    }
                    return Ok(Some(repeated.unwrap_or_else(|| found(times))));
                }
                Err(unread) if matches!(*unread.error, Error::AmbiguousTime { .. }) => {
                    return Err(*unread.error);
                }
                // A column of times with a slip in it must not pass for a series without times; one of words may.
                Err(unread) if unread.share >= 0.5 && numbers != Numbers::Plain => {
                    return Err(*unread.error);
                }
                Err(_) => {}
            }
        }
        Ok(repeated)
    }

    fn known_positions(&self) -> Option<Vec<usize>> {
        let columns = &self.known?.columns;
        let position = |name: &String| self.table.names.iter().position(|known| known == name);
        let positions: Option<Vec<usize>> = columns.iter().map(position).collect();
        positions.filter(|positions| !positions.is_empty())
    }

    /// Columns called year, month and so on, if there is one of years.
    fn parts(&self) -> Option<Vec<usize>> {
        let names = self.table.names.iter().enumerate();
        let mut parts: Vec<(Part, usize)> = names
            .filter_map(|(i, name)| Some((Part::of(name)?, i)))
            .collect();
        parts.sort_unstable();
        parts.dedup_by_key(|(part, _)| *part);
        let year = parts.first().is_some_and(|(part, _)| *part == Part::Year);
        year.then(|| parts.into_iter().map(|(_, position)| position).collect())
    }

    /// Whether a column may hold times, and which numbers it may hold them as.
    fn may_be_time(&self, position: usize) -> Option<Numbers> {
        let name = &self.table.names[position];
        match &self.table.columns[position] {
            Cells::Other(_) => None,
            Cells::Times(_) => Some(Numbers::None),
            _ if is_time(name) => Some(Numbers::All),
            _ if !is_numeric(self.table, position) => Some(Numbers::None),
            _ if may_hold_months(name) && are_months(self.table, position) => Some(Numbers::All),
            _ if is_called_like_a_time(name) || position == 0 && !row_numbers(self.table) => {
                Some(Numbers::Plain)
            }
            _ => None,
        }
    }

    /// The dates of a column with the clock times of others that make each row's time its own.
    fn with_clock(&self, date: usize, numbers: Numbers) -> Option<Times> {
        let single = clock_columns(self.table, date)
            .into_iter()
            .map(|clock| vec![clock]);
        let mut clocks = single.chain(clock_parts(self.table));
        clocks.find_map(|clock| {
            let columns = std::iter::once(date).chain(clock).collect();
            let times = self.read(columns, numbers).ok()?;
            are_distinct(&times.times).then(|| {
                let (date, clocks) = times.names.split_first().expect("a date is among them");
                let listed: Vec<String> = times.names.iter().map(|name| format!("\"{name}\"")).collect();
                let note = format!(
                    "`{date}` repeats and `{}` {} its rows apart: they are read together, as data.time = [{}] says",
                    clocks.join("`, `"),
                    if clocks.len() == 1 { "tells" } else { "tell" },
                    listed.join(", ")
                );
                let mut times = found(times);
                times.notes.insert(0, note);
                times
            })
        })
    }

    fn read(&self, positions: Vec<usize>, numbers: Numbers) -> Result<Times, Unread> {
        let names: Vec<String> = positions
            .iter()
            .map(|&i| self.table.names[i].clone())
            .collect();
        let parts: Option<Vec<Part>> = names.iter().map(|name| Part::of(name)).collect();
        let mut column = match parts {
            Some(parts) if parts.len() > 1 => self.parts_of(&parts, &positions, &names)?,
            _ => self.columns(&positions, &names, numbers)?,
        };
        let known = self.known.map(|known| {
            let offset = known
                .offset
                .and_then(|seconds| Offset::from_seconds(seconds).ok());
            (&known.style, offset)
        });
        let moments = std::mem::take(&mut column.moments);
        let stored = names
            .iter()
            .find_map(|at| self.table.zones.get(at)?.as_ref());
        let settled = settle(moments, self.zone.as_ref().or(stored), known)
            .map_err(|(row, why)| self.unread(row, &positions, why, 1.0))?;
        let mut notes = column.notes;
        notes.extend(settled.note);
        let style = match column.style {
            TimeStyle::Plain => settled.style,
            written => written,
        };
        Ok(Times {
            positions,
            names,
            times: settled.times,
            format: column.form,
            found: false,
            style,
            offset: settled.offset.map(Offset::seconds),
            notes,
        })
    }

    fn unread(&self, row: usize, positions: &[usize], tried: String, share: f64) -> Unread {
        let names: Vec<&str> = positions
            .iter()
            .map(|&i| self.table.names[i].as_str())
            .collect();
        let cells: Vec<String> = positions
            .iter()
            .map(|&i| cell(self.table, i, row))
            .collect();
        Unread {
            error: Box::new(Error::BadTime {
                place: self.table.place(row),
                column: names.join(" "),
                text: cells.join(" "),
                tried,
            }),
            share,
        }
    }

    /// Year, month and so on in columns of their own.
    fn parts_of(
        &self,
        parts: &[Part],
        positions: &[usize],
        names: &[String],
    ) -> Result<clock::Column, Unread> {
        let cells: Vec<Vec<Cow<'_, str>>> =
            positions.iter().map(|&i| texts(self.table, i)).collect();
        let short = parts.iter().zip(&cells).any(|(part, cells)| {
            *part == Part::Year && parts::short_years(cells.iter().map(AsRef::as_ref))
        });
        let row_time = |row: usize| {
            let cells: Vec<&str> = cells.iter().map(|column| column[row].as_ref()).collect();
            parts::time(parts, &cells, short)
        };
        let times: Vec<Option<DateTime>> = (0..self.table.len()).map(row_time).collect();
        if let Some(row) = times.iter().position(Option::is_none) {
            let good = times.iter().flatten().count();
            let tried = format!("{} must be whole numbers of a real date", names.join(", "));
            let share = good as f64 / times.len().max(1) as f64;
            return Err(self.unread(row, positions, tried, share));
        }
        let has = |part| parts.contains(&part);
        let fine = has(Part::Month) || has(Part::Day) || has(Part::Hour);
        let style = match () {
            () if has(Part::Quarter) && !fine => TimeStyle::Quarters,
            () if has(Part::Week) && !fine => TimeStyle::Weeks,
            () => TimeStyle::Plain,
        };
        let moments = times
            .into_iter()
            .flatten()
            .map(|time| (time, None))
            .collect();
        let notes = if short {
            vec!["years of two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068".into()]
        } else {
            Vec::new()
        };
        Ok(clock::Column {
            moments,
            form: names.join(", "),
            style,
            notes,
        })
    }

    /// One column of times, or several that are read together: a date and a clock time, or texts.
    fn columns(
        &self,
        positions: &[usize],
        names: &[String],
        numbers: Numbers,
    ) -> Result<clock::Column, Unread> {
        let ask = Ask {
            format: self.config.time_format.as_deref(),
            known: self
                .known
                .map(|known| known.form.as_str())
                .filter(|form| !form.is_empty()),
            numbers,
            days: names.iter().any(|name| may_hold_days(name)),
        };
        if let &[one] = positions {
            return self.column(one, ask);
        }
        if ask.format.is_none() {
            let clocks: Vec<usize> = positions
                .iter()
                .copied()
                .filter(|&position| clock_cells(self.table, position).is_some())
                .collect();
            let dates: Vec<usize> = positions
                .iter()
                .copied()
                .filter(|position| !clocks.contains(position))
                .collect();
            if let (&[date], &[clock]) = (&dates[..], &clocks[..]) {
                let clocks = clock_cells(self.table, clock).unwrap_or_default();
                return self.date_and_clock(date, &[clock], clocks, ask);
            }
            let (parts, dates): (Vec<usize>, Vec<usize>) = positions
                .iter()
                .partition(|&&at| Part::of(&self.table.names[at]).is_some_and(Part::is_of_a_day));
            if let (&[date], [_, ..]) = (&dates[..], &parts[..]) {
                let clocks = time_of_parts(self.table, &parts).map_err(|row| {
                    let why = "hours, minutes and seconds must be whole numbers of a time of day";
                    self.unread(row, positions, why.into(), 1.0)
                })?;
                let clocks = clocks.into_iter().map(|since| (since, None)).collect();
                return self.date_and_clock(date, &parts, clocks, ask);
            }
        }
        let cells: Vec<Vec<Cow<'_, str>>> =
            positions.iter().map(|&i| texts(self.table, i)).collect();
        let join = |row: usize| {
            let cells: Vec<&str> = cells.iter().map(|column| column[row].as_ref()).collect();
            cells.join(" ")
        };
        let joined: Vec<String> = (0..self.table.len()).map(join).collect();
        self.explained(clock::read(&joined[..], ask), positions)
    }

    fn column(&self, position: usize, ask: Ask<'_>) -> Result<clock::Column, Unread> {
        let times = match &self.table.columns[position] {
            Cells::Times(times) => times,
            Cells::Text(texts) => return self.explained(clock::read(texts, ask), &[position]),
            _ => {
                let cells = texts(self.table, position);
                return self.explained(clock::read(&cells[..], ask), &[position]);
            }
        };
        let stored = self.table.zones.get(&self.table.names[position]);
        let is_instant = self.zone.is_some() || stored.is_some();
        let offset = is_instant.then_some(Offset::UTC);
        let moments = times.iter().map(|time| Some(((*time)?, offset)));
        let moments: Option<Vec<Moment>> = moments.collect();
        let missing = || {
            let row = times.iter().position(Option::is_none).unwrap_or(0);
            self.unread(row, &[position], "a row needs a time".into(), 1.0)
        };
        Ok(clock::Column {
            moments: moments.ok_or_else(missing)?,
            form: "as stored".into(),
            style: TimeStyle::Plain,
            notes: match (&self.zone, stored) {
                (None, Some(None)) => vec![
                    "instants, shown in UTC; data.zone = \"Europe/Berlin\" and the like show local time".into(),
                ],
                _ => Vec::new(),
            },
        })
    }

    fn date_and_clock(
        &self,
        date: usize,
        columns: &[usize],
        clocks: Vec<(SignedDuration, Option<Offset>)>,
        ask: Ask<'_>,
    ) -> Result<clock::Column, Unread> {
        let mut column = self.column(date, ask)?;
        let both: Vec<usize> = std::iter::once(date)
            .chain(columns.iter().copied())
            .collect();
        for (row, ((time, offset), (since, written))) in
            column.moments.iter_mut().zip(clocks).enumerate()
        {
            if time.time() != Time::midnight() {
                let why =
                    "the date has a clock time of its own; name one of the columns in data.time";
                return Err(self.unread(row, &both, why.into(), 0.0));
            }
            *time = time
                .checked_add(since)
                .map_err(|_| self.unread(row, &both, "it lies outside the calendar".into(), 1.0))?;
            *offset = written.or(*offset);
        }
        column.form += " and a clock time";
        Ok(column)
    }

    fn explained(
        &self,
        read: Result<clock::Column, Failure>,
        positions: &[usize],
    ) -> Result<clock::Column, Unread> {
        read.map_err(|failure| match failure {
            Failure::Unreadable { row, tried, share } => self.unread(row, positions, tried, share),
            Failure::Ambiguous { row, first, second } => {
                let names: Vec<&str> = positions
                    .iter()
                    .map(|&i| self.table.names[i].as_str())
                    .collect();
                let cells: Vec<String> = positions
                    .iter()
                    .map(|&i| cell(self.table, i, row))
                    .collect();
                Unread {
                    error: Box::new(Error::AmbiguousTime {
                        column: names.join(" "),
                        text: cells.join(" "),
                        first,
                        second,
                    }),
                    share: 1.0,
                }
            }
        })
    }
}

fn found(times: Times) -> Times {
    Times {
        found: true,
        ..times
    }
}
