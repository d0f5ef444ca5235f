use super::layer::{Layer, Model};
use super::shape::{Error, Mismatch, Shape, check_parameters};
use super::spec::{LayerSpec, Padding};
use super::summary::{Summary, SummaryRow};
use crate::cell::{Activation, CellKind, GruReset};
use crate::init::{Initializer, ParamSource};
use burn::prelude::Device;
use serde::{Deserialize, Serialize};

/// A model as a list of layers, each reading what the one before it gives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequential {
    layers: Vec<LayerSpec>,
}

impl Sequential {
    /// No layers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a layer on top.
    #[allow(clippy::should_implement_trait)] // The word the field uses (Keras' `model.add`).
    pub fn add(mut self, layer: impl Into<LayerSpec>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// The table of layers, output shapes and parameters, for an input of this shape.
    ///
    /// `input` begins with the batch: `[None, None]` is a batch of sequences of numbers (for an embedding),
    /// `[None, Some(5), Some(1)]` a batch of sequences of 5 steps of 1 value. `None` is open until data arrives.
    ///
    /// # Errors
    /// If a layer cannot read what it is given; the error names the layer and the remedy.
    pub fn summary<const D: usize>(&self, input: [Option<usize>; D]) -> Result<Summary, Error> {
        self.summary_of(self.input_shape(&input)?)
    }

    /// The table of [`Self::summary`] for an input already known.
    ///
    /// # Errors
    /// As [`Self::summary`].
    pub fn summary_of(&self, input: Shape) -> Result<Summary, Error> {
        let shapes = self.shapes(input)?;
        let names = self.names();
        let inputs = std::iter::once(&input).chain(&shapes);
        let rows = self.layers.iter().zip(inputs).zip(&shapes).zip(names).map(
            |(((layer, input), output), name)| SummaryRow {
                recurrence: layer.recurrent().map(|(kind, spec)| {
                    let config = spec.config(kind, input.features().unwrap_or(0));
                    (&config).into()
                }),
                ..SummaryRow::new(name, layer.type_name(), *output, layer.parameters(input))
            },
        );
        Ok(Summary {
            input,
            rows: rows.collect(),
        })
    }

    /// What the last layer gives.
    ///
    /// # Errors
    /// As [`Self::summary`].
    pub fn output_shape(&self, input: Shape) -> Result<Shape, Error> {
        Ok(*self
            .shapes(input)?
            .last()
            .expect("shapes of an empty model are an error"))
    }

    /// The first layer whose output at a step depends on later steps.
    pub fn looking_ahead(&self) -> Option<String> {
        let ahead = |layer: &LayerSpec| match layer {
            LayerSpec::Conv1d(conv) => conv.padding != Padding::Causal && conv.kernel_size > 1,
            layer => layer
                .recurrent()
                .is_some_and(|(_, spec)| spec.bidirectional || spec.reverse),
        };
        let index = self.layers.iter().position(ahead)?;
        Some(self.names().swap_remove(index))
    }

    /// Builds the model on `device`, with first values drawn from `seed`.
    ///
    /// # Errors
    /// As [`Self::summary`].
    pub fn init(
        &self,
        input: Shape,
        initializer: Initializer,
        seed: u64,
        device: &Device,
    ) -> Result<Model, Error> {
        self.init_from(input, &mut ParamSource::new(seed, initializer, device))
    }

    /// Builds the model with first values that `source` draws: a part of a larger network.
    ///
    /// # Errors
    /// As [`Self::summary`].
    pub fn init_from(&self, input: Shape, source: &mut ParamSource) -> Result<Model, Error> {
        let shapes = self.shapes(input)?;
        let inputs = std::iter::once(&input).chain(&shapes);
        let layers = self
            .layers
            .iter()
            .zip(inputs)
            .map(|(layer, input)| Layer::new(layer, input, source));
        Ok(Model {
            layers: layers.collect(),
            names: self.names(),
        })
    }

    /// `lstm`, `lstm_1`, …: the layer's type, numbered from its second use, as Keras does.
    pub fn names(&self) -> Vec<String> {
        let of = |(index, layer): (usize, &LayerSpec)| {
            let name = layer.type_name();
            match self.layers[..index]
                .iter()
                .filter(|other| other.type_name() == name)
                .count()
            {
                0 => name.to_string(),
                n => format!("{name}_{n}"),
            }
        };
        self.layers.iter().enumerate().map(of).collect()
    }

    fn input_shape(&self, dims: &[Option<usize>]) -> Result<Shape, Error> {
        let first = self.layers.first().ok_or(Error::Empty)?;
        let embedding = matches!(first, LayerSpec::Embedding(_) | LayerSpec::OneHot(_));
        match (dims, embedding) {
            ([_, time], true) => Ok(Shape::Ids { time: *time }),
            ([_, time, Some(features)], false) => Ok(Shape::Sequence {
                time: *time,
                features: *features,
            }),
            ([_, Some(features)], false) => Ok(Shape::Vector {
                features: *features,
            }),
            _ => Err(Error::Input {
                layer: first.type_name().into(),
                found: format!("{dims:?}"),
                expected: match embedding {
                    true => "it reads [batch, time]".into(),
                    false => {
                        "it reads [batch, time, features], and the number of features must be given"
                            .into()
                    }
                },
            }),
        }
    }

    fn shapes(&self, input: Shape) -> Result<Vec<Shape>, Error> {
        if self.layers.is_empty() {
            return Err(Error::Empty);
        }
        let names = self.names();
        let mut shapes = Vec::with_capacity(self.layers.len());
        let (mut current, mut parameters) = (input, 0usize);
        for (index, layer) in self.layers.iter().enumerate() {
            if let Some(problem) = layer.problem() {
                return Err(Error::Setting {
                    position: index + 1,
                    layer: names[index].clone(),
                    problem,
                });
            }
            let reads = current;
            current = layer.output(&current).map_err(|needs| {
                Error::Mismatch(Box::new(Mismatch {
                    position: index + 1,
                    layer: names[index].clone(),
                    needs,
                    source_layer: match index.checked_sub(1) {
                        Some(before) => format!("layer {index} `{}`", names[before]),
                        None => "the input".into(),
                    },
                    noun: current.noun(),
                    shape: current.to_string(),
                    remedy: self.remedy(index, &names, &current),
                }))
            })?;
            if let Some(values) = current.values().filter(|values| *values > MOST_VALUES) {
                return Err(Error::Setting {
                    position: index + 1,
                    layer: names[index].clone(),
                    problem: format!(
                        "it gives {values} values for each example; at most {MOST_VALUES} fit into memory"
                    ),
                });
            }
            parameters = parameters.saturating_add(layer.parameters(&reads));
            shapes.push(current);
        }
        check_parameters(parameters)?;
        Ok(shapes)
    }

    /// What to change so that layer `index` can read its input.
    fn remedy(&self, index: usize, names: &[String], input: &Shape) -> String {
        let before = index
            .checked_sub(1)
            .map(|before| (&self.layers[before], &names[before]));
        match (input, before) {
            (Shape::Vector { .. }, Some((layer, name))) if layer.recurrent().is_some() => {
                format!("Set `return_sequences = true` on `{name}`: then it gives the output of every step")
            }
            (Shape::Vector { .. }, _) if index > 0 => {
                "Put a RepeatVector between them to make a sequence of the vector".into()
            }
            (Shape::Ids { .. }, _) => "Put an Embedding before it, which gives each number a vector".into(),
            (Shape::Sequence { time: None, .. }, _) if matches!(self.layers[index], LayerSpec::Flatten(_)) => {
                "Give the number of steps in the input shape, or let a recurrent layer or Pooling sum the sequence up".into()
            }
            (Shape::Sequence { .. }, _) => {
                "Use a recurrent layer without `return_sequences`, Pooling or Flatten to make one vector of the sequence".into()
            }
            _ => "Change the input shape or the layer".into(),
        }
    }
}

/// Most units, features or steps of one layer.
const LARGEST: usize = 1_000_000;
/// Most values that a layer gives for one example: four gigabytes of them.
const MOST_VALUES: usize = 1 << 30;
/// Most recurrent layers on top of each other, as in `model.num_layers`.
const DEEPEST: usize = 1_000;

impl LayerSpec {
    /// The layer's type as recipes write it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Embedding(_) => "embedding",
            Self::OneHot(_) => "one_hot",
            Self::SimpleRnn(_) => "simple_rnn",
            Self::Lstm(_) => "lstm",
            Self::Gru(_) => "gru",
            Self::Dense(_) => "dense",
            Self::Dropout(_) => "dropout",
            Self::LayerNorm(_) => "layer_norm",
            Self::Activation(_) => "activation",
            Self::RepeatVector(_) => "repeat_vector",
            Self::Conv1d(_) => "conv1d",
            Self::Flatten(_) => "flatten",
            Self::Pooling(_) => "pooling",
            Self::Masking(_) => "masking",
        }
    }

    /// The recurrent settings and the cell, if the layer is recurrent.
    pub fn recurrent(&self) -> Option<(CellKind, &super::RecurrentSpec)> {
        match self {
            Self::SimpleRnn(spec) => Some((CellKind::SimpleRnn(Activation::Tanh), spec)),
            Self::Lstm(spec) => Some((CellKind::Lstm, spec)),
            Self::Gru(spec) => Some((CellKind::Gru(GruReset::After), spec)),
            _ => None,
        }
    }

    /// The output for this input, or what the layer needs instead.
    fn output(&self, input: &Shape) -> Result<Shape, &'static str> {
        const SEQUENCE: &str = "a sequence [batch, time, features]";
        if let Some((kind, spec)) = self.recurrent() {
            let Shape::Sequence { time, features } = *input else {
                return Err(SEQUENCE);
            };
            let features = spec.config(kind, features).output_size();
            return Ok(if spec.return_sequences {
                Shape::Sequence { time, features }
            } else {
                Shape::Vector { features }
            });
        }
        match (self, *input) {
            (Self::Embedding(layer), Shape::Ids { time }) => Ok(Shape::Sequence {
                time,
                features: layer.features,
            }),
            (Self::OneHot(layer), Shape::Ids { time }) => Ok(Shape::Sequence {
                time,
                features: layer.vocabulary,
            }),
            (Self::Embedding(_) | Self::OneHot(_), _) => Err("numbers [batch, time]"),
            (_, Shape::Ids { .. }) => Err("vectors, not numbers"),
            (Self::Dense(layer), Shape::Sequence { time, .. }) => Ok(Shape::Sequence {
                time,
                features: layer.units,
            }),
            (Self::Dense(layer), Shape::Vector { .. }) => Ok(Shape::Vector {
                features: layer.units,
            }),
            (Self::RepeatVector(layer), Shape::Vector { features }) => Ok(Shape::Sequence {
                time: Some(layer.times),
                features,
            }),
            (Self::RepeatVector(_), _) => Err("one vector [batch, features]"),
            (Self::Conv1d(layer), Shape::Sequence { time, .. }) => match (layer.padding, time) {
                (Padding::Valid, Some(time)) if time < layer.kernel_size => {
                    Err("at least `kernel_size` steps")
                }
                (Padding::Valid, time) => Ok(Shape::Sequence {
                    time: time.map(|time| time + 1 - layer.kernel_size),
                    features: layer.filters,
                }),
                _ => Ok(Shape::Sequence {
                    time,
                    features: layer.filters,
                }),
            },
            (
                Self::Flatten(_),
                Shape::Sequence {
                    time: Some(time),
                    features,
                },
            ) => Ok(Shape::Vector {
                features: time.saturating_mul(features),
            }),
            (Self::Flatten(_), _) => Err("a sequence of a fixed number of steps"),
            (Self::Pooling(_), Shape::Sequence { features, .. }) => Ok(Shape::Vector { features }),
            (Self::Pooling(_), _) => Err(SEQUENCE),
            (Self::Conv1d(_) | Self::Masking(_), Shape::Vector { .. }) => Err(SEQUENCE),
            (_, input) => Ok(input),
        }
    }

    /// What is impossible about the settings themselves.
    fn problem(&self) -> Option<String> {
        let at_most = |name: &str, value: usize, most: usize| {
            let problem =
                || format!("`{name}` is {value}; it must be at least 1 and at most {most}");
            (!(1..=most).contains(&value)).then(problem)
        };
        let positive = |name: &str, value: usize| at_most(name, value, LARGEST);
        let rate = |name: &str, value: f64| {
            (!(0.0..1.0).contains(&value))
                .then(|| format!("`{name}` is {value}; it must be at least 0 and below 1"))
        };
        let only = |name: &str, cell: &str, given: bool, is: bool| {
            (given && !is).then(|| format!("`{name}` is for a `{cell}` layer only; remove it"))
        };
        match self {
            Self::Embedding(l) => {
                positive("vocabulary", l.vocabulary).or(positive("features", l.features))
            }
            Self::OneHot(l) => positive("vocabulary", l.vocabulary),
            Self::Dense(l) => positive("units", l.units),
            Self::Dropout(l) => rate("rate", l.rate),
            Self::RepeatVector(l) => positive("times", l.times),
            Self::Conv1d(l) => {
                positive("filters", l.filters).or(positive("kernel_size", l.kernel_size))
            }
            Self::SimpleRnn(l) | Self::Lstm(l) | Self::Gru(l) => {
                positive("hidden_size", l.hidden_size)
                    .or(at_most("num_layers", l.num_layers, DEEPEST))
                    .or(l.checkpoint_every.and_then(|steps| {
                        (steps == 0).then(|| {
                            "`checkpoint_every` is 0; it must be at least 1, or left out".into()
                        })
                    }))
                    .or(rate("dropout", l.dropout))
                    .or(rate("recurrent_dropout", l.recurrent_dropout))
                    .or(only(
                        "activation",
                        "simple_rnn",
                        l.activation.is_some(),
                        matches!(self, Self::SimpleRnn(_)),
                    ))
                    .or(only(
                        "reset",
                        "gru",
                        l.reset.is_some(),
                        matches!(self, Self::Gru(_)),
                    ))
                    .or(only(
                        "forget_bias",
                        "lstm",
                        l.forget_bias.is_some(),
                        matches!(self, Self::Lstm(_)),
                    ))
                    .or(l
                        .forget_bias
                        .filter(|bias| !bias.is_finite())
                        .map(|bias| format!("`forget_bias` is {bias}")))
                    .or((l.bidirectional && l.reverse).then(|| {
                        "`bidirectional` already reads backwards; remove `reverse`".into()
                    }))
            }
            _ => None,
        }
    }

    fn parameters(&self, input: &Shape) -> usize {
        let features = input.features().unwrap_or(0);
        match self {
            Self::Embedding(layer) => layer.vocabulary.saturating_mul(layer.features),
            Self::Dense(layer) => features.saturating_add(1).saturating_mul(layer.units),
            Self::LayerNorm(_) => features.saturating_mul(2),
            Self::Conv1d(layer) => features
                .saturating_mul(layer.kernel_size)
                .saturating_add(1)
                .saturating_mul(layer.filters),
            _ => self.recurrent().map_or(0, |(kind, spec)| {
                spec.config(kind, features).parameter_count()
            }),
        }
    }
}
