//! A pair of texts as inspection looks at it.

use super::job::TranslateJob;
use super::objective::Tensors;
use crate::inspect::{Asked, Choice, Reading, Specimen, StepSaid, log_probability, probabilities};
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
        let pair = pairs[row].clone();
        let vocabularies = &self.pairs.vocabularies;
        let (source, target) = (&vocabularies.source, &vocabularies.target);
        let mut wanted = pair.written.clone();
        wanted.extend(target.special(Special::End));
        let blank = source.special(Special::Unknown);
        let names = pair.read.iter().map(|token| source.shown(*token));
        Ok(Specimen {
            title: format!("pair {}, {:?}", row + 1, pair.source),
            steps: pair.read.len(),
            reading: Reading::Tokens(names.collect()),
            // Where every token is known, none stands for nothing.
            hides: blank.is_some(),
            measure: "the logarithm of the target's probability",
            ask: Box::new(move |model, hidden, device| {
                let mut shown = pair.clone();
                if let Some(range) = hidden {
                    shown.read[range.clone()].fill(blank.unwrap_or_default());
                }
                let logits = Tensors::new(&[&shown], &self.pairs, device).logits(model);
                let each = wanted.iter().enumerate();
                let value = each
                    .map(|(step, token)| log_probability(&logits, step, *token as usize))
                    .reduce(|a, b| a + b)
                    .expect("a target has an end");
                let name = |token: usize| target.shown(token as u32);
                let steps: Vec<StepSaid> = match hidden {
                    Some(_) => Vec::new(),
                    None => wanted
                        .iter()
                        .enumerate()
                        .map(|(step, token)| {
                            let shares = probabilities(&logits, step);
                            let before = step
                                .checked_sub(1)
                                .map_or("(start)".into(), |at| name(wanted[at] as usize));
                            StepSaid::new(before, &shares, Some(*token as usize), name)
                        })
                        .collect(),
                };
                let nats = -f64::from(value.clone().into_scalar::<f32>()) / wanted.len() as f64;
                Asked {
                    value,
                    said: format!("{:?}, {} nats a token", pair.target, number(nats)),
                    steps,
                }
            }),
        })
    }
}
