//! From `[data]` to examples: files, what is said of them, and whether they fit together.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::config::{Broken, Format, SignalConfig};
use super::divide::SignalSplit;
use super::labels::LabelTable;
use super::name::NamePattern;
use super::open::{Contents, Source};
use super::report::SignalReport;
use super::scale::SignalScaling;
use super::table::LearnedTables;
use super::{Example, film, idx, npy, shape, table, ts, window};
use crate::source::files;
use crate::text::Column;
use crate::{Error, Parts};

/// Every whole number below is a floating point number of 64 bits: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Files read at a time: many small ones keep every core busy, and an error ends the reading before the rest.
const AT_ONCE: usize = 64;

/// Reads the sequences of `config.files`, relative to `base`, in order. Labels may be missing. Where `data.label`
/// gives a column by its number, what is known of the tables learned from tells whether a table has that column.
///
/// # Errors
/// As [`read_signal_parts`]; if it cannot be told whether a table has its labels.
pub fn read_signals(
    config: &SignalConfig,
    learned: Option<&LearnedTables>,
    base: &Path,
) -> Result<(Vec<Example>, SignalReport), Error> {
    let mut reader = Reader::new(config, base, false)?;
    reader.learned = learned;
    let examples = reader.read(&config.files, &config.label_files)?;
    Ok((examples, reader.report))
}

/// Reads the sequences of all parts, with labels where the files have them. Parts without files of their own are divided
/// off `config.files`.
///
/// # Errors
/// [`Error::Config`] for keys that cannot be meant; [`Error::NoColumn`] for columns that do not exist; whatever is wrong
/// with files and sequences, with file and line, unless `config.broken` says to leave them out; [`Error::Signal`] for
/// sequences with other features than the first; [`Error::Split`] when a part would be empty.
pub fn read_signal_parts(
    config: &SignalConfig,
    split: &SignalSplit,
    base: &Path,
) -> Result<(Parts<Example>, SignalReport), Error> {
    split.check(
        !config.valid_files.is_empty(),
        !config.test_files.is_empty(),
    )?;
    let mut reader = Reader::new(config, base, true)?;
    let examples = reader.read(&config.files, &config.label_files)?;
    let mut part = |patterns: &[String], label_files: &[String], key: &str| match patterns {
        [] if label_files.is_empty() => Ok(None),
        [] => Err(Error::Config {
            key: format!("data.{key}_label_files"),
            message: format!("it labels data.{key}_files, which is not given"),
        }),
        patterns => reader.read(patterns, label_files).map(Some),
    };
    let valid = part(&config.valid_files, &config.valid_label_files, "valid")?;
    let test = part(&config.test_files, &config.test_label_files, "test")?;
    let parts = split.complete(examples, valid, test, config.label_name())?;
    Ok((parts, reader.report))
}

struct Reader<'a> {
    config: &'a SignalConfig,
    base: &'a Path,
    needs_label: bool,
    learned: Option<&'a LearnedTables>,
    name: Option<NamePattern>,
    labels: Option<LabelTable>,
    /// The features of the first sequence, and where it is.
    first: Option<(usize, String)>,
    /// The names of the features in the first file that has some, and the file.
    channels: Option<(Vec<String>, PathBuf)>,
    /// The first file with a sequence of this id, where `data.id` tells sequences apart.
    ids: HashMap<Vec<String>, PathBuf>,
    /// Sequences that were read, from 1.
    sequences: usize,
    report: SignalReport,
}

impl<'a> Reader<'a> {
    fn new(config: &'a SignalConfig, base: &'a Path, needs_label: bool) -> Result<Self, Error> {
        config.preparation().check()?;
        if config.windows == Some(0) {
            return Err(Error::Config {
                key: "data.windows".into(),
                message: "it is 0, but must be 1 or more; leave it out to do without".into(),
            });
        }
        let labels = config
            .labels
            .as_ref()
            .map(|path| LabelTable::read(&base.join(path)))
            .transpose()?;
        let mut reader = Self {
            config,
            base,
            needs_label,
            learned: None,
            name: config.name.as_deref().map(NamePattern::new).transpose()?,
            labels: None,
            first: None,
            channels: None,
            ids: HashMap::new(),
            sequences: 0,
            report: SignalReport::default(),
        };
        for row in labels.iter().flat_map(|labels| &labels.rows) {
            if let Some(error) = labels.as_ref().and_then(|labels| labels.missing(row)) {
                reader.broken(error)?;
            }
        }
        reader.report.repeated = labels.as_ref().map_or(0, |labels| labels.repeated);
        reader.labels = labels;
        Ok(reader)
    }

    fn read(
        &mut self,
        patterns: &[String],
        label_patterns: &[String],
    ) -> Result<Vec<Example>, Error> {
        let paths = match (&self.labels, patterns) {
            (Some(labels), []) => labels
                .rows
                .iter()
                .map(|row| row.file.clone())
                .filter(|file| file.exists())
                .collect(),
            // A folder of pictures is a film.
            _ if self.config.format == Some(Format::Frames) => {
                files::expand_to(patterns, self.base, Path::exists)?
            }
            _ => files::expand(patterns, self.base)?,
        };
        let label_files = match label_patterns {
            [] => Vec::new(),
            patterns => files::expand(patterns, self.base)?,
        };
        if !label_files.is_empty() && label_files.len() != paths.len() {
            return Err(Error::Config {
                key: "data.label_files".into(),
                message: format!(
                    "there are {} of them for {} files; each file needs its own",
                    label_files.len(),
                    paths.len()
                ),
            });
        }
        let mut sources = Vec::with_capacity(paths.len());
        for (i, path) in paths.iter().enumerate() {
            let source = Source {
                config: self.config,
                path,
                label_file: label_files.get(i).map(PathBuf::as_path),
                needs_label: self.needs_label,
                learned: self.learned,
            };
            sources.push((source, source.format()?));
        }
        let mut examples = Vec::new();
        for chunk in sources.chunks(AT_ONCE) {
            let contents: Vec<Result<Contents, Error>> = chunk
                .par_iter()
                .map(|&(source, format)| read_file(source, format))
                .collect();
            for ((source, _), contents) in chunk.iter().zip(contents) {
                if let Err(error) = self.take(source.path, contents, &mut examples) {
                    self.broken(error)?;
                }
            }
        }
        match (examples.is_empty(), self.report.first_broken.first()) {
            (true, first) => Err(Error::Signal {
                place: format!("data.files = {patterns:?}"),
                message: match first {
                    Some(first) => format!("nothing can be used: all is broken, first: {first}"),
                    None => "there are no sequences".into(),
                },
            }),
            (false, _) => Ok(examples),
        }
    }

    /// Adds what a file holds.
    fn take(
        &mut self,
        path: &Path,
        contents: Result<Contents, Error>,
        into: &mut Vec<Example>,
    ) -> Result<(), Error> {
        let mut fields = match &self.name {
            Some(name) => name.fields(path)?,
            None => Default::default(),
        };
        if let Some(labels) = &self.labels {
            fields.extend(
                labels
                    .fields(path)?
                    .iter()
                    .map(|(name, text)| (name.clone(), text.clone())),
            );
        }
        let contents = contents?;
        if let Some(channels) = contents.channels {
            self.check_channels(path, channels)?;
        }
        if let Some((few, many)) = contents.columns {
            let (fewest, most) = self.report.columns.unwrap_or((few, many));
            self.report.columns = Some((fewest.min(few), most.max(many)));
        }
        for name in contents.left_out {
            if !self.report.left_out.contains(&name) {
                self.report.left_out.push(name);
            }
        }
        self.report.files += 1;
        self.report.unlabelled += usize::from(contents.is_unlabelled);
        self.report.padding += contents.padding;
        if self.report.numbers.is_none() {
            self.report.numbers = contents.numbers;
        }
        for example in contents.examples {
            let fitting = example.and_then(|mut example| {
                for (name, text) in &fields {
                    let own = example.fields.entry(name.clone()).or_insert_with(|| text.clone());
                    if own != text {
                        let message = format!(
                            "the field `{name}` is \"{own}\" in the file, but \"{text}\" by data.name or data.labels"
                        );
                        return Err(Error::Signal { place: example.place, message });
                    }
                }
                self.number(path, &mut example);
                self.steps_of(&mut example)?;
                self.check_features(&example)?;
                self.cut(example)
            });
            match fitting {
                Ok(examples) => {
                    examples.iter().for_each(|example| self.count(example));
                    into.extend(examples);
                }
                Err(error) => self.broken(error)?,
            }
        }
        Ok(())
    }

    /// Numbers a sequence, and notes whether another file has one of the same id.
    fn number(&mut self, path: &Path, example: &mut Example) {
        self.sequences += 1;
        example.span.sequence = self.sequences;
        let name = |column: &Column| column.to_string();
        let ids = self.config.id.0.iter().map(name);
        let ids: Option<Vec<String>> = ids.map(|id| example.fields.get(&id).cloned()).collect();
        let Some(ids) = ids.filter(|ids| !ids.is_empty()) else {
            return;
        };
        let text = ids.join(", ");
        let first = self.ids.entry(ids).or_insert_with(|| path.into());
        if first != path {
            let report = &mut self.report.shared_ids;
            report.count += 1;
            let file = |path: &Path| path.display().to_string();
            report
                .first
                .get_or_insert_with(|| (text, [file(first), file(path)]));
        }
    }

    /// The labels of the steps, where a field holds them.
    fn steps_of(&self, example: &mut Example) -> Result<(), Error> {
        let Some(Column::Name(field)) = &self.config.steps else {
            return Ok(());
        };
        if example.steps.is_some() || (!self.needs_label && !example.fields.contains_key(field)) {
            return Ok(());
        }
        let steps: Vec<String> = example
            .field(field)?
            .split_whitespace()
            .map(String::from)
            .collect();
        if steps.len() != example.signal.time() {
            return Err(Error::Signal {
                place: example.place.clone(),
                message: format!(
                    "`{field}` has {} labels for {} steps; each step needs one, with spaces between",
                    steps.len(),
                    example.signal.time()
                ),
            });
        }
        example.steps = Some(steps);
        Ok(())
    }

    /// A sequence, or its windows.
    fn cut(&mut self, example: Example) -> Result<Vec<Example>, Error> {
        let Some(steps) = self.config.windows else {
            return Ok(vec![example]);
        };
        let time = example.signal.time();
        let examples = window::cut(example, steps)?;
        let used: usize = examples.iter().map(|window| window.signal.time()).sum();
        self.report.cut_off += time - used;
        Ok(examples)
    }

    fn count(&mut self, example: &Example) {
        let (report, time) = (&mut self.report, example.signal.time());
        let values = &example.signal.values;
        report.beyond += values.iter().filter(|value| value.abs() >= EXACT).count();
        if self.config.scale == SignalScaling::None && self.config.centre.is_none() {
            let pairs = values
                .iter()
                .zip(values.iter().skip(example.signal.features));
            let merged = pairs.filter(|(a, b)| a != b && **a as f32 == **b as f32);
            report.merged += merged.count();
        }
        report.examples += 1;
        report.features = example.signal.features;
        report.lengths = Some(match report.lengths {
            Some((short, long)) => (short.min(time), long.max(time)),
            None => (time, time),
        });
    }

    fn check_features(&mut self, example: &Example) -> Result<(), Error> {
        let features = example.signal.features;
        match &self.first {
            Some((first, place)) if *first != features => {
                Err(shape::disagree(features, &example.place, *first, place))
            }
            Some(_) => Ok(()),
            None => {
                self.first = Some((features, example.place.clone()));
                Ok(())
            }
        }
    }

    /// Columns that change places from file to file would be mixed up unsaid.
    fn check_channels(&mut self, path: &Path, channels: Vec<String>) -> Result<(), Error> {
        match &self.channels {
            // Columns that are asked for stand in the order of the list.
            Some((first, from)) if *first != channels && self.config.columns.is_empty() => {
                let differs = channels
                    .iter()
                    .zip(first)
                    .position(|(name, other)| name != other);
                let at = differs.unwrap_or(first.len().min(channels.len()));
                let name = |names: &[String]| match names.get(at) {
                    Some(name) => format!("`{name}`"),
                    None => "nothing".into(),
                };
                Err(Error::Signal {
                    place: format!("`{}`", path.display()),
                    message: format!(
                        "column {} of values is {}, but {} in `{}`; name the columns that all files have in data.columns",
                        at + 1,
                        name(&channels),
                        name(first),
                        from.display()
                    ),
                })
            }
            Some(_) => Ok(()),
            None => {
                self.report.channels.clone_from(&channels);
                self.channels = Some((channels, path.into()));
                Ok(())
            }
        }
    }

    /// Stops the reading, or counts what is left out. Keys that cannot be meant stop it in any case.
    fn broken(&mut self, error: Error) -> Result<(), Error> {
        if self.config.broken == Broken::Refuse || matches!(error, Error::Config { .. }) {
            return Err(error);
        }
        self.report.add_broken(&error);
        Ok(())
    }
}

fn read_file(source: Source<'_>, format: Format) -> Result<Contents, Error> {
    match format {
        Format::Ts => ts::read(source),
        Format::Csv | Format::Tsv => table::read(source, format),
        Format::Npy => npy::read(source),
        Format::Idx => idx::read(source),
        Format::Wav => film::sound(source),
        Format::Frames => film::frames(source),
    }
}
