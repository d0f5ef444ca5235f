//! What is attacked: a way of reading, valid files for it, and what must hold.

use crate::mutate::{Grain, Mutated, mutate};
use elman_data::random::{Stream, mix};
use std::ops::Range;
use std::path::Path;

/// Reads one file of the wrong or right kind; says why it is refused.
pub type Read = Box<dyn Fn(&Case, &Path) -> Result<(), String>>;

/// A way of reading, and files that it reads.
pub struct Reader {
    /// What is read, in a word.
    pub name: &'static str,
    /// Files that it reads, at least one.
    pub cases: Vec<Case>,
    /// Reads the file at a path.
    pub read: Read,
    /// Bytes that may be held while a file of no bytes is read.
    pub base: usize,
    /// Bytes that may be held for each byte of the file.
    pub times: usize,
    /// Of how many inputs asked for one is tried: more than 1 for readers that take long.
    pub every: usize,
}

impl Reader {
    /// A reader that may hold 16 MiB and 64 bytes for each byte of a file.
    pub fn new(
        name: &'static str,
        cases: Vec<Case>,
        read: impl Fn(&Case, &Path) -> Result<(), String> + 'static,
    ) -> Self {
        Self {
            name,
            cases,
            read: Box::new(read),
            base: 16 << 20,
            times: 64,
            every: 1,
        }
    }

    /// The same with another bound on what it holds: `base` bytes, and `times` bytes for each of the file.
    pub fn holding(mut self, base: usize, times: usize) -> Self {
        (self.base, self.times) = (base, times);
        self
    }

    /// The same, tried with one of so many inputs.
    pub fn every(mut self, every: usize) -> Self {
        self.every = every;
        self
    }

    /// Bytes that may be held while a file of `size` bytes is read.
    pub fn bound(&self, size: usize) -> usize {
        self.base.saturating_add(self.times.saturating_mul(size))
    }

    /// The input of this seed and number.
    pub fn input(&self, seed: u64, number: u64) -> Input {
        let name: Vec<u64> = self.name.bytes().map(u64::from).collect();
        let mut random = Stream::new(&[seed, mix(&name), number]);
        let case = random.below(self.cases.len());
        let from = &self.cases[case];
        let others: Vec<&[u8]> = self
            .cases
            .iter()
            .map(|case| case.bytes.as_slice())
            .collect();
        let mutated = mutate(&from.bytes, &others, from.grain, from.head, &mut random);
        Input {
            case,
            garbage: from.garbage(&mutated),
            bytes: mutated.bytes,
        }
    }
}

/// What a reader is given.
#[derive(Clone, Debug)]
pub struct Input {
    /// Which of the reader's files it was made of.
    pub case: usize,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Why it must be refused, where that is known.
    pub garbage: Option<&'static str>,
}

/// A valid file, and what is known of files made from it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's name, whose ending readers look at. It may have folders before it.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is made of.
    pub grain: Grain,
    /// Its first bytes, where most changes go: the header of a large file.
    pub head: usize,
    /// Lengths to which it cannot be cut without being refused: the file says how long it is.
    pub whole: Range<usize>,
    /// Bytes of which none can be changed without the file being refused: a checksum stands for them.
    pub sealed: Range<usize>,
    /// Whether random bytes cannot be such a file.
    pub signed: bool,
    /// Whether it is well-formed, but refused as it is.
    pub refused: bool,
}

impl Case {
    /// A file of lines and cells.
    pub fn text(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self::new(name, text.into(), Grain::Text)
    }

    /// A file of fields, which begins with a mark of its own.
    pub fn binary(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            signed: true,
            ..Self::new(name, bytes, Grain::Binary)
        }
    }

    fn new(name: impl Into<String>, bytes: Vec<u8>, grain: Grain) -> Self {
        let head = bytes.len();
        Self {
            name: name.into(),
            bytes,
            grain,
            head,
            whole: 0..0,
            sealed: 0..0,
            signed: false,
            refused: false,
        }
    }

    /// The same file, which is refused wherever it is cut off.
    pub fn whole(self) -> Self {
        let length = self.bytes.len();
        self.whole_to(length)
    }

    /// The same file, which is refused wherever more than its last `bytes` are cut off.
    pub fn whole_but(self, bytes: usize) -> Self {
        let length = self.bytes.len().saturating_sub(bytes);
        self.whole_to(length)
    }

    /// The same file, which is refused if it is cut to fewer than `length` bytes.
    pub fn whole_to(mut self, length: usize) -> Self {
        self.whole = 0..length;
        self
    }

    /// The same file, whose bytes in this range are guarded by a checksum.
    pub fn sealed(mut self, bytes: Range<usize>) -> Self {
        self.sealed = bytes;
        self
    }

    /// The same file, which is well-formed, but refused as it is.
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// The same file, of which most changes go into its first bytes.
    pub fn head(mut self, bytes: usize) -> Self {
        self.head = bytes;
        self
    }

    /// Why what was made of this file must be refused, where that is known.
    fn garbage(&self, mutated: &Mutated) -> Option<&'static str> {
        if mutated.cut.is_some_and(|left| self.whole.contains(&left)) {
            return Some("the file is cut off");
        }
        if mutated.flipped.is_some_and(|at| self.sealed.contains(&at)) {
            return Some("a bit differs from what the checksum says");
        }
        (self.signed && mutated.noise).then_some("the file is noise")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_refused_is_known() {
        let case = Case::binary("a.bin", (0..100).collect())
            .whole_to(90)
            .sealed(20..40);
        let reader = Reader::new("a reader", vec![case], |_, _| Ok(()));
        let mut seen = [0; 3];
        for number in 0..3000 {
            let input = reader.input(7, number);
            let Some(why) = input.garbage else { continue };
            let which = match why {
                "the file is cut off" => {
                    assert!(input.bytes.len() < 90);
                    0
                }
                "a bit differs from what the checksum says" => {
                    let differ = (0..100).find(|at| input.bytes[*at] != *at as u8).unwrap();
                    assert!((20..40).contains(&differ));
                    1
                }
                _ => 2,
            };
            seen[which] += 1;
        }
        assert!(seen.iter().all(|count| *count > 3), "{seen:?}");
    }
}
