//! Many recipes from one: every combination of values of some keys, or some combinations drawn at random.
//!
//! ```
//! use elman::sweep::{Axis, Choice, plan};
//!
//! let axes = [Axis::parse("model.hidden_size=16,32")?, Axis::parse("model.cell=gru,lstm")?];
//! let plan = plan(&axes, Choice::All)?;
//! assert_eq!(plan.len(), 4);
//! assert_eq!(plan[1].changes, ["model.hidden_size=16", "model.cell=lstm"]);
//! assert_eq!(plan[1].folder, "002-hidden_size=16-cell=lstm");
//! # Ok::<(), elman::sweep::Error>(())
//! ```

use elman_data::random::Stream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most runs of one sweep.
pub const MOST: usize = 10_000;
/// Letters of a folder's name that say what the run is.
const LETTERS: usize = 60;
/// Draws for each combination that is wanted, after which those that are left are taken to be none.
const DRAWS: usize = 100;

/// Why a sweep cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An axis is not `key=value,value`.
    #[error(
        "`--over {text}` {problem}; give a key and its values, such as model.hidden_size=32,64,128 or, with --random, a \
         range such as train.optimizer.learning_rate=1e-4..1e-2"
    )]
    Axis {
        /// The axis as given.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A key is swept twice.
    #[error("`{key}` is given to --over twice; give all its values at once, separated by commas")]
    Twice {
        /// The key.
        key: String,
    },
    /// Every combination is to be made, but a range has no end of values.
    #[error(
        "`{key}` is a range, which holds too many values to try all: draw some with --random N, or list values, separated \
         by commas"
    )]
    Range {
        /// The key.
        key: String,
    },
    /// There are too many combinations.
    #[error("that makes more than {MOST} runs: draw some of them with --random N")]
    TooMany,
    /// There is just one.
    #[error("that makes one run only: give more values, or use `elman train`")]
    One,
}

/// A key and the values that it is to have.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    key: String,
    values: Values,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Listed(Vec<String>),
    /// Numbers from the lowest to the highest.
    Range {
        low: f64,
        high: f64,
        whole: bool,
    },
}

/// Which combinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Every one.
    All,
    /// So many that are drawn at random: from a range above zero with the same chance for every factor (evenly on a
    /// logarithmic scale), from other ranges evenly, from a list any value. Those of a smaller count are among those of a
    /// larger one.
    Random {
        /// How many; fewer where there are no more.
        count: usize,
        /// What the draws follow from.
        seed: u64,
    },
}

/// One recipe of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The folder of its run, within that of the sweep.
    pub folder: String,
    /// What it changes, as `key=value`.
    pub changes: Vec<String>,
}

impl Axis {
    /// Reads `key=value,value,…` or `key=low..high`. Commas within brackets and quotes do not divide.
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Axis {
            text: text.into(),
            problem: problem.into(),
        };
        let (key, values) = text.split_once('=').ok_or_else(|| wrong("has no `=`"))?;
        let key = key.trim();
        if key.is_empty() {
            return Err(wrong("has no key"));
        }
        let values = values.trim();
        let values = match range(values) {
            Some(range) => range.map_err(|problem| wrong(&problem))?,
            None => Values::Listed(listed(values).map_err(|problem| wrong(&problem))?),
        };
        Ok(Self {
            key: key.into(),
            values,
        })
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn draw(&self, stream: &mut Stream) -> String {
        match &self.values {
            Values::Listed(values) => values[stream.below(values.len())].clone(),
            Values::Range { low, high, whole } => {
                // A whole number stands for all that round down to it, the highest too.
                let high = if *whole { high + 1.0 } else { *high };
                let share = stream.unit();
                let value = match *low > 0.0 {
                    true => low * (high / low).powf(share),
                    false => low + (high - low) * share,
                };
                match whole {
                    true => (value.floor().min(high - 1.0) as i64).to_string(),
                    false => format!("{value:.3e}"),
                }
            }
        }
    }
}

/// `low..high`, if it is that.
fn range(text: &str) -> Option<Result<Values, String>> {
    if text.starts_with(['"', '\'', '[']) {
        return None;
    }
    let (low, high) = text.split_once("..")?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let (low_number, high_number) = match (number(low), number(high)) {
        (None, None) => return None, // two dots of a path
        (Some(low), Some(high)) => (low, high),
        _ => return Some(Err("is a range of what are not two numbers".into())),
    };
    if low_number >= high_number {
        return Some(Err("is a range whose end is not above its beginning".into()));
    }
    let is_whole = |text: &str| text.trim().parse::<i64>().is_ok();
    Some(Ok(Values::Range {
        low: low_number,
        high: high_number,
        whole: is_whole(low) && is_whole(high),
    }))
}

/// Values between commas that are in no brackets and no quotes.
fn listed(text: &str) -> Result<Vec<String>, String> {
    let (mut values, mut depth, mut quote) = (vec![String::new()], 0usize, None);
    for letter in text.chars() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(letter),
            ('[' | '{', None) => depth += 1,
            (']' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                values.push(String::new());
                continue;
            }
            _ => {}
        }
        values.last_mut().expect("there is one").push(letter);
    }
    let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err("has an empty value".into());
    }
    let mut known = BTreeSet::new();
    match values.iter().find(|value| !known.insert(*value)) {
        Some(twice) => Err(format!("has the value {twice} twice")),
        None => Ok(values),
    }
}

/// The recipes of a sweep, in the order in which they are to be trained.
///
/// # Errors
/// If a key is there twice, or the combinations are too many or just one.
pub fn plan(axes: &[Axis], choice: Choice) -> Result<Vec<Planned>, Error> {
    let mut keys = BTreeSet::new();
    if let Some(twice) = axes.iter().find(|axis| !keys.insert(&axis.key)) {
        let key = twice.key.clone();
        return Err(Error::Twice { key });
    }
    let combinations = match choice {
        Choice::All => every(axes)?,
        Choice::Random { count, seed } => drawn(axes, count, seed)?,
    };
    if combinations.len() < 2 {
        return Err(Error::One);
    }
    let planned = combinations.into_iter().enumerate();
    Ok(planned
        .map(|(index, values)| Planned {
            folder: folder(index + 1, axes, &values),
            changes: axes
                .iter()
                .zip(&values)
                .map(|(axis, value)| format!("{}={value}", axis.key))
                .collect(),
        })
        .collect())
}

fn every(axes: &[Axis]) -> Result<Vec<Vec<String>>, Error> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for axis in axes {
        let Values::Listed(values) = &axis.values else {
            let key = axis.key.clone();
            return Err(Error::Range { key });
        };
        if all.len().saturating_mul(values.len()) > MOST {
            return Err(Error::TooMany);
        }
        let longer = all.iter().flat_map(|before| {
            let with = |value: &String| [before.as_slice(), std::slice::from_ref(value)].concat();
            values.iter().map(with)
        });
        all = longer.collect();
    }
    Ok(all)
}

fn drawn(axes: &[Axis], count: usize, seed: u64) -> Result<Vec<Vec<String>>, Error> {
    if count > MOST {
        return Err(Error::TooMany);
    }
    let (mut known, mut found) = (BTreeSet::new(), Vec::new());
    for draw in 0..count.saturating_mul(DRAWS) as u64 {
        if found.len() == count {
            break;
        }
        let mut stream = Stream::new(&[seed, draw]);
        let values: Vec<String> = axes.iter().map(|axis| axis.draw(&mut stream)).collect();
        if known.insert(values.clone()) {
            found.push(values);
        }
    }
    Ok(found)
}

/// `007-hidden_size=32-cell=lstm`: what any file system takes as a name.
fn folder(number: usize, axes: &[Axis], values: &[String]) -> String {
    let mut name = String::new();
    for (axis, value) in axes.iter().zip(values) {
        let key = axis.key.rsplit('.').next().unwrap_or(&axis.key);
        name += &format!("-{key}={}", value.trim_matches(['"', '\'']));
    }
    let plain = |letter: char| match letter {
        '.' | '_' | '=' | '-' | '+' => letter,
        letter if letter.is_alphanumeric() => letter,
        _ => '_',
    };
    let name: String = name.chars().map(plain).take(LETTERS).collect();
    format!("{number:03}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(texts: &[&str]) -> Vec<Axis> {
        texts
            .iter()
            .map(|text| Axis::parse(text).unwrap())
            .collect()
    }

    #[test]
    fn a_grid_has_every_combination_once_and_the_last_key_changes_fastest() {
        let plan = plan(&axes(&["a.b=1, 2", "c=[1,2],'x,y',z"]), Choice::All).unwrap();
        let changes: Vec<String> = plan.iter().map(|one| one.changes.join(" ")).collect();
        let wanted = [
            "a.b=1 c=[1,2]",
            "a.b=1 c='x,y'",
            "a.b=1 c=z",
            "a.b=2 c=[1,2]",
            "a.b=2 c='x,y'",
            "a.b=2 c=z",
        ];
        assert_eq!(changes, wanted);
        assert_eq!(plan[0].folder, "001-b=1-c=_1_2_");
        assert_eq!(plan[4].folder, "005-b=2-c=x_y");
    }

    #[test]
    fn draws_are_in_their_ranges_and_even_on_a_logarithmic_scale() {
        let axes = axes(&[
            "rate=1e-4..1e-2",
            "units=8..64",
            "drop=0..0.5",
            "cell=gru,lstm",
        ]);
        let draw = |count, seed| plan(&axes, Choice::Random { count, seed }).unwrap();
        let plan = draw(400, 7);
        assert_eq!(plan.len(), 400);
        let value = |one: &Planned, at: usize| {
            let text = one.changes[at].split_once('=').unwrap().1;
            text.parse::<f64>().unwrap()
        };
        let share = |at: usize, below: f64| {
            let count = plan.iter().filter(|one| value(one, at) < below).count();
            count as f64 / plan.len() as f64
        };
        for one in &plan {
            assert!((1e-4..=1e-2).contains(&value(one, 0)));
            assert!((8.0..=64.0).contains(&value(one, 1)) && !one.changes[1].contains('.'));
            assert!((0.0..=0.5).contains(&value(one, 2)));
        }
        assert!((share(0, 1e-3) - 0.5).abs() < 0.08, "half of the factors");
        assert!((share(2, 0.25) - 0.5).abs() < 0.08, "half of the values");
        assert!(plan.iter().any(|one| one.changes[1] == "units=8"));
        assert_eq!(draw(10, 7), plan[..10], "more draws only add");
        assert_ne!(draw(10, 8), plan[..10]);
    }

    #[test]
    fn what_is_drawn_from_few_values_is_drawn_once() {
        let few = axes(&["a=1..3", "b=x,y"]);
        let count = 50;
        assert_eq!(
            plan(&few, Choice::Random { count, seed: 1 }).unwrap().len(),
            6
        );
    }

    #[test]
    fn what_makes_no_sweep_is_refused() {
        for text in [
            "a", "=1", "a=", "a=1,,2", "a=1,1", "a=2..1", "a=1..", "a=nan..1",
        ] {
            let error = Axis::parse(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`--over {text}`")), "{error}");
        }
        let refused = |texts: &[&str], choice| plan(&axes(texts), choice).unwrap_err();
        let all = Choice::All;
        assert_eq!(refused(&["a=1"], all), Error::One);
        assert_eq!(
            refused(&["a=1,2", "a=3,4"], all),
            Error::Twice { key: "a".into() }
        );
        assert_eq!(refused(&["a=1..2"], all), Error::Range { key: "a".into() });
        let hundred: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let [a, b, c] = ["a", "b", "c"].map(|key| format!("{key}={}", hundred.join(",")));
        assert_eq!(refused(&[&a, &b, &c], all), Error::TooMany);
        assert_eq!(plan(&axes(&[&a, &b]), all).unwrap().len(), MOST);
        let random = Choice::Random {
            count: usize::MAX,
            seed: 0,
        };
        assert_eq!(refused(&[&a], random), Error::TooMany);
    }

    #[test]
    fn long_values_make_names_that_files_can_have() {
        let long = format!("a={},b/../c", "가".repeat(300));
        let plan = plan(&axes(&[&long]), Choice::All).unwrap();
        assert!(
            plan.iter()
                .all(|one| one.folder.len() < 250 && !one.folder.contains('/'))
        );
    }
}
