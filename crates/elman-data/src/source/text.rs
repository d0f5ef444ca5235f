//! From bytes to text, in whatever encoding a spreadsheet left them.

use std::path::Path;

use encoding_rs::{DecoderResult, EUC_KR, Encoding, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::guess;
use crate::Error;

/// The text of a file with `\n` line ends and no byte order mark, and the name of its encoding. `auto` decides by the bytes.
///
/// # Errors
/// [`Error::Undecodable`] with the place of the first byte that does not fit; [`Error::Config`] for a label that is none,
/// or where two encodings fit.
pub(crate) fn decode(
    bytes: Vec<u8>,
    label: &str,
    path: &Path,
) -> Result<(String, &'static str), Error> {
    let asked = lookup(label)?;
    let (encoding, mark) = match Encoding::for_bom(&bytes) {
        Some((encoding, length)) => (Some(encoding), length),
        None => (asked.or_else(|| guess::utf16(&bytes)), 0),
    };
    if let Some(encoding) = encoding.filter(|encoding| *encoding != UTF_8) {
        return strictly(encoding, &bytes, mark, path);
    }
    let (bytes, offset) = match utf8(bytes, mark) {
        Ok(text) => return Ok((unix_lines(text), name(UTF_8))),
        Err(unfit) => unfit,
    };
    if encoding.is_some() {
        let body = &bytes[mark..];
        return Err(undecodable(UTF_8, body, offset - mark, "UTF-8", path));
    }
    // Nothing is stated: what the bytes look like.
    match guess::of(&bytes).map_err(|doubt| doubtful(&bytes, doubt, path))? {
        Some(found) => strictly(found, &bytes, 0, path),
        None => Err(undecodable(UTF_8, &bytes, offset, "UTF-8 or CP949", path)),
    }
}

fn strictly(
    encoding: &'static Encoding,
    bytes: &[u8],
    mark: usize,
    path: &Path,
) -> Result<(String, &'static str), Error> {
    let body = &bytes[mark..];
    let text = strict(encoding, body)
        .map_err(|offset| undecodable(encoding, body, offset, name(encoding), path))?;
    Ok((unix_lines(text), name(encoding)))
}

/// The text of UTF-8 behind its mark, without a copy; or the bytes, and where they are none.
fn utf8(mut bytes: Vec<u8>, mark: usize) -> Result<String, (Vec<u8>, usize)> {
    if let Err(error) = std::str::from_utf8(&bytes[mark..]) {
        return Err((bytes, mark + error.valid_up_to()));
    }
    bytes.drain(..mark);
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        (error.into_bytes(), offset)
    })
}

fn undecodable(
    encoding: &'static Encoding,
    body: &[u8],
    offset: usize,
    tried: &str,
    path: &Path,
) -> Error {
    let (line, column) = place(encoding, body, offset);
    let looks = match guess::of(body) {
        Ok(Some(found)) if name(found) != tried => {
            format!("; they read well as {}", name(found))
        }
        _ => String::new(),
    };
    Error::Undecodable {
        path: path.into(),
        line,
        column,
        encoding: tried.into(),
        looks,
    }
}

/// Line and column, from 1, of a byte in what comes before it.
fn place(encoding: &'static Encoding, body: &[u8], offset: usize) -> (u64, u64) {
    let (before, _, _) = encoding.decode(&body[..offset]);
    let before = unix_lines(before.into_owned());
    let line = 1 + before.matches('\n').count() as u64;
    let column = 1 + before.chars().rev().take_while(|&c| c != '\n').count() as u64;
    (line, column)
}

/// The question which of two encodings is meant, with what the first odd bytes say in both.
fn doubtful(bytes: &[u8], doubt: guess::Doubt, path: &Path) -> Error {
    let (line, column) = place(UTF_8, bytes, doubt.offset);
    let read = |encoding: &'static Encoding| {
        let (text, _, _) = encoding.decode(&bytes[doubt.offset..doubt.end]);
        text.into_owned()
    };
    Error::Config {
        key: "data.encoding".into(),
        message: format!(
            "`{}`, line {line}, column {column}: \"{}\" in CP949 is \"{}\" in windows-1252, and both can be; set it to cp949 \
             or windows-1252",
            path.display(),
            read(EUC_KR),
            read(WINDOWS_1252)
        ),
    }
}

/// The encoding of a label; `None` for `auto`.
fn lookup(label: &str) -> Result<Option<&'static Encoding>, Error> {
    match label.trim().to_lowercase().as_str() {
        "auto" => Ok(None),
        // Python's and Java's names, which the WHATWG standard does not list.
        "cp949" | "ms949" | "uhc" | "euckr" => Ok(Some(EUC_KR)),
        "cp932" => Ok(Some(SHIFT_JIS)),
        other => Encoding::for_label(other.as_bytes()).map(Some).ok_or_else(|| Error::Config {
            key: "data.encoding".into(),
            message: format!("there is no encoding `{label}`; try auto, utf-8, cp949, utf-16le, windows-1252 or shift_jis"),
        }),
    }
}

fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == EUC_KR {
        "CP949"
    } else {
        encoding.name()
    }
}

/// Decodes all bytes, or gives the offset of the first that does not fit.
fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(
        decoder
            .max_utf8_buffer_length_without_replacement(bytes.len())
            .unwrap_or(bytes.len()),
    );
    let (mut read, mut result) = (0, DecoderResult::OutputFull);
    while result == DecoderResult::OutputFull {
        text.reserve(64 + bytes.len() - read);
        let (result_now, read_now) =
            decoder.decode_to_string_without_replacement(&bytes[read..], &mut text, true);
        read += read_now;
        result = result_now;
    }
    match result {
        DecoderResult::Malformed(length, extra) => {
            Err(read.saturating_sub(usize::from(length) + usize::from(extra)))
        }
        _ => Ok(text),
    }
}

/// The same text with `\n` at the end of each line, in the same memory.
fn unix_lines(text: String) -> String {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    let mut bytes = text.into_bytes();
    let (mut to, mut from) = (0, 0);
    while from < bytes.len() {
        let byte = bytes[from];
        from += 1;
        if byte == b'\r' && bytes.get(from) == Some(&b'\n') {
            continue;
        }
        bytes[to] = if byte == b'\r' { b'\n' } else { byte };
        to += 1;
    }
    bytes.truncate(to);
    String::from_utf8(bytes).expect("line ends are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(bytes: &[u8], label: &str) -> Result<(String, &'static str), String> {
        decode(bytes.to_vec(), label, Path::new("a.csv")).map_err(|error| error.to_string())
    }

    #[test]
    fn finds_the_common_encodings() {
        let korean = "일시,기온\n";
        let (cp949, _, _) = EUC_KR.encode(korean);
        assert_eq!(run(&cp949, "auto").unwrap(), (korean.into(), "CP949"));
        assert_eq!(run(&cp949, "cp949").unwrap().0, korean);
        assert_eq!(
            run(korean.as_bytes(), "auto").unwrap(),
            (korean.into(), "UTF-8")
        );
        assert_eq!(
            run("\u{feff}a\r\nb\rc".as_bytes(), "auto").unwrap().0,
            "a\nb\nc"
        );
        let utf16: Vec<u8> = "\u{feff}a,b\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(run(&utf16, "auto").unwrap(), ("a,b\n".into(), "UTF-16LE"));
    }

    #[test]
    fn bytes_that_do_not_fit_are_an_error_with_a_line() {
        let message = run(b"a\nb\n\xff\xff\n", "auto").unwrap_err();
        assert!(
            message
                .starts_with("`a.csv`, line 3, column 1: bytes that are not UTF-8 or CP949 text"),
            "{message}"
        );
        let message = run(b"a\n\xc0\xd3\xff\n", "cp949").unwrap_err();
        assert!(
            message.starts_with("`a.csv`, line 2, column 2: bytes that are not CP949 text"),
            "{message}"
        );
        let message = run(b"a", "klingon").unwrap_err();
        assert!(
            message.starts_with("`data.encoding`: there is no encoding `klingon`"),
            "{message}"
        );
    }
}
