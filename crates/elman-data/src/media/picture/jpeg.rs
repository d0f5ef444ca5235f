//! Whether a JPEG file is whole: the decoder fills up what is missing with grey and says nothing.

const START_OF_SCAN: u8 = 0xDA;
const END: u8 = 0xD9;

/// Walks from marker to marker up to the end of the picture (ITU-T T.81, annex B); what follows it does not matter.
pub(super) fn check_whole(bytes: &[u8]) -> Result<(), String> {
    let mut position = 2; // past the marker that begins a picture
    let mut seen_scan = false;
    loop {
        let Some(marker) = next_marker(bytes, &mut position, seen_scan) else {
            let part = if seen_scan {
                ""
            } else {
                " before its picture begins"
            };
            return Err(format!(
                "cut off{part}: the mark at the end of a JPEG picture is not there after {} bytes; copy or save it again",
                bytes.len()
            ));
        };
        match marker {
            END => return Ok(()),
            // Markers without a length: restarts, a start in a row, and 01.
            0xD0..=0xD8 | 0x01 => continue,
            _ => {}
        }
        seen_scan |= marker == START_OF_SCAN;
        let length = match bytes.get(position..position + 2) {
            Some(length) => usize::from(u16::from_be_bytes([length[0], length[1]])),
            None => bytes.len(),
        };
        position += length.max(2);
    }
}

/// The next marker, past whose code `position` is left; compressed data, which ends before it, is passed over.
fn next_marker(bytes: &[u8], position: &mut usize, in_scan: bool) -> Option<u8> {
    loop {
        let at = *position
            + bytes
                .get(*position..)?
                .iter()
                .position(|&byte| byte == 0xFF)?;
        let code = bytes[at..].iter().position(|&byte| byte != 0xFF)? + at;
        *position = code + 1;
        let is_data = bytes[code] == 0 || (in_scan && (0xD0..=0xD7).contains(&bytes[code]));
        if !is_data {
            return Some(bytes[code]);
        }
    }
}
