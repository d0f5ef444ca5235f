//! Recordings and films.

use super::Signal;
use super::open::{Contents, Source};
use crate::Error;
use crate::media::Features;
use crate::media::frames::read_frame_features;
use crate::media::sound::{LogMel, read_wav};

/// Steps and vectors of a recording or film.
impl From<Features> for Signal<f64> {
    fn from(features: Features) -> Self {
        Self {
            values: features.values.into_iter().map(f64::from).collect(),
            features: features.features,
        }
    }
}

/// A recording, as log-mel vectors.
pub(super) fn sound(source: Source<'_>) -> Result<Contents, Error> {
    let bands = LogMel::new(&source.config.sound)?;
    let features = bands.features(&read_wav(source.path)?);
    if features.values.iter().any(|value| !value.is_finite()) {
        return Err(source.error("its samples are too large; they belong between -1 and 1"));
    }
    Ok(source.single(features.into()))
}

/// A film, as a vector of pixels for each frame.
pub(super) fn frames(source: Source<'_>) -> Result<Contents, Error> {
    let config = &source.config.frames;
    if let Some(side) = config.side.filter(|side| !(1..=4096).contains(side)) {
        return Err(Error::Config {
            key: "data.frames.side".into(),
            message: format!(
                "it is {side}, but must be from 1 to 4096 pixels; leave it out to keep frames as they are"
            ),
        });
    }
    let size = config.side.map(|side| (side, side));
    let features = read_frame_features(source.path, &config.limits, size, !config.colour)?;
    Ok(source.single(features.into()))
}
