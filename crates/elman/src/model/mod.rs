//! Models as a list of layers: described, checked, summarised, then built.
//!
//! ```
//! use elman::model::{Dense, Embedding, Sequential, SimpleRnn};
//!
//! let model = Sequential::new()
//!     .add(Embedding::new(10_000, 32))
//!     .add(SimpleRnn::new(32).return_sequences(true))
//!     .add(SimpleRnn::new(32))
//!     .add(Dense::new(1).sigmoid());
//! let summary = model.summary([None, None])?; // a batch of sequences of word numbers, both sizes open
//! assert_eq!(summary.parameters(), 320_000 + 2_080 + 2_080 + 33);
//! println!("{summary}");
//! # Ok::<(), elman::model::Error>(())
//! ```

mod captioner;
mod crf;
mod encoder_decoder;
mod language;
mod layer;
mod pooling;
mod recurrent;
mod sequential;
mod shape;
mod spec;
mod summary;
mod tagger;

pub use captioner::{Captioner, CaptionerConfig};
pub use crf::Crf;
pub use encoder_decoder::{
    Attention, AttentionKind, Decoder, DecoderConfig, DecoderState, EncoderDecoder,
    EncoderDecoderConfig, Memory, Output, Step,
};
pub use language::{LanguageModel, LanguageSpec, Walk};
pub use layer::{Layer, Model, Signal};
pub use pooling::PoolingKind;
pub(crate) use recurrent::PrecisionName;
pub use recurrent::{
    Bidirectional, Gru, Lstm, RecurrentActivation, RecurrentSpec, Reset, Rnn, SimpleRnn,
};
pub use sequential::Sequential;
pub use shape::{Error, Mismatch, Shape};
pub use spec::{
    Activation, ActivationKind, Conv1d, Dense, Dropout, Embedding, Flatten, LayerNorm, LayerSpec,
    Masking, OneHot, Padding, Pooling, RepeatVector,
};
pub use summary::{Summary, SummaryRow};
pub use tagger::{
    CharacterInput, CharacterLayer, Sentence, TagOutput, Tagged, Tagger, TaggerConfig, TaggerInput,
    WordInput, hide_rare,
};
