//! How often each character comes.

use std::collections::HashMap;

/// The characters of texts, counted.
#[derive(Clone, Debug)]
pub struct Characters {
    /// Those of ASCII have a place of their own: most of most texts are, and finding it takes no search.
    ascii: [u64; 128],
    others: HashMap<char, u64>,
}

impl Default for Characters {
    fn default() -> Self {
        Self {
            ascii: [0; 128],
            others: HashMap::new(),
        }
    }
}

impl Characters {
    /// Counts the characters of a text, too.
    pub fn add(&mut self, text: &str) {
        if text.is_ascii() {
            let bytes = text.bytes();
            return bytes.for_each(|byte| self.ascii[usize::from(byte)] += 1);
        }
        for c in text.chars() {
            match self.ascii.get_mut(c as usize) {
                Some(count) => *count += 1,
                None => *self.others.entry(c).or_default() += 1,
            }
        }
    }

    /// Those that were seen, each with its count, in no order.
    pub fn counts(&self) -> impl Iterator<Item = (char, u64)> {
        let ascii = ('\0'..).zip(self.ascii).filter(|(_, count)| *count > 0);
        ascii.chain(self.others.iter().map(|(c, count)| (*c, *count)))
    }
}
