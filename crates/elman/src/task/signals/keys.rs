//! The keys that all recipes about series have.

use super::vary::Varied;
use crate::recipe::{Error, ModelConfig};
use crate::task::classify::check_network;
use elman_data::signal::SignalConfig;

/// Keys without which there are no series, and those that no network of series can have. `[one, many]` is what a
/// series is called, and what several are.
pub(in crate::task) fn check_series(
    data: &SignalConfig,
    model: &ModelConfig,
    [one, many]: [&str; 2],
) -> Result<(), Error> {
    if data.files.is_empty() && data.labels.is_none() {
        return Err(Error::value(
            "data.files",
            format!("is missing: say which files hold the {many}"),
        ));
    }
    check_network(model)?;
    match model.embedding_size {
        Some(_) => Err(Error::value(
            "model.embedding_size",
            format!("is for tokens; a {one} has numbers already"),
        )),
        None => Ok(()),
    }
}

/// The keys that vary series in training, in a table of the recipe.
pub(in crate::task) fn check_varied(table: &str, varied: Varied) -> Result<(), Error> {
    let Varied { noise, stretch } = varied;
    if !(noise.is_finite() && noise >= 0.0) {
        return Err(Error::value(
            format!("{table}.noise"),
            "must be a number from 0",
        ));
    }
    match (0.0..=0.9).contains(&stretch) {
        true => Ok(()),
        false => Err(Error::value(
            format!("{table}.stretch"),
            "must be from 0 to 0.9",
        )),
    }
}

/// The share that a warping path may leave the diagonal by, in a table of the recipe.
pub(in crate::task) fn check_warping(table: &str, warping: Option<f64>) -> Result<(), Error> {
    match warping.is_none_or(|share| (0.0..=1.0).contains(&share)) {
        true => Ok(()),
        false => Err(Error::value(
            format!("{table}.warping"),
            "must be from 0 to 1",
        )),
    }
}
