//! A recording as inspection looks at it.

use super::answers::{surprise_of, text};
use super::dataset::Said;
use super::job::TranscribeJob;
use crate::ctc::{BLANK, greedy};
use crate::inspect::{Asked, Choice, Specimen, StepSaid, judged, probabilities};
use crate::model::Model;
use crate::report::number;
use crate::task::Error;
use crate::task::signals::{batch, with_hidden};
use burn::tensor::activation::log_softmax;
use std::cell::OnceCell;

impl TranscribeJob {
    /// A recording of the part that the model is judged by. What is looked at is the text of its likeliest path, over all ways to lay
    /// that along the steps.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        choice.no_text()?;
        let data = &self.data;
        let (name, part) = judged([&data.train, &data.valid, &data.test], |part| {
            part.is_empty()
        });
        let row = choice.of(part.len(), &format!("{name} recordings"))?;
        let (signal, vocabulary) = (&part.signals[row], &data.vocabulary);
        let heard: OnceCell<Said> = OnceCell::new();
        Ok(Specimen {
            title: format!("{name} recording {}, {}", row + 1, part.places[row]),
            steps: signal.time(),
            reading: part.reading(row, signal.time(), &data.read.channels),
            hides: true,
            measure: "the logarithm of its probability",
            ask: Box::new(move |model, hidden, device| {
                let read = with_hidden(signal, hidden);
                let (values, lengths) = batch(&[read], device);
                let said = log_softmax(model.forward(values, Some(&lengths)).sequence(), 2);
                let [_, time, labels] = said.dims();
                let heard = heard.get_or_init(|| {
                    let best = greedy(&crate::values(said.clone()), labels).labels;
                    Said {
                        text: text(vocabulary, &best),
                        labels: best,
                    }
                });
                let name = |label: usize| match label {
                    BLANK => "(nothing)".to_owned(),
                    label => vocabulary.shown(label as u32 - 1),
                };
                let steps = match hidden {
                    Some(_) => Vec::new(),
                    None => {
                        let rows = said.clone().reshape([time, labels]);
                        let step = |step| {
                            let at = format!("step {}", part.own_step(row, step));
                            StepSaid::new(at, &probabilities(&rows, step), None, name)
                        };
                        (0..time).map(step).collect()
                    }
                };
                let value = surprise_of(said, &lengths, &[heard]).neg();
                let share = f64::from(value.clone().into_scalar::<f32>()).exp();
                Asked {
                    value,
                    said: format!(
                        "{:?} with probability {}; what was said is {:?}",
                        heard.text,
                        number(share),
                        part.labels[row].text
                    ),
                    steps,
                }
            }),
        })
    }
}
