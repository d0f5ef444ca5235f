//! Language models: every token is counted once, a step is a step of the whole, and training stops and resumes.

mod support;

use burn::prelude::*;
use elman::model::{LanguageModel, Walk};
use elman::recipe;
use elman::task::generate::{Corpus, Generate, Recipe, loss, network};
use elman::task::{TaskTables, fit};
use elman::train::Silent;
use std::path::Path;
use support::Watch;

const TEXT: &str = "the quick brown fox jumps over the lazy dog, and 다람쥐 헌 쳇바퀴에 타고파; ";

fn recipe(set: &[&str]) -> Recipe {
    let text = format!(
        "task = \"generate\"\n[data]\ntext = \"{}\"\n[split]\nvalid = 0.2\ntest = 0\n[model]\nhidden_size = 12\n\
         [train]\nepochs = 3\nbatch_size = 4\nbptt_len = 16\n",
        TEXT.repeat(20)
    );
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    recipe::Recipe::parse(&text, "test", &set)
        .unwrap()
        .of()
        .unwrap()
}

fn model(recipe: &Recipe) -> (Corpus, LanguageModel) {
    let corpus = Corpus::read(&recipe.task, Path::new("."), None).unwrap();
    let spec = network(recipe, corpus.vocabulary.len());
    let model = spec
        .init(recipe.model.initializer, 3, &Device::default())
        .unwrap();
    (corpus, model)
}

fn surprise(walk: &mut Walk<'_>, read: u32, next: u32) -> f64 {
    let logits = walk.step(read);
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits
        .iter()
        .map(|logit| f64::from(logit - largest).exp())
        .sum();
    sum.ln() - f64::from(logits[next as usize] - largest)
}

/// The loss over a text is the mean surprise of a walk through it, whatever the layers: packed streams, tied weights,
/// one-hot tokens, or layers that only the whole model can run.
#[test]
fn the_loss_of_a_text_is_that_of_its_steps() {
    let layers =
        "model.layers=[{type=\"gru\",hidden_size=6,return_sequences=true},{type=\"layer_norm\"}]";
    for set in [
        &["model.num_layers=2", "model.dropout=0.5"][..],
        &["model.tie_weights=true"],
        &["model.embedding_size=0", "model.cell=simple_rnn"],
        &["model.embedding_size=5", "model.cell=gru"],
        &["model.hidden_size=32", "model.embedding_size=9", layers],
    ] {
        let recipe = recipe(set);
        let (corpus, model) = model(&recipe);
        let tokens = &corpus.train.tokens[..700]; // one stream
        let mut walk = model.walk();
        let steps = tokens
            .windows(2)
            .map(|pair| surprise(&mut walk, pair[0], pair[1]));
        let mean = steps.sum::<f64>() / 699.0;
        let whole = loss(&model, tokens);
        assert!(
            (whole - mean).abs() < 1e-4,
            "{set:?}: {whole} against {mean}"
        );
    }
}

/// A long text is read as several streams, and no token of it is forgotten: the loss moves when any token moves.
#[test]
fn every_token_counts_once() {
    let recipe = recipe(&[]);
    let (corpus, model) = model(&recipe);
    let mut tokens = corpus.train.tokens.repeat(3);
    tokens.truncate(3 * 1024 + 77);
    let before = loss(&model, &tokens);
    let last = tokens.len() - 1;
    for place in [1, 1500, 3 * 1024 + 1, last] {
        let mut other = tokens.clone();
        other[place] = (other[place] + 1) % 5;
        assert_ne!(
            loss(&model, &other),
            before,
            "token {place} of {last} counts"
        );
    }
}

/// Trained in one go, or stopped in the middle and resumed: the same loss to the bit, states carried included.
#[test]
fn a_resumed_training_ends_in_the_same_bits() {
    let recipe = recipe(&["model.dropout=0.2"]);
    let prepare = || Generate::prepare(recipe.clone(), Path::new(".")).unwrap();
    let job = prepare();
    let whole = tempfile::tempdir().unwrap();
    let trained = fit(&job, whole.path(), false, Default::default(), &mut Silent).unwrap();
    let wanted = loss(&trained.model, &job.corpus.valid.tokens);

    let parts = tempfile::tempdir().unwrap();
    let mut watch = Watch {
        stop_after: Some(8),
        ..Watch::default()
    };
    fit(&job, parts.path(), false, watch.stop.clone(), &mut watch).unwrap();
    let job = prepare();
    let trained = fit(&job, parts.path(), true, Default::default(), &mut Silent).unwrap();
    assert_eq!(loss(&trained.model, &job.corpus.valid.tokens), wanted);
}
