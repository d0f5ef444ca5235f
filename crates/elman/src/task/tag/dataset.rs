//! From tagged files to numbers.

use super::config::{Tag, TagConfig};
use crate::recipe::ModelConfig;
use crate::run::RunFolder;
use crate::task::{self, Error};
use elman_data::text::{
    Normal, Sentence, Special, Tokens, Vocabulary, VocabularyConfig, read_tagged,
};
use elman_data::{Parts, Ragged};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What a run remembers.
const WORDS: &str = "words.json";
const LETTERS: &str = "letters.json";
const TAGS: &str = "tags.json";

/// What words, letters and tags are to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexicon {
    /// Words by number.
    pub words: Vocabulary,
    /// Letters by number.
    pub letters: Vocabulary,
    /// Tags by number, in alphabetical order.
    pub tags: Vec<String>,
}

impl Lexicon {
    /// Learns the words, letters and tags of the sentences to learn from.
    ///
    /// # Errors
    /// If there are fewer than two tags.
    pub fn learn(config: &TagConfig, sentences: &[Sentence]) -> Result<Self, Error> {
        let words = || sentences.iter().flat_map(Sentence::words);
        let tags: BTreeSet<&str> = sentences.iter().flat_map(Sentence::tags).collect();
        let tags: Vec<String> = tags.into_iter().map(str::to_owned).collect();
        if tags.len() < 2 {
            return Err(Error::input(format!(
                "every word to learn from has the tag `{}`: a tagger needs at least two (data.tag is the column of the tag)",
                tags.concat()
            )));
        }
        const SPECIALS: &[Special] = &[Special::Padding, Special::Unknown];
        let whole = VocabularyConfig {
            tokens: Tokens::Words,
            lowercase: config.lowercase,
            min_count: config.min_count,
            ..Default::default()
        };
        let letters = VocabularyConfig {
            tokens: Tokens::Characters,
            normalise: if config.jamo {
                Normal::Nfd
            } else {
                Normal::Nfc
            },
            ..Default::default()
        };
        Ok(Self {
            words: Vocabulary::of_words(&whole, SPECIALS, words())?,
            letters: Vocabulary::build(&letters, SPECIALS, Path::new(""), words())?,
            tags,
        })
    }

    /// What a run remembers.
    ///
    /// # Errors
    /// If a file is missing or damaged.
    pub fn open(run: &RunFolder) -> Result<Self, Error> {
        let tags: Vec<String> = run.read_json(TAGS)?;
        if tags.len() < 2 {
            return Err(run.damaged(TAGS, "there must be two tags or more").into());
        }
        Ok(Self {
            words: task::vocabulary(run, WORDS)?,
            letters: task::vocabulary(run, LETTERS)?,
            tags,
        })
    }

    /// Writes it to a run.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        run.write(WORDS, self.words.to_json())?;
        run.write(LETTERS, self.letters.to_json())?;
        Ok(run.write_json(TAGS, &self.tags)?)
    }

    /// The number of the token that stands for an unknown word.
    pub fn unknown(&self) -> u32 {
        self.words.special(Special::Unknown).unwrap_or_default()
    }
}

/// Sentences as numbers.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The sentences as they are written.
    pub sentences: Vec<Sentence>,
    /// The number of each word.
    pub words: Ragged<u32>,
    /// The spelling of each word.
    pub spellings: Ragged<u32>,
    /// The tag of each word; none if training never shows it.
    pub tags: Ragged<Option<u32>>,
}

impl Part {
    /// Words of each sentence.
    pub fn lengths(&self) -> Vec<usize> {
        self.words.lengths()
    }

    /// Words in all.
    pub fn count(&self) -> usize {
        self.words.values().len()
    }
}

/// The spellings of all words there are, each once.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    /// The letters of each.
    pub letters: Vec<Vec<u32>>,
    known: HashMap<String, u32>,
}

impl Spellings {
    /// Numbers the words of sentences; what is new is added.
    ///
    /// # Errors
    /// If a loaded vocabulary fails.
    pub fn part(&mut self, lexicon: &Lexicon, sentences: Vec<Sentence>) -> Result<Part, Error> {
        let places: BTreeMap<&str, u32> =
            lexicon.tags.iter().map(String::as_str).zip(0..).collect();
        let mut part = Part {
            words: Ragged::with_capacity(sentences.len()),
            spellings: Ragged::with_capacity(sentences.len()),
            tags: Ragged::with_capacity(sentences.len()),
            ..Part::default()
        };
        for sentence in &sentences {
            part.words
                .push(&lexicon.words.encode_words(sentence.words())?);
            let spelled = sentence.words().map(|word| self.number(lexicon, word));
            part.spellings
                .push(&spelled.collect::<Result<Vec<_>, Error>>()?);
            let tags = sentence.tags().map(|tag| places.get(tag).copied());
            part.tags.push(&tags.collect::<Vec<_>>());
        }
        Ok(Part { sentences, ..part })
    }

    fn number(&mut self, lexicon: &Lexicon, word: &str) -> Result<u32, Error> {
        if let Some(number) = self.known.get(word) {
            return Ok(*number);
        }
        let number = self.letters.len() as u32;
        self.letters.push(lexicon.letters.encode(word)?);
        self.known.insert(word.into(), number);
        Ok(number)
    }
}

/// The sentences of a recipe, divided and numbered.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What the numbers stand for.
    pub lexicon: Lexicon,
    /// The spellings of all words.
    pub spellings: Spellings,
    /// To learn from.
    pub train: Part,
    /// To choose the model by; may be empty.
    pub valid: Part,
    /// To judge the chosen model by.
    pub test: Part,
    /// How often each word number comes in the training part.
    pub counts: Vec<u32>,
    /// What became of documents when the sentences were divided.
    pub divided: Option<String>,
}

/// Fewer documents than this cannot be divided whole.
const FEWEST_DOCUMENTS: usize = 10;

impl Dataset {
    /// Reads the sentences of a recipe; `known` is what a run that exists remembers.
    ///
    /// # Errors
    /// If a file cannot be read or a part is empty.
    pub fn read(tables: &Tag, base: &Path, known: Option<Lexicon>) -> Result<Self, Error> {
        let data = &tables.data;
        let read = |files: &[String]| match files.is_empty() {
            true => Ok(None),
            false => read_tagged(files, data, base).map(Some),
        };
        let all = read(&data.files)?.unwrap_or_default();
        let (valid, test) = (read(&data.valid_files)?, read(&data.test_files)?);
        // A sentence's part follows from its words, or from those of the first of its document.
        let documents: BTreeSet<usize> = all.iter().map(Sentence::document).collect();
        let by_document = documents.len() >= FEWEST_DOCUMENTS;
        let mut first: BTreeMap<usize, String> = BTreeMap::new();
        for sentence in all.iter().filter(|_| by_document) {
            let document = first.entry(sentence.document());
            document.or_insert_with(|| sentence.text());
        }
        let is_divided = valid.is_none() || test.is_none();
        let divided = match (is_divided, documents.len()) {
            (true, count) if by_document => Some(format!(
                "each of the {count} documents lies whole in one part"
            )),
            (true, count) if count > 1 => Some(format!(
                "there are only {count} documents: sentences of one may be in several parts, and figures on the test part flatter"
            )),
            _ => None,
        };
        let Parts { train, valid, test } = tables.split.complete(all, valid, test, |sentence| {
            let key = first.get(&sentence.document());
            Cow::Owned(key.cloned().unwrap_or_else(|| sentence.text()))
        })?;
        if test.is_empty() {
            return Err(Error::input(
                "there is no sentence to judge the tagger by: give split.test or data.test_files",
            ));
        }
        let lexicon = match known {
            Some(lexicon) => lexicon,
            None => Lexicon::learn(&tables.tag, &train)?,
        };
        let mut spellings = Spellings::default();
        let train = spellings.part(&lexicon, train)?;
        let mut counts = vec![0; lexicon.words.len()];
        let words = train.words.values().iter();
        words.for_each(|word| counts[*word as usize] += 1);
        Ok(Self {
            valid: spellings.part(&lexicon, valid)?,
            test: spellings.part(&lexicon, test)?,
            lexicon,
            spellings,
            train,
            counts,
            divided,
        })
    }

    /// Puts the tagged sentences of another file in the place of the test set.
    ///
    /// # Errors
    /// If it cannot be read as the files of training.
    pub fn test_on(&mut self, tables: &Tag, file: &Path) -> Result<(), Error> {
        let name = file.file_name().unwrap_or(file.as_os_str());
        let folder = file.parent().unwrap_or(Path::new(""));
        let patterns = [name.to_string_lossy().into_owned()];
        let sentences = read_tagged(&patterns, &tables.data, folder)?;
        self.test = self.spellings.part(&self.lexicon, sentences)?;
        Ok(())
    }

    /// What was read, for people.
    pub fn report(&self, model: &ModelConfig, batches: &[Vec<usize>]) -> String {
        let Lexicon {
            words,
            letters,
            tags,
        } = &self.lexicon;
        let unknown = self.lexicon.unknown();
        let tested = self.test.words.values().iter();
        let count = tested.filter(|word| **word == unknown).count();
        let share = 100.0 * count as f64 / self.test.count().max(1) as f64;
        let padded = 100.0 * elman_data::text::padded_share(&self.train.lengths(), batches);
        let mut text = format!(
            "{} words, {} letters, {} tags; {share:.1} % of the words of the test part are unknown\n\
             sentences of like length share a batch: {padded:.1} % of the words that are computed are padding",
            words.len(),
            letters.len(),
            tags.len(),
        );
        if let Some(divided) = &self.divided {
            text += &format!("\n{divided}");
        }
        if model.embedding_size() == 0 {
            text += "\nwords are read by their letters alone";
        }
        let [train, test] = [&self.train, &self.test].map(|part| part.sentences.iter());
        let [train, test] = [train, test].map(|part| part.map(|sentence| sentence.text().into()));
        if let Some(again) = task::overlap::remark(train, test, "sentences") {
            text += &format!("\n{again}");
        }
        let known: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        let held = self.valid.sentences.iter().chain(&self.test.sentences);
        let strange: BTreeMap<&str, String> = held
            .flat_map(|sentence| sentence.tags().map(move |tag| (tag, sentence)))
            .filter(|(tag, _)| !known.contains(tag))
            .map(|(tag, sentence)| (tag, sentence.place()))
            .collect();
        for (tag, place) in strange {
            text += &format!(
                "\nthe tag `{tag}` ({place}) does not come in the training part: it can only be got wrong"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Twelve documents of eight sentences: none is on both sides. The same words without marks are divided by sentence.
    #[test]
    fn sentences_of_a_document_stay_together() {
        let folder = tempfile::tempdir().unwrap();
        let text = |mark: &str| -> String {
            let sentence = |k: usize| {
                let mark = if k.is_multiple_of(8) { mark } else { "" };
                format!("{mark}word{k} X\nof Y\ndoc{} X\n\n", k / 8)
            };
            (0..96).map(sentence).collect()
        };
        let read = |text: String| {
            std::fs::write(folder.path().join("a.txt"), text).unwrap();
            let tables: Tag = toml::from_str("data.files = [\"a.txt\"]\nsplit.test = 0.3").unwrap();
            Dataset::read(&tables, folder.path(), None).unwrap()
        };
        let sides = |data: &Dataset| {
            let mut sides: HashMap<String, BTreeSet<usize>> = HashMap::new();
            for (side, part) in [&data.train, &data.valid, &data.test]
                .into_iter()
                .enumerate()
            {
                for sentence in &part.sentences {
                    sides
                        .entry(sentence.words().nth(2).unwrap().to_owned())
                        .or_default()
                        .insert(side);
                }
            }
            sides.into_values().filter(|sides| sides.len() > 1).count()
        };
        let marked = read(text("-DOCSTART- O\n\n"));
        assert_eq!(sides(&marked), 0);
        assert!(
            marked
                .divided
                .unwrap()
                .contains("12 documents lies whole in one part")
        );
        let plain = read(text(""));
        assert!(sides(&plain) > 6 && plain.divided.is_none());
    }
}
