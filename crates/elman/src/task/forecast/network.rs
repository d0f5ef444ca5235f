//! The network of a recipe, fitted to what it reads and forecasts.

use super::Recipe;
use super::config::Strategy;
use super::dataset::Dataset;
use super::error::Error;
use crate::model::{ActivationKind, Dense, Flatten, Sequential, Shape};
use crate::recipe::Head;

/// A network and the input it is for.
#[derive(Clone, Debug)]
pub struct Network {
    /// The layers.
    pub layers: Sequential,
    /// What they read.
    pub input: Shape,
}

/// The network that the recipe describes, with its head.
///
/// # Errors
/// If the layers do not fit together, or do not give what the strategy needs.
pub fn network(recipe: &Recipe, data: &Dataset) -> Result<Network, Error> {
    let forecast = &recipe.task.forecast;
    let outputs = forecast.model_horizon() * data.target_size();
    let sequence = forecast.strategy == Strategy::Sequence;
    let mut layers = recipe.model.stack(sequence);
    if recipe.model.head == Head::Dense {
        layers = layers.add(Dense::new(outputs));
    }
    let input = Shape::Sequence {
        time: Some(forecast.input_steps()),
        features: data.input_size(),
    };
    let found = layers.output_shape(input)?;
    if sequence && let Some(name) = layers.looking_ahead() {
        return Err(Error::Config(format!(
            "strategy = \"sequence\" forecasts from every row, and layer `{name}` has read the rows after it: use \
             strategy = \"vector\", or leave out `bidirectional` and `reverse` (and give a conv1d padding = \"causal\")"
        )));
    }
    let summary = layers.summary_of(input)?;
    let widths = summary.rows.iter().filter_map(|row| row.output.features());
    check_batch(recipe, data, widths.fold(data.input_size(), usize::max))?;
    if summary.parameters() == 0 {
        return Err(Error::Config(
            "the model has nothing to learn: add a layer with parameters, or model.head = \"dense\"".into(),
        ));
    }
    let steps = forecast.input_steps();
    let (wanted, noun) = match sequence {
        true => (
            Shape::Sequence {
                time: Some(steps),
                features: outputs,
            },
            "\"sequence\" forecasts at every step",
        ),
        false => (
            Shape::Vector { features: outputs },
            "the forecast is one vector for each window",
        ),
    };
    if found != wanted {
        let remedy = match (sequence, found, recipe.model.head) {
            (true, Shape::Vector { .. }, _) => {
                "set `return_sequences = true` on every recurrent layer"
            }
            (false, Shape::Sequence { .. }, _) => {
                "leave `return_sequences` out of the last recurrent layer"
            }
            (_, _, Head::None) => {
                "set model.head = \"dense\", or give the last layer that many units"
            }
            _ => "keep the number of steps as it is",
        };
        return Err(Error::Output {
            found: found.to_string(),
            needs: format!("{noun}, {wanted}"),
            remedy,
        });
    }
    Ok(Network { layers, input })
}

/// Values that one layer may give for a batch: eight gigabytes of them.
const MOST_VALUES: usize = 1 << 31;

/// Refuses batches that memory does not hold, where the widest layer gives so many values at a step.
fn check_batch(recipe: &Recipe, data: &Dataset, width: usize) -> Result<(), Error> {
    let forecast = &recipe.task.forecast;
    let (steps, windows) = (forecast.input_steps(), data.splits.train.len());
    let batch = recipe.train.batch_size.min(windows);
    if batch.saturating_mul(steps).saturating_mul(width) > MOST_VALUES {
        return Err(Error::Config(format!(
            "a batch of {batch} windows of {steps} steps, with up to {width} values at each, is more than memory holds: make \
             train.batch_size, forecast.lookback or the layers smaller"
        )));
    }
    Ok(())
}

/// The notes' fixed window: the same inputs side by side, through one hidden layer.
pub fn window_network(data: &Dataset) -> Network {
    let forecast = data.config();
    let layers = Sequential::new()
        .add(Flatten {})
        .add(Dense::new(64).activation(ActivationKind::Relu))
        .add(Dense::new(forecast.horizon * data.target_size()));
    Network {
        layers,
        input: Shape::Sequence {
            time: Some(forecast.input_steps()),
            features: data.input_size(),
        },
    }
}
