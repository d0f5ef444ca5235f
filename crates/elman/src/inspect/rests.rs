//! Which steps an answer rests on.

use super::specimen::Specimen;
use crate::ops::Passage;
use burn::prelude::Device;
use std::ops::Range;

/// Answers that are asked for at most: longer sequences are hidden some steps at a time.
const MOST_ASKED: usize = 64;

/// How much each step that was read adds to an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Rests {
    /// The gradient of the answer with respect to what the first recurrent layer read, times that: what each step adds, to first
    /// order (Shrikumar et al. 2016, *Not just a black box*; Denil et al. 2014). Nothing where something else than a recurrent
    /// layer reads the steps.
    pub gradient: Option<Vec<f64>>,
    /// By how much the answer falls where the step is hidden (Zeiler & Fergus 2014; Li, Monroe & Jurafsky 2016, *Understanding
    /// neural networks through representation erasure*). Nothing where steps cannot be hidden, or it was not asked for.
    pub hidden: Option<Vec<f64>>,
    /// Steps that were hidden at a time; 0 where none were.
    pub together: usize,
}

impl Rests {
    /// The steps, those first that the answer rests on most: by hiding, or else by the gradient.
    pub fn order(&self) -> Vec<usize> {
        let Some(values) = self.hidden.as_ref().or(self.gradient.as_ref()) else {
            return Vec::new();
        };
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*b].abs().total_cmp(&values[*a].abs()));
        order
    }
}

/// Steps of so many that are hidden at a time.
pub fn together(steps: usize) -> usize {
    steps.div_ceil(MOST_ASKED).max(1)
}

/// The passages that read an example's `steps` first.
pub fn readers(passages: &[Passage], steps: usize) -> Vec<&Passage> {
    let reads = |passage: &&Passage| {
        passage.dims.batch == 1 && passage.length(0) == steps && passage.name.contains("layer 1.")
    };
    let Some(first) = passages.iter().find(reads) else {
        return Vec::new();
    };
    let of_it = |passage: &&Passage| reads(passage) && passage.input == first.input;
    passages.iter().filter(of_it).collect()
}

/// Gradient times input, summed over what each step consists of.
pub fn by_gradient(passages: &[Passage], steps: usize) -> Option<Vec<f64>> {
    let readers = readers(passages, steps);
    let mut sums = vec![0.0; steps];
    for passage in &readers {
        let gradients = passage.gradients.as_ref()?;
        let size = passage.dims.input;
        for (step, sum) in sums.iter_mut().enumerate() {
            let gradient = &gradients.input[step * size..][..size];
            let products = gradient.iter().zip(passage.read(0, step));
            *sum += products
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>();
        }
    }
    (!readers.is_empty()).then_some(sums)
}

/// By how much the answer falls where steps are hidden; `asked` is told how many of how many answers are in.
pub fn by_hiding<M>(
    model: &M,
    specimen: &Specimen<'_, M>,
    steps: usize,
    asked: &mut dyn FnMut(usize, usize),
) -> Vec<f64> {
    let device = Device::default();
    let value = |hidden: Option<&Range<usize>>| {
        let answer = (specimen.ask)(model, hidden, &device);
        f64::from(answer.value.into_scalar::<f32>())
    };
    let whole = value(None);
    let wide = together(steps);
    let all = steps.div_ceil(wide);
    let mut falls = Vec::with_capacity(steps);
    for (index, start) in (0..steps).step_by(wide).enumerate() {
        let range = start..(start + wide).min(steps);
        let fall = whole - value(Some(&range));
        falls.extend(range.map(|_| fall));
        asked(index + 1, all);
    }
    falls
}
