//! Which encoding bytes are in that are not UTF-8, by how plausible what they say is.

use encoding_rs::{EUC_KR, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are looked at for zeros.
const HEAD: usize = 4 << 10;

/// Bytes that fit two encodings: where the first of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) offset: usize,
    pub(super) end: usize,
}

/// UTF-16 without a mark: every other byte of its ASCII letters is zero.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(HEAD) & !1];
    if head.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    match () {
        () if odd * 10 >= half * 4 && even * 20 <= half => Some(UTF_16LE),
        () if even * 10 >= half * 4 && odd * 20 <= half => Some(UTF_16BE),
        () => None,
    }
}

/// CP949 or windows-1252, whichever is plausible; `None` if neither is.
pub(super) fn of(bytes: &[u8]) -> Result<Option<&'static Encoding>, Doubt> {
    let (korean, western) = (is_korean(bytes), Western::of(bytes));
    match (korean, western.is_plausible()) {
        (true, true) => Err(western.first),
        (true, false) => Ok(Some(EUC_KR)),
        (false, true) => Ok(Some(WINDOWS_1252)),
        (false, false) => Ok(None),
    }
}

/// Whether the bytes are CP949 whose letters are mostly Hangul of KS X 1001, as all but a few syllables of real texts are.
fn is_korean(bytes: &[u8]) -> bool {
    let (mut hangul, mut symbols, mut others) = (0usize, 0usize, 0usize);
    let mut at = 0;
    while at < bytes.len() {
        let lead = bytes[at];
        if lead < 0x80 {
            at += 1;
            continue;
        }
        let Some(&trail) = bytes.get(at + 1) else {
            return false;
        };
        match (lead, trail) {
            (0xb0..=0xc8, 0xa1..=0xfe) => hangul += 1,
            (0xa1..=0xac, 0xa1..=0xfe) => symbols += 1,
            (0x81..=0xfe, 0x41..=0xfe) => others += 1,
            _ => return false,
        }
        at += 2;
    }
    let fits = EUC_KR
        .decode_without_bom_handling_and_without_replacement(bytes)
        .is_some();
    fits && (hangul > 0 && 10 * others <= 2 * (hangul + symbols)
        || hangul == 0 && others == 0 && symbols > 0)
}

/// What the bytes above ASCII are like as windows-1252.
struct Western {
    /// Runs of such bytes, and those that can stand in a western text.
    runs: usize,
    plausible: usize,
    undefined: bool,
    first: Doubt,
}

impl Western {
    fn of(bytes: &[u8]) -> Self {
        let mut western = Self {
            runs: 0,
            plausible: 0,
            undefined: false,
            first: Doubt { offset: 0, end: 0 },
        };
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] < 0x80 {
                at += 1;
                continue;
            }
            let length = bytes[at..].iter().take_while(|byte| **byte >= 0x80).count();
            let run = &bytes[at..at + length];
            if western.runs == 0 {
                western.first = Doubt {
                    offset: at,
                    end: (at + length.next_multiple_of(2)).min(bytes.len()),
                };
            }
            western.runs += 1;
            western.undefined |= run
                .iter()
                .any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d));
            let before = at.checked_sub(1).map(|before| bytes[before]);
            let after = bytes.get(at + length).copied();
            western.plausible += usize::from(is_western(run, before, after));
            at += length;
        }
        western
    }

    fn is_plausible(&self) -> bool {
        self.runs > 0 && !self.undefined && 10 * self.plausible >= 9 * self.runs
    }
}

/// Whether a run of bytes above ASCII can stand in a western text, between two others.
fn is_western(run: &[u8], before: Option<u8>, after: Option<u8>) -> bool {
    let is_letter = |byte: &u8| matches!(byte, 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0xfe | 0x8a | 0x8c | 0x8e | 0x9a | 0x9c | 0x9e | 0x9f);
    let is_sign = |byte: &u8| matches!(byte, 0x80..=0xbf | 0xd7 | 0xf7);
    let is_ascii = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic());
    let in_word = is_ascii(before) || is_ascii(after);
    match run {
        // °, µ, ², §, €, quotes and dashes stand alone.
        [one] => {
            is_sign(one) && !is_letter(one)
                || in_word && is_letter(one)
                || matches!(one, 0xe0 | 0xc0 | 0xf3 | 0xe9 | 0xc9 | 0xd8 | 0xf8)
        }
        // Two letters in a word, or a sign beside a letter or another sign: "é»", "µ°", "m³²".
        [a, b] => {
            in_word && (is_letter(a) && is_letter(b) || is_sign(a) && is_sign(b))
                || in_word && is_letter(a) && matches!(b, 0xbb | 0x92 | 0x94 | 0x85 | 0xab)
        }
        letters => letters.len() <= 3 && in_word && letters.iter().all(is_letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> &'static str {
        match of(bytes) {
            Ok(found) => found.map_or("none", Encoding::name),
            Err(_) => "doubt",
        }
    }

    #[test]
    fn korean_or_western() {
        // Bytes by Python's str.encode("cp1252") and str.encode("cp949").
        for western in [
            &b"datum;Temp [\xb0C]\n"[..],
            b"datum;Gr\xf6\xdfe\n",
            b"t;\xb5g/m\xb3\n",
            b"caf\xe9,cr\xe8me br\xfbl\xe9e\n",
            b"\x93quoted\x94 \x96 it\x92s\n",
            b"price \x80\n",
            b"se\xf1or;a\xf1o\n",
        ] {
            assert_eq!(name(western), "windows-1252", "{western:?}");
        }
        for korean in [
            "일시,기온\n",
            "date,값\n",
            "date,월\n",
            "날짜;기온(℃)\n2021-01-01;1\n",
            "한글 텍스트의 및 글",
        ] {
            let (bytes, _, _) = EUC_KR.encode(korean);
            assert_eq!(name(&bytes), "EUC-KR", "{korean}");
        }
        assert_eq!(name(b"a\xff\xff\n"), "none");
        assert_eq!(name(b"a\x81\x20\n"), "none");
        // "ÀÁ" in a word, or one syllable.
        assert_eq!(name(b"x\xc0\xc1\n"), "doubt");
    }

    #[test]
    fn utf16_without_a_mark() {
        let le: Vec<u8> = "date,x\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "date,x\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(utf16(&le[..12]), Some(UTF_16LE));
        assert_eq!(utf16(&be[..12]), Some(UTF_16BE));
        assert_eq!(utf16(b"date,x\n"), None);
    }
}
