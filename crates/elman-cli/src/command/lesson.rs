//! `elman lesson`: experiments that show why recurrent networks work, or do not.

use crate::args::LessonArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::LessonProgress;
use elman::report::{Report, Svg, Table, duration};
use elman_lessons::{LESSONS, Lang, Lesson, Setup, Told, find, json, overview, page, text};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Names that are offered where none is very near.
const OFFERED: usize = 3;

pub fn run(args: &LessonArgs, output: &Output) -> Result<(), Failure> {
    let environment = || Lang::of_environment(|name| std::env::var(name).ok());
    let lang = args.lang.map_or_else(environment, Into::into);
    match args.name.as_str() {
        "list" => {
            list(lang, output);
            Ok(())
        }
        "all" => all(args, lang, output),
        name => {
            let lesson = find(name).ok_or_else(|| unknown(name))?;
            let folder = Path::new("lessons").join(lesson.name);
            let folder = args.out.clone().unwrap_or(folder);
            let (told, _) = give(lesson, &folder, args, lang, output)?;
            judged(&[(lesson, told)])
        }
    }
}

fn list(lang: Lang, output: &Output) {
    let widest = LESSONS.iter().map(|lesson| lesson.name.len()).max();
    let width = widest.unwrap_or(0);
    for lesson in LESSONS {
        let (name, title) = (lesson.name, lesson.title.say(lang));
        output.event(&json!({"event": "lesson", "name": name, "title": title}));
        output.result(format_args!("{name:<width$}  {title}"));
    }
}

fn all(args: &LessonArgs, lang: Lang, output: &Output) -> Result<(), Failure> {
    let folder = args.out.clone().unwrap_or_else(|| "lessons".into());
    let start = Instant::now();
    let mut done = Vec::new();
    for lesson in LESSONS {
        let (told, seconds) = give(lesson, &folder.join(lesson.name), args, lang, output)?;
        done.push((lesson, told, seconds));
    }
    let report = write(&folder, overview(&done, lang), &[], lang)?;
    let mut table = Table::new(match lang {
        Lang::En => ["lesson", "figures", "as expected", "time"],
        Lang::Ko => ["수업", "수치", "기대대로", "시간"],
    });
    for (lesson, told, seconds) in &done {
        let claims = || told.claims();
        table.row([
            lesson.name.into(),
            claims().count().into(),
            claims().filter(|claim| claim.met()).count().into(),
            duration(*seconds).into(),
        ]);
    }
    let seconds = start.elapsed().as_secs_f64();
    output
        .event(&json!({"event": "result", "report": report.to_string_lossy(), "seconds": seconds}));
    output.result(format_args!(
        "{table}\n{} · {}",
        report.display(),
        duration(seconds)
    ));
    let done: Vec<_> = done
        .into_iter()
        .map(|(lesson, told, _)| (lesson, told))
        .collect();
    judged(&done)
}

/// Runs a lesson and tells it; how long it took, in seconds.
fn give(
    lesson: &'static Lesson,
    folder: &Path,
    args: &LessonArgs,
    lang: Lang,
    output: &Output,
) -> Result<(Told, f64), Failure> {
    // Refused before the training rather than after it.
    std::fs::create_dir_all(folder).map_err(|error| {
        let folder = folder.display();
        Failure::input(format!("cannot make the folder `{folder}`: {error}"))
    })?;
    let start = Instant::now();
    let mut progress = LessonProgress::new(output, lesson.name, lang);
    let mut setup = Setup {
        quick: args.quick,
        watcher: &mut progress,
    };
    let told = lesson.run(&mut setup)?;
    let seconds = start.elapsed().as_secs_f64();
    let figures = told.figures(lang);
    let report = write(folder, page(lesson, &told, lang), &figures, lang)?;
    output.result(text(lesson, &told, lang));
    output.result(format_args!(
        "{} · {}\n",
        report.display(),
        duration(seconds)
    ));
    let mut event = json(lesson, &told, lang);
    event["event"] = "result".into();
    event["seconds"] = seconds.into();
    event["report"] = report.display().to_string().into();
    output.event(&event);
    Ok((told, seconds))
}

/// Writes the page and the pictures, each whole or not at all; where the page is.
fn write(
    folder: &Path,
    page: Report,
    figures: &[(&str, Svg, String)],
    lang: Lang,
) -> Result<PathBuf, Failure> {
    for (file, svg, _) in figures {
        let path = folder.join(format!("{file}.svg"));
        elman_data::write_atomic(path, svg.as_str().as_bytes())?;
    }
    let path = folder.join("report.html");
    elman_data::write_atomic(&path, page.to_html_in(lang.code()).as_bytes())?;
    Ok(path)
}

/// An error if any figure is not as expected.
fn judged(done: &[(&Lesson, Told)]) -> Result<(), Failure> {
    let missed = done.iter().filter(|(_, told)| !told.met());
    let missed: Vec<&str> = missed.map(|(lesson, _)| lesson.name).collect();
    match missed.is_empty() {
        true => Ok(()),
        false => Err(Failure::Program(format!(
            "not every figure is as expected: {}",
            missed.join(", ")
        ))),
    }
}

/// What is said of a name that no lesson has: the nearest, or those that have most pairs of letters in common with it.
fn unknown(name: &str) -> Failure {
    let names = || LESSONS.iter().map(|lesson| lesson.name);
    let hint = match elman_data::nearest(name, names().chain(["list", "all"])) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let pairs = |text: &str| -> Vec<(char, char)> {
                let letters = || text.chars().flat_map(char::to_lowercase);
                letters().zip(letters().skip(1)).collect()
            };
            let wanted = pairs(name);
            let alike = |known: &&str| {
                let pairs = pairs(known);
                wanted.iter().filter(|pair| pairs.contains(pair)).count()
            };
            let mut offered: Vec<&str> = names().collect();
            offered.sort_by_key(|known| std::cmp::Reverse(alike(known)));
            offered.truncate(OFFERED);
            format!("the nearest are `{}`.", offered.join("`, `"))
        }
    };
    Failure::input(format!(
        "there is no lesson `{name}`; {hint} `elman lesson list` shows all"
    ))
}
