//! One text as inspection looks at it.

use super::answers::batch;
use super::job::ClassifyJob;
use crate::inspect::{
    Asked, Choice, Reading, Specimen, StepSaid, judged, log_probability, probabilities,
};
use crate::likeliest;
use crate::model::Model;
use crate::report::number;
use crate::task::Error;
use elman_data::text::Special;
use std::cell::OnceCell;

impl ClassifyJob {
    /// A text of one's own, or one of the part that the model is judged by. What is looked at is the likeliest class.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        let data = &self.data;
        let (name, part) = judged([&data.train, &data.valid, &data.test], |part| {
            part.is_empty()
        });
        let (title, tokens, right) = match &choice.text {
            Some(text) => {
                let mut tokens = data.vocabulary.encode(text)?;
                tokens.truncate(self.config().longest);
                ("your text".to_owned(), tokens, None)
            }
            None => {
                let row = choice.of(part.len(), &format!("{name} texts"))?;
                (
                    format!("{name} text {}", row + 1),
                    part.tokens[row].to_vec(),
                    Some(part.labels[row]),
                )
            }
        };
        if tokens.is_empty() {
            return Err(Error::input(format!(
                "{title} has no token: there is nothing to look at"
            )));
        }
        let names = tokens.iter().map(|token| data.vocabulary.shown(*token));
        let (padding, classes) = (data.padding(), &data.classes);
        let blank = data.vocabulary.special(Special::Unknown).unwrap_or(padding);
        let class = OnceCell::new();
        Ok(Specimen {
            title,
            steps: tokens.len(),
            reading: Reading::Tokens(names.collect()),
            hides: true,
            measure: "the logarithm of its probability",
            ask: Box::new(move |model, hidden, device| {
                let mut read = tokens.clone();
                if let Some(range) = hidden {
                    read[range.clone()].fill(blank);
                }
                let (ids, lengths) = batch(&[read], None, padding, device);
                let logits = model.forward(ids, Some(&lengths)).vector();
                let shares = probabilities(&logits, 0);
                let class = *class.get_or_init(|| likeliest(&shares));
                let name = |class: usize| classes.names[class].clone();
                Asked {
                    value: log_probability(&logits, 0, class),
                    said: format!(
                        "{:?} with probability {}",
                        name(class),
                        number(f64::from(shares[class]))
                    ),
                    steps: vec![StepSaid::new("the text", &shares, right, name)],
                }
            }),
        })
    }
}
