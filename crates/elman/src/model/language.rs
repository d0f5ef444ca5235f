//! Language models: after each token, how likely every token is to be the next.

use super::layer::{Layer, Model, Signal, linear};
use super::sequential::Sequential;
use super::shape::{Error, Shape, check_parameters};
use super::spec::LayerSpec;
use super::summary::{Summary, SummaryRow};
use crate::init::{Initializer, ParamSource};
use crate::layer::Stream;
use crate::ops;
use burn::module::Param;
use burn::nn;
use burn::prelude::*;

/// A [`LanguageModel`] as a description.
#[derive(Clone, Debug, PartialEq)]
pub struct LanguageSpec {
    /// From token numbers to a vector at each step.
    pub body: Sequential,
    /// Tokens there are.
    pub vocabulary: usize,
    /// The output's weights are the embedding's (Press & Wolf, 2017).
    pub tied: bool,
}

impl LanguageSpec {
    /// The features of each step that the output reads.
    ///
    /// # Errors
    /// If the layers do not fit together, do not give a vector at each step, or a tied output has no embedding of its size.
    fn features(&self) -> Result<usize, Error> {
        let setting = |problem: String| Error::Setting {
            position: self.body.layers().len() + 1,
            layer: "output".into(),
            problem,
        };
        let Shape::Sequence { features, .. } = self.body.output_shape(INPUT)? else {
            let problem = "it says a token after each step, but the layers before it give one vector for the whole \
                           sequence: set `return_sequences = true` on the last recurrent layer";
            return Err(setting(problem.into()));
        };
        if let Some(name) = self.body.looking_ahead() {
            return Err(setting(format!(
                "it says the next token, which `{name}` has already read: leave out `bidirectional`, `reverse` and conv1d"
            )));
        }
        // A convolution keeps no state from one chunk of a stream, or one token, to the next.
        let wide =
            |layer: &LayerSpec| matches!(layer, LayerSpec::Conv1d(conv) if conv.kernel_size > 1);
        if self.body.layers().iter().any(wide) {
            return Err(setting(
                "text is read token by token, and a conv1d forgets the tokens before; leave it out"
                    .into(),
            ));
        }
        match self.body.layers().first() {
            _ if !self.tied => Ok(features),
            Some(LayerSpec::Embedding(table)) if table.features == features => Ok(features),
            Some(LayerSpec::Embedding(table)) => Err(setting(format!(
                "tied weights need an embedding as wide as the last layer, {features}, but it has {}: set \
                 model.embedding_size = {features}, or tie_weights = false",
                table.features
            ))),
            _ => Err(setting(
                "tied weights need an embedding to be tied to".into(),
            )),
        }
    }

    /// The table of layers.
    ///
    /// # Errors
    /// If the layers do not fit together.
    pub fn summary(&self) -> Result<Summary, Error> {
        let features = self.features()?;
        let mut summary = self.body.summary_of(INPUT)?;
        let weights = if self.tied {
            0
        } else {
            features.saturating_mul(self.vocabulary)
        };
        summary.rows.push(SummaryRow::new(
            "output",
            if self.tied { "dense, tied" } else { "dense" },
            Shape::sequence(self.vocabulary),
            weights.saturating_add(self.vocabulary),
        ));
        check_parameters(summary.parameters())?;
        Ok(summary)
    }

    /// The model on `device`, with first values drawn from `seed`.
    ///
    /// # Errors
    /// If the layers do not fit together.
    pub fn init(
        &self,
        initializer: Initializer,
        seed: u64,
        device: &Device,
    ) -> Result<LanguageModel, Error> {
        self.init_from(&mut ParamSource::new(seed, initializer, device))
    }

    /// The model with parameters that `source` gives.
    ///
    /// # Errors
    /// If the layers do not fit together.
    pub fn init_from(&self, source: &mut ParamSource) -> Result<LanguageModel, Error> {
        self.summary()?; // whether it fits into memory
        let features = self.features()?;
        let body = self.body.init_from(INPUT, source)?;
        let vocabulary = self.vocabulary;
        let (output, bias) = match self.tied {
            true => (None, Some(source.constant(0.0, [vocabulary]))),
            false => (Some(linear([features, vocabulary], source)), None),
        };
        Ok(LanguageModel { body, output, bias })
    }
}

const INPUT: Shape = Shape::Ids { time: None };

/// After each token of a text, the logits of the next.
#[derive(Module, Debug)]
pub struct LanguageModel {
    /// From token numbers to a vector at each step.
    pub body: Model,
    /// From a vector to logits, unless the embedding does it.
    pub output: Option<nn::Linear>,
    /// The bias of the logits where the embedding gives the weights.
    pub bias: Option<Param<Tensor<1>>>,
}

impl LanguageModel {
    /// Reads the next tokens of a batch of texts, from the states in which the last call left it.
    ///
    /// # Shapes
    /// - ids `[batch, time]`
    /// - logits `[batch × time, vocabulary]`, row by row
    ///
    /// # Panics
    /// If an id is not in the vocabulary, or `states` belong to another batch size.
    pub fn forward_from(
        &self,
        ids: Tensor<2, Int>,
        states: Option<Vec<Tensor<3>>>,
    ) -> (Tensor<2>, Vec<Tensor<3>>) {
        let (signal, states) = self.body.forward_from(Signal::Ids(ids), None, states);
        (self.logits(signal.sequence()), states)
    }

    fn logits(&self, hidden: Tensor<3>) -> Tensor<2> {
        let [batch, time, features] = hidden.dims();
        let hidden = hidden.reshape([batch * time, features]);
        match (&self.output, &self.bias) {
            (Some(output), _) => ops::dense(output, hidden),
            (None, Some(bias)) => ops::tied(self.table(), bias.val(), hidden),
            (None, None) => unreachable!("an output is either its own or tied"),
        }
    }

    /// The embedding, `[vocabulary, features]`.
    fn table(&self) -> Tensor<2> {
        match &self.body.layers[0] {
            Layer::Embedding(table) => table.weight.val(),
            _ => unreachable!("a tied output has an embedding"),
        }
    }

    /// Reads one text token by token, from its beginning.
    pub fn walk(&self) -> Walk<'_> {
        let streams = Streams::new(self);
        Walk {
            model: self,
            states: None,
            streams,
            hidden: Vec::new(),
        }
    }
}

/// One text, token by token: made by [`LanguageModel::walk`].
///
/// Where the layers are an embedding (or one-hot) and recurrent ones, which is what recipes make unless they list
/// others, a step is a few vector products on weights packed once.
pub struct Walk<'a> {
    model: &'a LanguageModel,
    /// Where there are no streams.
    states: Option<Vec<Tensor<3>>>,
    streams: Option<Streams>,
    hidden: Vec<f32>,
}

impl Walk<'_> {
    /// Reads a token and returns the logits of the next.
    ///
    /// # Panics
    /// If there is no such token.
    pub fn step(&mut self, token: u32) -> Vec<f32> {
        if let Some(streams) = &mut self.streams {
            self.hidden = streams.step(token as usize);
            return streams.logits(&self.hidden);
        }
        let id = TensorData::new(vec![i64::from(token)], [1, 1]);
        let id = Tensor::<2, Int>::from_data(id, &Device::default());
        let model = &self.model.body;
        let (signal, states) = model.forward_from(Signal::Ids(id), None, self.states.take());
        self.states = Some(states);
        let hidden = signal.sequence();
        self.hidden = crate::values(hidden.clone());
        crate::values(self.model.logits(hidden))
    }

    /// What the output read at the last step: h_t of the last layer.
    pub fn hidden(&self) -> &[f32] {
        &self.hidden
    }
}

/// The weights of a model of recurrent layers, laid out for one step at a time.
struct Streams {
    /// `[vocabulary, features]`; none for one-hot.
    table: Option<Vec<f32>>,
    features: usize,
    layers: Vec<Stream>,
    /// `[features, vocabulary]`
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Streams {
    /// Nothing if a layer is neither recurrent nor idle when the model answers.
    fn new(model: &LanguageModel) -> Option<Self> {
        let (first, rest) = model.body.layers.split_first()?;
        let (table, features) = match first {
            Layer::Embedding(table) => {
                let table = table.weight.val();
                let features = table.dims()[1];
                (Some(crate::values(table)), features)
            }
            Layer::OneHot(layer) => (None, *layer.setting()),
            _ => return None,
        };
        let mut layers = Vec::new();
        for layer in rest {
            match layer {
                Layer::Recurrent(layer) if layer.rnn.is_causal() => {
                    layers.push(layer.rnn.stream(1))
                }
                Layer::Dropout(_) => {}
                _ => return None,
            }
        }
        let (weight, bias) = match (&model.output, &model.bias) {
            (Some(output), _) => (output.weight.val(), output.bias.as_ref()?.val()),
            (None, Some(bias)) => (model.table().transpose(), bias.val()),
            (None, None) => return None,
        };
        let (weight, bias) = (crate::values(weight), crate::values(bias));
        let streams = Self {
            table,
            features,
            layers,
            weight,
            bias,
        };
        (!streams.layers.is_empty()).then_some(streams)
    }

    fn step(&mut self, token: usize) -> Vec<f32> {
        let mut signal = match &self.table {
            Some(table) => table[token * self.features..][..self.features].to_vec(),
            None => {
                let mut one = vec![0.0; self.features];
                one[token] = 1.0;
                one
            }
        };
        for layer in &mut self.layers {
            signal = layer.step(&signal).to_vec();
        }
        signal
    }

    fn logits(&self, hidden: &[f32]) -> Vec<f32> {
        let mut logits = self.bias.clone();
        for (value, weights) in hidden.iter().zip(self.weight.chunks(self.bias.len())) {
            let terms = logits.iter_mut().zip(weights);
            terms.for_each(|(logit, weight)| *logit += value * weight);
        }
        logits
    }
}
