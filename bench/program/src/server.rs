//! The line server: one case at a time, the same commands for every implementation.

use std::fmt::Display;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Instant;

use crate::case::{Case, Values, write};
use crate::peak;

/// An implementation of recurrent layers that holds a case: its weights, its input, its first state.
pub trait Implementation: Sized {
    /// What a forward pass leaves.
    type Output;
    /// What a backward pass leaves.
    type Gradients;
    /// The states of all layers between two steps of a stream.
    type Stream;

    /// Builds the layers of a case; says why where it cannot.
    fn new(case: &Case) -> Result<Self, String>;
    /// Whole sequences from the given state.
    fn forward(&self) -> Result<Self::Output, String>;
    /// Whole sequences from the given state, then every gradient: of `output.sum()`, or of `(output × d_output).sum()` where
    /// `weighted`. (The backward pass of Burn and of candle begins with ones; nobody is to be timed multiplying.)
    fn train(&self, weighted: bool) -> Result<Self::Gradients, String>;
    /// A stream that begins with zero states; only asked for where there is one direction.
    fn stream(&self) -> Result<Self::Stream, String>;
    /// Reads step `t` of the input.
    fn step(&self, stream: &mut Self::Stream, t: usize) -> Result<(), String>;
    /// `[batch, time, directions × hidden]`
    fn output(&self, output: Self::Output) -> Result<Vec<f32>, String>;
    /// What the stream said last, `[batch, hidden]`.
    fn last(&self, stream: &Self::Stream) -> Result<Vec<f32>, String>;
    /// By PyTorch's name of the parameter, or `x`, `h0`, `c0`; each in PyTorch's layout.
    fn gradients(&self, gradients: Self::Gradients) -> Result<Vec<(String, Vec<f32>)>, String>;
}

/// Answers commands until there are no more.
///
/// # Errors
/// If standard input or output is closed before `quit`.
pub fn run<I: Implementation>(threads: usize) -> io::Result<()> {
    let mut current: Option<(Case, I)> = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["quit"] => return Ok(()),
            ["peak"] => Ok(format!("{:.1}", peak::gflops(threads))),
            ["case", ref rest @ ..] => {
                current = None; // before the next is built: two of them may not fit
                load::<I>(rest).map(|loaded| {
                    current = Some(loaded);
                    String::new()
                })
            }
            [command, argument] => match &current {
                Some((case, layers)) => obey(case, layers, command, argument),
                None => Err("no case yet".to_owned()),
            },
            _ => Err(format!("unknown command `{line}`")),
        };
        let mut out = io::stdout().lock();
        match answer {
            Ok(answer) => writeln!(out, "{}", format!("ok {answer}").trim_end())?,
            Err(reason) => writeln!(out, "no {}", reason.replace('\n', " "))?,
        }
        out.flush()?;
    }
    Ok(())
}

fn load<I: Implementation>(words: &[&str]) -> Result<(Case, I), String> {
    let case = Case::parse(words)?;
    let layers = I::new(&case)?;
    Ok((case, layers))
}

fn obey<I: Implementation>(
    case: &Case,
    layers: &I,
    command: &str,
    argument: &str,
) -> Result<String, String> {
    if command == "save" {
        return save(case, layers, Path::new(argument)).map(|()| String::new());
    }
    let repetitions: usize = argument
        .parse()
        .map_err(|_| format!("`{argument}`: a number of repetitions"))?;
    match command {
        "forward" => timed(repetitions, |_| layers.forward()),
        "train" => timed(repetitions, |_| layers.train(false)),
        "step" => {
            let mut stream = one_way(case, layers)?;
            timed(repetitions, |r| {
                layers.step(&mut stream, r % case.dims.time)
            })
        }
        _ => Err(format!("unknown command `{command}`")),
    }
}

fn one_way<I: Implementation>(case: &Case, layers: &I) -> Result<I::Stream, String> {
    match case.directions {
        1 => layers.stream(),
        _ => Err("a layer that reads backwards cannot be streamed".to_owned()),
    }
}

/// Milliseconds of each call; giving back its memory is part of it.
fn timed<R>(
    repetitions: usize,
    mut call: impl FnMut(usize) -> Result<R, String>,
) -> Result<String, String> {
    let mut times = Vec::with_capacity(repetitions);
    for repetition in 0..repetitions {
        let start = Instant::now();
        drop(black_box(call(repetition)?));
        times.push(format!("{:.6}", start.elapsed().as_secs_f64() * 1e3));
    }
    Ok(times.join(" "))
}

/// `output`, `stream` (the outputs of one step after the other) and `grad.NAME`, for whoever checks them.
fn save<I: Implementation>(case: &Case, layers: &I, path: &Path) -> Result<(), String> {
    let mut results = vec![("output".to_owned(), layers.output(layers.forward()?)?)];
    if let Ok(mut stream) = one_way(case, layers) {
        let mut outputs = Vec::new();
        for t in 0..case.dims.time {
            layers.step(&mut stream, t)?;
            outputs.extend(layers.last(&stream)?);
        }
        results.push(("stream".to_owned(), outputs)); // [time, batch, hidden]
    }
    if let Ok(gradients) = layers.train(true) {
        for (name, values) in layers.gradients(gradients)? {
            results.push((format!("grad.{name}"), values));
        }
    }
    let flat = |data: Vec<f32>| Values {
        shape: vec![data.len()],
        data,
    };
    write(
        path,
        results.into_iter().map(|(name, data)| (name, flat(data))),
    )
}

/// Any error as the text of an answer.
pub fn text(error: impl Display) -> String {
    error.to_string()
}
