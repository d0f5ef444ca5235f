//! A trained encoder at work.

use super::config::Resemble;
use super::series::network;
use crate::init::ParamSource;
use crate::model::{Model, Shape};
use crate::recipe::Recipe;
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::likeness::{Among, mean_distance};
use crate::task::recognize::{remembered, vectors};
use crate::task::signals::{asked, within};
use crate::train::loss::Distance;
use crate::weights;
use burn::prelude::Device;
use elman_data::signal::{SignalConfig, SignalReport, SignalScaler, WINDOW_FIELD};
use std::collections::BTreeMap;
use std::path::Path;

/// A trained encoder with all that it needs to compare series: nothing of its training series.
#[derive(Debug)]
pub struct Encoder {
    /// How far apart two series are.
    pub distance: Distance,
    data: SignalConfig,
    scaler: SignalScaler,
    model: Model,
}

/// A series as its encoder sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// Where the series stands in which file.
    pub place: String,
    /// What is known of it: its label, the subject, …
    pub fields: BTreeMap<String, String>,
    /// What stands for it.
    pub vector: Vec<f32>,
}

impl AsRef<[f32]> for Encoded {
    fn as_ref(&self) -> &[f32] {
        &self.vector
    }
}

/// The series of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The field that says the name.
    pub field: String,
    /// The name.
    pub name: String,
    /// Which series have it.
    pub rows: Vec<usize>,
}

impl Encoder {
    /// The encoder of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Resemble>, run: &RunFolder) -> Result<Self, Error> {
        let (scaler, _) = remembered(run)?;
        let features = scaler.output_features();
        let layers = network(recipe, features)?;
        let model = layers.init_from(
            Shape::sequence(features),
            &mut ParamSource::blank(&Device::default()),
        )?;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            distance: recipe.task.likeness.distance,
            data: recipe.task.data.clone(),
            scaler,
        })
    }

    /// The series of `data.files` of the recipe, which are in `base`, with what was left out.
    ///
    /// # Errors
    /// If a file cannot be read, or its series are not like those of training.
    pub fn known(&self, base: &Path) -> Result<(Vec<Encoded>, SignalReport), Error> {
        let (mut known, report) = self.encode(&self.data, base)?;
        for one in &mut known {
            one.place = within(base, &one.place);
        }
        Ok((known, report))
    }

    /// The series of other files, relative to `base`, read as those of the recipe were. Labels are not needed.
    ///
    /// # Errors
    /// As [`Self::known`].
    pub fn read(
        &self,
        files: &[String],
        base: &Path,
    ) -> Result<(Vec<Encoded>, SignalReport), Error> {
        self.encode(&self.data.asking(files), base)
    }

    fn encode(
        &self,
        data: &SignalConfig,
        base: &Path,
    ) -> Result<(Vec<Encoded>, SignalReport), Error> {
        let (series, report) = asked(data, &self.scaler, base)?;
        let vectors = vectors(&self.model, &series.signals);
        let rows = series.places.into_iter().zip(series.labels).zip(vectors);
        let encoded = rows.map(|((place, fields), vector)| Encoded {
            place,
            fields,
            vector,
        });
        Ok((encoded.collect(), report))
    }

    /// The label of a series, where it is known.
    pub fn label<'a>(&self, of: &'a Encoded) -> Option<&'a str> {
        of.fields.get(self.data.label_name()).map(String::as_str)
    }

    /// The `count` nearest of `among` to a vector, the nearest first, with their distances; the earlier of equals first.
    pub fn nearest(&self, vector: &[f32], among: &[Encoded], count: usize) -> Vec<(usize, f32)> {
        let among = Among {
            vectors: among,
            distance: self.distance,
        };
        among.nearest(vector, count)
    }

    /// The mean distance of each series on the left from each on the right.
    ///
    /// # Panics
    /// If there are none on a side.
    pub fn between<'a>(
        &self,
        left: impl IntoIterator<Item = &'a Encoded>,
        right: impl IntoIterator<Item = &'a Encoded>,
    ) -> f64 {
        fn vectors<'a>(of: impl IntoIterator<Item = &'a Encoded>) -> Vec<&'a [f32]> {
            of.into_iter().map(|one| one.vector.as_slice()).collect()
        }
        mean_distance(self.distance, &vectors(left), &vectors(right))
    }

    /// The series by the field in which one of them is called `name`, a group for each of its values, in the order of their first
    /// series; nothing if none is called so. The label comes before other fields.
    pub fn groups(&self, among: &[Encoded], name: &str) -> Option<Vec<Group>> {
        let label = self.data.label_name();
        let says = |field: &str| {
            let mut values = among.iter().filter_map(|one| one.fields.get(field));
            values.any(|value| value == name)
        };
        let fields = || among.iter().flat_map(|one| one.fields.keys());
        let field = match says(label) {
            true => label,
            false => fields().find(|field| *field != WINDOW_FIELD && says(field))?,
        };
        let mut groups: Vec<Group> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (row, one) in among.iter().enumerate() {
            let Some(value) = one.fields.get(field) else {
                continue;
            };
            let at = *places.entry(value).or_insert_with(|| {
                groups.push(Group {
                    field: field.into(),
                    name: value.clone(),
                    rows: Vec::new(),
                });
                groups.len() - 1
            });
            groups[at].rows.push(row);
        }
        Some(groups)
    }
}
