//! The `.ts` format of the UCR and UEA archives (described with the sktime and aeon toolkits).

use std::collections::BTreeMap;

use super::open::{Contents, Source, is_padding, number, start, transpose};
use super::{Example, Signal};
use crate::Error;
use crate::source::numbers::Written;

/// What the lines with `@` say.
#[derive(Default)]
struct Head {
    univariate: bool,
    dimensions: Option<usize>,
    /// Steps of every sequence, where the file promises that they are equal.
    length: Option<usize>,
    /// Whether a label ends each line.
    labelled: Option<bool>,
    /// The labels there are; empty where they are not listed.
    classes: Vec<String>,
    /// The line that says that the labels are numbers to be learned.
    numbers: Option<u64>,
}

pub(super) fn read(source: Source<'_>) -> Result<Contents, Error> {
    let text = source.text()?;
    let mut lines = (1u64..)
        .zip(text.lines().map(str::trim))
        .filter(|(_, line)| {
            // Blank lines and comments may stand anywhere.
            !line.is_empty() && !line.starts_with('#')
        });
    let head = head(&source, &mut lines)?;
    let mut padding = 0;
    let examples: Vec<_> = lines
        .map(|(at, line)| example(&source, &head, at, line, &mut padding))
        .collect();
    if examples.is_empty() {
        return Err(Error::Empty {
            path: source.path.into(),
            what: "has no lines after @data",
        });
    }
    Ok(Contents {
        examples,
        numbers: head.numbers.map(|line| source.place(line)),
        padding,
        ..Contents::default()
    })
}

fn head<'a>(
    source: &Source<'_>,
    lines: &mut impl Iterator<Item = (u64, &'a str)>,
) -> Result<Head, Error> {
    let mut head = Head::default();
    let (mut equal, mut length) = (false, None);
    for (at, line) in lines {
        let fail = |message: String| Err(source.row_error(at, message));
        let Some(tag) = line.strip_prefix('@') else {
            return fail(format!(
                "\"{}\" stands before @data, where only lines with @ do; is this a .ts file?",
                start(line)
            ));
        };
        let mut words = tag.split_whitespace();
        let tag = words.next().unwrap_or_default().to_lowercase();
        let rest: Vec<&str> = words.collect();
        let first = rest.first().copied();
        let flag = || match first.map(str::to_lowercase).as_deref() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err(source.row_error(at, format!("@{tag} must be true or false"))),
        };
        let count = || {
            let count = first
                .and_then(|text| text.parse::<usize>().ok())
                .filter(|&count| count > 0);
            count.ok_or_else(|| source.row_error(at, format!("@{tag} must be a number from 1")))
        };
        match tag.as_str() {
            "timestamps" if flag()? => {
                return fail(
                    "sequences with time stamps of their own are not read; resample them to regular steps and write \
                     @timeStamps false, or write a CSV in long form"
                        .into(),
                );
            }
            "univariate" => head.univariate = flag()?,
            "dimension" | "dimensions" => head.dimensions = Some(count()?),
            "equallength" => equal = flag()?,
            "serieslength" => length = Some(count()?),
            "classlabel" => {
                head.labelled = Some(flag()?);
                head.classes = rest[1..].iter().map(|&class| class.to_owned()).collect();
                if head.labelled == Some(true) && head.classes.is_empty() {
                    return fail(
                        "@classLabel true must be followed by the labels there are".into(),
                    );
                }
            }
            "targetlabel" => {
                head.labelled = Some(flag()?);
                head.numbers = flag()?.then_some(at);
            }
            "data" if head.labelled.is_none() => {
                return fail("no line before @data says @classLabel true or false".into());
            }
            "data" => {
                head.length = length.filter(|_| equal);
                return Ok(head);
            }
            // Names and remarks of the archive, and `@missing`, which the values themselves say.
            _ => {}
        }
    }
    Err(source.error("has no line @data; is this a .ts file?"))
}

/// The sequence of a line. Steps at its end that hold nothing but NaN only make it as long as others: they are left out, and added
/// to `padding`.
fn example(
    source: &Source<'_>,
    head: &Head,
    at: u64,
    line: &str,
    padding: &mut usize,
) -> Result<Example, Error> {
    let fail = |message: String| Err(source.row_error(at, message));
    if line.starts_with('(') {
        return fail("values with time stamps are not read; resample them to regular steps".into());
    }
    let mut fields = BTreeMap::new();
    let (values, label) = match head.labelled {
        Some(true) => match line.rsplit_once(':') {
            Some((values, label)) => (values, Some(label.trim())),
            None => return fail("there is no `:` before the label; is the line cut short?".into()),
        },
        _ => (line, None),
    };
    if let Some(label) = label {
        match class(&head.classes, label) {
            Ok(Some(label)) => drop(fields.insert(source.config.label_name().to_owned(), label)),
            Ok(None) if !source.needs_label => {}
            Ok(None) => return fail("the label is missing".into()),
            Err(message) => return fail(message),
        }
    }
    let mut channels: Vec<Vec<f64>> = Vec::new();
    let mut held = 0;
    for (dimension, texts) in (1usize..).zip(values.split(':')) {
        let channel = texts.split(',').enumerate().map(|(step, text)| {
            number(text, Written::PLAIN).map_err(|what| {
                source.row_error(
                    at,
                    format!("dimension {dimension}, value {}: {what}", step + 1),
                )
            })
        });
        let last = texts.split(',').rev().position(|text| !is_padding(text));
        held = held.max(last.map_or(0, |last| texts.split(',').count() - last));
        // An empty dimension holds no value, where one empty text would be a missing one.
        channels.push(match texts.trim() {
            "" => Vec::new(),
            _ => channel.collect::<Result<_, _>>()?,
        });
    }
    let time = channels[0].len();
    if let Some((dimension, other)) = channels
        .iter()
        .enumerate()
        .find(|(_, channel)| channel.len() != time)
    {
        return fail(format!(
            "dimension 1 has {time} steps, but dimension {} has {}; all must have equally many",
            dimension + 1,
            other.len()
        ));
    }
    if time == 0 {
        return fail("the sequence has no steps".into());
    }
    let promised = if head.univariate {
        Some(1)
    } else {
        head.dimensions
    };
    if let Some(promised) = promised.filter(|&promised| promised != channels.len()) {
        let tag = if head.univariate {
            "@univariate true"
        } else {
            "@dimensions"
        };
        return fail(format!(
            "the line has {} dimensions between `:`, but {tag} promises {promised}",
            channels.len()
        ));
    }
    if let Some(length) = head.length.filter(|&length| length != time) {
        return fail(format!(
            "the sequence has {time} steps, but @seriesLength and @equalLength promise {length}; correct the header or \
             the line"
        ));
    }
    if held == 0 {
        return fail("the sequence has no values, only NaN".into());
    }
    *padding += time - held;
    channels
        .iter_mut()
        .for_each(|channel| channel.truncate(held));
    Ok(Example {
        signal: Signal {
            values: transpose(&channels),
            features: channels.len(),
        },
        fields,
        place: source.place(at),
        ..Example::default()
    })
}

/// The label as the header spells it (some files write `1` there and `1.0` in the lines); `None` for a missing one.
fn class(classes: &[String], label: &str) -> Result<Option<String>, String> {
    if classes.is_empty() && !matches!(label, "" | "?") {
        return Ok(Some(label.to_owned()));
    }
    let value = |text: &str| text.parse::<f64>().ok();
    let known = classes.iter().find(|class| *class == label).or_else(|| {
        let wanted = value(label)?;
        classes.iter().find(|class| value(class) == Some(wanted))
    });
    match (known, label) {
        (Some(known), _) => Ok(Some(known.clone())),
        (None, "" | "?") => Ok(None),
        (None, _) => Err(format!(
            "the label \"{}\" is none of those after @classLabel ({}); is the line cut short?",
            start(label),
            crate::names::list(classes.iter().map(String::as_str), 30)
        )),
    }
}
