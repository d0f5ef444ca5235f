//! Watching recurrences at work: what each of them read and said, and what came back through time.
//!
//! [`watch`] runs anything and keeps a [`Passage`] for every recurrence that runs meanwhile on an autodiff device. The way back
//! fills in the gradients. Nothing is kept, and nothing costs more, while nobody watches.

use super::{Recurrence, Want};
use burn::backend::{Backend, tensor::FloatTensor};
use elman_kernels::{CellKind, Dims, Mode, Sequence, Weights};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

thread_local! {
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

/// The passages of one watch, filled in as they run.
type Passages = Arc<Mutex<Vec<Passage>>>;

struct Watcher {
    passages: Passages,
    scope: Vec<String>,
}

/// One run of one recurrence over whole sequences.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Where in the network it stands: `encoder.layer 1.forward`.
    pub name: String,
    /// The cell, its direction, the valid steps of each sequence.
    pub recurrence: Recurrence,
    /// Sizes of everything below.
    pub dims: Dims,
    /// `[batch, time, input]`: what it read.
    pub input: Vec<f32>,
    /// `[states, batch, hidden]`: the state that it began with.
    pub state: Vec<f32>,
    /// Its parameters.
    pub weights: Arc<PassageWeights>,
    /// `[batch, time, hidden]`: the hidden state after each step.
    pub output: Vec<f32>,
    /// `[batch, time, kept × hidden]`: what else each step left behind. LSTM: `i f g o c`; GRU: `r z n` and one more; nothing of
    /// a simple recurrent network.
    pub kept: Vec<f32>,
    /// What came back, once the loss was differentiated.
    pub gradients: Option<PassageGradients>,
}

/// The parameters of a recurrence.
#[derive(Clone, Debug, PartialEq)]
pub struct PassageWeights {
    /// `[input, gates × hidden]`
    pub ih: Vec<f32>,
    /// `[hidden, gates × hidden]`
    pub hh: Vec<f32>,
    /// `[gates × hidden]`: of the input and of the hidden state.
    pub biases: [Vec<f32>; 2],
}

/// What came back through time to a [`Passage`].
#[derive(Clone, Debug, PartialEq)]
pub struct PassageGradients {
    /// `[batch, time, input]`: with respect to what it read.
    pub input: Vec<f32>,
    /// `[batch, time, states × hidden]`: with respect to the states after each step (hidden, then cell), with all that follows
    /// from them.
    pub steps: Vec<f32>,
    /// Whether one output of each sequence alone was used, so that all that reached its earlier steps came through time.
    pub of_one_step: bool,
}

impl Passage {
    /// The valid steps of a sequence of the batch.
    pub fn length(&self, row: usize) -> usize {
        match &self.recurrence.lengths {
            Some(lengths) => lengths[row],
            None => self.dims.time,
        }
    }

    /// The valid steps of a sequence in the order in which they were read.
    pub fn order(&self, row: usize) -> Vec<usize> {
        let steps = 0..self.length(row);
        match self.recurrence.reverse {
            true => steps.rev().collect(),
            false => steps.collect(),
        }
    }

    /// The hidden state after a step, `[hidden]`.
    pub fn hidden(&self, row: usize, step: usize) -> &[f32] {
        let hidden = self.dims.hidden;
        &self.output[(row * self.dims.time + step) * hidden..][..hidden]
    }

    /// What a step read, `[input]`.
    pub fn read(&self, row: usize, step: usize) -> &[f32] {
        let input = self.dims.input;
        &self.input[(row * self.dims.time + step) * input..][..input]
    }

    /// One of the vectors that a step left behind beside its hidden state, `[hidden]`: see [`kept`](Self::kept).
    ///
    /// # Panics
    /// If the cell keeps no such vector.
    pub fn kept_at(&self, row: usize, step: usize, index: usize) -> &[f32] {
        let (hidden, count) = (self.dims.hidden, self.recurrence.cell.saved());
        assert!(index < count, "the cell keeps {count} vectors");
        &self.kept[((row * self.dims.time + step) * count + index) * hidden..][..hidden]
    }

    /// The gradient with respect to one of the states after a step, `[hidden]`: 0 is the hidden state, 1 an LSTM's cell. Nothing
    /// where no gradient came back.
    pub fn gradient(&self, row: usize, step: usize, state: usize) -> Option<&[f32]> {
        let (hidden, count) = (self.dims.hidden, self.recurrence.cell.states());
        let steps = &self.gradients.as_ref()?.steps;
        Some(&steps[((row * self.dims.time + step) * count + state) * hidden..][..hidden])
    }

    /// What the recurrence alone carries back through time, laid out as [`PassageGradients::steps`]: the gradient that reached
    /// the last step of each sequence that any reached, and none of what reached earlier steps directly. Nothing where no
    /// gradient came back.
    pub fn carried(&self) -> Option<Cow<'_, [f32]>> {
        let gradients = self.gradients.as_ref()?;
        if gradients.of_one_step {
            return Some(Cow::Borrowed(&gradients.steps));
        }
        let mut d_output = vec![0.0; self.output.len()];
        for row in 0..self.dims.batch {
            let reached = |step: &usize| {
                let gradient = self.gradient(row, *step, 0).unwrap_or_default();
                gradient.iter().any(|value| *value != 0.0)
            };
            if let Some(last) = self.order(row).into_iter().rev().find(reached) {
                let at = (row * self.dims.time + last) * self.dims.hidden;
                let gradient = self.gradient(row, last, 0).unwrap_or_default();
                d_output[at..at + self.dims.hidden].copy_from_slice(gradient);
            }
        }
        let [bias_ih, bias_hh] = &self.weights.biases;
        let weights = Weights {
            ih: &self.weights.ih,
            hh: &self.weights.hh,
            bias_ih: Some(bias_ih),
            bias_hh: Some(bias_hh),
        };
        let sequence = Sequence {
            dims: self.dims,
            input: &self.input,
            state: &self.state,
            lengths: self.recurrence.lengths.as_deref(),
            reverse: self.recurrence.reverse,
            recurrent_mask: self.recurrence.mask.as_deref(),
        };
        let want = Want {
            input: false,
            steps: true,
            weights: false,
        };
        let found = elman_kernels::backward(
            self.recurrence.cell,
            &weights,
            &sequence,
            Mode::default(),
            &self.output,
            &mut self.kept.clone(),
            Some(&d_output),
            None,
            want,
        );
        found.steps.map(Cow::Owned)
    }

    /// Whether a loss with these gradients, as far as they are there, used the hidden state of one step of each sequence alone.
    fn used_one_step(&self, d_output: &[f32], d_state: &[f32]) -> bool {
        let Dims {
            batch,
            time,
            hidden,
            ..
        } = self.dims;
        let used = |values: &[f32]| values.iter().any(|value| *value != 0.0);
        let one_step = |row: usize| {
            let of_row = d_output.get(row * time * hidden..).unwrap_or_default();
            let steps = of_row.chunks(hidden).take(time).enumerate();
            let mut steps: Vec<usize> = steps
                .filter_map(|(step, values)| used(values).then_some(step))
                .collect();
            let last = d_state.get(row * hidden..).unwrap_or_default();
            if used(&last[..last.len().min(hidden)]) {
                steps.extend(self.order(row).last());
            }
            steps.dedup();
            steps.len() <= 1
        };
        let cells = d_state.get(batch * hidden..).unwrap_or_default();
        !used(cells) && (0..batch).all(one_step)
    }

    /// Goes on where this passage ended: one step at a time is one passage. Whether `next` did so.
    fn extend(&mut self, next: &Passage) -> bool {
        let whole =
            |passage: &Passage| passage.recurrence.lengths.is_none() && !passage.recurrence.reverse;
        let dims = Dims {
            time: next.dims.time,
            ..self.dims
        };
        let same = self.name == next.name && dims == next.dims;
        if !same || next.dims.time != 1 || !whole(self) || !whole(next) {
            return false;
        }
        let Dims {
            batch,
            time,
            input,
            hidden,
        } = self.dims;
        let cell = self.recurrence.cell;
        let join = |all: &mut Vec<f32>, next: &[f32], width: usize| {
            let mut joined = Vec::with_capacity(all.len() + next.len());
            for row in 0..batch {
                joined.extend_from_slice(&all[row * time * width..][..time * width]);
                joined.extend_from_slice(&next[row * width..][..width]);
            }
            *all = joined;
        };
        join(&mut self.input, &next.input, input);
        join(&mut self.output, &next.output, hidden);
        if !self.kept.is_empty() {
            join(&mut self.kept, &next.kept, cell.saved() * hidden);
        }
        match (&mut self.gradients, &next.gradients) {
            (Some(all), Some(next)) => {
                join(&mut all.input, &next.input, input);
                join(&mut all.steps, &next.steps, cell.states() * hidden);
                all.of_one_step = false;
            }
            _ => self.gradients = None,
        }
        self.dims.time += 1;
        true
    }
}

/// Runs something, and returns beside its result what every recurrence did meanwhile, in the order in which they ran. The
/// recurrences compute in `f32` and keep every step, whatever their mode.
///
/// Gradients are there if the loss is differentiated inside `run`; those of parameters are computed, where fused kernels run, only for
/// parameters that require them. Steps that a decoder took one by one are one passage.
///
/// ```
/// use burn::prelude::*;
/// use elman::{layer::GruConfig, ops::watch};
///
/// let device = Device::default().autodiff();
/// let layer = GruConfig::new(3, 4).init(&device);
/// let ((), passages) = watch(|| {
///     let (output, _) = layer.forward(Tensor::ones([1, 10, 3], &device), None, None);
///     output.narrow(1, 9, 1).sum().backward(); // the last step alone
/// });
/// let norm = |step| passages[0].gradient(0, step, 0).unwrap().iter().map(|g| g * g).sum::<f32>();
/// assert!(norm(0) < norm(9));
/// ```
pub fn watch<R>(run: impl FnOnce() -> R) -> (R, Vec<Passage>) {
    /// Ends the watch whichever way `run` ends.
    struct Ended(Option<Watcher>);
    impl Drop for Ended {
        fn drop(&mut self) {
            WATCHER.with_borrow_mut(|watcher| *watcher = self.0.take());
        }
    }
    let passages = Passages::default();
    let watcher = Watcher {
        passages: passages.clone(),
        scope: Vec::new(),
    };
    let before = Ended(WATCHER.with_borrow_mut(|current| current.replace(watcher)));
    let result = run();
    drop(before);
    let found = std::mem::take(&mut *held(&passages));
    let mut joined: Vec<Passage> = Vec::with_capacity(found.len());
    // Of layers that take turns, one step each, the one before may stand further back.
    for passage in found {
        let mut same = joined.iter_mut().rev();
        if !same.any(|earlier| earlier.extend(&passage)) {
            joined.push(passage);
        }
    }
    (result, joined)
}

fn held(passages: &Passages) -> MutexGuard<'_, Vec<Passage>> {
    passages.lock().expect("nothing panics while it holds them")
}

/// A part of a network that says its name to who watches, until it is dropped.
pub(crate) struct Scope(bool);

/// Names the part of the network that runs from here on.
pub(crate) fn scope(name: fmt::Arguments<'_>) -> Scope {
    Scope(WATCHER.with_borrow_mut(|watcher| match watcher {
        Some(watcher) => {
            watcher.scope.push(name.to_string());
            true
        }
        None => false,
    }))
}

impl Drop for Scope {
    fn drop(&mut self) {
        if self.0 {
            WATCHER.with_borrow_mut(|watcher| watcher.as_mut().map(|watcher| watcher.scope.pop()));
        }
    }
}

/// Whether anybody watches this thread.
pub(super) fn is_on() -> bool {
    WATCHER.with_borrow(Option::is_some)
}

/// The place of a passage in its watch, to which the way back reports.
#[derive(Clone, Debug)]
pub(super) struct Place {
    passages: Passages,
    index: usize,
}

/// Keeps what a recurrence did, if somebody watches.
pub(super) fn keep<B: Backend>(
    recurrence: &Recurrence,
    inputs: &[FloatTensor<B>; 6],
    output: &FloatTensor<B>,
    saved: &FloatTensor<B>,
) -> Option<Place> {
    WATCHER.with_borrow(|watcher| {
        let watcher = watcher.as_ref()?;
        let [input, state, weight_ih, weight_hh, bias_ih, bias_hh] = inputs;
        let shape = |tensor: &FloatTensor<B>| burn::backend::TensorMetadata::shape(tensor);
        let [batch, time, size]: [usize; 3] = shape(input).dims();
        let [hidden, _]: [usize; 2] = shape(weight_hh).dims();
        let name = watcher.scope.join(".");
        // A decoder that takes its steps one by one has the same weights at each.
        let known = held(&watcher.passages)
            .iter()
            .rev()
            .find(|passage| {
                passage.name == name && passage.dims.hidden == hidden && passage.dims.input == size
            })
            .map(|passage| passage.weights.clone());
        let weights = known.unwrap_or_else(|| {
            Arc::new(PassageWeights {
                ih: values::<B>(weight_ih),
                hh: values::<B>(weight_hh),
                biases: [bias_ih, bias_hh].map(values::<B>),
            })
        });
        let passage = Passage {
            name,
            recurrence: recurrence.clone(),
            dims: Dims {
                batch,
                time,
                input: size,
                hidden,
            },
            input: values::<B>(input),
            state: values::<B>(state),
            weights,
            output: values::<B>(output),
            kept: match recurrence.cell {
                CellKind::SimpleRnn(_) => Vec::new(),
                _ => values::<B>(saved),
            },
            gradients: None,
        };
        let mut passages = held(&watcher.passages);
        passages.push(passage);
        Some(Place {
            passages: watcher.passages.clone(),
            index: passages.len() - 1,
        })
    })
}

impl Place {
    /// Keeps what came back, and whence: `d_output` and `d_state` are what the loss has of outputs and final state, if anything.
    pub(super) fn returned<B: Backend>(
        &self,
        input: &FloatTensor<B>,
        steps: &FloatTensor<B>,
        [d_output, d_state]: &[Option<FloatTensor<B>>; 2],
    ) {
        let [d_output, d_state] = [d_output, d_state].map(|gradient| {
            let values = gradient.as_ref().map(values::<B>);
            values.unwrap_or_default()
        });
        // A watch that has ended took its passages along.
        if let Some(passage) = held(&self.passages).get_mut(self.index) {
            passage.gradients = Some(PassageGradients {
                input: values::<B>(input),
                steps: values::<B>(steps),
                of_one_step: passage.used_one_step(&d_output, &d_state),
            });
        }
    }
}

/// The mode in which steps can be watched.
pub(super) fn mode(mode: Mode) -> Mode {
    match is_on() {
        true => Mode::default(),
        false => mode,
    }
}

fn values<B: Backend>(tensor: &FloatTensor<B>) -> Vec<f32> {
    let data = burn::tensor::read_sync(B::float_into_data(tensor.clone()));
    let data = data.expect("the tensor was computed").convert::<f32>();
    data.try_into_vec().expect("converted to f32")
}
