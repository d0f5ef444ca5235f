//! What runs are asked for after their training.

use super::said;
use elman::recipe::Recipe;
use elman::run::RunFolder;
use elman::task::animate::Animator;
use elman::task::caption::Describer;
use elman::task::classify::Classifier;
use elman::task::map::Mapper;
use elman::task::recognize::Recognizer;
use elman::task::tag::Tagging;
use elman::task::transcribe::Transcriber;
use elman::task::translate::Translator;
use elman::task::{Task, forecast, generate, resemble, similarity};

/// Lets a run answer something new.
pub(super) fn answered(recipe: &Recipe, run: &RunFolder) -> Result<(), String> {
    match recipe.task.clone() {
        Task::Forecast(tables) => {
            let recipe = recipe.clone().with_task(tables);
            let known = forecast::Preprocessing::remembered(run).map_err(said)?;
            let (data, _) = forecast::newest(&recipe, run, None, known).map_err(said)?;
            let data = data.extended(2, &[]).map_err(said)?;
            let job = forecast::Forecaster::with_data(recipe, data).map_err(said)?;
            let model = job.load(&run.model()).map_err(said)?;
            let newest = job.data.series.len() - 1;
            forecast::forecast(&model, &job.data, &[newest], 2)
                .map(drop)
                .map_err(said)
        }
        Task::Map(tables) => {
            let mapper = Mapper::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            let base = run.base().map_err(said)?;
            mapper
                .answer(&["rows.csv".into()], &base)
                .map(drop)
                .map_err(said)
        }
        Task::Classify(tables) => {
            let classifier =
                Classifier::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            classifier
                .classify(&["a good 영화"])
                .map(drop)
                .map_err(said)
        }
        Task::Recognize(tables) => {
            let recognizer =
                Recognizer::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            let base = run.base().map_err(said)?;
            recognizer
                .recognize(&["series.csv".into()], &base)
                .map(drop)
                .map_err(said)
        }
        Task::Generate(tables) => {
            let recipe = recipe.clone().with_task(tables);
            let (vocabulary, model) = generate::open(&recipe, run).map_err(said)?;
            let generator = generate::Generator {
                vocabulary: &vocabulary,
                model: &model,
            };
            let config = generate::SampleConfig {
                length: 3,
                ..recipe.task.sample
            };
            generator
                .generate(&config, &mut |_| ())
                .map(drop)
                .map_err(said)
        }
        Task::Tag(tables) => {
            let tagging = Tagging::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            tagging.tag(&["w1 w2 한글"]).map(drop).map_err(said)
        }
        Task::Translate(tables) => {
            let recipe = recipe.clone().with_task(tables);
            let translator = Translator::open(&recipe, run).map_err(said)?;
            let source = translator.read("frage 3").map_err(said)?;
            translator
                .translate(&[source], &recipe.task.search)
                .map(drop)
                .map_err(said)
        }
        Task::Caption(tables) => Describer::open(&recipe.clone().with_task(tables), run)
            .map(drop)
            .map_err(said),
        Task::Transcribe(tables) => {
            let transcriber =
                Transcriber::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            let base = run.base().map_err(said)?;
            transcriber
                .transcribe(&["said.csv".into()], &base, 2)
                .map(drop)
                .map_err(said)
        }
        Task::Animate(tables) => {
            let recipe = recipe.clone().with_task(tables);
            let animator = Animator::open(&recipe, run).map_err(said)?;
            let base = run.base().map_err(said)?;
            let seeds = animator.seeds(&["moves.csv".into()], &base).map_err(said)?;
            animator
                .go_on(&seeds[0], &recipe.task.sample)
                .map(drop)
                .map_err(said)
        }
        Task::Similarity(tables) => {
            let encoder =
                similarity::Encoder::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            encoder
                .between("what who is", "where")
                .map(drop)
                .map_err(said)
        }
        Task::Resemble(tables) => {
            let encoder =
                resemble::Encoder::open(&recipe.clone().with_task(tables), run).map_err(said)?;
            let base = run.base().map_err(said)?;
            encoder.known(&base).map(drop).map_err(said)
        }
    }
}
