//! A training between two steps, in one file.
//!
//! One safetensors file holds it all: weights, optimizer state, carried states and best weights as tensors, the rest
//! as JSON in the header. It is replaced as a whole, so that a process killed at any moment leaves a whole one.

use super::error::Error;
use super::optimizer::OptimizerRecord;
use super::progress::Progress;
use crate::weights::TensorFile;
use burn::tensor::TensorData;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The one key of the file's header.
const KEY: &str = "elman.checkpoint";
/// Changes whenever a checkpoint of one version cannot be gone on from by the other.
const VERSION: u32 = 1;

/// All that a training needs to go on to the same bits.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) identity: Identity,
    pub(crate) progress: Progress,
    pub(crate) model: BTreeMap<String, TensorData>,
    pub(crate) optimizer: OptimizerRecord,
    pub(crate) carry: Option<Vec<TensorData>>,
    /// The weights of the best epoch, if there is one.
    pub(crate) best: Option<BTreeMap<String, TensorData>>,
}

/// What must be the same when a training goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    /// The training configuration, less what may change.
    pub(crate) train: Value,
    /// The objective's own.
    pub(crate) fingerprint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
    identity: Identity,
    progress: Progress,
    optimizer_parameters: Vec<String>,
    optimizer_counters: BTreeMap<String, u64>,
    carried: Option<usize>,
}

impl Checkpoint {
    pub(crate) fn write(self, path: &Path) -> Result<(), Error> {
        let header = Header {
            version: VERSION,
            identity: self.identity,
            optimizer_parameters: self.optimizer.parameters,
            optimizer_counters: self.optimizer.counters,
            carried: self.carry.as_ref().map(Vec::len),
            progress: self.progress,
        };
        let mut file = TensorFile::default();
        let mut add = |part: &str, name: String, data| {
            file.tensors.insert(format!("{part}/{name}"), data);
        };
        // The best weights are kept apart only where they are not the current ones.
        let best = self.best.filter(|_| !header.progress.at_best());
        for (name, data) in best.into_iter().flatten() {
            add("best", name, data);
        }
        for (name, data) in self.model {
            add("model", name, data);
        }
        for (name, data) in self.optimizer.tensors {
            add("optimizer", name, data);
        }
        for (index, data) in self.carry.into_iter().flatten().enumerate() {
            add("carry", index.to_string(), data);
        }
        let header = serde_json::to_string(&header).expect("a header is finite numbers and text");
        file.metadata.insert(KEY.to_owned(), header);
        Ok(file.write(path)?)
    }

    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Err(Error::CheckpointMissing {
                path: path.to_owned(),
            });
        }
        let mut file = TensorFile::read(path)?;
        let foreign = |reason: String| Error::CheckpointForeign {
            path: path.to_owned(),
            reason,
        };
        let header = file
            .metadata
            .get(KEY)
            .ok_or_else(|| foreign("it holds tensors, but no state of a training".to_owned()))?;
        let version = serde_json::from_str::<Value>(header).map(|header| header["version"].clone());
        match version {
            Ok(version) if version == VERSION => {}
            Ok(version) => {
                let message = format!("its format is version {version}, this program's {VERSION}");
                return Err(foreign(message));
            }
            Err(error) => return Err(foreign(format!("its header is damaged ({error})"))),
        }
        let header: Header = serde_json::from_str(header)
            .map_err(|error| foreign(format!("its header is damaged ({error})")))?;
        let mut part = |part: &str| -> BTreeMap<String, TensorData> {
            let prefix = format!("{part}/");
            let taken = file
                .tensors
                .extract_if(.., |name, _| name.starts_with(&prefix));
            taken
                .map(|(name, data)| (name[prefix.len()..].to_owned(), data))
                .collect()
        };
        let (model, mut carry, best) = (part("model"), part("carry"), part("best"));
        let optimizer = OptimizerRecord {
            parameters: header.optimizer_parameters,
            tensors: part("optimizer"),
            counters: header.optimizer_counters,
        };
        if let Some(name) = file.tensors.keys().next() {
            return Err(foreign(format!(
                "it has a tensor `{name}` of no known kind"
            )));
        }
        let mut carried = |index: usize| match carry.remove(&index.to_string()) {
            Some(data) if data.rank() == 3 => Ok(data),
            _ => Err(foreign(format!("the carried state {index} is missing"))),
        };
        let carry = header
            .carried
            .map(|count| (0..count).map(&mut carried).collect::<Result<_, _>>());
        Ok(Self {
            identity: header.identity,
            optimizer,
            carry: carry.transpose()?,
            best: match (header.progress.best, header.progress.at_best()) {
                (None, _) => None,
                (Some(_), true) => Some(model.clone()),
                (Some(_), false) => Some(best),
            },
            model,
            progress: header.progress,
        })
    }
}

impl Identity {
    /// What makes a checkpoint one of this training.
    ///
    /// More epochs, checkpoints at other moments: these change nothing that was already done, unless the schedule is
    /// stretched over all epochs.
    pub(crate) fn new(config: &super::ValidConfig, fingerprint: String) -> Self {
        let mut train = serde_json::to_value(config.config()).expect("a checked configuration");
        if let Value::Object(keys) = &mut train {
            keys.remove("checkpoint_every");
            if config.rates.is_bounded() {
                return Self { train, fingerprint };
            }
            keys.remove("epochs");
        }
        Self { train, fingerprint }
    }

    /// An error that names the first thing in which `now` is not this.
    pub(crate) fn demand(&self, now: &Self, path: &Path) -> Result<(), Error> {
        let differs = |key: String, then: String, now: String| Error::CheckpointDiffers {
            path: path.to_owned(),
            key,
            then,
            now,
        };
        if let Some((key, then, now)) = difference("train", &self.train, &now.train) {
            return Err(differs(key, then, now));
        }
        match self.fingerprint == now.fingerprint {
            true => Ok(()),
            false => Err(differs(
                "the fingerprint of data and recipe".to_owned(),
                format!("`{}`", self.fingerprint),
                format!("`{}`", now.fingerprint),
            )),
        }
    }
}

/// The path and both values of the first key in which two tables differ.
fn difference(path: &str, then: &Value, now: &Value) -> Option<(String, String, String)> {
    if let (Value::Object(left), Value::Object(right)) = (then, now) {
        let keys = left
            .keys()
            .chain(right.keys().filter(|key| !left.contains_key(*key)));
        let absent = Value::Null;
        let value = |table: &serde_json::Map<_, _>, key| table.get(key).unwrap_or(&absent).clone();
        return keys
            .map(|key| (format!("{path}.{key}"), value(left, key), value(right, key)))
            .find_map(|(path, left, right)| difference(&path, &left, &right));
    }
    let shown = |value: &Value| match value {
        Value::Null => "absent".to_owned(),
        value => value.to_string(),
    };
    (then != now).then(|| (path.to_owned(), shown(then), shown(now)))
}
