//! The text of a date as the numbers and names in it.

use std::ops::Range;

use super::words::{Word, word};

/// A number or a name in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A number of so many digits that may be anything.
    Number { value: i64, digits: usize },
    /// A number that is written as a year (`2020년`).
    Year { value: i64, digits: usize },
    /// A month by name or written as one (`1월`, `M01`).
    Month { value: i64, named: bool },
    /// `31일`.
    Day(i64),
    /// `Q1`, `1Q`.
    Quarter(i64),
    /// `H1`, `S2`.
    Half(i64),
    /// `W01`.
    Week(i64),
}

/// The items of a date in the order in which they are written, and where they stand in its text.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    list: Vec<(Item, Range<usize>)>,
    /// A point follows the first number: so days are written that come before their month.
    dotted: bool,
}

/// Most numbers and names in a date.
const MOST: usize = 4;

impl Items {
    /// Takes a text apart into `self`; `false` if it holds something that no date does.
    ///
    /// A sign is none: no year begins with one.
    pub(super) fn parse(&mut self, text: &str) -> bool {
        self.list.clear();
        self.dotted = false;
        let mut mark: Option<(Word, usize)> = None; // a letter whose number comes next
        let mut hard = 0; // separators since the last item that no date has twice
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let at = text.len() - rest.len();
            let class: fn(char) -> bool = if c.is_ascii_digit() {
                |c| c.is_ascii_digit()
            } else if c.is_alphabetic() {
                |c| c.is_alphabetic()
            } else {
                match c {
                    '-' | '/' | '_' | '\u{2010}'..='\u{2013}' => {
                        hard += 1;
                        if hard > 1 || self.list.is_empty() {
                            return false;
                        }
                    }
                    '.' => {
                        let number = matches!(self.list[..], [(Item::Number { .. }, _)]);
                        self.dotted |= number && self.list[0].1.end == at;
                    }
                    ' ' | ',' | '\'' | '\u{2019}' | '\u{a0}' => {}
                    _ => return false,
                }
                rest = &rest[c.len_utf8()..];
                continue;
            };
            let end = rest.find(|c| !class(c)).unwrap_or(rest.len());
            let token = &rest[..end];
            rest = &rest[end..];
            let span = at..at + end;
            hard = 0;
            let good = if c.is_ascii_digit() {
                self.number(token, span, mark.take())
            } else {
                let glued = rest.starts_with(|c: char| c.is_ascii_digit() || c == ' ');
                self.word(token, span, glued, &mut mark)
            };
            if !good || self.list.len() > MOST {
                return false;
            }
        }
        mark.is_none() && hard == 0 && !self.list.is_empty()
    }

    fn number(&mut self, token: &str, span: Range<usize>, mark: Option<(Word, usize)>) -> bool {
        let Ok(value) = token.parse::<i64>() else {
            return false;
        };
        let digits = token.len();
        let item = match mark {
            None => Item::Number { value, digits },
            // "2019W013": an ISO week and its day.
            Some((Word::Week, from)) if digits == 3 => {
                let day = span.end - 1;
                self.list.push((Item::Week(value / 10), from..day));
                let value = value % 10;
                self.list
                    .push((Item::Number { value, digits: 1 }, day..span.end));
                return true;
            }
            Some((word, from)) => {
                let item = match word {
                    Word::Quarter if digits == 1 => Item::Quarter(value),
                    Word::Half if digits == 1 => Item::Half(value),
                    Word::Week if digits <= 2 => Item::Week(value),
                    Word::MonthNumber if digits <= 2 => Item::Month {
                        value,
                        named: false,
                    },
                    _ => return false,
                };
                self.list.push((item, from..span.end));
                return true;
            }
        };
        self.list.push((item, span));
        true
    }

    fn word(
        &mut self,
        token: &str,
        span: Range<usize>,
        before_number: bool,
        mark: &mut Option<(Word, usize)>,
    ) -> bool {
        let meaning = match word(token) {
            None => return false,
            Some(Word::Nothing) => return true,
            Some(Word::Month(month)) => {
                let value = i64::from(month);
                self.list.push((Item::Month { value, named: true }, span));
                return true;
            }
            Some(meaning) => meaning,
        };
        // The number before it ("1Q", "2020년") or the one after it ("Q1", "W01").
        let follows = self.list.last().is_some_and(|(item, last)| {
            matches!(item, Item::Number { .. }) && last.end == span.start
        });
        let (value, digits) = match self.list.last() {
            Some((Item::Number { value, digits }, _)) if follows => (*value, *digits),
            _ => (0, 0),
        };
        let item = match meaning {
            Word::Quarter if digits == 1 => Item::Quarter(value),
            Word::Week if (1..=2).contains(&digits) && !before_number => Item::Week(value),
            Word::Year if digits > 0 => Item::Year { value, digits },
            Word::MonthNumber if (1..=2).contains(&digits) => Item::Month {
                value,
                named: false,
            },
            Word::Day if (1..=2).contains(&digits) => Item::Day(value),
            Word::Quarter | Word::Half | Word::Week | Word::MonthNumber if before_number => {
                *mark = Some((meaning, span.start));
                return true;
            }
            _ => return false,
        };
        let last = self.list.last_mut().expect("a number stands before");
        *last = (item, last.1.start..span.end);
        true
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn is_dotted(&self) -> bool {
        self.dotted
    }

    pub(super) fn get(&self, index: usize) -> Item {
        self.list[index].0
    }

    /// Where an item stands in the text.
    pub(super) fn span(&self, index: usize) -> Range<usize> {
        self.list[index].1.clone()
    }
}
