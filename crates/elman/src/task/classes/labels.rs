//! The classes of a run, and what each weighs.

use crate::recipe;
use crate::run::RunFolder;
use crate::task::Error;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// From so many labels on, a label column is doubted that has hardly a label twice.
const MANY_CLASSES: usize = 50;

/// What the loss of each class is multiplied with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "`none`, `balanced`, or a table with a number for each label"
)]
pub enum ClassWeights {
    /// By a rule.
    Rule(WeightRule),
    /// By label; labels that are not named have 1.
    Given(BTreeMap<String, f64>),
}

/// How weights follow from the training part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightRule {
    /// Every text counts the same.
    None,
    /// Every class counts the same, however rare: `texts / (classes × texts of the class)`, as in scikit-learn.
    Balanced,
}

impl ClassWeights {
    /// What `key` says, if it can be meant.
    ///
    /// # Errors
    /// If a weight is no number above 0.
    pub fn check(&self, key: &str) -> Result<(), recipe::Error> {
        let Self::Given(weights) = self else {
            return Ok(());
        };
        let wrong = |weight: &f64| !(weight.is_finite() && *weight > 0.0);
        match weights.iter().find(|(_, weight)| wrong(weight)) {
            Some((label, weight)) => Err(recipe::Error::value(
                format!("{key}.{label}"),
                format!("is {weight}; a weight is a number above 0"),
            )),
            None => Ok(()),
        }
    }
}

/// The classes of a run: what `classes.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// The labels, in the order in which the model numbers them.
    pub labels: Vec<String>,
    /// What they are called.
    pub names: Vec<String>,
}

impl Classes {
    /// What a run remembers of its classes.
    pub const FILE: &'static str = "classes.json";

    /// The classes that a run remembers.
    ///
    /// # Errors
    /// If the file is missing or broken.
    pub fn remembered(run: &RunFolder) -> Result<Self, Error> {
        let classes: Self = run.read_json(Self::FILE)?;
        match !classes.labels.is_empty() && classes.labels.len() == classes.names.len() {
            true => Ok(classes),
            false => Err(run
                .damaged(Self::FILE, "it must have a name for each label")
                .into()),
        }
    }

    /// The classes of a training part, whose labels stand in `column`; `names` is what recipe key `key` calls them. Labels that
    /// are numbers come in their order.
    ///
    /// # Errors
    /// If there is one class only, if hardly a label comes twice, or if a name is given to a label that is no class.
    pub fn learn<'a>(
        labels: impl Iterator<Item = &'a str>,
        column: &str,
        names: (&str, &BTreeMap<String, String>),
    ) -> Result<Self, Error> {
        let (classes, rows) = Self::of(labels)?;
        let doubtful = classes.len() > MANY_CLASSES && classes.len() * 2 > rows;
        if doubtful {
            return Err(Error::input(format!(
                "the column `{column}` has {} different labels in {rows} rows: it looks like a text, not a class; name another as \
                 `label`",
                classes.len(),
            )));
        }
        classes.named(names)
    }

    /// The same where few labels need come twice.
    ///
    /// # Errors
    /// If there is one class only, or if a name is given to a label that is no class.
    pub fn learn_open<'a>(
        labels: impl Iterator<Item = &'a str>,
        names: (&str, &BTreeMap<String, String>),
    ) -> Result<Self, Error> {
        Self::of(labels)?.0.named(names)
    }

    fn of<'a>(labels: impl Iterator<Item = &'a str>) -> Result<(Self, usize), Error> {
        let mut rows = 0;
        let found: BTreeSet<&str> = labels.inspect(|_| rows += 1).collect();
        let mut labels: Vec<String> = found.into_iter().map(String::from).collect();
        if let [only] = labels.as_slice() {
            return Err(Error::input(format!(
                "all {rows} rows of the training part have the label `{only}`: with one class there is nothing to tell apart; add rows of \
                 another, or name another column as `label`",
            )));
        }
        let numbers: Option<Vec<i64>> = labels.iter().map(|label| label.parse().ok()).collect();
        if numbers.is_some() {
            labels.sort_by_key(|label| label.parse::<i64>().unwrap_or_default());
        }
        let names = labels.clone();
        Ok((Self { labels, names }, rows))
    }

    fn named(mut self, (key, names): (&str, &BTreeMap<String, String>)) -> Result<Self, Error> {
        self.check_known(key, names.keys())?;
        for (label, name) in self.labels.iter().zip(&mut self.names) {
            if let Some(given) = names.get(label) {
                name.clone_from(given);
            }
        }
        Ok(self)
    }

    /// Adds labels behind those that are known.
    pub fn add<'a>(&mut self, labels: impl Iterator<Item = &'a str>) {
        let mut known: HashSet<String> = self.labels.iter().cloned().collect();
        for label in labels {
            if known.insert(label.into()) {
                self.labels.push(label.into());
                self.names.push(label.into());
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never: one class is an error already.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of each label. It fails for a label that is no class; its second argument says where that stands.
    pub fn numbering(&self) -> impl Fn(&str, &dyn Fn() -> String) -> Result<usize, Error> {
        let numbered = self.labels.iter().zip(0..);
        let numbers: HashMap<&str, usize> = numbered
            .map(|(label, number)| (label.as_str(), number))
            .collect();
        move |label, place| {
            numbers
                .get(label)
                .copied()
                .ok_or_else(|| self.unknown(label, place()))
        }
    }

    fn unknown(&self, label: &str, place: String) -> Error {
        let labels = || self.labels.iter().map(String::as_str);
        let nearest = elman_data::nearest(label, labels())
            .map_or(".".into(), |near| format!("; did you mean `{near}`?"));
        let shown: Vec<&str> = labels().take(20).collect();
        Error::input(format!(
            "{place}: the label `{label}` is not in the training part{nearest} Its labels: {}. Correct it, leave the row out, or move \
             rows with that label to the training part (another split.seed does, where the rows are divided by split)",
            shown.join(", "),
        ))
    }

    /// What the loss of each class is multiplied with, for examples with these `labels`; `key` is the recipe's.
    ///
    /// # Errors
    /// If a weight is given to a label that is no class.
    pub fn weights(
        &self,
        rule: &ClassWeights,
        key: &str,
        labels: &[usize],
    ) -> Result<Vec<f64>, Error> {
        match rule {
            ClassWeights::Rule(WeightRule::None) => Ok(vec![1.0; self.len()]),
            ClassWeights::Rule(WeightRule::Balanced) => {
                let mut counts = vec![0usize; self.len()];
                labels.iter().for_each(|label| counts[*label] += 1);
                let weight =
                    |count: &usize| labels.len() as f64 / (self.len() * (*count).max(1)) as f64;
                Ok(counts.iter().map(weight).collect())
            }
            ClassWeights::Given(given) => {
                self.check_known(key, given.keys())?;
                let weight = |label| given.get(label).copied().unwrap_or(1.0);
                Ok(self.labels.iter().map(weight).collect())
            }
        }
    }

    /// How often each class comes among `labels`, the most frequent first: `good 12, bad 7`.
    pub fn counted(&self, labels: &[usize]) -> String {
        let mut counts = vec![0usize; self.len()];
        labels.iter().for_each(|label| counts[*label] += 1);
        let mut order: Vec<usize> = (0..counts.len()).collect();
        order.sort_by_key(|class| Reverse(counts[*class]));
        let shown = order.iter().take(10);
        let shown: Vec<String> = shown
            .map(|class| format!("{} {}", self.names[*class], counts[*class]))
            .collect();
        let rest = match order.len() {
            0..=10 => String::new(),
            more => format!(", and {} more classes", more - 10),
        };
        format!("{}{rest}", shown.join(", "))
    }

    fn check_known<'a>(
        &self,
        key: &str,
        mut labels: impl Iterator<Item = &'a String>,
    ) -> Result<(), Error> {
        match labels.find(|label| !self.labels.contains(label)) {
            Some(label) => Err(recipe::Error::value(
                key,
                format!(
                    "names the label `{label}`, which the training part does not have; it has {}",
                    self.labels.join(", ")
                ),
            )
            .into()),
            None => Ok(()),
        }
    }
}
