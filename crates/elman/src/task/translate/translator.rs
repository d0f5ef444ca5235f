//! A trained encoder–decoder at work.

use super::config::{SearchConfig, Translate};
use super::network;
use super::objective::sources_of;
use super::pairs::Vocabularies;
use crate::beam;
use crate::model::EncoderDecoder;
use crate::recipe::Recipe;
use crate::report::Svg;
use crate::report::plot::{HeatMap, heat_map};
use crate::run::RunFolder;
use crate::task::{self, Error};
use crate::{init::ParamSource, weights};
use burn::prelude::Device;
use elman_data::text::{Special, Vocabulary};
use serde::Serialize;

/// Where a run keeps its vocabularies.
pub(super) const SOURCE_VOCABULARY: &str = "source_vocabulary.json";
pub(super) const TARGET_VOCABULARY: &str = "target_vocabulary.json";
/// Sequences that are open at the same time, over all sources that are answered together.
const AT_ONCE: usize = 320;

/// A trained encoder–decoder with all that it needs to answer: nothing of its training texts.
#[derive(Debug)]
pub struct Translator {
    /// Tokens and their numbers.
    pub vocabularies: Vocabularies,
    model: EncoderDecoder,
    longest: usize,
}

/// What a translator says to one text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Translation {
    /// What was read, piece by piece.
    pub source: Vec<String>,
    /// The best answers, best first; at least one.
    pub answers: Vec<Answer>,
    /// Tokens that training never saw.
    pub unknown: usize,
    /// Whether the text is longer than what was read.
    pub cut: bool,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The answer.
    pub text: String,
    /// The same, piece by piece.
    pub tokens: Vec<String>,
    /// The logarithm of its probability.
    pub log_probability: f64,
    /// What answers are compared by: the same, less its length; with a consensus how much what was drawn agrees, from 0 to 1.
    pub score: f64,
    /// Whether it came to its end by itself.
    pub ended: bool,
    /// How much each piece of the answer looked at each piece of the source; empty without attention.
    pub attention: Vec<Vec<f32>>,
}

impl Translation {
    /// A picture of what each piece of the best answer looked at; nothing without attention.
    pub fn alignment(&self, title: &str) -> Option<Svg> {
        let best = self.answers.first()?;
        let values = best.attention.iter().flatten();
        let values: Vec<f64> = values.map(|weight| f64::from(*weight)).collect();
        let plot = HeatMap {
            title,
            rows: &best.tokens,
            columns: &self.source,
            values: &values,
            row_title: "target",
            column_title: "source",
            show_values: true,
        };
        (!values.is_empty()).then(|| heat_map(&plot))
    }
}

impl Translator {
    /// The translator of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Translate>, run: &RunFolder) -> Result<Self, Error> {
        let vocabularies = remembered(run)?;
        let sizes = [vocabularies.source.len(), vocabularies.target.len()];
        let network = network(recipe, sizes);
        if let Some(problem) = network.problem() {
            return Err(Error::input(format!("[model] {problem}")));
        }
        let model = network.init(&mut ParamSource::blank(&Device::default()));
        Ok(Self {
            model: weights::load(model, &run.model())?,
            longest: recipe.task.translate.longest,
            vocabularies,
        })
    }

    /// Cuts a text into the tokens that the model reads.
    ///
    /// # Errors
    /// If it has none, or one that the vocabulary lacks and has nothing to stand for.
    pub fn read(&self, text: &str) -> Result<Source, Error> {
        let (tokens, cut) = self.vocabularies.read(text, self.longest)?;
        Ok(Source { tokens, cut })
    }

    /// Answers texts; each gets up to `config.beam` answers.
    ///
    /// # Errors
    /// If a setting is impossible.
    pub fn translate(
        &self,
        sources: &[Source],
        config: &SearchConfig,
    ) -> Result<Vec<Translation>, Error> {
        config.check()?;
        let tokens: Vec<&[u32]> = sources.iter().map(|source| &source.tokens[..]).collect();
        let search = Search::new(&self.vocabularies.target, config);
        let answers = answers(&self.model, &search, &tokens);
        let unknown = self.vocabularies.source.special(Special::Unknown);
        let is_unknown = |token: &&u32| Some(**token) == unknown;
        let translation = |(source, answers): (&Source, Vec<Answer>)| Translation {
            source: pieces(&self.vocabularies.source, &source.tokens),
            answers,
            unknown: source.tokens.iter().filter(is_unknown).count(),
            cut: source.cut,
        };
        Ok(sources.iter().zip(answers).map(translation).collect())
    }
}

/// A text as a translator reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    tokens: Vec<u32>,
    cut: bool,
}

/// The vocabularies of a run.
pub(super) fn remembered(run: &RunFolder) -> Result<Vocabularies, Error> {
    let target = task::vocabulary(run, TARGET_VOCABULARY)?;
    let needed = [Special::Start, Special::End];
    if needed
        .iter()
        .any(|special| target.special(*special).is_none())
    {
        return Err(run
            .damaged(TARGET_VOCABULARY, "it has no start or no end")
            .into());
    }
    Ok(Vocabularies {
        source: task::vocabulary(run, SOURCE_VOCABULARY)?,
        target,
    })
}

/// How answers are searched for, among which tokens.
pub(in crate::task) struct Search<'a> {
    target: &'a Vocabulary,
    config: SearchConfig,
    forbidden: Vec<usize>,
}

impl<'a> Search<'a> {
    /// Among the tokens of `target`, which has a start and an end; padding, the unknown and the start are never written.
    pub(in crate::task) fn new(target: &'a Vocabulary, config: &SearchConfig) -> Self {
        let never = [Special::Padding, Special::Unknown, Special::Start];
        let never = never
            .into_iter()
            .filter_map(|special| target.special(special));
        Self {
            target,
            config: config.clone(),
            forbidden: never.map(|token| token as usize).collect(),
        }
    }

    /// The same as the search knows it.
    pub(in crate::task) fn rule(&self) -> beam::Search<'_> {
        let special = |special| {
            let token = self.target.special(special);
            token.expect("targets have a start and an end") as usize
        };
        beam::Search {
            width: self.config.beam,
            length_penalty: self.config.length_penalty,
            draws: self.config.consensus,
            start: special(Special::Start),
            end: special(Special::End),
            forbidden: &self.forbidden,
        }
    }

    /// Most tokens of an answer, if the recipe says so; else `otherwise`.
    pub(in crate::task) fn longest(&self, otherwise: usize) -> usize {
        self.config.max_length.unwrap_or(otherwise)
    }

    /// Sources that are answered together.
    pub(in crate::task) fn at_once(&self) -> usize {
        (AT_ONCE / self.config.beam.max(self.config.consensus)).max(1)
    }

    /// What was found, in words; `source` is how many places there were to look at.
    pub(in crate::task) fn answer(&self, hypothesis: beam::Hypothesis, source: usize) -> Answer {
        let tokens = hypothesis.tokens.iter().map(|token| *token as u32);
        let tokens: Vec<u32> = tokens.collect();
        let mut attention = hypothesis.attention;
        attention
            .iter_mut()
            .for_each(|weights| weights.truncate(source));
        Answer {
            text: self.target.decode(&tokens),
            tokens: pieces(self.target, &tokens),
            log_probability: hypothesis.log_probability,
            score: hypothesis.score,
            ended: hypothesis.ended,
            attention,
        }
    }

    /// The same, taking the likeliest token each time.
    pub(in crate::task) fn greedy(mut self) -> Self {
        self.config.beam = 1;
        self.config.consensus = 0;
        self
    }
}

/// The best answers to each source, best first.
pub(super) fn answers(
    model: &EncoderDecoder,
    search: &Search<'_>,
    sources: &[&[u32]],
) -> Vec<Vec<Answer>> {
    let rule = search.rule();
    // Like lengths together.
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|row| std::cmp::Reverse(sources[*row].len()));
    let mut answers = vec![Vec::new(); sources.len()];
    for rows in order.chunks(search.at_once()) {
        let together: Vec<&[u32]> = rows.iter().map(|row| sources[*row]).collect();
        let (source, lengths) = sources_of(&together, &Device::default());
        let most: Vec<usize> = lengths
            .iter()
            .map(|length| search.config.length(*length))
            .collect();
        let (memory, state) = model.encode(source, &lengths);
        let found = model.decoder.write(&memory, state, &rule, &most);
        for ((row, length), found) in rows.iter().zip(&lengths).zip(found) {
            let answer = |hypothesis| search.answer(hypothesis, *length);
            answers[*row] = found.into_iter().map(answer).collect();
        }
    }
    answers
}

/// Tokens as they can be read, one by one.
pub(in crate::task) fn pieces(vocabulary: &Vocabulary, tokens: &[u32]) -> Vec<String> {
    let piece = |token: &u32| {
        let text = vocabulary.decode(std::slice::from_ref(token));
        match text.trim().is_empty() {
            true => vocabulary.token(*token).to_string(),
            false => text.trim().to_string(),
        }
    };
    tokens.iter().map(piece).collect()
}
