//! `elman-fuzz`: reads mutated files until something goes wrong.

use clap::{Args, Parser, Subcommand};
use elman_fuzz::finding::{Finding, Kind, Source};
use elman_fuzz::meter::Meter;
use elman_fuzz::reader::{Input, Reader};
use elman_fuzz::supervise::{self, Figures, Plan};
use elman_fuzz::{readers, worker};
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

#[global_allocator]
static METER: Meter = Meter;

/// Gives mutated files to everything in Elman that reads, and reports panics, hangs, memory without bounds and garbage that was
/// accepted
#[derive(Debug, Parser)]
#[command(name = "elman-fuzz")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Chore>,
    #[command(flatten)]
    attack: Attack,
}

#[derive(Debug, Args)]
struct Attack {
    /// Inputs for each reader
    #[arg(long, default_value_t = 10_000, conflicts_with = "total")]
    inputs: u64,
    /// Inputs for all readers together, instead
    #[arg(long)]
    total: Option<u64>,
    /// This reader only (may be repeated)
    #[arg(long = "reader", value_name = "NAME")]
    readers: Vec<String>,
    /// What the inputs follow from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the first input
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Readers that are tried at a time [default: the processor's cores]
    #[arg(long)]
    threads: Option<usize>,
    /// Where inputs are kept that make a reader go wrong
    #[arg(long, value_name = "FOLDER", default_value = "fuzz-findings")]
    found: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// List the readers
    List,
    /// Read the files that inputs are made of, as they are: each must be read
    Seeds,
    /// Read a kept input again
    Replay {
        /// The file
        file: PathBuf,
        /// The folder of what the readers need
        #[arg(long, hide = true)]
        work: Option<PathBuf>,
    },
    /// Read inputs in this process
    #[command(hide = true)]
    Work {
        reader: String,
        #[arg(long)]
        seed: u64,
        #[arg(long)]
        from: u64,
        #[arg(long)]
        to: u64,
        #[arg(long)]
        work: PathBuf,
        #[arg(long)]
        own: PathBuf,
    },
}

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        None => attack(&arguments.attack),
        Some(Chore::List) => {
            readers::names().for_each(|name| println!("{name}"));
            Ok(true)
        }
        Some(Chore::Seeds) => seeds(),
        Some(Chore::Replay { file, work }) => replay(&file, work),
        Some(Chore::Work {
            reader,
            seed,
            from,
            to,
            work,
            own,
        }) => work_on(&reader, seed, from..to, &work, &own).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// A folder in memory where there is one: every input is a file.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let made = tempfile::Builder::new()
        .prefix("elman-fuzz-")
        .tempdir_in(memory);
    made.or_else(|_| tempfile::tempdir())
}

fn open(name: &str, work: &Path) -> Done<Reader> {
    let reader = readers::open(name, work)?;
    reader
        .ok_or_else(|| format!("there is no reader `{name}`; `elman-fuzz list` names them").into())
}

fn attack(args: &Attack) -> Done<bool> {
    let work = folder()?;
    let names: Vec<&str> = if args.readers.is_empty() {
        readers::names().collect()
    } else {
        args.readers.iter().map(String::as_str).collect()
    };
    let readers: Vec<Reader> = names
        .iter()
        .map(|name| open(name, work.path()))
        .collect::<Done<_>>()?;
    let share: f64 = readers.iter().map(|reader| 1.0 / reader.every as f64).sum();
    let inputs = args
        .total
        .map_or(args.inputs, |total| (total as f64 / share).ceil() as u64);
    let plan = Plan {
        program: std::env::current_exe()?,
        work: work.path().into(),
        found: args.found.clone(),
        seed: args.seed,
        from: args.from,
        inputs,
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(cores).clamp(1, readers.len());
    let begun = Instant::now();
    println!("{}", heading());
    let names = Mutex::new(names.into_iter());
    let done: Mutex<Vec<Figures>> = Mutex::default();
    let failed = Mutex::new(None);
    // A reader is opened again by the thread that tries it: what it holds need not go from thread to thread.
    drop(readers);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some(name) = names.lock().expect("no thread panics").next() else {
                        break;
                    };
                    let tried = open(name, &plan.work)
                        .and_then(|reader| Ok(supervise::attack(&reader, &plan)?))
                        .map_err(|error| error.to_string());
                    match tried {
                        Ok(figures) => {
                            println!("{}", row(&figures));
                            done.lock().expect("no thread panics").push(figures);
                        }
                        Err(error) => *failed.lock().expect("no thread panics") = Some(error),
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner()? {
        return Err(error.into());
    }
    let done = done.into_inner()?;
    let inputs: u64 = done.iter().map(|figures| figures.tally.number).sum();
    let wrong: usize = done.iter().map(|figures| figures.findings.len()).sum();
    println!(
        "{inputs} inputs in {:.0} s, seed {}: {wrong} went wrong.",
        begun.elapsed().as_secs_f64(),
        args.seed
    );
    report(&done, &args.found);
    Ok(wrong == 0)
}

fn heading() -> String {
    format!(
        "{:<16} {:>9} {:>9} {:>9} {:>7} {:>6} {:>7} {:>8} {:>8} {:>9}",
        "reader",
        "inputs",
        "read",
        "refused",
        "panics",
        "hangs",
        "memory",
        "garbage",
        "most MB",
        "µs each"
    )
}

fn row(figures: &Figures) -> String {
    let Figures {
        reader,
        tally,
        given_up,
        ..
    } = figures;
    let counts = Kind::ALL.map(|kind| figures.count(kind));
    format!(
        "{reader:<16} {:>9} {:>9} {:>9} {:>7} {:>6} {:>7} {:>8} {:>8.1} {:>9}{}",
        tally.number,
        tally.read,
        tally.refused,
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        tally.most as f64 / 1e6,
        tally.micros / tally.number.max(1),
        if *given_up { "  given up" } else { "" }
    )
}

/// What went wrong, once for each message.
fn report(done: &[Figures], found: &Path) {
    for figures in done {
        let mut seen: Vec<(String, usize, &Finding)> = Vec::new();
        for finding in &figures.findings {
            // Numbers differ from input to input; the place in the code does not.
            let key: String = finding
                .message
                .chars()
                .filter(|letter| !letter.is_ascii_digit())
                .take(100)
                .collect();
            match seen.iter_mut().find(|(known, ..)| *known == key) {
                Some((_, count, _)) => *count += 1,
                None => seen.push((key, 1, finding)),
            }
        }
        for (_, count, finding) in seen {
            println!(
                "{}: {} × {}, such as input {}: {}",
                figures.reader, count, finding.kind, finding.number, finding.message
            );
        }
    }
    if done.iter().any(|figures| !figures.findings.is_empty()) {
        println!(
            "The inputs are in `{}`; try one again with `elman-fuzz replay FILE`.",
            found.display()
        );
    }
}

fn seeds() -> Done<bool> {
    let work = folder()?;
    let mut refused = 0;
    for name in readers::names() {
        let reader = open(name, work.path())?;
        for (place, case) in reader.cases.iter().enumerate() {
            let input = Input {
                case: place,
                bytes: case.bytes.clone(),
                garbage: None,
            };
            let taken = worker::attempt(&reader, &input, &work.path().join("scratch"));
            let answer = taken.answer.err().filter(|_| !case.refused);
            let why = taken.wrong.map(|(_, why)| why).or(answer);
            if let Some(why) = why {
                refused += 1;
                println!("{name}: {}: {why}", case.name);
            }
        }
    }
    Ok(refused == 0)
}

fn replay(file: &Path, work: Option<PathBuf>) -> Done<bool> {
    let source =
        Source::of(file).ok_or("the name of a kept input is READER.CASE.SEED.NUMBER.KIND")?;
    let own = folder()?;
    let work = work.unwrap_or_else(|| own.path().into());
    let reader = open(&source.reader, &work)?;
    let case = reader
        .cases
        .get(source.case)
        .ok_or("the reader has no such case any more")?;
    let garbage = (source.kind == Kind::Garbage).then_some("it was known to be garbage");
    let input = Input {
        case: source.case,
        bytes: std::fs::read(file)?,
        garbage,
    };
    let scratch = own.path().join("scratch");
    println!("{} bytes as `{}`", input.bytes.len(), case.name);
    std::io::stdout().flush()?;
    let taken = worker::attempt(&reader, &input, &scratch);
    match (&taken.wrong, &taken.answer) {
        (Some((kind, message)), _) => println!("{kind}: {message}"),
        (None, Ok(())) => println!("read in {:.1?}, {} bytes held", taken.time, taken.most),
        (None, Err(why)) => println!(
            "refused in {:.1?}, {} bytes held: {why}",
            taken.time, taken.most
        ),
    }
    Ok(taken.wrong.is_none())
}

fn work_on(
    name: &str,
    seed: u64,
    numbers: std::ops::Range<u64>,
    work: &Path,
    own: &Path,
) -> Done<()> {
    let reader = open(name, work)?;
    let mut tally = File::create(own.join("tally"))?;
    let scratch = own.join("scratch");
    worker::run(
        &reader,
        seed,
        numbers,
        &scratch,
        &mut tally,
        |finding, _| println!("{}", supervise::line(finding)),
    )?;
    Ok(())
}
