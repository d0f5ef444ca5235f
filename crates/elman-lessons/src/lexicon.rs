//! Words by number.

/// The words of a small corpus, numbered from 1 in the order of their first use; 0 is padding.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    words: Vec<String>,
}

impl Lexicon {
    /// The numbers of a sentence's words, new ones included.
    pub(crate) fn read(&mut self, sentence: &str) -> Vec<u32> {
        let words = sentence.split_whitespace();
        words.map(|word| self.number(word)).collect()
    }

    fn number(&mut self, word: &str) -> u32 {
        let known = self.words.iter().position(|known| known == word);
        let index = known.unwrap_or_else(|| {
            self.words.push(word.to_owned());
            self.words.len() - 1
        });
        index as u32 + 1
    }

    /// Numbers there are, padding included.
    pub(crate) fn size(&self) -> usize {
        self.words.len() + 1
    }

    /// The words, from number 1.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }
}
