//! What fewer bits cost a character model, on a text of one's own:
//!
//! ```text
//! precision <TEXT> [--steps N] [--hidden N] [--threads N]
//! ```
//!
//! Trains Embedding-Lstm×2-Dense on the first 95 % of the text's characters twice, its products in f32 and in bf16, with
//! the same first weights and batches. Then prints the loss of the rest (nats a character), for the f32 model with its
//! products in f32, bf16 and int8 as well, and the seconds that each took.

use burn::prelude::*;
use elman::init::Initializer;
use elman::model::{Dense, Embedding, Lstm, Model, Sequential, Shape, Signal};
use elman::ops::Precision;
use elman::train::loss::{CrossEntropy, Reduction};
use elman::train::{
    Carry, Evaluation, Objective, Silent, StepLoss, TrainConfig, Trainer, shuffled,
};
use elman::weights::{assign, snapshot};
use std::collections::BTreeMap;
use std::time::Instant;

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 64;
const TIME: usize = 100;
const CONFIG: &str =
    "epochs = 1\nclip_norm = 5.0\noptimizer = { name = 'adam', learning_rate = 0.002 }";

struct Setting {
    text: String,
    steps: usize,
    hidden: usize,
}

/// The text as numbers of characters, cut into training and validation.
struct Text {
    training: Vec<i64>,
    validation: Vec<i64>,
    characters: usize,
    steps: usize,
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("{problem}");
        std::process::exit(2);
    }
}

fn run() -> Result<(), String> {
    let setting = parse(std::env::args().skip(1))?;
    let text = std::fs::read_to_string(&setting.text)
        .map_err(|error| format!("cannot read {}: {error}", setting.text))?;
    let text = Text::new(&text, setting.steps)?;
    println!(
        "{} characters to train on, {} to validate, {} different; {} steps of {BATCH} × {TIME}, hidden size {}",
        text.training.len(),
        text.validation.len(),
        text.characters,
        setting.steps,
        setting.hidden,
    );
    println!("trained in  answers in  validation loss  seconds of training");
    for precision in [Precision::F32, Precision::Bf16] {
        let start = Instant::now();
        let config: TrainConfig = toml::from_str(CONFIG).map_err(|error| error.to_string())?;
        let config = config.check().map_err(|error| error.to_string())?;
        let model = text.model(setting.hidden, precision);
        let trained = Trainer::new(config).train(&text, model, &mut Silent);
        let trained = trained.map_err(|error| error.to_string())?.model;
        let seconds = start.elapsed().as_secs_f64();
        let answers = match precision {
            Precision::F32 => vec![Precision::F32, Precision::Bf16, Precision::Int8],
            other => vec![other],
        };
        for other in answers {
            let model = text.like(&trained, setting.hidden, other);
            println!(
                "{:10}  {:10}  {:15.4}  {seconds:19.1}",
                format!("{precision:?}"),
                format!("{other:?}"),
                text.loss_of(&model),
            );
        }
    }
    Ok(())
}

impl Text {
    fn new(text: &str, steps: usize) -> Result<Self, String> {
        let mut numbers = BTreeMap::new();
        for character in text.chars() {
            numbers.entry(character).or_insert(0);
        }
        for (number, place) in numbers.values_mut().enumerate() {
            *place = number as i64;
        }
        let all: Vec<i64> = text.chars().map(|character| numbers[&character]).collect();
        let (training, validation) = all.split_at(all.len() / 20 * 19);
        if validation.len() <= BATCH * TIME {
            let needed = 20 * (BATCH * TIME + 1);
            return Err(format!("the text needs at least {needed} characters"));
        }
        Ok(Self {
            training: training.to_vec(),
            validation: validation.to_vec(),
            characters: numbers.len(),
            steps,
        })
    }

    fn model(&self, hidden: usize, precision: Precision) -> Model {
        let layers = Sequential::new()
            .add(Embedding::new(self.characters, hidden))
            .add(
                Lstm::new(hidden)
                    .num_layers(2)
                    .return_sequences(true)
                    .precision(precision),
            )
            .add(Dense::new(self.characters));
        let device = Device::default().autodiff();
        let built = layers.init(Shape::Ids { time: None }, Initializer::PyTorch, 7, &device);
        built.expect("the layers fit together")
    }

    /// The weights of a model in one that computes otherwise.
    fn like(&self, model: &Model, hidden: usize, precision: Precision) -> Model {
        let weights = snapshot(model);
        let model = assign(self.model(hidden, precision), weights, "memory".as_ref());
        model.expect("the same layers")
    }

    /// Loss of each character of a batch that starts at these places, on average.
    fn loss(&self, model: &Model, characters: &[i64], starts: &[usize]) -> Tensor<1> {
        let device = Device::default().autodiff();
        let ids = |offset: usize| {
            let rows = starts
                .iter()
                .flat_map(|&start| &characters[start + offset..][..TIME]);
            let data = TensorData::new(rows.copied().collect::<Vec<_>>(), [starts.len(), TIME]);
            Tensor::<2, Int>::from_data(data, &device)
        };
        let (answer, _) = model.forward_from(Signal::Ids(ids(0)), None, None);
        let rule = CrossEntropy::default();
        rule.forward_sequence(answer.sequence(), ids(1), Reduction::default())
    }

    /// Mean loss of all whole stretches of the validation text.
    fn loss_of(&self, model: &Model) -> f64 {
        let starts: Vec<usize> = (0..self.validation.len() - 1)
            .step_by(TIME)
            .filter(|start| start + TIME < self.validation.len())
            .collect();
        let mut total = 0.0;
        for batch in starts.chunks(BATCH) {
            let loss = self.loss(model, &self.validation, batch);
            total += f64::from(loss.into_scalar::<f32>()) * batch.len() as f64;
        }
        total / starts.len() as f64
    }
}

impl Objective for Text {
    type Model = Model;
    type Batch = Vec<usize>;

    fn batches(&self, epoch: usize) -> Vec<Vec<usize>> {
        let stretches = (self.training.len() - 1) / TIME;
        let order = (0..).flat_map(|round| shuffled(stretches, 7, epoch + round));
        let starts: Vec<usize> = order
            .take(self.steps * BATCH)
            .map(|stretch| stretch * TIME)
            .collect();
        starts.chunks(BATCH).map(<[usize]>::to_vec).collect()
    }

    fn loss(&self, model: &Model, batch: &Vec<usize>, _carry: Option<Carry>) -> StepLoss {
        StepLoss {
            loss: self.loss(model, &self.training, batch),
            carry: None,
            examples: batch.len(),
        }
    }

    fn validate(&self, _model: &Model) -> Option<Evaluation> {
        None
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Setting, String> {
    const USAGE: &str = "usage: precision <TEXT> [--steps N] [--hidden N] [--threads N]";
    let mut setting = Setting {
        text: words.next().ok_or(USAGE)?,
        steps: 200,
        hidden: 512,
    };
    while let Some(flag) = words.next() {
        let value = words.next().and_then(|word| word.parse().ok());
        let value = value.filter(|value| *value > 0);
        let value: usize = value.ok_or_else(|| format!("{flag} needs a count; {USAGE}"))?;
        match flag.as_str() {
            "--steps" => setting.steps = value,
            "--hidden" => setting.hidden = value,
            "--threads" => elman::set_threads(value),
            _ => return Err(format!("`{flag}` is unknown; {USAGE}")),
        }
    }
    Ok(setting)
}
