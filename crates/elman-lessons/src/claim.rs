//! What is expected, and what was measured.

use crate::words::{Lang, Words};
use elman::report::number;

/// Something that is expected of an experiment, and what it measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What is measured.
    pub what: Words,
    /// Where it should lie.
    pub expected: Expected,
    /// Where it lies.
    pub measured: Measured,
}

/// Where a figure should lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// Lower than this.
    Below(f64),
    /// Higher than this.
    Above(f64),
    /// From one to the other.
    Between(f64, f64),
    /// Exactly this.
    Exactly(f64),
}

/// A figure and how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// As a number.
    Number(f64),
    /// A share from 0 to 1, as per cent.
    Share(f64),
}

impl From<f64> for Measured {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl Measured {
    fn value(self) -> f64 {
        match self {
            Self::Number(value) | Self::Share(value) => value,
        }
    }

    /// A limit of this figure.
    fn bound(self, limit: f64) -> String {
        match self {
            Self::Number(_) => short(limit),
            Self::Share(_) => self.written(limit),
        }
    }

    /// Any figure, as this one is written.
    fn written(self, value: f64) -> String {
        match self {
            Self::Number(_) => number(value),
            Self::Share(_) => format!("{} %", (1e4 * value).round() / 100.0),
        }
    }
}

/// A limit, which is a short number mostly.
fn short(value: f64) -> String {
    let exact = value.to_string();
    match exact.len() <= 6 && value.fract() != 0.0 {
        true => exact,
        false if value.abs() < 1e-3 && value != 0.0 => format!("{value:e}"),
        false => number(value),
    }
}

impl Claim {
    /// Whether the figure lies where it should. One that is not a number never does.
    pub fn met(&self) -> bool {
        let value = self.measured.value();
        match self.expected {
            Expected::Below(limit) => value < limit,
            Expected::Above(limit) => value > limit,
            Expected::Between(low, high) => (low..=high).contains(&value),
            Expected::Exactly(right) => value == right,
        }
    }

    /// What is expected, in words.
    pub fn expected(&self, lang: Lang) -> String {
        let written = |value| self.measured.bound(value);
        match (self.expected, lang) {
            (Expected::Below(limit), Lang::En) => format!("below {}", written(limit)),
            (Expected::Below(limit), Lang::Ko) => format!("{} 미만", written(limit)),
            (Expected::Above(limit), Lang::En) => format!("above {}", written(limit)),
            (Expected::Above(limit), Lang::Ko) => format!("{} 초과", written(limit)),
            (Expected::Between(low, high), Lang::En) => {
                format!("{} to {}", written(low), written(high))
            }
            (Expected::Between(low, high), Lang::Ko) => {
                format!("{}에서 {}까지", written(low), written(high))
            }
            (Expected::Exactly(right), Lang::En) => format!("exactly {}", written(right)),
            (Expected::Exactly(right), Lang::Ko) => format!("정확히 {}", written(right)),
        }
    }

    /// What was measured, in words.
    pub fn measured(&self) -> String {
        self.measured.written(self.measured.value())
    }

    /// The figure itself.
    pub fn value(&self) -> f64 {
        self.measured.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_written_short() {
        for (limit, written) in [
            (0.01, "0.01"),
            (1e-6, "1e-6"),
            (12.0, "12"),
            (2_080.0, "2,080"),
            (0.155_95, "0.1560"),
        ] {
            assert_eq!(short(limit), written);
        }
    }

    #[test]
    fn a_claim_is_met_where_it_lies_right() {
        let claim = |expected, value: f64| Claim {
            what: Words::same("x"),
            expected,
            measured: value.into(),
        };
        use Expected::{Above, Below, Between, Exactly};
        for (expected, right, wrong) in [
            (Below(1.0), 0.5, 1.0),
            (Above(1.0), 1.5, 1.0),
            (Between(1.0, 2.0), 2.0, 2.1),
            (Exactly(0.0), 0.0, 1e-9),
        ] {
            assert!(claim(expected, right).met());
            assert!(!claim(expected, wrong).met());
            assert!(!claim(expected, f64::NAN).met());
        }
        let share = Claim {
            what: Words::same("x"),
            expected: Between(0.4, 0.6),
            measured: Measured::Share(0.49876),
        };
        assert_eq!(share.expected(Lang::En), "40 % to 60 %");
        assert_eq!(share.expected(Lang::Ko), "40 %에서 60 %까지");
        assert_eq!(share.measured(), "49.88 %");
    }
}
