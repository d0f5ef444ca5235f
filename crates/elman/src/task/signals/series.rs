//! Series with what is to be learned of them.

use crate::inspect::Reading;
use elman_data::random::mix;
use elman_data::signal::{Preparation, Signal, Span};
use elman_data::text::{batches, padded_share};

/// The series of one part, each with what is to be learned of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<L> {
    /// The series as the network reads them.
    pub signals: Vec<Signal>,
    /// What is to be learned of each.
    pub labels: Vec<L>,
    /// Where they stand in which file.
    pub places: Vec<String>,
    /// Which steps of it they are made of.
    pub spans: Vec<Span>,
    /// How they were made ready.
    pub preparation: Preparation,
}

impl<L> Default for Series<L> {
    fn default() -> Self {
        Self {
            signals: Vec::new(),
            labels: Vec::new(),
            places: Vec::new(),
            spans: Vec::new(),
            preparation: Preparation::default(),
        }
    }
}

impl<L> Series<L> {
    /// None yet, of those that are made ready so.
    pub fn of(preparation: Preparation) -> Self {
        Self {
            preparation,
            ..Self::default()
        }
    }

    /// Which step of its file, from 1, a step of a series is, whose steps are numbered from 0.
    pub fn own_step(&self, row: usize, step: usize) -> usize {
        self.preparation.own_step(self.spans[row], step) + 1
    }

    /// What inspection reads at the first steps of a series, whose numbers are called so.
    pub(in crate::task) fn reading(&self, row: usize, steps: usize, names: &[String]) -> Reading {
        Reading::Series {
            names: names.to_vec(),
            steps: (0..steps).map(|step| self.own_step(row, step)).collect(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.signals.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// The steps of each.
    pub fn lengths(&self) -> Vec<usize> {
        self.signals.iter().map(Signal::time).collect()
    }

    /// One more.
    pub fn push(&mut self, signal: Signal, label: L, place: String, span: Span) {
        self.signals.push(signal);
        self.labels.push(label);
        self.places.push(place);
        self.spans.push(span);
    }

    /// Keeps those that are usable, and says how many are not.
    pub fn keep(&mut self, usable: impl Fn(&Signal, &L) -> bool) -> usize {
        let none = Self::of(self.preparation);
        let all = std::mem::replace(self, none);
        let before = all.len();
        let what = all.signals.into_iter().zip(all.labels);
        let whence = all.places.into_iter().zip(all.spans);
        for ((signal, label), (place, span)) in what.zip(whence) {
            if usable(&signal, &label) {
                self.push(signal, label, place, span);
            }
        }
        before - self.len()
    }

    /// A digest of the values and of what is to be learned, which `numbers` says of each.
    pub fn digest(&self, numbers: impl Fn(&L) -> Vec<u64>) -> u64 {
        let series = self.signals.iter().zip(&self.labels);
        let digests = series.map(|(signal, label)| {
            let values = signal.values.iter().map(|value| u64::from(value.to_bits()));
            mix(&values.chain(numbers(label)).collect::<Vec<_>>())
        });
        mix(&digests.collect::<Vec<_>>())
    }
}

/// The share of a batch that is padding, where series of such lengths are learned from in batches of such a size.
pub fn padding(lengths: &[usize], batch_size: usize) -> f64 {
    padded_share(lengths, &batches(lengths, batch_size.max(1), 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_usable_is_left_out_with_all_that_belongs_to_it() {
        let mut series = Series::default();
        for time in [3, 1, 2, 1] {
            let signal = Signal {
                values: vec![0.5; 2 * time],
                features: 2,
            };
            let span = Span {
                before: 0,
                steps: time,
                ..Span::default()
            };
            series.push(signal, 10 * time, format!("line {time}"), span);
        }
        let before = series.digest(|label| vec![*label as u64]);
        assert_eq!(series.keep(|signal, _| signal.time() > 1), 2);
        assert_eq!(series.lengths(), [3, 2]);
        assert_eq!(
            (series.labels.clone(), series.places.join(", ")),
            (vec![30, 20], "line 3, line 2".to_owned())
        );
        assert_eq!(series.spans[1].steps, 2);
        assert_ne!(before, series.digest(|label| vec![*label as u64]));
        assert_ne!(series.digest(|_| vec![1]), series.digest(|_| vec![2]));
    }
}
