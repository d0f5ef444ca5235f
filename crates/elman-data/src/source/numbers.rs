//! Numbers as people and programs write them: decimal points and commas, grouped thousands, signs, units.
//!
//! How a column is written is decided from all of its cells: each cell rules out the [`Form`]s it cannot be written in, and
//! what is left is the column's. Where two forms that give different values are left, nothing is guessed.

use std::fmt;

/// A decimal mark and what groups thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) decimal: char,
    pub(crate) thousands: Option<char>,
}

/// All forms, the plainest first. A space stands for every kind of it, an apostrophe for both.
pub(crate) const FORMS: [Form; 8] = [
    Form::new('.', None),
    Form::new(',', None),
    Form::new('.', Some(',')),
    Form::new(',', Some('.')),
    Form::new('.', Some(' ')),
    Form::new(',', Some(' ')),
    Form::new('.', Some('\'')),
    Form::new(',', Some('\'')),
];

const PLAIN: u8 = 1;
const COMMA: u8 = 1 << 1;
const COMMA_GROUPS: u8 = 1 << 2;
const POINT_GROUPS: u8 = 1 << 3;

impl Form {
    const fn new(decimal: char, thousands: Option<char>) -> Self {
        Self { decimal, thousands }
    }

    /// Digits with a point and nothing else.
    pub(crate) fn is_plain(self) -> bool {
        self == FORMS[0]
    }

    /// The number that `text` writes, in which no unit is left.
    fn read(self, text: &str) -> Option<f64> {
        if self.is_plain() && text.is_ascii() {
            return text.parse().ok();
        }
        let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut plain = String::with_capacity(text.len() + 1);
        if negative {
            plain.push('-');
        }
        let (body, exponent) = match digits.find(['e', 'E']) {
            Some(at) => digits.split_at(at),
            None => (digits, ""),
        };
        let (whole, fraction) = match body.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (body, None),
        };
        self.push_whole(whole, &mut plain)?;
        if let Some(fraction) = fraction {
            if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            plain.push('.');
            plain.push_str(fraction);
        }
        plain.push_str(exponent);
        let is_number = plain.bytes().any(|byte| byte.is_ascii_digit());
        plain.parse().ok().filter(|_| is_number)
    }

    /// The digits before the decimal mark, without what groups them.
    fn push_whole(self, whole: &str, into: &mut String) -> Option<()> {
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let Some(mark) = self.thousands else {
            into.push_str(Some(whole).filter(|whole| is_digits(whole))?);
            return Some(());
        };
        let is_mark = |letter: char| letter == mark || is_like(letter, mark);
        let parts: Vec<&str> = whole.split(is_mark).collect();
        let [first, middle @ .., last] = parts.as_slice() else {
            into.push_str(Some(whole).filter(|whole| is_digits(whole))?);
            return Some(());
        };
        let threes = middle.iter().all(|part| part.len() == 3) && (1..=3).contains(&first.len());
        // 1,00,000: pairs above the last three digits, as in India.
        let pairs = !middle.is_empty()
            && middle.iter().all(|part| part.len() == 2)
            && (1..=2).contains(&first.len());
        let is_grouped = last.len() == 3 && (threes || pairs) && !first.starts_with('0');
        if !is_grouped || !parts.iter().all(|part| is_digits(part)) {
            return None;
        }
        parts.iter().for_each(|part| into.push_str(part));
        Some(())
    }
}

/// Whether a letter is another way to write the mark.
fn is_like(letter: char, mark: char) -> bool {
    match mark {
        ' ' => matches!(letter, '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2007}'),
        '\'' => letter == '\u{2019}',
        _ => false,
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.decimal, self.thousands) {
            (',', None) => f.write_str("decimal comma"),
            (_, None) => f.write_str("decimal point"),
            ('.', Some(' ')) => f.write_str("thousands in spaces"),
            (',', Some(' ')) => f.write_str("decimal comma, thousands in spaces"),
            ('.', Some(mark)) => write!(f, "thousands with `{mark}`"),
            (_, Some(mark)) => write!(f, "decimal comma, thousands with `{mark}`"),
        }
    }
}

/// A text without what stands around its number.
struct Bare<'a> {
    digits: &'a str,
    /// `%`, `₩`, `$`, …
    unit: Option<char>,
    /// Brackets that mean a negative number: `(12)`.
    is_negative: bool,
}

const UNITS: [char; 9] = ['%', '₩', '\u{ffe6}', '$', '€', '£', '¥', '원', '円'];

fn bare(text: &str) -> Bare<'_> {
    let mut rest = text.trim();
    let brackets = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let is_negative = brackets.is_some();
    rest = brackets.unwrap_or(rest).trim();
    let mut unit = None;
    if let Some(found) = rest.chars().next_back().filter(|last| UNITS.contains(last)) {
        unit = Some(found);
        rest = rest[..rest.len() - found.len_utf8()].trim_end();
    } else {
        // The sign may stand before the unit or behind it: -$5, $-5.
        let unsigned = rest.trim_start_matches(['-', '+', '\u{2212}']);
        if let Some(found) = unsigned
            .chars()
            .next()
            .filter(|first| UNITS.contains(first))
        {
            let digits = unsigned[found.len_utf8()..].trim_start();
            let has_sign = unsigned.len() < rest.len();
            if !has_sign {
                (unit, rest) = (Some(found), digits);
            } else if digits.starts_with(|digit: char| digit.is_ascii_digit()) {
                // Only a minus counts; a plus says nothing.
                return Bare {
                    digits,
                    unit: Some(found),
                    is_negative: is_negative != rest.starts_with(['-', '\u{2212}']),
                };
            }
        }
    }
    Bare {
        digits: rest,
        unit,
        is_negative,
    }
}

/// What a column of numbers is like, cell by cell.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The forms that every cell so far can be written in.
    forms: u8,
    /// Cells that can be written in each form.
    counts: [usize; 8],
    cells: usize,
    /// Cells in which a mark has three digits behind it and nothing else is a mark.
    threes: usize,
    /// Whole numbers of at most three digits, and of more.
    short: usize,
    long: usize,
    /// The unit of the first cell that has one, and cells that have it.
    unit: Option<char>,
    with_unit: usize,
}

impl Default for Column {
    fn default() -> Self {
        Self {
            forms: u8::MAX,
            counts: [0; 8],
            cells: 0,
            threes: 0,
            short: 0,
            long: 0,
            unit: None,
            with_unit: 0,
        }
    }
}

/// How the numbers of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) form: Form,
    /// A sign that every cell carries.
    pub(crate) unit: Option<char>,
}

impl Written {
    pub(crate) const PLAIN: Self = Self {
        form: FORMS[0],
        unit: None,
    };

    /// The value of a cell that is not missing.
    pub(crate) fn read(self, text: &str) -> Option<f64> {
        if self == Self::PLAIN
            && let Ok(value) = text.trim().parse()
        {
            return Some(value);
        }
        let bare = bare(text);
        // A nought needs no unit.
        if bare.unit != self.unit && (bare.unit.is_some() || !is_nought(bare.digits)) {
            return None;
        }
        let value = self.form.read(bare.digits)?;
        match bare.is_negative {
            true if value.is_sign_negative() && value != 0.0 => None,
            true => Some(-value),
            false => Some(value),
        }
    }
}

fn is_nought(digits: &str) -> bool {
    digits.contains('0')
        && digits
            .chars()
            .all(|digit| matches!(digit, '0' | '.' | ',' | '-'))
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.form.is_plain(), self.unit) {
            (_, None) => write!(f, "{}", self.form),
            (true, Some(unit)) => write!(f, "`{unit}` left out"),
            (false, Some(unit)) => write!(f, "{}, `{unit}` left out", self.form),
        }
    }
}

/// What can be made of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Numbers, written so.
    Sure(Written),
    /// Numbers in two forms that give different values.
    Either(Written, Written),
    /// Not all cells are numbers in one form; in this most are, so many.
    Mostly(Written, usize),
}

impl Column {
    /// Takes a cell that is not missing.
    pub(crate) fn add(&mut self, text: &str) {
        self.cells += 1;
        if let Some(forms) = decimals(text) {
            self.forms &= forms;
            self.threes += usize::from(forms & POINT_GROUPS != 0);
            self.with_unit += usize::from(is_nought(text.trim()));
            let counts = self.counts.iter_mut().enumerate();
            counts.for_each(|(place, count)| *count += usize::from(forms >> place & 1));
            return;
        }
        let bare = bare(text);
        if let Some(unit) = bare.unit {
            self.unit.get_or_insert(unit);
            self.with_unit += usize::from(self.unit == Some(unit));
        } else if is_nought(bare.digits) {
            self.with_unit += 1;
        }
        let unsigned = bare.digits.trim_start_matches(['-', '+', '\u{2212}']);
        if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            if unsigned.len() > 3 {
                self.long += 1;
            } else {
                self.short += 1;
            }
            self.counts.iter_mut().for_each(|count| *count += 1);
            return;
        }
        let (mut forms, mut values) = (0, [None; 8]);
        for (place, form) in FORMS.iter().enumerate() {
            values[place] = form.read(bare.digits);
            if values[place].is_some() {
                forms |= 1 << place;
                self.counts[place] += 1;
            }
        }
        self.forms &= forms;
        let differ =
            |a: usize, b: usize| matches!((values[a], values[b]), (Some(a), Some(b)) if a != b);
        self.threes += usize::from(differ(0, 3) || differ(1, 2));
    }

    /// What the cells say, and what `allowed` leaves of it: a bit for each of [`FORMS`].
    pub(crate) fn verdict(&self, allowed: u8) -> Verdict {
        let unit = self.unit.filter(|_| self.with_unit == self.cells);
        let written = |place: usize| Written {
            form: FORMS[place],
            unit,
        };
        let mixed = self.unit.is_some() && unit.is_none();
        let mut forms = self.forms & allowed;
        // Digits that are not grouped rule out that others are.
        if self.long > 0 && forms & (PLAIN | COMMA) != 0 {
            forms &= PLAIN | COMMA;
        }
        if forms == 0 || mixed {
            let fits = |place: &usize| allowed & 1 << place != 0;
            let places = (0..8).filter(fits).rev();
            let most = places.max_by_key(|place| self.counts[*place]).unwrap_or(0);
            if mixed {
                let is_with = 2 * self.with_unit > self.cells;
                let written = Written {
                    unit: self.unit.filter(|_| is_with),
                    ..written(most)
                };
                let with = self.with_unit.max(self.cells - self.with_unit);
                return Verdict::Mostly(written, with.min(self.counts[most]));
            }
            return Verdict::Mostly(written(most), self.counts[most]);
        }
        let first = forms.trailing_zeros() as usize;
        let other = match first {
            0 => POINT_GROUPS,
            1 => COMMA_GROUPS,
            _ => 0,
        };
        if self.threes > 0 && forms & other != 0 {
            return Verdict::Either(written(first), written(other.trailing_zeros() as usize));
        }
        Verdict::Sure(written(first))
    }

    /// The decimal mark that the column alone makes certain.
    pub(crate) fn sure_decimal(&self) -> Option<char> {
        let forms = self.forms;
        let of = |decimal: char| {
            let is = |(_, form): &(usize, &Form)| form.decimal == decimal;
            let bits = FORMS.iter().enumerate().filter(is);
            bits.fold(0u8, |bits, (place, _)| bits | 1 << place)
        };
        match (forms & of('.') != 0, forms & of(',') != 0) {
            (true, false) => Some('.'),
            (false, true) => Some(','),
            _ => None,
        }
    }

    /// Whether every cell has a mark with three digits behind it, as a fixed number of decimals gives.
    pub(crate) fn is_all_threes(&self) -> bool {
        self.threes == self.cells
    }

    /// Whether not all cells are digits alone.
    pub(crate) fn has_marks(&self) -> bool {
        self.short + self.long < self.cells
    }

    /// Cells so far.
    pub(crate) fn cells(&self) -> usize {
        self.cells
    }
}

/// The forms of digits with one point among them, which most cells are; `None` for all others.
fn decimals(text: &str) -> Option<u8> {
    let bytes = text.trim().as_bytes();
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let point = digits.iter().position(|byte| *byte == b'.')?;
    let (whole, fraction) = (&digits[..point], &digits[point + 1..]);
    let are_digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
    if !are_digits || whole.is_empty() || fraction.is_empty() {
        return None;
    }
    let points = PLAIN | COMMA_GROUPS | 1 << 4 | 1 << 6;
    let is_group = fraction.len() == 3 && whole.len() <= 3 && whole[0] != b'0';
    Some(if is_group {
        points | POINT_GROUPS
    } else {
        points
    })
}

/// What is known of all columns of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The forms that keys leave: a bit for each of [`FORMS`].
    pub(crate) allowed: u8,
    /// What stands between cells, if they are text.
    pub(crate) delimiter: Option<u8>,
}

impl Asked {
    /// One of two readings, by what the rest of the table says: `elsewhere` is the decimal mark of its other columns.
    pub(crate) fn choose(
        self,
        column: &Column,
        [one, other]: [Written; 2],
        elsewhere: Option<char>,
    ) -> Option<Written> {
        let is_comma = one.form.decimal == ',';
        if let Some(decimal) = elsewhere {
            return Some(if one.form.decimal == decimal {
                one
            } else {
                other
            });
        }
        match self.delimiter {
            // Who decimates with a comma does not separate with it.
            Some(b',') if is_comma => Some(other),
            // What programs write.
            None if !is_comma => Some(one),
            // A fixed number of decimals.
            Some(mark) if !is_comma && mark != b';' && column.is_all_threes() => Some(one),
            _ => None,
        }
    }

    /// How each column is written, or which of them can be read in two ways.
    pub(crate) fn decide(self, columns: &[Column]) -> Result<Vec<Written>, usize> {
        let sure: Vec<Option<char>> = columns.iter().map(Column::sure_decimal).collect();
        let mut found = sure.iter().flatten();
        let first = found.next().copied();
        let elsewhere = first.filter(|first| found.all(|other| other == first));
        let decide = |(place, column): (usize, &Column)| match column.verdict(self.allowed) {
            Verdict::Sure(written) | Verdict::Mostly(written, _) => Ok(written),
            Verdict::Either(one, other) => {
                self.choose(column, [one, other], elsewhere).ok_or(place)
            }
        };
        columns.iter().enumerate().map(decide).collect()
    }
}

/// The forms that two keys leave: a bit for each of [`FORMS`].
pub(crate) fn allowed(decimal: Option<char>, thousands: Option<&str>) -> u8 {
    let fits = |form: &Form| {
        decimal.is_none_or(|mark| mark == form.decimal)
            && match thousands {
                None => true,
                Some("") => form.thousands.is_none(),
                Some(mark) => form.thousands.is_none_or(|known| mark.starts_with(known)),
            }
    };
    let places = FORMS.iter().enumerate().filter(|(_, form)| fits(form));
    let bits = places.fold(0u8, |bits, (place, _)| bits | 1 << place);
    // A mark that groups digits is no decimal mark.
    match thousands {
        Some(".") => bits & !PLAIN,
        Some(",") => bits & !COMMA,
        _ => bits,
    }
}

/// Whether cells are all numbers, written in one form.
pub fn are_numbers<'c>(cells: impl IntoIterator<Item = &'c str>) -> bool {
    let mut column = Column::default();
    cells.into_iter().for_each(|cell| column.add(cell));
    column.cells > 0 && !matches!(column.verdict(u8::MAX), Verdict::Mostly(..))
}

/// Whether a text can be a number in some form.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = bare(text).digits;
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && FORMS.iter().any(|form| form.read(digits).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(cells: &[&str]) -> Verdict {
        let mut column = Column::default();
        cells.iter().for_each(|cell| column.add(cell));
        column.verdict(u8::MAX)
    }

    fn values(cells: &[&str]) -> Vec<f64> {
        match verdict(cells) {
            Verdict::Sure(written) => cells
                .iter()
                .map(|cell| written.read(cell).unwrap())
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_form_by_hand() {
        assert_eq!(values(&["8,0", "-8,25", "7"]), [8.0, -8.25, 7.0]);
        assert_eq!(
            values(&["1.005,5", "12", "3.000.000,25"]),
            [1005.5, 12.0, 3_000_000.25]
        );
        assert_eq!(values(&["1,005.5", "12"]), [1005.5, 12.0]);
        assert_eq!(values(&["1.234.567", "1.000"]), [1_234_567.0, 1000.0]);
        assert_eq!(values(&["1,00,000", "10,00,00,000"]), [1e5, 1e8]);
        assert_eq!(
            values(&["1 234,5", "1\u{202f}234,5", "1\u{a0}000,0"]),
            [1234.5, 1234.5, 1000.0]
        );
        assert_eq!(values(&["1'234.5", "1\u{2019}000.0"]), [1234.5, 1000.0]);
        assert_eq!(values(&["\u{2212}5", "5", "+3"]), [-5.0, 5.0, 3.0]);
        assert_eq!(values(&["1e3", "2.5E-2", "1e+05"]), [1e3, 0.025, 1e5]);
        assert_eq!(values(&["1,5e3"]), [1500.0]);
        assert_eq!(values(&["5 %", "7.5%", "0"]), [5.0, 7.5, 0.0]);
        assert_eq!(values(&["₩1000", "₩2,000,000"]), [1000.0, 2_000_000.0]);
        assert_eq!(values(&["$1,234.5", "-$3", "($2)"]), [1234.5, -3.0, -2.0]);
        assert_eq!(values(&["(12)", "3"]), [-12.0, 3.0]);
        assert_eq!(values(&["10 €", "3,50 €"]), [10.0, 3.5]);
        assert_eq!(values(&["0.123", "0.456"]), [0.123, 0.456]);
        assert_eq!(values(&["1.005", "2000"]), [1.005, 2000.0]);
    }

    #[test]
    fn two_readings_are_a_question() {
        assert!(matches!(verdict(&["998", "1.005"]), Verdict::Either(..)));
        assert!(matches!(verdict(&["998", "1,005"]), Verdict::Either(..)));
        let mut column = Column::default();
        ["998", "1.005"].iter().for_each(|cell| column.add(cell));
        let with = |decimal, thousands| match column.verdict(allowed(decimal, thousands)) {
            Verdict::Sure(written) => written.read("1.005").unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(with(Some('.'), None), 1.005);
        assert_eq!(with(Some(','), None), 1005.0);
        assert_eq!(with(None, Some("")), 1.005);
        assert_eq!(with(None, Some(".")), 1005.0);
    }

    #[test]
    fn what_is_no_number() {
        for cells in [
            &["5 %", "0.05"][..],
            &["$5", "5 €"],
            &["8,0", "8.5"],
            &["1,2,3"],
            &["0x1f"],
        ] {
            assert!(matches!(verdict(cells), Verdict::Mostly(..)), "{cells:?}");
        }
        for text in ["", "-", "abc", "12 kg", "1,,2", "1.2.3", "(", "%"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
