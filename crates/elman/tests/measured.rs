//! What was filled in is read, but nothing is fitted to it and nothing compared with it.
//!
//! The figures are pandas':
//!
//! ```python
//! y = np.array([50 + (k * 7) % 13 + 0.5 * k for k in range(100)])
//! y[[20, 21, 50, *range(84, 92)]] = np.nan
//! f = pd.Series(y).interpolate(); f[84:92] = y[83]            # a forecast does not know the next value
//! a = np.concatenate([y[w:w + 5] for w in [80, 85, 90, 95]])  # 12 of 20 were measured
//! mae = lambda p: np.nanmean(np.abs(p - a))
//! mae(np.concatenate([np.repeat(f[w - 1], 5) for w in [80, 85, 90, 95]]))     # 3.4583333333333335
//! mae(np.concatenate([f[w - 7:w - 2] for w in [80, 85, 90, 95]]))             # 2.4583333333333335
//! mae(np.nanmean(y[:70]))                                                     # 27.70522388059702
//! np.nanmean(np.abs(y[7:70] - y[:63]))                                        # 3.4649122807017543
//! np.nanmean(y[:70]), np.nanstd(y[:70])                                       # 73.04477611940298 10.877448718404482
//! ```

use elman::task::Job;
use elman::task::forecast::{
    ForecastJob, ForecastObjective, Forecaster, Recipe, Strategy, Trial, forecast,
};
use elman::train::{Objective, Silent};
use elman_data::Part;
use std::path::Path;

const ROWS: usize = 100;

fn value(k: usize) -> f64 {
    50.0 + ((k * 7) % 13) as f64 + 0.5 * k as f64
}

/// Daily values with blanks at the rows that are `blank`.
fn table(value: impl Fn(usize) -> f64, blank: impl Fn(usize) -> bool) -> String {
    let line = |k: usize| {
        let month = [31, 59, 90, 120];
        let at = month.iter().filter(|days| k >= **days).count();
        let day = k + 1 - if at == 0 { 0 } else { month[at - 1] };
        let cell = if blank(k) {
            String::new()
        } else {
            value(k).to_string()
        };
        format!("2021-{:02}-{day:02},{cell}\n", at + 1)
    };
    format!("date,y\n{}", (0..ROWS).map(line).collect::<String>())
}

fn gaps(k: usize) -> bool {
    [20, 21, 50].contains(&k) || (84..92).contains(&k)
}

fn recipe(set: &[&str]) -> Recipe {
    let text = r#"
        task = "forecast"
        [data]
        files = ["y.csv"]
        missing = "interpolate"
        [split]
        valid = 10
        test = 20
        [forecast]
        lookback = 7
        horizon = 5
        baselines = ["last_value", "seasonal_naive", "mean", "linear"]
        [model]
        hidden_size = 4
        [train]
        epochs = 2
    "#;
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let recipe = elman::recipe::Recipe::parse(text, "test", &set).unwrap();
    recipe.of().unwrap()
}

fn prepared(folder: &Path, csv: &str, set: &[&str]) -> Result<ForecastJob, String> {
    std::fs::write(folder.join("y.csv"), csv).unwrap();
    let forecaster = Forecaster::prepare(recipe(set), folder).map_err(|error| error.to_string())?;
    ForecastJob::new(forecaster).map_err(|error| error.to_string())
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} is not {b}");
}

#[test]
fn figures_are_over_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = prepared(folder.path(), &table(value, gaps), &[]).unwrap();
    let data = &job.forecaster.data;
    let scaler = data.preprocessing.scalers.get("y").unwrap();
    close(scaler.shift, 73.04477611940298);
    close(scaler.scale, 10.877448718404482);
    let report = data.report.as_ref().unwrap().to_string();
    assert!(
        report.contains("3 interpolated, 8 not interpolated but set to the last value before them"),
        "{report}"
    );
    job.baselines(&Default::default(), &mut Silent).unwrap();
    let model = job.build(&Default::default()).unwrap();
    let outcome = job.judge(&model).unwrap();
    let baseline =
        |name: &str, figure: &str| outcome.figures["baselines"][name][figure].as_f64().unwrap();
    close(baseline("last_value", "mae"), 3.4583333333333335);
    close(baseline("seasonal_naive", "mae"), 2.4583333333333335);
    close(baseline("mean", "mae"), 27.70522388059702);
    close(
        baseline("last_value", "mase"),
        3.4583333333333335 / 3.4649122807017543,
    );
    assert_eq!(outcome.figures["values"], 12);
    assert_eq!(outcome.figures["not_measured"], 8);
    assert!(outcome.text().contains("8 of 20 values were not measured"));
    // pandas reads an empty cell as NaN.
    let predictions = outcome.predictions.unwrap();
    let empty = predictions
        .lines()
        .filter(|line| line.split(',').nth(4) == Some(""));
    assert_eq!(empty.count(), 8);
    assert!(job.about().sizes.contains("3, 0 and 8 were not measured"));
}

/// Mean absolute and squared error of the validation, from the forecasts themselves.
#[test]
fn the_validation_loss_counts_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let csv = table(value, |k| [5, 6, 72, 73, 79].contains(&k));
    let job = prepared(folder.path(), &csv, &["forecast.horizon=1"]).unwrap();
    let model = job.build(&Default::default()).unwrap();
    let Forecaster { data, recipe, .. } = &job.forecaster;
    let windows = data.windows(Part::Valid, 1, 1).unwrap();
    let origins: Vec<usize> = (0..windows.len())
        .map(|window| windows.origin(window))
        .collect();
    let predicted = forecast(&model, data, &origins, 1).unwrap();
    let scale = data.preprocessing.scalers.get("y").unwrap().scale;
    let errors = origins
        .iter()
        .zip(&predicted)
        .map(|(origin, y)| (value(origin + 1) - y) / scale);
    let counted: Vec<f64> = origins
        .iter()
        .zip(errors)
        .filter(|(origin, _)| ![72, 73, 79].contains(&(*origin + 1)))
        .map(|(_, error)| error)
        .collect();
    assert_eq!(counted.len(), 7);
    let device = Default::default();
    let objective = ForecastObjective::new(data, Strategy::Vector, recipe, device).unwrap();
    let found = objective.validate(&model).unwrap();
    let mean = |of: fn(f64) -> f64| counted.iter().map(|error| of(*error)).sum::<f64>() / 7.0;
    assert!((found.metrics["mae"] - mean(f64::abs)).abs() < 1e-5);
    assert!((found.loss - mean(|error| error * error)).abs() < 1e-5);
    // A window whose only target was filled in is not learned from: 70 rows, 7 of lookback, 2 blanks before the 7th.
    let learned: usize = objective.batches(0).len();
    assert!(learned > 0);
}

/// Whatever comes after the training span, measured or not, nothing before its end changes: not the scalers, the scale of
/// MASE, the values that the network reads, nor the first forecast.
#[test]
fn gaps_at_the_cut_take_nothing_from_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = |after: &dyn Fn(usize) -> f64, blank: &dyn Fn(usize) -> bool| {
        let cut = 80;
        let csv = table(
            |k| if k < cut { value(k) } else { after(k) },
            |k| (74..cut).contains(&k) || k == 3 || (k >= cut && blank(k)),
        );
        let job = prepared(folder.path(), &csv, &["split.valid=0"]).unwrap();
        let data = &job.forecaster.data;
        let model = job.build(&Default::default()).unwrap();
        let rows: Vec<f32> = (0..cut)
            .flat_map(|row| data.input_row(row).to_vec())
            .collect();
        let first = forecast(&model, data, &[cut - 1], 5).unwrap();
        let trial = Trial::new(data, Part::Test).unwrap();
        let baselines = trial
            .baselines(
                data,
                &job.forecaster.recipe,
                &Default::default(),
                &mut Silent,
            )
            .unwrap();
        let answers: Vec<Vec<f64>> = baselines
            .scored
            .iter()
            .map(|(_, scored)| scored.predicted[..5].to_vec())
            .collect();
        (data.preprocessing.clone(), rows, first, answers)
    };
    let plain = outcome(&value, &|_| false);
    let noise = outcome(&|k| ((k * 7919) % 1000) as f64 - 500.0, &|_| false);
    assert_eq!(plain, noise);
    let blanks = outcome(&value, &|k| k < 85);
    assert_eq!(plain, blanks);
}

#[test]
fn a_part_without_a_measured_value_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (from, part) in [
        (80..100, "test"),
        (70..80, "validation"),
        (0..70, "training"),
    ] {
        let error = prepared(folder.path(), &table(value, |k| from.contains(&k)), &[]).unwrap_err();
        assert!(
            error.contains("`y` has no measured value") && error.contains(part),
            "{error}"
        );
    }
}

/// Every step of the horizon is fitted to the windows in which it was measured: with a blank in every four rows no window is whole.
#[test]
fn least_squares_is_fitted_to_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let line = |k: usize| 3.0 + 2.0 * k as f64;
    let csv = table(line, |k| k < 76 && k % 4 == 3);
    let mut job = prepared(folder.path(), &csv, &["split.valid=0"]).unwrap();
    job.baselines(&Default::default(), &mut Silent).unwrap();
    let model = job.build(&Default::default()).unwrap();
    let outcome = job.judge(&model).unwrap();
    let mae = outcome.figures["baselines"]["linear"]["mae"]
        .as_f64()
        .unwrap();
    assert!(mae < 0.01, "a straight line is continued: {mae}");
}
