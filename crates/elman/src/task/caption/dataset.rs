//! Pictures and their sentences, read, divided and numbered.

use super::config::Caption;
use super::seen::{Grids, Seen};
use crate::task::Error;
use crate::train::Observer;
use elman_data::random::mix;
use elman_data::signal::Broken;
use elman_data::text::{
    Column, Parts, Row, RowsConfig, Special, Vocabulary, read_parts, read_rows,
};
use elman_data::{Header, Part};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The pictures of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Their files.
    pub files: Vec<PathBuf>,
    /// What is said about each.
    pub sentences: Vec<Vec<String>>,
    /// What is seen in each, once it was looked at.
    pub grids: Option<Grids>,
}

impl Shown {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What is seen in each.
    ///
    /// # Panics
    /// If nobody looked.
    pub fn grids(&self) -> &Grids {
        self.grids.as_ref().expect("the pictures were looked at")
    }
}

/// Everything a captioner learns from and is judged by.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Tokens and their numbers, from the training part alone.
    pub vocabulary: Vocabulary,
    /// To learn from.
    pub train: Shown,
    /// To choose the model by; may be empty.
    pub valid: Shown,
    /// To judge it by.
    pub test: Shown,
    /// Each sentence to learn from: its picture and its tokens, without start and end.
    pub pairs: Vec<(usize, Vec<u32>)>,
    /// What was left out.
    pub remarks: Vec<String>,
}

impl Dataset {
    /// Reads the files of a recipe, relative to `base`; `known` is the vocabulary of a run that exists. Pictures are found, but
    /// not looked at yet.
    ///
    /// # Errors
    /// If a file cannot be read, a picture is missing, a part is empty, or the vocabulary cannot be made.
    pub fn read(tables: &Caption, base: &Path, known: Option<Vocabulary>) -> Result<Self, Error> {
        let own = &tables.caption;
        let parts = divide(tables, base)?;
        let mut remarks = Vec::new();
        let folder = base.join(&own.folder);
        let mut missing = 0;
        let mut grouped = |rows: Vec<Row>| -> Result<Shown, Error> {
            let mut places: HashMap<String, Option<usize>> = HashMap::new();
            let mut shown = Shown::default();
            for row in rows {
                let (name, sentence) = (row.field(0), row.field(1));
                let place = match places.get(name) {
                    Some(place) => *place,
                    None => {
                        let file = folder.join(name);
                        let place = match file.is_file() {
                            true => {
                                shown.files.push(file);
                                shown.sentences.push(Vec::new());
                                Some(shown.files.len() - 1)
                            }
                            false if own.broken == Broken::Skip => {
                                missing += 1;
                                None
                            }
                            false => {
                                return Err(Error::input(format!(
                                    "{}: there is no picture `{}`; correct the name or caption.folder, or leave such rows out with \
                                     caption.broken = \"skip\"",
                                    row.place(),
                                    file.display()
                                )));
                            }
                        };
                        places.insert(name.to_owned(), place);
                        place
                    }
                };
                if let Some(place) = place {
                    shown.sentences[place].push(sentence.to_owned());
                }
            }
            Ok(shown)
        };
        let (train, valid, test) = (
            grouped(parts.train)?,
            grouped(parts.valid)?,
            grouped(parts.test)?,
        );
        if missing > 0 {
            remarks.push(format!(
                "{missing} pictures that rows name are missing, and left out"
            ));
        }
        for (part, name) in [(&train, "learn from"), (&test, "judge the model by")] {
            if part.is_empty() {
                return Err(Error::input(format!("there are no pictures to {name}")));
            }
        }
        let vocabulary = match known {
            Some(known) => known,
            None => {
                let specials = [Special::Unknown, Special::Start, Special::End];
                let sentences = train.sentences.iter().flatten().map(String::as_str);
                Vocabulary::build(&tables.vocabulary, &specials, base, sentences)?
            }
        };
        let mut data = Self {
            vocabulary,
            train,
            valid,
            test,
            pairs: Vec::new(),
            remarks,
        };
        data.pair(own.longest)?;
        Ok(data)
    }

    /// Numbers the sentences to learn from.
    fn pair(&mut self, longest: usize) -> Result<(), Error> {
        let (mut pairs, mut long) = (Vec::new(), 0);
        for (picture, sentences) in self.train.sentences.iter().enumerate() {
            for sentence in sentences {
                let tokens = self.vocabulary.encode(sentence)?;
                match tokens.len() <= longest {
                    true => pairs.push((picture, tokens)),
                    false => long += 1,
                }
            }
        }
        if pairs.is_empty() {
            return Err(Error::input(format!(
                "every sentence to learn from has more tokens than caption.longest = {longest}: raise it"
            )));
        }
        if long > 0 {
            self.remarks.push(format!(
                "{long} sentences have more than {longest} tokens, and are not learned from"
            ));
        }
        self.pairs = pairs;
        Ok(())
    }

    /// Looks at all pictures.
    ///
    /// # Errors
    /// If one cannot be read, unless such are left out.
    pub fn look(
        &mut self,
        seen: &Seen,
        tables: &Caption,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let skip = tables.caption.broken == Broken::Skip;
        let mut left_out = 0;
        for part in [&mut self.train, &mut self.valid, &mut self.test] {
            if part.is_empty() || part.grids.is_some() {
                continue;
            }
            let (grids, broken) = seen.see_all(&part.files, observer)?;
            if let Some((_, error)) = broken.first() {
                if !skip {
                    return Err(Error::input(format!(
                        "{error}; leave such pictures out with caption.broken = \"skip\""
                    )));
                }
                left_out += broken.len();
                let bad: Vec<usize> = broken.iter().map(|(row, _)| *row).collect();
                let good = |row: &usize| !bad.contains(row);
                let keep: Vec<usize> = (0..part.len()).filter(good).collect();
                part.files = keep.iter().map(|row| part.files[*row].clone()).collect();
                part.sentences = keep
                    .iter()
                    .map(|row| part.sentences[*row].clone())
                    .collect();
            }
            part.grids = Some(grids);
        }
        if left_out > 0 {
            self.remarks.push(format!(
                "{left_out} pictures cannot be read, and are left out"
            ));
            if self.train.is_empty() || self.test.is_empty() {
                return Err(Error::input(
                    "no picture is left to learn from, or to judge by",
                ));
            }
            self.pair(tables.caption.longest)?;
        }
        Ok(())
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let grids = |part: &Shown| -> u64 {
            let bits = |one: &[f32]| {
                mix(&one
                    .iter()
                    .map(|value| u64::from(value.to_bits()))
                    .collect::<Vec<_>>())
            };
            let chunks = part
                .grids
                .iter()
                .flat_map(|grids| grids.values.chunks(1 << 16));
            mix(&chunks.map(bits).collect::<Vec<_>>())
        };
        let pairs = self.pairs.iter().map(|(picture, tokens)| {
            let tokens = tokens.iter().map(|token| u64::from(*token));
            mix(&tokens.chain([*picture as u64]).collect::<Vec<_>>())
        });
        let pairs = mix(&pairs.collect::<Vec<_>>());
        format!(
            "{} {pairs:016x} {:016x} {:016x}",
            self.vocabulary.digest(),
            grids(&self.train),
            grids(&self.valid)
        )
    }
}

/// The rows of each part: by the table of parts, by files of their own, or by a hash of the picture's name.
fn divide(tables: &Caption, base: &Path) -> Result<Parts<Row>, Error> {
    let own = &tables.caption;
    let columns = [own.picture.clone(), own.sentence.clone()];
    let Some(table) = &own.parts else {
        return Ok(read_parts(&tables.data, &columns, &tables.split, base)?);
    };
    if !tables.data.valid_files.is_empty() || !tables.data.test_files.is_empty() {
        return Err(Error::input(
            "caption.parts and data.valid_files or data.test_files say the same thing: keep one",
        ));
    }
    let config = RowsConfig {
        files: vec![table.clone()],
        header: Some(Header::Present(false)),
        ..RowsConfig::default()
    };
    let mut part_of: HashMap<String, Part> = HashMap::new();
    for row in read_rows(
        &config,
        &config.files,
        &[Column::Number(1), Column::Number(2)],
        base,
    )? {
        let part = match row.field(1).trim().to_lowercase().as_str() {
            "train" | "training" => Part::Train,
            "dev" | "val" | "valid" | "validation" => Part::Valid,
            "test" => Part::Test,
            _ => continue,
        };
        part_of.insert(row.field(0).trim().to_string(), part);
    }
    let mut without = 0;
    let mut parts = Parts {
        train: Vec::new(),
        valid: Vec::new(),
        test: Vec::new(),
    };
    for row in read_rows(&tables.data, &tables.data.files, &columns, base)? {
        match part_of.get(row.field(0)) {
            Some(Part::Train) => parts.train.push(row),
            Some(Part::Valid) => parts.valid.push(row),
            Some(Part::Test) => parts.test.push(row),
            None => without += 1,
        }
    }
    match parts.train.is_empty() || parts.test.is_empty() {
        true => Err(Error::input(format!(
            "{without} rows are about pictures without a part in `{table}` (caption.parts), and nothing is left to learn from or to \
             judge by; the names of pictures must be the same in both"
        ))),
        false => Ok(parts),
    }
}
