//! What to say when a number is not finite.

use super::error::NonFinite;
use crate::weights::snapshot;
use burn::module::Module;

/// The first parameter of `model`, by name, that has a number that is not finite.
pub(crate) fn first_non_finite<M: Module>(model: &M) -> Option<String> {
    let parameters = snapshot(model);
    let mut bad = parameters.into_iter().filter(|(_, data)| {
        let mut values = data.iter::<f64>();
        values.any(|value| !value.is_finite())
    });
    bad.next().map(|(name, _)| name)
}

/// What was seen, before its cause is known.
pub(crate) struct Sighting {
    pub(crate) what: &'static str,
    pub(crate) value: f64,
    pub(crate) epoch: usize,
    pub(crate) step: usize,
    pub(crate) batch: usize,
    pub(crate) batch_name: String,
    /// The first parameter that is not finite.
    pub(crate) bad_parameter: Option<String>,
    /// The parameters whose gradients are not finite.
    pub(crate) bad_gradients: Vec<String>,
    /// What the task found.
    pub(crate) explanation: Option<String>,
    pub(crate) clips: bool,
    pub(crate) learning_rate: f64,
    /// Which weights are left.
    pub(crate) kept: String,
}

impl Sighting {
    /// Finds the likely cause.
    pub(crate) fn explain(self) -> NonFinite {
        let clip = match self.clips {
            true => "",
            false => ", and set train.clip_norm (1.0 is a usual value)",
        };
        let rate = format!(
            "Lower train.optimizer.learning_rate (now {})",
            self.learning_rate
        );
        let (cause, advice) = match (
            &self.explanation,
            &self.bad_parameter,
            self.bad_gradients.is_empty(),
        ) {
            (Some(found), ..) => (found.clone(), format!("Mend that first. {rate}{clip} if it stays")),
            (None, Some(_), _) => (
                "The step before this one drove the weights out of range: the learning rate is too high for these data, \
                 or a gradient exploded"
                    .to_owned(),
                format!("{rate}{clip}"),
            ),
            (None, None, false) => (
                "The weights and the loss are finite, so the gradient exploded on its way back through time".to_owned(),
                format!("{rate}{clip}; shorten the sequences (lookback, bptt_len) or use an LSTM or GRU"),
            ),
            (None, None, true) => (
                "The weights are finite, so the data are not, or are so large that the loss overflows".to_owned(),
                "Look for missing or huge values in this batch, and scale the inputs and the target".to_owned(),
            ),
        };
        NonFinite {
            what: self.what,
            value: self.value,
            step: self.step,
            epoch: self.epoch,
            batch: self.batch,
            batch_name: self.batch_name,
            parameter: self.bad_parameter.or(self.bad_gradients.into_iter().next()),
            cause,
            advice,
            kept: self.kept,
        }
    }
}
