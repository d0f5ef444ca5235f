//! The forecast task: no look into the future, three ways ahead, truncated back-propagation, the notes' stock table.

use elman::task::fit;
use elman::task::forecast::{ForecastJob, Forecaster, Recipe, Trial, forecast};
use elman::train::Silent;
use elman_data::Part;
use std::path::Path;

const MONTHS: usize = 120;

fn series(change: impl Fn(usize, f64) -> f64) -> String {
    let value =
        |k: usize| 50.0 + 0.3 * k as f64 + 10.0 * (k as f64 * std::f64::consts::TAU / 12.0).sin();
    let line = |k: usize| {
        format!(
            "{}-{:02},{}\n",
            2000 + k / 12,
            k % 12 + 1,
            change(k, value(k))
        )
    };
    format!("month,y\n{}", (0..MONTHS).map(line).collect::<String>())
}

fn parsed(text: &str, set: &[String]) -> Recipe {
    let recipe = elman::recipe::Recipe::parse(text, "test", set).unwrap();
    recipe.of().unwrap()
}

fn recipe(set: &[&str]) -> Recipe {
    let text = r#"
        task = "forecast"
        [data]
        files = ["y.csv"]
        [split]
        valid = 12
        test = 24
        [forecast]
        lookback = 12
        horizon = 6
        baselines = ["last_value", "seasonal_naive", "linear"]
        [model]
        hidden_size = 8
        [train]
        epochs = 30
        batch_size = 16
        [train.optimizer]
        learning_rate = 0.01
    "#;
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    parsed(text, &set)
}

fn write(folder: &Path, csv: &str) {
    std::fs::write(folder.join("y.csv"), csv).unwrap();
}

fn trained(folder: &Path, recipe: Recipe) -> (Forecaster, elman::model::Model) {
    let job = Forecaster::prepare(recipe, folder).unwrap();
    let checkpoints = tempfile::tempdir().unwrap();
    let task = ForecastJob::new(job.clone()).unwrap();
    let trained = fit(
        &task,
        checkpoints.path(),
        false,
        Default::default(),
        &mut Silent,
    )
    .unwrap();
    (job, trained.model)
}

/// Nothing that is learned or forecast may depend on what comes after it.
#[test]
fn the_future_leaks_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = |csv: &str| {
        write(folder.path(), csv);
        let (job, model) = trained(folder.path(), recipe(&["split.valid=0", "train.epochs=3"]));
        let trial = Trial::new(&job.data, Part::Test).unwrap();
        let first = forecast(&model, &job.data, &trial.origins[..1], 6).unwrap();
        let baselines = trial
            .baselines(&job.data, &job.recipe, &Default::default(), &mut Silent)
            .unwrap();
        let baselines: Vec<_> = baselines
            .scored
            .iter()
            .map(|(_, scored)| scored.predicted[..6].to_vec())
            .collect();
        (job.data.preprocessing, first, baselines)
    };
    let plain = outcome(&series(|_, value| value));
    let changed = outcome(&series(|k, value| {
        if k >= MONTHS - 24 {
            value * 100.0 - 7.0
        } else {
            value
        }
    }));
    assert_eq!(
        plain, changed,
        "scalers, forecasts and baselines made at the end of training know the past alone"
    );
    let touched = outcome(&series(
        |k, value| if k == 40 { value + 1.0 } else { value },
    ));
    assert_ne!(plain.1, touched.1, "and they do depend on the past");
}

/// A gap is bridged towards a value that a forecast made inside it cannot know.
#[test]
fn interpolation_takes_nothing_from_the_future() {
    let folder = tempfile::tempdir().unwrap();
    let gap = MONTHS - 20..MONTHS - 15; // within the test span
    let outcome = |after: f64| {
        let csv = series(|k, value| if k == gap.end { after } else { value });
        let blank = |(k, line): (usize, &str)| match gap.contains(&k.wrapping_sub(1)) {
            true => format!("{},\n", line.split_once(',').unwrap().0),
            false => format!("{line}\n"),
        };
        write(
            folder.path(),
            &csv.lines().enumerate().map(blank).collect::<String>(),
        );
        let set = [
            "data.missing=interpolate",
            "train.epochs=2",
            "forecast.test_stride=1",
        ];
        let (job, model) = trained(folder.path(), recipe(&set));
        let trial = Trial::new(&job.data, Part::Test).unwrap();
        let known = trial
            .origins
            .iter()
            .position(|origin| *origin >= gap.end)
            .unwrap();
        let forecasts = forecast(&model, &job.data, &trial.origins[..known], 6).unwrap();
        let baselines = trial
            .baselines(&job.data, &job.recipe, &Default::default(), &mut Silent)
            .unwrap();
        let last = baselines.scored[0].1.predicted[..known * 6].to_vec();
        (forecasts, last)
    };
    assert_eq!(outcome(50.0), outcome(5_000.0));
}

#[test]
fn every_way_ahead_learns_a_plain_season() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &series(|_, value| value));
    for strategy in ["vector", "sequence", "iterative"] {
        let relative = if strategy == "sequence" {
            "nothing"
        } else {
            "mean"
        };
        let recipe = recipe(&[
            &format!("forecast.strategy={strategy}"),
            &format!("forecast.relative_to={relative}"),
            "train.epochs=100",
        ]);
        let (job, model) = trained(folder.path(), recipe);
        let trial = Trial::new(&job.data, Part::Test).unwrap();
        assert_eq!(trial.shape, [4, 6, 1]);
        let model = trial
            .score_model(&model, &job.data)
            .unwrap()
            .errors
            .overall
            .mae;
        let baselines = trial
            .baselines(&job.data, &job.recipe, &Default::default(), &mut Silent)
            .unwrap();
        let last = baselines.scored[0].1.errors.overall.mae;
        // Without a level to be relative to, the trend runs out of what training has seen.
        let share = if strategy == "sequence" { 0.8 } else { 0.5 };
        assert!(
            model < share * last,
            "{strategy}: {model} against the last value's {last}"
        );
    }
}

#[test]
fn truncated_back_propagation_learns_from_one_long_stream() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &series(|_, value| value));
    let set = [
        "forecast.strategy=sequence",
        "train.bptt_len=5",
        "train.batch_size=2",
        "train.epochs=80",
    ];
    let (job, model) = trained(folder.path(), recipe(&set));
    let trial = Trial::new(&job.data, Part::Test).unwrap();
    let model = trial
        .score_model(&model, &job.data)
        .unwrap()
        .errors
        .overall
        .mae;
    let last = trial
        .baselines(&job.data, &job.recipe, &Default::default(), &mut Silent)
        .unwrap()
        .scored[0]
        .1
        .errors
        .overall
        .mae;
    assert!(model < last, "{model} against the last value's {last}");
    let wrong = Forecaster::prepare(recipe(&["train.bptt_len=5"]), folder.path());
    let error = wrong.unwrap_err().to_string();
    assert!(error.contains("strategy = \"sequence\""), "{error}");
}

/// The nine rows that the lecture notes print, newest first, and the two closing prices they ask for.
#[test]
fn the_stock_table_of_the_notes() {
    let table = "# Open,High,Low,Volume,Close\n\
        828.659973,833.450012,828.349976,1247700,831.659973\n\
        823.02002,828.070007,821.655029,1597800,828.070007\n\
        819.929993,824.400024,818.97998,1281700,824.159973\n\
        819.359985,823,818.469971,1304000,818.97998\n\
        819,823,816,1053600,820.450012\n\
        816,820.958984,815.48999,1198100,819.23999\n\
        811.700012,815.25,809.780029,1129100,813.669983\n\
        809.51001,810.659973,804.539978,989700,809.559998\n\
        807,811.840027,803.190002,1155300,808.380005\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stock.csv"), table).unwrap();
    let text = r#"
        task = "forecast"
        [data]
        files = ["stock.csv"]
        header = ["Open", "High", "Low", "Volume", "Close"]
        time = "none"
        newest_first = true
        targets = ["Close"]
        [split]
        train = 8
        valid = 0
        test = 1
        [forecast]
        lookback = 7
        scaling = "min_max"
        baselines = ["last_value"]
        [model]
        hidden_size = 10
    "#;
    let job = Forecaster::prepare(parsed(text, &[]), folder.path()).unwrap();
    assert_eq!((job.data.input_size(), job.data.target_size()), (5, 1));
    let training = job.data.windows(Part::Train, 1, 1).unwrap();
    assert_eq!(training.len(), 1, "seven days and the next close");
    // Min-max over the eight training days, oldest first: 803.19 is the lowest low of them all.
    let inputs = job.data.inputs(&training, &[0]).values;
    assert_eq!(inputs.len(), 7 * 5);
    assert_eq!(inputs[2], 0.0, "the oldest day's low is the smallest");
    assert_eq!(
        job.data.actual(0, 7),
        828.070007,
        "the eighth day's close is the training target"
    );
    let trial = Trial::new(&job.data, Part::Test).unwrap();
    assert_eq!(
        trial.actual,
        [831.659973],
        "the newest day, which the scalers never saw"
    );
    let baselines = trial
        .baselines(&job.data, &job.recipe, &Default::default(), &mut Silent)
        .unwrap();
    assert!((baselines.scored[0].1.errors.overall.mae - (831.659973 - 828.070007)).abs() < 1e-9);
}

#[test]
fn feeding_back_needs_a_future_for_every_input() {
    let folder = tempfile::tempdir().unwrap();
    let csv: String = "t,y,other\n".to_string()
        + &(0..60)
            .map(|k| format!("2000-01-01 {:02}:{:02},{},{}\n", k / 60, k % 60, k, 60 - k))
            .collect::<String>();
    write(folder.path(), &csv);
    let recipe = recipe(&[
        "data.targets=[\"y\"]",
        "forecast.strategy=iterative",
        "train.epochs=1",
        "split.test=12",
    ]);
    let (job, model) = trained(folder.path(), recipe);
    let error = forecast(&model, &job.data, &[50], 6)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("column `other` is neither forecast nor made from the time"),
        "{error}"
    );
}
