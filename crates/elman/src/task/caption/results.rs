//! What captions came to: the model beside what learns little, and pictures with what was looked at.

use super::dataset::{Dataset, Shown};
use super::describer::Answer;
use super::draw::{overlay, small};
use super::job::CaptionJob;
use super::seen::Seen;
use crate::metric::{Bleu, BleuConfig, bleu_of_many};
use crate::report::{Block, Section, Table, Tone, csv_cell, number};
use crate::task::{Error, Outcome};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, json};

/// Pictures that are shown with their sentences.
const SHOWN: usize = 10;
/// Sentences that are tried as the best single one, and pictures they are tried on.
const TRIED: usize = 400;
const TRIED_ON: usize = 300;
/// Words of a sentence whose look is drawn, at most.
const LOOKS: usize = 16;

/// How good sentences are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Scores {
    /// Against all sentences of each picture.
    pub bleu: Bleu,
    /// Share of those that are one of them word for word, in per cent.
    pub exact: f64,
}

impl Scores {
    pub(super) fn measure(texts: &[impl AsRef<str>], part: &Shown, config: BleuConfig) -> Self {
        let same = |a: &str, b: &str| match config.lowercase {
            true => a.to_lowercase() == b.to_lowercase(),
            false => a == b,
        };
        let pairs = texts.iter().zip(&part.sentences);
        let exact =
            pairs.filter(|(text, sentences)| sentences.iter().any(|one| same(one, text.as_ref())));
        let exact = 100.0 * exact.count() as f64 / texts.len().max(1) as f64;
        Self {
            bleu: bleu_of_many(texts, &part.sentences, config),
            exact,
        }
    }
}

/// The sentence of the training part that has the best BLEU-1 if it is said about every picture: of some hundred sentences, spread
/// over the part, on some hundred pictures.
pub(super) fn best_sentence(data: &Dataset, config: BleuConfig) -> String {
    let all: Vec<&String> = data.train.sentences.iter().flatten().collect();
    let tried: Vec<&String> = spread(all.len(), TRIED).map(|row| all[row]).collect();
    let pictures: Vec<Vec<&String>> = spread(data.train.len(), TRIED_ON)
        .map(|row| data.train.sentences[row].iter().collect())
        .collect();
    let score = |sentence: &&&String| {
        let said = vec![sentence.as_str(); pictures.len()];
        bleu_of_many(&said, &pictures, config).by_order[0]
    };
    let scored: Vec<f64> = tried.par_iter().map(|sentence| score(&sentence)).collect();
    let best = (0..tried.len())
        .rev()
        .max_by(|a, b| scored[*a].total_cmp(&scored[*b]));
    best.map_or(String::new(), |best| tried[best].clone())
}

/// The first sentence of the training picture whose grid, averaged over its places, is nearest by cosine.
pub(super) fn likest(data: &Dataset, seen: &Seen) -> Vec<String> {
    let summed = |part: &Shown| -> Vec<Vec<f32>> {
        let grids = seen.to_the_end(part.grids());
        let places = (grids.shape[1] * grids.shape[2]).max(1);
        let one = |grid: &[f32]| {
            let mut means: Vec<f32> = grid
                .chunks_exact(places)
                .map(|channel| channel.iter().sum())
                .collect();
            let length = means
                .iter()
                .map(|x| x * x)
                .sum::<f32>()
                .sqrt()
                .max(f32::MIN_POSITIVE);
            means.iter_mut().for_each(|x| *x /= length);
            means
        };
        grids
            .values
            .par_chunks(grids.shape[0] * places)
            .map(one)
            .collect()
    };
    let (known, asked) = (summed(&data.train), summed(&data.test));
    let near = |one: &Vec<f32>| {
        let cosine = |other: &Vec<f32>| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
        let cosines: Vec<f32> = known.iter().map(cosine).collect();
        let best = (0..known.len())
            .rev()
            .max_by(|a, b| cosines[*a].total_cmp(&cosines[*b]));
        best.and_then(|best| data.train.sentences[best].first().cloned())
            .unwrap_or_default()
    };
    asked.par_iter().map(near).collect()
}

/// So many places of a list, evenly spread.
fn spread(length: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let wanted = wanted.min(length);
    (0..wanted).map(move |index| index * length / wanted)
}

/// Who says how good sentences; the model's own search last.
pub(super) struct Results<'a> {
    pub(super) job: &'a CaptionJob,
    pub(super) rows: Vec<(String, Scores)>,
}

impl Results<'_> {
    /// All of them beside each other; the best of each column is marked.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(["", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "exact %"]);
        for (name, scores) in &self.rows {
            let [one, two, three, four] = scores.bleu.by_order;
            table.row([
                name.as_str().into(),
                one.into(),
                two.into(),
                three.into(),
                four.into(),
                scores.exact.into(),
            ]);
        }
        (1..6).for_each(|column| {
            table.mark_largest(column);
        });
        table
    }

    /// The judgement; the model's scores stand last.
    pub(super) fn outcome(
        &self,
        answers: &[Vec<Answer>],
        loss: f64,
        grid: [usize; 2],
    ) -> Result<Outcome, Error> {
        let [.., (_, own)] = self.rows.as_slice() else {
            unreachable!("a model that is judged");
        };
        let simple = self
            .rows
            .iter()
            .filter(|(name, _)| !name.starts_with("the model"));
        let four = |scores: &Scores| scores.bleu.score;
        let best = simple.max_by(|a, b| four(&a.1).total_cmp(&four(&b.1)));
        let (tone, verdict) = match best {
            None => (
                Tone::Neutral,
                format!("The sentences score BLEU {:.1}.", four(own)),
            ),
            Some((name, simple)) => {
                let ones = [own, simple].map(|scores| scores.bleu.by_order[0]);
                let scores = format!(
                    "BLEU {:.1} against {:.1} of {name} (of single words {:.1} against {:.1})",
                    four(own),
                    four(simple),
                    ones[0],
                    ones[1]
                );
                let (tone, says) = match four(own) - four(simple) {
                    more if more > 0.5 => (Tone::Good, "better than what learns little"),
                    less if less < -0.5 => (Tone::Bad, "worse than what learns little"),
                    _ => (Tone::Neutral, "about as good as what learns little"),
                };
                (tone, format!("The model is {says}: {scores}."))
            }
        };
        let details = vec![Block::Text(format!(
            "The right sentences surprise the model by {} nats a token (perplexity {}).",
            number(loss),
            number(loss.exp())
        ))];
        let mut figures = Map::new();
        for ((_, scores), key) in self
            .rows
            .iter()
            .zip(["single", "likest", "greedy", "search"])
        {
            figures.insert(key.into(), json!(scores));
        }
        let [one, two, three, four] = own.bleu.by_order;
        figures.insert(
            "metrics".into(),
            json!({"bleu_1": one, "bleu_2": two, "bleu_3": three, "bleu": four, "exact": own.exact, "nats_per_token": loss}),
        );
        Ok(Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "How good the sentences are",
            details,
            figures,
            pictures: Vec::new(),
            sections: vec![self.shown(answers)?, self.looks(answers, grid)?],
            predictions: Some(self.predictions(answers)),
            loss: "nats a token",
            next: vec!["caption {run} PICTURE".into()],
        })
    }

    fn test(&self) -> &Shown {
        &self.job.data.test
    }

    /// Some pictures, spread over the part, with what is said about them.
    fn shown(&self, answers: &[Vec<Answer>]) -> Result<Section, Error> {
        let test = self.test();
        let mut blocks = Vec::new();
        for row in spread(test.len(), SHOWN) {
            let picture = self.job.seen.read(&test.files[row])?;
            let said = &answers[row][0].text;
            blocks.push(Block::Figure {
                svg: small(&picture, said),
                caption: format!(
                    "\u{201c}{said}\u{201d} One who saw it: \u{201c}{}\u{201d}",
                    test.sentences[row][0]
                ),
            });
        }
        Ok(Section::new("What the model says", blocks))
    }

    /// What was looked at for each word of one sentence.
    fn looks(&self, answers: &[Vec<Answer>], grid: [usize; 2]) -> Result<Section, Error> {
        let test = self.test();
        let drawn = |row: &usize| (4..=LOOKS).contains(&answers[*row][0].attention.len());
        let Some(row) = (0..test.len()).find(drawn) else {
            let text = "The model looks at the picture as a whole, once.";
            return Ok(Section::new(
                "Where it looked",
                vec![Block::Text(text.into())],
            ));
        };
        let picture = self.job.seen.read(&test.files[row])?;
        let best = &answers[row][0];
        let looked = best.tokens.iter().zip(&best.attention);
        let figures = looked.map(|(word, weights)| Block::Figure {
            svg: overlay(&picture, weights, grid, word),
            caption: word.clone(),
        });
        Ok(Section::new("Where it looked", figures.collect()))
    }

    fn predictions(&self, answers: &[Vec<Answer>]) -> String {
        let mut text = String::from("picture,sentence,said\n");
        let test = self.test();
        for ((file, sentences), answers) in test.files.iter().zip(&test.sentences).zip(answers) {
            let file = file.display().to_string();
            let cells = [
                csv_cell(&file),
                csv_cell(sentences.first().map_or("", String::as_str)),
                csv_cell(&answers[0].text),
            ];
            text += &cells.join(",");
            text.push('\n');
        }
        text
    }
}
