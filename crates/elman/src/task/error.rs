use crate::{metric, model, recipe, run, train, weights};

/// Why a task cannot be learned or done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data cannot be read or divided.
    #[error(transparent)]
    Data(#[from] elman_data::Error),
    /// The layers do not fit together, or not the data.
    #[error("model: {0}")]
    Model(#[from] model::Error),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] train::Error),
    /// Parameters cannot be stored or read.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// A run folder that cannot be used.
    #[error(transparent)]
    Run(#[from] run::Error),
    /// A value of the recipe that is impossible.
    #[error(transparent)]
    Recipe(#[from] recipe::Error),
    /// Answers that cannot be measured.
    #[error(transparent)]
    Metric(#[from] metric::MetricError),
    /// What the user gave does not go with the rest; the text says what to do.
    #[error("{0}")]
    Input(String),
    /// A forecast cannot be learned or made.
    #[error(transparent)]
    Forecast(Box<super::forecast::Error>),
}

impl From<super::forecast::Error> for Error {
    fn from(error: super::forecast::Error) -> Self {
        Self::Forecast(Box::new(error))
    }
}

impl Error {
    /// What the user gave does not go with the rest.
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// What is wrong with the data, if they are to blame.
    pub fn data(&self) -> Option<&elman_data::Error> {
        match self {
            Self::Data(error) => Some(error),
            Self::Forecast(error) => match &**error {
                super::forecast::Error::Data(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the user's data or settings are to blame, rather than the disk or the training.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Data(error) => error.is_input(),
            Self::Train(error) => error.is_input(),
            Self::Weights(error) => error.is_input(),
            Self::Run(error) => error.is_input(),
            Self::Forecast(error) => error.is_input(),
            Self::Metric(_) => false,
            Self::Model(_) | Self::Recipe(_) | Self::Input(_) => true,
        }
    }
}
