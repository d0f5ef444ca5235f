//! A window as inspection looks at it.

use super::job::ForecastJob;
use crate::inspect::{Asked, Choice, Reading, Specimen, hide_steps};
use crate::model::{Model, Signal};
use crate::report::number;
use crate::task;
use burn::prelude::*;

impl ForecastJob {
    /// A window of the test part. What is looked at is the first step of the forecast of the first target.
    pub(super) fn look_at(&self, choice: &Choice) -> Result<Specimen<'_, Model>, task::Error> {
        choice.no_text()?;
        let data = &self.forecaster.data;
        let windows = &self.trial.windows;
        let row = choice.of(windows.len(), "test windows")?;
        let inputs = data.inputs(windows, &[row]);
        let features = data.input_size();
        let names = data
            .preprocessing
            .inputs
            .iter()
            .map(|column| column.name.clone());
        let target = &data.series.names[data.series.targets[0]];
        Ok(Specimen {
            title: format!("test window {}", row + 1),
            steps: inputs.values.len() / features,
            reading: Reading::Numbers(names.collect()),
            hides: true,
            measure: "the value that the network gives, scaled",
            ask: Box::new(move |model, hidden, device| {
                let mut read = inputs.values.clone();
                if let Some(range) = hidden {
                    hide_steps(&mut read, features, range);
                }
                let shape = [1, read.len() / features, features];
                let read = Tensor::<3>::from_data(TensorData::new(read, shape), device);
                let answer = match model.forward(read, None) {
                    Signal::Vector(answer) => answer,
                    answer => {
                        let answer = answer.sequence();
                        let [_, steps, _] = answer.dims();
                        answer.narrow(1, steps - 1, 1).squeeze_dim(1)
                    }
                };
                let value = answer.narrow(1, 0, 1).reshape([1]);
                let scaled = value.clone().into_scalar::<f32>();
                let own = data.absolute(vec![scaled; data.target_size()], &inputs.levels);
                Asked {
                    value,
                    said: format!("the next {target}: {}", number(own[0])),
                    steps: Vec::new(),
                }
            }),
        })
    }
}
