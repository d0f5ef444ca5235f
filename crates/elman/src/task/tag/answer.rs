//! Tags for sentences that a run has never seen.

use super::dataset::{Lexicon, Spellings};
use super::objective::answers;
use super::{Recipe, network};
use crate::init::ParamSource;
use crate::model::{Tagged, Tagger};
use crate::run::RunFolder;
use crate::task::Error;
use crate::weights;
use burn::prelude::Device;
use elman_data::text::{Sentence, Special};
use serde::Serialize;

/// A trained run that tags.
#[derive(Clone, Debug)]
pub struct Tagging {
    lexicon: Lexicon,
    model: Tagger,
}

/// A word and its tag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The word as it was given.
    pub word: String,
    /// Its tag.
    pub tag: String,
    /// How sure the model is.
    pub probability: f64,
    /// The likeliest tags and their probabilities, the likeliest first.
    pub likeliest: Vec<(String, f64)>,
    /// Whether the training part had the word.
    pub known: bool,
}

/// Tags that are listed for each word.
const LISTED: usize = 3;

impl Tagging {
    /// The tagger of a run.
    ///
    /// # Errors
    /// If a file of the run is missing or does not fit the rest.
    pub fn open(recipe: &Recipe, run: &RunFolder) -> Result<Self, Error> {
        let lexicon = Lexicon::open(run)?;
        let network = network(recipe, &lexicon);
        if let Some(problem) = network.problem() {
            return Err(Error::input(format!("[model] {problem}")));
        }
        let model = network.init_from(&mut ParamSource::blank(&Device::default()));
        Ok(Self {
            model: weights::load(model, &run.model())?,
            lexicon,
        })
    }

    /// Tags texts, which are cut into words first; a text without a word has no answers.
    ///
    /// # Errors
    /// If a loaded vocabulary fails.
    pub fn tag(&self, texts: &[&str]) -> Result<Vec<Vec<Answer>>, Error> {
        self.tag_sentences(texts.iter().map(|text| Sentence::of(text)).collect())
    }

    /// The tags that training knows, in alphabetical order.
    pub fn tags(&self) -> &[String] {
        &self.lexicon.tags
    }

    /// Tags sentences that are cut into words already; what they hold as tags is not looked at.
    ///
    /// # Errors
    /// If a loaded vocabulary fails.
    pub fn tag_sentences(&self, sentences: Vec<Sentence>) -> Result<Vec<Vec<Answer>>, Error> {
        let mut spellings = Spellings::default();
        let part = spellings.part(&self.lexicon, sentences)?;
        let found = answers(&self.model, &part, &spellings);
        let unknown = self.lexicon.words.special(Special::Unknown);
        let answer = |(row, tagged): (usize, Tagged)| {
            let tags = self.lexicon.tags.len();
            let words = part.sentences[row].words().zip(&part.words[row]);
            let scores = tagged.tags.iter().zip(tagged.probabilities.chunks(tags));
            let word = |((word, number), (tag, shares)): ((&str, &u32), (&u32, &[f32]))| {
                let mut order: Vec<usize> = (0..tags).collect();
                order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]).then(a.cmp(b)));
                let named = |tag: usize| (self.lexicon.tags[tag].clone(), f64::from(shares[tag]));
                let (tag, probability) = named(*tag as usize);
                Answer {
                    word: word.to_owned(),
                    tag,
                    probability,
                    likeliest: order.into_iter().take(LISTED).map(named).collect(),
                    known: Some(*number) != unknown,
                }
            };
            words.zip(scores).map(word).collect()
        };
        Ok(found.into_iter().enumerate().map(answer).collect())
    }
}
