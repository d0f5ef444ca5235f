//! Which of the forms that read a whole column is the column's.

use jiff::civil::DateTime;

use super::form::{FORMS, Role};
use super::items::{Item, Items};
use super::{
    Ask, Candidate, Cells, Column, Failure, Moment, NumberForm, all, dated, split, unreadable,
    whole_number,
};
use crate::{Step, TimeStyle};

/// Rows from which on their order and step may decide.
const ENOUGH_ROWS: usize = 6;

/// One reading of the column.
struct Reading {
    candidate: Candidate,
    moments: Vec<Moment>,
}

/// The column in the candidate that stands out, if any does.
pub(super) fn choose(
    cells: &(impl Cells + ?Sized),
    candidates: &[Candidate],
    ask: Ask<'_>,
) -> Result<Column, Failure> {
    let mut readings: Vec<Reading> = Vec::new();
    for &candidate in candidates {
        let moments = read(cells, candidate, ask)?;
        let same = |reading: &Reading| reading.moments == moments;
        if !readings.iter().any(same) {
            readings.push(Reading { candidate, moments });
        }
    }
    let first_text = cells.get(0);
    let learned = ask.known.and_then(|known| {
        let same = |reading: &Reading| {
            let name = name(reading.candidate, first_text);
            name == known || known.contains('%') && codes(&name) == codes(known)
        };
        readings.iter().position(same)
    });
    let mut notes = Vec::new();
    let chosen = match learned {
        Some(learned) => learned,
        None if readings.len() == 1 => 0,
        None => by_order(&readings, cells, &mut notes)?,
    };
    let Reading { candidate, moments } = readings.swap_remove(chosen);
    if let Candidate::Date(index) = candidate
        && FORMS[index].has_short_year()
    {
        if learned.is_none() && FORMS[index].0.len() == 2 {
            refuse_days_without_years(cells, &moments, first_text)?;
        }
        notes.push(
            "years of two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068".into(),
        );
    }
    Ok(Column {
        moments,
        form: name(candidate, first_text),
        style: style(candidate),
        notes,
    })
}

fn read(
    cells: &(impl Cells + ?Sized),
    candidate: Candidate,
    ask: Ask<'_>,
) -> Result<Vec<Moment>, Failure> {
    match candidate {
        Candidate::Number(form) => form.read(cells).map_err(|row| Failure::Unreadable {
            row,
            tried: "it lies outside the calendar".into(),
            share: 1.0,
        }),
        Candidate::Date(form) => {
            let mut items = Items::default();
            let moment = |cell: &str| dated(form, cell, &mut items).ok_or(());
            all(cells.iter().map(moment)).map_err(|()| unreadable(cells, ask))
        }
    }
}

/// The reading whose order and step leave no doubt.
fn by_order(
    readings: &[Reading],
    cells: &(impl Cells + ?Sized),
    notes: &mut Vec<String>,
) -> Result<usize, Failure> {
    // Bare digits and numbers stand in the order in which they are usual.
    let is_order = |reading: &Reading| match reading.candidate {
        Candidate::Date(index) => !FORMS[index].is_bare(),
        Candidate::Number(_) => false,
    };
    let decimal =
        |reading: &Reading| reading.candidate == Candidate::Number(NumberForm::DecimalYear);
    let formats = |reading: &Reading| format_for(reading.candidate, cells.get(0));
    if let [days, sheet] = [NumberForm::UnixDays, NumberForm::Excel].map(|form| {
        readings
            .iter()
            .find(|r| r.candidate == Candidate::Number(form))
    }) && let (Some(days), Some(sheet)) = (days, sheet)
    {
        return Err(Failure::Ambiguous {
            row: 0,
            first: formats(days),
            second: formats(sheet),
        });
    }
    if !is_order(&readings[0]) && !decimal(&readings[0]) {
        return Ok(0);
    }
    let ranks: Vec<(bool, f64)> = readings.iter().map(|r| rank(&r.moments)).collect();
    let stands_out = |&one: &usize| {
        (0..readings.len())
            .filter(|&other| other != one)
            .all(|other| {
                let (a, b) = (ranks[one], ranks[other]);
                cells.len() >= ENOUGH_ROWS && a.0 && (!b.0 && a.1 > 0.5 || a.1 == 1.0 && b.1 < 1.0)
            })
    };
    if let Some(best) = (0..readings.len()).find(stands_out) {
        let other = if best == 0 { 1 } else { 0 };
        notes.push(format!(
            "read as {} because the rows then follow each other at a regular step; data.time_format = \"{}\" reads them otherwise",
            name(readings[best].candidate, cells.get(0)),
            formats(&readings[other])
        ));
        return Ok(best);
    }
    // Beside the name of a month the day comes before a year of two digits: nobody writes 18-Jan-05 for 2018-01-05.
    if let Candidate::Date(index) = readings[0].candidate
        && FORMS[index].0 == [Role::Day, Role::Month, Role::ShortYear]
        && name(readings[0].candidate, cells.get(0)).contains(['b', 'B'])
    {
        return Ok(0);
    }
    let (a, b) = (&readings[0], &readings[1]);
    let row = a
        .moments
        .iter()
        .zip(&b.moments)
        .position(|(a, b)| a != b)
        .unwrap_or(0);
    Err(Failure::Ambiguous {
        row,
        first: formats(a),
        second: formats(b),
    })
}

/// Whether the times only rise or only fall, and which share of neighbours lies one step apart.
fn rank(moments: &[Moment]) -> (bool, f64) {
    let mut times: Vec<DateTime> = moments.iter().map(|(time, _)| *time).collect();
    let ordered = times.is_sorted() || times.iter().rev().is_sorted();
    times.sort_unstable();
    times.dedup();
    let regular = Step::detect(&times).map_or(0.0, |step| {
        let pairs = times.windows(2);
        let neighbours = pairs
            .clone()
            .filter(|pair| step.between(pair[0], pair[1]) == 1 && step.reaches(pair[0], pair[1]));
        neighbours.count() as f64 / pairs.len().max(1) as f64
    });
    (ordered, regular)
}

/// `07-Jan`, `14-Jan` may be days without a year: then no year of two digits is read from them.
fn refuse_days_without_years(
    cells: &(impl Cells + ?Sized),
    moments: &[Moment],
    first: &str,
) -> Result<(), Failure> {
    let mut items = Items::default();
    let mut days = Vec::with_capacity(cells.len());
    let mut year = 2000;
    for cell in cells.iter() {
        let Some((text, _)) = split(cell.trim()) else {
            return Ok(());
        };
        if !items.parse(&text) || items.len() != 2 {
            return Ok(());
        }
        let (month, day) = match (items.get(0), items.get(1)) {
            (Item::Month { value, .. }, Item::Number { value: day, .. })
            | (Item::Number { value: day, .. }, Item::Month { value, .. }) => (value, day),
            _ => return Ok(()),
        };
        if !(1..=31).contains(&day) {
            return Ok(());
        }
        let at = |year| jiff::civil::Date::new(year, month as i8, day as i8).ok();
        let Some(mut date) = at(year) else {
            return Ok(());
        };
        if days.last().is_some_and(|last| *last > date) {
            year += 4; // leap years all
            date = at(year).unwrap_or(date);
        }
        days.push(date);
    }
    let one_step = |pair: &[jiff::civil::Date]| {
        let days = pair[1].duration_since(pair[0]).as_hours() / 24;
        (1..=14).contains(&days)
    };
    let near = days.windows(2).filter(|pair| one_step(pair)).count();
    let in_order = moments.is_sorted_by_key(|(time, _)| *time)
        || moments.iter().rev().is_sorted_by_key(|(time, _)| *time);
    if cells.len() < 3 || near * 2 < cells.len() {
        return Ok(());
    }
    let what = if in_order {
        "either months with a year of two digits or days"
    } else {
        "days"
    };
    Err(Failure::Unreadable {
        row: 0,
        tried: format!(
            "the rows look like {what} without a year; write the year, or set data.time_format to \"{}\" if they are months",
            format_for_text(first)
        ),
        share: 1.0,
    })
}

fn format_for_text(text: &str) -> String {
    let forms = (0..FORMS.len()).filter(|&index| FORMS[index].has_short_year());
    let mut patterns = forms.filter_map(|index| pattern(index, text, true));
    patterns.next().unwrap_or_default()
}

fn style(candidate: Candidate) -> TimeStyle {
    match candidate {
        Candidate::Date(index) if FORMS[index].has(Role::Quarter) => TimeStyle::Quarters,
        Candidate::Date(index)
            if FORMS[index].has(Role::Week) && !FORMS[index].has(Role::Weekday) =>
        {
            TimeStyle::Weeks
        }
        _ => TimeStyle::Plain,
    }
}

/// The form in the report.
fn name(candidate: Candidate, text: &str) -> String {
    match candidate {
        Candidate::Number(form) => form.name().into(),
        Candidate::Date(index) => pattern(index, text, false).unwrap_or_default(),
    }
}

/// What `data.time_format` must be for this form.
fn format_for(candidate: Candidate, text: &str) -> String {
    match candidate {
        Candidate::Number(form) => form.key().into(),
        Candidate::Date(index) => pattern(index, text, true).unwrap_or_default(),
    }
}

/// The strptime codes of a form, whatever stands between them.
fn codes(form: &str) -> Vec<char> {
    let codes = form.chars().zip(form.chars().skip(1));
    codes
        .filter(|(mark, _)| *mark == '%')
        .map(|(_, code)| code)
        .collect()
}

/// A form in strptime's terms, as it is written in `text`; with the clock time too where `whole`.
pub(super) fn pattern(form: usize, text: &str, whole: bool) -> Option<String> {
    let text = text.trim();
    let (date, clock) = split(text)?;
    let mut items = Items::default();
    let number = whole_number(&date);
    if !items.parse(number) {
        return None;
    }
    FORMS[form].date(&items)?;
    let pattern = FORMS[form].pattern(number, &items);
    let rest = text
        .strip_prefix(&*date)
        .filter(|_| whole && clock.is_some());
    Some(pattern + &rest.map_or_else(String::new, clock_pattern))
}

/// The clock time after a date in strptime's terms.
fn clock_pattern(text: &str) -> String {
    let half =
        text.to_ascii_lowercase().contains(['a', 'p']) && text.to_ascii_lowercase().contains('m');
    let mut codes = [if half { "%I" } else { "%H" }, "%M", "%S%.f"].into_iter();
    let mut pattern = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let Some(code) = codes.next() else { break };
        pattern += &rest[..start];
        rest = rest[start..].trim_start_matches(|c: char| c.is_ascii_digit());
        if code == "%S%.f" {
            let fraction = rest.starts_with('.');
            pattern += if fraction { code } else { "%S" };
            if fraction {
                rest = rest[1..].trim_start_matches(|c: char| c.is_ascii_digit());
            }
            break;
        }
        pattern += code;
        if !rest.starts_with([':', 'h', '.']) {
            break;
        }
    }
    let rest_trimmed = rest.trim_start();
    pattern += &rest[..rest.len() - rest_trimmed.len()];
    pattern += match rest_trimmed.chars().next() {
        Some('+' | '-') => {
            if rest_trimmed.contains(':') {
                "%:z"
            } else {
                "%z"
            }
        }
        Some('A' | 'a' | 'P' | 'p') => "%p",
        _ => rest_trimmed,
    };
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn patterns_are_what_strptime_reads() {
        // Each checked with datetime.strptime(text, pattern) of Python 3.11.
        let cases = [
            ("1/2/2004 13:05", 1, "%m/%d/%Y %H:%M"),
            ("1/2/2004 1:05:09 PM", 2, "%d/%m/%Y %I:%M:%S %p"),
            ("Jan-18", 9, "%b-%y"),
            ("Jan. 5, 2018", 1, "%b. %d, %Y"),
            ("2020-01-31T13:00:00+01:00", 0, "%Y-%m-%dT%H:%M:%S%:z"),
        ];
        for (text, form, expected) in cases {
            assert_eq!(pattern(form, text, true).as_deref(), Some(expected));
            assert!(super::super::strptime(expected, text).is_some(), "{text}");
        }
        assert_eq!(
            rank(&[(date(2020, 1, 1).at(0, 0, 0, 0), None)]),
            (true, 0.0)
        );
    }
}
