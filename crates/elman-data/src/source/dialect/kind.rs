//! What a cell looks like, at a glance: enough to see whether rows agree, not to read them.

use crate::source::numbers;

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Empty, or a usual word for "no value".
    Missing,
    Number,
    Time,
    Truth,
    Text,
}

const MISSING: [&str; 9] = ["", "na", "n/a", "nan", "null", "none", "-", "?", "."];
const TRUTHS: [&str; 4] = ["true", "false", "yes", "no"];
/// Letters that times hold besides digits: names of months and days, `T`, `Z`, `Q1`, `W01`, AM and PM.
const WORDS: [&str; 33] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "t", "z", "q", "w", "am", "pm", "utc", "gmt",
    "h", "년", "월", "일", "시",
];
const MONTHS: [&str; 16] = [
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "오전",
    "오후",
    "분",
    "초",
    "분기",
];

impl Kind {
    pub(crate) fn of(cell: &str) -> Self {
        let cell = cell.trim();
        let is = |words: &[&str]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
        if is(&MISSING) {
            Self::Missing
        } else if numbers::is_number(cell) {
            Self::Number
        } else if is_time(cell) {
            Self::Time
        } else if is(&TRUTHS) {
            Self::Truth
        } else {
            Self::Text
        }
    }

    /// Whether it is something that a program would not write as a column's name.
    pub(crate) fn is_value(self) -> bool {
        matches!(self, Self::Number | Self::Time)
    }
}

/// Whether a text has the look of a time: groups of digits between the marks of dates and clocks.
pub(crate) fn is_time(cell: &str) -> bool {
    if cell.len() < 4 || cell.len() > 40 {
        return false;
    }
    let is_word = |letter: char| letter.is_alphabetic();
    let (mut digits, mut groups, mut marks) = (0, 0, 0);
    let mut in_group = false;
    let mut rest = cell;
    while let Some(letter) = rest.chars().next() {
        if letter.is_ascii_digit() {
            digits += 1;
            groups += usize::from(!in_group);
            in_group = true;
            rest = &rest[1..];
            continue;
        }
        in_group = false;
        if is_word(letter) {
            let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            let word = &rest[..end];
            let is = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
            if !is(&WORDS) && !is(&MONTHS) {
                return false;
            }
            marks += 1;
            rest = &rest[end..];
        } else if matches!(letter, '-' | '/' | '.' | ':' | ' ' | ',' | '+' | '\'') {
            marks += usize::from(letter != ' ' && letter != ',');
            rest = &rest[1..];
        } else {
            return false;
        }
    }
    marks > 0 && (digits >= 3 && groups >= 2 || digits >= 4 && cell.chars().any(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_a_glance() {
        for time in [
            "2021-01-01",
            "1949-01",
            "01.02.2021",
            "2021-01-01 00:00:00",
            "2021-01-01T00:00Z",
            "12:30",
            "Jan 2021",
            "3 March 2021",
            "2021-Q1",
            "2021Q1",
            "2019-W01",
            "2021년 1월",
            "2021/1/2 3:04 PM",
            "20210101T000000Z",
            "2021-01-01 00:00:00+09:00",
        ] {
            assert_eq!(Kind::of(time), Kind::Time, "{time}");
        }
        for text in [
            "2021-01-01;8",
            "abc",
            "Temp 1",
            "q1w2",
            "a.b.c",
            "1.2 mm",
            "text",
            "x-1",
        ] {
            assert_eq!(Kind::of(text), Kind::Text, "{text}");
        }
        for number in ["8,0", "1.5", "-3", "1e5", "₩1,000", "5 %", "(12)", "2021"] {
            assert_eq!(Kind::of(number), Kind::Number, "{number}");
        }
        assert_eq!(Kind::of(" NaN "), Kind::Missing);
        assert_eq!(Kind::of("True"), Kind::Truth);
    }
}
