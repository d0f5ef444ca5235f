//! What runs are ranked by, and what they are held against.

use super::*;
use serde_json::json;

/// A run of a recipe whose epochs had these losses on the validation part.
fn run(recipe: &str, losses: &[f64], result: Option<Value>) -> Contender {
    let history = losses.iter().enumerate().map(|(epoch, loss)| EpochRecord {
        epoch,
        train_loss: 1.0,
        valid_loss: Some(*loss),
        metrics: [("accuracy".to_string(), 1.0 - loss)].into(),
        learning_rate: 0.1,
        gradient_norm_mean: 1.0,
        gradient_norm_max: 1.0,
        clipped_share: 0.0,
        seconds: 2.0,
        steps_per_second: (epoch + 1) as f64,
    });
    Contender {
        name: String::new(),
        path: PathBuf::from(format!("runs/{}", losses.len())),
        base: "here".into(),
        recipe: Recipe::parse(recipe, "recipe", &[]).unwrap(),
        history: history.collect(),
        result,
    }
}

const RECIPE: &str = "task = \"classify\"\n[data]\nfiles = [\"a.tsv\"]\n";

#[test]
fn a_run_stands_by_the_weights_it_ends_with() {
    let done = || Some(json!({"parameters": 7}));
    let kept = format!("{RECIPE}[train.early_stopping]\nrestore_best = true");
    let runs = vec![
        run(RECIPE, &[0.1, 0.3, 0.4], done()),
        run(&kept, &[0.5, 0.2, 0.3, 0.6], done()),
        run(RECIPE, &[0.01, 0.01], None),
    ];
    let found = Comparison::new(runs).unwrap();
    let names: Vec<&str> = found.runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["4", "3", "2"], "an unfinished one comes last");
    assert_eq!(found.best().unwrap().validation(), Some(0.2));
    assert_eq!(found.best().unwrap().kept_epoch().unwrap().epoch, 1);
    assert_eq!(found.runs[1].steps_per_second(), Some(2.0));
    assert_eq!(found.runs[1].fit_seconds(), 6.0);
    assert_eq!(found.ranking, Ranking::Loss);
}

#[test]
fn losses_that_measure_different_things_are_not_ranked_by() {
    let done = || Some(json!({}));
    let smooth = format!("{RECIPE}[train.loss]\nlabel_smoothing = 0.1");
    let found = Comparison::new(vec![
        run(&smooth, &[0.4], done()),
        run(RECIPE, &[0.5, 0.3], done()),
    ])
    .unwrap();
    let by_accuracy = Ranking::Metric {
        name: "accuracy",
        more: true,
    };
    assert_eq!(found.ranking, by_accuracy);
    assert_eq!(found.best().unwrap().name, "2", "0.7 of them right");
    assert_eq!(found.differences[0].touches, Touches::Measure);

    let elsewhere = RECIPE.replace("a.tsv", "b.tsv");
    let found = Comparison::new(vec![
        run(RECIPE, &[0.4], done()),
        run(&elsewhere, &[0.5], done()),
    ]);
    let found = found.unwrap();
    assert!(found.best().is_none());
    assert_eq!(found.data_differences(), ["data.files"]);
    let alike = format!("{RECIPE}[model]\nhidden_size = 7\n[classify]\nword_dropout = 0.2");
    let found = Comparison::new(vec![
        run(RECIPE, &[0.4], done()),
        run(&alike, &[0.5], done()),
    ]);
    let found = found.unwrap();
    assert_eq!(found.ranking, Ranking::Loss);
    assert_eq!(found.best().unwrap().validation(), Some(0.4));
}

#[test]
fn skill_is_the_share_of_the_error_that_is_gone() {
    let skill = |task: &str, result: Value| {
        let mut run = run(RECIPE, &[0.1], Some(result));
        run.name = task.into();
        measured(task).skill(&run)
    };
    let close = |found: Option<f64>, wanted: f64| {
        let found = found.unwrap();
        assert!((found - wanted).abs() < 1e-9, "{found}, not {wanted}");
    };
    let simpler = json!({"a": {"accuracy": 0.5}, "b": {"accuracy": 0.8}, "c": {"accuracy": null}});
    let tagged = json!({"metrics": {"accuracy": 0.9}, "baselines": simpler});
    close(skill("tag", tagged), 0.5);
    let copied = json!({"copy": {"bleu": {"score": 20.0}}});
    let translated = json!({"metrics": {"bleu": 60.0}, "baselines": copied});
    close(skill("translate", translated), 0.5);
    let said = json!({"metrics": {"cer": 0.3}, "most_frequent": {"cer": 0.9}});
    close(skill("transcribe", said), 2.0 / 3.0);
    let captioned = json!({"metrics": {"bleu": 10.0}, "single": {"bleu": {"score": 1.0}}, "likest": {"bleu": {"score": 4.0}}});
    close(skill("caption", captioned), 1.0 - 90.0 / 96.0);
    close(
        skill("forecast", json!({"metrics": {"mae": 3.0}, "skill": 0.25})),
        0.25,
    );
    assert_eq!(
        skill("forecast", json!({"metrics": {"mae": 3.0}, "skill": null})),
        None
    );
    assert_eq!(skill("tag", json!({"metrics": {"accuracy": 0.9}})), None);
    assert_eq!(skill("map", json!([1, 2])), None);
}
