//! Whether a model is worth its while, in plain words.

use std::fmt;

/// Errors closer than this share count as equal: no model is chosen for one percent.
const TIE: f64 = 0.01;

/// How much of the best naive forecast's error the model removes: `1 − model / naive`.
///
/// 1 is perfect, 0 no better than naive, negative worse. `None` if it is undefined: the naive error is zero, or either
/// is not a finite number.
pub fn skill(model_mae: f64, best_naive_mae: f64) -> Option<f64> {
    let skill = 1.0 - model_mae / best_naive_mae;
    (best_naive_mae > 0.0 && skill.is_finite()).then_some(skill)
}

/// A model against the best simple forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The model's error is more than 1 % lower.
    Beats,
    /// The errors are within 1 % of each other.
    Ties,
    /// The model's error is more than 1 % higher.
    DoesNotBeat,
}

/// A model's mean absolute error beside the best baseline's; its `Display` is the sentence a report begins with.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// What the comparison comes to.
    pub outcome: Outcome,
    /// [`skill`] against the best baseline.
    pub skill: Option<f64>,
    /// Name of the best baseline, as read after "the": `last value`.
    pub baseline: String,
    /// The model's mean absolute error.
    pub model_mae: f64,
    /// The best baseline's mean absolute error.
    pub baseline_mae: f64,
}

impl Verdict {
    /// Compares `model_mae` with the smallest of the named baselines' errors.
    ///
    /// `None` if no baseline has a finite error: there is nothing to compare with. A model error that is not finite
    /// beats nothing.
    pub fn new<N: fmt::Display>(model_mae: f64, baselines: &[(N, f64)]) -> Option<Self> {
        let finite = baselines.iter().filter(|(_, mae)| mae.is_finite());
        let (name, baseline_mae) = finite.min_by(|a, b| a.1.total_cmp(&b.1))?;
        let (baseline, baseline_mae) = (name.to_string(), *baseline_mae);
        let outcome = if (model_mae - baseline_mae).abs() <= TIE * baseline_mae {
            Outcome::Ties
        } else if model_mae < baseline_mae {
            Outcome::Beats
        } else {
            Outcome::DoesNotBeat
        };
        Some(Self {
            outcome,
            skill: skill(model_mae, baseline_mae),
            baseline,
            model_mae,
            baseline_mae,
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.baseline;
        match (self.outcome, self.skill) {
            (Outcome::Beats, Some(skill)) => {
                write!(
                    f,
                    "The model's error is {} below the {name}'s.",
                    percent(skill)
                )
            }
            (Outcome::Ties, Some(skill)) if skill != 0.0 => {
                let side = if skill > 0.0 { "lower" } else { "higher" };
                write!(
                    f,
                    "The model ties with the {name} (its error is {} {side}). ",
                    percent(skill)
                )?;
                write!(f, "The {name} is simpler and answers as well.")
            }
            (Outcome::Ties, _) => {
                write!(f, "The model ties with the {name}: their errors are equal.")
            }
            (_, skill) => {
                write!(
                    f,
                    "The model does not beat the {name} ({}). ",
                    excess(skill)
                )?;
                write!(
                    f,
                    "Use the {name}, or give the model more: a longer history, more columns, a longer training."
                )
            }
        }
    }
}

/// How much higher the model's error is, in words.
fn excess(skill: Option<f64>) -> String {
    match skill.map(|skill| 1.0 - skill) {
        Some(ratio) if ratio < 2.0 => format!("its error is {} higher", percent(ratio - 1.0)),
        Some(ratio) if ratio < 9.95 => format!("its error is {ratio:.1} times as large"),
        Some(ratio) => format!(
            "its error is {} times as large",
            crate::report::number(ratio.round())
        ),
        None => "which makes no error that could be undercut".to_owned(),
    }
}

/// `0.456` as `46 %`, `0.034` as `3.4 %`.
fn percent(share: f64) -> String {
    let percent = 100.0 * share.abs();
    if percent >= 9.95 {
        format!("{percent:.0} %")
    } else if percent >= 0.05 {
        format!("{percent:.1} %")
    } else {
        "less than 0.1 %".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Baseline;
    use super::*;

    fn verdict(model: f64, last: f64, seasonal: f64) -> Verdict {
        Verdict::new(
            model,
            &[
                (Baseline::LastValue, last),
                (Baseline::SeasonalNaive, seasonal),
            ],
        )
        .unwrap()
    }

    #[test]
    fn the_best_baseline_is_named() {
        let better = verdict(5.4, 12.0, 10.0);
        assert_eq!(better.outcome, Outcome::Beats);
        assert_eq!(
            better.to_string(),
            "The model's error is 46 % below the seasonal naive's."
        );
    }

    #[test]
    fn a_model_that_loses_is_told_so() {
        let worse = verdict(1.03, 1.0, 4.0);
        assert_eq!(worse.outcome, Outcome::DoesNotBeat);
        let text = worse.to_string();
        assert!(text.starts_with("The model does not beat the last value (its error is 3.0 % higher). Use the last value, or"));
        assert!(
            verdict(3.2, 1.0, 4.0)
                .to_string()
                .contains("3.2 times as large")
        );
    }

    #[test]
    fn within_one_percent_is_a_tie() {
        assert_eq!(verdict(0.995, 1.0, 2.0).outcome, Outcome::Ties);
        assert_eq!(verdict(1.0, 1.0, 2.0).outcome, Outcome::Ties);
        assert_eq!(verdict(0.98, 1.0, 2.0).outcome, Outcome::Beats);
        assert!(
            verdict(0.995, 1.0, 2.0)
                .to_string()
                .contains("ties with the last value (its error is 0.5 % lower)")
        );
    }

    #[test]
    fn undefined_comparisons_stay_defined_in_words() {
        assert_eq!(skill(1.0, 0.0), None);
        assert_eq!(skill(f64::NAN, 1.0), None);
        assert_eq!(verdict(0.0, 0.0, 0.0).outcome, Outcome::Ties);
        assert!(
            verdict(1.0, 0.0, 2.0)
                .to_string()
                .contains("does not beat the last value (which makes no error")
        );
        assert_eq!(verdict(f64::NAN, 1.0, 2.0).outcome, Outcome::DoesNotBeat);
        assert_eq!(Verdict::new(1.0, &[("last value", f64::NAN)]), None);
    }
}
