//! The networks that lessons compare, by a name.

use elman::model::{
    ActivationKind, Dense, Embedding, Flatten, Gru, LayerSpec, Lstm, RecurrentSpec, Sequential,
    SimpleRnn,
};

/// A recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Simple,
    Lstm,
    Gru,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Simple, Self::Lstm, Self::Gru];

    /// As it is called everywhere.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simple => "SimpleRnn",
            Self::Lstm => "Lstm",
            Self::Gru => "Gru",
        }
    }

    /// A layer of it.
    pub(crate) fn layer(self, hidden_size: usize, return_sequences: bool) -> LayerSpec {
        match self {
            Self::Simple => SimpleRnn::new(hidden_size)
                .return_sequences(return_sequences)
                .into(),
            Self::Lstm => Lstm::new(hidden_size)
                .return_sequences(return_sequences)
                .into(),
            Self::Gru => Gru::new(hidden_size)
                .return_sequences(return_sequences)
                .into(),
        }
    }

    /// Reads words, answers once.
    pub(crate) fn reader(
        self,
        vocabulary: usize,
        features: usize,
        hidden_size: usize,
        classes: usize,
    ) -> Sequential {
        Sequential::new()
            .add(Embedding::new(vocabulary, features))
            .add(self.layer(hidden_size, false))
            .add(Dense::new(classes))
    }
}

/// An LSTM whose forget gates begin as open as this bias makes them.
pub(crate) fn lstm_with_forget_bias(
    hidden_size: usize,
    return_sequences: bool,
    bias: f32,
) -> LayerSpec {
    LayerSpec::Lstm(RecurrentSpec {
        return_sequences,
        forget_bias: Some(bias),
        ..RecurrentSpec::new(hidden_size)
    })
}

/// Words side by side, each place with weights of its own.
pub(crate) fn window(
    vocabulary: usize,
    features: usize,
    hidden_size: usize,
    classes: usize,
) -> Sequential {
    Sequential::new()
        .add(Embedding::new(vocabulary, features))
        .add(Flatten {})
        .add(Dense::new(hidden_size).activation(ActivationKind::Relu))
        .add(Dense::new(classes))
}

/// Counts of words through one hidden layer.
pub(crate) fn counts(hidden_size: usize, classes: usize) -> Sequential {
    Sequential::new()
        .add(Dense::new(hidden_size).activation(ActivationKind::Relu))
        .add(Dense::new(classes))
}
