//! The words of dates: names of months and weekdays, and the letters that say what a number is.

/// What a word in a date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// January is 1.
    Month(i8),
    /// A weekday or a filler such as `of`: it adds nothing.
    Nothing,
    /// The number beside it is a quarter, a half-year, an ISO week, a year, a month or a day.
    Quarter,
    Half,
    Week,
    Year,
    MonthNumber,
    Day,
}

/// Names of the months in English, German, French, Spanish, Italian, Portuguese and Dutch, full and short. No name means
/// two months.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "january", "januar", "jänner", "jänn", "janvier", "janv", "enero", "ene", "gennaio",
        "gen", "janeiro", "januari",
    ],
    &[
        "feb",
        "february",
        "februar",
        "feber",
        "février",
        "fevrier",
        "févr",
        "fevr",
        "fév",
        "febrero",
        "febbraio",
        "fevereiro",
        "fev",
        "februari",
    ],
    &[
        "mar", "march", "märz", "maerz", "mär", "mrz", "mars", "marzo", "março", "marco", "maart",
        "mrt",
    ],
    &["apr", "april", "avril", "avr", "abril", "abr", "aprile"],
    &["may", "mai", "mayo", "maggio", "mag", "maio", "mei"],
    &[
        "jun", "june", "juni", "juin", "junio", "giugno", "giu", "junho",
    ],
    &[
        "jul", "july", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho",
    ],
    &["aug", "august", "août", "aout", "agosto", "ago", "augustus"],
    &[
        "sep",
        "sept",
        "september",
        "septembre",
        "septiembre",
        "setiembre",
        "settembre",
        "set",
        "setembro",
    ],
    &[
        "oct", "october", "oktober", "okt", "octobre", "octubre", "ottobre", "ott", "outubro",
        "out",
    ],
    &["nov", "november", "novembre", "noviembre", "novembro"],
    &[
        "dec",
        "december",
        "dezember",
        "dez",
        "décembre",
        "decembre",
        "déc",
        "diciembre",
        "dic",
        "dicembre",
        "dezembro",
    ],
];

const NOTHING: [&str; 26] = [
    "mon",
    "monday",
    "tue",
    "tues",
    "tuesday",
    "wed",
    "wednesday",
    "thu",
    "thur",
    "thurs",
    "thursday",
    "fri",
    "friday",
    "sat",
    "saturday",
    "sun",
    "sunday",
    "of",
    "de",
    "del",
    "st",
    "nd",
    "rd",
    "th",
    "the",
    "di",
];

/// The meaning of a word, in upper or lower case; `None` for one that no date holds.
pub(super) fn word(text: &str) -> Option<Word> {
    match text {
        "년" | "年" => return Some(Word::Year),
        "월" | "月" => return Some(Word::MonthNumber),
        "일" | "日" => return Some(Word::Day),
        "분기" | "季度" => return Some(Word::Quarter),
        "주" | "주차" | "週" | "周" => return Some(Word::Week),
        _ => {}
    }
    let lower;
    let text = if text.bytes().all(|b| b.is_ascii_lowercase()) {
        text
    } else {
        lower = text.to_lowercase();
        &lower
    };
    match text {
        "q" | "qtr" | "quarter" => return Some(Word::Quarter),
        "h" | "s" => return Some(Word::Half),
        "w" | "wk" | "week" | "kw" => return Some(Word::Week),
        "m" => return Some(Word::MonthNumber),
        _ => {}
    }
    let month = MONTHS.iter().position(|names| names.contains(&text));
    if let Some(month) = month {
        return Some(Word::Month(month as i8 + 1));
    }
    NOTHING.contains(&text).then_some(Word::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_months() {
        for (month, names) in MONTHS.iter().enumerate() {
            for name in *names {
                let meant: Vec<usize> = (0..12)
                    .filter(|&other| MONTHS[other].contains(name))
                    .collect();
                assert_eq!(meant, [month], "{name}");
                assert!(!NOTHING.contains(name), "{name}");
            }
        }
        assert_eq!(word("JAN"), Some(Word::Month(1)));
        assert_eq!(word("März"), Some(Word::Month(3)));
        assert_eq!(word("Sept"), Some(Word::Month(9)));
        assert_eq!(word("noon"), None);
    }
}
