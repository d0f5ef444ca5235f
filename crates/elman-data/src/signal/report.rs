//! What was read and what was left out.

use std::fmt;

use crate::{Error, names};

/// Broken sequences whose messages are kept.
const FIRST: usize = 5;

/// What [`read_signals`](super::read_signals) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignalReport {
    /// Files read.
    pub files: usize,
    /// Sequences that can be used.
    pub examples: usize,
    /// Steps of the shortest and of the longest of them.
    pub lengths: Option<(usize, usize)>,
    /// Numbers in a vector.
    pub features: usize,
    /// The names of the features, where files name them.
    pub channels: Vec<String>,
    /// Of tables, the fewest and the most cells in a row that fits the others.
    pub columns: Option<(usize, usize)>,
    /// Tables that were read without the column of labels that those learned from have.
    pub unlabelled: usize,
    /// Columns that hold no numbers and were passed over.
    pub left_out: Vec<String>,
    /// Where the first archive says so whose labels are numbers to be learned, not classes.
    pub numbers: Option<String>,
    /// Steps of NaN at the ends of sequences, which only made them as long as others.
    pub padding: usize,
    /// Values from 2^53 on, where not every whole number has a floating point number of 64 bits.
    pub beyond: usize,
    /// Where scaling is left out, neighbouring values that differ, but are the same number of 32 bits.
    pub merged: usize,
    /// Steps that are in none of the windows their sequences were cut into.
    pub cut_off: usize,
    /// Rows of `labels` that repeat what a row before them says of the same file.
    pub repeated: usize,
    /// Sequences whose id another file has, too: each file's rows are a sequence of their own.
    pub shared_ids: SharedIds,
    /// Sequences, files and rows of labels that were left out because of `broken = "skip"`.
    pub broken: usize,
    /// What is wrong with the first of them.
    pub first_broken: Vec<String>,
}

/// Ids that are in more than one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedIds {
    /// How many sequences have the id of one in an earlier file.
    pub count: usize,
    /// The first such id, and the two files.
    pub first: Option<(String, [String; 2])>,
}

impl SignalReport {
    /// Cells in a row of the tables that were read; nothing where rows differ, or there is no table.
    pub fn learned_columns(&self) -> Option<usize> {
        let same = |(fewest, most): &(usize, usize)| fewest == most;
        self.columns.filter(same).map(|(count, _)| count)
    }

    /// Whether something is to be said to whoever asks for answers.
    pub fn is_notable(&self) -> bool {
        self.broken > 0 || self.unlabelled > 0 || self.beyond > 0 || self.merged > 0
    }

    pub(super) fn add_broken(&mut self, error: &Error) {
        self.broken += 1;
        if self.first_broken.len() < FIRST {
            self.first_broken.push(error.to_string());
        }
    }
}

impl fmt::Display for SignalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize, one: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {one}s"),
        };
        write!(
            f,
            "{} of {}",
            plural(self.examples, "sequence"),
            plural(self.features, "feature")
        )?;
        match self.lengths {
            Some((short, long)) if short == long => {
                write!(f, ", each of {}", plural(short, "step"))?
            }
            Some((short, long)) => write!(f, ", {short} to {long} steps")?,
            None => {}
        }
        writeln!(f, ", from {}", plural(self.files, "file"))?;
        if self.unlabelled > 0 {
            writeln!(
                f,
                "read without a column of labels: {}",
                plural(self.unlabelled, "table")
            )?;
        }
        if !self.left_out.is_empty() {
            let names = self.left_out.iter().map(String::as_str);
            writeln!(f, "no numbers in the columns: {}", names::list(names, 10))?;
        }
        if self.padding > 0 {
            writeln!(
                f,
                "{} of NaN at the ends of sequences, which made them as long as others, left out",
                plural(self.padding, "step")
            )?;
        }
        if self.beyond > 0 {
            writeln!(
                f,
                "from 2^53 on, where numbers of 64 bits do not tell neighbouring whole numbers apart: {}; a column of identifiers \
                 belongs in data.id or data.fields",
                plural(self.beyond, "value")
            )?;
        }
        if self.merged > 0 {
            writeln!(
                f,
                "{} from the one before, but by less than 32 bits hold, and without scaling become the same: set data.scale to \
                 \"set\" or \"series\"",
                match self.merged {
                    1 => "1 value differs".into(),
                    count => format!("{count} values differ"),
                }
            )?;
        }
        if self.cut_off > 0 {
            writeln!(
                f,
                "{} at the ends of sequences, too few for a window, left out",
                plural(self.cut_off, "step")
            )?;
        }
        if self.repeated > 0 {
            writeln!(
                f,
                "rows of data.labels that name a file again, with the same labels: {}; each file is read once",
                self.repeated
            )?;
        }
        if let Some((id, [one, other])) = &self.shared_ids.first {
            writeln!(
                f,
                "sequences whose id another file has, too: {} (first \"{id}\", in `{one}` and `{other}`); each file's rows are a \
                 sequence of their own. If they are parts of one, put them into one file",
                self.shared_ids.count
            )?;
        }
        if self.broken > 0 {
            writeln!(f, "left out as broken: {}", self.broken)?;
            self.first_broken
                .iter()
                .try_for_each(|message| writeln!(f, "  {message}"))?;
            if self.broken > self.first_broken.len() {
                writeln!(f, "  … and {} more", self.broken - self.first_broken.len())?;
            }
        }
        Ok(())
    }
}
