use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::super::{Sound, read_wav, write_wav};
use crate::media::support::with_file;

fn spec(channels: u16, bits: u16, sample_format: SampleFormat) -> WavSpec {
    WavSpec {
        channels,
        sample_rate: 11_025,
        bits_per_sample: bits,
        sample_format,
    }
}

fn ints(channels: u16, bits: u16, samples: &[i32]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec(channels, bits, SampleFormat::Int)).unwrap();
    for &sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn floats(samples: &[f32]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec(1, 32, SampleFormat::Float)).unwrap();
    for &sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// A file with the plain header of 44 bytes, which states the given length.
fn plain(samples: &[i16], stated: u32) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    let format = [
        &1u16.to_le_bytes()[..],
        &1u16.to_le_bytes(),
        &8000u32.to_le_bytes(),
        &16000u32.to_le_bytes(),
        &2u16.to_le_bytes(),
        &16u16.to_le_bytes(),
    ]
    .concat();
    let head = [
        &b"RIFF\0\0\0\0WAVEfmt "[..],
        &16u32.to_le_bytes(),
        &format,
        b"data",
        &stated.to_le_bytes(),
    ];
    [head.concat(), data].concat()
}

fn read(bytes: &[u8]) -> Result<Sound, String> {
    with_file("a.wav", bytes, read_wav)
}

fn failure(bytes: &[u8]) -> String {
    read(bytes).unwrap_err()
}

#[test]
fn integers_of_every_width_and_floats() {
    for bits in [8, 16, 24, 32] {
        let half = 1 << (bits - 2);
        let sound = read(&ints(1, bits, &[0, half, -half, -2 * (half - 1) - 2])).unwrap();
        assert_eq!(sound.rate, 11_025);
        assert_eq!(sound.samples, [0.0, 0.5, -0.5, -1.0], "{bits} bits");
    }
    assert_eq!(
        read(&floats(&[0.25, -1.0, 1.5])).unwrap().samples,
        [0.25, -1.0, 1.5]
    );
}

#[test]
fn channels_are_mixed() {
    let stereo = ints(2, 16, &[16384, 0, -16384, -16384, 8192, -8192]);
    assert_eq!(read(&stereo).unwrap().samples, [0.25, -0.5, 0.0]);
    let three = ints(3, 16, &[16384, 16384, -16384, 0, 0, 3 * 8192]);
    let samples = read(&three).unwrap().samples;
    assert!((samples[0] - 1.0 / 6.0).abs() < 1e-6 && (samples[1] - 0.25).abs() < 1e-6);
}

#[test]
fn other_parts_of_a_file_are_passed_over() {
    let plain = plain(&[16384, -16384], 4);
    let (head, data) = plain.split_at(36);
    // A part of odd length is padded by a byte.
    let file = [head, b"LIST\x03\0\0\0abc\0", data, b"LIST\x04\0\0\0abcd"].concat();
    assert_eq!(read(&file).unwrap().samples, [0.5, -0.5]);
}

#[test]
fn what_was_written_into_a_pipe_is_read_to_its_end() {
    for stated in [u32::MAX, 0x7FFF_F000] {
        let sound = read(&plain(&[16384, 0, 8192], stated)).unwrap();
        assert_eq!(sound.samples, [0.5, 0.0, 0.25]);
    }
}

#[test]
fn a_file_cut_off_says_what_is_there() {
    assert_eq!(
        failure(&plain(&[1, 2, 3], 12)),
        "`a.wav`: cut off: the header promises 12 bytes of sound, the file holds 6; record or copy it again"
    );
    // A header that promises two gigabytes is not believed.
    assert!(
        failure(&plain(&[1, 2, 3], 0x7FFE_0000))
            .contains("promises 2147352576 bytes of sound, the file holds 6")
    );
    let whole = ints(2, 24, &[1, 2, 3, 4]);
    for length in 1..whole.len() {
        failure(&whole[..length]);
    }
    assert!(failure(&whole[..8]).contains("not a WAV file, it has only 8 bytes"));
    assert!(failure(&plain(&[], 0)[..40]).contains("there is no `data` part"));
}

#[test]
fn nothing_in_it() {
    assert_eq!(
        failure(b""),
        "`a.wav` is empty: there is nothing to learn from"
    );
    assert_eq!(
        failure(&plain(&[], 0)),
        "`a.wav` has no samples: there is nothing to learn from"
    );
    assert!(failure(&plain(&[], u32::MAX)).contains("has no samples"));
    assert_eq!(read(&plain(&[-32768], 2)).unwrap().samples, [-1.0]);
}

#[test]
fn other_files_are_named() {
    assert_eq!(
        failure(b"one, two, three and four"),
        "`a.wav`: not a WAV file: it does not begin with RIFF and WAVE"
    );
    assert_eq!(
        failure(b"fLaC\0\0\0\x22 and the rest"),
        "`a.wav`: not a WAV file but FLAC; convert it to WAV"
    );
    let mut law = plain(&[1, 2], 4);
    law[20] = 7; // µ-law
    assert!(failure(&law).contains("convert it to PCM of 16 bits"));
    let mut silent = plain(&[1, 2], 4);
    silent[24..28].fill(0);
    silent[28..32].fill(0);
    assert!(failure(&silent).contains("0 samples per second"));
    let mut channels = plain(&[1, 2], 4);
    channels[22] = 0;
    assert!(failure(&channels).contains("not a readable WAV file"));
    assert!(failure(&floats(&[0.5, f32::NAN])).contains("sample 2 is not a finite number"));
}

#[test]
fn no_header_makes_the_reader_panic() {
    let whole = ints(2, 16, &[1, 2, 3, 4]);
    for place in 0..44.min(whole.len()) {
        for value in [0, 1, 7, 0x7F, 0x80, 0xFF] {
            let mut file = whole.clone();
            file[place] = value;
            if let Ok(sound) = read(&file) {
                assert!(sound.samples.len() <= 8, "byte {place} = {value}");
            }
        }
    }
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.wav");
    let sound = Sound {
        rate: 8000,
        samples: vec![0.0, 0.5, -1.0, 3.0, -0.25],
    };
    write_wav(&path, &sound).unwrap();
    let back = read_wav(&path).unwrap();
    assert_eq!(back.rate, 8000);
    assert_eq!(back.samples, [0.0, 0.5, -1.0, 32767.0 / 32768.0, -0.25]);
}
