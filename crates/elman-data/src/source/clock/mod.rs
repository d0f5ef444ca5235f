//! Reading times as people write them.
//!
//! All rows of a column decide its form: every form that reads all of them is a candidate. Where several give different
//! times, the regular step of one may decide, and the report says so; otherwise it is a question to the user. So
//! `12/31/2004` further down decides what `1/2/2004` means, and a column that leaves it open is an error, not a guess.

mod cell;
mod decide;
mod form;
mod items;
mod numeric;
mod period;
mod words;
mod zone;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz;

pub(crate) use cell::time_of_day;
use cell::{Clock, split};
pub(crate) use form::full_year;
use form::{FORMS, Role};
use items::{Item, Items};
use numeric::{NUMBER_FORMS, NumberForm};
pub(crate) use period::period;
pub(crate) use zone::settle;

use crate::TimeStyle;

/// Why a column could not be read.
pub(crate) enum Failure {
    Unreadable {
        row: usize,
        tried: String,
        /// How many of the rows read as times in one form, from 0 to 1.
        share: f64,
    },
    /// Two forms fit all rows and give the row different times. Each is a `data.time_format`.
    Ambiguous {
        row: usize,
        first: String,
        second: String,
    },
}

/// A civil time and, if it was written, the offset from UTC.
pub(crate) type Moment = (DateTime, Option<tz::Offset>);

/// The cells of a column, wherever they are kept.
pub(crate) trait Cells {
    fn len(&self) -> usize;

    fn get(&self, row: usize) -> &str;

    fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl<S: AsRef<str>> Cells for [S] {
    fn len(&self) -> usize {
        <[S]>::len(self)
    }

    fn get(&self, row: usize) -> &str {
        self[row].as_ref()
    }
}

/// All items or the first failure, in no more memory than they take: `collect` would not ask how many there are.
fn all<T, E>(items: impl ExactSizeIterator<Item = Result<T, E>>) -> Result<Vec<T>, E> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        all.push(item?);
    }
    Ok(all)
}

/// What is known of a column before it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ask<'a> {
    /// `data.time_format`.
    pub(crate) format: Option<&'a str>,
    /// The form that was found when a model was trained: it is preferred where several fit.
    pub(crate) known: Option<&'a str>,
    /// Which numbers may be times.
    pub(crate) numbers: Numbers,
    /// Whether they may be days of a spreadsheet, or since 1970.
    pub(crate) days: bool,
}

/// Which bare numbers may be times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// None: the column is not called like a time.
    #[default]
    None,
    /// Those that can hardly be anything else: Unix time, eight digits of a date, twelve and fourteen.
    Plain,
    /// Also years, days of a spreadsheet, decimal years.
    All,
}

/// The times of a column and how they were written.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) moments: Vec<Moment>,
    /// In strptime's terms, or in words.
    pub(crate) form: String,
    /// The style of what was written as quarters or weeks.
    pub(crate) style: TimeStyle,
    /// What was decided, in sentences for the report.
    pub(crate) notes: Vec<String>,
}

impl Column {
    fn new(moments: Vec<Moment>, form: impl Into<String>) -> Self {
        Self {
            moments,
            form: form.into(),
            style: TimeStyle::Plain,
            notes: Vec::new(),
        }
    }
}

const TRIED: &str = "tried: 2020-01-31, 2020/1/31, 31.12.2020, 12/31/2020, 31/12/2020, 2020-01, 2020-Q1, 2020-W05, Jan 2020, \
                     Jan-20, 31 Jan 2020, each with or without 13:00[:00] and an offset, 20200131[hhmm], 2020, Unix time, \
                     days of a spreadsheet; set data.time_format, e.g. \"%d.%m.%Y %H:%M\"";

/// Reads all cells in one form: the user's, or the only one that fits all rows.
pub(crate) fn read(cells: &(impl Cells + ?Sized), ask: Ask<'_>) -> Result<Column, Failure> {
    if let Some(format) = ask.format {
        return stated(cells, format);
    }
    if cells.len() == 0 {
        return Ok(Column::new(Vec::new(), ""));
    }
    let mut fitting = Candidates::all(ask);
    for cell in cells.iter() {
        fitting.keep_those_that_read(cell);
        match fitting.list[..] {
            [] => return Err(unreadable(cells, ask)),
            // Reading the rest in the only form that is left says whether it fits.
            [Candidate::Date(_)] => break,
            _ => {}
        }
    }
    decide::choose(cells, &fitting.list, ask)
}

/// All cells in the form of `data.time_format`.
fn stated(cells: &(impl Cells + ?Sized), format: &str) -> Result<Column, Failure> {
    let failed = |row| Failure::Unreadable {
        row,
        tried: format!("data.time_format is \"{format}\""),
        share: 1.0,
    };
    if let Some(form) = NumberForm::named(format) {
        let stated = |cell: &str| form.fits(cell.trim(), true);
        if let Some(row) = cells.iter().position(|cell| !stated(cell)) {
            return Err(failed(row));
        }
        let moments = form.read(cells).map_err(failed)?;
        return Ok(Column::new(moments, form.key()));
    }
    let moment = |(row, cell): (usize, &str)| {
        let found = strptime(format, cell.trim());
        found.ok_or_else(|| failed(row))
    };
    Ok(Column::new(
        all(cells.iter().enumerate().map(moment))?,
        format,
    ))
}

/// A form that may read a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Candidate {
    /// By position in [`FORMS`].
    Date(usize),
    Number(NumberForm),
}

/// The forms that read all cells so far.
struct Candidates {
    list: Vec<Candidate>,
    items: Items,
}

impl Candidates {
    fn all(ask: Ask<'_>) -> Self {
        let dates = (0..FORMS.len()).filter(|&index| {
            let form = &FORMS[index];
            match ask.numbers {
                Numbers::All => true,
                Numbers::Plain => !form.is_bare() || form.has(Role::Digits("%Y%m%d")),
                Numbers::None => !form.is_bare(),
            }
        });
        let numbers = NUMBER_FORMS.into_iter().filter(|form| match ask.numbers {
            Numbers::All => ask.days || !matches!(form, NumberForm::Excel | NumberForm::UnixDays),
            Numbers::Plain => form.is_instant() || *form == NumberForm::Digits,
            Numbers::None => false,
        });
        Self {
            list: dates
                .map(Candidate::Date)
                .chain(numbers.map(Candidate::Number))
                .collect(),
            items: Items::default(),
        }
    }

    fn keep_those_that_read(&mut self, text: &str) {
        let text = text.trim();
        let parts = take_apart(text, &mut self.items);
        let items = &self.items;
        self.list.retain(|candidate| match candidate {
            Candidate::Date(index) => parts && FORMS[*index].date(items).is_some(),
            Candidate::Number(form) => form.fits(text, false),
        });
    }
}

/// Parses the date of a cell into `items`; `false` if it is none or its clock time is none.
fn take_apart(text: &str, items: &mut Items) -> bool {
    split(text).is_some_and(|(date, _)| items.parse(whole_number(&date)))
}

/// "2020.0" is what 2020 becomes in a column with blanks.
fn whole_number(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction))
            if !whole.is_empty()
                && !fraction.is_empty()
                && whole.bytes().all(|b| b.is_ascii_digit())
                && fraction.bytes().all(|b| b == b'0') =>
        {
            whole
        }
        _ => text,
    }
}

/// A cell in a form of dates.
fn dated(form: usize, text: &str, items: &mut Items) -> Option<Moment> {
    let (date, clock) = split(text.trim())?;
    if !items.parse(whole_number(&date)) {
        return None;
    }
    let date = FORMS[form].date(items)?;
    at(date, clock)
}

fn at(date: Date, clock: Option<Clock>) -> Option<Moment> {
    let midnight = date.to_datetime(Time::midnight());
    match clock {
        Some((since_midnight, offset)) => {
            Some((midnight.checked_add(since_midnight).ok()?, offset))
        }
        None => Some((midnight, None)),
    }
}

/// What stops the form that reads most rows.
fn unreadable(cells: &(impl Cells + ?Sized), ask: Ask<'_>) -> Failure {
    let all = Candidates::all(ask);
    let mut counts = vec![(0usize, None); all.list.len()];
    let mut items = Items::default();
    for (row, cell) in cells.iter().enumerate() {
        let text = cell.trim();
        let parts = take_apart(text, &mut items);
        for (candidate, (count, failed)) in all.list.iter().zip(&mut counts) {
            let reads = match candidate {
                Candidate::Date(index) => parts && FORMS[*index].date(&items).is_some(),
                Candidate::Number(form) => form.fits(text, false),
            };
            *count += usize::from(reads);
            if !reads {
                failed.get_or_insert(row);
            }
        }
    }
    let most = counts.iter().map(|(count, _)| *count).max().unwrap_or(0);
    let best = counts
        .iter()
        .position(|(count, _)| *count == most && most > 0);
    let Some(best) = best else {
        return Failure::Unreadable {
            row: 0,
            tried: TRIED.into(),
            share: 0.0,
        };
    };
    let name = match all.list[best] {
        Candidate::Number(form) => form.name().to_owned(),
        Candidate::Date(index) => cells
            .iter()
            .find_map(|cell| decide::pattern(index, cell, false))
            .unwrap_or_default(),
    };
    let row = counts[best].1.unwrap_or(0);
    let which = if row == most {
        "the rows before"
    } else {
        "most other rows"
    };
    let tried = if most * 2 > cells.len() || row > 0 {
        format!("{which} are {name}; correct it, or set data.time_format")
    } else {
        TRIED.into()
    };
    Failure::Unreadable {
        row,
        tried,
        share: most as f64 / cells.len() as f64,
    }
}

/// A month by name.
pub(crate) fn month(text: &str) -> Option<i64> {
    match only_item(text)? {
        Item::Month { value, .. } => Some(value).filter(|month| (1..=12).contains(month)),
        _ => None,
    }
}

/// A quarter: `Q1`, `1Q`.
pub(crate) fn quarter(text: &str) -> Option<i64> {
    match only_item(text)? {
        Item::Quarter(value) => Some(value).filter(|quarter| (1..=4).contains(quarter)),
        _ => None,
    }
}

fn only_item(text: &str) -> Option<Item> {
    let mut items = Items::default();
    (items.parse(text.trim()) && items.len() == 1).then(|| items.get(0))
}

/// A time in a stated format; a month or day the format does not have is the first.
fn strptime(format: &str, text: &str) -> Option<Moment> {
    let mut broken = BrokenDownTime::parse(format, text).ok()?;
    if let Some(timestamp) = broken.timestamp() {
        return Some((tz::Offset::UTC.to_datetime(timestamp), None));
    }
    let date = date_of(&mut broken)?;
    if broken.hour().is_some() {
        // jiff needs every smaller unit to be there or all of them to be absent.
        if broken.minute().is_none() {
            broken.set_minute(Some(0)).ok()?;
        }
        if broken.second().is_none() {
            broken.set_second(Some(0)).ok()?;
        }
    }
    let time = if broken.hour().is_some() {
        broken.to_time().ok()?
    } else {
        Time::midnight()
    };
    Some((date.to_datetime(time), broken.offset()))
}

fn date_of(broken: &mut BrokenDownTime) -> Option<Date> {
    if broken.day_of_year().is_none() && broken.iso_week().is_none() {
        if broken.month().is_none() {
            broken.set_month(Some(1)).ok()?;
        }
        if broken.day().is_none() {
            broken.set_day(Some(1)).ok()?;
        }
    }
    broken.to_date().ok()
}
