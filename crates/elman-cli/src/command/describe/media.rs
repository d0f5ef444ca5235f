//! What recordings, pictures and videos hold.

use crate::facts::{Facts, size};
use crate::failure::Failure;
use elman_data::media::Limits;
use elman_data::media::frames::read_frames;
use elman_data::media::sound::read_wav;
use std::io::Read;
use std::path::Path;

/// Bytes of the header of a recording that are looked at.
const HEADER: u64 = 1 << 16;

/// A recording: its length, rate, channels, bits.
pub fn sound(path: &Path) -> Result<Facts, Failure> {
    let sound = read_wav(path)?;
    let mut facts = Facts::default();
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let loudest = sound
        .samples
        .iter()
        .fold(0.0f32, |most, sample| most.max(sample.abs()));
    facts.say(
        "file",
        format_args!("{} (WAV, {})", path.display(), size(bytes)),
    );
    if let Some((channels, bits, floats)) = format(path) {
        let kind = if floats {
            "floating-point numbers"
        } else {
            "whole numbers"
        };
        let mixed = if channels > 1 {
            ", which are mixed to one"
        } else {
            ""
        };
        facts
            .say("channels", format_args!("{channels}{mixed}"))
            .say("samples", format_args!("{kind} of {bits} bits"))
            .figure("channels", channels)
            .figure("bits", bits);
    }
    facts
        .say("rate", format_args!("{} samples a second", sound.rate))
        .say(
            "length",
            format_args!("{:.3} s, {} samples", sound.seconds(), sound.samples.len()),
        )
        .say(
            "loudest",
            format_args!(
                "{:.4} of the largest that a recording holds{}",
                loudest,
                if loudest == 0.0 { ": SILENT" } else { "" }
            ),
        )
        .figure("rate", sound.rate)
        .figure("seconds", sound.seconds());
    Ok(facts)
}

/// Channels, bits of a sample and whether these are floating-point numbers, from the header of a WAV file.
fn format(path: &Path) -> Option<(u16, u16, bool)> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .ok()?
        .take(HEADER)
        .read_to_end(&mut bytes)
        .ok()?;
    let start = bytes.windows(4).position(|four| four == b"fmt ")? + 8;
    let number = |at: usize| {
        Some(u16::from_le_bytes(
            bytes.get(start + at..start + at + 2)?.try_into().ok()?,
        ))
    };
    let (kind, channels, bits) = (number(0)?, number(2)?, number(14)?);
    // WAVE_FORMAT_EXTENSIBLE says the bits that count and the kind further on.
    let extended = kind == 0xFFFE;
    let bits = if extended {
        number(18).filter(|valid| *valid > 0).unwrap_or(bits)
    } else {
        bits
    };
    let kind = if extended { number(24)? } else { kind };
    Some((channels, bits, kind == 3))
}

/// A picture, or a video: its size, and its frames.
pub fn picture(path: &Path) -> Result<Facts, Failure> {
    let frames = read_frames(path, &Limits::default())?;
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let mut facts = Facts::default();
    let grey = frames
        .frames
        .as_chunks::<3>()
        .0
        .iter()
        .all(|[red, green, blue]| red == green && green == blue);
    facts
        .say("file", format_args!("{} ({})", path.display(), size(bytes)))
        .say(
            "size",
            format_args!("{} × {} pixels", frames.width, frames.height),
        )
        .say(
            "colours",
            if grey {
                "greys only"
            } else {
                "red, green and blue"
            },
        )
        .figure("width", frames.width)
        .figure("height", frames.height)
        .figure("frames", frames.time());
    match frames.time() {
        1 => facts.say("frames", "1: a picture"),
        count => facts.say(
            "frames",
            format_args!(
                "{count}, {:.0} ms each: {:.2} s",
                frames.delay_ms,
                count as f32 * frames.delay_ms / 1000.0
            ),
        ),
    };
    Ok(facts)
}
