//! What a range test saw, as a sentence and a picture.

use super::{RangeFound, RangeTest, rounded};
use crate::report::Svg;
use crate::report::plot::{Lines, Places, Series, lines, spans_powers};

impl RangeFound {
    /// At which rates the loss falls and diverges, or that it falls at none.
    pub fn verdict(&self, test: &RangeTest) -> String {
        let (from, to) = (rounded(test.from), rounded(test.to));
        let Some(steepest) = self.steepest else {
            return match self.losses.len() {
                0 => "The loss is no number before anything is learned: look at the data and their scaling.".into(),
                _ => format!(
                    "At no learning rate from {from} to {to} does the loss fall by more than batches differ from each \
                     other. It may be as low as it gets, as where a forecast begins with the last value; otherwise try \
                     more steps, larger batches, or another model."
                ),
            };
        };
        let falls = format!(
            "The loss falls most steeply at a learning rate of {}",
            rounded(steepest)
        );
        match (self.diverged, self.tenth()) {
            (Some(diverged), Some(tenth)) => format!(
                "{falls} and diverges from {} on, a tenth of which is {}.",
                rounded(diverged),
                rounded(tenth)
            ),
            _ => format!("{falls} and does not diverge up to {to}."),
        }
    }

    /// The loss by the learning rate, on a logarithmic axis, with the suggestion.
    pub fn picture(&self, title: &str) -> Svg {
        let finite = || self.smoothed.iter().copied();
        let low = finite().fold(f64::INFINITY, f64::min);
        let high = finite().fold(f64::NEG_INFINITY, f64::max);
        let room = 0.3 * (high - low);
        // A single batch far off would flatten everything else.
        let near = |loss: &f64| match (low - room..=high + room).contains(loss) {
            true => *loss,
            false => f64::NAN,
        };
        let losses: Vec<f64> = self.losses.iter().map(near).collect();
        let logarithmic = spans_powers(self.smoothed.iter());
        let label = self.suggestion().map(|rate| (rate, format!("use {rate}")));
        lines(&Lines {
            title,
            along: "learning rate",
            places: Places::Powers(&self.rates),
            value: &format!("loss{}", ["", ", logarithmic"][usize::from(logarithmic)]),
            logarithmic,
            series: &[Series {
                name: "smoothed",
                values: &self.smoothed,
            }],
            behind: &[Series {
                name: "of each step",
                values: &losses,
            }],
            mark: label.as_ref().map(|(rate, label)| (*rate, label.as_str())),
        })
    }
}
