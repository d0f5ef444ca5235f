//! Text for people or JSON lines for machines, and nothing on the terminal that a file could not hold.
//!
//! Results go to standard output, and one that cannot be written is a failure; notes go to standard error, and nothing ends
//! because nobody reads them.

use crate::failure::Failure;
use elman::report::shown;
use serde::Serialize;
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

/// Where a command writes what it has to say.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    quiet: bool,
    /// Nothing but what is drawn and redrawn.
    muted: bool,
    /// Standard output is what `--output` names, and nothing else belongs there.
    taken: bool,
    /// The command makes more than it prints, and goes on where nobody reads that.
    makes: bool,
}

/// Why standard output is not written to any more, in a command that went on all the same.
static LOST: OnceLock<io::Error> = OnceLock::new();

impl Output {
    /// JSON lines instead of text; results only.
    pub fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            muted: false,
            taken: false,
            makes: false,
        }
    }

    /// For a command that makes more than it prints, such as a training: it goes on when its results cannot be shown, and
    /// [`lost`] says so at its end. Any other command ends at once.
    pub fn of_maker(self, makes: bool) -> Self {
        Self { makes, ..self }
    }

    /// The same without texts and events: for a part of a command that tells of itself by progress bars alone.
    pub fn muted(&self) -> Self {
        Self {
            muted: true,
            ..*self
        }
    }

    /// The same beside a file that is written to: with nothing on standard output if that is the file.
    ///
    /// # Errors
    /// If both the file and JSON lines are to go there.
    pub fn beside(&self, file: Option<&Path>) -> Result<Self, Failure> {
        let taken = file.is_some_and(is_standard_output);
        if taken && self.json {
            return Err(Failure::input(
                "standard output cannot hold both the file and the lines of --json: name a file, or leave out --json",
            ));
        }
        Ok(Self { taken, ..*self })
    }

    /// A result, as text; nothing with `--json`.
    pub fn result(&self, text: impl std::fmt::Display) {
        if !self.json {
            self.show(&shown(&format!("{text}\n")));
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
        if !self.json {
            self.show(&shown(text));
        }
    }

    /// What is going on, as text on standard error; nothing with `--quiet` or `--json`.
    pub fn note(&self, text: impl std::fmt::Display) {
        if !self.json && !self.quiet && !self.muted {
            say(text);
        }
    }

    /// What may make the result another one than was meant: on standard error, whatever is not to be shown.
    pub fn warning(&self, text: impl std::fmt::Display) {
        if self.json {
            self.event(&json!({"event": "warning", "message": text.to_string()}));
        }
        if !self.muted {
            say(format_args!("warning: {text}"));
        }
    }

    /// An event, as one JSON line; nothing without `--json`.
    pub fn event(&self, event: &impl Serialize) {
        if self.json {
            let text = serde_json::to_string(event).expect("events are made of numbers and texts");
            self.show(&(escaped(&text) + "\n"));
        }
    }

    /// Why the command ends without a result.
    pub fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        self.event(&json!({"event": "error", "message": failure.to_string(), "exit_code": failure.exit_code()}));
        say(format_args!("error: {failure}"));
    }

    /// Whether progress may be drawn and redrawn.
    pub fn is_live(&self) -> bool {
        !self.json && !self.quiet && io::stderr().is_terminal()
    }

    fn show(&self, text: &str) {
        if self.muted || self.taken || LOST.get().is_some() {
            return;
        }
        let Err(error) = print(&mut io::stdout(), text.as_bytes()) else {
            return;
        };
        if self.makes {
            let _ = LOST.set(error);
            return;
        }
        let failure = Failure::Unshown(error);
        if !failure.is_silent() {
            say(format_args!("error: {failure}"));
        }
        end(failure.exit_code());
    }
}

/// That results could not be shown, once a command that went on has come to its end.
pub fn lost() -> Result<(), Failure> {
    match LOST.get() {
        Some(error) => Err(Failure::Lost(error)),
        None => Ok(()),
    }
}

/// Writes a file whole or not at all; makes its folder if there is none. `-` is standard output.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), Failure> {
    if is_standard_output(path) {
        return print(&mut io::stdout(), contents.as_ref()).map_err(Failure::Unshown);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            let (path, folder) = (path.display(), folder.display());
            Failure::Program(format!(
                "cannot write `{path}`: the folder `{folder}` cannot be made: {error}"
            ))
        })?;
    }
    Ok(elman_data::write_atomic(path, contents.as_ref())?)
}

/// Fails if `path` holds a file that nobody asked to replace: with `force` somebody did.
///
/// # Errors
/// If there is one.
pub fn may_write(path: &Path, force: bool) -> Result<(), Failure> {
    if !force && !is_standard_output(path) && path.is_file() {
        return Err(Failure::input(format!(
            "`{}` is there already. Replace it with --force, or name another file",
            path.display()
        )));
    }
    Ok(())
}

/// Whether a file's name stands for standard output.
pub fn is_standard_output(path: &Path) -> bool {
    let names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    names.iter().any(|name| path == Path::new(name))
}

/// Ends the program in the middle, and leaves nothing half done.
pub fn end(code: u8) -> ! {
    elman_data::remove_temporary_files();
    crate::builtin::tidy();
    std::process::exit(code.into())
}

/// A line on standard error, whatever becomes of it.
pub fn say(text: impl std::fmt::Display) {
    let _ = print(&mut io::stderr(), shown(&format!("{text}\n")).as_bytes());
}

fn print(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// JSON in which no letter moves a terminal's cursor: those stand in its texts alone, and texts may escape any letter.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if elman::report::is_hostile(letter) {
            text.push_str(&format!("\\u{:04x}", letter as u32)); // none of them is beyond U+FFFF
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_what_it_says() {
        let value = json!({"name": "a\u{1b}[2J\u{9b}31m\u{202e}\u{7f}\n가"});
        let text = escaped(&value.to_string());
        assert!(!text.chars().any(elman::report::is_hostile), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn standard_output_has_four_names() {
        for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            assert!(is_standard_output(Path::new(name)));
        }
        assert!(!is_standard_output(Path::new("./-")));
    }
}
