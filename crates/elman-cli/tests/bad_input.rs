//! Whatever a user gets wrong: exit code 2, a message that says what and where, and never a panic.

mod common;

use common::{months, project, refused, run, stderr};

/// The good project with other data.
#[track_caller]
fn refused_data(csv: &str, says: &[&str]) {
    let folder = project();
    std::fs::write(folder.path().join("sales.csv"), csv).unwrap();
    refused(folder.path(), &["train", "sales.toml", "--quiet"], says);
}

/// The good project with changed keys.
#[track_caller]
fn refused_set(set: &[&str], says: &[&str]) {
    let folder = project();
    let mut args = vec!["train", "sales.toml", "--quiet"];
    set.iter().for_each(|set| args.extend(["--set", set]));
    refused(folder.path(), &args, says);
}

#[test]
fn missing_files() {
    let folder = project();
    refused(folder.path(), &["train", "sale.toml"], &["sale.toml"]);
    refused(
        folder.path(),
        &["train", "air-pasengers"],
        &["did you mean `air-passengers`?"],
    );
    std::fs::remove_file(folder.path().join("sales.csv")).unwrap();
    refused(
        folder.path(),
        &["train", "sales.toml"],
        &["there is no file", "sales.csv"],
    );
    refused(
        folder.path(),
        &["eval", "runs/nothing"],
        &["not a run folder", "recipe.toml"],
    );
    refused(
        folder.path(),
        &["train", "stock"],
        &["elman data get stock_daily"],
    );
}

#[test]
fn empty_data() {
    refused_data("", &["sales.csv", "empty"]);
    refused_data("month,sales\n", &["sales.csv"]);
}

#[test]
fn columns_that_do_not_exist() {
    refused_set(
        &["data.targets=[\"sale\"]"],
        &["data.targets", "no column `sale`", "did you mean `sales`?"],
    );
    refused_set(
        &["data.columns=[\"xyz\"]"],
        &["data.columns", "no column `xyz`", "sales"],
    );
}

#[test]
fn text_in_a_numeric_cell() {
    let csv = months().replacen("2000-05,", "2000-05,oops", 1);
    refused_data(&csv, &["sales.csv", "line 6", "column `sales`", "oops"]);
}

#[test]
fn missing_and_infinite_values() {
    let blank = |line: &str| {
        line.split_once(',')
            .map_or(String::new(), |(month, _)| format!("{month},\n"))
    };
    let all: String =
        "month,sales\n".to_string() + &months().lines().skip(1).map(blank).collect::<String>();
    let folder = project();
    std::fs::write(folder.path().join("sales.csv"), all).unwrap();
    refused(
        folder.path(),
        &["train", "sales.toml"],
        &["sales (all values missing)"],
    );
    let value = months()
        .lines()
        .nth(8)
        .unwrap()
        .split_once(',')
        .unwrap()
        .1
        .to_string();
    refused_data(
        &months().replacen(&value, "", 1),
        &["missing", "interpolate"],
    );
    refused_data(
        &months().replacen(&value, "inf", 1),
        &["line 9", "infinite"],
    );
}

#[test]
fn a_constant_series_trains_and_is_called_constant() {
    let folder = project();
    let constant: String = "month,sales\n".to_string()
        + &(0..72)
            .map(|m| format!("{}-{:02},5\n", 2000 + m / 12, m % 12 + 1))
            .collect::<String>();
    std::fs::write(folder.path().join("sales.csv"), constant).unwrap();
    let output = run(folder.path(), &["train", "sales.toml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("CONSTANT"), "{}", stderr(&output));
}

#[test]
fn windows_longer_than_the_data() {
    refused_set(&["forecast.lookback=60"], &["lookback 60", "66 rows"]);
    refused_set(&["forecast.horizon=13"], &["horizon 13"]);
    refused_set(
        &["forecast.lookback=0"],
        &["forecast.lookback", "at least 1"],
    );
    refused_set(&["split.test=0.99"], &["split"]);
}

#[test]
fn times_out_of_order_are_sorted_and_duplicates_refused() {
    let mut lines: Vec<String> = months().lines().map(ToString::to_string).collect();
    lines[1..].reverse();
    let folder = project();
    std::fs::write(folder.path().join("sales.csv"), lines.join("\n")).unwrap();
    assert!(
        run(folder.path(), &["train", "sales.toml", "--quiet"])
            .status
            .success()
    );
    let twice = months() + "2005-12,1.5\n";
    refused_data(&twice, &["2005-12", "duplicates"]);
}

#[test]
fn keys_and_values_of_the_recipe() {
    refused_set(
        &["train.epocs=5"],
        &["there is no key `epocs`", "did you mean `epochs`?"],
    );
    refused_set(
        &["train.optimizer.learning_rate=-1"],
        &["train.optimizer.learning_rate", "-1"],
    );
    refused_set(&["model.cell=lsmt"], &["lsmt", "did you mean `lstm`?"]);
    refused_set(&["model.hidden_size=0"], &["hidden_size"]);
    refused_set(&["train.batch_size=0"], &["train.batch_size"]);
    refused_set(
        &[
            "forecast.transform=log",
            "data.targets=[\"sales\"]",
            "train.epochs=nine",
        ],
        &["epochs"],
    );
    let folder = project();
    std::fs::write(
        folder.path().join("broken.toml"),
        "task = \"forecast\"\n[data\n",
    )
    .unwrap();
    refused(
        folder.path(),
        &["train", "broken.toml"],
        &["broken.toml, line 2"],
    );
}

#[test]
fn layers_that_do_not_fit_say_which() {
    let folder = project();
    let layers = "\n[[model.layers]]\ntype = \"lstm\"\nhidden_size = 4\n\n[[model.layers]]\ntype = \"lstm\"\nhidden_size = 4\n";
    let recipe = common::RECIPE.replace("[model]\nhidden_size = 8\n", layers);
    std::fs::write(folder.path().join("stack.toml"), recipe).unwrap();
    refused(
        folder.path(),
        &["train", "stack.toml"],
        &["`lstm_1`", "return_sequences = true", "`lstm`"],
    );
}

#[test]
fn corrupt_and_foreign_models() {
    let folder = project();
    assert!(
        run(folder.path(), &["train", "sales.toml", "--quiet"])
            .status
            .success()
    );
    let model = folder.path().join("runs/sales/model.safetensors");
    let good = std::fs::read(&model).unwrap();
    let says = |bytes: &[u8], part: &str| {
        std::fs::write(&model, bytes).unwrap();
        let output = run(folder.path(), &["eval", "runs/sales"]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            message.contains(part) && message.contains("model.safetensors"),
            "{message}"
        );
    };
    says(&good[..good.len() / 2], "not a whole safetensors file");
    says(b"", "not a whole safetensors file");
    says(&[0xff; 64], "not a whole safetensors file");
    std::fs::write(&model, &good).unwrap();
    let recipe = folder.path().join("runs/sales/recipe.toml");
    let other = std::fs::read_to_string(&recipe)
        .unwrap()
        .replace("hidden_size = 8", "hidden_size = 9");
    std::fs::write(&recipe, other).unwrap();
    says(&good, "shape");
}

#[test]
fn a_run_is_never_overwritten_by_accident() {
    let folder = project();
    for _ in 0..2 {
        assert!(
            run(folder.path(), &["train", "sales.toml", "--quiet"])
                .status
                .success()
        );
    }
    assert!(
        folder
            .path()
            .join("runs/sales-2/model.safetensors")
            .is_file()
    );
    let output = run(
        folder.path(),
        &["train", "sales.toml", "--run", "runs/sales"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("already holds a run"));
}

#[test]
fn a_run_folder_that_cannot_be_made() {
    let folder = project();
    std::fs::write(folder.path().join("taken"), "a file").unwrap();
    let output = run(
        folder.path(),
        &["train", "sales.toml", "--run", "taken/run"],
    );
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.contains("taken/run") && !message.contains("panicked"),
        "{message}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_leaves_no_half_file() {
    let folder = project();
    assert!(
        run(folder.path(), &["train", "sales.toml", "--quiet"])
            .status
            .success()
    );
    let output = run(
        folder.path(),
        &["forecast", "runs/sales", "--output", "/dev/full/next.csv"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("/dev/full/next.csv"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn usage_errors_and_pipes() {
    let folder = project();
    assert_eq!(run(folder.path(), &["tran"]).status.code(), Some(2));
    assert_eq!(
        run(folder.path(), &["forecast", "x", "--steps", "0"])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(run(folder.path(), &[]).status.code(), Some(2));
    refused(
        folder.path(),
        &["data", "describe", "stok_daily"],
        &["did you mean `stock_daily`?"],
    );
}

#[test]
fn sizes_that_no_machine_could_serve() {
    refused_set(&["train.epochs=9223372036854775807"], &["train.epochs"]);
    refused_set(
        &["train.batch_size=900000000000000000"],
        &["train.batch_size"],
    );
    refused_set(
        &["model.hidden_size=9000000000000000000"],
        &["model.hidden_size"],
    );
    refused_set(
        &["forecast.lookback=9000000000000000000"],
        &["forecast.lookback"],
    );
    refused_set(&["generate.series=9000000000000000000"], &["generate"]);
    refused_set(&["model.hidden_size=90000"], &["parameters"]);
}

#[test]
fn keys_that_would_do_nothing() {
    refused_set(&["model.dropout=0.5"], &["model.dropout", "num_layers = 2"]);
    refused_set(&["train.loss.delta=2.0"], &["train.loss.delta", "huber"]);
    refused_set(&["train.loss.name=cross_entropy"], &["train.loss.name"]);
    refused_set(&["train.bptt_len=5"], &["train.bptt_len"]);
    refused_set(
        &["data.targets=[\"sales\", \"sales\"]"],
        &["names `sales` twice"],
    );
}

#[test]
fn looking_ahead_where_every_row_forecasts() {
    let sequence = "forecast.strategy=sequence";
    refused_set(
        &[sequence, "model.bidirectional=true"],
        &["layer `lstm`", "bidirectional"],
    );
    refused_set(&[sequence, "forecast.relative_to=last"], &["relative_to"]);
}

#[test]
fn going_on_with_another_recipe_changes_nothing() {
    let folder = project();
    assert!(
        run(folder.path(), &["train", "sales.toml", "--quiet"])
            .status
            .success()
    );
    let before = std::fs::read(folder.path().join("runs/sales/recipe.toml")).unwrap();
    for set in ["model.hidden_size=9", "forecast.transform=log"] {
        let output = run(
            folder.path(),
            &["train", "sales.toml", "--resume", "--set", set],
        );
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("was begun with"),
            "{}",
            stderr(&output)
        );
    }
    assert_eq!(
        std::fs::read(folder.path().join("runs/sales/recipe.toml")).unwrap(),
        before
    );
    std::fs::write(
        folder.path().join("sales.csv"),
        months().replacen("2003-05,", "2003-05,1", 1),
    )
    .unwrap();
    let more = ["train", "sales.toml", "--resume", "--set", "train.epochs=7"];
    let output = run(folder.path(), &more);
    assert_eq!(
        output.status.code(),
        Some(2),
        "other data: {}",
        stderr(&output)
    );
    assert!(run(folder.path(), &["eval", "runs/sales"]).status.success());
}

#[test]
fn history_that_does_not_suit_the_run() {
    let folder = project();
    assert!(
        run(folder.path(), &["train", "sales.toml", "--quiet"])
            .status
            .success()
    );
    let days: String = "month,sales\n".to_string()
        + &(1..29)
            .map(|day| format!("2006-01-{day:02},{day}\n"))
            .collect::<String>();
    std::fs::write(folder.path().join("days.csv"), days).unwrap();
    let says = |args: &[&str], parts: &[&str]| {
        let output = run(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        for part in parts {
            assert!(stderr(&output).contains(part), "{}", stderr(&output));
        }
    };
    says(
        &["forecast", "runs/sales", "--input", "days.csv"],
        &["1 month", "1 day"],
    );
    let wide = months()
        .replace(",", ",7,")
        .replace("month,7,sales", "month,other,sales");
    std::fs::write(folder.path().join("wide.csv"), wide).unwrap();
    let output = run(
        folder.path(),
        &["forecast", "runs/sales", "--input", "wide.csv"],
    );
    assert!(
        output.status.success(),
        "a column more is no harm: {}",
        stderr(&output)
    );
}
