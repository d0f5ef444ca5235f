//! A row of numbers as inspection looks at it.

use super::columns::Columns;
use super::job::MapJob;
use super::objective::{gathered, said};
use crate::inspect::{Asked, Choice, Reading, Specimen, judged};
use crate::model::Model;
use crate::report::number;
use crate::task::Error;

impl MapJob {
    /// A row of the part that the model is judged by. What is looked at is the first number of the answer or, where the answer is a
    /// series, of its last step: the way back from there goes through all others.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        choice.no_text()?;
        let (data, known) = (&self.data, &self.data.preprocessing);
        let (name, part) = judged([&data.train, &data.valid, &data.test], |part| {
            part.is_empty()
        });
        let row = choice.of(part.len(), &format!("{name} rows"))?;
        let [steps, values] = known.shape();
        let (last, width) = (steps - 1, known.inputs.len());
        let what = match known.steps {
            Some(_) => format!("{} at step {steps}", known.names()[0]),
            None => known.names()[0].clone(),
        };
        let right = part.actual[(row * steps + last) * values];
        Ok(Specimen {
            title: format!("{name} row {}, {}", row + 1, part.places[row]),
            // The same numbers at every step: none of them can be rested on more than another.
            steps: 0,
            reading: Reading::Numbers(Columns::names(&known.columns.inputs)),
            hides: false,
            measure: "the value that the network gives, scaled",
            ask: Box::new(move |model, _, device| {
                let inputs = gathered(&part.inputs, width, &[row], device);
                let value = said(model, inputs).narrow(1, last, 1).narrow(2, 0, 1);
                let value = value.reshape([1]);
                let own = known.restored(&[value.clone().into_scalar::<f32>()]);
                Asked {
                    value,
                    said: format!("{what}: {}, and {} is right", number(own[0]), number(right)),
                    steps: Vec::new(),
                }
            }),
        })
    }
}
