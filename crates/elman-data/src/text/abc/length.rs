//! Exact lengths and metres.

use std::fmt;

/// A length in whole notes, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    numerator: u32,
    denominator: u32,
}

impl Length {
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// `numerator / denominator`, or `None` where that is no number or too fine or long to be music.
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        Self::reduced(numerator.into(), denominator.into())
    }

    fn reduced(numerator: u128, denominator: u128) -> Option<Self> {
        let (mut a, mut b) = (numerator, denominator);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        (denominator > 0).then_some(())?;
        Some(Self {
            numerator: (numerator / a).try_into().ok()?,
            denominator: (denominator / a).try_into().ok()?,
        })
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let [a, b, c, d] = [
            self.numerator,
            self.denominator,
            other.numerator,
            other.denominator,
        ]
        .map(u128::from);
        Self::reduced(a * d + c * b, b * d)
    }

    pub fn times(self, other: Self) -> Option<Self> {
        let [a, b, c, d] = [
            self.numerator,
            self.denominator,
            other.numerator,
            other.denominator,
        ]
        .map(u128::from);
        Self::reduced(a * c, b * d)
    }

    pub fn is_below(self, other: Self) -> bool {
        u64::from(self.numerator) * u64::from(other.denominator)
            < u64::from(other.numerator) * u64::from(self.denominator)
    }
}

/// What `M:` asks of a bar: `beats` notes of `1 / unit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Metre {
    pub beats: u32,
    pub unit: u32,
}

impl Metre {
    /// The length of a bar.
    pub fn bar(self) -> Length {
        // Both are above zero, as `fields::metre` made sure.
        Length::new(self.beats, self.unit).unwrap_or(Length::ONE)
    }

    /// Whether a beat is three notes, as in 6/8, 9/8 and 12/8.
    pub fn is_compound(self) -> bool {
        self.beats > 3 && self.beats.is_multiple_of(3)
    }

    /// `length` counted in the notes of the metre if it comes out even: 3/4 is `6/8` beside a metre of 6/8.
    pub fn describe(self, length: Length) -> String {
        let even = self.unit.is_multiple_of(length.denominator);
        let beats = length.numerator.checked_mul(self.unit / length.denominator);
        match beats.filter(|_| even) {
            Some(beats) => format!("{beats}/{}", self.unit),
            None => format!("{}/{}", length.numerator, length.denominator),
        }
    }
}

impl fmt::Display for Metre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.beats, self.unit)
    }
}
