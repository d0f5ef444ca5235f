//! Samples that do not fill their bytes, and other ways to write them.

use super::super::{Sound, read_wav};
use crate::media::support::with_file;

/// The part `fmt ` as WAVEFORMATEX has it, and of an extensible format the valid bits and the kind.
struct Written {
    tag: u16,
    channels: u16,
    align: u16,
    bits: u16,
    extension: Option<(u16, u16)>,
}

const PLAIN: Written = Written {
    tag: 1,
    channels: 1,
    align: 0,
    bits: 16,
    extension: None,
};

impl Written {
    fn extensible(bits: u16, valid: u16, kind: u16) -> Self {
        Self {
            tag: 0xFFFE,
            bits,
            extension: Some((valid, kind)),
            ..PLAIN
        }
    }

    fn file(&self, data: &[u8]) -> Vec<u8> {
        self.stating(data, data.len() as u32)
    }

    fn stating(&self, data: &[u8], length: u32) -> Vec<u8> {
        let align = match self.align {
            0 => self.channels * self.bits.div_ceil(8),
            align => align,
        };
        let mut format = Vec::new();
        for word in [self.tag, self.channels, 8000, 0, 0, 0, align, self.bits] {
            format.extend(word.to_le_bytes());
        }
        if let Some((valid, kind)) = self.extension {
            for word in [22, valid, 0, 0, kind] {
                format.extend(word.to_le_bytes());
            }
            format.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        }
        let size = (format.len() as u32).to_le_bytes();
        let head = [&b"RIFF\0\0\0\0WAVEfmt "[..], &size, &format, b"data"].concat();
        [&head, &length.to_le_bytes()[..], data].concat()
    }
}

fn read(bytes: &[u8]) -> Result<Vec<f32>, String> {
    with_file("a.wav", bytes, read_wav).map(|sound: Sound| sound.samples)
}

/// The low bytes of numbers, the lowest first.
fn low(bytes: usize, numbers: &[i64]) -> Vec<u8> {
    let of = |number: &i64| number.to_le_bytes()[..bytes].to_vec();
    numbers.iter().flat_map(of).collect()
}

#[test]
fn valid_bits_are_the_upper_ones() {
    // int.from_bytes(.., "little", signed=True) / 2 ** (8 * bytes - 1) in Python, which is what soundfile gives, too.
    let expected = [0.25, -1.0, -0.000_122_070_312_5, 0.999_511_718_75];
    let twelve = [512, -2048, -0, 2047];
    for (bits, valid) in [(16, 12), (24, 20), (24, 16), (32, 24), (32, 20), (32, 32)] {
        let top = i64::from(bits) - 12;
        let mut numbers = twelve.map(|x: i64| x << top);
        // The smallest step of 14 bits: not below the valid bits of any but the first.
        numbers[2] = -1 << (i64::from(bits) - 14);
        if valid == 12 {
            numbers[2] = 0;
        }
        let data = low(usize::from(bits) / 8, &numbers);
        let found = read(&Written::extensible(bits, valid, 1).file(&data)).unwrap();
        let mut expected = expected;
        if valid == 12 {
            expected[2] = 0.0;
        }
        assert_eq!(found, expected.map(|x| x as f32), "{valid} of {bits}");
    }
    // Without an extension the bits that are said are the valid ones, in as many bytes as the alignment says.
    let plain = |bits: u16, align: u16| Written {
        bits,
        align,
        ..PLAIN
    };
    let data = low(2, &twelve.map(|x| x << 4));
    assert_eq!(read(&plain(12, 2).file(&data)).unwrap()[0], 0.25);
    let data = low(4, &twelve.map(|x| x << 20));
    assert_eq!(read(&plain(24, 4).file(&data)).unwrap()[1], -1.0);
    // Bits below the valid ones in a loud recording are sound, too.
    let data = low(4, &[0x4000_0001, -0x7FFF_FFFF]);
    let found = read(&Written::extensible(32, 24, 1).file(&data)).unwrap();
    assert_eq!(found, [0.5, -1.0]);
}

#[test]
fn samples_at_the_bottom_of_their_bytes_are_a_question() {
    let data = low(4, &[0x20_0001, -0x20_0003]);
    let message = read(&Written::extensible(32, 24, 1).file(&data)).unwrap_err();
    assert!(
        message.contains("24 bits of 32 hold a sample, which are the upper ones"),
        "{message}"
    );
    let silent = low(4, &[0, 0x100, -0x100]);
    let found = read(&Written::extensible(32, 24, 1).file(&silent)).unwrap();
    assert_eq!(found, [0.0, 2f32.powi(-23), -2f32.powi(-23)]);
}

#[test]
fn floating_point_of_32_and_64_bits() {
    let doubles: Vec<u8> = [0.1f64, -1.5]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let file = Written {
        tag: 3,
        bits: 64,
        ..PLAIN
    };
    assert_eq!(read(&file.file(&doubles)).unwrap(), [0.1, -1.5]);
    let singles: Vec<u8> = [0.1f32, -1.5]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    assert_eq!(
        read(&Written::extensible(32, 32, 3).file(&singles)).unwrap(),
        [0.1, -1.5]
    );
}

#[test]
fn telephones() {
    let bytes = [0, 1, 0x0F, 0x55, 0x7F, 0x80, 0x9A, 0xD5, 0xFF];
    // audioop.ulaw2lin(bytes, 2) and audioop.alaw2lin(bytes, 2) in Python 3.11.
    let mu = [-32124, -31100, -16764, -716, 0, 32124, 10876, 716, 0];
    let a = [-5504, -5248, -6784, -8, -848, 5504, 4032, 8, 848];
    for (tag, expected) in [(7, mu), (6, a)] {
        let file = Written {
            tag,
            bits: 8,
            ..PLAIN
        };
        let found = read(&file.file(&bytes)).unwrap();
        assert_eq!(found, expected.map(|x| x as f32 / 32768.0), "{tag}");
    }
}

#[test]
fn compressed_ones_are_named() {
    for (tag, bits, name) in [
        (2, 4, "Microsoft ADPCM"),
        (0x11, 4, "IMA ADPCM"),
        (0x31, 0, "GSM 6.10"),
        (0x55, 0, "MPEG audio"),
        (0x0161, 16, "the format 0x0161"),
        (3, 16, "floating point of 16 bits"),
    ] {
        let file = Written { tag, bits, ..PLAIN };
        let message = read(&file.file(&[1, 2, 3, 4])).unwrap_err();
        assert!(message.contains(name), "{message}");
        assert!(
            message.contains("convert it to PCM of 16 bits"),
            "{message}"
        );
    }
    let message = read(&Written::extensible(16, 17, 1).file(&[1, 2])).unwrap_err();
    assert!(message.contains("17 bits of 16 are valid"), "{message}");
}

#[test]
fn a_length_of_0_with_samples_behind_it_is_not_known_yet() {
    let data = low(2, &[16384, -16384, 255]);
    let found = read(&PLAIN.stating(&data, 0)).unwrap();
    assert_eq!(found[..2], [0.5, -0.5]);
    // Nothing was recorded, and a part with remarks follows.
    let remarks = b"LIST\x05\0\0\0abcde\0";
    let message = read(&PLAIN.stating(remarks, 0)).unwrap_err();
    assert!(message.contains("has no samples"), "{message}");
}
