//! One cell taken apart: the text of a date, and the clock time and offset that may stand after it.

use std::borrow::Cow;

use jiff::{SignedDuration, tz};

/// A time of day as a time since midnight, and the offset from UTC if one was written.
pub(crate) type Clock = (SignedDuration, Option<tz::Offset>);

/// The text of the date and the clock time of a cell; `None` if what looks like a clock time is none.
///
/// A clock time stands after a `T`, a blank and the like, with colons (`13:00`), with letters (`13h30`, `1 PM`, `13시 30분`),
/// with points (`13.30`) or as digits alone after a whole date (`20210101 0000`).
pub(super) fn split(text: &str) -> Option<(Cow<'_, str>, Option<Clock>)> {
    let text = without_brackets(text.trim());
    if let Some(colon) = text.find(':') {
        return with_colon(text, colon);
    }
    // Most dates are digits and marks, with no letter to look at.
    let letters = text
        .bytes()
        .any(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let marked = || after_t(text).or_else(|| lettered(text));
    if let Some((date, clock)) = letters.then(marked).flatten() {
        return Some((date.into(), Some(clock?)));
    }
    match bare_clock(text) {
        Some((date, clock)) => Some((date.into(), Some(clock))),
        None => Some((text.into(), None)),
    }
}

/// Cuts off `[Asia/Seoul]` and `(Fri)`.
fn without_brackets(text: &str) -> &str {
    let open = match text.as_bytes().last() {
        Some(b']') => text.rfind('['),
        Some(b')') => text.rfind('('),
        _ => None,
    };
    open.map_or(text, |open| text[..open].trim_end())
}

fn with_colon(text: &str, colon: usize) -> Option<(Cow<'_, str>, Option<Clock>)> {
    // "Fri Jan 31 13:00:00 2020": the year after the clock belongs to the date.
    let (text, year) = match text.rsplit_once(' ') {
        Some((before, year)) if before.len() > colon && is_digits(year, 4) => (before, Some(year)),
        _ => (text, None),
    };
    let digits = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let hour = digits(&text[..colon]);
    let (date, clock) = if colon - hour > 2 {
        // "10/Oct/2000:13:55:36": the first colon ends the date.
        let clock = &text[colon + 1..];
        (&text[..colon], clock.contains(':').then_some(clock)?)
    } else {
        let before = &text[..hour];
        let date = match before.chars().next_back()? {
            ' ' | '\u{a0}' | '\u{202f}' => before.trim_end(),
            'T' | 't' | '_' | '-' => &before[..before.len() - 1],
            _ => return None,
        };
        (date, &text[hour..])
    };
    let (date, half) = half_before(date.trim_end_matches([',', ' ']));
    let clock = clock_time(clock, half)?;
    Some(match year {
        Some(year) => (format!("{date} {year}").into(), Some(clock)),
        None => (date.into(), Some(clock)),
    })
}

/// "2020-01-31 오후": whether it is after noon stands before the hour.
fn half_before(date: &str) -> (&str, Option<bool>) {
    for (word, afternoon) in [
        ("오전", false),
        ("오후", true),
        ("上午", false),
        ("下午", true),
    ] {
        if let Some(date) = date.strip_suffix(word) {
            return (date.trim_end(), Some(afternoon));
        }
    }
    (date, None)
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
}

/// `20210101T000000Z`, `2021-01-01T00`: two, four or six digits after a `T`. The inner `None`: they are no time.
fn after_t(text: &str) -> Option<(&str, Option<Clock>)> {
    let bytes = text.as_bytes();
    let t = (1..bytes.len().saturating_sub(1)).find(|&i| {
        matches!(bytes[i], b'T' | b't')
            && bytes[i - 1].is_ascii_digit()
            && bytes[i + 1].is_ascii_digit()
    })?;
    Some((&text[..t], digits_clock(&text[t + 1..])))
}

/// `hh`, `hhmm` or `hhmmss[.fff]`, perhaps with an offset.
fn digits_clock(text: &str) -> Option<Clock> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if !matches!(digits.len(), 1 | 2 | 4 | 6) {
        return None;
    }
    let mut clock: String = digits[..digits.len().min(2)].into();
    for field in digits.as_bytes().get(2..).unwrap_or_default().chunks(2) {
        clock.push(':');
        clock.extend(field.iter().map(|&b| char::from(b)));
    }
    clock.push_str(if digits.len() <= 2 { ":00" } else { "" });
    clock_time(&(clock + rest), None)
}

/// `13h`, `13h30`, `13 h 30 min`, `1 PM`, `13시 30분` after a blank. The inner `None`: it is no time.
fn lettered(text: &str) -> Option<(&str, Option<Clock>)> {
    let lower = text.to_ascii_lowercase();
    let mark = ["시", "h", "am", "pm", "a.m.", "p.m."]
        .into_iter()
        .filter_map(|mark| Some((lower.rfind(mark)?, mark)))
        .find(|(at, _)| {
            lower[..*at]
                .trim_end()
                .ends_with(|c: char| c.is_ascii_digit())
        })?;
    let (at, mark) = mark;
    let before = text[..at].trim_end();
    let hour = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (date, half) = half_before(before[..hour].trim_end());
    let separated = before[..hour].ends_with([' ', 'T', 't', '전', '후']);
    if !separated || date.is_empty() {
        return None;
    }
    let date = date.strip_suffix(['T', 't']).unwrap_or(date);
    let rest = lower[at..].strip_prefix(mark).unwrap_or_default();
    if matches!(mark, "시" | "h") {
        let mut clock = before[hour..].to_owned();
        let fields = rest.split(|c: char| !c.is_ascii_digit());
        let known = |c: char| c.is_ascii_digit() || " minsec분초.:".contains(c);
        if !rest.chars().all(known) {
            return Some((date, None));
        }
        for field in fields.filter(|field| !field.is_empty()) {
            clock += &format!(":{field}");
        }
        if !clock.contains(':') {
            clock += ":00";
        }
        return Some((date, clock_time(&clock, half)));
    }
    let clock = format!("{}:00 {mark}{rest}", &before[hour..]);
    Some((date, clock_time(&clock, None)))
}

/// `20210101 0000`, `2021-01-01 13`, `31.12.2020 13.30`: a last word that can be nothing but a time of day.
fn bare_clock(text: &str) -> Option<(&str, Clock)> {
    let (date, last) = text.rsplit_once(' ')?;
    let date = date.trim_end().trim_end_matches(',');
    let dotted = last.split('.').count() > 1;
    let fields = last.split('.').all(|field| (1..=2).contains(&field.len()));
    let shape = if dotted {
        fields && last.split('.').count() <= 3
    } else {
        matches!(last.len(), 1 | 2 | 4 | 6)
    };
    let digits = last.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !shape || !digits || !is_whole_date(date) {
        return None;
    }
    let clock = if dotted {
        clock_time(&last.replace('.', ":"), None)
    } else {
        digits_clock(last)
    };
    Some((date, clock?))
}

/// Whether a text names a day by itself: eight digits, or three parts with a year of four digits.
fn is_whole_date(text: &str) -> bool {
    let numbers = || {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
    };
    is_digits(text, 8)
        || numbers().count() == 3
            && numbers().any(|part| is_digits(part, 4))
            && text.bytes().any(|b| b"-/. ".contains(&b))
}

/// `H:MM[:SS[.fff]] [AM|PM] [Z|±hh[:mm]]` as a time since midnight; 24:00 is the next day's midnight.
///
/// `afternoon` says what a word before the hour said.
pub(super) fn clock_time(text: &str, afternoon: Option<bool>) -> Option<Clock> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
        .unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut fields = clock.split(':');
    let field = |text: Option<&str>, most: i64| {
        let text = text.unwrap_or("0");
        let value: i64 = text.parse().ok()?;
        (text.len() <= 2 && value <= most).then_some(value)
    };
    let mut hour = field(fields.next(), 24)?;
    let minute = field(fields.next(), 59)?;
    let (second, fraction) = match fields.next() {
        Some(second) => second.split_once(['.', ',']).unwrap_or((second, "")),
        None => ("0", ""),
    };
    let second = field(Some(second), 60)?;
    if hour == 24 && (minute, second) != (0, 0) {
        return None;
    }
    if fields.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: i32 = match fraction {
        "" => 0,
        _ => format!("{fraction:0<9.9}").parse().ok()?,
    };
    let (afternoon, rest) = match (half_after(rest.trim()), afternoon) {
        ((None, rest), before) => (before, rest),
        ((after, rest), None) => (after, rest),
        _ => return None,
    };
    if let Some(afternoon) = afternoon {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let since_midnight = SignedDuration::new(hour * 3600 + minute * 60 + second, nanoseconds);
    Some((since_midnight, offset(rest.trim())?))
}

/// "PM", "p.m." after the clock, and what follows.
fn half_after(text: &str) -> (Option<bool>, &str) {
    for length in [4, 2] {
        let Some(head) = text.get(..length) else {
            continue;
        };
        match head.to_ascii_lowercase().as_str() {
            "am" | "a.m." => return (Some(false), &text[length..]),
            "pm" | "p.m." => return (Some(true), &text[length..]),
            _ => {}
        }
    }
    (None, text)
}

/// An offset from UTC; outer `None` for text that is not one.
fn offset(text: &str) -> Option<Option<tz::Offset>> {
    let text = match text {
        "" => return Some(None),
        "Z" | "z" | "UTC" | "GMT" => return Some(Some(tz::Offset::UTC)),
        _ => text
            .strip_prefix("UTC")
            .or_else(|| text.strip_prefix("GMT"))
            .unwrap_or(text),
    };
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ if text.starts_with('\u{2212}') => -1,
        _ => return None,
    };
    let digits = text
        .trim_start_matches(['+', '-', '\u{2212}'])
        .replace(':', "");
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Some(Some(tz::Offset::from_seconds(sign * seconds).ok()?))
}

/// A cell that is a time of day and nothing else: `13:00`, `1:00 PM`, `13h30`; with `digits` also `13`, `1300` and `130000`,
/// as hours, hours with minutes and so on.
pub(crate) fn time_of_day(text: &str, digits: bool) -> Option<Clock> {
    let text = text.trim();
    if text.contains(':') {
        return clock_time(text, None);
    }
    let number = text.strip_suffix(".0").unwrap_or(text);
    if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        // Leading zeros are lost where columns are numbers: 30 minutes past midnight is 30, one o'clock 100.
        return match number.len() {
            _ if !digits => None,
            1 | 2 => digits_clock(number),
            3 => digits_clock(&format!("0{number}")),
            5 => digits_clock(&format!("0{number}")),
            _ => digits_clock(number),
        };
    }
    lettered(&format!("- {text}"))?.1
}
