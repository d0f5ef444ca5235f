//! Numbers as people read them, and cells as programs do.

/// Significant digits shown for a measured value.
const DIGITS: i32 = 4;
/// What stands for a value that is not there.
pub const MISSING: &str = "–";

/// A number with four significant digits and thousands separators: `1,234`, `12.35`, `0.001235`, `1.235e-7`; integers
/// in full; NaN is `–`.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    let (magnitude, is_integer) = (magnitude(value), value.fract() == 0.0 && value.abs() < 1e15);
    if is_integer {
        fixed(value, 0)
    } else if (-4..9).contains(&magnitude) {
        fixed(value, (DIGITS - 1 - magnitude).max(0) as usize)
    } else {
        format!("{value:.3e}")
    }
}

/// A column of numbers with the same decimals, so that they line up: four significant digits for the largest, at least
/// two for the smallest.
pub fn numbers(values: &[f64]) -> Vec<String> {
    let sizes = || {
        values
            .iter()
            .filter(|value| value.is_finite() && **value != 0.0)
            .map(|value| magnitude(*value))
    };
    let (Some(low), Some(high)) = (sizes().min(), sizes().max()) else {
        return values.iter().map(|value| number(*value)).collect();
    };
    let decimals = if values
        .iter()
        .all(|value| !value.is_finite() || (value.fract() == 0.0 && value.abs() < 1e15))
    {
        0
    } else {
        (DIGITS - 1 - high).max(1 - low).max(0)
    };
    if high >= 9 || decimals > 6 {
        return values.iter().map(|value| number(*value)).collect();
    }
    let show = |value: &f64| {
        if value.is_finite() {
            fixed(*value, decimals as usize)
        } else {
            not_finite(*value)
        }
    };
    values.iter().map(show).collect()
}

/// A duration in seconds as `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 13 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        MISSING.to_owned()
    } else if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else if seconds < 3_599.5 {
        let seconds = seconds.round();
        format!("{} min {:02} s", (seconds / 60.0).floor(), seconds % 60.0)
    } else {
        let minutes = (seconds / 60.0).round();
        format!(
            "{} h {:02} min",
            fixed((minutes / 60.0).floor(), 0),
            minutes % 60.0
        )
    }
}

/// `value` with a fixed number of decimals and thousands separators.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::with_capacity(digits.len() + whole.len() / 3 + 1);
    if value < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        grouped.push('-');
    }
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// The power of ten of the leading digit, after rounding to the digits shown; 0 for zero.
fn magnitude(value: f64) -> i32 {
    let shown = format!("{:.*e}", DIGITS as usize - 1, value.abs());
    if value == 0.0 {
        0
    } else {
        shown
            .split_once('e')
            .and_then(|(_, power)| power.parse().ok())
            .unwrap_or(0)
    }
}

fn not_finite(value: f64) -> String {
    if value.is_nan() {
        MISSING
    } else if value > 0.0 {
        "∞"
    } else {
        "-∞"
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_magnitude() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1_234_567.0, "1,234,567"),
            (-1234.56, "-1,235"),
            (999.96, "1,000"),
            (12.3456, "12.35"),
            (0.5, "0.5000"),
            (0.00012346, "0.0001235"),
            (1.2346e-7, "1.235e-7"),
            (3.21e12 + 0.5, "3.210e12"),
            (f64::NAN, "–"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn a_column_shares_its_decimals() {
        assert_eq!(numbers(&[12.3456, 0.5, f64::NAN]), ["12.35", "0.50", "–"]);
        assert_eq!(numbers(&[1.0, 250.0]), ["1", "250"]);
        assert_eq!(numbers(&[1500.0, 0.25]), ["1,500.00", "0.25"]);
        assert_eq!(numbers(&[1e-9, 3.5]), ["1.000e-9", "3.500"]);
        assert_eq!(numbers(&[f64::NAN]), ["–"]);
        assert!(numbers(&[]).is_empty());
    }

    #[test]
    fn durations_read_well() {
        let shown: Vec<_> = [0.424, 12.34, 59.99, 245.0, 8_000.0, f64::NAN]
            .map(duration)
            .into();
        assert_eq!(
            shown,
            [
                "0.42 s",
                "12.3 s",
                "1 min 00 s",
                "4 min 05 s",
                "2 h 13 min",
                "–"
            ]
        );
    }
}
