//! How the samples of a WAV file are written: its part `fmt `.

/// One sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// Whole numbers from 0, whose middle is silence: how samples of 8 bits are written.
    Unsigned,
    /// Whole numbers about 0.
    Signed,
    /// Floating point.
    Float,
    /// Steps that grow with loudness, as telephones of America and Japan write them (ITU-T G.711).
    MuLaw,
    /// The same elsewhere.
    ALaw,
}

/// What the part `fmt ` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleFormat {
    pub(super) channels: usize,
    /// Samples of a channel in a second.
    pub(super) rate: u32,
    /// Bytes that a sample takes.
    pub(super) bytes: usize,
    /// Bits of them that hold it: the upper ones, below which there are zeros.
    valid: u32,
    encoding: Encoding,
}

/// How a format that names its kind by 16 bytes ends (`KSDATAFORMAT_SUBTYPE_PCM` and the like).
const KIND_ENDS: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

impl SampleFormat {
    /// Reads WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
    pub(super) fn parse(format: &[u8]) -> Result<Self, String> {
        let word = |at: usize| match format.get(at..at + 2) {
            Some(bytes) => Ok(u16::from_le_bytes([bytes[0], bytes[1]])),
            None => Err("not a readable WAV file: its part `fmt ` is too short".to_owned()),
        };
        let (channels, align, bits) = (word(2)?, word(12)?, word(14)?);
        let rate = u32::from(word(4)?) | u32::from(word(6)?) << 16;
        let (kind, valid) = match word(0)? {
            0xFFFE => {
                let end = format.get(26..40);
                if end != Some(&KIND_ENDS[..]) {
                    return Err(unread("in a kind of its own"));
                }
                let valid = word(18)?;
                (word(24)?, if valid == 0 { bits } else { valid })
            }
            kind => (kind, bits),
        };
        if channels == 0 {
            return Err("not a readable WAV file: it says that there are no channels".into());
        }
        // What is not said follows from the bits.
        let least = bits.div_ceil(8);
        let bytes = if align.is_multiple_of(channels) && align / channels >= least {
            align / channels
        } else {
            least
        };
        let encoding = match (kind, bytes) {
            (1, 1) => Encoding::Unsigned,
            (1, 2..=8) => Encoding::Signed,
            (3, 4 | 8) if bits == 8 * bytes => Encoding::Float,
            (6, 1) => Encoding::ALaw,
            (7, 1) => Encoding::MuLaw,
            (1, _) => return Err(unread(&format!("as whole numbers of {bits} bits"))),
            (3, _) => return Err(unread(&format!("as floating point of {bits} bits"))),
            (2, _) => return Err(unread("as Microsoft ADPCM")),
            (0x11, _) => return Err(unread("as IMA ADPCM")),
            (0x31, _) => return Err(unread("as GSM 6.10")),
            (0x50 | 0x55, _) => return Err(unread("as MPEG audio")),
            (kind, _) => return Err(unread(&format!("in the format {kind:#06x}"))),
        };
        if valid > 8 * bytes || valid == 0 {
            return Err(format!(
                "not a readable WAV file: it says that {valid} bits of {} are valid",
                8 * bytes
            ));
        }
        Ok(Self {
            channels: channels.into(),
            rate,
            bytes: bytes.into(),
            valid: valid.into(),
            encoding,
        })
    }

    /// Bytes that the samples of all channels take together.
    pub(super) fn frame_bytes(&self) -> usize {
        self.channels * self.bytes
    }

    /// A sample between -1 and 1, if it is a whole number; of floating point what is written.
    pub(super) fn value(&self, sample: &[u8]) -> f64 {
        match self.encoding {
            Encoding::Unsigned => (f64::from(sample[0]) - 128.0) / 128.0,
            // At the top of 64 bits a number of any width has the same scale.
            Encoding::Signed => self.whole(sample) as f64 / -(i64::MIN as f64),
            Encoding::Float => match sample {
                [a, b, c, d] => f32::from_le_bytes([*a, *b, *c, *d]).into(),
                _ => f64::from_bits(self.whole(sample) as u64),
            },
            Encoding::MuLaw => mu_law(sample[0]),
            Encoding::ALaw => a_law(sample[0]),
        }
    }

    /// The bytes of a sample at the top of 64 bits.
    fn whole(&self, sample: &[u8]) -> i64 {
        let mut bytes = [0; 8];
        bytes[8 - self.bytes..].copy_from_slice(sample);
        i64::from_le_bytes(bytes)
    }

    /// Begins to look where in their bytes samples lie.
    pub(super) fn placement(&self) -> Placement {
        let spare = 8 * self.bytes as u32 - self.valid;
        Placement {
            format: *self,
            spare: if self.encoding == Encoding::Signed {
                spare
            } else {
                0
            },
            is_low: true,
            below: 0,
        }
    }
}

/// Where in their bytes samples lie that do not fill them. The standard says at the top; some programs write them at the bottom.
pub(super) struct Placement {
    format: SampleFormat,
    /// Bits that hold nothing.
    spare: u32,
    /// Whether all samples so far would fit at the bottom.
    is_low: bool,
    /// Bits that are set so far where the standard wants zeros.
    below: i64,
}

impl Placement {
    pub(super) fn look(&mut self, sample: &[u8]) {
        if self.spare > 0 {
            let whole = self.format.whole(sample) >> (64 - 8 * self.format.bytes);
            self.below |= whole & (i64::MAX >> (63 - self.spare));
            let sign = whole >> (self.format.valid - 1);
            self.is_low &= sign == 0 || sign == -1;
        }
    }

    /// # Errors
    /// If the samples lie at the bottom.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.below == 0 || !self.is_low {
            return Ok(());
        }
        let (valid, all) = (self.format.valid, 8 * self.format.bytes);
        Err(format!(
            "its header says that {valid} bits of {all} hold a sample, which are the upper ones, but the samples are in the lower ones, or \
             very quiet; convert it to PCM of 16 or 24 bits"
        ))
    }
}

fn unread(how: &str) -> String {
    format!("its samples are written {how}, which is not read; convert it to PCM of 16 bits")
}

fn mu_law(byte: u8) -> f64 {
    let byte = !byte;
    let size = ((i32::from(byte & 0x0F) << 3) + 0x84) << (byte >> 4 & 7);
    let size = f64::from(size - 0x84) / 32768.0;
    if byte & 0x80 == 0 { size } else { -size }
}

fn a_law(byte: u8) -> f64 {
    let byte = byte ^ 0x55;
    let (step, segment) = (i32::from(byte & 0x0F) << 4, byte >> 4 & 7);
    let size = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    let size = f64::from(size) / 32768.0;
    if byte & 0x80 == 0 { -size } else { size }
}
