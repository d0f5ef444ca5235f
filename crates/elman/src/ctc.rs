//! From a label for each step to a text: what a network trained with connectionist temporal classification says
//! (Graves, Fernández, Gomez & Schmidhuber, 2006).
//!
//! A path gives each step a label or the blank; a text is what is left of a path once equal neighbours are one and blanks are
//! gone.

use std::collections::BTreeMap;

/// The label that stands for none; those of the text follow it.
pub const BLANK: usize = 0;

/// A text and how likely it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Its labels, without blanks.
    pub labels: Vec<usize>,
    /// The logarithm of its probability: of the likeliest path for [`greedy`], of all paths that the beam kept for
    /// [`prefix_beam`].
    pub log_probability: f64,
    /// The step, from 0, at which each label was likeliest to begin.
    pub steps: Vec<usize>,
}

/// The text of the likeliest path.
///
/// # Shapes
/// - `log_probabilities`: `[time, labels]`, row by row
///
/// # Panics
/// If `labels` is 0 or does not divide the values.
pub fn greedy(log_probabilities: &[f32], labels: usize) -> Reading {
    let mut reading = Reading {
        labels: Vec::new(),
        log_probability: 0.0,
        steps: Vec::new(),
    };
    let mut before = BLANK;
    for (step, row) in rows(log_probabilities, labels).enumerate() {
        let best = (0..labels).rev().max_by(|a, b| row[*a].total_cmp(&row[*b]));
        let label = best.expect("there is a label");
        reading.log_probability += f64::from(row[label]);
        if label != BLANK && label != before {
            reading.labels.push(label);
            reading.steps.push(step);
        }
        before = label;
    }
    reading
}

/// The text of the likeliest path for a `width` of 1, else the likeliest text that a beam of that width finds.
///
/// # Panics
/// As [`prefix_beam`].
pub fn best(log_probabilities: &[f32], labels: usize, width: usize) -> Reading {
    match width {
        1 => greedy(log_probabilities, labels),
        width => prefix_beam(log_probabilities, labels, width).swap_remove(0),
    }
}

/// The likeliest texts, likeliest first, at most `width`: of each text the probabilities of all its paths are added
/// (Hannun, Maas, Jurafsky & Ng, 2014, without a language model). Equally likely ones come in the order of their labels.
///
/// # Shapes
/// - `log_probabilities`: `[time, labels]`, row by row
///
/// # Panics
/// If `labels` or `width` is 0, or `labels` does not divide the values.
pub fn prefix_beam(log_probabilities: &[f32], labels: usize, width: usize) -> Vec<Reading> {
    assert!(width > 0, "a beam is at least one wide");
    let mut beam = BTreeMap::from([(Vec::new(), Prefix::start())]);
    for (step, row) in rows(log_probabilities, labels).enumerate() {
        let row: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
        let mut next: BTreeMap<Vec<usize>, Prefix> = BTreeMap::new();
        for (text, prefix) in &beam {
            let total = prefix.total();
            let same = next
                .entry(text.clone())
                .or_insert_with(|| prefix.unreached());
            same.blank = add(same.blank, total + row[BLANK]);
            if let Some(last) = text.last() {
                same.label = add(same.label, prefix.label + row[*last]);
            }
            for label in (0..labels).filter(|label| *label != BLANK) {
                // The last label again is another one only after a blank.
                let reached = match text.last() == Some(&label) {
                    true => prefix.blank,
                    false => total,
                } + row[label];
                if reached == f64::NEG_INFINITY {
                    continue;
                }
                let mut longer = text.clone();
                longer.push(label);
                // What is in the beam already knows where its labels began.
                let known = || beam.get(&longer).map(Prefix::unreached);
                let reached_first = known().unwrap_or_else(|| prefix.longer(step));
                let entry = next.entry(longer).or_insert(reached_first);
                if reached > entry.best {
                    entry.best = reached;
                    *entry.steps.last_mut().expect("a label has a step") = step;
                }
                entry.label = add(entry.label, reached);
            }
        }
        beam = kept(next, width);
    }
    let readings = beam.into_iter().map(|(labels, prefix)| Reading {
        labels,
        log_probability: prefix.total(),
        steps: prefix.steps,
    });
    let mut readings: Vec<Reading> = readings.collect();
    readings.sort_by(|a, b| b.log_probability.total_cmp(&a.log_probability));
    readings
}

/// The paths that come to one text so far.
#[derive(Clone, Debug)]
struct Prefix {
    /// The logarithm of the probability of those that end with the blank.
    blank: f64,
    /// Of those that end with the last label.
    label: f64,
    /// The step at which each label began, and how likely the best beginning of the last one was.
    steps: Vec<usize>,
    best: f64,
}

impl Prefix {
    fn start() -> Self {
        Self {
            blank: 0.0,
            label: f64::NEG_INFINITY,
            steps: Vec::new(),
            best: f64::NEG_INFINITY,
        }
    }

    /// The same text one step later, before any path has come to it.
    fn unreached(&self) -> Self {
        Self {
            blank: f64::NEG_INFINITY,
            label: f64::NEG_INFINITY,
            ..self.clone()
        }
    }

    /// The text with one more label, which begins at `step`, before any path has come to it.
    fn longer(&self, step: usize) -> Self {
        let mut longer = self.unreached();
        longer.steps.push(step);
        longer.best = f64::NEG_INFINITY;
        longer
    }

    fn total(&self) -> f64 {
        add(self.blank, self.label)
    }
}

/// The likeliest of these texts; of equals those whose labels come first.
fn kept(next: BTreeMap<Vec<usize>, Prefix>, width: usize) -> BTreeMap<Vec<usize>, Prefix> {
    let mut all: Vec<(Vec<usize>, Prefix)> = next.into_iter().collect();
    all.sort_by(|a, b| b.1.total().total_cmp(&a.1.total()));
    all.truncate(width);
    all.into_iter().collect()
}

/// ln(eᵃ + eᵇ)
fn add(a: f64, b: f64) -> f64 {
    let (low, high) = (a.min(b), a.max(b));
    match low == f64::NEG_INFINITY {
        true => high,
        false => high + (low - high).exp().ln_1p(),
    }
}

fn rows(values: &[f32], labels: usize) -> impl Iterator<Item = &[f32]> {
    assert!(
        labels > 0 && values.len().is_multiple_of(labels),
        "{} values are no rows of {labels}",
        values.len()
    );
    values.chunks_exact(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The probability of every text, by trying every path.
    fn by_all_paths(values: &[f32], labels: usize) -> BTreeMap<Vec<usize>, f64> {
        let steps: Vec<&[f32]> = rows(values, labels).collect();
        let mut texts = BTreeMap::new();
        for mut number in 0..labels.pow(steps.len() as u32) {
            let (mut text, mut before, mut chance) = (Vec::new(), BLANK, 1.0);
            for step in &steps {
                let label = number % labels;
                number /= labels;
                chance *= f64::from(step[label]).exp();
                if label != BLANK && label != before {
                    text.push(label);
                }
                before = label;
            }
            *texts.entry(text).or_insert(0.0) += chance;
        }
        texts
    }

    fn logarithms(shares: &[f32], labels: usize) -> Vec<f32> {
        let row = |row: &[f32]| {
            let sum: f32 = row.iter().sum();
            row.iter()
                .map(|share| (share / sum).ln())
                .collect::<Vec<_>>()
        };
        shares.chunks(labels).flat_map(row).collect()
    }

    proptest! {
        #[test]
        fn a_wide_beam_finds_every_text_with_its_probability(shares in prop::collection::vec(0.01f32..1.0, 15)) {
            let values = logarithms(&shares, 3);
            let expected = by_all_paths(&values, 3);
            let found = prefix_beam(&values, 3, 1000);
            prop_assert_eq!(found.len(), expected.len());
            for reading in &found {
                let chance = expected[&reading.labels];
                prop_assert!((reading.log_probability.exp() - chance).abs() < 1e-6, "{:?}", reading);
                prop_assert_eq!(reading.steps.len(), reading.labels.len());
                prop_assert!(reading.steps.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", reading);
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].log_probability >= pair[1].log_probability));
            // A narrow beam says nothing likelier than it is.
            let narrow = &prefix_beam(&values, 3, 2)[0];
            prop_assert!(narrow.log_probability.exp() <= expected[&narrow.labels] + 1e-6);
        }
    }

    #[test]
    fn the_likeliest_text_need_not_be_that_of_the_likeliest_path() {
        // Two steps, blank 0.6 and a label 0.4 at each: the likeliest path is blank, but three of four paths say the label.
        let values = logarithms(&[0.6, 0.4, 0.6, 0.4], 2);
        assert_eq!(greedy(&values, 2).labels, [0usize; 0]);
        let best = &prefix_beam(&values, 2, 4)[0];
        assert_eq!(best.labels, [1]);
        assert!((best.log_probability.exp() - 0.64).abs() < 1e-6);
    }

    #[test]
    fn equal_neighbours_are_one_and_a_blank_parts_them() {
        let path = |labels: &[usize]| -> Vec<f32> {
            let row = |label: &usize| {
                (0..3)
                    .map(|k| if k == *label { 0.0 } else { -50.0 })
                    .collect::<Vec<_>>()
            };
            labels.iter().flat_map(row).collect()
        };
        let values = path(&[1, 1, 0, 1, 2, 2, 0, 0]);
        let reading = greedy(&values, 3);
        assert_eq!(reading.labels, [1, 1, 2]);
        assert_eq!(reading.steps, [0, 3, 4]);
        assert_eq!(reading.log_probability, 0.0);
        let best = &prefix_beam(&values, 3, 3)[0];
        assert_eq!(
            (&best.labels, &best.steps),
            (&reading.labels, &reading.steps)
        );
        assert_eq!(greedy(&[], 3).labels, [0usize; 0]);
        assert_eq!(prefix_beam(&[], 3, 3)[0].labels, [0usize; 0]);
    }
}
