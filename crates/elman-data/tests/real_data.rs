//! The public datasets as they are, from the folder that `ELMAN_DATA` names. Without it these tests say so and pass.

use elman_data::signal::{self, SignalConfig, SignalScaler, SignalSplit};
use elman_data::text::{self, Column, RowsConfig, Special, Vocabulary, VocabularyConfig};
use elman_data::{Order, Series, SourceConfig, SplitConfig, Step, dataset, read_series};
use elman_data::{ReadReport, WindowConfig, Windows};

/// Reads `toml` from a dataset's folder, or says that the data are not there.
fn read(name: &str, toml: &str) -> Option<(Series, ReadReport)> {
    let Some(folder) = std::env::var_os("ELMAN_DATA")
        .map(|root| std::path::Path::new(&root).join(name))
        .filter(|f| f.is_dir())
    else {
        eprintln!("SKIPPED: set ELMAN_DATA to a folder with `{name}` to run this test");
        return None;
    };
    let config: SourceConfig = toml::from_str(toml).unwrap();
    Some(read_series(&config, &folder).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn the_files_are_those_of_the_registry() {
    for dataset in dataset::list() {
        let Some(root) = std::env::var_os("ELMAN_DATA") else {
            return eprintln!("SKIPPED: set ELMAN_DATA to run this test");
        };
        let folder = std::path::Path::new(&root).join(&dataset.name);
        if !folder.is_dir() {
            eprintln!("SKIPPED: no `{}` in ELMAN_DATA", dataset.name);
            continue;
        }
        assert_eq!(dataset::resolve(&dataset.name).unwrap(), folder);
        assert!(dataset.is_complete(&folder), "{}", dataset.name);
        dataset
            .get_into(&folder, &mut |progress| {
                panic!("{} differs from the registry", progress.file)
            })
            .unwrap();
    }
}

#[test]
fn airline_passengers() {
    let Some((series, _)) = read(
        "brownlee_univariate",
        "files = [\"airline-passengers.csv\"]",
    ) else {
        return;
    };
    assert_eq!((series.len(), series.step), (144, Some(Step::Months(1))));
    assert_eq!(series.label(series.next_times(1).unwrap()[0]), "1961-01");
    let splits = SplitConfig {
        test_from: Some("1959".into()),
        ..Default::default()
    }
    .resolve(&series)
    .unwrap();
    assert_eq!(splits.test, 120..144);
    let windows = Windows::new(
        &WindowConfig {
            lookback: 12,
            ..Default::default()
        },
        elman_data::Part::Test,
        &splits,
    )
    .unwrap();
    assert_eq!(windows.len(), 24);
}

#[test]
fn google_shares_newest_first_without_header() {
    let toml = "files = [\"*.csv\"]\nheader = [\"open\", \"high\", \"low\", \"volume\", \"close\"]\nnewest_first = true";
    let Some((series, report)) = read("stock_daily", toml) else {
        return;
    };
    assert_eq!(
        (series.len(), series.columns.len(), report.reversed),
        (732, 5, true)
    );
    assert_eq!(series.column("close").unwrap()[731], 831.659973);
}

#[test]
fn seoul_weather_in_cp949() {
    let toml = "files = [\"SURFACE_*.csv\"]\ncolumns = [\"평균기온(°C)\", \"일강수량(mm)\"]\nmissing_by_column = { \"일강수량(mm)\" = \"zero\" }";
    let Some((series, report)) = read("kma_seoul_daily", toml) else {
        return;
    };
    assert_eq!(
        (series.len(), report.files.len(), report.files[0].encoding),
        (3652, 10, Some("CP949"))
    );
    assert_eq!(report.time.unwrap().gaps, None);
}

#[test]
fn beijing_pollution_in_four_time_columns() {
    let Some((series, report)) = read(
        "beijing_pollution",
        "files = [\"pollution.csv\"]\ntargets = [\"pm2.5\"]\nmissing = \"interpolate\"",
    ) else {
        return;
    };
    assert_eq!(series.len(), 43824);
    let pm25 = report
        .columns
        .iter()
        .find(|column| column.name == "pm2.5")
        .unwrap();
    assert_eq!((pm25.missing, pm25.at_start + pm25.at_end), (2067, 24));
    assert_eq!(report.skipped[0].name, "cbwd");
    let splits = SplitConfig {
        valid_from: Some("2013".into()),
        test_from: Some("2014".into()),
        ..Default::default()
    };
    assert_eq!(splits.resolve(&series).unwrap().test.len(), 8760);
}

#[test]
fn transformer_temperature() {
    let Some((series, report)) = read("ett", "files = [\"ETTh1.csv\"]\ntargets = [\"OT\"]") else {
        return;
    };
    assert_eq!((series.len(), series.target_names()), (17420, vec!["OT"]));
    assert_eq!(report.time.unwrap().gaps, None);
}

#[test]
fn electric_load_out_of_order_with_a_stray_row() {
    let Some((_, report)) = read(
        "aep_hourly",
        "files = [\"AEP_hourly.csv\"]\nuntil = \"2006\"\ngaps = \"fill\"\nmissing = \"interpolate\"",
    ) else {
        return;
    };
    let time = report.time.unwrap();
    assert_eq!(
        (time.order, time.format.as_str()),
        (Order::Unsorted, "%m/%d/%Y")
    );
    assert!(report.cut > 0 && time.gaps.unwrap().filled);
}

#[test]
fn statsmodels_series() {
    for (file, rows, step) in [
        ("nile", 100, Step::Months(12)),
        ("sunspots", 309, Step::Months(12)),
        ("macrodata", 203, Step::Months(3)),
        ("elec_equip", 257, Step::Months(1)),
        (
            "co2",
            2284,
            Step::Duration(jiff::SignedDuration::from_hours(7 * 24)),
        ),
    ] {
        let toml = format!("files = [\"{file}.csv\"]\nmissing = \"interpolate\"");
        let Some((series, _)) = read("statsmodels_series", &toml) else {
            return;
        };
        assert_eq!((series.len(), series.step), (rows, Some(step)), "{file}");
    }
}

/// Where a dataset is, or nothing, said aloud.
fn folder(name: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("ELMAN_DATA").map(|root| std::path::Path::new(&root).join(name));
    let folder = folder.filter(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("SKIPPED: set ELMAN_DATA to a folder with `{name}` to run this test");
    }
    folder
}

fn rows(name: &str, toml: &str, columns: &[Column]) -> Option<text::Parts<text::Row>> {
    let folder = folder(name)?;
    let config: RowsConfig = toml::from_str(toml).unwrap();
    let split = toml::from_str("valid = 0.05\ntest = 0.05").unwrap();
    Some(
        text::read_parts(&config, columns, &split, &folder)
            .unwrap_or_else(|error| panic!("{name}: {error}")),
    )
}

fn sizes<T>(parts: &text::Parts<T>) -> [usize; 3] {
    [parts.train.len(), parts.valid.len(), parts.test.len()]
}

#[test]
fn labelled_texts_by_default_settings() {
    let files = |extension: &str, valid: &str| {
        format!(
            "files = [\"train.{extension}\"]\nvalid_files = [\"{valid}.{extension}\"]\ntest_files = [\"test.{extension}\"]"
        )
    };
    if let Some(parts) = rows("sst2", &files("tsv", "dev"), &[1.into(), 2.into()]) {
        assert_eq!(sizes(&parts), [6920, 872, 1821]);
        let lengths: Vec<usize> = parts
            .train
            .iter()
            .map(|row| row.field(0).split(' ').count())
            .collect();
        let share = text::padded_share(&lengths, &text::batches(&lengths, 64, 1, 0));
        assert!(share < 0.05, "{share}");
    }
    if let Some(parts) = rows(
        "nsmc",
        &files("tsv", "valid"),
        &["document".into(), "label".into()],
    ) {
        assert_eq!(sizes(&parts), [20_000, 2500, 5000]);
        assert!(
            parts
                .train
                .iter()
                .all(|row| ["0", "1"].contains(&row.field(1)))
        );
    }
    let trec = "files = [\"train.txt\"]\nvalid_files = [\"test.txt\"]\ntest_files = [\"test.txt\"]\nformat = \"label_first\"\nlabel_until = \":\"\nencoding = \"windows-1252\"";
    if let Some(parts) = rows("trec_qc", trec, &["text".into(), "label".into()]) {
        assert_eq!(sizes(&parts), [5452, 500, 500]);
        let labels: std::collections::BTreeSet<&str> =
            parts.train.iter().map(|row| row.field(1)).collect();
        assert_eq!(labels.len(), 6);
    }
    let polarity = "files = [\"rt-polarity.*\"]\nformat = \"lines\"\nencoding = \"windows-1252\"\nlabels = { \"*.pos\" = \"positive\", \"*.neg\" = \"negative\" }";
    if let Some(parts) = rows("rt_polarity", polarity, &["text".into(), "label".into()]) {
        assert_eq!(sizes(&parts).iter().sum::<usize>(), 10_662);
    }
}

#[test]
fn pairs_of_texts() {
    if let Some(parts) = rows(
        "korean_chatbot",
        "files = [\"ChatbotData.csv\"]",
        &["Q".into(), "A".into()],
    ) {
        assert_eq!(sizes(&parts).iter().sum::<usize>(), 11_823);
        assert!(parts.test.len().abs_diff(591) < 80);
    }
    if let Some(parts) = rows(
        "tatoeba_kor_eng",
        "files = [\"kor.txt\"]\nformat = \"tsv\"",
        &[2.into(), 1.into()],
    ) {
        assert_eq!(sizes(&parts).iter().sum::<usize>(), 3798);
    }
    if let Some(parts) = rows(
        "fra_eng",
        "files = [\"train.tsv\"]\ntest_files = [\"test.tsv\"]",
        &[1.into(), 2.into()],
    ) {
        assert_eq!(parts.test.len(), 2000);
    }
    if let Some(folder) = folder("multi30k") {
        let pairs =
            text::read_parallel(&["train.de".into()], &["train.en".into()], None, &folder).unwrap();
        assert_eq!(pairs.len(), 29_000);
    }
}

#[test]
fn tagged_sentences() {
    for (name, file, sentences, words) in [
        ("ud_english_ewt", "train.tsv", 12_544, 204_577),
        ("ud_english_ewt", "test.tsv", 2077, 25_094),
        ("ud_korean_kaist", "test.tsv", 2287, 28_366),
    ] {
        let Some(folder) = folder(name) else { continue };
        let found =
            text::read_tagged(&[file.into()], &text::TaggedConfig::default(), &folder).unwrap();
        assert_eq!(found.len(), sentences);
        assert_eq!(
            found
                .iter()
                .map(|sentence| sentence.tags().count())
                .sum::<usize>(),
            words
        );
    }
}

#[test]
fn vocabularies_of_whole_books() {
    for (name, file, toml) in [
        ("tinyshakespeare", "input.txt", ""),
        ("korean_novels", "train.txt", ""),
        ("korean_novels", "train.txt", "normalise = \"nfd\""),
        (
            "korean_novels",
            "train.txt",
            "tokens = \"bpe\"\nsize = 2000",
        ),
        (
            "tinyshakespeare",
            "input.txt",
            "tokens = \"bpe\"\nsize = 1000",
        ),
        ("nottingham_abc", "*.abc", "tokens = \"bytes\""),
    ] {
        let Some(folder) = folder(name) else { continue };
        let files = text::read_texts(&[file.into()], None, &folder).unwrap();
        let texts = files.iter().map(|file| file.text.as_str());
        let config: VocabularyConfig = toml::from_str(toml).unwrap();
        let build =
            || Vocabulary::build(&config, &[Special::Unknown], &folder, texts.clone()).unwrap();
        let start = std::time::Instant::now();
        let vocabulary = build();
        let built = start.elapsed();
        let ids = vocabulary.encode(&files[0].text).unwrap();
        eprintln!(
            "{name} {toml:?}: {} tokens in {built:?}, {} numbers in {:?}",
            vocabulary.len(),
            ids.len(),
            start.elapsed() - built
        );
        assert_eq!(vocabulary.decode(&ids), files[0].text);
        if config.tokens.are_subwords() {
            assert_eq!(vocabulary.len(), config.size.unwrap());
            (0..2).for_each(|_| assert_eq!(build().digest(), vocabulary.digest()));
        }
    }
}

fn signals(name: &str, toml: &str, split: &str) -> Option<elman_data::Parts<signal::Example>> {
    let folder = folder(name)?;
    let config: SignalConfig = toml::from_str(toml).unwrap();
    let split: SignalSplit = toml::from_str(split).unwrap();
    let (parts, _) = signal::read_signal_parts(&config, &split, &folder)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    Some(parts)
}

/// The share of the test part whose nearest neighbour in the training part has its label.
fn nearest(parts: &elman_data::Parts<signal::Example>, preparation: &str) -> f64 {
    let scaler = SignalScaler::fit(&toml::from_str(preparation).unwrap(), &parts.train).unwrap();
    let [train, test] = [&parts.train, &parts.test].map(|part| scaler.prepare_all(part).unwrap());
    let [known, asked] =
        [&train, &test].map(|part| part.iter().map(|one| &one.signal).collect::<Vec<_>>());
    let found = signal::nearest_neighbour(&known, &asked, None);
    let right = found
        .iter()
        .zip(&test)
        .filter(|(found, one)| train[found.index].fields["label"] == one.fields["label"]);
    right.count() as f64 / test.len() as f64
}

#[test]
fn series_archives_and_their_published_baseline() {
    // The figures of 1-NN DTW with a full window: UCR archive (Dau et al. 2018) and UEA archive (Bagnall et al. 2018,
    // DTW_D without normalisation).
    for (folder, name, sizes_wanted, accuracy) in [
        ("ucr_univariate", "GunPoint", [50, 0, 150], 0.907),
        ("ucr_univariate", "ItalyPowerDemand", [67, 0, 1029], 0.950),
        ("ucr_univariate", "ECG200", [100, 0, 100], 0.770),
        ("uea_multivariate", "JapaneseVowels", [270, 0, 370], 0.949),
        ("uea_multivariate", "Libras", [180, 0, 180], 0.872),
    ] {
        let toml = format!(
            "files = [\"{name}/{name}_TRAIN.ts\"]\ntest_files = [\"{name}/{name}_TEST.ts\"]"
        );
        let Some(parts) = signals(folder, &toml, "valid = 0") else {
            return;
        };
        assert_eq!(sizes(&parts), sizes_wanted, "{name}");
        let found = nearest(&parts, "scale = \"none\"");
        assert!((found - accuracy).abs() < 0.001, "{name}: {found}");
    }
}

#[test]
fn skeletons_by_subject() {
    let toml = "files = [\"sequences.csv.gz\"]\nid = \"seq\"\ntime = \"frame\"\nlabel = \"action\"\n\
                fields = [\"subject\", \"trial\"]";
    let split = "by = \"subject\"\nvalid = 1\ntest_values = [2, 4, 6, 8, 10]";
    let Some(parts) = signals("skeleton_msraction3d", toml, split) else {
        return;
    };
    assert_eq!(
        parts.train.len() + parts.valid.len() + parts.test.len(),
        565
    );
    assert_eq!(parts.test.len(), 275);
    let all = || parts.train.iter().chain(&parts.valid).chain(&parts.test);
    assert_eq!(all().map(|one| one.signal.time()).sum::<usize>(), 11384);
    assert!(all().all(|one| one.signal.features == 60));
    let odd = |part: &[signal::Example]| {
        part.iter()
            .all(|one| ["1", "3", "5", "7", "9"].contains(&&*one.fields["subject"]))
    };
    assert!(odd(&parts.train) && odd(&parts.valid) && !odd(&parts.test));
}

#[test]
fn digits_in_rows() {
    let toml = "files = [\"train-images-idx3-ubyte.gz\"]\nlabel_files = [\"train-labels-idx1-ubyte.gz\"]\n\
                test_files = [\"t10k-images-idx3-ubyte.gz\"]\ntest_label_files = [\"t10k-labels-idx1-ubyte.gz\"]";
    let Some(parts) = signals("mnist", toml, "valid = 1000") else {
        return;
    };
    assert_eq!(sizes(&parts), [14000, 1000, 10000]);
    assert_eq!(parts.test[0].fields["label"], "7");
    let first = &parts.test[0].signal;
    assert_eq!((first.time(), first.features), (28, 28));
    assert!(first.values.iter().all(|value| (0.0..=1.0).contains(value)));
    assert_eq!(first.values.iter().copied().fold(0.0, f64::max), 1.0);
}
