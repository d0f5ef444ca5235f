//! YUV4MPEG2, the plain film format of mjpegtools and ffmpeg (`-f yuv4mpegpipe`).

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::read::{Sink, USUAL_DELAY};
use crate::Error;
use crate::media::Limits;
use crate::media::picture::Picture;

const MAGIC: &[u8] = b"YUV4MPEG2";
/// No header or frame line is longer.
const LINE: u64 = 4096;

pub(super) fn is_y4m(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Gives `sink` each frame; see [`Layout`] for what is read.
pub(super) fn each_frame(path: &Path, limits: &Limits, sink: Sink) -> Result<f32, Error> {
    let unread = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    let media = |message: String| Error::Media {
        path: path.into(),
        message,
    };
    let file = File::open(path).map_err(unread)?;
    let there = file.metadata().map_err(unread)?.len();
    let mut file = BufReader::new(file);
    let header = line(&mut file).map_err(unread)?;
    let header = header.ok_or_else(|| media("cut off within its first line".into()))?;
    let header = Header::parse(&header).map_err(media)?;
    // How many bytes a frame takes is known exactly.
    limits.check_picture(path, [header.width as u32, header.height as u32], u64::MAX)?;
    let bytes = header.layout.frame_bytes(header.width, header.height);
    if bytes as u64 > there {
        return Err(media(format!(
            "cut off: its header says {} × {} pixels, {bytes} bytes a frame, but the whole file has {there}",
            header.width, header.height
        )));
    }
    let mut planes = vec![0; bytes];
    let mut count = 0;
    while let Some(begin) = line(&mut file).map_err(unread)? {
        count += 1;
        if begin != b"FRAME" && !begin.starts_with(b"FRAME ") {
            let message = format!("frame {count} does not begin with FRAME: the file is damaged");
            return Err(media(message));
        }
        limits.check_film(path, count, 0, 0)?; // the file itself is as large as its frames
        let found = fill(&mut file, &mut planes).map_err(unread)?;
        if found < bytes {
            return Err(media(format!(
                "cut off: frame {count} has {found} of {bytes} bytes; copy or convert it again"
            )));
        }
        sink(header.picture(&planes))?;
    }
    if count == 0 {
        return Err(media("it has a header but no frames".into()));
    }
    Ok(header.delay_ms)
}

/// The next line without its end; what follows the last line end is none, but an error where there is something.
fn line(file: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    file.take(LINE).read_until(b'\n', &mut line)?;
    match line.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(last) => {
            line.push(last);
            Ok(Some(line))
        }
    }
}

/// Fills `buffer` as far as the file goes, and says how far.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut found = 0;
    while found < buffer.len() {
        match file.read(&mut buffer[found..]) {
            Ok(0) => break,
            Ok(count) => found += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// How the planes of a frame follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    /// A sample of colour is this many pixels wide and high, as a power of two; none in greys.
    chroma: Option<(u32, u32)>,
    /// Whether a plane of transparency, which is not read, ends each frame.
    alpha: bool,
    /// Bits of a sample; above 8 each is two bytes, the low one first.
    bits: u32,
}

impl Layout {
    /// By the `C` of the header: `420` with the names of its chroma positions, `411`, `422`, `444`, `444alpha`,
    /// `mono`; with `p9` to `p16` (`mono9` to `mono16`) after it more than 8 bits.
    fn parse(name: &str) -> Option<Self> {
        let (chroma, rest) = [
            ("420", Some((1, 1))),
            ("411", Some((2, 0))),
            ("422", Some((1, 0))),
            ("444", Some((0, 0))),
            ("mono", None),
        ]
        .into_iter()
        .find_map(|(prefix, chroma)| Some((chroma, name.strip_prefix(prefix)?)))?;
        let rest = if chroma == Some((1, 1)) {
            ["jpeg", "mpeg2", "paldv"]
                .into_iter()
                .find_map(|position| rest.strip_prefix(position))
                .unwrap_or(rest)
        } else {
            rest
        };
        let alpha = chroma == Some((0, 0)) && rest == "alpha";
        let bits = match rest {
            "" => 8,
            _ if alpha => 8,
            _ if chroma.is_none() => rest.parse().ok()?,
            _ => rest.strip_prefix('p')?.parse().ok()?,
        };
        (8..=16).contains(&bits).then_some(Self {
            chroma,
            alpha,
            bits,
        })
    }

    fn sample_bytes(self) -> usize {
        if self.bits > 8 { 2 } else { 1 }
    }

    /// Width and height of a plane of colour.
    fn chroma_size(self, width: usize, height: usize) -> (usize, usize) {
        let (x, y) = self.chroma.unwrap_or_default();
        (width.div_ceil(1 << x), height.div_ceil(1 << y))
    }

    fn frame_bytes(self, width: usize, height: usize) -> usize {
        let (chroma_width, chroma_height) = self.chroma_size(width, height);
        let colours = if self.chroma.is_some() { 2 } else { 0 };
        let planes = 1 + usize::from(self.alpha);
        (planes * width * height + colours * chroma_width * chroma_height) * self.sample_bytes()
    }
}

struct Header {
    width: usize,
    height: usize,
    delay_ms: f32,
    layout: Layout,
    /// Whether samples use all of their range; otherwise, as in television, 16 to 235 (colours 240) of 255.
    full_range: bool,
}

impl Header {
    fn parse(line: &[u8]) -> Result<Self, String> {
        let line = String::from_utf8_lossy(line);
        let (mut width, mut height, mut rate) = (None, None, None);
        let (mut colours, mut full_range) = ("420".to_owned(), false);
        for part in line.split(' ').skip(1).filter(|part| !part.is_empty()) {
            let mut letters = part.chars();
            let key = letters.next().unwrap_or_default();
            let value = letters.as_str();
            let side = || {
                let side = value.parse::<u32>().ok().filter(|&side| side > 0);
                side.ok_or_else(|| format!("its header has {part:?}, which is no size"))
            };
            match key {
                'W' => width = Some(side()? as usize),
                'H' => height = Some(side()? as usize),
                'F' => rate = value.split_once(':'),
                'C' => colours = value.to_owned(),
                'X' if value.eq_ignore_ascii_case("COLORRANGE=FULL") => full_range = true,
                _ => {}
            }
        }
        let layout = Layout::parse(&colours).ok_or_else(|| {
            format!(
                "its colours are written as C{colours}, which is not read; convert it to C420, C422, C444 or Cmono"
            )
        })?;
        let number = |text: &str| {
            text.parse::<f32>()
                .ok()
                .filter(|&x| x > 0.0 && x.is_finite())
        };
        let delay = rate.and_then(|(a, b)| Some(1000.0 * number(b)? / number(a)?));
        Ok(Self {
            width: width.ok_or("its header has no width (W…)")?,
            height: height.ok_or("its header has no height (H…)")?,
            delay_ms: delay.unwrap_or(USUAL_DELAY),
            layout,
            full_range,
        })
    }

    /// Luma and colour differences to red, green and blue (ITU-R BT.601); each sample of colour holds for all of its
    /// pixels.
    fn picture(&self, planes: &[u8]) -> Picture {
        let Self { width, height, .. } = *self;
        let (chroma_width, chroma_height) = self.layout.chroma_size(width, height);
        let step = self.layout.sample_bytes();
        // A sample in steps of 8 bits.
        let unit = 1.0 / f32::from(1u16 << (self.layout.bits - 8));
        let sample = |place: usize| {
            let at = place * step;
            let low = f32::from(planes[at]);
            match step {
                1 => low,
                _ => (low + 256.0 * f32::from(planes[at + 1])) * unit,
            }
        };
        let (black, luma_span, chroma_span) = if self.full_range {
            (0.0, 255.0, 255.0)
        } else {
            (16.0, 219.0, 224.0)
        };
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            for x in 0..width {
                let luma = (sample(y * width + x) - black) / luma_span;
                let (blue, red) = match self.layout.chroma {
                    None => (0.0, 0.0),
                    Some((right, down)) => {
                        let place = width * height + (y >> down) * chroma_width + (x >> right);
                        let difference = |place| (sample(place) - 128.0) / chroma_span;
                        let planes = chroma_width * chroma_height;
                        (difference(place), difference(place + planes))
                    }
                };
                let colour = [
                    luma + 1.402 * red,
                    luma - 0.344_136 * blue - 0.714_136 * red,
                    luma + 1.772 * blue,
                ];
                rgb.extend(colour.map(|x| (255.0 * x).round() as u8));
            }
        }
        Picture { width, height, rgb }
    }
}
