//! Encoder–decoders against PyTorch (cases of `golden/encoder_decoder.py`), and what must hold of any.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use elman::beam::{Hypothesis, Search};
use elman::cell::{Activation, CellKind, GruReset};
use elman::init::{Initializer, ParamSource};
use elman::model::{AttentionKind, EncoderDecoder, EncoderDecoderConfig};
use elman::train::loss::CrossEntropy;
use elman::weights;
use safetensors::SafeTensors;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Sizes {
    embedding_size: usize,
    hidden_size: usize,
    vocabularies: [usize; 2],
    source_lengths: Vec<usize>,
    target_lengths: Vec<usize>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    cell: String,
    layers: usize,
    bidirectional: bool,
    attention: AttentionKind,
    tied: bool,
}

fn kind(cell: &str) -> CellKind {
    match cell {
        "simple_rnn" => CellKind::SimpleRnn(Activation::Tanh),
        "lstm" => CellKind::Lstm,
        "gru" => CellKind::Gru(GruReset::After),
        other => panic!("unknown cell {other}"),
    }
}

/// The tensors of a case.
struct Golden<'a> {
    file: SafeTensors<'a>,
    name: String,
}

impl Golden<'_> {
    fn data(&self, key: &str) -> Option<TensorData> {
        let view = self.file.tensor(&format!("{}/{key}", self.name)).ok()?;
        let values: Vec<f32> = view
            .data()
            .chunks(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect();
        Some(TensorData::new(values, view.shape().to_vec()))
    }

    fn values(&self, key: &str) -> Vec<f32> {
        self.data(key).unwrap().try_to_vec().unwrap()
    }

    fn ids<const D: usize>(&self, key: &str, device: &Device) -> Tensor<D, Int> {
        let data = self.data(key).unwrap();
        let shape: [usize; D] = data.shape().to_vec().try_into().unwrap();
        let values = self.values(key).into_iter().map(|id| id as i64).collect();
        Tensor::from_data(TensorData::new::<i64, _>(values, shape), device)
    }

    fn close(&self, key: &str, found: &[f32], tolerance: f32) {
        let expected = self.values(key);
        assert_eq!(found.len(), expected.len(), "{}: {key}", self.name);
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let gap = (found - expected).abs() / expected.abs().max(1.0);
            assert!(
                gap <= tolerance,
                "{}: {key}[{index}] is {found}, PyTorch says {expected}",
                self.name
            );
        }
    }
}

/// The gradient of each parameter, by its path.
struct Gradients<'a> {
    of: &'a GradientsParams,
    path: Vec<String>,
    found: BTreeMap<String, Option<Vec<f32>>>,
}

impl ModuleVisitor for Gradients<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.of.get::<D>(param.id).map(values);
        self.found.insert(self.path.join("."), gradient);
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

#[test]
fn every_attention_cell_depth_and_direction_matches_pytorch() {
    let bytes = include_bytes!("golden/encoder_decoder.safetensors");
    let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    let sizes: Sizes = serde_json::from_str(&metadata["sizes"]).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&metadata["cases"]).unwrap();
    assert_eq!(cases.len(), 16);
    for case in cases {
        let golden = Golden {
            file: SafeTensors::deserialize(bytes).unwrap(),
            name: case.name.clone(),
        };
        check(&case, &sizes, &golden);
    }
}

fn check(case: &Case, sizes: &Sizes, golden: &Golden<'_>) {
    let device = Device::default().autodiff();
    let config = EncoderDecoderConfig::new(
        kind(&case.cell),
        sizes.vocabularies,
        sizes.embedding_size,
        sizes.hidden_size,
    )
    .with_num_layers(case.layers)
    .with_bidirectional(case.bidirectional)
    .with_attention(case.attention)
    .with_tied_output(case.tied);
    let model = config.init(&mut ParamSource::new(1, Initializer::Keras, &device));
    assert_eq!(
        config.parameter_count(),
        weights::parameter_count(&model),
        "{}",
        case.name
    );
    let parameter = |name: &String| {
        let data = golden.data(&format!("parameter.{name}"));
        (name.clone(), data.unwrap_or_else(|| panic!("{name}")))
    };
    let stored = weights::snapshot(&model).keys().map(parameter).collect();
    let model = weights::assign(model, stored, "golden".as_ref()).unwrap();

    let source: Tensor<2, Int> = golden.ids("source", &device);
    let target: Tensor<2, Int> = golden.ids("target", &device);
    let logits = model.forward(
        source.clone(),
        &sizes.source_lengths,
        target.clone(),
        &sizes.target_lengths,
    );
    golden.close("logits", &values(logits.clone().inner()), 1e-5);
    let rule = CrossEntropy {
        label_smoothing: 0.1,
        ..CrossEntropy::default()
    };
    let loss = rule.forward(logits, golden.ids("wanted", &device));
    golden.close("loss", &values(loss.clone().inner()), 1e-5);

    let gradients = GradientsParams::from_grads(loss.backward(), &model);
    let mut visitor = Gradients {
        of: &gradients,
        path: Vec::new(),
        found: BTreeMap::new(),
    };
    model.visit(&mut visitor);
    for (name, found) in visitor.found {
        let found = found.unwrap_or_else(|| panic!("{}: no gradient of {name}", case.name));
        golden.close(&format!("gradient.{name}"), &found, 1e-4);
    }
    check_steps(
        case,
        sizes,
        golden,
        &model.valid(),
        &source.inner(),
        &target.inner(),
    );
}

/// Step by step the model says the same.
fn check_steps(
    case: &Case,
    sizes: &Sizes,
    golden: &Golden<'_>,
    model: &EncoderDecoder,
    source: &Tensor<2, Int>,
    target: &Tensor<2, Int>,
) {
    let [batch, time] = target.dims();
    let (memory, mut state) = model.encode(source.clone(), &sizes.source_lengths);
    let mut attention = Vec::new();
    let mut said = vec![Vec::new(); batch];
    for step in 0..time {
        let tokens = target.clone().narrow(1, step, 1).squeeze_dim(1);
        let answer = model.decoder.step(&memory, state, tokens);
        state = answer.state;
        let rows = values(answer.log_probabilities);
        let width = rows.len() / batch;
        for (row, length) in sizes.target_lengths.iter().enumerate() {
            if step < *length {
                said[row].extend_from_slice(&rows[row * width..][..width]);
            }
        }
        attention.extend(
            answer
                .attention
                .map(|weights| weights.unsqueeze_dim::<3>(1)),
        );
    }
    let norm = |row: &[f32]| row.iter().map(|x| x.exp()).sum::<f32>().ln();
    let width = sizes.vocabularies[1];
    let expected = golden.values("logits");
    let expected = expected
        .chunks(width)
        .flat_map(|row| row.iter().map(|x| x - norm(row)).collect::<Vec<_>>());
    for (found, expected) in said.concat().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4, "{}", case.name);
    }
    if case.attention == AttentionKind::None {
        return assert!(attention.is_empty());
    }
    let attention = Tensor::cat(attention, 1);
    let [_, _, steps] = attention.dims();
    let attention = values(attention);
    golden.close("weights", &attention, 1e-5);
    for (index, row) in attention.chunks(steps).enumerate() {
        let length = sizes.source_lengths[index / time];
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(row[..length].iter().all(|weight| *weight > 0.0));
        assert!(
            row[length..].iter().all(|weight| *weight == 0.0),
            "padding is looked at"
        );
    }
}

const KINDS: [AttentionKind; 3] = [
    AttentionKind::None,
    AttentionKind::Luong,
    AttentionKind::Bahdanau,
];

fn model(attention: AttentionKind, device: &Device) -> EncoderDecoder {
    let config = EncoderDecoderConfig::new(CellKind::Gru(GruReset::After), [12, 10], 6, 8)
        .with_num_layers(2)
        .with_attention(attention)
        .with_dropout(0.4);
    config.init(&mut ParamSource::new(5, Initializer::PyTorch, device))
}

/// Tokens from 2 up, `filler` beyond the lengths.
fn ids(lengths: &[usize], time: usize, filler: i64, device: &Device) -> Tensor<2, Int> {
    let token = |row: usize, step: usize| match step < lengths[row] {
        true => (2 + (row * 7 + step * 3) % 8) as i64,
        false => filler,
    };
    let tokens = (0..lengths.len()).flat_map(|row| (0..time).map(move |step| token(row, step)));
    Tensor::from_data(
        TensorData::new(tokens.collect(), [lengths.len(), time]),
        device,
    )
}

#[test]
fn what_stands_in_padded_steps_and_how_many_there_are_changes_nothing() {
    let device = Device::default();
    let (sources, targets) = ([3, 6, 1], [2, 4, 5]);
    for kind in KINDS {
        let model = model(kind, &device);
        let run = |times: [usize; 2], filler: i64| {
            let source = ids(&sources, times[0], filler, &device);
            let target = ids(&targets, times[1], filler, &device);
            values(model.forward(source, &sources, target, &targets))
        };
        let tight = run([6, 5], 0);
        assert_eq!(tight.len(), targets.iter().sum::<usize>() * 10);
        let same = |other: Vec<f32>| {
            assert_eq!(other.len(), tight.len());
            for (a, b) in other.iter().zip(&tight) {
                assert!((a - b).abs() < 1e-5, "{kind:?}: {a} {b}");
            }
        };
        same(run([6, 5], 9));
        same(run([11, 8], 4));
        // Each alone, without any padding.
        let alone = (0..3).flat_map(|row| {
            let rows = |ids: Tensor<2, Int>, length| ids.narrow(0, row, 1).narrow(1, 0, length);
            let source = rows(ids(&sources, 6, 0, &device), sources[row]);
            let target = rows(ids(&targets, 5, 0, &device), targets[row]);
            values(model.forward(source, &[sources[row]], target, &[targets[row]]))
        });
        same(alone.collect());
    }
}

#[test]
fn dropout_acts_in_training_alone() {
    let device = Device::default().autodiff();
    let lengths = [3, 2];
    let (source, target) = (ids(&lengths, 3, 0, &device), ids(&lengths, 3, 0, &device));
    let model = model(AttentionKind::Luong, &device);
    let train = || {
        values(
            model
                .forward(source.clone(), &lengths, target.clone(), &lengths)
                .inner(),
        )
    };
    assert_ne!(train(), train());
    let valid = model.valid();
    let valid = || {
        values(valid.forward(
            source.clone().inner(),
            &lengths,
            target.clone().inner(),
            &lengths,
        ))
    };
    assert_eq!(valid(), valid());
}

#[test]
fn scheduled_sampling_feeds_the_models_own_tokens() {
    let device = Device::default();
    let (sources, targets) = ([3, 6, 1, 4], [6, 4, 5, 1]);
    let source = ids(&sources, 6, 0, &device);
    let target = ids(&targets, 6, 0, &device);
    for kind in KINDS {
        let model = model(kind, &device);
        let sampled = |probability| {
            let (memory, state) = model.encode(source.clone(), &sources);
            let mixed = model
                .decoder
                .sampled(&memory, state, &target, &targets, probability);
            mixed.into_data().iter::<i64>().collect::<Vec<_>>()
        };
        let told: Vec<i64> = target.clone().into_data().iter::<i64>().collect();
        assert_eq!(sampled(0.0), told);
        // With certainty it is what greedy search writes after the first token.
        let own = sampled(1.0);
        for row in 0..4 {
            let (memory, mut state) =
                model.encode(source.clone().narrow(0, row, 1), &[sources[row]]);
            let mut token = told[row * 6];
            for step in 0..6 {
                let at = row * 6 + step;
                assert_eq!(own[at], if step < targets[row] { token } else { told[at] });
                let answer =
                    model
                        .decoder
                        .step(&memory, state, Tensor::from_data([token], &device));
                state = answer.state;
                token = answer.log_probabilities.argmax(1).into_scalar::<i64>();
            }
        }
        device.seed(3);
        let some = sampled(0.5);
        device.seed(3);
        assert_eq!(some, sampled(0.5));
        assert!(some != told && some != own);
    }
}

fn written(
    model: &EncoderDecoder,
    source: Tensor<2, Int>,
    lengths: &[usize],
    search: &Search<'_>,
    max_lengths: &[usize],
) -> Vec<Vec<Hypothesis>> {
    let (memory, state) = model.encode(source, lengths);
    model.decoder.write(&memory, state, search, max_lengths)
}

#[test]
fn a_batch_is_answered_as_each_source_alone_and_greedily_with_a_beam_of_one() {
    let device = Device::default();
    let sources = [3, 6, 1];
    let source = ids(&sources, 6, 0, &device);
    for kind in KINDS {
        let model = model(kind, &device);
        let search = |width| Search {
            width,
            length_penalty: 0.7,
            draws: 0,
            start: 1,
            end: 2,
            forbidden: &[0, 1],
        };
        for width in [1, 4] {
            let together = written(&model, source.clone(), &sources, &search(width), &[7, 5, 9]);
            for (row, found) in together.iter().enumerate() {
                let alone = source.clone().narrow(0, row, 1).narrow(1, 0, sources[row]);
                let alone = written(
                    &model,
                    alone,
                    &[sources[row]],
                    &search(width),
                    &[[7, 5, 9][row]],
                );
                assert_eq!(found.len(), alone[0].len());
                for (a, b) in found.iter().zip(&alone[0]) {
                    assert_eq!(a.tokens, b.tokens);
                    assert!((a.score - b.score).abs() < 1e-4);
                }
                let looks = if kind == AttentionKind::None {
                    0
                } else {
                    found[0].tokens.len()
                };
                assert_eq!(found[0].attention.len(), looks);
            }
        }
        let greedy = written(&model, source.clone(), &sources, &search(1), &[7; 3]);
        let (memory, mut state) = model.encode(source.clone().narrow(0, 1, 1), &[6]);
        let mut token = 1;
        for written in &greedy[1][0].tokens {
            let answer = model
                .decoder
                .step(&memory, state, Tensor::from_data([token], &device));
            state = answer.state;
            let next = values(answer.log_probabilities);
            token = (2..10)
                .max_by(|a, b| next[*a].total_cmp(&next[*b]))
                .unwrap() as i64;
            assert_eq!(*written as i64, token);
        }
    }
}

#[test]
fn impossible_settings_are_said_in_words() {
    let config = EncoderDecoderConfig::new(CellKind::Lstm, [5, 5], 4, 3);
    assert_eq!(config.problem(), None);
    let dot = config.clone().with_attention(AttentionKind::LuongDot);
    assert!(dot.problem().unwrap().contains("use attention = \"luong\""));
    assert_eq!(dot.with_bidirectional(false).problem(), None);
    let dropout = config.clone().with_dropout(1.0);
    assert_eq!(
        dropout.problem().unwrap(),
        "dropout must be from 0 to below 1, not 1"
    );
    let none = config.with_num_layers(0);
    assert_eq!(none.problem().unwrap(), "num_layers must be at least 1");
}

#[test]
#[should_panic(expected = "a source is empty")]
fn an_empty_source_is_refused() {
    let device = Device::default();
    let source = ids(&[0, 2], 2, 0, &device);
    model(AttentionKind::Luong, &device).encode(source, &[0, 2]);
}
