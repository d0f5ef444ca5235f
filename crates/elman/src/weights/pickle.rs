//! How much a file of PyTorch would take in memory, asked before it is read: a small archive can hold a pickle that makes objects
//! without end.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use zip::ZipArchive;

/// Objects of a pickle that are read whatever the file's size: those of a network of 30,000 tensors.
const OBJECTS: u64 = 1_000_000;
/// Bytes of the file for each object more. Real pickles take some 8 bytes for one, and real files are weights for the most part.
const BYTES_EACH: u64 = 16;
/// How many times its archive an entry may be; weights hardly shrink when they are packed.
const PACKED: u64 = 4;
/// Pickles that follow one another at the beginning of a file of PyTorch 1.5 or before.
const LEGACY: usize = 5;

/// Whether a file can be read within memory that follows its size. What is broken passes: whoever reads it says so.
///
/// # Errors
/// A sentence that says what is too much.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let Ok(mut file) = File::open(path) else {
        return Ok(());
    };
    let size = file.metadata().map_or(0, |found| found.len());
    let mut first = [0; 2];
    if file.read_exact(&mut first).is_err() || file.seek(SeekFrom::Start(0)).is_err() {
        return Ok(());
    }
    let mut left = OBJECTS + size / BYTES_EACH;
    if &first == b"PK" {
        return match ZipArchive::new(BufReader::new(file)) {
            Ok(archive) => archived(archive, size, &mut left),
            Err(_) => Ok(()),
        };
    }
    let mut file = BufReader::new(file);
    for _ in 0..LEGACY {
        if !skim(&mut file, &mut left)? {
            break;
        }
    }
    Ok(())
}

fn archived(
    mut archive: ZipArchive<BufReader<File>>,
    size: u64,
    left: &mut u64,
) -> Result<(), String> {
    let names = archive.file_names().flatten();
    let names: Vec<String> = names.map(|name| name.into_owned()).collect();
    for name in names {
        let Some(index) = archive.index_for_name(&name) else {
            continue;
        };
        let Ok(entry) = archive.by_index(index) else {
            continue;
        };
        let unpacked = entry.size();
        if unpacked > size.saturating_mul(PACKED).saturating_add(1 << 20) {
            return Err(format!(
                "its entry `{name}` says that it unpacks to {unpacked} bytes, but the file has {size}"
            ));
        }
        if name.ends_with("data.pkl") {
            skim(&mut BufReader::new(entry), left)?;
        }
    }
    Ok(())
}

/// Passes over a pickle opcode by opcode; whether it came to its end.
///
/// # Errors
/// If it makes more objects than are `left`.
///
/// # References
/// The arguments of opcodes: `Lib/pickletools.py` of CPython.
fn skim(from: &mut impl BufRead, left: &mut u64) -> Result<bool, String> {
    let most = *left;
    let mut next = || -> io::Result<bool> {
        while let Some(opcode) = byte(from)? {
            let length = match opcode {
                b'.' => return Ok(true),
                b'('
                | b'0'
                | b'1'
                | b'2'
                | b'N'
                | b'R'
                | b'b'
                | b'd'
                | b'l'
                | b't'
                | b's'
                | b'a'
                | b')'
                | b']'
                | b'}'
                | b'e'
                | b'u'
                | b'Q'
                | b'o'
                | 0x81
                | 0x85..=0x89
                | 0x8f..=0x94
                | 0x97
                | 0x98 => 0,
                b'K' | b'h' | b'q' | 0x80 | 0x82 => 1,
                b'M' | 0x83 => 2,
                b'J' | b'j' | b'r' | 0x84 => 4,
                b'G' | 0x95 => 8,
                b'U' | b'C' | 0x8a | 0x8c => number(from, 1)?,
                b'T' | b'X' | b'B' | 0x8b => number(from, 4)?,
                0x8d | 0x8e | 0x96 => number(from, 8)?,
                b'I' | b'L' | b'F' | b'S' | b'V' | b'g' | b'p' | b'P' => line(from)?,
                b'c' | b'i' => line(from)? + line(from)?,
                _ => return Ok(false),
            };
            if io::copy(&mut from.take(length), &mut io::sink())? < length {
                return Ok(false);
            }
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => return Err(io::ErrorKind::OutOfMemory.into()),
            }
        }
        Ok(false)
    };
    match next() {
        Ok(ended) => Ok(ended),
        Err(error) if error.kind() == io::ErrorKind::OutOfMemory => Err(format!(
            "its pickle makes more than {most} objects, which no file of this size needs"
        )),
        Err(_) => Ok(false),
    }
}

fn byte(from: &mut impl BufRead) -> io::Result<Option<u8>> {
    let mut byte = [0];
    Ok((from.read(&mut byte)? == 1).then_some(byte[0]))
}

/// A number of so many bytes, the lowest first.
fn number(from: &mut impl BufRead, bytes: usize) -> io::Result<u64> {
    let mut number = [0; 8];
    from.read_exact(&mut number[..bytes])?;
    Ok(u64::from_le_bytes(number))
}

/// Passes over a line; nothing is left of it to pass over.
fn line(from: &mut impl BufRead) -> io::Result<u64> {
    from.skip_until(b'\n')?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skimmed(pickle: &[u8], mut left: u64) -> Result<(bool, u64), String> {
        let ended = skim(&mut &pickle[..], &mut left)?;
        Ok((ended, left))
    }

    #[test]
    fn opcodes_are_counted_with_their_arguments() {
        // pickletools.dis(pickle.dumps({"a": [1, 300, 2.5, b"xy"], "한": (None, True)}, protocol)) counts so many before STOP.
        let second = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01M,\x01G@\x04\x00\x00\x00\x00\x00\x00c_codecs\nencode\nq\x03X\x02\x00\x00\x00xyq\x04X\x06\x00\x00\x00latin1q\x05\x86q\x06Rq\x07eX\x03\x00\x00\x00\xed\x95\x9cq\x08N\x88\x86q\x09u.";
        assert_eq!(skimmed(second, 100), Ok((true, 100 - 30)));
        let fourth = b"\x80\x04\x95*\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01M,\x01G@\x04\x00\x00\x00\x00\x00\x00C\x02xy\x94e\x8c\x03\xed\x95\x9c\x94N\x88\x86\x94u.";
        assert_eq!(skimmed(fourth, 100), Ok((true, 100 - 23)));
        assert_eq!(
            skimmed(&fourth[..30], 100).map(|(ended, _)| ended),
            Ok(false)
        );
    }

    #[test]
    fn objects_without_end_are_refused() {
        let lists = vec![b']'; 1000];
        assert!(
            skimmed(&lists, 999)
                .unwrap_err()
                .contains("more than 999 objects")
        );
        assert_eq!(skimmed(&lists, 1000), Ok((false, 0)));
        // A text longer than the file is no reason to reserve it.
        assert_eq!(
            skimmed(b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.", 5),
            Ok((false, 5))
        );
    }
}
