//! A line of music, read one character at a time.

use super::length::Length;

/// A place in a line of music.
pub(super) struct Cursor {
    chars: Vec<char>,
    at: usize,
    pub line: usize,
}

impl Cursor {
    pub fn new(text: &str, line: usize) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            line,
        }
    }

    /// The column of the next character, from 1.
    pub fn column(&self) -> usize {
        self.at + 1
    }

    pub fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    pub fn take(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    pub fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let rest = &self.chars[self.at..];
        let taken: String = rest.iter().copied().take_while(|c| wanted(*c)).collect();
        self.at += taken.chars().count();
        taken
    }

    /// What stands before `end`, which is taken too, or `None` if the line has no further `end`.
    pub fn take_until(&mut self, end: char) -> Option<String> {
        let length = self.chars[self.at..].iter().position(|c| *c == end)?;
        let taken = self.chars[self.at..][..length].iter().collect();
        self.at += length + 1;
        Some(taken)
    }

    /// A whole number, or `None` if there is no digit; `Err` if it is zero or beyond 9999, which no length or count is.
    pub fn number(&mut self) -> Result<Option<u32>, String> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        match digits.parse() {
            Ok(number @ 1..=9999) => Ok(Some(number)),
            _ if digits.is_empty() => Ok(None),
            _ => Err(format!("the number {digits} is not between 1 and 9999")),
        }
    }

    /// A note's length as a multiple of the unit: nothing, `3`, `/`, `//`, `/2`, `3/` or `3/2`.
    pub fn length(&mut self) -> Result<Length, String> {
        let numerator = self.number()?.unwrap_or(1);
        let slashes = self.take_while(|c| c == '/').len();
        let denominator = match (slashes, self.number()?) {
            (0, _) => 1,
            (1, Some(number)) if number.is_power_of_two() => number,
            (1, Some(number)) => {
                return Err(format!(
                    "a note's length is divided by 2, 4, 8 and so on, not by {number}"
                ));
            }
            (2.., Some(_)) => return Err("a number may follow one `/`, not several".into()),
            (1..=10, None) => 1 << slashes,
            _ => return Err("more than ten `/` in a row".into()),
        };
        Length::new(numerator, denominator).ok_or_else(|| "a length that is no number".into())
    }
}
