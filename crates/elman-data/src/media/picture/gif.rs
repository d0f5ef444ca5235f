//! The sizes of a GIF file's frames, which its decoder believes before it has read them.

use std::path::Path;

use crate::Error;
use crate::media::Limits;

/// Refuses a file one of whose frames is too large; a frame may be larger than the canvas. How many frames there are.
pub(crate) fn check_frames(path: &Path, bytes: &[u8], limits: &Limits) -> Result<usize, Error> {
    let mut count = 0;
    for size in Frames::new(bytes) {
        count += 1;
        limits.check_frame(path, count, size)?;
    }
    Ok(count)
}

/// Widths and heights as far as the file goes.
struct Frames<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Frames<'a> {
    /// Past the header, the canvas and its colours (GIF89a specification, sections 17 to 19).
    fn new(bytes: &'a [u8]) -> Self {
        let mut frames = Self {
            bytes,
            position: 13,
        };
        frames.skip_colours(10);
        frames
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Passes over a table of colours, if the flags at a place say that there is one.
    fn skip_colours(&mut self, flags: usize) {
        if let Some(flags) = self.byte(flags).filter(|flags| flags & 0x80 != 0) {
            self.position += 3 << ((flags & 7) + 1);
        }
    }

    /// Passes over blocks up to the empty one that ends them.
    fn skip_blocks(&mut self) -> Option<()> {
        loop {
            let length = self.byte(self.position)?;
            self.position += 1 + usize::from(length);
            if length == 0 {
                return Some(());
            }
        }
    }
}

impl Iterator for Frames<'_> {
    type Item = [u16; 2];

    fn next(&mut self) -> Option<[u16; 2]> {
        loop {
            match self.byte(self.position)? {
                b'!' => {
                    self.position += 2;
                    self.skip_blocks()?;
                }
                b',' => {
                    let start = self.position + 1;
                    let &[_, _, _, _, a, b, c, d, _] = self.bytes.get(start..start + 9)? else {
                        return None;
                    };
                    self.position = start + 9;
                    self.skip_colours(start + 8);
                    self.position += 1; // the bits of the first code
                    // A file that is cut off within a frame has asked for its memory.
                    let _ = self.skip_blocks();
                    return Some([u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]);
                }
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stand_before_the_pixels() {
        // Written by Pillow 12: a canvas of 3 x 2 with colours, a comment, and a frame of 3 x 2; then a frame of 300 x 2, by hand.
        let mut file = b"GIF89a\x03\0\x02\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        file.extend(b"!\xfe\x02hi\0,\0\0\0\0\x03\0\x02\0\0\x02\x02\x84Q\0");
        let whole = Frames::new(&file).collect::<Vec<_>>();
        assert_eq!(whole, [[3, 2]]);
        file.extend(b",\0\0\0\0\x2c\x01\x02\0\x80\0\0\0\xff\xff\xff\x02\x02\x84");
        assert_eq!(Frames::new(&file).collect::<Vec<_>>(), [[3, 2], [300, 2]]);
        for length in 0..file.len() {
            Frames::new(&file[..length]).count();
        }
    }
}
