//! Every lesson in its shortened form: each expected figure is met, and every word is there in both languages.

use elman_lessons::{LESSONS, Lang, Part, Setup, Told, Unwatched, find, json, page, text};

/// Runs the shortened form of a lesson, which must come out as expected.
#[track_caller]
fn holds(name: &str) -> Told {
    let lesson = find(name).unwrap_or_else(|| panic!("no lesson `{name}`"));
    let mut setup = Setup {
        quick: true,
        watcher: &mut Unwatched,
    };
    let started = std::time::Instant::now();
    let told = lesson.run(&mut setup).unwrap();
    eprintln!("{name}: {:.1} s", started.elapsed().as_secs_f64());
    let english = text(lesson, &told, Lang::En);
    eprintln!("{english}");
    assert!(told.met(), "{english}");

    let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
    for part in &told.parts {
        if let Part::Text(words) | Part::Heading(words) = part {
            assert!(hangul(&words.ko), "not in Korean: {words:?}");
            let gap = words.en.contains("  ") || words.ko.contains("  ");
            assert!(!gap, "a gap within a sentence: {words:?}");
        }
        if let Part::Claim(claim) = part {
            assert!(hangul(&claim.what.ko), "not in Korean: {claim:?}");
        }
        if let Part::Figure { caption, .. } = part {
            assert!(hangul(&caption.ko), "not in Korean: {caption:?}");
        }
    }
    for words in told.words() {
        assert!(!hangul(&words.en), "not in English: {words:?}");
        assert!(!words.ko.is_empty() && !words.en.is_empty());
    }
    let korean = text(lesson, &told, Lang::Ko);
    assert!(hangul(&korean) && !hangul(&english));
    for lang in [Lang::En, Lang::Ko] {
        let html = page(lesson, &told, lang).to_html_in(lang.code());
        assert!(html.contains("<svg") && html.contains(lesson.name));
        let figures = told.figures(lang);
        assert!(!figures.is_empty());
        assert_eq!(html.matches("<figure>").count(), figures.len());
        let value = json(lesson, &told, lang);
        assert_eq!(value["met"], true);
        let claims = value["claims"].as_array().unwrap();
        assert_eq!(claims.len(), told.claims().count());
    }
    told
}

macro_rules! lessons {
    ($($test:ident $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            holds($name);
        })*

        #[test]
        fn every_lesson_has_its_test_and_both_titles() {
            let tested = [$($name),*];
            let listed: Vec<&str> = LESSONS.iter().map(|lesson| lesson.name).collect();
            assert_eq!(listed, tested);
            for lesson in LESSONS {
                let hangul = |letter: char| ('가'..='힣').contains(&letter);
                assert!(lesson.title.ko.contains(hangul) && !lesson.title.en.contains(hangul));
            }
        }
    };
}

lessons! {
    fixed_window "fixed-window",
    bag_of_counts "bag-of-counts",
    big_window "big-window",
    four_criteria "four-criteria",
    one_cell "one-cell",
    hello_loss "hello-loss",
    bptt "bptt",
    vanishing "vanishing",
    adding "adding",
    copying "copying",
    lstm "lstm",
    gru "gru",
    deep "deep",
    ten_steps "ten-steps",
    tagging "tagging",
    stock "stock",
    weather "weather",
    five_shapes "five-shapes",
}
