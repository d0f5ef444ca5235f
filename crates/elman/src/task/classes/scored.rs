use crate::baseline::text::likeliest;
use crate::metric::classes::{ClassMetrics, Confusion};
use crate::task::Error;
use crate::train::Evaluation;
use crate::train::loss::CrossEntropy;
use std::collections::BTreeMap;

/// A classifier's answers on the test part, measured.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The probability of each class for each example.
    pub answers: Vec<Vec<f64>>,
    /// The likeliest class of each.
    pub predicted: Vec<usize>,
    /// Which class was taken for which.
    pub confusion: Confusion,
    /// How well it did.
    pub metrics: ClassMetrics,
    /// Numbers that were learned.
    pub parameters: usize,
}

impl Scored {
    /// Measures answers on examples whose classes are known.
    ///
    /// # Errors
    /// If there is no example.
    pub fn new(
        answers: Vec<Vec<f64>>,
        labels: &[usize],
        classes: usize,
        parameters: usize,
    ) -> Result<Self, Error> {
        let predicted: Vec<usize> = answers.iter().map(|shares| likeliest(shares)).collect();
        let pairs = labels.iter().copied().zip(predicted.iter().copied());
        let confusion = Confusion::new(classes, pairs);
        let metrics = confusion
            .metrics()
            .ok_or_else(|| Error::input("there is nothing to judge by"))?;
        Ok(Self {
            answers,
            predicted,
            confusion,
            metrics,
            parameters,
        })
    }
}

/// The loss of answers, its share of right ones and their macro F1, as an epoch is judged by; nothing if there are no answers.
pub(in crate::task) fn evaluation(
    answers: &[Vec<f64>],
    labels: &[usize],
    criterion: &CrossEntropy,
    classes: usize,
) -> Option<Evaluation> {
    let (mut loss, mut total) = (0.0, 0.0);
    for (shares, label) in answers.iter().zip(labels) {
        let weights = criterion.class_weights.as_ref();
        let weight = weights.map_or(1.0, |weights| f64::from(weights[*label]));
        loss -= weight * shares[*label].max(f64::from(f32::MIN_POSITIVE)).ln();
        total += weight;
    }
    let found = answers.iter().map(|shares| likeliest(shares));
    let metrics = Confusion::new(classes, labels.iter().copied().zip(found)).metrics()?;
    Some(Evaluation {
        loss: if total > 0.0 { loss / total } else { 0.0 },
        metrics: BTreeMap::from([
            ("accuracy".to_string(), metrics.accuracy),
            ("macro_f1".to_string(), metrics.macro_f1),
        ]),
    })
}
