//! Folders of numbered pictures.

use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};

use super::read::Sink;
use crate::Error;
use crate::media::Limits;
use crate::media::picture::read_picture;

const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "bmp", "gif"];

pub(super) fn each_frame(folder: &Path, limits: &Limits, sink: Sink) -> Result<(), Error> {
    let mut first: Option<(PathBuf, usize, usize)> = None;
    for path in pictures(folder)? {
        let picture = read_picture(&path, limits)?;
        let (width, height) = (picture.width, picture.height);
        let (begin, w, h) = first.get_or_insert_with(|| (path.clone(), width, height));
        if (*w, *h) != (width, height) {
            let message = format!(
                "this frame is {width} × {height} pixels, but `{}` is {w} × {h}; give all frames of a film one size",
                begin.display()
            );
            return Err(Error::Media { path, message });
        }
        sink(picture)?;
    }
    Ok(())
}

/// The pictures of a folder in the order of the numbers in their names; hidden and other files are passed over.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unread = |source| Error::Io {
        action: "read",
        path: folder.into(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let is_picture = ENDINGS.contains(&ending.to_lowercase().as_str());
        if is_picture && !name(&path).starts_with('.') && path.is_file() {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(Error::Media {
            path: folder.into(),
            message: "the folder holds no pictures (.png, .jpg, .jpeg, .bmp, .gif)".into(),
        });
    }
    found.sort_by(|a, b| natural(&name(a), &name(b)));
    Ok(found)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Compares names part by part, numbers by their value whatever zeros they begin with.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while !left.is_empty() && !right.is_empty() {
        let (number_a, number_b) = (starts_with_digit(left), starts_with_digit(right));
        let (part_a, rest_a) = split_part(left);
        let (part_b, rest_b) = split_part(right);
        let order = if number_a && number_b {
            let value = |part: &str| part.trim_start_matches('0').to_owned();
            let (x, y) = (value(part_a), value(part_b));
            // Longer numbers are larger, and numbers of one length compare as texts do, however long.
            x.len().cmp(&y.len()).then(x.cmp(&y))
        } else {
            part_a.cmp(part_b)
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (rest_a, rest_b);
    }
    left.len().cmp(&right.len()).then(a.cmp(b))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The digits, or the text without digits, that `text` begins with, and the rest.
fn split_part(text: &str) -> (&str, &str) {
    let digits = starts_with_digit(text);
    let end = text.find(|c: char| c.is_ascii_digit() != digits);
    text.split_at(end.unwrap_or(text.len()))
}
