//! Flickr8k: to which set a photograph belongs.

/// A line of name and set for each photograph; `none` for one that is in no list. `lists` are names of sets with the names of their
/// photographs, a line each.
pub(super) fn split(photographs: &[String], lists: &[(&str, String)]) -> String {
    let mut table = String::new();
    for path in photographs {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_in = |(_, list): &&(&str, String)| list.lines().any(|line| line.trim() == name);
        let set = lists.iter().find(is_in).map_or("none", |(set, _)| set);
        table += &format!("{name}\t{set}\n");
    }
    table
}
