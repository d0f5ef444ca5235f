//! What files of weights hold.

use crate::facts::{Facts, counted, size};
use crate::failure::Failure;
use elman::weights::TensorFile;
use std::path::Path;

/// Tensors that are listed.
const SHOWN: usize = 12;

/// Tensors, their shapes, the parameters in all.
pub fn describe(path: &Path) -> Result<Facts, Failure> {
    let read = TensorFile::read(path).or_else(|_| TensorFile::read_foreign(path));
    let file = read.map_err(Failure::input)?;
    let parameters: usize = file
        .tensors
        .values()
        .map(|data| data.shape().iter().product::<usize>())
        .sum();
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let mut facts = Facts::default();
    facts
        .say("file", format_args!("{} ({})", path.display(), size(bytes)))
        .say(
            "weights",
            format_args!("{parameters} in {}", counted(file.tensors.len(), "tensor")),
        )
        .figure("parameters", parameters)
        .figure("tensors", file.tensors.len());
    for (name, data) in file.tensors.iter().take(SHOWN) {
        let sides: Vec<String> = data.shape().iter().map(ToString::to_string).collect();
        facts.say("tensor", format_args!("{name} [{}]", sides.join(" × ")));
    }
    if file.tensors.len() > SHOWN {
        facts.say(
            "tensor",
            format_args!("… {} more", file.tensors.len() - SHOWN),
        );
    }
    Ok(facts)
}
