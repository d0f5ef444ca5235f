//! Models as the lecture notes write them: shapes, parameters, and errors that teach.

use burn::prelude::*;
use elman::cell::Bias;
use elman::init::Initializer;
use elman::layer::Merge;
use elman::model::{
    Activation, ActivationKind, Bidirectional, Conv1d, Dense, Dropout, Embedding, Flatten, Gru,
    Layer, LayerNorm, Lstm, Masking, Model, Padding, Pooling, PoolingKind, RepeatVector,
    Sequential, Shape, SimpleRnn,
};
use elman::ops::{Mode, Precision};
use elman::weights;
use std::num::NonZeroUsize;

fn built(model: &Sequential, input: Shape) -> Model {
    model
        .init(input, Initializer::Keras, 1, &Device::default())
        .unwrap()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

#[test]
fn the_tables_of_the_notes() {
    let one = Sequential::new()
        .add(Embedding::new(10_000, 32))
        .add(SimpleRnn::new(32));
    let summary = one.summary([None, None]).unwrap();
    assert_eq!(
        summary
            .rows
            .iter()
            .map(|row| row.parameters)
            .collect::<Vec<_>>(),
        [320_000, 2_080]
    );
    assert_eq!(summary.parameters(), 322_080);
    assert_eq!(summary.rows[0].output.to_string(), "(None, None, 32)");
    assert_eq!(summary.rows[1].output.to_string(), "(None, 32)");
    assert_eq!(
        summary.to_string(),
        "Layer (type)             Output shape      Parameters\n\
         ─────────────────────────────────────────────────────\n\
         embedding (embedding)    (None, None, 32)     320,000\n\
         simple_rnn (simple_rnn)  (None, 32)             2,080\n\
         ─────────────────────────────────────────────────────\n\
         Total                                         322,080"
    );

    let mut five = Sequential::new().add(Embedding::new(10_000, 32));
    for _ in 0..4 {
        five = five.add(SimpleRnn::new(32).return_sequences(true));
    }
    assert_eq!(
        five.add(SimpleRnn::new(32))
            .summary([None, None])
            .unwrap()
            .parameters(),
        330_400
    );

    let two = Sequential::new()
        .add(Lstm::new(1).return_sequences(true))
        .add(Lstm::new(1));
    let summary = two.summary([None, Some(5), Some(1)]).unwrap();
    assert_eq!(
        summary
            .rows
            .iter()
            .map(|row| row.parameters)
            .collect::<Vec<_>>(),
        [12, 12]
    );
    assert_eq!(summary.rows[0].output.to_string(), "(None, 5, 1)");
}

#[test]
fn counted_parameters_are_those_that_are_built() {
    let model = Sequential::new()
        .add(Embedding::new(7, 4))
        .add(Conv1d::new(6, 3).padding(Padding::Causal))
        .add(LayerNorm {})
        .add(Bidirectional::new(
            Gru::new(5).return_sequences(true).num_layers(2),
        ))
        .add(Bidirectional::new(Lstm::new(3).bias(Bias::Two)).merge(Merge::Sum))
        .add(RepeatVector { times: 4 })
        .add(SimpleRnn::new(2).bias(Bias::None).return_sequences(true))
        .add(Dropout::new(0.5))
        .add(Dense::new(2).softmax())
        .add(Activation {
            function: ActivationKind::Tanh,
        })
        .add(Flatten {});
    let summary = model.summary([None, None]).unwrap();
    let built = built(&model, Shape::Ids { time: None });
    assert_eq!(weights::parameter_count(&built), summary.parameters());
    let ids = Tensor::<2, Int>::from_data([[0, 1, 2, 3, 4], [6, 5, 0, 0, 0]], &Device::default());
    let output = built.forward(ids, Some(&[5, 2])).vector();
    assert_eq!(output.dims(), [2, 8]);
    assert!(values(output).iter().all(|v| v.is_finite()));
}

#[test]
fn a_layer_that_cannot_read_its_input_says_what_to_do() {
    let stacked = Sequential::new().add(Lstm::new(32)).add(Lstm::new(32));
    let message = stacked
        .summary([None, Some(5), Some(1)])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "layer 2 `lstm_1` needs a sequence [batch, time, features], but layer 1 `lstm` gives one vector for each \
         sequence (None, 32). Set `return_sequences = true` on `lstm`: then it gives the output of every step"
    );
    let raw = Sequential::new()
        .add(Embedding::new(10, 3))
        .add(Embedding::new(10, 3));
    assert!(
        raw.summary([None, None])
            .unwrap_err()
            .to_string()
            .contains("`embedding_1` needs numbers")
    );
    let open = Sequential::new().add(Flatten {}).add(Dense::new(1));
    assert!(
        open.summary([None, None, Some(2)])
            .unwrap_err()
            .to_string()
            .contains("fixed number of steps")
    );
    let vector = Sequential::new().add(Dense::new(3)).add(Lstm::new(2));
    assert!(
        vector
            .summary([None, Some(4)])
            .unwrap_err()
            .to_string()
            .contains("RepeatVector")
    );
    assert!(Sequential::new().summary([None, None]).is_err());
    let setting = Sequential::new().add(Dropout::new(1.5));
    assert!(
        setting
            .summary([None, Some(2)])
            .unwrap_err()
            .to_string()
            .contains("`rate` is 1.5")
    );
    let input = Sequential::new().add(Lstm::new(2));
    assert!(
        input
            .summary([None, None])
            .unwrap_err()
            .to_string()
            .contains("[batch, time, features]")
    );
}

#[test]
fn padding_changes_no_answer_of_a_whole_model() {
    let body = Sequential::new()
        .add(Conv1d::new(4, 3).padding(Padding::Causal))
        .add(Bidirectional::new(Lstm::new(3).return_sequences(true)));
    assert_padding_is_nothing(body.clone().add(Gru::new(4)).add(Dense::new(2)));
    for function in [PoolingKind::Mean, PoolingKind::Max, PoolingKind::Last] {
        let pooled = body.clone().add(Pooling::new(function));
        assert_padding_is_nothing(pooled.add(Dense::new(2)));
    }
}

fn assert_padding_is_nothing(model: Sequential) {
    let model = built(
        &model,
        Shape::Sequence {
            time: None,
            features: 2,
        },
    );
    let device = Device::default();
    let one: Vec<f32> = (0..8).map(|k| (k as f32).cos()).collect();
    let alone = model.forward(
        Tensor::<3>::from_data(TensorData::new(one.clone(), [1, 4, 2]), &device),
        None,
    );
    let padded = [one, vec![9.0; 4]].concat();
    let padded = Tensor::<3>::from_data(TensorData::new(padded, [1, 6, 2]), &device);
    let together = model.forward(padded, Some(&[4]));
    for (a, b) in values(alone.vector()).iter().zip(values(together.vector())) {
        assert!((a - b).abs() < 1e-6, "{a} and {b}");
    }
}

#[test]
fn masking_finds_the_end_of_each_sequence() {
    let masked = Sequential::new()
        .add(Masking { value: -1.0 })
        .add(Lstm::new(3));
    let plain = Sequential::new().add(Lstm::new(3));
    let shape = Shape::Sequence {
        time: None,
        features: 1,
    };
    let input = Tensor::<3>::from_data(
        [
            [[1.0], [-1.0], [2.0], [-1.0]],
            [[-1.0], [-1.0], [-1.0], [-1.0]],
        ],
        &Device::default(),
    );
    let found = values(built(&masked, shape).forward(input.clone(), None).vector());
    let told = values(built(&plain, shape).forward(input, Some(&[3, 0])).vector());
    assert_eq!(found, told);
    assert_eq!(
        &found[3..],
        [0.0; 3],
        "a sequence of nothing leaves the state at zero"
    );
}

#[test]
fn states_carry_a_model_through_a_long_stream() {
    let model = Sequential::new()
        .add(Gru::new(3).return_sequences(true))
        .add(Lstm::new(2).return_sequences(true))
        .add(Dense::new(1));
    let model = built(
        &model,
        Shape::Sequence {
            time: None,
            features: 1,
        },
    );
    assert!(model.is_causal());
    let data: Vec<f32> = (0..10).map(|k| (k as f32 * 0.9).sin()).collect();
    let input = Tensor::<3>::from_data(TensorData::new(data, [1, 10, 1]), &Device::default());
    let whole = values(model.forward(input.clone(), None).sequence());
    let (first, states) = model.forward_from(input.clone().narrow(1, 0, 6), None, None);
    let (second, _) = model.forward_from(input.narrow(1, 6, 4), None, Some(states));
    let parts = [values(first.sequence()), values(second.sequence())].concat();
    for (a, b) in whole.iter().zip(parts) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn a_recipes_layers_read_as_they_are_written() {
    let text = r#"
        [[layers]]
        type = "gru"
        hidden_size = 4
        reset = "before"
        bidirectional = true
        merge = "average"
        [[layers]]
        type = "dense"
        units = 2
        activation = "sigmoid"
    "#;
    #[derive(serde::Deserialize)]
    struct File {
        layers: Sequential,
    }
    let file: File = toml::from_str(text).unwrap();
    assert_eq!(file.layers.layers().len(), 2);
    assert_eq!(
        file.layers
            .output_shape(Shape::Sequence {
                time: None,
                features: 1
            })
            .unwrap(),
        Shape::Vector { features: 2 }
    );
    let wrong = text.replace("reset", "rest");
    assert!(
        toml::from_str::<File>(&wrong)
            .err()
            .unwrap()
            .to_string()
            .contains("unknown field `rest`")
    );
}

#[test]
fn pooling_is_a_layer_of_summaries_and_recipes() {
    let pooling: elman::model::LayerSpec =
        serde_json::from_str(r#"{"type": "pooling", "function": "max"}"#).unwrap();
    let model = Sequential::new()
        .add(Embedding::new(50, 6))
        .add(Bidirectional::new(Lstm::new(4).return_sequences(true)))
        .add(pooling)
        .add(Dense::new(3));
    let summary = model.summary([None, None]).unwrap();
    let row = &summary.rows[2];
    assert_eq!(
        (row.name.as_str(), row.output.to_string().as_str()),
        ("pooling", "(None, 8)")
    );
    assert_eq!((row.parameters, summary.rows[3].parameters), (0, 27));
    let model = built(&model, Shape::Ids { time: None });
    assert!(!model.is_causal());
    let ids = Tensor::<2, Int>::from_data([[4, 9, 0], [0, 0, 0]], &Device::default());
    let output = values(model.forward(ids, Some(&[2, 0])).vector());
    assert_eq!(&output[3..], [0.0; 3], "a text of nothing is zeros");
    let twice = Sequential::new()
        .add(Lstm::new(4))
        .add(Pooling::new(PoolingKind::Last));
    let message = twice.summary([None, None, Some(2)]).unwrap_err();
    assert!(
        message
            .to_string()
            .contains("Set `return_sequences = true` on `lstm`"),
        "{message}"
    );
}

#[test]
fn the_mode_of_a_layer_is_that_of_its_description() {
    let shape = Shape::Sequence {
        time: None,
        features: 1,
    };
    let mode = |layer: &str| {
        let spec: elman::model::LayerSpec = serde_json::from_str(layer).unwrap();
        let model = Sequential::new().add(spec);
        let model = model.init(shape, Initializer::Keras, 1, &Device::default());
        model
            .map(|model| match &model.layers[0] {
                Layer::Recurrent(layer) => layer.rnn.mode(),
                other => panic!("{other:?}"),
            })
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        mode(r#"{"type": "lstm", "hidden_size": 2}"#),
        Ok(Mode::default())
    );
    assert_eq!(
        mode(r#"{"type": "gru", "hidden_size": 2, "checkpoint_every": 16, "precision": "bf16"}"#),
        Ok(Mode {
            precision: Precision::Bf16,
            checkpoint_every: NonZeroUsize::new(16)
        })
    );
    let refused = mode(r#"{"type": "lstm", "hidden_size": 2, "checkpoint_every": 0}"#);
    let message = refused.unwrap_err();
    assert!(
        message.contains("`lstm`") && message.contains("`checkpoint_every` is 0"),
        "{message}"
    );
    let built = Sequential::new().add(Lstm::new(2).checkpoint_every(5).precision(Precision::Bf16));
    let written = serde_json::to_string(&built).unwrap();
    assert!(
        written.contains("\"checkpoint_every\":5,\"precision\":\"bf16\""),
        "{written}"
    );
}
