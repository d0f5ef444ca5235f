//! `elman data describe FILE`: what a file of one's own holds, whatever kind of file it is.

mod folder;
mod media;
mod signals;
mod tables;
mod tagged;
mod text;
mod weights;

use crate::content::{self, Kind};
use crate::facts::{Facts, size};
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use std::path::Path;

/// Says what a file or a folder holds.
///
/// # Errors
/// If it cannot be read as what its name says that it is.
pub fn describe(path: &Path, output: &Output) -> Result<(), Failure> {
    if path == Path::new("-") {
        return tables::series(path, output);
    }
    if path.is_dir() {
        return show(path, "folder", folder::describe(path)?, output);
    }
    let unread = |error| Failure::input(format!("cannot read `{}`: {error}", path.display()));
    let bytes = std::fs::metadata(path).map_err(unread)?.len();
    if bytes == 0 {
        return Err(Failure::input(format!("`{}` is empty.", path.display())));
    }
    let kind = Kind::of(path).map_err(unread)?;
    let (name, facts) = match kind {
        Kind::Table => return tables::describe(path, output),
        Kind::Text => ("text", text::describe(path)?),
        Kind::LabelFirst | Kind::Fasttext => ("labelled texts", text::labelled(path, kind)?),
        Kind::Tagged => ("tagged sentences", tagged::describe(path)?),
        Kind::Archive | Kind::Array => ("series", signals::describe(path)?),
        Kind::Sound => ("sound", media::sound(path)?),
        Kind::Picture => ("picture", media::picture(path)?),
        Kind::Weights => ("weights", weights::describe(path)?),
        Kind::Other => return Err(other(path, bytes)),
    };
    show(path, name, facts, output)
}

fn show(path: &Path, kind: &str, facts: Facts, output: &Output) -> Result<(), Failure> {
    let mut event = json!({"event": "result", "file": path.to_string_lossy(), "kind": kind});
    if let (Some(event), Some(figures)) = (event.as_object_mut(), facts.json().as_object()) {
        event.extend(figures.clone());
    }
    output.event(&event);
    output.result(facts);
    Ok(())
}

/// That nothing here reads the file, and what to do.
fn other(path: &Path, bytes: u64) -> Failure {
    let ending = content::ending(path);
    let advice = match ending.as_str() {
        "mp3" | "flac" | "ogg" | "m4a" | "aac" => {
            "a packed recording: make it a WAV file, for example with: ffmpeg -i FILE FILE.wav"
        }
        "mp4" | "avi" | "mov" | "mkv" | "webm" => {
            "a video: make it a .y4m file or pictures, for example with: ffmpeg -i FILE FILE.y4m"
        }
        "mat" | "h5" | "hdf5" | "npz" | "pkl" | "feather" | "arrow" => {
            "write it as CSV, Parquet or .npy"
        }
        "doc" | "docx" | "pdf" | "odt" => "save it as plain text",
        "tar" | "bz2" | "xz" | "lz4" | "7z" | "rar" => "unpack it, and name what is in it",
        _ => {
            "elman reads tables (CSV, TSV, Parquet, JSON lines), texts, tagged sentences, series (.ts, .npy, IDX), recordings (WAV), pictures and videos"
        }
    };
    Failure::input(format!(
        "`{}` ({}) is of no kind that elman reads: {advice}",
        path.display(),
        size(bytes)
    ))
}
