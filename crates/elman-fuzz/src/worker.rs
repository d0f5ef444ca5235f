//! Reads inputs one after the other in this process, and notes before each which one it is.

use crate::finding::{Finding, Kind};
use crate::meter;
use crate::reader::{Input, Reader};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// A reader may take this long, whatever it is given.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// And this much longer for each byte.
const PER_BYTE: Duration = Duration::from_micros(20);

/// What has been tried so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of the input that is being tried, or the one after the last.
    pub number: u64,
    /// Inputs that were read.
    pub read: u64,
    /// Inputs that were refused.
    pub refused: u64,
    /// Microseconds in readers.
    pub micros: u64,
    /// The most bytes that were held for an input.
    pub most: u64,
}

impl Tally {
    const BYTES: usize = 40;

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let fields = [self.number, self.read, self.refused, self.micros, self.most];
        for (place, field) in bytes.chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }

    /// The tally that a worker keeps in a file; nothing if there is none yet.
    pub fn read(path: &Path) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        let (fields, []) = bytes.as_chunks::<8>() else {
            return None;
        };
        let fields: Vec<u64> = fields
            .iter()
            .map(|field| u64::from_le_bytes(*field))
            .collect();
        let [number, read, refused, micros, most] = fields[..] else {
            return None;
        };
        Some(Self {
            number,
            read,
            refused,
            micros,
            most,
        })
    }
}

/// How an input was taken.
#[derive(Debug)]
pub struct Taken {
    /// Whether it was read, and if not why.
    pub answer: Result<(), String>,
    /// What went wrong.
    pub wrong: Option<(Kind, String)>,
    /// How long it took.
    pub time: Duration,
    /// The most bytes that were held.
    pub most: usize,
}

/// Gives a reader one input, as the file `scratch/NAME`.
///
/// # Panics
/// If the file cannot be written.
pub fn attempt(reader: &Reader, input: &Input, scratch: &Path) -> Taken {
    let case = &reader.cases[input.case];
    let path = scratch.join(&case.name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).expect("the scratch folder can be written to");
    }
    std::fs::write(&path, &input.bytes).expect("the scratch folder can be written to");
    let bound = reader.bound(input.bytes.len());
    let most_time = PATIENCE + PER_BYTE * input.bytes.len() as u32;
    let mut taken = once(reader, input, &path, bound);
    if taken.wrong.is_none() && taken.time > most_time {
        taken = once(reader, input, &path, bound); // the machine may have been busy
        if taken.time > most_time {
            let message = format!(
                "{:.1} s for {} bytes",
                taken.time.as_secs_f64(),
                input.bytes.len()
            );
            taken.wrong = Some((Kind::Hang, message));
        }
    }
    taken
}

fn once(reader: &Reader, input: &Input, path: &Path, bound: usize) -> Taken {
    quiet();
    let (begun, held) = (Instant::now(), meter::start(bound));
    let answer = catch_unwind(AssertUnwindSafe(|| {
        (reader.read)(&reader.cases[input.case], path)
    }));
    let (most, time) = (held.stop(), begun.elapsed());
    let (answer, wrong) = match (answer, input.garbage) {
        (Err(_), _) => (Err("panicked".into()), Some((Kind::Panic, last_panic()))),
        (Ok(answer), _) if most > bound => {
            let message = format!(
                "{most} bytes are asked for; a file of {} bytes may hold {bound}",
                input.bytes.len()
            );
            (answer, Some((Kind::Memory, message)))
        }
        (Ok(Ok(())), Some(why)) => (
            Ok(()),
            Some((Kind::Garbage, format!("it is read, but {why}"))),
        ),
        (Ok(answer), _) => (answer, None),
    };
    Taken {
        answer,
        wrong,
        time,
        most,
    }
}

static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Keeps what a panic says, rather than printing it.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
        }));
    });
}

fn last_panic() -> String {
    LAST_PANIC
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Tries the inputs `numbers`, of which `tally` notes each before it is read, and gives `found` what goes wrong.
///
/// # Errors
/// If the tally cannot be written.
pub fn run(
    reader: &Reader,
    seed: u64,
    numbers: std::ops::Range<u64>,
    scratch: &Path,
    tally: &mut File,
    mut found: impl FnMut(&Finding, &Taken),
) -> std::io::Result<Tally> {
    let mut sum = Tally {
        number: numbers.start,
        ..Tally::default()
    };
    let mut note = |sum: Tally| {
        tally.seek(SeekFrom::Start(0))?;
        tally.write_all(&sum.to_bytes())
    };
    for number in numbers {
        sum.number = number;
        note(sum)?;
        let taken = attempt(reader, &reader.input(seed, number), scratch);
        sum.micros += taken.time.as_micros() as u64;
        sum.most = sum.most.max(taken.most as u64);
        if taken.answer.is_ok() {
            sum.read += 1;
        } else {
            sum.refused += 1;
        }
        if let Some((kind, message)) = &taken.wrong {
            let finding = Finding {
                kind: *kind,
                message: message.clone(),
                number,
            };
            found(&finding, &taken);
        }
        sum.number = number + 1;
    }
    note(sum)?;
    Ok(sum)
}
