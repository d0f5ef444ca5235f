//! The nearest series without a network: by the values themselves.

use super::series::LabelledSeries;
use crate::task::Error;
use crate::task::likeness::{Among, Scored, distance, evaluate, pair_auc, paired};
use crate::train::loss::Distance;
use crate::train::{Event, Observer};
use elman_data::signal::{Signal, dtw_distances};
use std::sync::atomic::{AtomicBool, Ordering};

/// Comparisons of one step with another, `Σ T · T' · features`, that time warping may cost: some minutes.
const COMPARISONS: f64 = 2e11;

impl LabelledSeries {
    /// The nearest by Euclidean distance, by cosine and by dynamic time warping (Sakoe & Chiba, 1978), of series scaled as the
    /// network reads them. For the first two all series are brought to the same number of steps, the mean of the training part's,
    /// by straight lines. Time warping is left out where it would take too long.
    pub(super) fn compared(
        &self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(&'static str, Scored)>, Error> {
        let (train, test) = (&self.data.train, &self.data.test);
        let steps = train.lengths().iter().sum::<usize>() / train.len().max(1);
        let flat = |signal: &Signal| match signal.time() == steps {
            true => signal.values.clone(),
            false => signal.resampled(steps.max(1)).values,
        };
        let known: Vec<Vec<f32>> = train.signals.iter().map(flat).collect();
        let asked: Vec<Vec<f32>> = test.signals.iter().map(flat).collect();
        let (known_labels, labels) = (train.labels.concat(), test.labels.concat());
        let mut found = Vec::new();
        for (name, kind) in [
            ("nearest by Euclidean distance", Distance::Euclidean),
            ("nearest by cosine", Distance::Cosine),
        ] {
            let among = Among {
                vectors: &known,
                distance: kind,
            };
            let nearest = evaluate(&labels, &known_labels, |query| among.scores(&asked[query]));
            let closeness = |a: usize, b: usize| -distance(kind, &asked[a], &asked[b]);
            found.push((name, Scored::new(nearest, pair_auc(&labels, closeness))?));
        }
        if self.is_warped()
            && let Some(warped) = self.warped(stop, observer)
        {
            let nearest = evaluate(&labels, &known_labels, |query| {
                warped.to_train[query].clone()
            });
            let paired = paired(test.len());
            let place = |row: usize| paired.binary_search(&row).expect("it is one of them");
            let closeness = |a: usize, b: usize| {
                let (a, b) = (place(a), place(b));
                warped.to_later[a][b - a - 1]
            };
            let scored = Scored::new(nearest, pair_auc(&labels, closeness))?;
            found.push(("nearest by time warping", scored));
        }
        Ok(found)
    }

    /// Whether time warping is affordable.
    pub(super) fn is_warped(&self) -> bool {
        let (train, test) = (self.data.train.lengths(), self.data.test.lengths());
        let sum = |lengths: &[usize]| lengths.iter().sum::<usize>() as f64;
        let paired = paired(test.len()).into_iter().map(|row| test[row]);
        let pairs = sum(&paired.collect::<Vec<_>>()).powi(2) / 2.0;
        // A band of that width on either side of the diagonal.
        let share = self
            .config
            .warping
            .map_or(1.0, |share| (2.0 * share).min(1.0));
        let features = self.data.features() as f64;
        (sum(&test) * sum(&train) + pairs) * features * share <= COMPARISONS
    }

    /// How close test series are to training series, and to each other, by time warping. Nothing if it was stopped.
    fn warped(&self, stop: &AtomicBool, observer: &mut dyn Observer) -> Option<Warped> {
        let test: Vec<&Signal> = self.data.test.signals.iter().collect();
        let train: Vec<&Signal> = self.data.train.signals.iter().collect();
        let mut paired = paired(test.len()).into_iter().peekable();
        let close = |one: &Signal, others: &[&Signal]| -> Vec<f32> {
            let distances = dtw_distances(one, others, self.config.warping);
            distances.iter().map(|distance| -*distance as f32).collect()
        };
        let mut warped = Warped::default();
        for (row, one) in test.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            observer.on(&Event::Work {
                what: "comparing by time warping",
                done: row,
                total: test.len(),
            });
            warped.to_train.push(close(one, &train));
            if paired.next_if_eq(&row).is_some() {
                let later: Vec<&Signal> = paired.clone().map(|row| test[row]).collect();
                warped.to_later.push(close(one, &later));
            }
        }
        Some(warped)
    }
}

/// Negative distances of test series.
#[derive(Default)]
struct Warped {
    /// Of each from every training series.
    to_train: Vec<Vec<f32>>,
    /// Of each that is paired from the paired ones after it.
    to_later: Vec<Vec<f32>>,
}
