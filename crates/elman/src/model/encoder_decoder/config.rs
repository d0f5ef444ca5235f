use super::attention::{Attention, AttentionKind};
use super::{Decoder, EncoderDecoder, Output};
use crate::cell::{AnyCell, CellKind};
use crate::init::{Initializer, ParamSource};
use crate::layer::RecurrentConfig;
use crate::model::layer::{embedding, linear};
use crate::ops::Precision;
use burn::nn::{DropoutConfig, Embedding};

/// What an [`EncoderDecoder`] is made of.
///
/// ```
/// use burn::prelude::*;
/// use elman::cell::CellKind;
/// use elman::init::{Initializer, ParamSource};
/// use elman::model::{AttentionKind, EncoderDecoderConfig};
///
/// let device = Device::default();
/// let config = EncoderDecoderConfig::new(CellKind::Lstm, [100, 80], 16, 32)
///     .with_attention(AttentionKind::Bahdanau)
///     .with_dropout(0.2);
/// let model = config.init(&mut ParamSource::new(1, Initializer::Keras, &device));
/// let source = Tensor::<2, Int>::from_data([[5, 6, 7], [8, 9, 0]], &device);
/// let target = Tensor::<2, Int>::from_data([[1, 3], [1, 0]], &device);
/// let logits = model.forward(source, &[3, 2], target, &[2, 1]);
/// assert_eq!(logits.dims(), [3, 80]); // one row for each valid step of the target
/// ```
#[derive(Clone, Debug)]
pub struct EncoderDecoderConfig {
    pub(super) source_vocabulary: usize,
    pub(super) bidirectional: bool,
    pub(super) decoder: DecoderConfig,
}

/// What a [`Decoder`] is made of.
#[derive(Clone, Debug)]
pub struct DecoderConfig {
    pub(super) cell: CellKind,
    pub(super) vocabulary: usize,
    pub(super) embedding_size: usize,
    pub(super) hidden_size: usize,
    /// Values of each place that is looked back at.
    pub(super) memory_size: usize,
    pub(super) num_layers: usize,
    pub(super) attention: AttentionKind,
    pub(super) dropout: f64,
    pub(super) tied: bool,
    pub(super) precision: Precision,
}

impl EncoderDecoderConfig {
    /// One layer on each side, the encoder reading both ways, with Luong's attention. `vocabularies` are the tokens of the
    /// source and of the target.
    pub fn new(
        cell: CellKind,
        vocabularies: [usize; 2],
        embedding_size: usize,
        hidden_size: usize,
    ) -> Self {
        let [source_vocabulary, vocabulary] = vocabularies;
        let decoder = DecoderConfig::new(
            cell,
            vocabulary,
            embedding_size,
            hidden_size,
            2 * hidden_size,
        );
        Self {
            source_vocabulary,
            bidirectional: true,
            decoder,
        }
    }

    /// Layers on top of each other, in the encoder and in the decoder.
    pub fn with_num_layers(mut self, num_layers: usize) -> Self {
        self.decoder = self.decoder.with_num_layers(num_layers);
        self
    }

    /// Whether the encoder reads both ways, with `hidden_size` units each; the decoder never does.
    pub fn with_bidirectional(mut self, bidirectional: bool) -> Self {
        self.bidirectional = bidirectional;
        self.decoder.memory_size = self.decoder.hidden_size * if bidirectional { 2 } else { 1 };
        self
    }

    /// How the decoder looks back at the source.
    pub fn with_attention(mut self, attention: AttentionKind) -> Self {
        self.decoder = self.decoder.with_attention(attention);
        self
    }

    /// Probability of dropping a value of the embeddings, between layers and before the output layer, in training.
    pub fn with_dropout(mut self, dropout: f64) -> Self {
        self.decoder = self.decoder.with_dropout(dropout);
        self
    }

    /// Whether the output layer shares the table of the target's embedding (Press & Wolf, 2017).
    pub fn with_tied_output(mut self, tied: bool) -> Self {
        self.decoder = self.decoder.with_tied_output(tied);
        self
    }

    /// The numbers that the products of recurrent layers multiply, where fused kernels run them.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.decoder = self.decoder.with_precision(precision);
        self
    }

    /// What is wrong with the settings, and what to do; nothing if the model can be built.
    pub fn problem(&self) -> Option<String> {
        let problem = self.decoder.problem().or_else(|| {
            (self.decoder.attention == AttentionKind::LuongDot && self.bidirectional).then(|| {
                "attention \"luong_dot\" compares the decoder's state with the encoder's as they are, and an encoder that \
                 reads both ways has two: use attention = \"luong\", which learns to compare them, or bidirectional = false"
                    .into()
            })
        });
        problem.or_else(|| self.summary().problem())
    }

    /// Builds the model with parameters drawn from `source`.
    ///
    /// # Panics
    /// If there is a [`Self::problem`], or a vocabulary is empty.
    pub fn init(&self, source: &mut ParamSource) -> EncoderDecoder {
        if let Some(problem) = self.problem() {
            panic!("{problem}");
        }
        assert!(self.source_vocabulary > 0, "a vocabulary is empty");
        let hidden = self.decoder.hidden_size;
        let source_embedding = self.decoder.table(self.source_vocabulary, source);
        let encoder = self.encoder().init_from(source);
        let bridge = match self.bidirectional {
            true => (0..self.decoder.states())
                .map(|_| linear([2 * hidden, hidden], source))
                .collect(),
            false => Vec::new(),
        };
        EncoderDecoder {
            source_embedding,
            encoder,
            bridge,
            decoder: self.decoder.init(source),
            dropout: DropoutConfig::new(self.decoder.dropout).init(),
        }
    }

    pub(super) fn encoder(&self) -> RecurrentConfig<AnyCell> {
        self.decoder
            .recurrent(self.decoder.embedding_size)
            .with_bidirectional(self.bidirectional)
    }
}

impl DecoderConfig {
    /// One layer with Luong's attention, which looks back at places of `memory_size` values each.
    pub fn new(
        cell: CellKind,
        vocabulary: usize,
        embedding_size: usize,
        hidden_size: usize,
        memory_size: usize,
    ) -> Self {
        Self {
            cell,
            vocabulary,
            embedding_size,
            hidden_size,
            memory_size,
            num_layers: 1,
            attention: AttentionKind::Luong,
            dropout: 0.0,
            tied: false,
            precision: Precision::F32,
        }
    }

    /// Layers on top of each other.
    pub fn with_num_layers(mut self, num_layers: usize) -> Self {
        self.num_layers = num_layers;
        self
    }

    /// How it looks back.
    pub fn with_attention(mut self, attention: AttentionKind) -> Self {
        self.attention = attention;
        self
    }

    /// Probability of dropping a value of the embeddings, between layers and before the output layer, in training.
    pub fn with_dropout(mut self, dropout: f64) -> Self {
        self.dropout = dropout;
        self
    }

    /// Whether the output layer shares the table of the embedding (Press & Wolf, 2017).
    pub fn with_tied_output(mut self, tied: bool) -> Self {
        self.tied = tied;
        self
    }

    /// The numbers that the products of recurrent layers multiply, where fused kernels run them.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// What is wrong with the settings, and what to do; nothing if the decoder can be built.
    pub fn problem(&self) -> Option<String> {
        let sizes = [
            ("embedding_size", self.embedding_size),
            ("hidden_size", self.hidden_size),
            ("num_layers", self.num_layers),
        ];
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Some(format!("{name} must be at least 1"));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Some(format!(
                "dropout must be from 0 to below 1, not {}",
                self.dropout
            ));
        }
        None
    }

    /// Builds the decoder with parameters drawn from `source`.
    ///
    /// # Panics
    /// If there is a [`Self::problem`], or the vocabulary is empty.
    pub fn init(&self, source: &mut ParamSource) -> Decoder {
        if let Some(problem) = self.problem() {
            panic!("{problem}");
        }
        assert!(self.vocabulary > 0, "a vocabulary is empty");
        let embedding = self.table(self.vocabulary, source);
        let rnn = self.rnn().init_from(source);
        let attention = Attention::new(self.attention, self.memory_size, self.hidden_size, source);
        let [reads, gives] = self.readout_sizes();
        let readout = self.has_readout().then(|| linear([reads, gives], source));
        let output = match self.tied {
            true => Output {
                linear: None,
                bias: Some(source.constant(0.0, [self.vocabulary])),
            },
            false => Output {
                linear: Some(linear([gives, self.vocabulary], source)),
                bias: None,
            },
        };
        Decoder {
            embedding,
            rnn,
            attention,
            readout,
            output,
            dropout: DropoutConfig::new(self.dropout).init(),
        }
    }

    /// A table of vectors for so many tokens.
    fn table(&self, vocabulary: usize, source: &mut ParamSource) -> Embedding {
        let mut table = embedding([vocabulary, self.embedding_size], source);
        // A table that also answers must begin with answers of usual size.
        if self.tied && source.style() == Initializer::PyTorch {
            let limit = 1.0 / (self.embedding_size as f32).sqrt();
            table.weight = source.uniform(limit, [vocabulary, self.embedding_size]);
        }
        table
    }

    /// The recurrence. With additive attention it reads what it attends to beside its token.
    pub(super) fn rnn(&self) -> RecurrentConfig<AnyCell> {
        let context = match self.attention {
            AttentionKind::Bahdanau => self.memory_size,
            _ => 0,
        };
        self.recurrent(self.embedding_size + context)
    }

    fn recurrent(&self, input_size: usize) -> RecurrentConfig<AnyCell> {
        RecurrentConfig::with_cell(AnyCell(self.cell), input_size, self.hidden_size)
            .with_num_layers(self.num_layers)
            .with_dropout(self.dropout)
            .with_precision(self.precision)
    }

    /// Units of each layer.
    pub(crate) fn hidden_size(&self) -> usize {
        self.hidden_size
    }

    /// States that it begins with.
    pub(crate) fn states(&self) -> usize {
        self.cell.states() * self.num_layers
    }

    /// What the readout reads and gives.
    pub(super) fn readout_sizes(&self) -> [usize; 2] {
        let (hidden, memory, embedding) = (self.hidden_size, self.memory_size, self.embedding_size);
        let reads = match self.attention {
            AttentionKind::None => hidden,
            AttentionKind::Luong | AttentionKind::LuongDot => memory + hidden,
            AttentionKind::Bahdanau => memory + hidden + embedding,
        };
        [reads, if self.tied { embedding } else { hidden }]
    }

    /// Without attention the output layer reads the decoder's state itself, if it has the size for it.
    pub(super) fn has_readout(&self) -> bool {
        let [reads, gives] = self.readout_sizes();
        self.attention != AttentionKind::None || reads != gives
    }
}
