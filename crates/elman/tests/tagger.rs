//! What a tagger promises: padding that changes nothing, gradients that are slopes, unknown words known by their letters,
//! and tags that follow each other as they may.

mod support;

use burn::module::Module;
use burn::prelude::*;
use elman::cell::{Activation, CellKind, GruReset};
use elman::init::{Initializer, ParamSource};
use elman::model::{
    CharacterInput, Sentence, TagOutput, Tagger, TaggerConfig, TaggerInput, WordInput, hide_rare,
};
use elman::train::{
    Carry, Evaluation, Objective, Silent, StepLoss, TrainConfig, Trainer, shuffled,
};
use elman::weights::{parameter_count, snapshot};
use support::alone;

const TAGS: usize = 4;

fn config(output: TagOutput) -> TaggerConfig {
    TaggerConfig::new(TAGS, 5)
        .with_words(WordInput {
            vocabulary: 9,
            features: 3,
        })
        .with_characters(CharacterInput {
            vocabulary: 8,
            features: 3,
            hidden_size: 2,
        })
        .with_output(output)
}

fn build(config: &TaggerConfig, device: &Device) -> Tagger {
    config.init_from(&mut ParamSource::new(5, Initializer::PyTorch, device))
}

/// Numbers of words and of spellings; a word is spelled as itself, but 7 and 8 are both unknown words, numbered 1.
const SENTENCES: [&[u32]; 4] = [&[2, 3, 2, 7], &[], &[8], &[5, 7, 3, 4, 4, 6, 2]];

fn spellings() -> Vec<Vec<u32>> {
    let letters = |word: u32| (0..word % 5).map(move |place| 1 + (word * 3 + place * place) % 7);
    (0..9).map(|word| letters(word).collect()).collect()
}

fn numbers(sentence: &[u32]) -> Vec<u32> {
    sentence
        .iter()
        .map(|word| if *word < 7 { *word } else { 1 })
        .collect()
}

fn input(sentences: &[&[u32]], device: &Device) -> TaggerInput {
    let words: Vec<_> = sentences.iter().map(|sentence| numbers(sentence)).collect();
    let sentences: Vec<Sentence<'_>> = sentences
        .iter()
        .zip(&words)
        .map(|(spellings, words)| Sentence { words, spellings })
        .collect();
    TaggerInput::new(&sentences, &spellings(), device)
}

/// The target of each word; where there is no word, a tag that does not exist.
fn targets(sentences: &[&[u32]], time: usize) -> Vec<Option<u32>> {
    let target = |(place, word): (usize, &u32)| Some((word + place as u32) % TAGS as u32);
    let padded = |sentence: &&[u32]| {
        let own = sentence.iter().enumerate().map(target);
        let own = own.chain(std::iter::repeat(Some(99)));
        own.take(time).collect::<Vec<_>>()
    };
    sentences.iter().flat_map(padded).collect()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

#[track_caller]
fn close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{found} {expected}");
    }
}

/// The gradients of all parameters whose tensors are named here, one after the other.
fn gradients(tagger: &Tagger, loss: Tensor<1>) -> Vec<f32> {
    let gradients = loss.backward();
    let characters = tagger.characters.as_ref().unwrap();
    let matrices = [
        &tagger.words.as_ref().unwrap().weight,
        &characters.embedding.weight,
        &characters.rnn.directions[0].weight_ih,
        &characters.rnn.directions[1].weight_hh,
        &tagger.rnn.directions[0].weight_hh,
        &tagger.rnn.directions[1].weight_ih,
        &tagger.output.weight,
    ];
    let field = tagger.crf.iter().map(|crf| &crf.transitions);
    let gradient = |weight: &burn::module::Param<Tensor<2>>| {
        values(
            weight
                .val()
                .grad(&gradients)
                .expect("every weight has a part in the loss"),
        )
    };
    matrices
        .into_iter()
        .chain(field)
        .flat_map(gradient)
        .collect()
}

/// A batch of ragged sentences, and each of them alone.
#[test]
fn padded_equals_unpadded_in_answers_losses_and_gradients() {
    let device = Device::default().autodiff();
    for output in [TagOutput::Softmax, TagOutput::Crf] {
        for cell in [
            CellKind::Lstm,
            CellKind::Gru(GruReset::After),
            CellKind::SimpleRnn(Activation::Tanh),
        ] {
            let tagger = build(&config(output).with_cell(cell).with_num_layers(2), &device);
            let batch = input(&SENTENCES, &device);
            let (loss, count) = tagger.loss(&batch, &targets(&SENTENCES, batch.time()));
            assert_eq!(count, 12);
            let together = gradients(&tagger, loss.clone() * 12.0);
            let answers = tagger
                .valid()
                .answer(&input(&SENTENCES, &Device::default()));
            let (mut sum, mut summed) = (0.0, vec![0.0; together.len()]);
            for (sentence, answer) in SENTENCES.into_iter().zip(answers) {
                if sentence.is_empty() {
                    assert!(answer.tags.is_empty() && answer.probabilities.is_empty());
                    continue;
                }
                let words = sentence.len();
                let one = input(&[sentence], &device);
                let (loss, count) = tagger.loss(&one, &targets(&[sentence], words));
                assert_eq!(count, words);
                let loss = loss * words as f64;
                sum += loss.clone().into_scalar::<f32>();
                let own = gradients(&tagger, loss);
                summed
                    .iter_mut()
                    .zip(own)
                    .for_each(|(sum, own)| *sum += own);
                let alone = tagger
                    .valid()
                    .answer(&input(&[sentence], &Device::default()));
                assert_eq!(alone[0].tags, answer.tags);
                close(&alone[0].probabilities, &answer.probabilities, 1e-5);
                for word in answer.probabilities.chunks(TAGS) {
                    assert!((word.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                }
            }
            close(&[loss.into_scalar::<f32>() * 12.0], &[sum], 1e-4);
            close(&together, &summed, 1e-4);
        }
    }
}

/// Central differences of the loss in weights that only the shared spellings reach.
#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let device = Device::default().autodiff();
    for output in [TagOutput::Softmax, TagOutput::Crf] {
        let tagger = build(&config(output), &device);
        let batch = input(&SENTENCES, &device);
        let targets = targets(&SENTENCES, batch.time());
        let gradients = tagger.loss(&batch, &targets).0.backward();
        let letters = &tagger.characters.as_ref().unwrap().embedding.weight;
        let words = &tagger.words.as_ref().unwrap().weight;
        for (which, weight) in [letters, words].into_iter().enumerate() {
            let gradient = values(weight.val().grad(&gradients).unwrap());
            let loss = |at: usize, by: f32| {
                let mut tagger = tagger.clone();
                let mut data = weight.val().into_data();
                data.as_mut_slice::<f32>().unwrap()[at] += by;
                let nudged = burn::module::Param::from_data(data, &device);
                match which {
                    0 => tagger.characters.as_mut().unwrap().embedding.weight = nudged,
                    _ => tagger.words.as_mut().unwrap().weight = nudged,
                }
                f64::from(tagger.loss(&batch, &targets).0.into_scalar::<f32>())
            };
            assert!(gradient.iter().any(|d| d.abs() > 1e-3));
            for (at, gradient) in gradient.iter().enumerate() {
                let step = 2e-2;
                let slope = (loss(at, step) - loss(at, -step)) / f64::from(2.0 * step);
                let error = (f64::from(*gradient) - slope).abs();
                assert!(error < 2e-4, "{which} {at}: {gradient} {slope}");
            }
        }
    }
}

#[test]
fn either_input_can_be_left_out_and_parameters_are_counted() {
    let device = Device::default();
    let whole = config(TagOutput::Crf).with_num_layers(2);
    for config in [
        whole.clone(),
        whole.clone().with_words(None),
        whole.clone().with_characters(None),
        whole.with_output(TagOutput::Softmax),
    ] {
        let tagger = build(&config, &device);
        assert_eq!(parameter_count(&tagger), config.parameter_count());
        let answers = tagger.answer(&input(&SENTENCES, &device));
        assert_eq!(answers[3].tags.len(), 7);
        assert_eq!(snapshot(&tagger), snapshot(&build(&config, &device)));
    }
}

#[test]
fn a_word_without_a_target_has_no_loss() {
    let device = Device::default();
    for (output, counted) in [(TagOutput::Softmax, 11), (TagOutput::Crf, 8)] {
        let tagger = build(&config(output), &device);
        let batch = input(&SENTENCES, &device);
        let mut targets = targets(&SENTENCES, batch.time());
        targets[1] = None;
        let (loss, count) = tagger.loss(&batch, &targets);
        assert_eq!(count, counted);
        assert!(loss.into_scalar::<f32>() > 0.0);
        let (loss, count) = tagger.loss(&batch, &vec![None; targets.len()]);
        assert_eq!((loss.into_scalar::<f32>(), count), (0.0, 0));
    }
}

#[test]
fn a_word_of_any_length_is_read() {
    let device = Device::default();
    let tagger = build(&config(TagOutput::Softmax), &device);
    let word = |letters: Vec<u32>| {
        let sentence = Sentence {
            words: &[1],
            spellings: &[0],
        };
        let input = TaggerInput::new(&[sentence], &[letters], &device);
        tagger.answer(&input).remove(0).probabilities
    };
    // Not a whole number of sevens more than 64, or the last 32 letters would be the second 32.
    let long: Vec<u32> = (0..1_000_003).map(|place| 1 + place % 7).collect();
    assert_ne!(long[32..64], long[long.len() - 32..]);
    let ends = [&long[..32], &long[long.len() - 32..]].concat();
    assert_eq!(word(long.clone()), word(ends.clone()));
    assert_ne!(word(ends), word(long[..64].to_vec()));
}

#[test]
fn rare_words_are_hidden_at_the_given_rate() {
    let words: Vec<u32> = (0..30_000).map(|place| 2 + place % 3).collect();
    let hidden = |rate, seed| {
        let mut words = words.clone();
        hide_rare(&mut words, |word| word == 3, 1, rate, seed);
        words
    };
    let half = hidden(0.5, 7);
    let count = half.iter().filter(|word| **word == 1).count();
    // 5000 expected with a standard deviation of 50.
    assert!((4750..5250).contains(&count), "{count}");
    let others = |words: &[u32]| {
        words
            .iter()
            .filter(|word| **word == 2 || **word == 4)
            .count()
    };
    assert_eq!(others(&half), 20_000);
    assert_eq!(half, hidden(0.5, 7));
    assert_ne!(half, hidden(0.5, 8));
    assert_eq!(hidden(0.0, 7), words);
    assert!(!hidden(1.0, 7).contains(&3));
}

/// Sentences of a small language. Tag 0: a word that ends in letter 7; 1: one that ends otherwise; 2: letter 1 alone
/// begins a phrase; 3: letter 1 alone after such a beginning goes on with it.
struct Language {
    sentences: Vec<(Vec<u32>, Vec<Option<u32>>)>,
    spellings: Vec<Vec<u32>>,
}

impl Language {
    fn new(count: usize, first: usize) -> Self {
        let mut language = Self {
            sentences: Vec::new(),
            spellings: vec![vec![1]],
        };
        let mut state = 1 + first as u64;
        let mut draw = |limit: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % limit) as u32
        };
        for _ in 0..count {
            let (mut words, mut tags) = (Vec::new(), Vec::new());
            for _ in 0..2 + draw(4) {
                if draw(3) == 0 {
                    words.extend([0, 0]);
                    tags.extend([Some(2), Some(3)]);
                    continue;
                }
                // Never the same word again: only its letters tell.
                let mut letters: Vec<u32> = (0..2 + draw(4)).map(|_| 2 + draw(5)).collect();
                let marked = draw(2) == 0;
                if marked {
                    letters.push(7);
                }
                words.push(language.spellings.len() as u32);
                language.spellings.push(letters);
                tags.push(Some(u32::from(!marked)));
            }
            language.sentences.push((words, tags));
        }
        language
    }

    fn input(&self, rows: &[usize], device: &Device) -> (TaggerInput, Vec<Option<u32>>) {
        let unknown = vec![1; 100];
        let sentences = rows.iter().map(|row| &self.sentences[*row]);
        let sentence = |(spellings, _): &'_ (Vec<u32>, _)| spellings.len();
        let lengths: Vec<usize> = sentences.clone().map(sentence).collect();
        let inputs: Vec<Sentence<'_>> = sentences
            .clone()
            .zip(&lengths)
            .map(|((spellings, _), length)| Sentence {
                words: &unknown[..*length],
                spellings,
            })
            .collect();
        let input = TaggerInput::new(&inputs, &self.spellings, device);
        let mut targets = vec![None; rows.len() * input.time()];
        for (row, (_, tags)) in targets.chunks_mut(input.time()).zip(sentences) {
            row[..tags.len()].copy_from_slice(tags);
        }
        (input, targets)
    }
}

impl Objective for Language {
    type Model = Tagger;
    type Batch = Vec<usize>;

    fn batches(&self, epoch: usize) -> Vec<Vec<usize>> {
        let order = shuffled(self.sentences.len(), 3, epoch);
        order.chunks(16).map(<[usize]>::to_vec).collect()
    }

    fn loss(&self, model: &Tagger, rows: &Vec<usize>, _: Option<Carry>) -> StepLoss {
        let (input, targets) = self.input(rows, &Device::default().autodiff());
        let (loss, examples) = model.loss(&input, &targets);
        StepLoss {
            loss,
            carry: None,
            examples,
        }
    }

    fn validate(&self, _: &Tagger) -> Option<Evaluation> {
        None
    }
}

/// Trained on some words, asked about others: whatever it gets right it has from their letters and their place.
#[test]
fn words_never_seen_are_known_by_their_letters() {
    let _turn = alone();
    let device = Device::default().autodiff();
    for output in [TagOutput::Softmax, TagOutput::Crf] {
        let config = TaggerConfig::new(4, 12)
            .with_words(WordInput {
                vocabulary: 2,
                features: 2,
            })
            .with_characters(CharacterInput {
                vocabulary: 8,
                features: 6,
                hidden_size: 8,
            })
            .with_dropout(0.1)
            .with_output(output);
        let language = Language::new(320, 0);
        let train: TrainConfig =
            toml::from_str("epochs = 12\nclip_norm = 5.0\noptimizer.learning_rate = 0.01").unwrap();
        let trainer = Trainer::new(train.check().unwrap());
        let trained = trainer.train(&language, build(&config, &device), &mut Silent);
        let tagger = trained.unwrap().model.valid();
        let unseen = Language::new(60, 77);
        let rows: Vec<usize> = (0..60).collect();
        let (input, _) = unseen.input(&rows, &Device::default());
        let answers = tagger.answer(&input);
        let (mut right, mut all) = (0, 0);
        for (answer, (_, tags)) in answers.iter().zip(&unseen.sentences) {
            all += tags.len();
            let pairs = answer.tags.iter().zip(tags);
            right += pairs.filter(|(found, tag)| Some(**found) == **tag).count();
        }
        assert!(right * 100 >= all * 98, "{output:?}: {right} of {all}");
    }
}
