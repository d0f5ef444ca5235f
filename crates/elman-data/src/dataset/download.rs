//! Fetching files over HTTP: whole and checked, or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::Duration;

use flate2::read::MultiGzDecoder;

use super::place::failed;
use super::sum::Summing;
use super::{DatasetFile, Progress, Stage};
use crate::Error;

/// How often a file is asked for when the connection breaks or the server is busy.
const TRIES: u32 = 3;

/// Fetches files.
pub(super) struct Fetcher {
    agent: ureq::Agent,
    /// What stands in for `https://` in every address.
    mirror: Option<String>,
    /// How long it waits before it asks again; twice as long the next time.
    pause: Duration,
}

/// Why a file did not arrive.
pub(super) enum Broken {
    /// It may arrive when asked for again.
    Passing(String),
    /// It will not.
    Lasting(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Lasting(error)
    }
}

impl Fetcher {
    /// Asks the addresses of the registry, or the mirror that `ELMAN_MIRROR` names.
    pub fn from_environment() -> Result<Self, Error> {
        let mirror = std::env::var("ELMAN_MIRROR")
            .ok()
            .filter(|mirror| !mirror.is_empty());
        if let Some(mirror) = &mirror
            && !(mirror.starts_with("http://") || mirror.starts_with("https://"))
        {
            return Err(Error::Config {
                key: "ELMAN_MIRROR".into(),
                message: format!("is {mirror:?}, but must begin with http:// or https://"),
            });
        }
        Ok(Self::new(
            mirror,
            Duration::from_secs(60),
            Duration::from_secs(1),
        ))
    }

    /// `stall` is how long a silent connection is waited for.
    pub fn new(mirror: Option<String>, stall: Duration, pause: Duration) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(stall.min(Duration::from_secs(20))))
            .timeout_recv_response(Some(stall))
            .timeout_per_read(Some(stall))
            .https_only(
                mirror
                    .as_ref()
                    .is_none_or(|mirror| mirror.starts_with("https://")),
            )
            .user_agent(concat!("elman/", env!("CARGO_PKG_VERSION")))
            .build();
        let mirror = mirror.map(|mirror| format!("{}/", mirror.trim_end_matches('/')));
        Self {
            agent: agent.into(),
            mirror,
            pause,
        }
    }

    /// The address that is asked for a file whose address is `url`.
    pub fn address(&self, url: &str) -> String {
        match (&self.mirror, url.strip_prefix("https://")) {
            (Some(mirror), Some(rest)) => format!("{mirror}{rest}"),
            _ => url.into(),
        }
    }

    /// Fetches `file` from `url` to `path`; what is not the file of the registry is not left there.
    pub fn fetch(
        &self,
        url: &str,
        file: &DatasetFile,
        path: &Path,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("create", folder))?;
        }
        progress(&Progress {
            stage: Stage::Fetching,
            file: &file.name,
            done: 0,
            total: file.bytes,
        });
        self.get(url, |body, address| {
            let received = receive(body, file, address, path, progress);
            if received.is_err() {
                let _ = fs::remove_file(path);
            }
            received
        })
    }

    /// Asks for `url`, again if need be, and gives the answer to `take`, with the address that was asked.
    pub fn get(
        &self,
        url: &str,
        mut take: impl FnMut(&mut dyn Read, &str) -> Result<(), Broken>,
    ) -> Result<(), Error> {
        let address = self.address(url);
        let mut pause = self.pause;
        for left in (0..TRIES).rev() {
            let broken = match self.agent.get(&address).call() {
                Ok(answer) => match take(&mut answer.into_body().into_reader(), &address) {
                    Ok(()) => return Ok(()),
                    Err(broken) => broken,
                },
                Err(error) => explain(&address, &error),
            };
            match broken {
                Broken::Lasting(error) => return Err(error),
                Broken::Passing(_) if left > 0 => std::thread::sleep(pause),
                Broken::Passing(message) => {
                    return Err(Error::Download {
                        url: address,
                        message: format!(
                            "{message}, {TRIES} times in a row; try again later, {BY_HAND}"
                        ),
                    });
                }
            }
            pause *= 2;
        }
        unreachable!("the last try returns")
    }
}

/// What one does without a network.
const BY_HAND: &str = "or copy the dataset from another machine into $ELMAN_DATA/<name>/";

fn receive(
    body: &mut dyn Read,
    file: &DatasetFile,
    address: &str,
    path: &Path,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<(), Broken> {
    let mut body: Box<dyn Read + '_> = if file.gzip {
        // No file grows by more than this when it is compressed, and nothing more is waited for.
        Box::new(MultiGzDecoder::new(
            body.take(file.bytes + file.bytes / 100 + 1024),
        ))
    } else {
        Box::new(body)
    };
    let out = File::create(path).map_err(failed("create", path))?;
    let mut out = Summing::new(BufWriter::new(out));
    let mut buffer = vec![0; 1 << 16];
    loop {
        match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => out
                .write_all(&buffer[..read])
                .map_err(failed("write", path))?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broke(&error, out.bytes, file.bytes, address)),
        }
        progress(&Progress {
            stage: Stage::Fetching,
            file: &file.name,
            done: out.bytes.min(file.bytes),
            total: file.bytes,
        });
        if out.bytes > file.bytes {
            break; // not the file of the registry: the sum says so below, without fetching the rest
        }
    }
    let (mut out, found) = out.finish();
    out.flush().map_err(failed("write", path))?;
    if found != file.sha256 {
        return Err(Broken::Lasting(Error::Checksum {
            url: address.into(),
            expected: file.sha256.clone(),
            found,
        }));
    }
    Ok(())
}

/// What a reader's error means for a download of which `done` bytes of `total` have come.
pub(super) fn broke(error: &io::Error, done: u64, total: u64, address: &str) -> Broken {
    use io::ErrorKind::{InvalidData, InvalidInput};
    if matches!(error.kind(), InvalidData | InvalidInput) {
        return Broken::Lasting(Error::Download {
            url: address.into(),
            message: format!("what came is not packed as expected ({error})"),
        });
    }
    let timed_out =
        error.kind() == io::ErrorKind::TimedOut || error.to_string().contains("timeout");
    let what = if timed_out {
        "the server fell silent"
    } else {
        "the connection broke"
    };
    Broken::Passing(format!("{what} after {done} of {total} bytes ({error})"))
}

fn no_host() -> String {
    format!("the host is not found; is this machine online? Connect it, {BY_HAND}")
}

fn explain(address: &str, error: &ureq::Error) -> Broken {
    let lasting = |message: String| {
        Broken::Lasting(Error::Download {
            url: address.into(),
            message,
        })
    };
    match error {
        ureq::Error::StatusCode(404 | 410) => lasting(format!(
            "the server has no such file ({error}); it may have moved upstream"
        )),
        ureq::Error::StatusCode(408 | 429 | 500..) => {
            Broken::Passing(format!("the server is busy ({error})"))
        }
        ureq::Error::StatusCode(_) => lasting(format!("the server refuses it ({error})")),
        ureq::Error::HostNotFound => lasting(no_host()),
        // What systems say of a name that no server knows, or that they cannot ask one about.
        ureq::Error::Io(cause) if cause.to_string().contains("lookup") => lasting(no_host()),
        ureq::Error::Io(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => lasting(
            format!("the connection is refused; is this machine online? Connect it, {BY_HAND}"),
        ),
        ureq::Error::Timeout(_) => Broken::Passing(format!("the server does not answer ({error})")),
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => {
            Broken::Passing(format!("the connection failed ({error})"))
        }
        other => lasting(format!(
            "{other}; if this machine is offline, connect it, {BY_HAND}"
        )),
    }
}
