//! Times training steps of an encoder–decoder with sizes like those of a small translation task:
//!
//! ```text
//! translate_step <none|luong|bahdanau> [--threads N] [--steps N] [--tied] [--dropout P]
//! ```
//!
//! Batches of 64 sentences of 10 to 16 tokens on each side, embeddings of 256, hidden states of 512, an encoder that reads both
//! ways, 8,000 tokens, Adam and a clipped gradient. Prints the milliseconds of a median step and where they went.

use burn::prelude::*;
use elman::cell::CellKind;
use elman::init::{Initializer, ParamSource};
use elman::model::{AttentionKind, EncoderDecoder, EncoderDecoderConfig};
use elman::train::loss::CrossEntropy;
use elman::train::{
    Carry, Evaluation, Event, Objective, Observer, StepLoss, StepTimes, TrainConfig, Trainer,
};
use std::time::Duration;

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str =
    "usage: translate_step <none|luong|bahdanau> [--threads N] [--steps N] [--tied] [--dropout P]";
const BATCH: usize = 64;
const VOCABULARY: usize = 8_000;

struct Translation {
    steps: usize,
    source: Tensor<2, Int>,
    target: Tensor<2, Int>,
    wanted: Tensor<1, Int>,
    lengths: Vec<usize>,
}

impl Translation {
    fn new(steps: usize, device: &Device) -> Self {
        let lengths: Vec<usize> = (0..BATCH).map(|row| 10 + row % 7).collect();
        let time = 16;
        let ids = |seed: usize| -> Tensor<2, Int> {
            let ids = (0..BATCH * time).map(|i| ((i * 7919 + seed * 104_729) % VOCABULARY) as i64);
            Tensor::from_data(TensorData::new(ids.collect(), [BATCH, time]), device)
        };
        let count = lengths.iter().sum::<usize>();
        let wanted = (0..count).map(|i| ((i * 6_101) % VOCABULARY) as i64);
        Self {
            steps,
            source: ids(1),
            target: ids(2),
            wanted: Tensor::from_data(TensorData::new(wanted.collect(), [count]), device),
            lengths,
        }
    }
}

impl Objective for Translation {
    type Model = EncoderDecoder;
    type Batch = ();

    fn batches(&self, _: usize) -> Vec<()> {
        vec![(); self.steps]
    }

    fn loss(&self, model: &EncoderDecoder, (): &(), _: Option<Carry>) -> StepLoss {
        let (source, target) = (self.source.clone(), self.target.clone());
        let logits = model.forward(source, &self.lengths, target, &self.lengths);
        StepLoss {
            loss: CrossEntropy::default().forward(logits, self.wanted.clone()),
            carry: None,
            examples: self.wanted.dims()[0],
        }
    }

    fn validate(&self, _: &EncoderDecoder) -> Option<Evaluation> {
        None
    }
}

/// The times of all steps.
struct Clock(Vec<StepTimes>);

impl Observer for Clock {
    fn on(&mut self, event: &Event<'_>) {
        if let Event::Step { times, .. } = event {
            self.0.push(*times);
        }
    }
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("{problem}");
        std::process::exit(2);
    }
}

fn run() -> Result<(), String> {
    let mut words = std::env::args().skip(1);
    let attention = match words.next().as_deref() {
        Some("none") => AttentionKind::None,
        Some("luong") => AttentionKind::Luong,
        Some("bahdanau") => AttentionKind::Bahdanau,
        _ => return Err(USAGE.into()),
    };
    let (mut threads, mut steps, mut tied, mut dropout) = (2, 10, false, 0.0);
    while let Some(flag) = words.next() {
        let mut count = || words.next().and_then(|word| word.parse().ok()).ok_or(USAGE);
        match flag.as_str() {
            "--threads" => threads = count()?,
            "--steps" => steps = count()?,
            "--tied" => tied = true,
            "--dropout" => dropout = count()? as f64 / 100.0,
            _ => return Err(USAGE.into()),
        }
    }
    elman::set_threads(threads);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build_global().map_err(|error| error.to_string())?;

    let device = Device::default().autodiff();
    let model = EncoderDecoderConfig::new(CellKind::Lstm, [VOCABULARY; 2], 256, 512)
        .with_attention(attention)
        .with_tied_output(tied)
        .with_dropout(dropout)
        .init(&mut ParamSource::new(1, Initializer::Keras, &device));
    println!("{} parameters", elman::weights::parameter_count(&model));
    let config =
        "epochs = 2\nclip_norm = 1.0\noptimizer = { name = 'adam', learning_rate = 0.001 }";
    let config: TrainConfig = toml::from_str(config).map_err(|error| error.to_string())?;
    let config = config.check().map_err(|error| error.to_string())?;
    let mut clock = Clock(Vec::new());
    let objective = Translation::new(steps, &device);
    let trained = Trainer::new(config).train(&objective, model, &mut clock);
    trained.map_err(|error| error.to_string())?;

    let median = |part: fn(&StepTimes) -> Duration| {
        // The first half warms up.
        let mut parts: Vec<Duration> = clock.0[steps..].iter().map(part).collect();
        parts.sort();
        parts[parts.len() / 2].as_secs_f64() * 1e3
    };
    println!(
        "step {:.0} ms: forward {:.0}, backward {:.0}, norm {:.0}, update {:.0}",
        median(|t| t.forward + t.backward + t.measure + t.update),
        median(|t| t.forward),
        median(|t| t.backward),
        median(|t| t.measure),
        median(|t| t.update),
    );
    Ok(())
}
