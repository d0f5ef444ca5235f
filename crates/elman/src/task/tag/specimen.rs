//! A sentence as inspection looks at it.

use super::answer::sentence;
use super::dataset::Part;
use super::job::TagJob;
use super::objective::input;
use crate::inspect::{Asked, Choice, Reading, Specimen, StepSaid, judged, log_probability};
use crate::likeliest;
use crate::model::Tagger;
use crate::report::number;
use crate::task::Error;
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
        let (title, part): (_, Part) = match &choice.text {
            Some(text) => {
                let part = spellings.part(&data.lexicon, vec![sentence(text)])?;
                ("your text".to_owned(), part)
            }
            None => {
                let row = choice.of(part.sentences.len(), &format!("{name} sentences"))?;
                let sentence = part.sentences[row].clone();
                let part = spellings.part(&data.lexicon, vec![sentence])?;
                (format!("{name} sentence {}", row + 1), part)
            }
        };
        let words = part.sentences[0].words.clone();
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
            ask: Box::new(move |model, hidden, device| {
                let mut read = part.clone();
                if let Some(range) = hidden {
                    read.words[0][range.clone()].fill(unknown);
                    read.spellings[0][range.clone()].fill(nothing);
                }
                let input = input(&read, &read.words, &[0], &spellings, device);
                let scores = model.forward(&input);
                // As `elman tag` says it: with a random field, with all paths through the sentence.
                let answer = model
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
