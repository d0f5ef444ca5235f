//! Run folders: a small one of every task is trained once, then each of its files is changed and the run used again.

use super::answers::answered;
use super::projects::{PROJECTS, Project};
use super::{Readers, said};
use crate::reader::{Case, Reader};
use elman::compare::Contender;
use elman::recipe::Recipe;
use elman::run::{METRICS, ORIGIN, Origin, RunFolder, SUMMARY, provenance};
use elman::task::Finished;
use elman::train::Silent;
use std::cell::RefCell;
use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(super) const READERS: Readers = &[
    ("run-forecast", |work| {
        run("run-forecast", &PROJECTS[0], work)
    }),
    ("run-map", |work| run("run-map", &PROJECTS[1], work)),
    ("run-classify", |work| {
        run("run-classify", &PROJECTS[2], work)
    }),
    ("run-recognize", |work| {
        run("run-recognize", &PROJECTS[3], work)
    }),
    ("run-generate", |work| {
        run("run-generate", &PROJECTS[4], work)
    }),
    ("run-tag", |work| run("run-tag", &PROJECTS[5], work)),
    ("run-translate", |work| {
        run("run-translate", &PROJECTS[6], work)
    }),
    ("run-caption", |work| run("run-caption", &PROJECTS[7], work)),
    ("run-transcribe", |work| {
        run("run-transcribe", &PROJECTS[8], work)
    }),
    ("run-animate", |work| run("run-animate", &PROJECTS[9], work)),
    ("run-similarity", |work| {
        run("run-similarity", &PROJECTS[10], work)
    }),
    ("run-resemble", |work| {
        run("run-resemble", &PROJECTS[11], work)
    }),
];

/// Trains the recipe in `folder/run`, as the command does.
fn train(project: &Project, folder: &Path) -> io::Result<()> {
    project.write(folder)?;
    let recipe =
        Recipe::load(&folder.join(format!("{}.toml", project.task)), &[]).map_err(other)?;
    let mut session = recipe.clone().prepare(folder).map_err(other)?;
    let run = RunFolder::create(&folder.join("run"), false).map_err(other)?;
    let origin = Origin::new(project.task, folder, run.path());
    run.write_json(ORIGIN, &origin).map_err(other)?;
    run.write_recipe(&recipe).map_err(other)?;
    session.remember(&run).map_err(other)?;
    let (stop, summary) = (Default::default(), session.summary());
    run.write_json(SUMMARY, &summary).map_err(other)?;
    session.baselines(&stop, &mut Silent).map_err(other)?;
    let trained = session
        .train(&run.checkpoints(), false, stop, &mut Silent)
        .map_err(other)?;
    let records = trained
        .history
        .iter()
        .map(|record| serde_json::to_string(record).map(|line| line + "\n"));
    run.write(METRICS, records.collect::<Result<String, _>>()?)
        .map_err(other)?;
    session
        .save(&run.model(), &provenance(&recipe))
        .map_err(other)?;
    let outcome = session.judge().map_err(other)?;
    let finished = Finished {
        name: project.task,
        run: &run,
        recipe: &recipe,
        about: &session.about(),
        summary: &summary,
        trained: &trained,
        outcome: &outcome,
        inspection: None,
        seconds: 1.0,
    };
    finished.write().map(drop).map_err(other)
}

fn other(error: impl Display) -> io::Error {
    io::Error::other(error.to_string())
}

/// The files of a folder that a run is made of, rather than a report of it.
fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let name = inner.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(name);
            } else {
                found.push(name.to_string_lossy().into_owned());
            }
        }
    }
    // Nor are the best weights read beside a checkpoint: `last.safetensors` has them too.
    let reported = |name: &String| {
        let written = [
            "report.html",
            "predictions.csv",
            "checkpoint/best.safetensors",
        ];
        name.starts_with("plots") || written.contains(&name.as_str())
    };
    found.retain(|name| !reported(name));
    found.sort(); // inputs follow from their order
    Ok(found)
}

fn run(name: &'static str, project: &'static Project, work: &Path) -> io::Result<Reader> {
    let folder = work.join(name);
    let made = folder.join("run");
    if !made.join("result.json").exists() {
        train(project, &folder).map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    }
    let mut cases = Vec::new();
    for file in files(&made)? {
        let bytes = fs::read(made.join(&file))?;
        let path = format!("run/{file}");
        cases.push(match file.rsplit('.').next() {
            Some("safetensors") => Case::binary(path, bytes).whole().head(2048),
            // A summary is a report; without one that can be read the run is as good.
            Some("json") if file != SUMMARY => Case::text(path, bytes).whole_but(3),
            _ => Case::text(path, bytes),
        });
    }
    let whole = cases.clone();
    let last: RefCell<Option<PathBuf>> = RefCell::default();
    let reader = Reader::new(name, cases, move |case, path| {
        // All files but the one in question are as training left them.
        let scratch = path
            .ancestors()
            .nth(Path::new(&case.name).components().count());
        let scratch = scratch.ok_or("a case lies in its folder")?;
        let restore = |case: &Case| {
            let path = scratch.join(&case.name);
            path.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(path, &case.bytes))
        };
        let is_first = last.replace(Some(path.into())).is_none();
        let changes = |other: &&Case| {
            other.name != case.name && (is_first || case.name.contains("checkpoint"))
        };
        whole
            .iter()
            .filter(changes)
            .try_for_each(restore)
            .map_err(said)?;
        let done = used(&scratch.join("run"), case);
        whole
            .iter()
            .filter(|other| other.name == case.name)
            .try_for_each(restore)
            .map_err(said)?;
        done
    });
    Ok(reader.holding(256 << 20, 64).every(20))
}

/// Uses a run in the ways in which commands do; says the first thing that was refused.
fn used(folder: &Path, case: &Case) -> Result<(), String> {
    let run = RunFolder::open(folder).map_err(said)?;
    let compared = Contender::read(folder).map(drop).map_err(said);
    let recipe = run.recipe().map_err(said)?;
    let _ = (run.summary(), run.doubts().map_err(said)?);
    if case.name.ends_with("result.json") || case.name.ends_with(METRICS) {
        return compared;
    }
    if case.name.ends_with("history.json") {
        // It is read where the data are not at hand.
        return answered(&recipe, &run.with_base(folder.join("nowhere")));
    }
    let mut session = recipe.clone().trained(&run).map_err(said)?;
    let stop = Default::default();
    session.baselines(&stop, &mut Silent).map_err(said)?;
    if case.name.contains("checkpoint") {
        return session
            .train(&run.checkpoints(), true, Default::default(), &mut Silent)
            .map(drop)
            .map_err(said);
    }
    let judged = session.judge().map(drop).map_err(said);
    let answered = answered(&recipe, &run);
    compared.and(judged).and(answered)
}
