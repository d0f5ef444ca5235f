//! A recipe for the next values of a series.

use super::choose::{Sort, Target, target};
use super::{Begin, list};
use crate::content;
use crate::facts::{counted, listed};
use crate::failure::Failure;
use elman_data::{
    Calendar, Duplicates, Error, Missing, ReadReport, Series, SourceConfig, Step, read_series,
};
use serde::Deserialize;
use toml::{Table, Value};

/// The share of rows whose times may repeat before it must be said what that means.
const FEW: f64 = 0.2;
/// Fewer rows are said to be few.
const LITTLE: usize = 100;

/// A rule of `[data]` that the file needs, and why.
struct Rule {
    key: &'static str,
    value: String,
    why: String,
}

/// A recipe whose target, lookback, horizon and calendar follow from the series.
pub fn forecast(begin: &mut Begin) -> Result<String, Failure> {
    let mut rules = Vec::new();
    let (mut config, read, report) = read(begin, &mut rules)?;
    let stem = begin
        .file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    choose(begin, &read, &mut config, &stem)?;
    let left_out = narrow(begin, &read, &mut config);
    say(begin, &read, &report, &config, &left_out);
    for rule in &rules {
        begin.facts.say(
            "rule",
            format_args!("data.{} = {}: {}", rule.key, rule.value, rule.why),
        );
    }
    Ok(text(begin, &read, &config, &rules))
}

/// Reads the series, by the rules that the file needs and the user gave none for.
fn read(
    begin: &Begin,
    rules: &mut Vec<Rule>,
) -> Result<(SourceConfig, Series, ReadReport), Failure> {
    let mut table = begin.changes.of("data");
    let files: Value = toml::from_str::<Table>(&format!("files = {}", begin.files()))
        .ok()
        .and_then(|mut table| table.remove("files"))
        .unwrap_or_else(|| Value::Array(Vec::new()));
    table.entry("files").or_insert(files);
    let mut config = SourceConfig::deserialize(Value::Table(table))
        .map_err(|error| Failure::input(format!("--set data.…: {}", error.message())))?;
    // What a rule can mend is mended by a rule; whatever else is wrong ends it.
    for _ in 0..8 {
        let why = match read_series(&config, &begin.base) {
            Ok((series, report)) => {
                if fill(begin, &mut config, &report, rules) {
                    continue;
                }
                return Ok((config, series, report));
            }
            Err(why) => why,
        };
        match mend(begin, &config, &why) {
            Some(rule) => {
                apply(&mut config, &rule);
                rules.push(rule);
            }
            None => return Err(Failure::from(why)),
        }
    }
    let (series, report) = read_series(&config, &begin.base)?;
    Ok((config, series, report))
}

/// The rule that lets a file be read all the same, if there is one that loses nothing that counts.
fn mend(begin: &Begin, config: &SourceConfig, why: &Error) -> Option<Rule> {
    match why {
        Error::DuplicateTime { count, .. } if !begin.changes.has("data.duplicates") => {
            let forgiving = SourceConfig {
                duplicates: Duplicates::First,
                missing: Missing::Interpolate,
                ..config.clone()
            };
            let (_, report) = read_series(&forgiving, &begin.base).ok()?;
            let all = report.rows + count;
            // Where most times repeat, the rows are of several things; to drop them would lose what the file is about.
            (*count as f64 <= FEW * all as f64).then(|| Rule {
                key: "duplicates",
                value: "\"first\"".into(),
                why: format!(
                    "{} with a time that came before; \"last\" or \"mean\" for another rule",
                    counted(*count, "row")
                ),
            })
        }
        Error::MissingValues { column, count, .. } if !begin.changes.has("data.missing") => {
            Some(Rule {
                key: "missing",
                value: "\"interpolate\"".into(),
                why: format!(
                    "{} of `{column}` {} missing; \"forward_fill\", \"zero\" or \"drop\" for another rule",
                    counted(*count, "value"),
                    if *count == 1 { "is" } else { "are" }
                ),
            })
        }
        Error::HeaderIsData { names, .. } if !begin.changes.has("data.header") => {
            // Names are proposed where the file has some, in a comment.
            let names = format!("[{names}]");
            let are_names = !names.contains('…')
                && toml::from_str::<Table>(&format!("header = {names}")).is_ok();
            let named = are_names.then_some(Rule {
                key: "header",
                value: names,
                why: "the first row holds data; these are the columns' names".into(),
            });
            let reads = |rule: &Rule| {
                let mut config = config.clone();
                apply(&mut config, rule);
                !matches!(
                    read_series(&config, &begin.base),
                    Err(Error::HeaderIsData { .. } | Error::Row { .. } | Error::Config { .. })
                )
            };
            Some(named.filter(reads).unwrap_or(Rule {
                key: "header",
                value: "false".into(),
                why: "the first row holds data; columns are called c1, c2, …".into(),
            }))
        }
        Error::NotANumber { text, .. }
            if !begin.changes.has("data.na") && content::means_nothing(text) =>
        {
            let na = config.na.iter().chain([text]);
            Some(Rule {
                key: "na",
                value: list(na),
                why: format!("`{text}` stands for no value, as those before it do"),
            })
        }
        _ => None,
    }
}

fn apply(config: &mut SourceConfig, rule: &Rule) {
    let table = format!("{} = {}", rule.key, rule.value);
    let Ok(changed) = toml::from_str::<SourceConfig>(&table) else {
        return;
    };
    match rule.key {
        "duplicates" => config.duplicates = changed.duplicates,
        "missing" => config.missing = changed.missing,
        "header" => config.header = changed.header,
        "gaps" => config.gaps = changed.gaps,
        "na" => config.na = changed.na,
        _ => {}
    }
}

/// Inserts the rows of missing times, where that reads: so that a season counts in time and not in rows.
fn fill(
    begin: &Begin,
    config: &mut SourceConfig,
    report: &ReadReport,
    rules: &mut Vec<Rule>,
) -> bool {
    let gaps = report.time.as_ref().and_then(|time| time.gaps.as_ref());
    let Some(gaps) = gaps.filter(|gaps| !gaps.filled && gaps.missing > 0) else {
        return false;
    };
    let given = ["data.gaps", "data.missing", "data.resample"];
    if given.iter().any(|key| begin.changes.has(key)) || gaps.missing > report.rows {
        return false;
    }
    let filled = SourceConfig {
        gaps: elman_data::Gaps::Fill,
        missing: Missing::Interpolate,
        ..config.clone()
    };
    if read_series(&filled, &begin.base).is_err() {
        return false;
    }
    if config.missing == Missing::Error {
        rules.push(Rule {
            key: "missing",
            value: "\"interpolate\"".into(),
            why: "rows that are inserted have no values of their own".into(),
        });
    }
    rules.push(Rule {
        key: "gaps",
        value: "\"fill\"".into(),
        why: format!(
            "{} missing; \"report\" leaves the rows as they are",
            counted(gaps.missing, "time stamp")
        ),
    });
    *config = filled;
    true
}

/// What is forecast: what is asked for, or what the columns say.
fn choose(
    begin: &mut Begin,
    series: &Series,
    config: &mut SourceConfig,
    stem: &str,
) -> Result<(), Failure> {
    if let Some(asked) = &begin.args.target {
        series.column(asked)?;
        config.targets = vec![asked.clone()];
        begin
            .facts
            .say("target", asked)
            .figure("target", asked.as_str());
        return Ok(());
    }
    if let [first, ..] = config.targets.as_slice() {
        begin
            .facts
            .say("target", listed(&config.targets, 8))
            .figure("target", first.as_str());
        return Ok(());
    }
    match target(series, stem) {
        Ok(Target { name, why, others }) => {
            let other = match others.first() {
                Some(other) => format!(
                    ": {why}; --target {} for another ({})",
                    shell(other),
                    listed(&others, 8)
                ),
                None => format!(": {why}"),
            };
            begin
                .facts
                .say("target", format_args!("{name}{other}"))
                .figure("target", name.as_str());
            config.targets = vec![name];
            Ok(())
        }
        Err(candidates) => {
            let sort = |name: &String| {
                series
                    .column(name)
                    .map_or(Sort::Measured, |values| Sort::of(name, values))
            };
            let measured = candidates.iter().all(|name| sort(name) == Sort::Measured);
            let why = match measured {
                true => "several columns that could be forecast, and nothing says which".to_owned(),
                false => "no column that reads as measurements".to_owned(),
            };
            let shown = candidates.iter().map(|name| match sort(name) {
                Sort::Measured => name.clone(),
                other => format!("{name} ({})", other.reason()),
            });
            Err(Failure::input(format!(
                "`{}` has {why}: {}. Choose one: --target {}",
                begin.file.display(),
                listed(shown, 20),
                candidates
                    .first()
                    .map_or_else(|| "COLUMN".to_owned(), |first| shell(first)),
            )))
        }
    }
}

/// A name as a shell takes it.
fn shell(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    match name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}

/// Leaves out the columns that are read and say nothing: numbers of rows, constants.
fn narrow(begin: &Begin, series: &Series, config: &mut SourceConfig) -> Vec<(String, Sort)> {
    if !config.columns.is_empty() || begin.changes.has("data.columns") {
        return Vec::new();
    }
    let sorted: Vec<(&String, Sort)> = series
        .names
        .iter()
        .zip(&series.columns)
        .map(|(name, values)| (name, Sort::of(name, values)))
        .collect();
    let idle = |(name, sort): &&(&String, Sort)| {
        matches!(sort, Sort::Id | Sort::Constant) && !config.targets.contains(name)
    };
    let left_out: Vec<(String, Sort)> = sorted
        .iter()
        .filter(idle)
        .map(|(name, sort)| (name.to_string(), *sort))
        .collect();
    if !left_out.is_empty() {
        let kept = sorted.iter().filter(|pair| !idle(pair));
        config.columns = kept.map(|(name, _)| name.to_string()).collect();
    }
    left_out
}

/// A time without what says nothing: `2021-01-01`, `2021-01-01 06:00:00`.
fn plain(time: impl std::fmt::Display) -> String {
    let text = time.to_string().replace('T', " ");
    text.strip_suffix(" 00:00:00").unwrap_or(&text).to_owned()
}

/// Rows of one season; 1 where there is none.
fn season(series: &Series) -> usize {
    series.step.map_or(1, Step::season)
}

fn say(
    begin: &mut Begin,
    series: &Series,
    report: &ReadReport,
    config: &SourceConfig,
    left_out: &[(String, Sort)],
) {
    let facts = &mut begin.facts;
    let read: Vec<&String> = match config.columns.is_empty() {
        true => series.names.iter().collect(),
        false => config.columns.iter().collect(),
    };
    facts.say("reads", format_args!("{} (data.columns)", listed(read, 12)));
    match &report.time {
        Some(time) => {
            let step = time.step.map_or("irregular steps: they are taken as even; --set data.resample.every=1h makes them so".to_owned(), |step| step.to_string());
            facts
                .say(
                    "time",
                    format_args!(
                        "{}: {} to {}; --set data.time=COLUMN for another",
                        time.columns.join(", "),
                        plain(time.first),
                        plain(time.last)
                    ),
                )
                .say("step", &step)
                .figure("time", time.columns.join(", "))
                .figure("step", step);
        }
        None => {
            facts.say(
                "time",
                "none: rows are taken as evenly spaced; --set data.time=COLUMN if a column has it",
            );
        }
    }
    for file in &report.files {
        if let Some(dialect) = &file.dialect {
            facts.say("written", dialect);
        }
    }
    for column in &report.columns {
        if let Some(written) = &column.written {
            facts.say(
                "written",
                format_args!(
                    "{}: {written}; --set data.decimal, data.thousands for another reading",
                    column.name
                ),
            );
        }
    }
    let season = season(series);
    match season {
        1 => facts.say(
            "season",
            "none known; --set forecast.season=ROWS if it repeats itself",
        ),
        rows => facts.say(
            "season",
            format_args!("{rows} rows; --set forecast.season=ROWS for another"),
        ),
    };
    facts.figure("season", season);
    for (name, sort) in left_out {
        facts.say("left out", format_args!("{name}: {}", sort.reason()));
    }
    for skipped in &report.skipped {
        facts.say(
            "left out",
            format_args!("{}: {}", skipped.name, skipped.reason),
        );
    }
    let rows = series.len();
    if rows < LITTLE {
        facts.say(
            "little",
            format_args!(
                "{}: a network learns little from so few; some hundreds are a beginning",
                counted(rows, "row")
            ),
        );
    }
    facts.figure("rows", rows);
}

fn text(begin: &Begin, series: &Series, config: &SourceConfig, rules: &[Rule]) -> String {
    let season = season(series);
    let calendar = Calendar::suited_to(series.step).iter();
    let calendar = list(calendar.map(|feature| feature.name()));
    let rows = series.len();
    let horizon = begin.args.horizon;
    let horizon = horizon.unwrap_or(season.clamp(1, (rows / 10).max(1)));
    let lookback = (2 * season).max(2 * horizon).clamp(2, (rows / 4).max(2));
    let columns = match config.columns.is_empty() || begin.changes.has("data.columns") {
        true => String::new(),
        false => format!(
            "columns = {}   # those that say something\n",
            list(&config.columns)
        ),
    };
    let rules: String = rules
        .iter()
        .map(|Rule { key, value, why }| format!("{key} = {value}   # {why}\n"))
        .collect();
    format!(
        "task = \"forecast\"\n\n\
         [data]\n\
         files = {files}\n\
         targets = {targets}\n\
         {columns}\
         calendar = {calendar}\n\
         {rules}\n\
         [split]                  # in the order of time\n\
         valid = 0.1\n\
         test = 0.2\n\n\
         [forecast]\n\
         lookback = {lookback}\n\
         horizon = {horizon}\n\
         relative_to = \"last\"     # follows a level that drifts\n\n\
         [model]\n\
         cell = \"lstm\"            # or \"gru\", \"simple_rnn\"\n\
         hidden_size = 32\n\n\
         [train]\n\
         epochs = 100\n\
         clip_norm = 1.0\n\n\
         [train.early_stopping]\n\
         patience = 10\n",
        files = begin.files(),
        targets = list(&config.targets),
    )
}
