//! Back-propagation with checkpoints in time (Chen et al. 2016, *Training deep nets with sublinear memory cost*; Gruslys et al.
//! 2016, *Memory-efficient backpropagation through time*): above the driver, which sees each segment as a sequence of its own.
//!
//! Time is cut into segments. The forward pass keeps the states between them; the backward pass takes the segments from the
//! last to the first, runs each again to have what its steps leave behind, and hands the state's gradient to the one before.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::numbers::Numbers;
use crate::scratch::Scratch;
use crate::sequence::{self, Incoming};
use crate::simd::Tier;
use crate::{CellKind, Dims, Forward, Gradients, Mode, Sequence, Weights};

/// The length of [`Forward::saved`].
pub(crate) fn saved_len(cell: CellKind, dims: Dims, mode: Mode) -> usize {
    match mode.checkpoint_every {
        None => dims.batch * dims.time * numbers(mode, true).words(cell.saved() * dims.hidden),
        Some(every) => dims.time.div_ceil(every.get()).saturating_sub(1) * kept(cell, dims),
    }
}

/// The numbers that products of this mode multiply here, in training or not.
fn numbers(mode: Mode, training: bool) -> Numbers {
    Numbers::of(mode.precision, Tier::current(), training)
}

/// Values kept between two segments: the states but the hidden one, which is among the outputs.
fn kept(cell: CellKind, dims: Dims) -> usize {
    (cell.states() - 1) * dims.batch * dims.hidden
}

/// The forward pass; with `save` and segments it keeps the states between them alone.
pub(crate) fn forward(
    cell: CellKind,
    weights: &Weights,
    whole: &Sequence,
    mode: Mode,
    save: bool,
) -> Forward {
    let every = match mode.checkpoint_every {
        Some(every) if save && cell.states() > 1 => every,
        every => {
            let keep = save && every.is_none();
            return sequence::forward(cell, weights, whole, keep, numbers(mode, save));
        }
    };
    let dims = whole.dims;
    let mut result = Forward {
        output: vec![0.0; dims.batch * dims.time * dims.hidden],
        state: whole.state.to_vec(),
        saved: Vec::with_capacity(saved_len(cell, dims, mode)),
    };
    for (position, times) in segments(whole, every).enumerate() {
        if position > 0 {
            let others = &result.state[dims.batch * dims.hidden..];
            result.saved.extend_from_slice(others);
        }
        let segment = Segment::new(whole, times);
        if segment.is_empty() {
            continue;
        }
        let sequence = segment.sequence(whole, &result.state);
        let run = sequence::forward(cell, weights, &sequence, false, numbers(mode, save));
        segment.put(whole, dims.hidden, &run.output, &mut result.output);
        result.state = run.state;
    }
    result
}

/// The backward pass, from the `output` and `saved` of [`forward`].
pub(crate) fn backward(
    cell: CellKind,
    weights: &Weights,
    whole: &Sequence,
    mode: Mode,
    output: &[f32],
    saved: &mut [f32],
    incoming: &Incoming,
) -> Gradients {
    let Some(every) = mode.checkpoint_every else {
        return sequence::backward(
            cell,
            weights,
            whole,
            output,
            saved,
            incoming,
            numbers(mode, true),
        );
    };
    let mut total = nothing(cell, whole.dims, incoming);
    let hidden = whole.dims.hidden;
    let order: Vec<_> = segments(whole, every).collect();
    for (position, times) in order.into_iter().enumerate().rev() {
        let segment = Segment::new(whole, times);
        if segment.is_empty() {
            continue;
        }
        let state = segment.state_before(cell, whole, output, saved, position);
        let sequence = segment.sequence(whole, &state);
        let mut again = match cell.saved() {
            0 => Vec::new(),
            _ => sequence::forward(cell, weights, &sequence, true, numbers(mode, true)).saved,
        };
        let d_output = incoming.d_output.map(|d| segment.take(whole, hidden, d));
        let incoming = Incoming {
            d_output: d_output.as_deref(),
            d_state: Some(&total.state),
            want: incoming.want,
        };
        let output = segment.take(whole, hidden, output);
        let part = sequence::backward(
            cell,
            weights,
            &sequence,
            &output,
            &mut again,
            &incoming,
            numbers(mode, true),
        );
        if let (Some(all), Some(d_input)) = (&mut total.input, &part.input) {
            segment.put(whole, whole.dims.input, d_input, all);
        }
        if let (Some(all), Some(steps)) = (&mut total.steps, &part.steps) {
            segment.put(whole, cell.states() * hidden, steps, all);
        }
        total.state = part.state;
        add(&mut total.weight_ih, &part.weight_ih);
        add(&mut total.weight_hh, &part.weight_hh);
        add(&mut total.bias_ih, &part.bias_ih);
        add(&mut total.bias_hh, &part.bias_hh);
    }
    total
}

/// The gradients before any segment: what comes to the final state, and zeros.
fn nothing(cell: CellKind, dims: Dims, incoming: &Incoming) -> Gradients {
    let Dims {
        batch,
        time,
        input,
        hidden,
    } = dims;
    let zeros = |len: usize| vec![0.0; len];
    let columns = cell.gates() * hidden;
    Gradients {
        input: incoming.want.input.then(|| zeros(batch * time * input)),
        state: match incoming.d_state {
            Some(d_state) => d_state.to_vec(),
            None => zeros(cell.states() * batch * hidden),
        },
        steps: (incoming.want.steps).then(|| zeros(batch * time * cell.states() * hidden)),
        weight_ih: zeros(input * columns),
        weight_hh: zeros(hidden * columns),
        bias_ih: zeros(columns),
        bias_hh: zeros(columns),
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The times of each segment, in processing order.
fn segments(whole: &Sequence, every: NonZeroUsize) -> impl Iterator<Item = Range<usize>> {
    let (time, every, reverse) = (whole.dims.time, every.get(), whole.reverse);
    let count = time.div_ceil(every);
    (0..count).map(move |position| {
        let index = if reverse {
            count - 1 - position
        } else {
            position
        };
        let first = index * every;
        first..time.min(first.saturating_add(every))
    })
}

/// Neighbouring steps of a sequence, copied so that they are a sequence of their own.
struct Segment {
    times: Range<usize>,
    /// `[batch, steps, input]`
    input: Scratch,
    lengths: Option<Vec<usize>>,
}

impl Segment {
    fn new(whole: &Sequence, times: Range<usize>) -> Self {
        let own = |length: &usize| length.saturating_sub(times.start).min(times.len());
        Self {
            input: rows_of(whole, &times, whole.dims.input, whole.input),
            lengths: whole
                .lengths
                .map(|lengths| lengths.iter().map(own).collect()),
            times,
        }
    }

    /// Whether no sequence of the batch has a valid step here.
    fn is_empty(&self) -> bool {
        let lengths = self.lengths.as_deref();
        lengths.is_some_and(|lengths| lengths.iter().all(|&length| length == 0))
    }

    /// The segment of `whole`, from `state` `[states, batch, hidden]`.
    fn sequence<'a>(&'a self, whole: &Sequence<'a>, state: &'a [f32]) -> Sequence<'a> {
        Sequence {
            dims: Dims {
                time: self.times.len(),
                ..whole.dims
            },
            input: &self.input,
            state,
            lengths: self.lengths.as_deref(),
            ..*whole
        }
    }

    /// The state `[states, batch, hidden]` from which the segment at this position of the processing order starts: what the
    /// step before it left, and the initial state of a sequence that has not begun.
    fn state_before(
        &self,
        cell: CellKind,
        whole: &Sequence,
        output: &[f32],
        saved: &[f32],
        position: usize,
    ) -> Vec<f32> {
        let Dims {
            batch,
            time,
            hidden,
            ..
        } = whole.dims;
        let mut state = whole.state.to_vec();
        let Some(index) = position.checked_sub(1) else {
            return state;
        };
        let kept = kept(cell, whole.dims);
        let (hidden_state, others) = state.split_at_mut(batch * hidden);
        others.copy_from_slice(&saved[index * kept..][..kept]);
        let before = match whole.reverse {
            true => self.times.end,
            false => self.times.start - 1,
        };
        for b in 0..batch {
            if whole.lengths.is_none_or(|lengths| before < lengths[b]) {
                let row = &output[(b * time + before) * hidden..][..hidden];
                hidden_state[b * hidden..][..hidden].copy_from_slice(row);
            }
        }
        state
    }

    /// These steps of `[batch, time, width]` values.
    fn take(&self, whole: &Sequence, width: usize, values: &[f32]) -> Scratch {
        rows_of(whole, &self.times, width, values)
    }

    /// Writes `[batch, steps, width]` values over these steps of `[batch, time, width]` ones.
    fn put(&self, whole: &Sequence, width: usize, values: &[f32], all: &mut [f32]) {
        let Dims { batch, time, .. } = whole.dims;
        let len = self.times.len() * width;
        for b in 0..batch {
            all[(b * time + self.times.start) * width..][..len]
                .copy_from_slice(&values[b * len..][..len]);
        }
    }
}

/// The steps `times` of `[batch, time, width]` values, `[batch, steps, width]`.
fn rows_of(whole: &Sequence, times: &Range<usize>, width: usize, values: &[f32]) -> Scratch {
    let Dims { batch, time, .. } = whole.dims;
    let len = times.len() * width;
    let mut rows = Scratch::new(batch * len);
    for b in 0..batch {
        rows[b * len..][..len].copy_from_slice(&values[(b * time + times.start) * width..][..len]);
    }
    rows
}
