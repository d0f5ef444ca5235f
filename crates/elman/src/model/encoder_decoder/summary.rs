//! The table of an encoder–decoder's layers.

use super::attention::{Attention, AttentionKind};
use super::config::{DecoderConfig, EncoderDecoderConfig};
use crate::cell::CellKind;
use crate::model::{Shape, Summary, SummaryRow};

impl EncoderDecoderConfig {
    /// Parameters of the whole model.
    pub fn parameter_count(&self) -> usize {
        self.summary().parameters()
    }

    /// The table of layers, first the encoder's, then the decoder's.
    pub fn summary(&self) -> Summary {
        let decoder = &self.decoder;
        let (hidden, memory) = (decoder.hidden_size, decoder.memory_size);
        let encoder = self.encoder();
        let [cell, both_ways] = decoder.cell_names();
        let mut rows = vec![
            SummaryRow::new(
                "source_embedding",
                "embedding",
                Shape::sequence(decoder.embedding_size),
                self.source_vocabulary * decoder.embedding_size,
            ),
            SummaryRow::new(
                "encoder",
                if self.bidirectional { both_ways } else { cell },
                Shape::sequence(memory),
                encoder.parameter_count(),
            )
            .with_recurrence(&encoder),
        ];
        if self.bidirectional {
            let map = (memory + 1) * hidden;
            let state = Shape::Vector { features: hidden };
            rows.push(SummaryRow::new(
                "bridge",
                "dense",
                state,
                decoder.states() * map,
            ));
        }
        rows.extend(decoder.rows());
        Summary {
            input: Shape::Ids { time: None },
            rows,
        }
    }
}

impl DecoderConfig {
    /// What the cell is called, alone and where it reads both ways.
    fn cell_names(&self) -> [&'static str; 2] {
        match self.cell {
            CellKind::SimpleRnn(_) => ["simple_rnn", "simple_rnn, both ways"],
            CellKind::Lstm => ["lstm", "lstm, both ways"],
            CellKind::Gru(_) => ["gru", "gru, both ways"],
        }
    }

    /// The layers, in the order in which a token passes them.
    pub(crate) fn rows(&self) -> Vec<SummaryRow> {
        let (hidden, memory) = (self.hidden_size, self.memory_size);
        let [readout_in, readout] = self.readout_sizes();
        let mut rows = Vec::new();
        let mut add = |name: &str, layer: &'static str, features: usize, parameters: usize| {
            rows.push(SummaryRow {
                writes: true,
                ..SummaryRow::new(name, layer, Shape::sequence(features), parameters)
            });
        };
        let table = self.vocabulary * self.embedding_size;
        add("target_embedding", "embedding", self.embedding_size, table);
        let [cell, _] = self.cell_names();
        let rnn = self.rnn();
        add("decoder", cell, hidden, rnn.parameter_count());
        let kind = match self.attention {
            AttentionKind::None => None,
            AttentionKind::Luong => Some("luong"),
            AttentionKind::LuongDot => Some("luong, dot"),
            AttentionKind::Bahdanau => Some("bahdanau"),
        };
        if let Some(kind) = kind {
            let parameters = Attention::parameter_count(self.attention, memory, hidden);
            add("attention", kind, memory, parameters);
        }
        if self.has_readout() {
            add("readout", "dense", readout, (readout_in + 1) * readout);
        }
        let weights = if self.tied { 0 } else { readout };
        add(
            "output",
            if self.tied { "dense, tied" } else { "dense" },
            self.vocabulary,
            (weights + 1) * self.vocabulary,
        );
        rows[1].recurrence = Some((&rnn).into());
        rows
    }
}
