//! A decoder as the search of [`crate::beam`] sees it.

use super::{Decoder, DecoderState, Memory};
use crate::beam::{Hypothesis, Next, NextToken, Open, Search, agreed};
use burn::prelude::*;

impl Decoder {
    /// Writes the best answers to each row of a memory, as [`Search::run`] finds them.
    ///
    /// # Panics
    /// As [`Search::run`], if memory and state are not of one batch, or if the start is not one of the vocabulary.
    pub fn write(
        &self,
        memory: &Memory,
        state: DecoderState,
        search: &Search<'_>,
        max_lengths: &[usize],
    ) -> Vec<Vec<Hypothesis>> {
        let writer = |state| Writer {
            model: self,
            sentences: (0..max_lengths.len()).collect(),
            shown: memory.clone(),
            memory,
            state,
        };
        if search.draws == 0 {
            return search.run(&mut writer(state), max_lengths);
        }
        let found = search.run(&mut writer(state.clone()), max_lengths);
        let drawn = search.draw(&mut writer(state), max_lengths);
        let both = found.into_iter().zip(drawn);
        both.map(|(found, drawn)| {
            let mut candidates = found;
            candidates.extend(drawn.iter().cloned());
            // What was cut off is an answer only where nothing came to its end.
            let any = candidates.iter().any(|one| one.ended);
            candidates.retain(|one| one.ended || !any);
            let mut best = agreed(candidates, &drawn);
            best.truncate(search.width);
            best
        })
        .collect()
    }
}

/// Keeps what belongs to the open sequences, row by row.
struct Writer<'a> {
    model: &'a Decoder,
    /// Of all sentences.
    memory: &'a Memory,
    /// The sentence of each open sequence, and the memory in that order.
    sentences: Vec<usize>,
    shown: Memory,
    state: DecoderState,
}

impl Writer<'_> {
    fn rows(&self, rows: impl Iterator<Item = usize>) -> Tensor<1, Int> {
        let rows: Vec<i64> = rows.map(|row| row as i64).collect();
        let shape = [rows.len()];
        Tensor::from_data(TensorData::new(rows, shape), &self.memory.outputs.device())
    }
}

impl NextToken for Writer<'_> {
    fn next(&mut self, open: &[Open]) -> Next {
        let sentences: Vec<usize> = open.iter().map(|open| open.sentence).collect();
        if sentences != self.sentences {
            let rows = self.rows(sentences.iter().copied());
            self.shown = self.memory.select(&rows);
            self.sentences = sentences;
        }
        let before = open.iter().map(|open| open.parent.unwrap_or(open.sentence));
        let stays = self.state.0.dims()[1] == open.len()
            && before
                .clone()
                .enumerate()
                .all(|(row, parent)| row == parent);
        if !stays {
            self.state = self.state.select(&self.rows(before));
        }
        let tokens = self.rows(open.iter().map(|open| open.token));
        let step = self.model.step(&self.shown, self.state.clone(), tokens);
        self.state = step.state;
        Next {
            log_probabilities: crate::values(step.log_probabilities),
            attention: step.attention.map_or(Vec::new(), crate::values),
        }
    }
}
