//! A piece of text as inspection looks at it.

use super::job::GenerateJob;
use super::objective::ids;
use crate::inspect::{Asked, Choice, Reading, Specimen, log_probability, said_in_rows};
use crate::model::LanguageModel;
use crate::report::number;
use crate::task::Error;
use elman_data::text::Special;

/// Tokens of one piece.
const TOKENS: usize = 100;
/// Tokens of a text of one's own that are looked at.
const LONGEST: usize = 1_000;

impl GenerateJob {
    /// A text of one's own, or a piece of the part that the model is judged by. What is looked at is its last token.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, LanguageModel>, Error> {
        let vocabulary = &self.corpus.vocabulary;
        let (title, tokens) = match &choice.text {
            Some(text) => {
                let mut tokens = vocabulary.encode(text)?;
                match tokens.len().checked_sub(LONGEST) {
                    None | Some(0) => ("your text".to_owned(), tokens),
                    Some(more) => {
                        tokens.drain(..more);
                        (format!("the last {LONGEST} tokens of your text"), tokens)
                    }
                }
            }
            None => {
                let (_, stream) = self.corpus.judged();
                let pieces = stream.tokens.len().div_ceil(TOKENS);
                let piece = choice.of(pieces, "pieces of the text")?;
                let tokens = stream.tokens.chunks(TOKENS).nth(piece).unwrap_or(&[]);
                (format!("piece {} of the text", piece + 1), tokens.to_vec())
            }
        };
        if tokens.len() < 2 {
            return Err(Error::input(format!(
                "{title} has {} tokens; two are the least that a next one can be looked at in",
                tokens.len()
            )));
        }
        let name = |token| vocabulary.shown(token);
        let read = tokens.len() - 1;
        let names: Vec<String> = tokens[..read].iter().map(|token| name(*token)).collect();
        let blank = vocabulary.special(Special::Unknown);
        Ok(Specimen {
            title,
            steps: read,
            reading: Reading::Tokens(names.clone()),
            // Where every token is known, none stands for nothing.
            hides: blank.is_some(),
            measure: "the logarithm of its probability",
            ask: Box::new(move |model, hidden, device| {
                let mut shown = tokens.clone();
                if let Some(range) = hidden {
                    shown[range.clone()].fill(blank.unwrap_or_default());
                }
                let (logits, _) = model.forward_from(ids(&shown, &[0], read, device), None);
                let last = tokens[read];
                let steps = match hidden {
                    Some(_) => Vec::new(),
                    None => said_in_rows(&logits, &names, &tokens[1..], name),
                };
                let value = log_probability(&logits, read - 1, last as usize);
                let share = f64::from(value.clone().into_scalar::<f32>()).exp();
                Asked {
                    value,
                    said: format!(
                        "{:?} comes next, with probability {}",
                        name(last),
                        number(share)
                    ),
                    steps,
                }
            }),
        })
    }
}
