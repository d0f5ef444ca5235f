//! What a picture must hold, whatever the numbers.

use super::*;

const NAN: f64 = f64::NAN;

fn loss(train: &[f64], validation: &[f64], best_epoch: Option<usize>) -> String {
    let (title, loss) = ("손실", "mean squared error");
    loss_curve(&LossCurve {
        title,
        loss,
        train,
        validation,
        best_epoch,
    })
    .to_string()
}

pub(super) fn count(svg: &str, part: &str) -> usize {
    svg.matches(part).count()
}

/// Every coordinate of the picture, to be looked at for sense.
fn coordinates(svg: &str) -> Vec<f64> {
    let parts: Vec<&str> = svg.split('"').collect();
    // What the page's script reads is in the data's own units.
    let drawn = |pair: &&[&str]| pair.len() == 2 && !pair[0].contains(" data-");
    let quoted = parts.chunks(2).filter(drawn).map(|pair| pair[1]);
    let values = quoted
        .filter(|value| value.starts_with(|c: char| c.is_ascii_digit() || "-iN".contains(c)))
        .filter(|value| !value.starts_with("img"));
    values
        .flat_map(|value| value.split([' ', ',']))
        .map(|value| value.parse().unwrap())
        .collect()
}

pub(super) fn stays_inside(svg: &str) {
    let all = coordinates(svg);
    assert!(all.len() > 5);
    assert!(
        all.iter().all(|value| (0.0..=2_000.0).contains(value)),
        "{svg}"
    );
}

#[test]
fn a_loss_curve_has_two_lines_and_the_best_epoch() {
    let svg = loss(&[0.9, 0.5, 0.4], &[0.8, 0.6, 0.7], Some(2));
    for part in [">손실<", ">training<", ">validation<", ">best epoch 2<"] {
        assert_eq!(count(&svg, part), 1, "{part}");
    }
    assert_eq!(count(&svg, "class=\"ring model\""), 1);
    assert_eq!(count(&svg, "<polyline"), 4); // two lines, two samples
    assert!(!svg.contains("logarithmic"));
    stays_inside(&svg);
}

#[test]
fn a_wide_range_is_drawn_in_powers_of_ten() {
    let svg = loss(&[10.0, 0.1, 0.001], &[], None);
    assert!(svg.contains("mean squared error, logarithmic"));
    assert!(svg.contains(">0.01<") && !svg.contains("validation"));
    // an exact zero cannot be shown so
    assert!(!loss(&[10.0, 0.1, 0.0], &[], None).contains("logarithmic"));
}

#[test]
fn odd_losses_are_still_pictures() {
    let one = loss(&[0.7], &[0.8], Some(1));
    assert_eq!(count(&one, "<polyline"), 2); // the samples: a single epoch is a point
    assert_eq!(count(&one, "class=\"dot model\""), 2);
    let gaps = loss(
        &[3.0, 2.0, NAN, 1.0, f64::INFINITY, 0.5, 0.4],
        &[],
        Some(99),
    );
    assert_eq!(count(&gaps, "<polyline"), 3); // 3–2, 0.5–0.4 and the sample
    assert!(!gaps.contains("best epoch"));
    assert!(loss(&[NAN], &[], Some(1)).contains("no finite value to draw"));
    assert!(loss(&[], &[], Some(0)).contains("no finite value to draw"));
    for svg in [
        one,
        gaps,
        loss(&[2.0; 5], &[2.0; 5], None),
        loss(&[1.0, 1e90], &[], None),
    ] {
        stays_inside(&svg);
    }
}

fn example<'a>(actual: &'a [f64], start: usize, baselines: &'a [Series<'a>]) -> ForecastPlot<'a> {
    ForecastPlot {
        title: "window 1",
        value: "load (kW)",
        positions: Positions::Rows(100),
        actual,
        start,
        boundary: "forecast",
        model: Series {
            name: "Lstm",
            values: &[4.0, 5.0],
        },
        baselines,
    }
}

#[test]
fn a_forecast_shows_past_future_and_every_rival() {
    let rivals = ["last value", "mean"].map(|name| Series {
        name,
        values: &[3.0, 3.0],
    });
    let svg = forecast(&example(&[1.0, 2.0, 3.0, 3.5, 6.0], 3, &rivals)).to_string();
    for part in [
        ">actual<",
        ">Lstm<",
        ">last value<",
        ">mean<",
        ">forecast<",
        ">load (kW)<",
    ] {
        assert_eq!(count(&svg, part), 1, "{part}");
    }
    assert_eq!(count(&svg, "class=\"rule\""), 1);
    assert_eq!(count(&svg, "<polyline"), 8);
    assert!(svg.contains(">100<") && svg.contains(">row<"));
    stays_inside(&svg);
}

#[test]
fn a_look_ahead_may_have_no_history_and_no_future() {
    stays_inside(forecast(&example(&[1.0, 2.0], 2, &[])).as_str());
    stays_inside(forecast(&example(&[], 0, &[])).as_str());
    stays_inside(forecast(&example(&[4.0; 9], 7, &[])).as_str());
    // times that end too early leave points out
    let mut short = example(&[1.0, 2.0, 3.0], 2, &[]);
    short.positions = Positions::Times(&[0.0, 3_600.0, 7_200.0]);
    let svg = forecast(&short).to_string();
    stays_inside(&svg);
    assert!(svg.contains("time, 1970-01-01 00:00 to 1970-01-01 02:00"));
}

#[test]
fn long_and_hostile_names_are_cut_and_escaped() {
    let (long, hostile) = ("긴 이름 ".repeat(80), "<script>\"&'".repeat(9));
    let rival = [Series {
        name: &long,
        values: &[3.0, 3.0],
    }];
    let mut plot = example(&[1.0, 2.0, 3.0], 3, &rival);
    (plot.title, plot.value, plot.boundary, plot.model.name) = (&long, &hostile, &long, &hostile);
    let svg = forecast(&plot).to_string();
    stays_inside(&svg);
    assert!(svg.contains('…') && !svg.contains("<script"));
    assert!(!svg.contains(&format!(">{long}"))); // in full only for those who listen
}

#[test]
fn a_grid_has_a_panel_for_each_window_under_one_legend() {
    let plots = [example(&[1.0, 2.0, 3.0], 2, &[]); 5];
    let svg = forecast_grid("examples", &plots).to_string();
    assert_eq!(count(&svg, "class=\"rule\""), 5);
    assert_eq!(count(&svg, ">Lstm<"), 1);
    assert_eq!(count(&svg, ">window 1 · load (kW)<"), 5);
    stays_inside(&svg);
    assert!(forecast_grid("none", &[]).as_str().ends_with("</svg>\n"));
}

#[test]
fn errors_start_at_zero_and_one_step_is_a_point() {
    let series = |name, values| Series { name, values };
    let svg = errors(series("Lstm", &[5.0, 6.0]), &[series("mean", &[7.0, NAN])]);
    assert!(svg.contains(">0<") && svg.contains(">steps ahead<"));
    stays_inside(&svg);
    let svg = errors(series("Lstm", &[5.0]), &[series("mean", &[7.0])]);
    assert!(svg.contains("dot model") && svg.contains("dot base0"));
    stays_inside(&svg);
    stays_inside(&errors(series("Lstm", &[0.0, 0.0]), &[]));
}

fn errors(model: Series<'_>, baselines: &[Series<'_>]) -> String {
    let (title, error) = ("", "MAE (kW)");
    step_errors(&StepErrors {
        title,
        error,
        model,
        baselines,
    })
    .to_string()
}

#[test]
fn pictures_follow_the_page_and_need_no_network() {
    let svg = loss(&[1.0, 0.5], &[], None);
    assert!(svg.contains("prefers-color-scheme:dark") && svg.contains("currentColor"));
    assert!(svg.contains("'Noto Sans KR'"));
    assert_eq!(count(&svg, "://"), 1); // the namespace
}

#[test]
fn many_points_are_thinned_and_peaks_kept() {
    let mut values = vec![1.0; 200_000];
    values[123_456] = 9.0;
    let plot = example(&values, 199_990, &[]);
    let svg = forecast(&plot).to_string();
    assert!(svg.len() < 40_000, "{}", svg.len());
    let heights = |values: &[f64]| {
        let svg = forecast(&example(values, values.len() - 10, &[])).to_string();
        coordinates(&svg)
            .into_iter()
            .skip(4)
            .fold(f64::INFINITY, f64::min)
    };
    assert_eq!(heights(&values), heights(&values[100_000..]));
    stays_inside(&svg);
}

#[test]
fn any_numbers_make_a_picture() {
    let extremes = [
        0.0,
        -0.0,
        1.0,
        1.0 + 1e-15,
        5e-324,
        -1e-200,
        1e99,
        -1e99,
        f64::MAX,
        NAN,
        f64::NEG_INFINITY,
    ];
    for a in extremes {
        for b in extremes {
            let values = [a, b, 2.0 * a, a - b];
            let times = [b, a, b + 1.0, 2.0 * a];
            let mut plot = example(&values, 2, &[]);
            plot.model.values = &values[1..];
            stays_inside(forecast(&plot).as_str());
            plot.positions = Positions::Times(&times);
            stays_inside(forecast(&plot).as_str());
            stays_inside(&loss(&values, &values[1..], Some(2)));
            stays_inside(&errors(
                Series {
                    name: "Gru",
                    values: &values,
                },
                &[],
            ));
        }
    }
}
