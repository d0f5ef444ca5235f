//! Trained runs, as commands that use them open them.

use crate::builtin::base_of;
use crate::failure::Failure;
use crate::output::Output;
use elman::run::RunFolder;
use elman::task;
use std::path::Path;

/// Opens a finished run, and says what a user should know before its answers are believed.
///
/// # Errors
/// If the folder is not one.
pub fn open(path: &Path, output: &Output) -> Result<RunFolder, Failure> {
    let run = RunFolder::open(path)?;
    for doubt in run.doubts()? {
        output.warning(doubt);
    }
    let base = base_of(&run, &run.origin()?)?;
    Ok(run.with_base(base))
}

/// What to say of a command that cannot read the data that a run was trained on; `advice` is what to do without them.
pub fn without_data(run: &RunFolder, error: task::Error, advice: &str) -> Failure {
    let Some(missing) = error.data().filter(|data| data.is_missing()) else {
        return error.into();
    };
    Failure::input(format!(
        "`{}` was trained on data that are not there now: {missing}. {advice}",
        run.path().display()
    ))
}
