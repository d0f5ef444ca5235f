//! What a task is measured by, as the `result.json` of its runs has it.

use super::Contender;
use crate::baseline::skill;
use serde_json::Value;

/// The figures of a task that are worth a column, the one that it is judged by first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// Name, and whether more is better.
    pub(super) metrics: &'static [(&'static str, bool)],
    /// What is perfect, where more is better.
    most: f64,
    /// Where in the result simpler answers are: one by one, or the table of them.
    simpler: &'static [&'static str],
    /// A figure of the validation part that means the same whatever loss the runs were trained with.
    pub(super) validated: Option<&'static str>,
}

/// What a task is measured by.
pub(super) fn measured(task: &str) -> Measured {
    const MORE: bool = true;
    const LESS: bool = false;
    let all = |metrics, most, validated| Measured {
        metrics,
        most,
        simpler: &["baselines"],
        validated,
    };
    match task {
        // Their validation figures are in scaled units, which the recipe decides on.
        "forecast" => all(&[("mae", LESS), ("rmse", LESS), ("mase", LESS)], 0.0, None),
        "map" => all(&[("rmse", LESS), ("mae", LESS), ("r2", MORE)], 1.0, None),
        "animate" => all(&[("nats", LESS), ("mae", LESS)], 0.0, None),
        "classify" | "recognize" => all(
            &[("accuracy", MORE), ("macro_f1", MORE)],
            1.0,
            Some("accuracy"),
        ),
        "tag" => all(
            &[
                ("accuracy", MORE),
                ("unknown_accuracy", MORE),
                ("macro_f1", MORE),
            ],
            1.0,
            Some("accuracy"),
        ),
        "generate" => all(
            &[("bits_per_character", LESS), ("perplexity", LESS)],
            0.0,
            Some("bits_per_character"),
        ),
        "translate" => all(
            &[("bleu", MORE), ("f1", MORE), ("perplexity", LESS)],
            100.0,
            Some("bleu"),
        ),
        "caption" => Measured {
            simpler: &["single", "likest"],
            ..all(
                &[("bleu", MORE), ("bleu_1", MORE), ("nats_per_token", LESS)],
                100.0,
                Some("bleu"),
            )
        },
        "transcribe" => Measured {
            simpler: &["most_frequent"],
            ..all(&[("cer", LESS), ("wer", LESS)], 0.0, Some("cer"))
        },
        _ => all(
            &[("recall_1", MORE), ("mrr", MORE), ("auc", MORE)],
            1.0,
            Some("recall_1"),
        ),
    }
}

impl Measured {
    /// Whether more of a figure is better.
    pub(super) fn more(&self, name: &str) -> bool {
        self.metrics.contains(&(name, true))
    }

    /// A figure of the test part.
    pub(super) fn metric(&self, run: &Contender, name: &str) -> Option<f64> {
        run.result.as_ref()?.get("metrics")?.get(name)?.as_f64()
    }

    /// How much of the best simpler answer's error the run removes: 1 is perfect, 0 no better, negative worse. A
    /// forecast is held against the best naive one, as its result says; anything else against whatever the run was
    /// compared with and did best, by the figure that the task is judged by.
    pub(super) fn skill(&self, run: &Contender) -> Option<f64> {
        let result = run.result.as_ref()?;
        if let Some(known) = result.get("skill") {
            return known.as_f64();
        }
        let (name, more) = self.metrics[0];
        // Nats of a density have no zero that could be reached, so a share of them means nothing.
        if name == "nats" {
            return None;
        }
        let error = |value: f64| if more { self.most - value } else { value };
        let simplest = self.simpler.iter().filter_map(|key| result.get(key));
        let scored = simplest.flat_map(|value| match value.get(name).is_some() {
            true => vec![value],
            false => value
                .as_object()
                .map_or(vec![value], |all| all.values().collect()),
        });
        let best = scored
            .filter_map(|scored| score(scored, name))
            .map(error)
            .min_by(f64::total_cmp)?;
        skill(error(self.metric(run, name)?), best)
    }
}

/// A figure as a simpler answer has it: BLEU comes with its parts.
fn score(scored: &Value, name: &str) -> Option<f64> {
    let value = scored.get(name)?;
    value.as_f64().or_else(|| value.get("score")?.as_f64())
}
