//! From bytes to text, in whatever encoding a spreadsheet left them.

use std::path::Path;

use encoding_rs::{DecoderResult, EUC_KR, Encoding, SHIFT_JIS, UTF_8};

use crate::Error;

/// The text of a file with `\n` line ends and no byte order mark, and the name of its encoding.
pub(crate) fn decode(
    bytes: &[u8],
    label: &str,
    path: &Path,
) -> Result<(String, &'static str), Error> {
    let wanted = lookup(label)?;
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), length),
        None => (wanted, 0),
    };
    let body = &bytes[mark..];
    let failed = |offset: usize, tried: &str| {
        let (before, _, _) = encoding.unwrap_or(UTF_8).decode(&body[..offset]);
        let before = unix_lines(before.into_owned());
        Error::Undecodable {
            path: path.into(),
            line: 1 + before.matches('\n').count() as u64,
            column: 1 + before.chars().rev().take_while(|&c| c != '\n').count() as u64,
            encoding: tried.into(),
        }
    };
    let (text, encoding) = match encoding {
        Some(encoding) => (
            strict(encoding, body).map_err(|offset| failed(offset, name(encoding)))?,
            encoding,
        ),
        // Nothing is stated: UTF-8, and if it is not, what Korean spreadsheets write.
        None => match strict(UTF_8, body) {
            Ok(text) => (text, UTF_8),
            Err(offset) => (
                strict(EUC_KR, body).map_err(|_| failed(offset, "UTF-8 or CP949"))?,
                EUC_KR,
            ),
        },
    };
    Ok((unix_lines(text), name(encoding)))
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
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|error| error.valid_up_to());
    }
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

fn unix_lines(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(bytes: &[u8], label: &str) -> Result<(String, &'static str), String> {
        decode(bytes, label, Path::new("a.csv")).map_err(|error| error.to_string())
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
