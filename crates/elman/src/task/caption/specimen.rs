//! A picture as inspection looks at it.

use super::dataset::Shown;
use super::job::CaptionJob;
use super::objective::surprise;
use crate::inspect::{Asked, Choice, Reading, Specimen, log_probability_of_all, said_in_rows};
use crate::model::Captioner;
use crate::report::number;
use crate::task::Error;
use crate::task::caption::seen::Grids;
use elman_data::text::Special;

impl CaptionJob {
    /// A picture of the test part and the first sentence about it. What is looked at is how likely the sentence is, told word by
    /// word.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Captioner>, Error> {
        choice.no_text()?;
        let data = &self.data;
        let row = choice.of(data.test.files.len(), "test pictures")?;
        let file = &data.test.files[row];
        let (shape, values) = self.seen.see(&self.seen.read(file)?);
        let sentence = data.test.sentences[row]
            .first()
            .cloned()
            .unwrap_or_default();
        let tokens = data.vocabulary.encode(&sentence)?;
        let shown = Shown {
            files: vec![file.clone()],
            sentences: vec![vec![sentence.clone()]],
            grids: Some(Grids { shape, values }),
        };
        let mut wanted = tokens.clone();
        wanted.extend(data.vocabulary.special(Special::End));
        let name = |token| data.vocabulary.shown(token);
        let told = tokens.iter().map(|token| name(*token));
        let told: Vec<String> = std::iter::once("(start)".to_owned()).chain(told).collect();
        Ok(Specimen {
            title: format!("test picture {}, {}", row + 1, file.display()),
            steps: told.len(),
            reading: Reading::Tokens(told.clone()),
            hides: false,
            measure: "the logarithm of the sentence's probability",
            ask: Box::new(move |model, _, device| {
                let (logits, _) = surprise(data, &shown, &[(0, &tokens[..])], model, device);
                let value = log_probability_of_all(&logits, &wanted);
                let nats = -f64::from(value.clone().into_scalar::<f32>()) / wanted.len() as f64;
                Asked {
                    said: format!("{sentence:?}, {} nats a token", number(nats)),
                    steps: said_in_rows(&logits, &told, &wanted, name),
                    value,
                }
            }),
        })
    }
}
