//! Translation as a [`Job`]: what the command does with it.

use super::config::Translate;
use super::objective::{TranslationObjective, loss};
use super::pairs::{PairList, Pairs};
use super::results::{Scores, alignments, csv, examples, remarks, table, verdict};
use super::translator::{
    Answer, SOURCE_VOCABULARY, Search, TARGET_VOCABULARY, answers, pieces, remembered,
};
use super::{Recipe, network};
use crate::baseline::text::{Bags, Weighting};
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{EncoderDecoder, EncoderDecoderConfig, Summary};
use crate::recipe::{self, ModelConfig};
use crate::report::{Block, Table, number};
use crate::run::RunFolder;
use crate::task::{About, Error, Job, Outcome, TaskTables, overlap};
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::Part;
use elman_data::text::{Special, batches, padded_share};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Answers that learn nothing: their keys in figures, and what they are called.
const BASELINES: [(&str, &str); 2] = [
    ("copy", "the source as it is"),
    ("likest", "the answer to the likest source"),
];
/// The longest source that is written into a command to try.
const TRIED: usize = 80;

/// A recipe with its pairs and its network.
#[derive(Clone, Debug)]
pub struct TranslateJob {
    recipe: Recipe,
    /// The pairs.
    pub pairs: Pairs,
    network: EncoderDecoderConfig,
    /// What answers that learn nothing come to.
    baselines: Vec<(String, Scores)>,
}

impl TranslateJob {
    fn new(recipe: Recipe, pairs: Pairs) -> Result<Self, Error> {
        let vocabularies = &pairs.vocabularies;
        let sizes = [vocabularies.source.len(), vocabularies.target.len()];
        let network = network(&recipe, sizes);
        if let Some(problem) = network.problem() {
            return Err(Error::input(format!("[model] {problem}")));
        }
        Ok(Self {
            recipe,
            pairs,
            network,
            baselines: Vec::new(),
        })
    }

    fn figures(
        &self,
        part: Part,
        loss: f64,
        greedy: &Scores,
        model: &Scores,
    ) -> Map<String, Value> {
        let keys = BASELINES.iter().zip(&self.baselines);
        let baselines = keys.map(|((key, _), (_, scores))| (key.to_string(), json!(scores)));
        let figures = json!({
            "part": part,
            "metrics": {
                "bleu": model.bleu.score,
                "exact": model.overlap.exact,
                "f1": model.overlap.f1,
                "nats_per_token": loss,
                "perplexity": loss.exp(),
            },
            "search": {
                "beam": self.recipe.task.search.beam,
                "consensus": self.recipe.task.search.consensus,
                "scores": model,
            },
            "greedy": greedy,
            "baselines": Value::Object(baselines.collect()),
            "pairs": self.pairs.judged().1.len(),
        });
        match figures {
            Value::Object(figures) => figures,
            _ => unreachable!("an object was written"),
        }
    }
}

impl TaskTables for Translate {
    type Job = TranslateJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to many, unaligned"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["a text", "another text"]
    }

    fn prepare(recipe: Recipe, base: &Path) -> Result<TranslateJob, Error> {
        let pairs = Pairs::read(&recipe.task, base, None)?;
        TranslateJob::new(recipe, pairs)
    }

    fn reopen(recipe: Recipe, base: &Path, run: &RunFolder) -> Result<TranslateJob, Error> {
        let known = remembered(run)?;
        let pairs = Pairs::read(&recipe.task, base, Some(known))?;
        TranslateJob::new(recipe, pairs)
    }
}

impl Job for TranslateJob {
    type Model = EncoderDecoder;
    type Objective<'a> = TranslationObjective<'a>;

    fn summary(&self) -> Summary {
        self.network.summary()
    }

    fn about(&self) -> About {
        let Pairs {
            vocabularies,
            train,
            valid,
            test,
            too_long,
        } = &self.pairs;
        let (source, target) = (&vocabularies.source, &vocabularies.target);
        let mut report = match self.recipe.task.translate.shared_vocabulary {
            true => format!(
                "{} {} in the vocabulary of both sides",
                source.len(),
                source.kind()
            ),
            false => format!(
                "{} {} in the vocabulary of the sources, {} {} in that of the targets",
                source.len(),
                source.kind(),
                target.len(),
                target.kind()
            ),
        };
        let unknown = source.special(Special::Unknown).map(|unknown| {
            let held = || valid.read().values().iter().chain(test.read().values());
            let count = held().filter(|token| **token == unknown).count();
            100.0 * count as f64 / held().count().max(1) as f64
        });
        if let Some(share) = unknown {
            report += &format!(
                "; {} % of the sources that are held back is unknown to it",
                number(share)
            );
        }
        if *too_long > 0 {
            report += &format!(
                "\n{too_long} pairs to learn from are longer than {} tokens and left out",
                self.recipe.task.translate.longest
            );
        }
        let lengths = train.lengths();
        let batches = batches(
            &lengths,
            self.recipe.train.batch_size,
            self.recipe.train.seed,
            0,
        );
        let padded = 100.0 * padded_share(&lengths, &batches);
        report += &format!("\n{padded:.1} % of what is read in batches is padding");
        let [learned, asked] = [train, test].map(|pairs| pairs.iter());
        let [learned, asked] = [learned, asked].map(|pairs| pairs.map(|pair| pair.source().into()));
        let again = overlap::remark(learned, asked, "sources");
        if let Some(again) = again {
            report += &format!("\n{again}");
        }
        let [a, b, c] = [train, valid, test].map(PairList::len);
        About {
            report: Some(report),
            sizes: format!("{a} pairs to learn from, {b} to choose by, {c} to judge by"),
            figures: json!({
                "train": a, "valid": b, "test": c, "too_long": too_long,
                "source_vocabulary": source.len(), "target_vocabulary": target.len(),
                "unknown_percent": unknown, "padded_percent": padded,
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        let vocabularies = &self.pairs.vocabularies;
        run.write(SOURCE_VOCABULARY, vocabularies.source.to_json())?;
        Ok(run.write(TARGET_VOCABULARY, vocabularies.target.to_json())?)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<TranslationObjective<'_>, Error> {
        let network = format!("{:?}", self.recipe.model);
        let (tables, train) = (&self.recipe.task, &self.recipe.train);
        Ok(TranslationObjective::new(
            &self.pairs,
            tables,
            train,
            network,
            device.clone(),
        ))
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<EncoderDecoder, Error> {
        Ok(self.network.init(source))
    }

    /// The source itself, and the target of the likest source to learn from.
    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        let (part, judged) = self.pairs.judged();
        let score = self.recipe.task.score;
        let mut answers: Vec<Vec<&str>> = vec![judged.iter().map(|pair| pair.source()).collect()];
        // Among the pairs that it looks through it would find each one itself.
        if part != Part::Train {
            let known = &self.pairs.train;
            let bags = Bags::new(known.read(), known.read(), Weighting::Rarity);
            let answer = |place: usize| known.get(place).target();
            let looked_up = judged.iter().map(|pair| bags.likest(pair.read));
            answers.push(looked_up.map(|place| place.map_or("", answer)).collect());
        }
        let named = BASELINES.iter().zip(answers);
        let measure = |((_, name), answers): (&(&str, &str), Vec<&str>)| {
            (name.to_string(), Scores::measure(&answers, judged, score))
        };
        self.baselines = named.map(measure).collect();
        Ok(Some(table(&self.baselines, score)))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.pairs.test_on(&self.recipe.task, file)?;
        Ok(format!("{} pairs", self.pairs.test.len()))
    }

    fn judge(&self, model: &EncoderDecoder) -> Result<Outcome, Error> {
        let (part, judged) = self.pairs.judged();
        let tables = &self.recipe.task;
        let sources: Vec<&[u32]> = judged.iter().map(|pair| pair.read).collect();
        let vocabularies = &self.pairs.vocabularies;
        let found = answers(
            model,
            &Search::new(&vocabularies.target, &tables.search),
            &sources,
        );
        let name = tables.search.name();
        let greedy = match name {
            None => found.clone(),
            Some(_) => {
                let search = Search::new(&vocabularies.target, &tables.search).greedy();
                answers(model, &search, &sources)
            }
        };
        let measure = |answers: &[Vec<Answer>]| {
            let best = answers.iter().map(|found| found[0].text.as_str());
            Scores::measure(&best.collect::<Vec<_>>(), judged, tables.score)
        };
        let (own, plain) = (measure(&found), measure(&greedy));
        let loss = loss(model, &self.pairs, judged);
        let mut rows = self.baselines.clone();
        rows.push(("the model, greedy".into(), plain.clone()));
        rows.extend(name.map(|name| (format!("the model, {name}"), own.clone())));
        let mut details = vec![remarks(&found, loss)];
        match part {
            Part::Test => {}
            Part::Valid => details.push(Block::Text(
                "Measured on the validation part, which the best epoch was also chosen by: there is no test part.".into(),
            )),
            Part::Train => details.push(Block::Text(
                "Measured on the pairs that were learned: nothing is held back.".into(),
            )),
        }
        details.push(Block::Table(examples(judged, &found)));
        let (tone, verdict) = verdict(&own, &self.baselines);
        let read = |tokens: &[u32]| pieces(&vocabularies.source, tokens);
        Ok(Outcome {
            verdict,
            tone,
            table: table(&rows, tables.score),
            heading: "How good the answers are",
            details,
            figures: self.figures(part, loss, &plain, &own),
            pictures: alignments(judged, &found, read),
            sections: Vec::new(),
            predictions: Some(csv(judged, &found)),
            loss: "nats a token",
            next: vec![match judged.get(0).source() {
                text if text.chars().count() <= TRIED
                    && !text.contains(['"', '$', '`', '\\', '!']) =>
                {
                    format!("translate {{run}} \"{text}\"")
                }
                _ => "translate {run} TEXT".into(),
            }],
        })
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, EncoderDecoder>, Error> {
        self.look_at(choice)
    }
}
