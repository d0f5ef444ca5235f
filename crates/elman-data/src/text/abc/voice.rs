//! One voice while it is read: notes add up to bars.

use super::header::Header;
use super::length::{Length, Metre};

/// What lies between two bars.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Join {
    /// A repeat sign, a double bar line, an ending or the start of a part: here a bar may be in two pieces.
    pub cut: bool,
    /// `:|`
    pub back: bool,
    /// `|:`
    pub forth: bool,
    /// `[1`
    pub ending: bool,
}

/// A bar that has notes.
pub(super) struct Bar {
    /// Its number, from 1.
    pub number: usize,
    pub line: usize,
    /// Its length, or `None` for rests of whole bars (`Z`).
    pub length: Option<Length>,
    pub metre: Option<Metre>,
    /// What lies before it.
    pub join: Join,
}

/// A voice: its bars so far, and the one that is being read.
pub(super) struct Voice {
    pub name: String,
    pub metre: Option<Metre>,
    pub unit: Length,
    pub bars: Vec<Bar>,
    /// What lies before the bar that is being read.
    pub join: Join,
    next_number: usize,
    line: usize,
    /// The bar that is being read, without its last note.
    sum: Length,
    /// Its last note, which `>` or `<` may still change.
    last: Option<Length>,
    /// What a `>` or `<` does to the next note.
    broken: Option<Length>,
    /// What a tuplet does, and to how many more notes.
    tuplet: Option<(Length, u32)>,
    /// The length of the layer above, after `&`.
    layer: Option<Length>,
    /// Bars of rest (`Z`).
    rests: u32,
    slurs: u32,
    /// Grace notes still wait for their note.
    pub grace: bool,
}

const TOO_LONG: &str = "lengths too long or too fine to be music";

impl Voice {
    pub fn new(name: &str, header: &Header) -> Self {
        Self {
            name: name.into(),
            metre: header.metre,
            unit: header.unit,
            bars: Vec::new(),
            join: Join::default(),
            next_number: 1,
            line: 0,
            sum: Length::ZERO,
            last: None,
            broken: None,
            tuplet: None,
            layer: None,
            rests: 0,
            slurs: 0,
            grace: false,
        }
    }

    /// The number of the bar that is being read.
    pub fn number(&self) -> usize {
        self.next_number
    }

    /// Whether the bar that is being read has notes.
    pub fn in_bar(&self) -> bool {
        self.last.is_some() || self.rests > 0 || self.layer.is_some()
    }

    fn begin(&mut self, line: usize) {
        if !self.in_bar() {
            self.line = line;
        }
        self.grace = false;
    }

    /// A note, rest or chord of `multiple` units.
    pub fn note(&mut self, multiple: Length, line: usize) -> Result<(), String> {
        if self.rests > 0 {
            return Err("a bar of `Z` rests holds no notes".into());
        }
        self.begin(line);
        let mut length = self.unit.times(multiple).ok_or(TOO_LONG)?;
        if let Some(factor) = self.broken.take() {
            length = length.times(factor).ok_or(TOO_LONG)?;
        }
        if let Some((factor, left)) = self.tuplet {
            length = length.times(factor).ok_or(TOO_LONG)?;
            self.tuplet = (left > 1).then_some((factor, left - 1));
        }
        self.settle()?;
        self.last = Some(length);
        Ok(())
    }

    /// `count` bars of rest.
    pub fn rest_bars(&mut self, count: u32, line: usize) -> Result<(), String> {
        if self.in_bar() {
            return Err("`Z` rests for whole bars and stands alone in its own".into());
        }
        self.begin(line);
        self.rests = count;
        Ok(())
    }

    fn settle(&mut self) -> Result<(), String> {
        let last = self.last.take().unwrap_or(Length::ZERO);
        self.sum = self.sum.plus(last).ok_or(TOO_LONG)?;
        Ok(())
    }

    /// `>` (`longer` the first of the two notes) or `<`, `count` times.
    pub fn broken(&mut self, longer: bool, count: u32) -> Result<(), String> {
        if count > 3 {
            return Err("more than three `>` or `<` in a row".into());
        }
        let last = self.last.filter(|_| self.broken.is_none());
        let last = last.ok_or("`>` and `<` stand between two notes of a bar")?;
        // One sign makes 3/2 and 1/2, two 7/4 and 1/4, three 15/8 and 1/8.
        let parts = 1 << count;
        let factors = [Length::new(2 * parts - 1, parts), Length::new(1, parts)];
        let [Some(long), Some(short)] = factors else {
            return Err(TOO_LONG.into());
        };
        let (first, second) = if longer { (long, short) } else { (short, long) };
        self.last = Some(last.times(first).ok_or(TOO_LONG)?);
        self.broken = Some(second);
        Ok(())
    }

    /// `(p:q:r`: the next `r` notes last `q / p` of what they say.
    pub fn tuplet(&mut self, p: u32, q: Option<u32>, r: Option<u32>) -> Result<(), String> {
        if self.tuplet.is_some() {
            return Err("a tuplet begins inside another".into());
        }
        if !(2..=9).contains(&p) {
            return Err(format!("a tuplet of {p} notes; `(2` to `(9` are possible"));
        }
        let compound = self.metre.is_some_and(Metre::is_compound);
        let q = q.unwrap_or(match p {
            3 | 6 => 2,
            2 | 4 | 8 => 3,
            _ if compound => 3,
            _ => 2,
        });
        self.tuplet = Some((Length::new(q, p).ok_or(TOO_LONG)?, r.unwrap_or(p)));
        Ok(())
    }

    pub fn open_slur(&mut self) {
        self.slurs += 1;
    }

    pub fn close_slur(&mut self) -> Result<(), String> {
        self.slurs = self
            .slurs
            .checked_sub(1)
            .ok_or("`)` closes a slur that nothing opens")?;
        Ok(())
    }

    pub fn tie(&self) -> Result<(), String> {
        self.last
            .map(|_| ())
            .ok_or_else(|| "a tie, `-`, follows its first note, before the bar line".into())
    }

    /// `&`: what follows sounds together with the bar so far.
    pub fn overlay(&mut self) -> Result<(), String> {
        self.last
            .ok_or("`&` begins a second layer of a bar, after the first")?;
        self.end_layer()
    }

    /// Every layer of a bar is as long as the first.
    fn end_layer(&mut self) -> Result<(), String> {
        if self.broken.is_some() {
            return Err("`>` or `<` without its second note".into());
        }
        self.settle()?;
        let layer = std::mem::replace(&mut self.sum, Length::ZERO);
        if self.layer.is_some_and(|first| first != layer) {
            return Err("the layers of the bar, parted by `&`, are of different lengths".into());
        }
        self.layer = Some(layer);
        Ok(())
    }

    /// Ends the bar that is being read, if it has notes.
    pub fn end_bar(&mut self) -> Result<(), String> {
        if self.grace {
            return Err("grace notes without a note after them".into());
        }
        if !self.in_bar() {
            return Ok(());
        }
        let rests = std::mem::take(&mut self.rests);
        let length = match rests {
            0 => {
                self.end_layer()?;
                self.layer
            }
            _ => None,
        };
        self.layer = None;
        self.bars.push(Bar {
            number: self.next_number,
            line: self.line,
            length,
            metre: self.metre,
            join: std::mem::take(&mut self.join),
        });
        self.next_number += (rests as usize).max(1);
        Ok(())
    }

    /// Ends the voice.
    pub fn end(&mut self) -> Result<(), String> {
        self.end_bar()?;
        if self.tuplet.is_some() {
            return Err("the tune ends inside a tuplet".into());
        }
        if self.slurs > 0 {
            return Err("the tune ends inside a slur: `(` without `)`".into());
        }
        Ok(())
    }
}
