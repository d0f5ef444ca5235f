//! Texts as bags of counts.

use elman_data::Ragged;
use std::collections::HashMap;

/// The runs of tokens that are counted, known from the training texts alone: single tokens, and with a longest run of two
/// also pairs that stand side by side.
#[derive(Debug, Clone)]
pub struct CountFeatures {
    longest: usize,
    places: HashMap<Box<[u32]>, u32>,
}

/// The counts of several texts, each in rising order of its features.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Where each text's entries begin, and where the last one's end.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl CountFeatures {
    /// The runs of up to `longest` tokens in `texts`: of the runs of two and more, those that occur at least twice; at
    /// most `most` of all, the most frequent (ties: the smaller numbers).
    pub fn learn(texts: &Ragged<u32>, longest: usize, most: usize) -> Self {
        let mut found: HashMap<&[u32], usize> = HashMap::new();
        for text in texts.iter() {
            for run in runs(text, longest) {
                *found.entry(run).or_default() += 1;
            }
        }
        let mut found: Vec<_> = found
            .into_iter()
            .filter(|(run, count)| run.len() == 1 || *count > 1)
            .collect();
        found.sort_unstable_by(|(a, many), (b, few)| few.cmp(many).then_with(|| a.cmp(b)));
        found.truncate(most);
        let places = found.into_iter().map(|(run, _)| run.into()).zip(0..);
        Self {
            longest,
            places: places.collect(),
        }
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none: the training texts were empty.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The counts of one text, in rising order of the features; tokens never seen in training count for nothing.
    pub fn count(&self, text: &[u32]) -> Vec<(u32, f32)> {
        let known = runs(text, self.longest).filter_map(|run| self.places.get(run));
        let mut features: Vec<u32> = known.copied().collect();
        features.sort_unstable();
        let same = features.chunk_by(|a, b| a == b);
        same.map(|run| (run[0], run.len() as f32)).collect()
    }

    /// The counts of several texts.
    pub fn count_all(&self, texts: &Ragged<u32>) -> Counts {
        texts.iter().map(|text| self.count(text)).collect()
    }
}

/// From the counts of each text, in rising order of its features.
impl FromIterator<Vec<(u32, f32)>> for Counts {
    fn from_iter<I: IntoIterator<Item = Vec<(u32, f32)>>>(texts: I) -> Self {
        let mut counts = Counts {
            starts: vec![0],
            entries: Vec::new(),
        };
        for text in texts {
            counts.entries.extend(text);
            counts.starts.push(counts.entries.len());
        }
        counts
    }
}

impl Counts {
    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The counts of one text.
    pub fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }

    /// The texts in which each of `features` features occurs, in rising order, with its count there.
    pub(super) fn by_feature(&self, features: usize) -> Self {
        let mut starts = vec![0; features + 1];
        for (feature, _) in &self.entries {
            starts[*feature as usize + 1] += 1;
        }
        for feature in 0..features {
            starts[feature + 1] += starts[feature];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for row in 0..self.len() {
            for (feature, count) in self.row(row) {
                let place = &mut next[*feature as usize];
                entries[*place] = (row as u32, *count);
                *place += 1;
            }
        }
        Self { starts, entries }
    }
}

/// All runs of 1 to `longest` tokens.
fn runs(text: &[u32], longest: usize) -> impl Iterator<Item = &[u32]> {
    (1..=longest).flat_map(|length| text.windows(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_pairs_are_counted_by_their_frequency_in_training() {
        let texts = [vec![5, 7, 5, 7], vec![7, 9], vec![]];
        let texts: Ragged<u32> = texts.into_iter().collect();
        let single = CountFeatures::learn(&texts, 1, 100);
        // 7 thrice, 5 twice, 9 once
        assert_eq!(single.count(&[9, 5, 4, 9]), [(1, 1.0), (2, 2.0)]);
        let pairs = CountFeatures::learn(&texts, 2, 100);
        // [5 7] occurs twice; [7 5] and [7 9] once, and are left out
        assert_eq!(pairs.len(), 4);
        assert_eq!(pairs.count(&[5, 7, 9]).len(), 4);
        assert_eq!(pairs.count(&[7, 5, 9]).len(), 3);
        assert_eq!(CountFeatures::learn(&texts, 2, 2).len(), 2);

        let rows = pairs.count_all(&texts);
        assert_eq!(rows.len(), 3);
        assert!(rows.row(2).is_empty());
        let columns = rows.by_feature(4);
        assert_eq!(columns.row(0), [(0, 2.0), (1, 1.0)]);
        let entries = |counts: &Counts| {
            (0..counts.len())
                .map(|row| counts.row(row).len())
                .sum::<usize>()
        };
        assert_eq!(entries(&columns), entries(&rows));
        assert_eq!(columns.by_feature(3).entries, rows.entries);
    }
}
