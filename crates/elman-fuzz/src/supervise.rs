//! Watches the processes that read, and makes findings of those that end or stand still.

use crate::finding::{Finding, Kind, Source};
use crate::reader::Reader;
use crate::worker::{PATIENCE, Tally};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// An input that takes this long has no end.
const STILL: Duration = Duration::from_secs(20);
/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// A reader that went wrong this often is not tried further.
const ENOUGH: usize = 40;
/// Of how many findings of a reader a smaller input is looked for, and in how many tries.
const MINIMISED: usize = 3;
const TRIES: usize = 150;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct Plan {
    /// This program.
    pub program: PathBuf,
    /// The folder of what the readers need.
    pub work: PathBuf,
    /// Where inputs are kept that make a reader go wrong.
    pub found: PathBuf,
    /// What the inputs follow from.
    pub seed: u64,
    /// The number of the first input.
    pub from: u64,
    /// How many inputs a reader is given.
    pub inputs: u64,
}

/// What came of a reader.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Its name.
    pub reader: &'static str,
    /// What was tried.
    pub tally: Tally,
    /// What went wrong.
    pub findings: Vec<Finding>,
    /// Whether it went wrong so often that it was not tried further.
    pub given_up: bool,
}

impl Figures {
    /// How often it went wrong in this way.
    pub fn count(&self, kind: Kind) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.kind == kind)
            .count()
    }
}

/// Tries a reader as planned.
///
/// # Errors
/// If a process cannot be started, or a file not be written.
pub fn attack(reader: &Reader, plan: &Plan) -> io::Result<Figures> {
    let inputs = plan.inputs.div_ceil(reader.every as u64);
    let end = plan.from + inputs;
    let mut figures = Figures {
        reader: reader.name,
        tally: Tally::default(),
        findings: Vec::new(),
        given_up: false,
    };
    let mut from = plan.from;
    while from < end {
        let mut ended = watch(reader, plan, from..end)?;
        if matches!(ended.wrong, Some((Kind::Hang, _))) {
            // The machine may have stood still, not the reader.
            let number = ended.tally.number.max(from);
            let again = watch(reader, plan, number..number + 1)?;
            if again.wrong.is_none() {
                ended.tally.read += again.tally.read;
                ended.tally.refused += again.tally.refused;
                ended.tally.number = number + 1;
                ended.findings.extend(again.findings);
            }
            ended.wrong = again.wrong;
        }
        let tally = ended.tally;
        for sum in [
            (&mut figures.tally.read, tally.read),
            (&mut figures.tally.refused, tally.refused),
            (&mut figures.tally.micros, tally.micros),
        ] {
            *sum.0 += sum.1;
        }
        figures.tally.most = figures.tally.most.max(tally.most);
        figures.findings.extend(ended.findings);
        from = tally.number.max(from);
        if let Some((kind, message)) = ended.wrong {
            figures.findings.push(Finding {
                kind,
                message,
                number: from,
            });
            figures.tally.refused += 1;
            from += 1;
        }
        if figures.findings.len() >= ENOUGH && from < end {
            figures.given_up = true;
            break;
        }
    }
    figures.tally.number = from - plan.from;
    for (place, finding) in figures.findings.iter().enumerate() {
        let path = keep(reader, plan, finding)?;
        if place < MINIMISED && finding.kind != Kind::Garbage {
            minimise(&path, plan)?;
        }
    }
    Ok(figures)
}

/// Writes the input of a finding to a file.
fn keep(reader: &Reader, plan: &Plan, finding: &Finding) -> io::Result<PathBuf> {
    let input = reader.input(plan.seed, finding.number);
    let source = Source {
        reader: reader.name.into(),
        case: input.case,
        seed: plan.seed,
        number: finding.number,
        kind: finding.kind,
    };
    std::fs::create_dir_all(&plan.found)?;
    let path = source.path(&plan.found);
    std::fs::write(&path, &input.bytes)?;
    Ok(path)
}

/// How a process ended.
struct Ended {
    tally: Tally,
    /// What it found itself.
    findings: Vec<Finding>,
    /// What its end says about the input that it read last.
    wrong: Option<(Kind, String)>,
}

fn watch(reader: &Reader, plan: &Plan, numbers: std::ops::Range<u64>) -> io::Result<Ended> {
    let own = tempfile::tempdir_in(&plan.work)?;
    let (notes, said) = (own.path().join("tally"), own.path().join("stderr"));
    let findings = own.path().join("findings");
    let mut child = Command::new(&plan.program)
        .args(["work", reader.name])
        .args([
            "--seed",
            &plan.seed.to_string(),
            "--from",
            &numbers.start.to_string(),
            "--to",
            &numbers.end.to_string(),
        ])
        .arg("--work")
        .arg(&plan.work)
        .arg("--own")
        .arg(own.path())
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(File::create(&findings)?)
        .stderr(File::create(&said)?)
        .spawn()?;
    let mut wrong = None;
    let (mut last, mut since) = (None, Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        let now = Tally::read(&notes).map(|tally| tally.number);
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > STILL && last.is_some() {
            end(&mut child)?;
            wrong = Some((Kind::Hang, format!("no end after {} s", STILL.as_secs())));
            break None;
        }
        std::thread::sleep(LOOK);
    };
    let tally = Tally::read(&notes).ok_or_else(|| {
        let text = std::fs::read_to_string(&said).unwrap_or_default();
        io::Error::other(format!(
            "the reader `{}` could not begin: {}",
            reader.name,
            text.trim()
        ))
    })?;
    if let Some(status) = status.filter(|status| !status.success()) {
        wrong = Some(died(status, &said));
    }
    let text = std::fs::read_to_string(&findings)?;
    let findings = text.lines().filter_map(parse).collect();
    Ok(Ended {
        tally,
        findings,
        wrong,
    })
}

fn end(child: &mut Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

/// What is known of a process that ended before its time.
fn died(status: ExitStatus, said: &Path) -> (Kind, String) {
    let text = std::fs::read(said).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let kind = if text.contains("memory allocation of") {
        Kind::Memory
    } else {
        Kind::Panic
    };
    let line = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("nothing was said");
    (kind, format!("{status}: {line}"))
}

/// A finding as a line of a worker's output.
pub fn line(finding: &Finding) -> String {
    let message = finding.message.replace('\n', " ");
    format!("{} {} {message}", finding.number, finding.kind)
}

fn parse(line: &str) -> Option<Finding> {
    let mut parts = line.splitn(3, ' ');
    let number = parts.next()?.parse().ok()?;
    let kind = Kind::of(parts.next()?)?;
    Some(Finding {
        kind,
        number,
        message: parts.next()?.into(),
    })
}

/// Looks for a smaller input that goes wrong in the same way, by taking out ever smaller blocks; writes it beside `path`.
///
/// # Errors
/// If a process cannot be started, or a file not be written.
pub fn minimise(path: &Path, plan: &Plan) -> io::Result<()> {
    let Some(source) = Source::of(path) else {
        return Ok(());
    };
    let mut best = std::fs::read(path)?;
    let trial = Source {
        seed: source.seed,
        ..source.clone()
    }
    .path(&plan.work)
    .with_extension(format!("{}.trial", source.kind));
    let (mut tries, mut size) = (0, best.len().div_ceil(2));
    while size > 0 && tries < TRIES {
        let mut at = 0;
        while at < best.len() && tries < TRIES {
            let shorter = [&best[..at], &best[(at + size).min(best.len())..]].concat();
            std::fs::write(&trial, &shorter)?;
            tries += 1;
            if goes_wrong(&trial, plan)? == Some(source.kind) {
                best = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    std::fs::remove_file(&trial).ok();
    let mut small = path.as_os_str().to_owned();
    small.push(".small");
    std::fs::write(PathBuf::from(small), &best)
}

/// Whether a file makes its reader go wrong, tried in a process of its own.
fn goes_wrong(path: &Path, plan: &Plan) -> io::Result<Option<Kind>> {
    let mut child = Command::new(&plan.program)
        .arg("replay")
        .arg(path)
        .arg("--work")
        .arg(&plan.work)
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > 2 * PATIENCE + Duration::from_secs(3) {
            end(&mut child)?;
            return Ok(Some(Kind::Hang));
        }
        std::thread::sleep(LOOK / 4);
    };
    let (mut text, mut said) = (String::new(), String::new());
    if let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) {
        out.read_to_string(&mut text).ok();
        err.read_to_string(&mut said).ok();
    }
    let own = text
        .lines()
        .find_map(|line| Kind::of(line.split(':').next()?));
    Ok(match (status.success(), own) {
        (true, _) => None,
        (false, Some(kind)) => Some(kind),
        (false, None) if said.contains("memory allocation of") => Some(Kind::Memory),
        (false, None) => Some(Kind::Panic),
    })
}
