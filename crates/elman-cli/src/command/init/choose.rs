//! Which column of a series is forecast.

use elman_data::Series;

/// What columns that people forecast are usually called, the most telling first.
const USUAL: [&str; 41] = [
    "y",
    "target",
    "sales",
    "demand",
    "load",
    "consumption",
    "price",
    "close",
    "value",
    "count",
    "cnt",
    "total",
    "amount",
    "revenue",
    "passengers",
    "visitors",
    "visits",
    "traffic",
    "volume",
    "ot",
    "power",
    "energy",
    "flow",
    "rate",
    "temperature",
    "temp",
    "level",
    "rides",
    "orders",
    "qty",
    "quantity",
    "umsatz",
    "preis",
    "wert",
    "temperatur",
    "매출",
    "판매량",
    "종가",
    "가격",
    "값",
    "기온",
];
/// What says when a row is, or whether the day is a special one.
const CALENDAR: [&str; 32] = [
    "year",
    "month",
    "day",
    "weekday",
    "dow",
    "dayofweek",
    "dayofyear",
    "doy",
    "week",
    "weekofyear",
    "quarter",
    "hour",
    "minute",
    "second",
    "holiday",
    "weekend",
    "season",
    "isholiday",
    "isweekend",
    "workingday",
    "dayofmonth",
    "jahr",
    "monat",
    "tag",
    "feiertag",
    "wochentag",
    "연도",
    "월",
    "일",
    "요일",
    "공휴일",
    "휴일",
];
/// What numbers the rows or names things.
const IDS: [&str; 12] = [
    "id", "index", "idx", "no", "nr", "number", "row", "rownum", "unnamed", "key", "code", "zip",
];

/// What is known of a column of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A measurement.
    Measured,
    /// 0 and 1 only.
    Flag,
    /// Part of a date, or what kind of day it is.
    Calendar,
    /// The number of the row, or of something else.
    Id,
    /// The same in every row.
    Constant,
}

impl Sort {
    /// The sort of a column by its name and its values.
    pub fn of(name: &str, values: &[f64]) -> Self {
        let known = || values.iter().copied().filter(|value| !value.is_nan());
        let plain = plain(name);
        let Some(first) = known().next() else {
            return Self::Constant;
        };
        match () {
            () if known().all(|value| value == first) => Self::Constant,
            () if CALENDAR.contains(&plain.as_str()) => Self::Calendar,
            () if known().all(|value| value == 0.0 || value == 1.0) => Self::Flag,
            () if USUAL.contains(&plain.as_str()) => Self::Measured,
            () if counts(values) => Self::Id,
            () if is_id(&plain) && known().all(|value| value.fract() == 0.0) => Self::Id,
            () => Self::Measured,
        }
    }

    /// Why such a column is not forecast.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Flag => "0 and 1 only",
            Self::Calendar => "says when the row is",
            Self::Id => "numbers the rows",
            Self::Constant => "the same in every row",
        }
    }
}

/// Whether a column of this name is usually of numbers that name things.
fn is_id(plain: &str) -> bool {
    plain.is_empty() || plain.starts_with("unnamed") || IDS.contains(&plain)
}

/// Whether values go up by one from row to row.
fn counts(values: &[f64]) -> bool {
    values.len() > 2 && values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}

/// What is chosen to be forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The column.
    pub name: String,
    /// Why this one.
    pub why: String,
    /// Others that could be meant.
    pub others: Vec<String>,
}

/// The column of a series that is probably to be forecast; the names of those that could be, where nothing tells them apart.
///
/// # Errors
/// The candidates, where several are as likely as each other.
pub fn target(series: &Series, stem: &str) -> Result<Target, Vec<String>> {
    let columns: Vec<(&str, Sort)> = series
        .names
        .iter()
        .zip(&series.columns)
        .map(|(name, values)| (name.as_str(), Sort::of(name, values)))
        .collect();
    let of = |sort: Sort| -> Vec<&str> {
        let found = columns.iter().filter(|(_, found)| *found == sort);
        found.map(|(name, _)| *name).collect()
    };
    // What was measured; a column that was not is forecast only where there is no other.
    let mut candidates = of(Sort::Measured);
    if candidates.is_empty() {
        candidates = columns.iter().map(|(name, _)| *name).collect();
        if candidates.len() > 1 || !of(Sort::Flag).is_empty() {
            return Err(candidates.iter().map(ToString::to_string).collect());
        }
    }
    let mut scored: Vec<(usize, &str)> = candidates
        .iter()
        .map(|name| (score(name, stem), *name))
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let others = |chosen: &str| {
        let others = candidates.iter().filter(|name| **name != chosen);
        others.map(ToString::to_string).collect()
    };
    match scored.as_slice() {
        [] => Err(Vec::new()),
        [(_, only)] => Ok(Target {
            name: only.to_string(),
            why: match columns.len() {
                1 => "the only column of numbers".into(),
                _ => "the only column of measurements".into(),
            },
            others: Vec::new(),
        }),
        [(best, name), (second, _), ..] if best > second => Ok(Target {
            name: name.to_string(),
            why: match *best >= LIKE_THE_FILE {
                true => "it is called like the file".into(),
                false => "by its name".into(),
            },
            others: others(name),
        }),
        _ => {
            let best = scored[0].0;
            let tied = scored.iter().filter(|(score, _)| *score == best);
            Err(tied.map(|(_, name)| name.to_string()).collect())
        }
    }
}

/// From here on a score says that the column is called like its file.
const LIKE_THE_FILE: usize = 1_000;

/// How much the name of a column says that it is what the file is about.
fn score(name: &str, stem: &str) -> usize {
    let (column, file) = (plain(name), plain(stem));
    let singular = |text: &str| text.strip_suffix('s').unwrap_or(text).to_owned();
    if column.chars().count() > 1 && singular(&column) == singular(&file) {
        return 2 * LIKE_THE_FILE;
    }
    let place = |text: &str| USUAL.iter().position(|usual| *usual == text);
    let usual = |place: usize| 10 * (USUAL.len() - place);
    if let Some(place) = place(&column) {
        return usual(place) + 5;
    }
    let within = singular(&column);
    if within.chars().count() > 2 && file.contains(&within) {
        return LIKE_THE_FILE;
    }
    // A word of the name, as in `daily_sales` and `meantemp`.
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .collect();
    let word = words.iter().filter_map(|word| place(word)).min();
    let part = USUAL
        .iter()
        .position(|usual| usual.chars().count() > 3 && column.contains(usual));
    word.or(part).map_or(0, usual)
}

/// A name in small letters and without what is no letter or digit.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Value = fn(usize) -> f64;

    fn series(columns: &[(&str, Value)]) -> Series {
        let columns = columns
            .iter()
            .map(|(name, value)| (name.to_string(), (0..20).map(value).collect()));
        let (names, columns): (Vec<String>, Vec<Vec<f64>>) = columns.unzip();
        Series::from_columns(names, columns)
    }

    fn wave(row: usize) -> f64 {
        (row as f64).sin()
    }

    fn flag(row: usize) -> f64 {
        f64::from(row % 7 > 4)
    }

    #[test]
    fn what_is_forecast_is_found_by_its_name_and_never_a_flag() {
        for (stem, columns, expected) in [
            (
                "sales",
                &[("sales", wave as fn(usize) -> f64), ("weekend", flag)][..],
                "sales",
            ),
            ("data", &[("units", wave), ("promo", flag)], "units"),
            (
                "prices",
                &[("open", wave), ("close", wave), ("volume", wave)],
                "close",
            ),
            (
                "shop-3",
                &[
                    ("id", |row| row as f64),
                    ("daily_sales", wave),
                    ("humidity", wave),
                ],
                "daily_sales",
            ),
            (
                "climate",
                &[("meantemp", wave), ("humidity", wave), ("wind_speed", wave)],
                "meantemp",
            ),
            ("power", &[("power_kw", wave), ("temp", wave)], "power_kw"),
            ("x", &[("month", |row| (row % 12) as f64), ("a", wave)], "a"),
            (
                "ETTh1",
                &[("HUFL", wave), ("LULL", wave), ("OT", wave)],
                "OT",
            ),
        ] {
            let found = target(&series(columns), stem).unwrap();
            assert_eq!(found.name, expected, "{stem}: {found:?}");
        }
        let undecided = target(&series(&[("a", wave), ("b", wave)]), "x").unwrap_err();
        assert_eq!(undecided, ["a", "b"]);
        // Nothing was measured: a flag is no target because it is there.
        let flags = target(&series(&[("promo", flag), ("open", flag)]), "x").unwrap_err();
        assert_eq!(flags, ["promo", "open"]);
    }

    #[test]
    fn columns_are_sorted_by_what_they_hold() {
        let rows: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(Sort::of("Unnamed: 0", &rows), Sort::Id);
        assert_eq!(Sort::of("weekday", &rows), Sort::Calendar);
        assert_eq!(Sort::of("x", &[1.0; 20]), Sort::Constant);
        assert_eq!(Sort::of("sales", &[1.0, 3.0, 2.0]), Sort::Measured);
    }
}
