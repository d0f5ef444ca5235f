//! A sentence as inspection looks at it.

use super::job::TagJob;
use crate::inspect::{Asked, Choice, Reading, Specimen, StepSaid, judged, log_probability};
use crate::likeliest;
use crate::model::{self, Tagger, TaggerInput};
use crate::report::number;
use crate::task::Error;
use elman_data::text::Sentence;
use std::cell::OnceCell;

impl TagJob {
    /// A text of one's own, or a sentence of the part that the model is judged by. What is looked at is the tag of the word in the
    /// middle: before and after it, there is as much to rest on.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Tagger>, Error> {
        let data = &self.data;
        let mut spellings = data.spellings.clone();
        let (name, part) = judged([&data.train, &data.valid, &data.test], |part| {
            part.sentences.is_empty()
        });
        let (title, sentence) = match &choice.text {
            Some(text) => ("your text".to_owned(), Sentence::of(text)),
            None => {
                let row = choice.of(part.sentences.len(), &format!("{name} sentences"))?;
                let title = format!("{name} sentence {}", row + 1);
                (title, part.sentences[row].clone())
            }
        };
        let words: Vec<String> = sentence.words().map(str::to_owned).collect();
        let part = spellings.part(&data.lexicon, vec![sentence])?;
        if words.is_empty() {
            return Err(Error::input(format!(
                "{title} has no word: there is nothing to look at"
            )));
        }
        let nothing = spellings.letters.len() as u32;
        spellings.letters.push(Vec::new()); // the spelling of a hidden word
        let (middle, unknown, tags) = (words.len() / 2, data.lexicon.unknown(), &data.lexicon.tags);
        let tag = OnceCell::new();
        Ok(Specimen {
            title,
            steps: words.len(),
            reading: Reading::Tokens(words.clone()),
            hides: true,
            measure: "the logarithm of its probability, by its own scores",
            ask: Box::new(move |tagger, hidden, device| {
                let [mut words_read, mut spelled] =
                    [&part.words, &part.spellings].map(|numbers| numbers[0].to_vec());
                if let Some(range) = hidden {
                    words_read[range.clone()].fill(unknown);
                    spelled[range.clone()].fill(nothing);
                }
                let read = model::Sentence {
                    words: &words_read,
                    spellings: &spelled,
                };
                let input = TaggerInput::new(&[read], &spellings.letters, device);
                let scores = tagger.forward(&input);
                // As `elman tag` says it: with a random field, with all paths through the sentence.
                let answer = tagger
                    .answer_from(scores.clone().detach(), &input)
                    .swap_remove(0);
                let shares_at =
                    |step: usize| &answer.probabilities[step * tags.len()..][..tags.len()];
                let [_, time, count] = scores.dims();
                let scores = scores.reshape([time, count]);
                let name = |tag: usize| tags[tag].clone();
                let steps = match hidden {
                    Some(_) => Vec::new(),
                    None => words
                        .iter()
                        .zip(&part.tags[0])
                        .enumerate()
                        .map(|(step, (word, right))| {
                            let right = right.map(|tag| tag as usize);
                            StepSaid::new(word, shares_at(step), right, name)
                        })
                        .collect(),
                };
                let shares = shares_at(middle);
                let tag = *tag.get_or_init(|| likeliest(shares));
                Asked {
                    value: log_probability(&scores, middle, tag),
                    said: format!(
                        "{:?} is {} with probability {}",
                        words[middle],
                        tags[tag],
                        number(f64::from(shares[tag]))
                    ),
                    steps,
                }
            }),
        })
    }
}
