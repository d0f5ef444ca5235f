//! What columns of times and of row numbers are called.

use super::table::{Cells, Table};

/// Names of columns that hold times and nothing else.
const TIMES: [&str; 22] = [
    "date",
    "time",
    "datetime",
    "timestamp",
    "ds",
    "period",
    "yearmonth",
    "yyyymm",
    "datum",
    "zeit",
    "zeitpunkt",
    "zeitstempel",
    "fecha",
    "일시",
    "날짜",
    "시간",
    "일자",
    "시각",
    "연월",
    "년월",
    "기준일",
    "기준년월",
];

/// Names of columns that may hold times.
const LIKE_TIMES: [&str; 12] = [
    "t", "ts", "dt", "day", "epoch", "unix", "unixtime", "when", "utc", "month", "week", "quarter",
];

/// Names that spreadsheets, R and pandas give to the numbers of rows.
const ROW_NUMBERS: [&str; 12] = [
    "unnamed: 0",
    "rownames",
    "row.names",
    "rowname",
    "index",
    "row",
    "row_number",
    "no",
    "nr",
    "#",
    "번호",
    "순번",
];

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a column is called as columns of times are: `date`, `Date_Time`.
pub(super) fn is_time(name: &str) -> bool {
    TIMES.contains(&plain(name).as_str())
}

/// Whether the name of a column speaks of time: `date`, `t`, `pickup_datetime`, `측정일시`.
pub fn is_called_like_a_time(name: &str) -> bool {
    let name = plain(name);
    let endings = [
        "date",
        "datetime",
        "timestamp",
        "time",
        "일시",
        "일자",
        "날짜",
    ];
    TIMES.contains(&name.as_str())
        || LIKE_TIMES.contains(&name.as_str())
        || endings.iter().any(|ending| name.ends_with(ending))
}

/// Whether numbers of six digits in the column may be a year and a month: `month`, `연월`.
pub(super) fn may_hold_months(name: &str) -> bool {
    let name = plain(name);
    name.contains("month") || name.contains("monat") || name.ends_with('월')
}

/// Whether numbers in the column may be days of a spreadsheet.
pub(super) fn may_hold_days(name: &str) -> bool {
    let name = plain(name);
    name != "time" && name != "시간" && (is_time(&name) || name.ends_with("date"))
}

/// Whether the first column counts the rows: 0, 1, 2, … or 1, 2, 3, … in each file, under a name that row numbers have
/// or under none; without a name any numbers that rise.
pub(super) fn row_numbers(table: &Table) -> bool {
    let Some(name) = table.names.first() else {
        return false;
    };
    let unnamed = table.unnamed.contains(name) || name.eq_ignore_ascii_case("unnamed: 0");
    let name = name.trim().to_lowercase();
    if !unnamed && !ROW_NUMBERS.contains(&name.as_str()) {
        return false;
    }
    let number = |row: usize| match &table.columns[0] {
        Cells::Text(texts) => texts.get(row).parse::<f64>().ok(),
        Cells::Numbers(numbers) => Some(numbers[row]),
        _ => None,
    };
    let whole = |number: &f64| *number >= 0.0 && number.fract() == 0.0;
    let rows = 0..table.len();
    let numbers: Option<Vec<f64>> = rows.map(|row| number(row).filter(whole)).collect();
    let Some(numbers) = numbers else {
        return false;
    };
    let begins = |row: usize| numbers[row] <= 1.0 || unnamed;
    table.len() > 1
        && begins(0)
        && (1..numbers.len()).all(|row| {
            let next_file = table.places.get(row).file != table.places.get(row - 1).file;
            let rise = numbers[row] - numbers[row - 1];
            next_file && begins(row) || rise == 1.0 || unnamed && rise > 0.0
        })
}
