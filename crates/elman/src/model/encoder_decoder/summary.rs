//! The table of an encoder–decoder's layers.

use super::attention::{Attention, AttentionKind};
use super::config::EncoderDecoderConfig;
use crate::cell::CellKind;
use crate::model::{Shape, Summary, SummaryRow};

impl EncoderDecoderConfig {
    /// Parameters of the whole model.
    pub fn parameter_count(&self) -> usize {
        self.summary().parameters()
    }

    /// The table of layers, first the encoder's, then the decoder's.
    pub fn summary(&self) -> Summary {
        let [readout_in, readout] = self.readout_sizes();
        let (embedding, hidden, memory) =
            (self.embedding_size, self.hidden_size, self.memory_size());
        let mut rows = Vec::new();
        let mut add = |name: &str, layer: &'static str, output: Shape, parameters: usize| {
            rows.push(SummaryRow {
                name: name.into(),
                layer,
                output,
                parameters,
            });
        };
        let sequence = |features| Shape::Sequence {
            time: None,
            features,
        };
        let (cell, both_ways) = match self.cell {
            CellKind::SimpleRnn(_) => ("simple_rnn", "simple_rnn, both ways"),
            CellKind::Lstm => ("lstm", "lstm, both ways"),
            CellKind::Gru(_) => ("gru", "gru, both ways"),
        };
        let table = |vocabulary: usize| vocabulary * embedding;
        add(
            "source_embedding",
            "embedding",
            sequence(embedding),
            table(self.source_vocabulary),
        );
        add(
            "encoder",
            if self.bidirectional { both_ways } else { cell },
            sequence(memory),
            self.encoder().parameter_count(),
        );
        if self.bidirectional {
            let map = (memory + 1) * hidden;
            let state = Shape::Vector { features: hidden };
            add("bridge", "dense", state, self.bridges() * map);
        }
        add(
            "target_embedding",
            "embedding",
            sequence(embedding),
            table(self.target_vocabulary),
        );
        add(
            "decoder",
            cell,
            sequence(hidden),
            self.decoder().parameter_count(),
        );
        let kind = match self.attention {
            AttentionKind::None => None,
            AttentionKind::Luong => Some("luong"),
            AttentionKind::LuongDot => Some("luong, dot"),
            AttentionKind::Bahdanau => Some("bahdanau"),
        };
        if let Some(kind) = kind {
            let parameters = Attention::parameter_count(self.attention, memory, hidden);
            add("attention", kind, sequence(memory), parameters);
        }
        if self.has_readout() {
            let parameters = (readout_in + 1) * readout;
            add("readout", "dense", sequence(readout), parameters);
        }
        let weights = if self.tied { 0 } else { readout };
        add(
            "output",
            if self.tied { "dense, tied" } else { "dense" },
            sequence(self.target_vocabulary),
            (weights + 1) * self.target_vocabulary,
        );
        Summary { rows }
    }
}
