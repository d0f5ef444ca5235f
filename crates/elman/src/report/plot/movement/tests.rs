use super::*;

/// Three joints in space, and a bone between each and the next.
fn skeleton() -> Skeleton {
    Skeleton {
        coordinates: 3,
        view: [0, 1],
        bones: vec![[0, 1], [1, 2]],
    }
}

/// Steps in which all joints move up by one; z is nothing that is seen.
fn values(steps: usize) -> Vec<f32> {
    let step = |t: usize| {
        let up = t as f32;
        [0.0, up, 9.0, 1.0, up, -9.0, 2.0, up + 1.0, 0.0]
    };
    (0..steps).flat_map(step).collect()
}

fn frames_of<'a>(svg: &'a str, class: &str) -> Vec<&'a str> {
    let path = svg.split(&format!("<path class=\"line {class}\"")).nth(1);
    let frames = path.unwrap_or_else(|| panic!("{class} is drawn"));
    let frames = frames.split("values=\"").nth(1).unwrap();
    frames.split('"').next().unwrap().split(';').collect()
}

#[test]
fn every_step_is_a_frame_of_what_was_given_or_made() {
    let (skeleton, values) = (skeleton(), values(5));
    let panel = MovementPanel {
        name: "<x>",
        values: &values,
        given: 2,
    };
    let plot = Movement {
        title: "",
        skeleton: &skeleton,
        features: 9,
        panels: &[panel],
        seconds: 0.1,
    };
    let svg = movement(&plot);
    let svg = svg.as_str();
    assert!(svg.contains("&lt;x&gt;") && svg.contains("dur=\"0.50s\""));
    let (given, made) = (frames_of(svg, "actual"), frames_of(svg, "model"));
    assert_eq!((given.len(), made.len()), (5, 5));
    for step in 0..5 {
        let empty = [given[step] == "M0 0", made[step] == "M0 0"];
        assert_eq!(empty, [step >= 2, step < 2], "{step}");
    }
    // One line through three joints: the second bone goes on where the first ends.
    assert_eq!(
        (made[4].matches('M').count(), made[4].matches('L').count()),
        (1, 2)
    );
    assert_eq!(frames_of(svg, "model joints")[4].matches("h0").count(), 3);
    // Up is up, and across and up have the same scale: 2 wide, 5 high.
    let place = |path: &str, joint: usize| -> [f64; 2] {
        let points: Vec<&str> = path.split(['M', 'L']).skip(1).collect();
        let (x, y) = points[joint].split_once(' ').unwrap();
        [x.parse().unwrap(), y.parse().unwrap()]
    };
    let (first, last) = (place(given[0], 0), place(made[4], 2));
    let (across, up) = (last[0] - first[0], first[1] - last[1]);
    assert!((up / across - 2.5).abs() < 0.01, "{across} {up}");
    assert!((up - (PANEL - 2.0 * INSET)).abs() < 0.2);
}

#[test]
fn panels_of_unlike_length_end_together() {
    let (skeleton, long, short) = (skeleton(), values(6), values(3));
    let panel = |values, given| MovementPanel {
        name: "",
        values,
        given,
    };
    let plot = Movement {
        title: "",
        skeleton: &skeleton,
        features: 9,
        panels: &[panel(&long, 2), panel(&short, 3), panel(&[], 0)],
        seconds: 0.05,
    };
    let svg = movement(&plot);
    let paths = svg.as_str().matches("<animate").count();
    // Lines and dots, of what is given and made; the second stays where it ends.
    let each = svg.as_str().split("values=\"").skip(1);
    assert!(
        each.clone()
            .all(|path| path.split('"').next().unwrap().split(';').count() == 6)
    );
    assert!(paths >= 6, "{paths}");
    let film = film(&plot);
    assert_eq!((film.time(), film.width, film.height), (6, 3 * FILM, FILM));
}

#[test]
fn a_film_is_dark_where_the_figure_is() {
    let (skeleton, values) = (skeleton(), values(2));
    let panel = MovementPanel {
        name: "",
        values: &values,
        given: 1,
    };
    let film = film(&Movement {
        title: "",
        skeleton: &skeleton,
        features: 9,
        panels: &[panel],
        seconds: 0.07,
    });
    assert_eq!((film.channels, film.delay_ms), (1, 70.0));
    let darkest = |frame: usize| film.frame(frame).iter().copied().fold(1.0, f32::min);
    assert!((darkest(0) - GIVEN).abs() < 1e-6 && darkest(1) == MADE);
    let dark = film.frame(1).iter().filter(|value| **value < 0.5).count();
    assert!((200..4_000).contains(&dark), "{dark}");
}

#[test]
fn numbers_that_are_no_places_are_a_curve() {
    let skeleton = Skeleton {
        coordinates: 1,
        view: [0, 1],
        bones: Vec::new(),
    };
    let panel = MovementPanel {
        name: "",
        values: &[0.0, 1.0, 0.5, 1.0, f32::NAN, 0.5],
        given: 0,
    };
    let plot = Movement {
        title: "",
        skeleton: &skeleton,
        features: 3,
        panels: &[panel],
        seconds: 0.1,
    };
    let svg = movement(&plot);
    let made = frames_of(svg.as_str(), "model");
    assert_eq!(made[0].matches('L').count(), 2);
    assert!(!svg.as_str().contains("joints\" d"));
    film(&plot);
}
