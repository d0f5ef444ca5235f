//! A network's way through a text as a table: the figure of the notes, for any text.

use super::sample::Step;
use crate::report::{Cell, Table, number};
use elman_data::text::Vocabulary;

/// The most steps that stand side by side, and the most numbers of each that are shown whole.
const WIDE: usize = 12;
const WHOLE: usize = 16;
/// Tokens that are shown where there are too many.
const LIKELIEST: usize = 3;

/// What is read, h_t, y_t and the softmax of y_t: a column for each step where all fits, else a row for each step with
/// the likeliest tokens.
pub fn step_table(steps: &[Step], vocabulary: &Vocabulary) -> Table {
    let fits = |step: &Step| step.hidden.len() <= WHOLE && step.output.len() <= WHOLE;
    match steps.len() <= WIDE && steps.iter().all(fits) {
        true => whole(steps, vocabulary),
        false => likeliest(steps, vocabulary),
    }
}

fn whole(steps: &[Step], vocabulary: &Vocabulary) -> Table {
    let heads = steps.iter().enumerate();
    let heads = heads.map(|(t, step)| format!("t={} {}", t + 1, visible(&step.input)));
    let mut table = Table::new(std::iter::once("reads".to_string()).chain(heads));
    let mut row = |name: String, value: &dyn Fn(&Step) -> Cell| {
        table.row(std::iter::once(name.into()).chain(steps.iter().map(value)));
    };
    for unit in 0..steps.first().map_or(0, |step| step.hidden.len()) {
        row(format!("h_t {}", unit + 1), &|step| {
            rounded(step.hidden[unit].into()).into()
        });
    }
    let tokens: Vec<String> = (0..vocabulary.len())
        .map(|token| visible(vocabulary.token(token as u32)))
        .collect();
    for (token, name) in tokens.iter().enumerate() {
        row(format!("y_t {name}"), &|step| {
            rounded(step.output[token].into()).into()
        });
    }
    for (token, name) in tokens.iter().enumerate() {
        row(format!("softmax {name}"), &|step| {
            rounded(step.probabilities[token]).into()
        });
    }
    row("says".into(), &|step| visible(&step.predicted).into());
    row("comes next".into(), &|step| {
        step.next.as_ref().map(|(next, _)| visible(next)).into()
    });
    table
}

fn likeliest(steps: &[Step], vocabulary: &Vocabulary) -> Table {
    let ranks = (1..=LIKELIEST).map(|rank| format!("likeliest {rank}"));
    let heads = ["t", "reads", "comes next", "probability"].map(String::from);
    let mut table = Table::new(heads.into_iter().chain(ranks));
    for (t, step) in steps.iter().enumerate() {
        let mut order: Vec<usize> = (0..step.probabilities.len()).collect();
        order.sort_by(|a, b| step.probabilities[*b].total_cmp(&step.probabilities[*a]));
        let (next, probability) = step.next.clone().unzip();
        let likeliest = (0..LIKELIEST).map(|rank| {
            let token = order.get(rank)?;
            let name = visible(vocabulary.token(*token as u32));
            Some(format!(
                "{name} {}",
                number(rounded(step.probabilities[*token]))
            ))
        });
        let cells: [Cell; 4] = [
            (t + 1).into(),
            visible(&step.input).into(),
            next.map(|next| visible(&next)).into(),
            probability.map(rounded).into(),
        ];
        table.row(cells.into_iter().chain(likeliest.map(Cell::from)));
    }
    table
}

/// As exact as a reader needs it.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A token that can be seen.
fn visible(token: &str) -> String {
    match token {
        " " => "␣".into(),
        "\n" => "⏎".into(),
        token => token.replace('\n', "⏎"),
    }
}
