//! "The food was good, not bad at all." and "The food was bad, not good at all.": the same words in another order. The
//! lecture notes' reason for recurrent networks, as a test.

use burn::prelude::*;
use elman::baseline::text::{CountsModel, Labelled, likeliest};
use elman::init::Initializer;
use elman::model::{Dense, Embedding, Lstm, Sequential, Shape};
use elman::task::classify::{ClassifyObjective, answers};
use elman::train::loss::CrossEntropy;
use elman::train::{Silent, TrainConfig, Trainer, shuffled};
use elman_data::Ragged;
use std::collections::HashMap;

const THINGS: [&str; 6] = ["food", "service", "room", "film", "music", "weather"];
/// A word of praise and its opposite.
const OPPOSITES: [[&str; 2]; 6] = [
    ["good", "bad"],
    ["great", "awful"],
    ["fresh", "stale"],
    ["warm", "cold"],
    ["clean", "dirty"],
    ["kind", "rude"],
];
const CLASSES: usize = 2;

/// One statement and its denial, both ways round: 1 is praise.
fn sentences(thing: &str, [praise, blame]: [&str; 2]) -> Vec<(String, usize)> {
    let forms = |yes: &str, no: &str| {
        [
            format!("the {thing} was {yes} , not {no} at all ."),
            format!("the {thing} was not {no} at all , it was {yes} ."),
            format!("i found the {thing} {yes} and not {no} ."),
        ]
    };
    let label = |class: usize| move |text: String| (text, class);
    let praised = forms(praise, blame).into_iter().map(label(1));
    praised
        .chain(forms(blame, praise).into_iter().map(label(0)))
        .collect()
}

/// Token numbers in the order in which words first come; 0 is padding.
#[derive(Default)]
struct Words(HashMap<String, u32>);

impl Words {
    fn numbers(&mut self, text: &str) -> Vec<u32> {
        let number = |word: &str| {
            let next = self.0.len() as u32 + 1;
            *self.0.entry(word.into()).or_insert(next)
        };
        text.split(' ').map(number).collect()
    }
}

/// Every sixth combination of a thing and a pair of opposites is held out; each thing and each pair is known from others.
fn divided(words: &mut Words) -> [(Ragged<u32>, Vec<usize>); 2] {
    let mut parts: [(Ragged<u32>, Vec<usize>); 2] = Default::default();
    for (row, thing) in THINGS.iter().enumerate() {
        for (column, opposites) in OPPOSITES.iter().enumerate() {
            let part = &mut parts[usize::from((row + column) % 6 == 0)];
            for (text, label) in sentences(thing, *opposites) {
                part.0.push(&words.numbers(&text));
                part.1.push(label);
            }
        }
    }
    parts
}

#[test]
fn counts_cannot_tell_what_a_recurrent_network_can() {
    let mut words = Words::default();
    let [training, held_out] = divided(&mut words);
    assert_eq!((training.0.len(), held_out.0.len()), (180, 36));
    let data = Labelled {
        texts: &training.0,
        labels: &training.1,
    };
    let pair = [
        "the food was good , not bad at all .",
        "the food was bad , not good at all .",
    ]
    .map(|text| words.numbers(text));
    assert!(
        pair.iter()
            .all(|text| training.0.iter().all(|known| known != text))
    );

    let counts = CountsModel::fit(data, 1, &[1.0; CLASSES], 1.0);
    let [good, bad] = [&pair[0], &pair[1]].map(|text| counts.probabilities(text));
    let bits = |shares: &[f64]| {
        shares
            .iter()
            .map(|share| share.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&good), bits(&bad), "one bag, one answer");
    let right = |answer: &dyn Fn(&[u32]) -> Vec<f64>| {
        let rows = held_out.0.iter().zip(&held_out.1);
        rows.filter(|(text, label)| likeliest(&answer(text)) == **label)
            .count()
    };
    assert_eq!(
        right(&|text| counts.probabilities(text)),
        18,
        "a coin does as well"
    );

    let layers = Sequential::new()
        .add(Embedding::new(words.0.len() + 1, 16))
        .add(Lstm::new(24))
        .add(Dense::new(CLASSES));
    let device = Device::default().autodiff();
    let input = Shape::Ids { time: None };
    let model = layers.init(input, Initializer::Keras, 3, &device).unwrap();
    let objective = ClassifyObjective {
        training: data,
        validation: None,
        criterion: CrossEntropy::default(),
        classes: CLASSES,
        other_strand: None,
        batch_size: 16,
        seed: 3,
        padding: 0,
        word_dropout: None,
        width: None,
        fingerprint: String::new(),
        device: device.clone(),
    };
    let config: TrainConfig =
        toml::from_str("epochs = 40\noptimizer.learning_rate = 0.01").unwrap();
    let trainer = Trainer::new(config.check().unwrap());
    let trained = trainer.train(&objective, model, &mut Silent).unwrap().model;
    let model = burn::module::Module::valid(&trained);

    let answers = |texts: &[&[u32]]| answers(&model, &texts.iter().collect(), None, 0);
    let found = answers(&[&pair[0], &pair[1]]);
    assert!(found[0][1] > 0.95 && found[1][0] > 0.95, "{found:?}");
    let recurrent = right(&|text| answers(&[text]).remove(0));
    assert!(recurrent >= 34, "{recurrent} of 36");

    // Answered together, in any order, is answered alone: padding is nothing.
    let order = shuffled(held_out.0.len(), 1, 0);
    let mixed: Vec<&[u32]> = order.iter().map(|row| &held_out.0[*row]).collect();
    let together = answers(&mixed);
    for (row, shares) in order.iter().zip(together) {
        let alone = answers(&[&held_out.0[*row]]).remove(0);
        assert!((alone[0] - shares[0]).abs() < 1e-5);
    }
}
