//! WAV files.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use super::Sound;
use super::pcm::SampleFormat;
use crate::{Error, write_atomic};

/// Rates that a recording may have, in samples per second. With lower ones a small file, resampled, fills the memory.
const RATES: std::ops::RangeInclusive<u32> = 1_000..=1_000_000;

/// A length from here on means "not known yet": what writes into a pipe cannot go back to fill it in.
const UNKNOWN_LENGTH: u32 = 0x7FFF_0000;

/// Reads a WAV file: whole numbers of 8 to 64 bits, floating point of 32 or 64, or the µ-law and A-law of telephones, at rates from
/// 1000; channels are mixed to one, their mean. Samples that do not fill their bytes (24 bits in 32, say) are the upper bits.
///
/// A file that was written into a pipe, whose header leaves the length open, is read to its end.
///
/// # Errors
/// [`Error::Io`]; [`Error::Empty`] for a recording without samples; [`Error::Media`] for what is not a WAV file, holds
/// less than its header promises, is compressed, or has a sample that is not a finite number.
pub fn read_wav(path: &Path) -> Result<Sound, Error> {
    let unread = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    let file = File::open(path).map_err(unread)?;
    if file.metadata().map_err(unread)?.len() == 0 {
        return Err(empty(path, "is empty"));
    }
    let mut file = BufReader::new(file);
    let parts = Parts::find(&mut file, path)?;
    let format = SampleFormat::parse(&parts.format).map_err(|message| media(path, message))?;
    if !RATES.contains(&format.rate) {
        return Err(media(
            path,
            format!(
                "its header says {} samples per second, which no recording has ({} to {} are read)",
                format.rate,
                RATES.start(),
                RATES.end()
            ),
        ));
    }
    let count = parts.frames(&mut file, format.frame_bytes() as u64, path)?;
    file.seek(SeekFrom::Start(parts.start)).map_err(unread)?;
    let mut samples = Vec::with_capacity(count as usize);
    let mut placement = format.placement();
    let mut frame = vec![0; format.frame_bytes()];
    for at in 1..=count {
        file.read_exact(&mut frame).map_err(unread)?;
        let mut sum = 0.0;
        for sample in frame.chunks_exact(format.bytes) {
            placement.look(sample);
            sum += format.value(sample);
        }
        // The mean of the channels.
        let value = (sum / format.channels as f64) as f32;
        if !value.is_finite() {
            return Err(media(path, format!("sample {at} is not a finite number")));
        }
        samples.push(value);
    }
    placement.check().map_err(|message| media(path, message))?;
    let rate = format.rate;
    Ok(Sound { rate, samples })
}

/// Writes a recording as a WAV file of 16-bit integers, whole or not at all. Samples beyond −1..1 are cut to that.
///
/// # Errors
/// [`Error::Io`]; [`Error::Media`] for a recording longer than a WAV file can hold.
pub fn write_wav(path: impl AsRef<Path>, sound: &Sound) -> Result<(), Error> {
    let path = path.as_ref();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: sound.rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    if sound.samples.len() > (UNKNOWN_LENGTH / 2) as usize {
        let message = format!("{:.0} seconds are too long for a WAV file", sound.seconds());
        return Err(media(path, message));
    }
    let mut bytes = Cursor::new(Vec::with_capacity(44 + 2 * sound.samples.len()));
    let written = (|| {
        let mut writer = hound::WavWriter::new(&mut bytes, spec)?;
        for sample in &sound.samples {
            writer.write_sample((sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16)?;
        }
        writer.finalize()
    })();
    written.map_err(|error| media(path, format!("cannot be written: {error}")))?;
    write_atomic(path, &bytes.into_inner())
}

/// Where the parts of a WAV file are.
struct Parts {
    /// The format chunk.
    format: Vec<u8>,
    /// Where the samples begin.
    start: u64,
    /// Their bytes as the header promises them.
    promised: u32,
    /// Bytes from there to the end of the file.
    there: u64,
}

impl Parts {
    fn find(file: &mut BufReader<File>, path: &Path) -> Result<Self, Error> {
        let unread = |source| Error::Io {
            action: "read",
            path: path.into(),
            source,
        };
        let end = file.get_ref().metadata().map_err(unread)?.len();
        let mut head = [0; 12];
        if end < 12 || file.read_exact(&mut head).is_err() {
            return Err(media(path, format!("{NOT_WAV}, it has only {end} bytes")));
        }
        if &head[..4] != b"RIFF" || &head[8..] != b"WAVE" {
            return Err(media(path, format!("{NOT_WAV}{}", known(&head))));
        }
        let (mut position, mut format) = (12, None);
        loop {
            let mut chunk = [0; 8];
            if position + 8 > end || file.read_exact(&mut chunk).is_err() {
                let message =
                    "cut off before its samples, or none were recorded (there is no `data` part)";
                return Err(media(path, message.into()));
            }
            position += 8;
            let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
            match (&chunk[..4], format.take()) {
                (b"data", Some(format)) => {
                    return Ok(Self {
                        format,
                        start: position,
                        promised: length,
                        there: end - position,
                    });
                }
                (b"data", None) => {
                    let message =
                        "the samples come before the part that says how they are written (`fmt `)";
                    return Err(media(path, message.into()));
                }
                (b"fmt ", _) => {
                    if !(14..=1024).contains(&length) || position + u64::from(length) > end {
                        let message = format!(
                            "the part that says how samples are written has {length} bytes, which cannot be"
                        );
                        return Err(media(path, message));
                    }
                    let mut bytes = vec![0; length as usize];
                    file.read_exact(&mut bytes).map_err(unread)?;
                    format = Some(bytes);
                }
                (_, before) => format = before,
            }
            position += u64::from(length) + u64::from(length % 2);
            file.seek(SeekFrom::Start(position)).map_err(unread)?;
        }
    }

    /// How many samples each channel has, where those of all channels take so many bytes.
    fn frames(&self, file: &mut BufReader<File>, bytes: u64, path: &Path) -> Result<u64, Error> {
        let (promised, there) = (u64::from(self.promised), self.there);
        let is_open = self.promised >= UNKNOWN_LENGTH
            || (promised == 0 && !self.ends_in_parts(file, path)?);
        if promised > there && !is_open {
            let message = format!(
                "cut off: the header promises {promised} bytes of sound, the file holds {there}; record or copy it again"
            );
            return Err(media(path, message));
        }
        let held = if is_open { there } else { promised };
        match held / bytes {
            0 => Err(empty(path, "has no samples")),
            count => Ok(count),
        }
    }

    /// Whether nothing but further parts follows the head of the samples, each as long as it says, as in a file without any.
    fn ends_in_parts(&self, file: &mut BufReader<File>, path: &Path) -> Result<bool, Error> {
        let unread = |source| Error::Io {
            action: "read",
            path: path.into(),
            source,
        };
        let (mut position, end) = (self.start, self.start + self.there);
        while position + 8 <= end {
            let mut chunk = [0; 8];
            file.seek(SeekFrom::Start(position)).map_err(unread)?;
            file.read_exact(&mut chunk).map_err(unread)?;
            let [a, b, c, d, length @ ..] = chunk;
            if ![a, b, c, d].iter().all(|byte| (b' '..=b'~').contains(byte)) {
                return Ok(false);
            }
            let length = u64::from(u32::from_le_bytes(length));
            position += 8 + length + length % 2;
        }
        // The byte that pads the last part may be left out.
        Ok(position == end || position == end + 1)
    }
}

const NOT_WAV: &str = "not a WAV file";

/// What a file that is no WAV file is instead, where its first bytes say it.
fn known(head: &[u8; 12]) -> &'static str {
    match head {
        [b'R', b'F', b'6', b'4', ..] => " but RF64; write it as WAV",
        [b'R', b'I', b'F', b'X', ..] => " but RIFX; write it as WAV",
        [b'f', b'L', b'a', b'C', ..] => " but FLAC; convert it to WAV",
        [b'O', b'g', b'g', b'S', ..] => " but Ogg; convert it to WAV",
        [b'I', b'D', b'3', ..] | [0xFF, 0xFA | 0xFB | 0xF2 | 0xF3, ..] => {
            " but MP3; convert it to WAV"
        }
        [b'F', b'O', b'R', b'M', ..] => " but AIFF; convert it to WAV",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => " but MPEG-4; convert its sound to WAV",
        _ => ": it does not begin with RIFF and WAVE",
    }
}

fn empty(path: &Path, what: &'static str) -> Error {
    Error::Empty {
        path: path.into(),
        what,
    }
}

fn media(path: &Path, message: String) -> Error {
    Error::Media {
        path: path.into(),
        message,
    }
}
