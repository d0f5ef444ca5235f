//! Sequences of unlike length.

use std::ops::Index;

/// One in so many sequences foretells the others.
const FORETELLING: usize = 16;

/// Sequences of unlike length, one after another in one memory: the tokens of many texts.
///
/// ```
/// use elman_data::Ragged;
/// let texts: Ragged<u32> = [vec![7, 8, 9], vec![], vec![5]].into_iter().collect();
/// assert_eq!((texts.len(), &texts[0], &texts[2]), (3, &[7, 8, 9][..], &[5][..]));
/// assert_eq!(texts.values(), [7, 8, 9, 5]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ragged<T> {
    values: Vec<T>,
    /// Where each sequence ends.
    ends: Vec<usize>,
}

impl<T> Default for Ragged<T> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<T> Ragged<T> {
    /// None yet, with room for so many.
    pub fn with_capacity(sequences: usize) -> Self {
        Self {
            values: Vec::new(),
            ends: Vec::with_capacity(sequences),
        }
    }

    /// How many sequences there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The values of all sequences.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The sequences, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[T]> + Clone {
        (0..self.len()).map(|at| &self[at])
    }

    /// How long each sequence is.
    pub fn lengths(&self) -> Vec<usize> {
        self.iter().map(<[T]>::len).collect()
    }
}

impl<T: Copy> Ragged<T> {
    /// Adds a sequence.
    pub fn push(&mut self, sequence: &[T]) {
        let room = self.values.capacity() - self.values.len();
        if room < sequence.len() {
            // A vector that doubles holds all values twice while it does. Once a part of the sequences is known, as many
            // values are asked for as it foretells, and an eighth more.
            let (known, all) = (self.ends.len() + 1, self.ends.capacity());
            let values = self.values.len() + sequence.len();
            let foretold = match known * FORETELLING < all {
                true => 2.0 * values as f64,
                false => 1.125 * values as f64 * all.max(known) as f64 / known as f64,
            };
            let more = foretold as usize - self.values.len();
            self.values.reserve_exact(more.max(sequence.len()));
        }
        self.values.extend_from_slice(sequence);
        self.ends.push(self.values.len());
    }
}

impl<T> Index<usize> for Ragged<T> {
    type Output = [T];

    fn index(&self, sequence: usize) -> &[T] {
        let start = sequence
            .checked_sub(1)
            .map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[sequence]]
    }
}

impl<T: Copy, S: AsRef<[T]>> FromIterator<S> for Ragged<T> {
    fn from_iter<I: IntoIterator<Item = S>>(sequences: I) -> Self {
        let sequences = sequences.into_iter();
        let mut ragged = Self::with_capacity(sequences.size_hint().0);
        sequences.for_each(|sequence| ragged.push(sequence.as_ref()));
        ragged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_asked_for_few_times() {
        let mut ragged = Ragged::with_capacity(10_000);
        let (mut rooms, mut all) = (Vec::new(), 0);
        for sequence in 0..20_000usize {
            let length = sequence * 7919 % 11;
            ragged.push(&vec![sequence; length]);
            all += length;
            rooms.push(ragged.values.capacity());
        }
        assert_eq!((ragged.len(), ragged.values().len()), (20_000, all));
        assert_eq!(ragged[19_999], vec![19_999; 19_999 * 7919 % 11]);
        assert!(rooms[9_999] < all * 3 / 5, "{} of {all}", rooms[9_999]);
        rooms.dedup();
        assert!(rooms.len() < 20, "{rooms:?}");
    }
}
