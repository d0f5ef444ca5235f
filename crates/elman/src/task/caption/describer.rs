//! A trained captioner at work.

use super::config::Caption;
use super::job::{VOCABULARY, network};
use super::seen::{Grids, Seen};
use crate::init::ParamSource;
use crate::model::Captioner;
use crate::recipe::Recipe;
use crate::run::RunFolder;
pub use crate::task::translate::Answer;
pub(super) use crate::task::translate::Search;
use crate::task::translate::SearchConfig;
use crate::task::{self, Error};
use crate::weights;
use burn::prelude::Device;
use elman_data::media::picture::Picture;
use elman_data::text::Vocabulary;
use std::path::Path;

/// A trained captioner with all that it needs to answer: nothing of its training pictures.
#[derive(Debug)]
pub struct Describer {
    /// Tokens and their numbers.
    pub vocabulary: Vocabulary,
    seen: Seen,
    model: Captioner,
    longest: usize,
}

/// What a captioner says about one picture.
#[derive(Clone, Debug)]
pub struct Description {
    /// The picture.
    pub picture: Picture,
    /// The best sentences, best first; at least one.
    pub answers: Vec<Answer>,
    /// Rows and columns of the places that were looked at.
    pub grid: [usize; 2],
}

impl Describer {
    /// The captioner of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others, or the weights of the eye are not found.
    pub fn open(recipe: &Recipe<Caption>, run: &RunFolder) -> Result<Self, Error> {
        let vocabulary = task::vocabulary(run, VOCABULARY)?;
        let base = run.base()?;
        let seen = Seen::open(&recipe.task.caption, &base)?;
        seen.check(run)?;
        let network = network(recipe, seen.features(), vocabulary.len());
        if let Some(problem) = network.problem() {
            return Err(Error::input(format!("[model] {problem}")));
        }
        let mut source = ParamSource::blank(&Device::default());
        let eye = seen.eye(&mut source);
        let model = network.init(eye, &mut source);
        Ok(Self {
            model: weights::load(model, &run.model())?,
            longest: recipe.task.caption.longest,
            seen,
            vocabulary,
        })
    }

    /// Describes the picture of a file with up to `search.beam` sentences.
    ///
    /// # Errors
    /// If it cannot be read, or a setting is impossible.
    pub fn describe(&self, file: &Path, search: &SearchConfig) -> Result<Description, Error> {
        search.check()?;
        let picture = self.seen.read(file)?;
        let (shape, values) = self.seen.see(&picture);
        let grids = Grids { shape, values };
        let answers = answers(
            &self.model,
            &Search::new(&self.vocabulary, search),
            self.longest,
            &grids,
        );
        Ok(Description {
            picture,
            answers: answers.into_iter().next().unwrap_or_default(),
            grid: self.seen.places(shape),
        })
    }
}

/// The best sentences about each picture, best first, of at most `longest` tokens.
pub(super) fn answers(
    model: &Captioner,
    search: &Search<'_>,
    longest: usize,
    grids: &Grids,
) -> Vec<Vec<Answer>> {
    let rule = search.rule();
    let all: Vec<usize> = (0..grids.len()).collect();
    let mut answers = Vec::with_capacity(all.len());
    for rows in all.chunks(search.at_once()) {
        let (memory, state) = model.look(grids.batch(rows, &Device::default()));
        let places = memory.outputs.dims()[1];
        let most = vec![search.longest(longest); rows.len()];
        let found = model.decoder.write(&memory, state, &rule, &most);
        let answer = |hypothesis| search.answer(hypothesis, places);
        answers.extend(
            found
                .into_iter()
                .map(|found| found.into_iter().map(answer).collect()),
        );
    }
    answers
}
