//! Reads recordings, pictures and films and says what is in them: `read_media FILE…`; log-mel features of recordings are
//! computed too, at the rate of the first.

use std::path::Path;
use std::time::Instant;

use elman_data::Error;
use elman_data::media::sound::{LogMel, SoundConfig, read_wav};
use elman_data::media::{Limits, frames::read_frames, picture::read_picture};

fn main() -> std::process::ExitCode {
    let begin = Instant::now();
    let (mut read, mut failed, mut log_mel) = (0, 0, None);
    for argument in std::env::args().skip(1) {
        match describe(Path::new(&argument), &mut log_mel) {
            Ok(what) => {
                read += 1;
                println!("{argument}: {what}");
            }
            Err(error) => {
                failed += 1;
                eprintln!("error: {error}");
            }
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{read} read, {failed} not, in {seconds:.2} s");
    if failed > 0 { 2.into() } else { 0.into() }
}

fn describe(path: &Path, log_mel: &mut Option<LogMel>) -> Result<String, Error> {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    match ending.to_lowercase().as_str() {
        "wav" => {
            let sound = read_wav(path)?;
            let config = SoundConfig {
                rate: sound.rate,
                ..SoundConfig::default()
            };
            let log_mel = match log_mel {
                Some(log_mel) => log_mel,
                none => none.insert(LogMel::new(&config)?),
            };
            let features = log_mel.features(&sound);
            let mean = features.values.iter().sum::<f32>() / features.values.len() as f32;
            Ok(format!(
                "{:.2} s at {} Hz, [{}, {}], mean {mean:.2}",
                sound.seconds(),
                sound.rate,
                features.time(),
                features.features
            ))
        }
        "jpg" | "jpeg" | "bmp" => {
            let picture = read_picture(path, &Limits::default())?;
            let grey = picture.grey();
            let mean = grey.iter().sum::<f32>() / grey.len() as f32;
            Ok(format!(
                "{} × {}, mean {mean:.3}",
                picture.width, picture.height
            ))
        }
        _ => {
            let frames = read_frames(path, &Limits::default())?;
            let (width, height) = (frames.width, frames.height);
            Ok(format!("{} frames of {width} × {height}", frames.time()))
        }
    }
}
