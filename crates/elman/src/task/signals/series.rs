//! Series with what is to be learned of them.

use elman_data::random::mix;
use elman_data::signal::Signal;
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
}

impl<L> Default for Series<L> {
    fn default() -> Self {
        Self {
            signals: Vec::new(),
            labels: Vec::new(),
            places: Vec::new(),
        }
    }
}

impl<L> Series<L> {
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
    pub fn push(&mut self, signal: Signal, label: L, place: String) {
        self.signals.push(signal);
        self.labels.push(label);
        self.places.push(place);
    }

    /// Keeps those that are usable, and says how many are not.
    pub fn keep(&mut self, usable: impl Fn(&Signal, &L) -> bool) -> usize {
        let all = std::mem::take(self);
        let before = all.len();
        let rows = all.signals.into_iter().zip(all.labels).zip(all.places);
        for ((signal, label), place) in rows {
            if usable(&signal, &label) {
                self.push(signal, label, place);
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
            series.push(signal, 10 * time, format!("line {time}"));
        }
        let before = series.digest(|label| vec![*label as u64]);
        assert_eq!(series.keep(|signal, _| signal.time() > 1), 2);
        assert_eq!(series.lengths(), [3, 2]);
        assert_eq!(
            (series.labels.clone(), series.places.join(", ")),
            (vec![30, 20], "line 3, line 2".to_owned())
        );
        assert_ne!(before, series.digest(|label| vec![*label as u64]));
        assert_ne!(series.digest(|_| vec![1]), series.digest(|_| vec![2]));
    }
}
