//! What to say when a number is not finite.

use super::error::NonFinite;
use crate::weights::snapshot;
use burn::module::Module;

/// No weight of a network that learns comes near this.
const RUNAWAY: f64 = 1e6;

/// A parameter that has a number that is not finite, or is out of all proportion.
#[derive(Debug)]
pub(crate) struct Unsound {
    pub(crate) parameter: String,
    pub(crate) value: f64,
}

/// The first parameter of `model`, by name, that training has ruined.
pub(crate) fn first_unsound<M: Module>(model: &M) -> Option<Unsound> {
    snapshot(model).into_iter().find_map(|(parameter, data)| {
        let ruined = |value: &f64| value.is_nan() || value.abs() > RUNAWAY;
        let value = data.iter::<f64>().find(ruined);
        value.map(|value| Unsound { parameter, value })
    })
}

/// What was seen, before its cause is known.
pub(crate) struct Sighting {
    pub(crate) what: &'static str,
    pub(crate) value: f64,
    pub(crate) epoch: usize,
    pub(crate) step: usize,
    pub(crate) batch: usize,
    pub(crate) batch_name: String,
    pub(crate) unsound: Option<Unsound>,
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
            &self.unsound,
            self.bad_gradients.is_empty(),
        ) {
            (Some(found), ..) => (found.clone(), format!("Mend that first. {rate}{clip} if it stays")),
            (None, Some(Unsound { parameter, value }), _) => (
                format!(
                    "The steps before drove the weights out of range (`{parameter}` has {value:e}): the learning rate \
                     is too high for these data, or a gradient exploded"
                ),
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
        let unsound = self.unsound.map(|unsound| unsound.parameter);
        let parameter = unsound.or(self.bad_gradients.into_iter().next());
        NonFinite {
            what: self.what,
            value: self.value,
            step: self.step,
            epoch: self.epoch,
            batch: self.batch,
            batch_name: self.batch_name,
            parameter,
            cause,
            advice,
            kept: self.kept,
        }
    }
}
