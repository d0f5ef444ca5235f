//! Series as the training loop sees them.

use super::series::Series;
use super::vary::Varied;
use elman_data::signal::Signal;
use std::borrow::Cow;

/// What is learned from: batches of like length, varied in every epoch.
#[derive(Debug)]
pub struct Training<'a, L> {
    /// The series.
    pub series: &'a Series<L>,
    /// Series in one batch.
    pub batch_size: usize,
    /// What the batches, the noise and the stretching follow from.
    pub seed: u64,
    /// How they are varied.
    pub varied: Varied,
}

impl<L> Clone for Training<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Training<'_, L> {}

/// One batch: these rows in this epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesBatch {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Rows of the training part.
    pub rows: Vec<usize>,
}

impl<L> Training<'_, L> {
    /// The batches of an epoch.
    pub fn batches(&self, epoch: usize) -> Vec<SeriesBatch> {
        elman_data::text::batches(&self.series.lengths(), self.batch_size, self.seed, epoch)
            .into_iter()
            .map(|rows| SeriesBatch { epoch, rows })
            .collect()
    }

    /// A series as it is read in an epoch, of `least` steps at least unless it has fewer.
    pub fn read(&self, row: usize, epoch: usize, least: usize) -> Cow<'_, Signal> {
        let signal = &self.series.signals[row];
        self.varied.read_in(signal, least, self.seed, epoch, row)
    }

    /// Which batch it is, for whoever looks for what is wrong with it; `noun` is what several series are called.
    pub fn describe(&self, batch: &SeriesBatch, noun: &str) -> String {
        let place = &self.series.places[batch.rows[0]];
        format!("one of its {noun} is {place}")
    }
}
