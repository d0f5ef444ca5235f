//! Where something moves to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of eight directions, clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To the right.
    Right,
    /// To the right and down alike.
    DownRight,
    /// Down.
    Down,
    /// To the left and down alike.
    DownLeft,
    /// To the left.
    Left,
    /// To the left and up alike.
    UpLeft,
    /// Up.
    Up,
    /// To the right and up alike.
    UpRight,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Right,
        Self::DownRight,
        Self::Down,
        Self::DownLeft,
        Self::Left,
        Self::UpLeft,
        Self::Up,
        Self::UpRight,
    ];

    /// A step of length 1: to the right, and down.
    pub fn step(self) -> (f32, f32) {
        let half = std::f32::consts::FRAC_1_SQRT_2;
        match self {
            Self::Right => (1.0, 0.0),
            Self::DownRight => (half, half),
            Self::Down => (0.0, 1.0),
            Self::DownLeft => (-half, half),
            Self::Left => (-1.0, 0.0),
            Self::UpLeft => (-half, -half),
            Self::Up => (0.0, -1.0),
            Self::UpRight => (half, -half),
        }
    }

    /// The direction of a step whose parts are each 0 or of one length.
    pub(super) fn of(right: f32, down: f32) -> Self {
        let sign = |x: f32| if x == 0.0 { 0 } else { x.signum() as i32 };
        match (sign(right), sign(down)) {
            (1, 1) => Self::DownRight,
            (0, 1) => Self::Down,
            (-1, 1) => Self::DownLeft,
            (-1, 0) => Self::Left,
            (-1, -1) => Self::UpLeft,
            (0, -1) => Self::Up,
            (1, -1) => Self::UpRight,
            _ => Self::Right,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Right => "right",
            Self::DownRight => "down-right",
            Self::Down => "down",
            Self::DownLeft => "down-left",
            Self::Left => "left",
            Self::UpLeft => "up-left",
            Self::Up => "up",
            Self::UpRight => "up-right",
        })
    }
}
