//! Whole readings, from files on disk to a series or a message.

mod clean;
mod dialect;
mod formats;
mod forms;
mod partial;
mod several;
mod text;
mod time;
mod zones;

use std::fs;

use super::*;

/// Files in a temporary folder and a `[data]` table, read.
fn read(files: &[(&str, &[u8])], toml: &str) -> Result<(Series, ReadReport), String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let mut config: SourceConfig = toml::from_str(toml).unwrap_or_else(|error| panic!("{error}"));
    if config.files.is_empty() {
        config.files = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    }
    // Messages name the file as it was asked for; the folder's random name is cut out for comparison.
    let prefix = format!("{}/", folder.path().display());
    read_series(&config, folder.path()).map_err(|error| error.to_string().replace(&prefix, ""))
}

fn csv(text: &str, toml: &str) -> Result<(Series, ReadReport), String> {
    read(&[("a.csv", text.as_bytes())], toml)
}

fn message(text: &str, toml: &str) -> String {
    csv(text, toml).expect_err("the reading should fail")
}

fn times(series: &Series) -> Vec<String> {
    series
        .times
        .as_ref()
        .unwrap()
        .iter()
        .map(|time| time.to_string())
        .collect()
}
