//! Public datasets: which there are, and how one gets them.

use crate::failure::Failure;
use crate::output::Output;
use elman::report::Table;
use elman_data::dataset::{self, Dataset, How, Progress, Stage};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::PathBuf;

/// `elman data list`
pub fn list(output: &Output) -> Result<(), Failure> {
    let mut table = Table::new(["dataset", "how", "size", "here", "what"]);
    for dataset in dataset::list() {
        let here = dataset.is_complete(&dataset::resolve(&dataset.name)?);
        let (files, bytes) = dataset.size();
        output.event(&json!({
            "event": "dataset", "name": dataset.name, "how": dataset.how(), "files": files, "bytes": bytes, "here": here,
            "about": dataset.about,
        }));
        let (how, here) = (dataset.how().to_string(), if here { "yes" } else { "no" });
        table.row(
            [
                dataset.name.clone(),
                how,
                size(dataset),
                here.into(),
                dataset.about.clone(),
            ]
            .map(Into::into),
        );
    }
    output.result(table);
    output.result("\nfetched: as it is published. made: fetched, and made here by a rule. drawn: by elman, when a recipe needs it.\nGet one with: elman data get NAME");
    Ok(())
}

/// `elman data get`
pub fn get(name: &str, output: &Output) -> Result<(), Failure> {
    let folder = fetch(name, output)?;
    output.event(&json!({"event": "result", "dataset": name, "folder": folder.to_string_lossy()}));
    output.result(format_args!("{name} is in {}", folder.display()));
    Ok(())
}

/// Gets a dataset, with its progress shown, and gives its folder.
pub fn fetch(name: &str, output: &Output) -> Result<PathBuf, Failure> {
    let mut shown = Shown {
        output,
        bar: ProgressBar::hidden(),
        what: None,
    };
    let got = dataset::get(name, &mut |progress| shown.on(progress));
    shown.bar.finish_and_clear();
    Ok(got?)
}

/// How a dataset is got, for people.
pub fn how(dataset: &Dataset) -> &'static str {
    match dataset.how() {
        How::Fetched => "fetched as it is published, and checked",
        How::Made => "made here from what is published, and checked",
        How::Drawn if dataset.drawn_from().is_some() => {
            "drawn by elman from recordings that are fetched"
        }
        How::Drawn => "drawn by elman",
    }
}

/// What one does about a dataset that is not here.
pub fn absent(dataset: &Dataset) -> String {
    let name = &dataset.name;
    match dataset.how() {
        How::Drawn if dataset.drawn_from().is_none() => {
            format!(
                "not here; it is drawn when a recipe needs it, or now with: elman data get {name}"
            )
        }
        _ => format!("not here; get it with: elman data get {name}"),
    }
}

/// "1200 files, 8.4 MB"
pub fn size(dataset: &Dataset) -> String {
    let (files, bytes) = dataset.size();
    format!(
        "{files} {}, {}",
        if files == 1 { "file" } else { "files" },
        megabytes(bytes)
    )
}

fn megabytes(bytes: u64) -> String {
    if bytes < 100_000 {
        format!("{:.1} kB", bytes as f64 / 1e3)
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}

/// How bytes are counted beside a bar.
const BYTES: &str = "{bytes} of {total_bytes}, {bytes_per_sec}";

/// What is shown while a dataset is got: a bar on a terminal, elsewhere a line for each file.
struct Shown<'a> {
    output: &'a Output,
    bar: ProgressBar,
    /// What the bar or the last line is about.
    what: Option<(Stage, String)>,
}

impl Shown<'_> {
    fn on(&mut self, progress: &Progress<'_>) {
        let is_new = self
            .what
            .as_ref()
            .is_none_or(|(stage, file)| (*stage, file.as_str()) != (progress.stage, progress.file));
        if is_new {
            self.what = Some((progress.stage, progress.file.into()));
            self.bar.finish_and_clear();
            let name = progress.file;
            let (text, counted, amount) = match progress.stage {
                Stage::Fetching => (format!("fetching {name}"), BYTES, megabytes(progress.total)),
                Stage::Unpacking => (
                    format!("fetching the repository {name} for a part of it"),
                    BYTES,
                    megabytes(progress.total),
                ),
                Stage::Making => (format!("making {name}"), "", megabytes(progress.total)),
                Stage::Drawing => (
                    format!("drawing {name}"),
                    "{pos} of {len} files",
                    format!("{} files", progress.total),
                ),
            };
            self.output.event(&json!({"event": "progress", "stage": progress.stage, "of": progress.file, "total": progress.total}));
            if self.output.is_live() {
                let template = format!("{{msg}}  {{bar:30}} {counted}");
                let style = ProgressStyle::with_template(&template).expect("the template is sound");
                self.bar = ProgressBar::new(progress.total)
                    .with_style(style)
                    .with_message(text);
            } else {
                self.output.note(format_args!("{text} ({amount})"));
            }
        }
        self.bar.set_position(progress.done);
    }
}
