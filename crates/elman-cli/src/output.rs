//! Text for people or JSON lines for machines, and nothing on the terminal that a file could not hold.

use crate::failure::Failure;
use serde::Serialize;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Where a command writes what it has to say.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    quiet: bool,
    /// Nothing but what is drawn and redrawn.
    muted: bool,
}

impl Output {
    /// JSON lines instead of text; results only.
    pub fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            muted: false,
        }
    }

    /// The same without texts and events: for a part of a command that tells of itself by progress bars alone.
    pub fn muted(&self) -> Self {
        Self {
            muted: true,
            ..*self
        }
    }

    /// A result, as text; nothing with `--json`.
    pub fn result(&self, text: impl std::fmt::Display) {
        if !self.json && !self.muted {
            line(&mut std::io::stdout(), &text.to_string());
        }
    }

    /// What to do next, as text; nothing with `--json` or `--quiet`.
    pub fn advice(&self, text: impl std::fmt::Display) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// A piece of a result that is shown as it is made; nothing with `--json`.
    pub fn piece(&self, text: &str) {
        if !self.json && !self.muted {
            print(&mut std::io::stdout(), text);
        }
    }

    /// What is going on, as text on standard error; nothing with `--quiet` or `--json`.
    pub fn note(&self, text: impl std::fmt::Display) {
        if !self.json && !self.quiet && !self.muted {
            line(&mut std::io::stderr(), &text.to_string());
        }
    }

    /// An event, as one JSON line; nothing without `--json`.
    pub fn event(&self, event: &impl Serialize) {
        if self.json && !self.muted {
            let text = serde_json::to_string(event).expect("events are made of numbers and texts");
            line(&mut std::io::stdout(), &text);
        }
    }

    /// Why the command ends without a result.
    pub fn failure(&self, failure: &Failure) {
        self.event(&json!({"event": "error", "message": failure.to_string(), "exit_code": failure.exit_code()}));
        line(&mut std::io::stderr(), &format!("error: {failure}"));
    }

    /// Whether progress may be drawn and redrawn.
    pub fn is_live(&self) -> bool {
        !self.json && !self.quiet && std::io::stderr().is_terminal()
    }
}

/// Writes a file whole or not at all; makes its folder if there is none.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::Program(format!("cannot make `{}`: {error}", folder.display()))
        })?;
    }
    Ok(elman_data::write_atomic(path, contents.as_ref())?)
}

fn line(stream: &mut impl Write, text: &str) {
    print(stream, &format!("{text}\n"));
}

/// Text, whatever becomes of the reader: a closed pipe ends a program quietly.
fn print(stream: &mut impl Write, text: &str) {
    if stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
        .is_err()
    {
        std::process::exit(0);
    }
}
