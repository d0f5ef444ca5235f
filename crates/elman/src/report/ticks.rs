//! Where an axis is marked, and with what words.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::format::fixed;

const DAY: i64 = 86_400;
/// Steps of whole seconds that people count in, up to a fortnight.
const STEPS: [i64; 20] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    DAY,
    2 * DAY,
    7 * DAY,
];
const MONTH_STEPS: [i64; 3] = [1, 3, 6];

/// A marked place of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// At most `count` ticks at multiples of 1, 2 or 5 times a power of ten (never below `smallest_step`) from `low` to
/// `high`.
pub(super) fn linear(low: f64, high: f64, count: usize, smallest_step: f64) -> Vec<Tick> {
    if !(high - low).is_finite() {
        return Vec::new();
    }
    let rough = ((high - low) / count.max(1) as f64)
        .max(smallest_step)
        .max(f64::MIN_POSITIVE);
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= rough * 0.999_999);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    if !(last - first).is_finite() || last - first > 1_000.0 {
        return Vec::new();
    }
    let labels = Labels::new(step, low.abs().max(high.abs()));
    (0..=(last - first).max(-1.0) as i64)
        .map(|index| labels.tick((first + index as f64) * step))
        .collect()
}

/// Ticks of a logarithmic axis from `low` to `high`, both above zero, given and answered as powers of ten: whole
/// powers, thinned to `count`, or 1, 2 and 5 times them where there are few.
pub(super) fn logarithmic(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    let whole = (first..=last)
        .filter(|power| (low..=high).contains(&f64::from(*power)))
        .count();
    let factors: &[f64] = if whole >= 3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let every = whole.div_ceil(count.max(1)).max(1) as i32;
    let powers = (first..=last).filter(|power| power.rem_euclid(every) == 0);
    let values = powers.flat_map(|power| {
        factors
            .iter()
            .map(move |factor| (factor * 10f64.powi(power), power))
    });
    values
        .map(|(value, power)| {
            let plain = (-4..6).contains(&power);
            let label = if plain {
                fixed(value, (-power).max(0) as usize)
            } else {
                format!("{value:.0e}")
            };
            Tick {
                at: value.log10(),
                label,
            }
        })
        .filter(|tick| (low - 1e-9..=high + 1e-9).contains(&tick.at))
        .collect()
}

/// At most about `count` ticks at round dates or times between two moments, in seconds since 1970-01-01 00:00 of the
/// data's own clock.
pub(super) fn time(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let rough = (high - low) / count.max(1) as f64;
    let (Some(first), Some(last)) = (moment(low), moment(high)) else {
        return linear(low, high, count, 0.0);
    };
    if rough <= 0.5 {
        let offset = |tick: Tick| Tick {
            at: low + tick.at,
            label: format!("+{} s", tick.label),
        };
        return linear(0.0, high - low, count, 0.0)
            .into_iter()
            .map(offset)
            .collect();
    }
    match STEPS.into_iter().find(|step| *step as f64 >= rough) {
        Some(step) => seconds(low, high, step),
        None => months(first, last, rough / (30.0 * DAY as f64)),
    }
}

/// `2024-03-01` or, for a span of a few days, `2024-03-01 14:00`.
pub(super) fn date(at: f64, with_clock: bool) -> Option<String> {
    let moment = moment(at)?;
    Some(
        moment
            .strftime(if with_clock {
                "%Y-%m-%d %H:%M"
            } else {
                "%Y-%m-%d"
            })
            .to_string(),
    )
}

fn moment(seconds: f64) -> Option<DateTime> {
    let whole = seconds.is_finite().then_some(seconds.floor() as i64)?;
    Some(
        Timestamp::from_second(whole)
            .ok()?
            .to_zoned(TimeZone::UTC)
            .datetime(),
    )
}

fn seconds(low: f64, high: f64, step: i64) -> Vec<Tick> {
    // Weeks begin on Monday; 1970-01-01 was a Thursday.
    let origin = if step == 7 * DAY { 4 * DAY } else { 0 };
    let first = (low as i64 - origin).div_euclid(step);
    let multiples = (first..)
        .map(|index| origin + index * step)
        .take_while(|at| *at as f64 <= high);
    multiples
        .filter(|at| *at as f64 >= low)
        .filter_map(|at| {
            Some(Tick {
                at: at as f64,
                label: clock(at, step)?,
            })
        })
        .collect()
}

fn clock(at: i64, step: i64) -> Option<String> {
    let format = match (at.rem_euclid(DAY), step) {
        (0, _) => "%m-%d",
        (_, 60..) => "%H:%M",
        _ => "%H:%M:%S",
    };
    Some(moment(at as f64)?.strftime(format).to_string())
}

fn months(first: DateTime, last: DateTime, rough: f64) -> Vec<Tick> {
    let step = MONTH_STEPS
        .into_iter()
        .find(|step| *step as f64 >= rough)
        .unwrap_or_else(|| {
            let years = (rough / 12.0).max(1.0);
            let power = 10f64.powf(years.log10().floor());
            let factor = [1.0, 2.0, 5.0, 10.0]
                .into_iter()
                .find(|factor| factor * power >= years)
                .unwrap_or(10.0);
            12 * (factor * power) as i64
        });
    let label = if step % 12 == 0 { "%Y" } else { "%Y-%m" };
    let month = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
    let epoch = jiff::civil::date(1970, 1, 1).to_datetime(jiff::civil::Time::midnight());
    let ticks =
        (month(first).div_euclid(step)..=month(last).div_euclid(step)).filter_map(|index| {
            let at = epoch
                .checked_add((index * step - 1970 * 12).months())
                .ok()?;
            let second = at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
            (at >= first && at <= last).then(|| Tick {
                at: second as f64,
                label: at.strftime(label).to_string(),
            })
        });
    ticks.collect()
}

/// How the multiples of a step are written: so that neighbours differ, and as `2e8` where that is shorter.
struct Labels {
    decimals: usize,
    /// Digits after the first, for `2.5e8`.
    digits: usize,
    scientific: bool,
}

impl Labels {
    fn new(step: f64, largest: f64) -> Self {
        let decimals = (-step.log10() - 1e-9).ceil().max(0.0) as usize;
        let digits = (largest / step).log10().ceil().clamp(0.0, 16.0) as usize;
        let (short, long) = (
            largest >= 1e7 || decimals > 5,
            largest >= 1e15 || decimals > 9,
        );
        Self {
            decimals,
            digits,
            scientific: long || (short && digits <= 2),
        }
    }

    fn tick(&self, at: f64) -> Tick {
        let label = if at == 0.0 {
            "0".to_owned()
        } else if self.scientific {
            // Rounded first: shortest digits of what a multiplication left over are many.
            let rounded: f64 = format!("{at:.*e}", self.digits).parse().unwrap_or(at);
            format!("{rounded:e}")
        } else {
            fixed(at, self.decimals)
        };
        Tick { at, label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    fn at(text: &str) -> f64 {
        let moment: DateTime = text.parse().unwrap();
        moment
            .to_zoned(TimeZone::UTC)
            .unwrap()
            .timestamp()
            .as_second() as f64
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(
            labels(&linear(0.0, 1.0, 5, 0.0)),
            ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(&linear(-1200.0, 2100.0, 4, 0.0)),
            ["-1,000", "0", "1,000", "2,000"]
        );
        assert_eq!(labels(&linear(1.0, 3.0, 10, 1.0)), ["1", "2", "3"]);
        assert_eq!(
            labels(&linear(0.0, 3e8, 3, 0.0)),
            ["0", "1e8", "2e8", "3e8"]
        );
        assert!(linear(0.0, f64::MAX, 4, 0.0).len() <= 6);
        assert!(linear(f64::MIN, f64::MAX, 4, 0.0).is_empty());
        let near = linear(12_345_678.0, 12_345_684.0, 3, 0.0);
        assert_eq!(
            labels(&near),
            ["12,345,678", "12,345,680", "12,345,682", "12,345,684"]
        );
        assert_eq!(
            labels(&linear(1.0, 1.0 + 2e-8, 2, 0.0)),
            ["1.00000000", "1.00000001", "1.00000002"]
        );
        assert_eq!(
            labels(&linear(0.0, 3e-9, 3, 0.0)),
            ["0", "1e-9", "2e-9", "3e-9"]
        );
        assert!(linear(1e16, 1e16 + 2.0, 400, 0.0).len() < 1_000);
    }

    #[test]
    fn logarithmic_ticks_keep_whole_powers() {
        assert_eq!(
            labels(&logarithmic(-3.2, 0.1, 5)),
            ["0.001", "0.01", "0.1", "1"]
        );
        assert_eq!(
            labels(&logarithmic(1.1, 2.4, 5)),
            ["20", "50", "100", "200"]
        );
        assert!(logarithmic(-30.0, 30.0, 5).len() <= 6);
    }

    #[test]
    fn times_are_marked_at_round_moments() {
        let day = time(at("2024-03-14 03:10"), at("2024-03-15 03:10"), 5);
        assert_eq!(labels(&day), ["06:00", "12:00", "18:00", "03-15"]);
        let week = time(at("2024-03-14 03:00"), at("2024-03-21 03:00"), 8);
        assert_eq!(
            labels(&week),
            [
                "03-15", "03-16", "03-17", "03-18", "03-19", "03-20", "03-21"
            ]
        );
        let months = time(at("2023-11-14 03:00"), at("2024-10-01 03:00"), 4);
        assert_eq!(
            labels(&months),
            ["2024-01", "2024-04", "2024-07", "2024-10"]
        );
        assert_eq!(
            labels(&time(at("1949-01-01 00:00"), at("1960-12-01 00:00"), 4)),
            ["1950", "1955", "1960"]
        );
        let mondays = time(at("2024-03-01 00:00"), at("2024-03-31 00:00"), 5);
        assert_eq!(labels(&mondays), ["03-04", "03-11", "03-18", "03-25"]);
    }

    #[test]
    fn odd_spans_do_not_panic() {
        assert_eq!(labels(&time(0.0, 1.0, 2)), ["+0 s", "+0.5 s", "+1.0 s"]);
        for (low, high) in [(-1e18, 1e18), (0.0, 1e11), (-3e11, 2e11), (5.0, 5.0)] {
            assert!(time(low, high, 6).len() < 20, "{low} {high}");
        }
        assert_eq!(date(1e30, true), None);
    }
}
