//! Tables of several series are never sorted into one.

use super::*;

/// Three stores each day, in long form: what the first has sold is 50, 51, …
fn stores(days: usize) -> String {
    let row = |k: usize| {
        format!(
            "2021-01-{:02},{},{}\n",
            1 + k / 3,
            k % 3,
            50 * (1 + k % 3) + k / 3
        )
    };
    format!(
        "date,store,sales\n{}",
        (0..3 * days).map(row).collect::<String>()
    )
}

#[test]
fn an_id_column_is_named_and_one_series_chosen() {
    let text = stores(20);
    let error = message(&text, "");
    assert_eq!(
        error,
        "`a.csv` holds several series: 40 of 60 rows repeat a time, and `store` (3 values: 0, 1, 2) tells them apart. \
         Choose one with data.filter = { store = \"0\" }, or bring the table into a form with a column for each (a pivot \
         table: a row for each time, a column for each `store`). If the rows are one series all the same, set \
         data.one_series = true"
    );
    for value in ["\"1\"", "1", "1.0"] {
        let (series, report) = csv(&text, &format!("filter = {{ store = {value} }}")).unwrap();
        // pandas: df[df.store == 1].sales.tolist() == list(range(100, 120))
        let sales: Vec<f64> = (100..120).map(f64::from).collect();
        assert_eq!(series.columns, [sales]);
        assert_eq!(
            (series.names.as_slice(), report.filtered),
            (&["sales".to_owned()][..], 40)
        );
        let said = report.to_string();
        assert!(said.contains("40 others left out by data.filter"), "{said}");
        assert!(said.contains("left out store"), "{said}");
    }
    let error = message(&text, "filter = { store = \"7\" }");
    assert_eq!(
        error,
        "`data.filter.store`: no row has `store` = \"7\"; there is: 0, 1, 2"
    );
    assert!(message(&text, "filter = { shop = 1 }").contains("there is no column `shop`"));
}

#[test]
fn names_and_several_ids_together() {
    let rows = |k: usize| {
        let (shop, item) = (["Bonn", "Köln"][k % 2], ["milk", "bread", "tea"][k / 2 % 3]);
        format!("2021-02-{:02},{shop},{item},{}.5\n", 1 + k / 6, k)
    };
    let text = format!(
        "date,shop name,item,price\n{}",
        (0..90).map(rows).collect::<String>()
    );
    let error = message(&text, "");
    assert!(
        error.contains(
            "`shop name` (2 values: Bonn, Köln) with `item` (3 values: milk, bread, tea) together"
        ),
        "{error}"
    );
    assert!(
        error.contains("data.filter = { \"shop name\" = \"Bonn\", item = \"milk\" }"),
        "{error}"
    );
    let (series, _) = csv(
        &text,
        "filter = { \"shop name\" = \"Köln\", item = \"tea\" }",
    )
    .unwrap();
    assert_eq!((series.len(), series.columns[0][0]), (15, 5.5));
    // One of the two leaves several.
    let error = message(&text, "filter = { item = \"tea\" }");
    assert!(error.contains("and `shop name` (2 values"), "{error}");
}

#[test]
fn many_series_stay_apart_whatever_the_rule_for_repeats() {
    for rule in ["first", "last", "mean"] {
        assert!(message(&stores(9), &format!("duplicates = \"{rule}\"")).contains("`store`"));
    }
    let one = csv(
        &stores(9),
        "duplicates = \"mean\"\none_series = true\ntargets = [\"sales\"]",
    );
    let (series, _) = one.unwrap();
    assert_eq!(series.column("sales").unwrap()[0], 100.0);
}

#[test]
fn true_repeats_are_no_series() {
    // A row in ten comes twice, with all it says.
    let row = |k: usize| {
        format!(
            "2021-01-{:02} {:02}:00,a{},{k}\n",
            1 + k / 24,
            k % 24,
            k % 3
        )
    };
    let rows = (0..60).map(|k| row(k).repeat(if k % 5 == 0 { 2 } else { 1 }));
    let text = format!("t,who,x\n{}", rows.collect::<String>());
    let error = message(&text, "");
    assert!(
        error.ends_with(
            "the two rows say the same: set data.duplicates to \"first\", \"last\" or \"mean\""
        ),
        "{error}"
    );
    assert_eq!(csv(&text, "duplicates = \"first\"").unwrap().0.len(), 60);
}

#[test]
fn nearly_all_times_repeat_and_nothing_tells_rows_apart() {
    let row = |k: usize| format!("2021-01-{:02},{}.25\n", 1 + k / 24, k);
    let text = format!("date,x\n{}", (0..240).map(row).collect::<String>());
    let error = message(&text, "");
    assert!(
        error.contains("too many for slips") && error.contains("data.time"),
        "{error}"
    );
}

/// Shop A from January on, then shop B, at other minutes, so that no time repeats.
fn one_below_the_other(with_id: bool) -> String {
    let row = |k: usize| {
        let (shop, day, minute) = (["A", "B"][k / 30], 1 + k % 30, [0, 30][k / 30]);
        let id = if with_id {
            format!("{shop},")
        } else {
            String::new()
        };
        format!("2021-01-{day:02} 08:{minute:02},{id}{k}.5\n")
    };
    let head = if with_id { "t,shop,x\n" } else { "t,x\n" };
    format!("{head}{}", (0..60).map(row).collect::<String>())
}

#[test]
fn a_time_that_goes_back_is_a_border() {
    let error = message(&one_below_the_other(true), "");
    assert!(
        error.contains(
            "the time goes back from 2021-01-30 08:00:00 to 2021-01-01 08:30:00 at `a.csv`, line 32, where `shop` (2 values: A, B) changes"
        ),
        "{error}"
    );
    assert_eq!(
        csv(&one_below_the_other(true), "filter = { shop = \"B\" }")
            .unwrap()
            .0
            .len(),
        30
    );
    let error = message(&one_below_the_other(false), "");
    assert!(
        error.starts_with("`a.csv` seems to hold several series"),
        "{error}"
    );
    let (series, report) = csv(&one_below_the_other(false), "one_series = true").unwrap();
    assert_eq!(series.columns[0][..3], [0.5, 30.5, 1.5]);
    assert!(
        report
            .to_string()
            .contains("not in time order in the file; sorted")
    );
}

#[test]
fn files_of_the_same_days_are_not_merged() {
    let text = one_below_the_other(false);
    let lines: Vec<&str> = text.lines().collect();
    let part = |from: usize, to: usize| format!("t,x\n{}\n", lines[from..to].join("\n"));
    let (one, two) = (part(1, 31), part(31, 61));
    let error = read(&[("a.csv", one.as_bytes()), ("b.csv", two.as_bytes())], "").unwrap_err();
    assert!(
        error.starts_with("the files hold several series")
            && error.contains("Name one file in data.files"),
        "{error}"
    );
    // The same days at the same hours: every time repeats.
    let same = two.replace("08:30", "08:00");
    let error = read(&[("a.csv", one.as_bytes()), ("b.csv", same.as_bytes())], "").unwrap_err();
    assert!(error.contains("only the file tells them apart"), "{error}");
    // Files out of turn are one series.
    let later = two.replace("2021-01", "2020-12");
    let both = read(
        &[("a.csv", one.as_bytes()), ("b.csv", later.as_bytes())],
        "",
    );
    let (series, _) = both.unwrap();
    assert_eq!((series.len(), series.columns[0][0]), (60, 30.5));
}

#[test]
fn disorder_is_still_put_in_order() {
    for order in [[2usize, 3, 1, 4, 6, 5], [6, 5, 3, 4, 2, 1]] {
        let rows = order.map(|day| format!("2020-01-0{day},{day}\n"));
        let (series, _) = csv(&format!("t,x\n{}", rows.concat()), "").unwrap();
        assert_eq!(series.columns[0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }
    // A late row among many.
    let mut rows: Vec<String> = (1..29)
        .map(|day| format!("2020-01-{day:02},{day}\n"))
        .collect();
    let late = rows.remove(9);
    rows.insert(12, late);
    assert_eq!(
        csv(&format!("t,x\n{}", rows.concat()), "").unwrap().0.len(),
        28
    );
}

#[test]
fn without_times_a_column_in_blocks_is_asked_about() {
    let row = |k: usize| format!("{},{}\n", ["north", "south"][k / 20], k % 20);
    let text = format!("site,x\n{}", (0..40).map(row).collect::<String>());
    let error = message(&text, "");
    assert!(
        error.contains(
            "there are no times, and `site` (2 values: north, south) keeps to one stretch"
        ),
        "{error}"
    );
    assert_eq!(
        csv(&text, "filter = { site = \"south\" }").unwrap().0.len(),
        20
    );
    assert_eq!(csv(&text, "columns = [\"x\"]").unwrap().0.len(), 40);
    assert_eq!(csv(&text, "one_series = true").unwrap().0.len(), 40);
    // A calendar's column is none, nor one that comes again.
    assert!(csv(&text.replace("site", "season"), "").is_ok());
    let again = format!(
        "{text}{}",
        text.lines()
            .skip(1)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    );
    assert!(csv(&again, "").is_ok());
    // CMAPSS: unit 1 runs 12 cycles, unit 2 then 9.
    let cycles = |unit: usize, last: usize| -> String {
        (1..=last)
            .map(|cycle| format!("{unit},{cycle},0.{cycle}\n"))
            .collect()
    };
    let text = format!("unit,cycle,s1\n{}{}", cycles(1, 12), cycles(2, 9));
    assert!(message(&text, "").contains("`unit` (2 values: 1, 2)"));
}

#[test]
fn texts_that_are_left_out_say_what_they_may_be() {
    let row = |k: usize| {
        format!(
            "2020-01-{:02},{},note {k},{k}\n",
            k + 1,
            ["sun", "rain"][k % 2]
        )
    };
    let text = format!("t,sky,comment,x\n{}", (0..20).map(row).collect::<String>());
    let (_, report) = csv(&text, "").unwrap();
    let said = report.to_string();
    assert!(
        said.contains("left out sky (text, 2 values: sun, rain; it may tell series apart (data.filter), or be a class)"),
        "{said}"
    );
    assert!(
        said.contains("left out comment (text, e.g. \"note 0\")"),
        "{said}"
    );
}
