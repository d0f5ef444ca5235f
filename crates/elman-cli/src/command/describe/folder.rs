//! What a folder holds.

use crate::content::ending;
use crate::facts::{Facts, counted, listed, size};
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files that are counted at most.
const MOST: usize = 100_000;

/// Files by kind and, where folders in it hold them, by folder.
pub fn describe(path: &Path) -> Result<Facts, Failure> {
    let mut files: Vec<(PathBuf, u64)> = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unread = |error| Failure::input(format!("cannot read `{}`: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(unread)?.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => {
                    files.push((
                        entry.path(),
                        entry.metadata().map_or(0, |found| found.len()),
                    ));
                }
                _ => {}
            }
        }
        if files.len() > MOST {
            break;
        }
    }
    let bytes = files.iter().map(|(_, bytes)| bytes).sum();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (file, _) in &files {
        *kinds.entry(ending(file)).or_default() += 1;
        let first = file
            .strip_prefix(path)
            .ok()
            .and_then(|rest| rest.parent()?.iter().next());
        if let Some(folder) = first {
            *places
                .entry(folder.to_string_lossy().into_owned())
                .or_default() += 1;
        }
    }
    let mut order: Vec<(&String, &usize)> = kinds.iter().collect();
    order.sort_by_key(|(ending, count)| (std::cmp::Reverse(**count), *ending));
    let shown = order.iter().map(|(ending, count)| match ending.as_str() {
        "" => format!("{count} without an ending"),
        ending => format!("{count} .{ending}"),
    });
    let mut facts = Facts::default();
    let more = if files.len() > MOST { " or more" } else { "" };
    facts
        .say("folder", path.display())
        .say(
            "files",
            format_args!(
                "{}{more}, {}: {}",
                files.len(),
                size(bytes),
                listed(shown, 10)
            ),
        )
        .figure("files", files.len())
        .figure("bytes", bytes)
        .figure("endings", serde_json::json!(kinds));
    if !places.is_empty() {
        let shown = places
            .iter()
            .map(|(folder, count)| format!("{folder} {count}"));
        facts.say(
            "folders",
            format_args!("{}: {}", places.len(), listed(shown, 20)),
        );
        facts.figure("folders", serde_json::json!(places));
    }
    let table = files
        .iter()
        .find(|(file, _)| file.parent() == Some(path) && ending(file) == "csv");
    match (table, places.len(), order.first()) {
        (Some((table, _)), ..) => {
            facts.say(
                "to do",
                format_args!("elman data describe {}", table.display()),
            );
        }
        (None, 2.., Some((kind, _)))
            if ["wav", "npy", "gif", "csv", "txt"].contains(&kind.as_str()) =>
        {
            let about = counted(places.len(), "class");
            facts.say("to do", format_args!("if the folders are {about}: a recipe reads them with data.files = [\"*/*.{kind}\"], data.name = \"{{label}}/{{}}.{kind}\""));
        }
        _ => {}
    }
    Ok(facts)
}
