//! Text generation as a [`Job`]: what the command does with it.

use super::config::{Check, Generate, SampleConfig};
use super::corpus::{Corpus, Stream};
use super::objective::{LanguageObjective, figures, loss};
use super::sample::{Generator, Step};
use super::steps::step_table;
use super::{Recipe, VOCABULARY, network};
use crate::baseline::NGram;
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{LanguageModel, LanguageSpec, Summary};
use crate::recipe::{self, ModelConfig};
use crate::report::{Block, Section, Table, Tone, number};
use crate::run::RunFolder;
use crate::task::{self, About, Error, Job, Outcome, TaskTables};
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::Part;
use elman_data::text::{Special, abc};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Texts in the report.
const SAMPLES: u64 = 3;
/// Texts that are made to be checked.
const CHECKED: u64 = 100;
/// Characters of a line from which on it is no accident that it stands in the learned text, too.
const COMPARED: usize = 20;
/// The longest text that is shown step by step, and the most tokens there may be then.
const SHOWN_STEPS: usize = 12;
const SHOWN_TOKENS: usize = 16;

/// A recipe with its text and its network.
#[derive(Clone, Debug)]
pub struct GenerateJob {
    recipe: Recipe,
    /// The text.
    pub corpus: Corpus,
    spec: LanguageSpec,
    /// What counting comes to: the longest context, and nats a token.
    counted: Vec<(usize, f64)>,
}

impl GenerateJob {
    fn new(recipe: Recipe, corpus: Corpus) -> Result<Self, Error> {
        let spec = network(&recipe, corpus.vocabulary.len());
        spec.summary()?; // whether the layers fit together
        let prompt = corpus.vocabulary.encode(&recipe.task.sample.prompt);
        prompt.map_err(|error| {
            recipe::Error::value("sample.prompt", format!("cannot be read: {error}"))
        })?;
        let job = Self {
            recipe,
            corpus,
            spec,
            counted: Vec::new(),
        };
        job.objective(&Device::default().autodiff())?; // what training would refuse
        Ok(job)
    }
}

impl TaskTables for Generate {
    type Job = GenerateJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to many, aligned"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["tokens", "the next token"]
    }

    fn prepare(recipe: Recipe, base: &Path) -> Result<GenerateJob, Error> {
        let corpus = Corpus::read(&recipe.task, base, None)?;
        GenerateJob::new(recipe, corpus)
    }

    fn reopen(recipe: Recipe, base: &Path, run: &RunFolder) -> Result<GenerateJob, Error> {
        let known = task::vocabulary(run, VOCABULARY)?;
        let corpus = Corpus::read(&recipe.task, base, Some(known))?;
        GenerateJob::new(recipe, corpus)
    }
}

impl Job for GenerateJob {
    type Model = LanguageModel;
    type Objective<'a> = LanguageObjective<'a>;

    fn summary(&self) -> Summary {
        self.spec.summary().expect("checked when the job was made")
    }

    fn about(&self) -> About {
        let Corpus {
            vocabulary,
            train,
            valid,
            test,
            ..
        } = &self.corpus;
        let kind = vocabulary.kind();
        let unknown = vocabulary.special(Special::Unknown);
        let share = unknown.map(|unknown| {
            let held = || valid.tokens.iter().chain(&test.tokens);
            let count = held().filter(|token| **token == unknown).count();
            100.0 * count as f64 / held().count().max(1) as f64
        });
        let mut report = format!("{} {kind} in the vocabulary", vocabulary.len());
        if let Some(share) = share {
            report += &format!(
                "; {} % of what is held back is unknown to it",
                number(share)
            );
        }
        if train.documents > 0 {
            let [a, b, c] = [train, valid, test].map(|part| part.documents);
            report += &format!(
                "\n{} documents: {a} to learn from, {b} to choose by, {c} to judge by",
                a + b + c
            );
        }
        let [a, b, c] = [train, valid, test].map(|part| part.tokens.len());
        let sizes = format!("{a} {kind} to learn from, {b} to choose by, {c} to judge by");
        About {
            report: Some(report),
            sizes,
            figures: json!({"train": a, "valid": b, "test": c, "vocabulary": vocabulary.len(), "unknown_percent": share}),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        Ok(run.write(VOCABULARY, self.corpus.vocabulary.to_json())?)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<LanguageObjective<'_>, Error> {
        let network = format!("{:?}", self.recipe.model);
        LanguageObjective::new(&self.corpus, &self.recipe.train, network, device.clone())
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<LanguageModel, Error> {
        Ok(self.spec.init_from(source)?)
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        let (_, judged) = self.corpus.judged();
        let vocabulary = self.corpus.vocabulary.len();
        let counted = [1, 2, 3, 5].map(|order| {
            let model = NGram::fit(&self.corpus.train.tokens, order, vocabulary);
            (order, model.loss(&judged.tokens))
        });
        self.counted = counted.to_vec();
        Ok(Some(self.table(None)))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.corpus.test_on(&self.recipe.task, file)?;
        let kind = self.corpus.vocabulary.kind();
        Ok(format!("{} {kind}", self.corpus.test.tokens.len()))
    }

    fn judge(&self, model: &LanguageModel) -> Result<Outcome, Error> {
        let (part, judged) = self.corpus.judged();
        let loss = loss(model, &judged.tokens);
        let generator = Generator {
            vocabulary: &self.corpus.vocabulary,
            model,
        };
        let mut details = Vec::new();
        if part != Part::Test {
            let held = match part {
                Part::Valid => {
                    "the validation part, which the best epoch was also chosen by: there is no test part"
                }
                _ => "the text that was learned: nothing is held back",
            };
            details.push(Block::Text(format!("Measured on {held}.")));
        }
        let mut figures = self.figures(part, judged, loss);
        let steps = self.shown(&generator)?;
        details.extend(
            steps
                .iter()
                .map(|steps| Block::Table(step_table(steps, &self.corpus.vocabulary))),
        );
        let sections = vec![Section::new("Samples", self.samples(&generator)?)];
        if let Some(check) = self.recipe.task.sample.check {
            let (text, share) = self.checked(&generator, check)?;
            figures.insert("valid_share".into(), json!(share));
            details.push(Block::Text(text));
        }
        let (tone, verdict) = self.verdict(part, loss, steps.as_deref());
        Ok(Outcome {
            verdict,
            tone,
            table: self.table(Some(loss)),
            heading: "How well the next token is foreseen",
            details,
            figures,
            pictures: Vec::new(),
            sections,
            predictions: None,
            loss: "nats a token",
            next: vec!["generate {run}".into()],
        })
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, LanguageModel>, Error> {
        self.look_at(choice)
    }
}

impl GenerateJob {
    fn table(&self, model: Option<f64>) -> Table {
        let (_, judged) = self.corpus.judged();
        let columns = ["", "nats a token", "perplexity", "bits a character"];
        let mut table = Table::new(columns);
        let uniform = (self.corpus.vocabulary.len() as f64).ln();
        let counted = self.counted.iter().map(|(order, loss)| match order {
            1 => ("how often each token comes".to_string(), *loss),
            order => (format!("counts of {order} tokens"), *loss),
        });
        let rows = std::iter::once(("any token at random".to_string(), uniform))
            .chain(counted)
            .chain(model.map(|loss| ("the model".to_string(), loss)));
        for (name, loss) in rows {
            let [perplexity, bits] = figures(loss, judged.tokens.len(), judged.characters);
            table.row([name.into(), loss.into(), perplexity.into(), bits.into()]);
        }
        (1..4).for_each(|column| {
            table.mark_smallest(column);
        });
        table
    }

    fn figures(&self, part: Part, judged: &Stream, loss: f64) -> Map<String, Value> {
        let metrics = |loss: f64| {
            let [perplexity, bits] = figures(loss, judged.tokens.len(), judged.characters);
            json!({"nats_per_token": loss, "perplexity": perplexity, "bits_per_character": bits})
        };
        let counted = self
            .counted
            .iter()
            .map(|(order, loss)| (format!("{order}_gram"), metrics(*loss)));
        let figures = [
            ("part", json!(part)),
            ("metrics", metrics(loss)),
            ("baselines", Value::Object(counted.collect())),
            ("tokens", json!(judged.tokens.len())),
        ];
        figures
            .map(|(name, value)| (name.to_string(), value))
            .into_iter()
            .collect()
    }

    fn verdict(&self, part: Part, loss: f64, steps: Option<&[Step]>) -> (Tone, String) {
        if part == Part::Train
            && let Some(steps) = steps
        {
            let sure = steps.iter().filter_map(|step| step.next.as_ref());
            let least = sure
                .map(|(_, probability)| *probability)
                .fold(1.0, f64::min);
            let tone = if least > 0.9 {
                Tone::Good
            } else {
                Tone::Neutral
            };
            let text = format!(
                "The model has learned its text: every next token has a probability of at least {least:.3}."
            );
            return (tone, text);
        }
        let best = self.counted.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((order, counted)) = best else {
            return (
                Tone::Neutral,
                format!("The model needs {} nats a token.", number(loss)),
            );
        };
        let percent = 100.0 * (1.0 - loss / counted);
        let counts = format!("counts of {order} tokens");
        let losses = format!("{} nats a token against {}", number(loss), number(*counted));
        match percent {
            percent if percent > 1.0 => (
                Tone::Good,
                format!(
                    "The model is {percent:.0} % less surprised by the next token than {counts}: {losses}."
                ),
            ),
            percent if percent < -1.0 => (
                Tone::Bad,
                format!(
                    "The model is worse than {counts}: {losses}. Train longer, or give it more text."
                ),
            ),
            _ => (
                Tone::Neutral,
                format!("The model is about as good as {counts}: {losses}."),
            ),
        }
    }

    /// The training text step by step, if it is short enough to be read so.
    fn shown(&self, generator: &Generator<'_>) -> Result<Option<Vec<Step>>, Error> {
        let tokens = &self.corpus.train.tokens;
        let short = tokens.len() <= SHOWN_STEPS && self.corpus.vocabulary.len() <= SHOWN_TOKENS;
        match short && self.corpus.train.documents == 0 {
            true => {
                let mut steps = generator.steps(&self.corpus.vocabulary.decode(tokens))?;
                steps.pop(); // nothing is known to come after the last
                Ok(Some(steps))
            }
            false => Ok(None),
        }
    }

    fn samples(&self, generator: &Generator<'_>) -> Result<Vec<Block>, Error> {
        let config = &self.recipe.task.sample;
        let mut blocks = vec![Block::Text(format!(
            "Made at a temperature of {}{}.",
            config.temperature,
            match config.prompt.as_str() {
                "" => String::new(),
                prompt => format!(", from {prompt:?}"),
            }
        ))];
        for sample in 0..SAMPLES {
            let config = SampleConfig {
                seed: config.seed + sample,
                ..config.clone()
            };
            blocks.push(Block::Code(generator.generate(&config, &mut |_| {})?.text));
        }
        Ok(blocks)
    }

    /// How many of many texts are what they must be, in words and as a share.
    fn checked(&self, generator: &Generator<'_>, check: Check) -> Result<(String, f64), Error> {
        let problem = match check {
            Check::Abc => abc::problem,
        };
        let config = &self.recipe.task.sample;
        let learned = &self.corpus.documents;
        fn lines(text: &str) -> impl Iterator<Item = &str> {
            text.lines()
                .map(str::trim)
                .filter(|line| line.chars().count() >= COMPARED)
        }
        let known: HashSet<&str> = learned.iter().flat_map(|text| lines(text)).collect();
        let (mut all, mut copied) = (0, 0);
        let (mut right, mut problems) = (0, Vec::new());
        for sample in 0..CHECKED {
            let config = SampleConfig {
                seed: config.seed + sample,
                ..config.clone()
            };
            let text = generator.generate(&config, &mut |_| {})?.text;
            all += lines(&text).count();
            copied += lines(&text).filter(|line| known.contains(line)).count();
            match problem(&text) {
                None => right += 1,
                Some(problem) => problems.push(problem),
            }
        }
        let own = learned
            .iter()
            .filter(|text| problem(text).is_none())
            .count();
        let mut text = format!(
            "{right} of {CHECKED} new texts are whole and in form; of the {} that were learned {own} are. {} % of the new texts' lines \
             stand word for word in those.",
            learned.len(),
            number(100.0 * copied as f64 / all.max(1) as f64),
        );
        if let Some(first) = problems.first() {
            text += &format!(" The first that is not: {first}.");
        }
        Ok((text, right as f64 / CHECKED as f64))
    }
}
