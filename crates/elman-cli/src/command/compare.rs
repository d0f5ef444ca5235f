//! `elman compare`: runs side by side.

use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::output::{self, Output};
use elman::compare::Comparison;
use std::path::Path;

pub fn run(args: &CompareArgs, output: &Output) -> Result<(), Failure> {
    let comparison = Comparison::read(&args.runs)?;
    show(&comparison, "Runs compared", &args.out, output)
}

/// Prints a comparison and writes its page and pictures to a folder.
pub fn show(
    comparison: &Comparison,
    title: &str,
    folder: &Path,
    output: &Output,
) -> Result<(), Failure> {
    output.result(comparison.leaderboard());
    if !comparison.differences.is_empty() {
        output.result(comparison.differences_table());
    }
    for remark in comparison.remarks() {
        output.result(remark);
    }
    output.result(comparison.verdict().1);
    let write = |name: &str, text: String| output::write(&folder.join(name), &text);
    for picture in comparison.pictures() {
        write(&format!("{}.svg", picture.file), picture.svg.to_string())?;
    }
    write("report.html", comparison.report(title).to_html())?;
    let page = folder.join("report.html");
    output.note(format_args!("wrote {}", page.display()));
    let mut event = comparison.figures();
    event["folder"] = folder.to_string_lossy().into();
    output.event(&event);
    Ok(())
}
