//! A pair of texts as inspection looks at it.

use super::job::TranslateJob;
use super::objective::Tensors;
use super::pairs::Pair;
use crate::inspect::{Asked, Choice, Reading, Specimen, log_probability_of_all, said_in_rows};
use crate::model::EncoderDecoder;
use crate::report::number;
use crate::task::Error;
use elman_data::text::Special;

impl TranslateJob {
    /// A pair of the part that the model is judged by. What is looked at is how likely its target is, told token by token.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, EncoderDecoder>, Error> {
        choice.no_text()?;
        let (_, pairs) = self.pairs.judged();
        let row = choice.of(pairs.len(), "pairs")?;
        let pair = pairs.get(row);
        let vocabularies = &self.pairs.vocabularies;
        let (source, target) = (&vocabularies.source, &vocabularies.target);
        let mut wanted = pair.written.to_vec();
        wanted.extend(target.special(Special::End));
        let blank = source.special(Special::Unknown);
        let name = |token| target.shown(token);
        let told = pair.written.iter().map(|token| name(*token));
        let told: Vec<String> = std::iter::once("(start)".to_owned()).chain(told).collect();
        let names = pair.read.iter().map(|token| source.shown(*token));
        Ok(Specimen {
            title: format!("pair {}, {:?}", row + 1, pair.source()),
            steps: pair.read.len(),
            reading: Reading::Tokens(names.collect()),
            // Where every token is known, none stands for nothing.
            hides: blank.is_some(),
            measure: "the logarithm of the target's probability",
            ask: Box::new(move |model, hidden, device| {
                let mut read = pair.read.to_vec();
                if let Some(range) = hidden {
                    read[range.clone()].fill(blank.unwrap_or_default());
                }
                let shown = Pair {
                    read: &read,
                    ..pair
                };
                let logits = Tensors::new(&[shown], &self.pairs, device).logits(model);
                let value = log_probability_of_all(&logits, &wanted);
                let steps = match hidden {
                    Some(_) => Vec::new(),
                    None => said_in_rows(&logits, &told, &wanted, name),
                };
                let nats = -f64::from(value.clone().into_scalar::<f32>()) / wanted.len() as f64;
                Asked {
                    value,
                    said: format!("{:?}, {} nats a token", pair.target(), number(nats)),
                    steps,
                }
            }),
        })
    }
}
