//! Season, seasonal naive and labels are about time, however the rows of a series are dated and whichever are missing.
//!
//! The figures are pandas':
//!
//! ```python
//! y = pd.Series([100 + 10 * (k % 12) + 0.5 * k + (k * 7) % 5 for k in range(96)], pd.period_range("2012-01", periods=96, freq="M"))
//! t = y[:68]                                                   # the training rows of 96
//! (t - t.shift(12)).abs().mean()                               # 6.071428571428571
//! t = y.drop(pd.PeriodIndex(["2013-05", "2018-02"], freq="M"))[:67]   # of 94
//! (t - t.shift(12, freq="M")).dropna().abs().mean()            # 6.111111111111111
//! ```

use elman::task::forecast::{ForecastJob, Forecaster, Recipe, history};
use std::path::Path;

fn value(k: usize) -> f64 {
    100.0 + 10.0 * (k % 12) as f64 + 0.5 * k as f64 + ((k * 7) % 5) as f64
}

fn recipe() -> Recipe {
    let text = r#"
        task = "forecast"
        [data]
        files = ["y.csv"]
        [split]
        valid = 0.1
        test = 0.2
        [forecast]
        lookback = 3
        horizon = 2
        baselines = ["seasonal_naive"]
        [model]
        hidden_size = 2
        [train]
        epochs = 1
    "#;
    elman::recipe::Recipe::parse(text, "test", &[])
        .unwrap()
        .of()
        .unwrap()
}

/// 96 months from 2012 on, without those that are `left_out`, each dated by `day` of year, month and days of the month.
fn table(day: impl Fn(usize, usize, usize) -> usize, left_out: &[usize]) -> String {
    let row = |k: &usize| {
        let (year, month) = (2012 + k / 12, k % 12 + 1);
        let days = match month {
            2 if year % 4 == 0 => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        format!(
            "{year}-{month:02}-{:02},{}\n",
            day(year, month, days),
            value(*k)
        )
    };
    let rows = (0..96).filter(|k| !left_out.contains(k));
    format!("date,y\n{}", rows.map(|k| row(&k)).collect::<String>())
}

fn forecaster(folder: &Path, csv: &str) -> Forecaster {
    std::fs::write(folder.join("y.csv"), csv).unwrap();
    Forecaster::prepare(recipe(), folder).unwrap()
}

/// The seasonal naive's forecasts and its MAE over MASE, which is the scale.
fn seasonal_naive(job: &mut ForecastJob) -> (Vec<f64>, f64) {
    let outcome =
        elman::task::forecast::Trial::new(&job.forecaster.data, elman_data::Part::Test).unwrap();
    let stop = std::sync::Arc::default();
    let recipe = job.forecaster.recipe.clone();
    let baselines = outcome
        .baselines(
            &job.forecaster.data,
            &recipe,
            &stop,
            &mut elman::train::Silent,
        )
        .unwrap();
    let (_, scored) = &baselines.scored[0];
    let overall = scored.errors.overall;
    (
        scored.predicted.clone(),
        overall.mae / overall.mase.unwrap(),
    )
}

#[test]
fn months_have_one_season_whatever_their_day() {
    let folder = tempfile::tempdir().unwrap();
    let days: [fn(usize, usize, usize) -> usize; 4] = [
        |_, _, _| 1,
        |_, _, days| days,
        |_, _, days| days / 2 + 1,
        |year, month, _| 1 + (year + month * 5) % 28,
    ];
    for (kind, day) in days.into_iter().enumerate() {
        let forecaster = forecaster(folder.path(), &table(day, &[]));
        assert_eq!(forecaster.data.preprocessing.season, 12, "{kind}");
        let series = &forecaster.data.series;
        assert_eq!(
            series.label(series.next_times(1).unwrap()[0]),
            "2020-01",
            "{kind}"
        );
        let training = forecaster.data.training_rows().len();
        let mut job = ForecastJob::new(forecaster).unwrap();
        let (predicted, scale) = seasonal_naive(&mut job);
        assert_eq!(training, 68);
        assert!((scale - 6.071428571428571).abs() < 1e-9, "{kind}: {scale}");
        let first = job.forecaster.data.splits.test.start;
        assert_eq!(
            predicted[..2],
            [value(first - 12), value(first - 11)],
            "{kind}"
        );
    }
}

#[test]
fn with_months_left_out_a_season_is_still_a_year() {
    let folder = tempfile::tempdir().unwrap();
    let left_out = [16, 73];
    let forecaster = forecaster(folder.path(), &table(|_, _, _| 1, &left_out));
    let months: Vec<usize> = (0..96).filter(|k| !left_out.contains(k)).collect();
    let training = forecaster.data.training_rows().len();
    let first = forecaster.data.splits.test.start;
    let mut job = ForecastJob::new(forecaster).unwrap();
    let (predicted, scale) = seasonal_naive(&mut job);
    assert_eq!(training, 67);
    assert!((scale - 6.111111111111111).abs() < 1e-9, "{scale}");
    for (row, predicted) in (first..).zip(&predicted) {
        // A year back, or two where that month is left out.
        let month = months[row];
        let back = if left_out.contains(&(month - 12)) {
            24
        } else {
            12
        };
        assert_eq!(*predicted, value(month - back), "month {month}");
    }
}

#[test]
fn new_history_has_the_step_that_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let forecaster = forecaster(folder.path(), &table(|_, _, _| 1, &[]));
    let known = forecaster.data.preprocessing.clone();
    let short = folder.path().join("short.csv");
    let label = |text: &str| {
        std::fs::write(&short, text).unwrap();
        let data = history(&recipe(), folder.path(), Some(&short), known.clone());
        data.map(|data| data.series.label(data.series.next_times(1).unwrap()[0]))
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        label("date,y\n2021-05-01,1\n2021-06-01,2\n"),
        Ok("2021-07".into())
    );
    assert_eq!(
        label("date,y\n2021-05-31,1\n2021-06-30,2\n"),
        Ok("2021-07".into())
    );
    // A month is missing, and the last two rows are two months apart.
    assert_eq!(
        label("date,y\n2021-05-01,1\n2021-07-01,2\n"),
        Ok("2021-08".into())
    );
    let error = label("date,y\n2021-05-01,1\n2021-05-02,2\n2021-05-03,2\n").unwrap_err();
    assert!(
        error.contains("at intervals of 1 month; this data has 1 day"),
        "{error}"
    );
}
