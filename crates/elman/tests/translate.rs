//! Translation: what is learned, what is looked at, what is counted, and that training stops and resumes.

mod support;

use burn::prelude::*;
use elman::inspect::inspect;
use elman::model::{AttentionKind, EncoderDecoder};
use elman::recipe;
use elman::task::translate::{Recipe, Translate, TranslateJob};
use elman::task::{Job, Outcome, TaskTables, fit};
use elman::train::Silent;
use elman::weights;
use elman_data::random::mix;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use support::{Watch, alone};

const NUMBERS: [[&str; 2]; 8] = [
    ["eins", "하나"],
    ["zwei", "둘"],
    ["drei", "셋"],
    ["vier", "넷"],
    ["fünf", "다섯"],
    ["sechs", "여섯"],
    ["sieben", "일곱"],
    ["acht", "여덟"],
];

/// Numbers in German, and the same in Korean from the last to the first, drawn so that long ones hardly come twice.
fn pairs(count: usize) -> (String, String) {
    let (mut source, mut target) = (String::new(), String::new());
    for pair in 0..count {
        let digit = |place: usize| (mix(&[pair as u64, place as u64]) % 8) as usize;
        let digits = (0..2 + pair % 4).map(digit);
        let digits: Vec<usize> = digits.collect();
        let words = |side: usize, digits: &[usize]| {
            let words: Vec<&str> = digits.iter().map(|digit| NUMBERS[*digit][side]).collect();
            words.join(" ") + "\n"
        };
        source += &words(0, &digits);
        target += &words(1, &digits.into_iter().rev().collect::<Vec<_>>());
    }
    (source, target)
}

const RECIPE: &str = r#"
task = "translate"
[parallel]
source = ["train.de"]
target = ["train.ko"]
[split]
valid = 0.1
test = 0.1
[vocabulary]
tokens = "words"
[model]
embedding_size = 24
hidden_size = 32
cell = "gru"
bidirectional = true
initializer = "pytorch"
[train]
epochs = 60
batch_size = 16
clip_norm = 1.0
optimizer = { learning_rate = 0.01 }
"#;

fn recipe(set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let recipe = recipe::Recipe::parse(RECIPE, "test", &set).unwrap();
    recipe.of().unwrap()
}

fn folder(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = pairs(count);
    std::fs::write(folder.path().join("train.de"), source).unwrap();
    std::fs::write(folder.path().join("train.ko"), target).unwrap();
    folder
}

fn job(folder: &Path, set: &[&str]) -> TranslateJob {
    Translate::prepare(recipe(set), folder).unwrap()
}

/// Encoder and decoder are seen at work, and which words of the source the target rests on.
fn looked_into(job: &TranslateJob, model: &EncoderDecoder) {
    let specimen = job.specimen(&Default::default()).unwrap();
    let found = inspect(model, &specimen, None);
    let names: Vec<&str> = found
        .parts
        .iter()
        .map(|part| part.passage.name.as_str())
        .collect();
    assert!(
        names.iter().any(|name| name.starts_with("encoder")),
        "{names:?}"
    );
    assert!(
        names.iter().any(|name| name.starts_with("decoder")),
        "{names:?}"
    );
    assert_eq!(
        found.rests.gradient.as_ref().map(Vec::len),
        Some(specimen.steps)
    );
    assert!(found.parts.iter().all(|part| part.flow.is_some()));
}

fn judged(job: &mut TranslateJob) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let trained = fit(job, folder.path(), false, Default::default(), &mut Silent).unwrap();
    looked_into(job, &trained.model);
    job.baselines(&Default::default(), &mut Silent).unwrap();
    job.judge(&trained.model).unwrap()
}

/// With attention the order is learned for sources never seen, and what is looked at runs backwards as the words do.
#[test]
fn reversed_numbers_are_translated_and_aligned() {
    let _alone = alone();
    let data = folder(400);
    for attention in ["luong", "bahdanau"] {
        let kind = format!("translate.attention={attention}");
        let mut job = job(data.path(), &[&kind]);
        let outcome = judged(&mut job);
        let bleu = outcome.figures["metrics"]["bleu"].as_f64().unwrap();
        let exact = outcome.figures["metrics"]["exact"].as_f64().unwrap();
        assert!(
            bleu > 90.0 && exact > 80.0,
            "{attention}: {}\n{:?}",
            outcome.text(),
            outcome.predictions
        );
        assert!(outcome.verdict.contains("better than what learns nothing"));
        let copied = &outcome.figures["baselines"]["copy"]["bleu"]["score"];
        assert_eq!(copied.as_f64(), Some(0.0), "German is no Korean");
        assert_eq!(outcome.pictures.len(), 3);
        assert!(outcome.pictures[0].svg.as_str().contains("&lt;/s&gt;"));
        let predictions = outcome.predictions.unwrap();
        assert_eq!(predictions.lines().count(), job.pairs.test.len() + 1);
    }
}

#[test]
fn without_attention_it_learns_too_and_draws_nothing() {
    let _alone = alone();
    let data = folder(200);
    let mut job = job(data.path(), &["translate.attention=none", "train.epochs=2"]);
    let outcome = judged(&mut job);
    assert!(outcome.pictures.is_empty());
    assert!(
        outcome.figures["metrics"]["nats_per_token"]
            .as_f64()
            .unwrap()
            < 3.0
    );
}

/// Dropout and scheduled sampling included.
#[test]
fn a_resumed_training_ends_in_the_same_bits() {
    let _alone = alone();
    let data = folder(80);
    let set = [
        "train.epochs=3",
        "translate.sampling=0.5",
        "model.dropout=0.3",
    ];
    let train = |folder: &Path, resume: bool, stop: Option<usize>| {
        let job = job(data.path(), &set);
        let flag = Arc::new(AtomicBool::new(false));
        let mut observer = Watch {
            stop: flag.clone(),
            stop_after: stop,
            ..Watch::default()
        };
        let trained = fit(&job, folder, resume, flag, &mut observer).unwrap();
        weights::snapshot(&trained.model)
    };
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wanted = train(whole.path(), false, None);
    let stopped = train(parts.path(), false, Some(7));
    assert_ne!(stopped, wanted);
    assert_eq!(train(parts.path(), true, None), wanted);
}

#[test]
fn scheduled_sampling_changes_what_is_learned_from_the_second_epoch_on() {
    let _alone = alone();
    let data = folder(60);
    let trained = |sampling: &str, epochs: &str| {
        let job = job(data.path(), &[sampling, epochs]);
        let folder = tempfile::tempdir().unwrap();
        let trained = fit(&job, folder.path(), false, Default::default(), &mut Silent).unwrap();
        weights::snapshot(&trained.model)
    };
    let (never, often) = ("translate.sampling=0", "translate.sampling=0.9");
    assert_eq!(
        trained(never, "train.epochs=1"),
        trained(often, "train.epochs=1")
    );
    assert_ne!(
        trained(never, "train.epochs=2"),
        trained(often, "train.epochs=2")
    );
}

/// The loss of the test part is the mean over its tokens, however it is batched: that of each pair alone, weighed.
#[test]
fn the_loss_counts_every_token_once() {
    let _alone = alone();
    let data = folder(120);
    let whole = job(data.path(), &[]);
    let model = whole.build(&Device::default()).unwrap();
    let loss = |job: &TranslateJob| {
        let outcome = job.judge(&model).unwrap();
        outcome.figures["metrics"]["nats_per_token"]
            .as_f64()
            .unwrap()
    };
    let (mut sum, mut tokens) = (0.0, 0);
    for pair in whole.pairs.test.iter() {
        let mut alone = whole.clone();
        alone.pairs.test = [pair].into_iter().collect();
        let count = pair.written.len() + 1;
        sum += loss(&alone) * count as f64;
        tokens += count;
    }
    let mean = sum / tokens as f64;
    assert!(
        (loss(&whole) - mean).abs() < 1e-5,
        "{} {mean}",
        loss(&whole)
    );
}

#[test]
fn long_pairs_are_not_learned_from_and_long_sources_are_cut() {
    let _alone = alone();
    let data = folder(100);
    let job = job(data.path(), &["translate.longest=3"]);
    let all = 100 - job.pairs.valid.len() - job.pairs.test.len();
    assert_eq!(job.pairs.train.len() + job.pairs.too_long, all);
    assert!(job.pairs.too_long > 20);
    assert!(job.pairs.train.iter().all(|pair| pair.written.len() <= 3));
    let longest = job.pairs.test.iter().map(|pair| pair.read.len()).max();
    assert_eq!(longest, Some(4), "three words and the end");
    assert!(
        job.about()
            .report
            .unwrap()
            .contains("longer than 3 tokens and left out")
    );
    let none = Translate::prepare(recipe(&["translate.longest=1"]), data.path());
    let message = none.unwrap_err().to_string();
    assert!(message.contains("raise it"), "{message}");
}

#[test]
fn one_vocabulary_may_serve_both_sides() {
    let _alone = alone();
    let data = folder(50);
    let job = job(data.path(), &["translate.shared_vocabulary=true"]);
    let both = &job.pairs.vocabularies;
    assert_eq!(both.source, both.target);
    assert!(both.source.id("둘").is_some() && both.source.id("zwei").is_some());
}

#[test]
fn keys_that_do_not_go_together_are_refused() {
    let _alone = alone();
    let refused = |set: &[&str], says: &str| {
        let set: Vec<String> = set.iter().map(ToString::to_string).collect();
        let error = recipe::Recipe::parse(RECIPE, "test", &set).unwrap_err();
        assert!(error.to_string().contains(says), "{set:?}: {error}");
    };
    refused(
        &["parallel.target=[]"],
        "`parallel.target` is missing beside",
    );
    refused(
        &["parallel.valid_source=[\"a\"]"],
        "`parallel.valid_target`",
    );
    refused(&["data.files=[\"a.csv\"]"], "exclude each other");
    refused(&["data.header=true"], "only its encoding");
    refused(
        &["parallel.source=[]", "parallel.target=[]"],
        "`data.files` is missing",
    );
    refused(&["translate.sampling=1.5"], "is a probability");
    refused(&["translate.longest=0"], "from 1 to 10,000");
    refused(&["translate.attention=luong_dot"], "use \"luong\"");
    refused(&["translate.attention=self"], "luong_dot");
    refused(&["translate.target=source"], "same column");
    refused(&["search.beam=0"], "`search.beam` is 0");
    refused(&["search.length_penalty=-1"], "from 0 to 10");
    refused(&["search.max_length=0"], "from 1 to");
    refused(&["model.embedding_size=0"], "at least 1");
    refused(&["model.recurrent_dropout=0.1"], "use model.dropout");
    refused(
        &["model.layers=[{type=\"lstm\",hidden_size=4}]"],
        "model.layers",
    );
    refused(&["model.head=none"], "must be \"dense\"");
    refused(&["train.bptt_len=5"], "read whole");
    refused(&["train.loss.name=mse"], "only label_smoothing");
    refused(
        &[
            "translate.shared_vocabulary=true",
            "target_vocabulary.tokens=words",
        ],
        "keep one of them",
    );
    assert_eq!(recipe(&[]).task.translate.attention, AttentionKind::Luong);
}
