//! The series nearest to another.

use super::Asked;
use crate::failure::Failure;
use elman::recipe::Recipe;
use elman::report::Table;
use elman::task::resemble::{Encoded, Encoder, Group, Resemble};
use elman_data::signal::SignalReport;
use serde_json::{Value, json};
use std::path::Path;

/// Labels that a message names.
const SHOWN: usize = 20;

/// What a query, or `--to`, stands for.
enum Meant {
    /// The series of a file.
    File(Vec<Encoded>),
    /// Those that are searched among, by name, and which of the names it is.
    Name(Vec<Group>, usize),
}

pub fn run(asked: &Asked<'_>, recipe: &Recipe<Resemble>) -> Result<(), Failure> {
    let search = Search::open(asked, recipe)?;
    let query = search.meant(&asked.args.query)?;
    match (&asked.args.to, &query) {
        (Some(to), _) => search.between(&query, to, &search.meant(to)?),
        (None, Meant::File(queries)) => search.one_by_one(queries),
        (None, Meant::Name(groups, at)) => search.by_name(groups, *at)?,
    }
    Ok(())
}

/// An encoder with the series to search among.
struct Search<'a> {
    asked: &'a Asked<'a>,
    encoder: Encoder,
    among: Vec<Encoded>,
    /// The files they are from.
    searched: Vec<String>,
    /// What all their places begin with, if they are from one file: the table then says it no more.
    file: String,
}

impl<'a> Search<'a> {
    fn open(asked: &'a Asked<'a>, recipe: &Recipe<Resemble>) -> Result<Self, Failure> {
        let encoder = Encoder::open(recipe, asked.run)?;
        let (among, report, searched) = match &asked.args.file {
            Some(path) => {
                let file = path.display().to_string();
                let (among, report) = encoder.read(std::slice::from_ref(&file), Path::new(""))?;
                (among, report, vec![file])
            }
            None => {
                let (among, report) = encoder.known(asked.base)?;
                let data = &recipe.task.data;
                let files = data.files.iter().chain(data.labels.as_ref());
                let files = files.map(|file| asked.base.join(file).display().to_string());
                (among, report, files.collect())
            }
        };
        remark(asked, &report);
        let file = among
            .first()
            .and_then(|one| one.place.split_inclusive("`, ").next())
            .filter(|file| file.ends_with("`, "));
        let file = file.filter(|file| among.iter().all(|one| one.place.starts_with(file)));
        Ok(Self {
            asked,
            file: file.unwrap_or_default().into(),
            encoder,
            among,
            searched,
        })
    }

    /// What a text of the command line stands for: a file, a pattern of files, or else a name.
    fn meant(&self, text: &str) -> Result<Meant, Failure> {
        if Path::new(text).exists() || text.contains(['*', '?']) {
            let (series, report) = self.encoder.read(&[text.to_string()], Path::new(""))?;
            remark(self.asked, &report);
            return Ok(Meant::File(series));
        }
        let found = self.encoder.groups(&self.among, text).and_then(|groups| {
            let at = groups.iter().position(|group| group.name == text)?;
            Some((groups, at))
        });
        let (groups, at) = found.ok_or_else(|| self.unknown(text))?;
        Ok(Meant::Name(groups, at))
    }

    fn unknown(&self, text: &str) -> Failure {
        let mut labels: Vec<&str> = self
            .among
            .iter()
            .filter_map(|one| self.encoder.label(one))
            .collect();
        labels.sort_unstable();
        labels.dedup();
        let nearest = elman_data::nearest(text, labels.iter().copied())
            .map_or(".".to_string(), |near| format!("; did you mean `{near}`?"));
        let known = match labels.len() {
            0 => "They have no labels".to_string(),
            count => {
                let more = if count > SHOWN { ", …" } else { "" };
                labels.truncate(SHOWN);
                format!("Their labels: {}{more}", labels.join(", "))
            }
        };
        Failure::input(format!(
            "there is no file `{text}`, and no series of {} is called so{nearest} {known}",
            self.searched.join(", ")
        ))
    }

    fn says_where(&self) {
        self.asked.output.note(format_args!(
            "searched {} series of {}",
            self.among.len(),
            self.searched.join(", ")
        ));
    }

    /// The series of `among` nearest to each of some.
    fn one_by_one(&self, queries: &[Encoded]) {
        let Asked {
            args, run, output, ..
        } = self.asked;
        self.says_where();
        for query in queries {
            let found = self.encoder.nearest(&query.vector, &self.among, args.count);
            let mut table = Table::new(["distance", "label", "series"]);
            let mut nearest: Vec<Value> = Vec::new();
            for (row, distance) in found {
                let one = &self.among[row];
                let label = self.encoder.label(one);
                table.row([
                    f64::from(distance).into(),
                    label.unwrap_or("–").into(),
                    one.place[self.file.len()..].into(),
                ]);
                nearest.push(json!({"distance": distance, "label": label, "series": one.place}));
            }
            if queries.len() > 1 {
                output.result(format_args!("\n{}", query.place));
            }
            output.result(table);
            output.event(&json!({
                "event": "result", "run": run.path().to_string_lossy(), "query": query.place, "searched": self.searched,
                "count": self.among.len(), "nearest": nearest,
            }));
        }
    }

    /// The other names by how far their series are on average from those of one.
    fn by_name(&self, groups: &[Group], at: usize) -> Result<(), Failure> {
        let Asked {
            args, run, output, ..
        } = self.asked;
        let own = &groups[at];
        if groups.len() == 1 {
            return Err(Failure::input(format!(
                "there is nothing else to compare `{}` with: all series of {} that say {} say the same",
                own.name,
                self.searched.join(", "),
                own.field
            )));
        }
        self.says_where();
        let others = groups.iter().enumerate().filter(|(other, _)| *other != at);
        let mut far: Vec<(f64, &Group)> = others
            .map(|(_, group)| {
                (
                    self.encoder.between(self.of(&groups[at]), self.of(group)),
                    group,
                )
            })
            .collect();
        far.sort_by(|a, b| a.0.total_cmp(&b.0));
        far.truncate(args.count);
        let mut table = Table::new(["distance", own.field.as_str(), "series"]);
        for (distance, group) in &far {
            table.row([
                (*distance).into(),
                group.name.as_str().into(),
                group.rows.len().into(),
            ]);
        }
        output.result(table);
        let nearest: Vec<Value> = far
            .iter()
            .map(|(distance, group)| json!({"distance": distance, "name": group.name, "count": group.rows.len()}))
            .collect();
        output.event(&json!({
            "event": "result", "run": run.path().to_string_lossy(), "query": own.name, "field": own.field,
            "searched": self.searched, "count": self.among.len(), "nearest": nearest,
        }));
        Ok(())
    }

    /// How far what the query stands for is from what `--to` does, beside how far those on one side are from each other.
    fn between(&self, query: &Meant, to: &str, other: &Meant) {
        let Asked {
            args, run, output, ..
        } = self.asked;
        if [query, other]
            .into_iter()
            .any(|meant| matches!(meant, Meant::Name(..)))
        {
            self.says_where();
        }
        let sides = [(args.query.as_str(), query), (to, other)];
        let [left, right] = sides.map(|(_, meant)| self.series(meant));
        let pairs = left.len() * right.len();
        let distance = self.encoder.between(left, right);
        let within = sides.map(|(_, meant)| {
            let all = self.series(meant);
            let count = all.len() as f64;
            // Of all pairs those of a series with itself are no news.
            let mean =
                |all: Vec<&Encoded>| self.encoder.between(all.clone(), all) * count / (count - 1.0);
            (count > 1.0).then(|| mean(all))
        });
        match pairs {
            1 => output.result(format_args!("distance {distance:.4}")),
            _ => output.result(format_args!(
                "distance {distance:.4}, the mean of {pairs} pairs of series"
            )),
        }
        for ((name, _), within) in sides.iter().zip(within) {
            if let Some(within) = within {
                output.result(format_args!("within {name} it is {within:.4}"));
            }
        }
        output.event(&json!({
            "event": "result", "run": run.path().to_string_lossy(), "query": args.query, "to": to, "distance": distance, "pairs": pairs,
            "within": within,
        }));
    }

    fn of(&self, group: &Group) -> impl Iterator<Item = &Encoded> {
        group.rows.iter().map(|row| &self.among[*row])
    }

    fn series<'b>(&'b self, meant: &'b Meant) -> Vec<&'b Encoded> {
        match meant {
            Meant::File(series) => series.iter().collect(),
            Meant::Name(groups, at) => self.of(&groups[*at]).collect(),
        }
    }
}

/// What was left out, if anything.
fn remark(asked: &Asked<'_>, report: &SignalReport) {
    if report.is_notable() {
        asked.output.note(report);
    }
}
