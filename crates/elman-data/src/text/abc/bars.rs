//! Equal bars: which may be short, and what must complete them.

use std::ops::RangeInclusive;

use super::length::Length;
use super::voice::{Bar, Join, Voice};

/// Checks the length of each bar.
pub(super) fn check(voice: &Voice) -> Result<(), String> {
    let form = Form {
        bars: &voice.bars,
        end: voice.join,
    };
    let wrong = (0..form.bars.len()).find(|index| !form.is_right(*index));
    wrong.map_or(Ok(()), |index| Err(message(voice, &form.bars[index])))
}

fn message(voice: &Voice, bar: &Bar) -> String {
    let of = if voice.name.is_empty() {
        String::new()
    } else {
        format!(" of voice {}", voice.name)
    };
    let lengths = bar.metre.zip(bar.length);
    let lasts = lengths.map_or(String::new(), |(metre, length)| {
        format!("lasts {}, not {metre}", metre.describe(length))
    });
    format!("bar {}{of} {lasts} (line {})", bar.number, bar.line)
}

/// The bars of a voice and how they follow each other.
struct Form<'a> {
    bars: &'a [Bar],
    /// What lies after the last bar.
    end: Join,
}

impl Form<'_> {
    /// Whether the bar is whole, or may be short.
    fn is_right(&self, index: usize) -> bool {
        let bar = &self.bars[index];
        let (Some(metre), Some(length)) = (bar.metre, bar.length) else {
            return true;
        };
        let whole = metre.bar();
        if !length.is_below(whole) {
            return length == whole;
        }
        let last = self.bars.len() - 1;
        let outer = index == 0 || index == last;
        (outer && last > 0) || self.is_completed(index, length, whole)
    }

    /// Whether pieces before and after a short bar make it whole.
    fn is_completed(&self, index: usize, length: Length, whole: Length) -> bool {
        let (before, after) = (self.pieces_before(index), self.pieces_after(index));
        before.iter().any(|before| {
            let so_far = before.plus(length);
            after
                .iter()
                .any(|after| so_far.and_then(|l| l.plus(*after)) == Some(whole))
        })
    }

    /// What may sound right before the bar as a piece of the same bar: nothing, or short bars across the cut before it.
    fn pieces_before(&self, index: usize) -> Vec<Length> {
        let mut found = Vec::new();
        if index > 0 && self.join(index).cut {
            found.push(index - 1);
            let section = self.section(index);
            let start = *section.start();
            if self.join(index).ending {
                // The second ending, too, follows the bar before the first.
                found.extend(
                    self.endings(section.clone())
                        .next()
                        .and_then(|first| first.checked_sub(1)),
                );
            }
            if index == start || self.join(index).forth {
                found.extend(section.filter(|bar| self.is_turn(*bar)));
            }
        }
        self.pieces(found, index)
    }

    /// What may sound right after the bar as a piece of the same bar: nothing, or short bars across the cut after it.
    fn pieces_after(&self, index: usize) -> Vec<Length> {
        let mut found = Vec::new();
        let next = self.join(index + 1);
        if next.cut {
            found.push(index + 1);
            let section = self.section(index);
            if next.ending {
                found.extend(self.endings(section.clone()));
            }
            if self.is_turn(index) {
                found.extend([0, *section.start()]);
                found.extend(section.filter(|bar| self.join(*bar).forth));
            }
        }
        self.pieces(found, index)
    }

    /// The lengths of the short ones among `bars`, and none at all; the bar itself is no piece of itself.
    fn pieces(&self, bars: Vec<usize>, index: usize) -> Vec<Length> {
        let others = bars
            .into_iter()
            .filter(|bar| *bar != index && self.is_short(*bar));
        let lengths = others.filter_map(|bar| self.bars[bar].length);
        let mut pieces = vec![Length::ZERO];
        for length in lengths {
            if !pieces.contains(&length) {
                pieces.push(length);
            }
        }
        pieces
    }

    fn is_short(&self, index: usize) -> bool {
        let bar = self.bars.get(index);
        bar.and_then(|bar| bar.length.zip(bar.metre))
            .is_some_and(|(length, metre)| length.is_below(metre.bar()))
    }

    /// What lies before the bar.
    fn join(&self, index: usize) -> Join {
        self.bars.get(index).map_or(
            Join {
                cut: true,
                ..self.end
            },
            |bar| bar.join,
        )
    }

    /// Whether a section begins with the bar. A pickup right before `|:` belongs to the section that it leads into.
    fn begins(&self, index: usize) -> bool {
        let join = self.join(index);
        let new = |join: Join| join.cut && !join.ending;
        let led_into = index > 0
            && join.forth
            && !join.back
            && self.is_short(index - 1)
            && (index == 1 || new(self.join(index - 1)));
        index == 0 || (new(join) && !led_into)
    }

    /// The section that the bar is in: between two cuts other than endings.
    fn section(&self, index: usize) -> RangeInclusive<usize> {
        let start = (0..=index).rev().find(|bar| self.begins(*bar)).unwrap_or(0);
        let end = (index..self.bars.len() - 1).find(|bar| self.begins(bar + 1));
        start..=end.unwrap_or(self.bars.len() - 1)
    }

    /// The first bar of each ending in the section.
    fn endings(&self, section: RangeInclusive<usize>) -> impl Iterator<Item = usize> {
        section.filter(|bar| self.join(*bar).ending)
    }

    /// Whether the music may go elsewhere after the bar: at `:|` and at the end of a section.
    fn is_turn(&self, index: usize) -> bool {
        self.join(index + 1).back || self.begins(index + 1) || index + 1 == self.bars.len()
    }
}
