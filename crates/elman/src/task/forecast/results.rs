//! The model and the simple forecasts side by side: the table, the verdict, the figures.

use super::{Baselines, Dataset, Scored, Trial};
use crate::baseline::{Baseline, Outcome, Verdict};
use crate::metric::ForecastMetrics;
use crate::report::{Table, number};
use serde_json::{Map, Value, json};

/// The model's and the simple forecasts' errors on the same windows.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// The data they are about.
    pub data: &'a Dataset,
    /// The windows.
    pub trial: &'a Trial,
    /// The simple forecasts.
    pub baselines: &'a Baselines,
    /// The model, once it is trained.
    pub model: Option<&'a Scored>,
}

impl Results<'_> {
    /// Every forecaster and its errors, the model last; the best of each column is marked.
    pub fn table(&self) -> Table {
        let mut table = Table::new(["forecast", "MAE", "RMSE", "MAPE %", "sMAPE %", "MASE"]);
        for (name, metrics) in self.rows() {
            let figures = [metrics.mae.into(), metrics.rmse.into(), metrics.mape.into()];
            let rest = [metrics.smape.into(), metrics.mase.into()];
            table.row(std::iter::once(name.into()).chain(figures).chain(rest));
        }
        (1..6).for_each(|column| {
            table.mark_smallest(column);
        });
        table
    }

    fn rows(&self) -> Vec<(String, ForecastMetrics)> {
        let baselines = self
            .baselines
            .scored
            .iter()
            .map(|(kind, scored)| (kind.to_string(), scored.errors.overall));
        let model = self
            .model
            .map(|scored| ("the model".to_string(), scored.errors.overall));
        baselines.chain(model).collect()
    }

    /// The model against the best naive forecast, in plain words; and against the best learned baseline where that is
    /// ahead of it.
    pub fn verdict(&self) -> String {
        let Some(model) = self.model else {
            return String::new();
        };
        let mae = model.errors.overall.mae;
        let of = |wanted: fn(Baseline) -> bool| {
            let some = self
                .baselines
                .scored
                .iter()
                .filter(move |(kind, _)| wanted(*kind));
            let errors: Vec<_> = some
                .map(|(kind, scored)| (*kind, scored.errors.overall.mae))
                .collect();
            Verdict::new(mae, &errors)
        };
        let Some(naive) = of(Baseline::is_naive) else {
            return "No naive forecast to compare with.".into();
        };
        match of(|kind| !kind.is_naive()) {
            Some(learned) if learned.baseline_mae < mae => {
                let errors = [learned.baseline_mae, mae].map(number);
                let [word, still] = match naive.outcome {
                    Outcome::Beats => ["But the", "still"],
                    _ => ["The", "too"],
                };
                format!(
                    "{naive} {word} {} is better {still}: its error is {} against the model's {}.",
                    learned.baseline, errors[0], errors[1],
                )
            }
            _ => naive.to_string(),
        }
    }

    /// How much of the best naive forecast's error the model removes.
    pub fn skill(&self) -> Option<f64> {
        let naive = self
            .baselines
            .scored
            .iter()
            .filter(|(kind, _)| kind.is_naive());
        let best = naive
            .map(|(_, scored)| scored.errors.overall.mae)
            .min_by(f64::total_cmp)?;
        crate::baseline::skill(self.model?.errors.overall.mae, best)
    }

    /// The errors for machines.
    pub(super) fn figures(&self) -> Map<String, Value> {
        let of =
            |scored: &Scored| serde_json::to_value(scored.errors.overall).expect("made of numbers");
        let baselines: Map<_, _> = self
            .baselines
            .scored
            .iter()
            .map(|(kind, scored)| (kind.key().to_string(), of(scored)))
            .collect();
        let figures = [
            ("metrics", json!(self.model.map(of))),
            (
                "per_step",
                json!(self.model.map(|scored| &scored.errors.per_step)),
            ),
            ("baselines", Value::Object(baselines)),
            ("skill", json!(self.skill())),
            ("forecasts", json!(self.trial.shape[0])),
            ("values", json!(self.trial.measured())),
            (
                "not_measured",
                json!(self.trial.actual.len() - self.trial.measured()),
            ),
        ];
        figures
            .map(|(name, value)| (name.to_string(), value))
            .into_iter()
            .collect()
    }

    /// How many values were not measured and count in no figure, in words; nothing where all were.
    pub fn unmeasured(&self) -> Option<String> {
        let (values, measured) = (self.trial.actual.len(), self.trial.measured());
        let targets = self.data.preprocessing.targets.iter().enumerate();
        let empty = targets.filter(|(target, _)| {
            let of = self.trial.actual[*target..].iter();
            of.step_by(self.trial.shape[2]).all(|value| value.is_nan())
        });
        let empty: Vec<String> = empty.map(|(_, name)| format!("`{name}`")).collect();
        (measured < values).then(|| {
            let mut text = format!(
                "{} of {values} values were not measured but filled in: no figure here counts them. The figures are over the \
                 {measured} that were measured.",
                values - measured
            );
            if !empty.is_empty() {
                text += &format!(" Nothing was measured of {}.", empty.join(", "));
            }
            text
        })
    }

    /// Every forecast beside what came, one line for each row and target; `actual` is empty where nothing was measured.
    pub(super) fn predictions(&self) -> String {
        let [_, horizon, targets] = self.trial.shape;
        let names = &self.data.preprocessing.targets;
        let forecasters: Vec<(&str, &Scored)> = self
            .model
            .iter()
            .map(|scored| ("model", *scored))
            .chain(
                self.baselines
                    .scored
                    .iter()
                    .map(|(kind, scored)| (kind.key(), scored)),
            )
            .collect();
        let mut text = String::from("made_at,time,step,target,actual");
        forecasters
            .iter()
            .for_each(|(name, _)| text += &format!(",{name}"));
        text.push('\n');
        let offset = self.data.config().offset;
        for (index, actual) in self.trial.actual.iter().enumerate() {
            let (window, step, target) = (
                index / targets / horizon,
                index / targets % horizon,
                index % targets,
            );
            let origin = self.trial.origins[window];
            let row = origin + 1 + offset + step;
            let label = |row: usize| self.data.series.labels(row..row + 1).remove(0);
            let target = names[target].replace('"', "\"\"");
            let actual = if actual.is_nan() {
                String::new()
            } else {
                actual.to_string()
            };
            text += &format!(
                "{},{},{},\"{target}\",{actual}",
                label(origin),
                label(row),
                step + 1
            );
            forecasters
                .iter()
                .for_each(|(_, scored)| text += &format!(",{}", scored.predicted[index]));
            text.push('\n');
        }
        text
    }
}
