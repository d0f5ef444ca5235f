//! A series as inspection looks at it.

use super::answers::logits;
use super::config::Each;
use super::job::RecognizeJob;
use crate::inspect::{Asked, Choice, Specimen, StepSaid, judged, log_probability, probabilities};
use crate::likeliest;
use crate::model::Model;
use crate::report::number;
use crate::task::Error;
use crate::task::signals::{batch, with_hidden};
use std::cell::OnceCell;

impl RecognizeJob {
    /// A series of the part that the model is judged by. What is looked at is its likeliest class, or that of its last step.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        choice.no_text()?;
        let data = &self.data;
        let (name, part) = judged([&data.train, &data.valid, &data.test], |part| {
            part.is_empty()
        });
        let row = choice.of(part.len(), &format!("{name} series"))?;
        let (signal, labels) = (&part.signals[row], &part.labels[row]);
        let (each, classes) = (self.config().each, &data.classes);
        let class = OnceCell::new();
        Ok(Specimen {
            title: format!("{name} series {}, {}", row + 1, part.places[row]),
            steps: signal.time(),
            reading: part.reading(row, signal.time(), &data.read.channels),
            hides: true,
            measure: "the logarithm of its probability",
            ask: Box::new(move |model, hidden, device| {
                let read = with_hidden(signal, hidden);
                let logits = logits(model, batch(&[read], device), each);
                let rows = logits.dims()[0];
                let shares = probabilities(&logits, rows - 1);
                let class = *class.get_or_init(|| likeliest(&shares));
                let name = |class: usize| classes.names[class].clone();
                let steps = match hidden {
                    Some(_) => Vec::new(),
                    None => (0..rows)
                        .map(|step| {
                            let at = match each {
                                Each::Series => "the whole series".to_owned(),
                                Each::Step => format!("step {}", part.own_step(row, step)),
                            };
                            StepSaid::new(
                                at,
                                &probabilities(&logits, step),
                                labels.get(step).copied(),
                                name,
                            )
                        })
                        .collect(),
                };
                Asked {
                    value: log_probability(&logits, rows - 1, class),
                    said: format!(
                        "{:?} with probability {}",
                        name(class),
                        number(f64::from(shares[class]))
                    ),
                    steps,
                }
            }),
        })
    }
}
