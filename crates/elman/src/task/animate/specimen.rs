//! A movement as inspection looks at it.

use super::job::AnimateJob;
use super::objective::Read;
use crate::inspect::{Asked, Choice, Specimen, hide_steps, judged};
use crate::model::Model;
use crate::report::number;
use crate::task::Error;

impl AnimateJob {
    /// A movement of the part that the model is judged by. What is looked at is how well its last step is expected after all others.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        choice.no_text()?;
        let data = &self.data;
        let (name, part) = judged([&data.train, &data.valid, &data.test], |part| {
            part.is_empty()
        });
        let row = choice.of(part.len(), &format!("{name} movements"))?;
        let signal = &part.signals[row];
        let read = signal.time() - 1;
        let names = data.manner.names();
        let changes = names.iter().map(|name| format!("change of {name}"));
        let names: Vec<String> = names.iter().cloned().chain(changes).collect();
        Ok(Specimen {
            title: format!("{name} movement {}, {}", row + 1, part.places[row]),
            steps: read,
            reading: part.reading(row, read, &names),
            hides: true,
            measure: "the logarithm of its density, changes counted in the usual ones",
            ask: Box::new(move |model, hidden, device| {
                let mut steps = Read::new(&[signal], None, &data.manner, (0, read));
                if let Some(range) = hidden {
                    hide_steps(&mut steps.inputs, 2 * signal.features, range);
                }
                let (said, changes, _) = steps.run(model, None, device);
                let last = read - 1;
                let surprise = self
                    .mixture
                    .surprise(said.narrow(0, last, 1), changes.narrow(0, last, 1));
                let nats = f64::from(surprise.clone().into_scalar::<f32>());
                Asked {
                    value: surprise.neg(),
                    said: format!(
                        "step {} comes with a surprise of {} nats",
                        part.own_step(row, read),
                        number(nats)
                    ),
                    steps: Vec::new(),
                }
            }),
        })
    }
}
