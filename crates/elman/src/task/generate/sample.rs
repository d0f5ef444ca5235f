//! New text, a token at a time.

use super::config::SampleConfig;
use crate::likeliest;
use crate::model::LanguageModel;
use crate::task::Error;
use elman_data::text::{Special, Vocabulary};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Makes text with a trained model.
#[derive(Clone, Copy, Debug)]
pub struct Generator<'a> {
    /// What the model's numbers stand for.
    pub vocabulary: &'a Vocabulary,
    /// The model.
    pub model: &'a LanguageModel,
}

/// A text that was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// The prompt and what follows it.
    pub text: String,
    /// Tokens after the prompt.
    pub tokens: usize,
    /// Why it ends.
    pub ended: Ended,
}

/// Why a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It has as many tokens as were asked for.
    Length,
    /// The model ended the document.
    Document,
    /// The stop text came.
    Stop,
}

/// One step of the network through a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The token that is read.
    pub input: String,
    /// The state of the last layer after it.
    pub hidden: Vec<f32>,
    /// The logit of each token to be the next.
    pub output: Vec<f32>,
    /// Their softmax.
    pub probabilities: Vec<f64>,
    /// The likeliest next token.
    pub predicted: String,
    /// The token that does come next in the text, and its probability.
    pub next: Option<(String, f64)>,
}

impl Generator<'_> {
    /// Makes a text, and tells `write` each piece as soon as it is certain, the prompt first.
    ///
    /// # Errors
    /// If a setting is impossible, or the prompt holds a token that the model does not know.
    pub fn generate(
        &self,
        config: &SampleConfig,
        write: &mut dyn FnMut(&str),
    ) -> Result<Sample, Error> {
        config.check()?;
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
        let mut walk = self.model.walk();
        let mut logits = Vec::new();
        for token in self.opening(&config.prompt)? {
            logits = walk.step(token);
        }
        let mut said = Said::new(self.vocabulary.len());
        let mut decoder = self.vocabulary.decoder();
        // What follows is joined to the prompt as the prompt's own words are. Half a syllable is not: it has been shown.
        let prompt = self.vocabulary.encode(&config.prompt)?;
        let given: String = prompt.iter().map(|token| decoder.push(*token)).collect();
        if given != self.vocabulary.decode(&prompt) {
            decoder = self.vocabulary.decoder();
        }
        let mut writer = Writer::new(config.stop.as_deref(), write);
        writer.prompt(&config.prompt);
        let (mut tokens, mut ended) = (0, Ended::Length);
        while tokens < config.length {
            let token = said.draw(&mut logits, config, self.never(), &mut rng);
            if Some(token) == self.vocabulary.special(Special::End) {
                ended = Ended::Document;
                break;
            }
            tokens += 1;
            if writer.write(&decoder.push(token)) {
                ended = Ended::Stop;
                break;
            }
            logits = walk.step(token);
        }
        if ended != Ended::Stop && writer.write(&decoder.finish()) {
            ended = Ended::Stop;
        }
        Ok(Sample {
            text: writer.finish(ended == Ended::Stop),
            tokens,
            ended,
        })
    }

    /// The network's states and answers, token by token through a text.
    ///
    /// # Errors
    /// If the text holds no token, or one that the model does not know.
    pub fn steps(&self, text: &str) -> Result<Vec<Step>, Error> {
        let tokens = self.vocabulary.encode(text)?;
        if tokens.is_empty() {
            return Err(Error::input(format!("{text:?} holds no token")));
        }
        let name = |token: u32| self.vocabulary.token(token).to_string();
        let mut walk = self.model.walk();
        let step = |(at, &token): (usize, &u32)| {
            let output = walk.step(token);
            let probabilities = softmax(&output);
            Step {
                input: name(token),
                hidden: walk.hidden().to_vec(),
                predicted: name(likeliest(&output) as u32),
                next: tokens
                    .get(at + 1)
                    .map(|next| (name(*next), probabilities[*next as usize])),
                output,
                probabilities,
            }
        };
        Ok(tokens.iter().enumerate().map(step).collect())
    }

    /// What the network reads before it says anything: the prompt after the end of a document; without documents the
    /// prompt alone, or a line's end, or (where there is neither) the first token of the vocabulary: the commonest, where it
    /// is ordered so.
    fn opening(&self, prompt: &str) -> Result<Vec<u32>, Error> {
        let prompt = self.vocabulary.encode(prompt)?;
        let first = match self.vocabulary.special(Special::End) {
            Some(end) => Some(end),
            None if prompt.is_empty() => {
                let line = self.vocabulary.encode("\n").unwrap_or_default();
                line.last().copied().or(self.first())
            }
            None => None,
        };
        Ok(first.into_iter().chain(prompt).collect())
    }

    /// The first token that is not special.
    fn first(&self) -> Option<u32> {
        let first = self.vocabulary.specials().len() as u32;
        ((first as usize) < self.vocabulary.len()).then_some(first)
    }

    /// The token that is never said.
    fn never(&self) -> Option<u32> {
        self.vocabulary.special(Special::Unknown)
    }
}

/// Which tokens have been said, and the choice of the next.
struct Said {
    tokens: Vec<bool>,
}

impl Said {
    fn new(vocabulary: usize) -> Self {
        Self {
            tokens: vec![false; vocabulary],
        }
    }

    fn draw(
        &mut self,
        logits: &mut [f32],
        config: &SampleConfig,
        never: Option<u32>,
        rng: &mut ChaCha8Rng,
    ) -> u32 {
        if let Some(never) = never.filter(|_| logits.len() > 1) {
            logits[never as usize] = f32::NEG_INFINITY;
        }
        let penalty = config.repetition_penalty as f32;
        for (logit, _) in logits
            .iter_mut()
            .zip(&self.tokens)
            .filter(|(_, said)| **said)
        {
            *logit = if *logit > 0.0 {
                *logit / penalty
            } else {
                *logit * penalty
            };
        }
        let token = match config.temperature {
            0.0 => likeliest(logits),
            _ => {
                let kept = kept(logits, config);
                let total: f64 = kept.iter().map(|(_, probability)| probability).sum();
                let mut left = rng.random::<f64>() * total;
                let chosen = kept.iter().find(|(_, probability)| {
                    left -= probability;
                    left < 0.0
                });
                chosen
                    .or(kept.last())
                    .expect("at least one token is kept")
                    .0
            }
        };
        self.tokens[token] = true;
        token as u32
    }
}

/// The tokens that are drawn from, the likeliest first, with their probabilities.
fn kept(logits: &[f32], config: &SampleConfig) -> Vec<(usize, f64)> {
    let probabilities = softmax_at(config.temperature, logits);
    let mut tokens: Vec<(usize, f64)> = probabilities.into_iter().enumerate().collect();
    tokens.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    tokens.truncate(config.top_k.unwrap_or(tokens.len()));
    if let Some(share) = config.top_p {
        let total: f64 = tokens.iter().map(|(_, probability)| probability).sum();
        let mut sum = 0.0;
        let enough = tokens.iter().position(|(_, probability)| {
            sum += probability;
            sum >= share * total
        });
        tokens.truncate(enough.map_or(tokens.len(), |last| last + 1));
    }
    tokens
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    softmax_at(1.0, logits)
}

/// The softmax of logits divided by a temperature above 0: the largest is taken off first, so that it stays 0 however small the
/// temperature is, and all that is below it goes to nothing.
fn softmax_at(temperature: f64, logits: &[f32]) -> Vec<f64> {
    let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let powers: Vec<f64> = logits
        .iter()
        .map(|logit| ((f64::from(*logit) - largest) / temperature).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// Passes text on, but keeps back what may turn out to be the beginning of the stop text.
struct Writer<'a> {
    stop: Option<&'a str>,
    write: &'a mut dyn FnMut(&str),
    text: String,
    /// Bytes of the text that are not made by the model.
    prompt: usize,
    /// Bytes that have been passed on.
    written: usize,
}

impl<'a> Writer<'a> {
    fn new(stop: Option<&'a str>, write: &'a mut dyn FnMut(&str)) -> Self {
        Self {
            stop,
            write,
            text: String::new(),
            prompt: 0,
            written: 0,
        }
    }

    fn prompt(&mut self, prompt: &str) {
        self.text += prompt;
        self.prompt = prompt.len();
        self.pass(prompt.len());
    }

    /// Whether the text is at its end.
    fn write(&mut self, piece: &str) -> bool {
        self.text += piece;
        let made = &self.text[self.prompt..];
        let Some(stop) = self.stop else {
            self.pass(self.text.len());
            return false;
        };
        if let Some(at) = made.find(stop) {
            self.text.truncate(self.prompt + at);
            return true;
        }
        let begun = (1..stop.len())
            .rev()
            .filter(|length| stop.is_char_boundary(*length))
            .find(|length| made.ends_with(&stop[..*length]));
        self.pass(self.text.len() - begun.unwrap_or(0));
        false
    }

    fn pass(&mut self, end: usize) {
        if end > self.written {
            (self.write)(&self.text[self.written..end]);
            self.written = end;
        }
    }

    fn finish(mut self, stopped: bool) -> String {
        if !stopped || self.text.len() > self.written {
            self.pass(self.text.len());
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(logits: &[f32], config: &SampleConfig, times: usize) -> Vec<usize> {
        let mut counts = vec![0; logits.len()];
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for _ in 0..times {
            let mut said = Said::new(logits.len());
            counts[said.draw(&mut logits.to_vec(), config, None, &mut rng) as usize] += 1;
        }
        counts
    }

    #[test]
    fn tokens_are_drawn_as_often_as_they_are_likely() {
        let probabilities = [0.5f32, 0.3, 0.15, 0.05];
        let logits = probabilities.map(f32::ln);
        let plain = SampleConfig {
            temperature: 1.0,
            ..Default::default()
        };
        let near = |counts: Vec<usize>, wanted: [f64; 4]| {
            for (count, wanted) in counts.iter().zip(wanted) {
                assert!(
                    (*count as f64 / 20_000.0 - wanted).abs() < 0.015,
                    "{counts:?}"
                );
            }
        };
        near(drawn(&logits, &plain, 20_000), [0.5, 0.3, 0.15, 0.05]);
        let two = SampleConfig {
            top_k: Some(2),
            ..plain.clone()
        };
        near(drawn(&logits, &two, 20_000), [0.625, 0.375, 0.0, 0.0]);
        let nucleus = SampleConfig {
            top_p: Some(0.81),
            ..plain.clone()
        };
        near(
            drawn(&logits, &nucleus, 20_000),
            [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0.0],
        );
        let cold = SampleConfig {
            temperature: 0.5,
            ..plain.clone()
        };
        let sum: f64 = 0.25 + 0.09 + 0.0225 + 0.0025;
        near(
            drawn(&logits, &cold, 20_000),
            [0.25, 0.09, 0.0225, 0.0025].map(|square| square / sum),
        );
        let greedy = SampleConfig {
            temperature: 0.0,
            ..plain
        };
        assert_eq!(drawn(&logits, &greedy, 10), [10, 0, 0, 0]);
    }

    #[test]
    fn the_smallest_temperatures_take_the_likeliest() {
        // Of 1, 3 and 2 the second, whose share is 1 / (1 + exp(-1 / t) + exp(-2 / t)): 1 for each of these, in exact numbers too.
        for temperature in [0.0, 1e-2, 1e-30, 1e-38, 1e-45, 1e-308, 5e-324] {
            let config = SampleConfig {
                temperature,
                ..Default::default()
            };
            assert_eq!(
                drawn(&[1.0, 3.0, 2.0], &config, 20),
                [0, 20, 0],
                "{temperature}"
            );
        }
        let equal = SampleConfig {
            temperature: 1e-320,
            ..Default::default()
        };
        let counts = drawn(&[2.0, 2.0, -1.0], &equal, 200);
        assert!(
            counts[0] > 60 && counts[1] > 60 && counts[2] == 0,
            "{counts:?}"
        );
    }

    #[test]
    fn what_was_said_is_said_less_often_again() {
        let config = SampleConfig {
            temperature: 0.0,
            repetition_penalty: 2.0,
            ..Default::default()
        };
        let mut said = Said::new(3);
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut next = || said.draw(&mut [1.5, 1.0, -1.0], &config, Some(2), &mut rng);
        assert_eq!([next(), next(), next()], [0, 1, 0]);
    }

    #[test]
    fn the_stop_text_is_left_out_and_nothing_of_it_is_shown() {
        let mut shown = Vec::new();
        let mut write = |piece: &str| shown.push(piece.to_string());
        let mut writer = Writer::new(Some("끝\n"), &mut write);
        writer.prompt("끝\n가");
        assert!(!writer.write("나"));
        assert!(!writer.write("끝"), "the stop text may begin here");
        assert!(!writer.write("에"));
        assert!(!writer.write("다끝"));
        assert!(writer.write("\n라"));
        assert_eq!(writer.finish(true), "끝\n가나끝에다");
        assert_eq!(shown.concat(), "끝\n가나끝에다");
    }
}
