use std::collections::{HashMap, HashSet};

use crate::media::made::scene::{Colour, Form, Line, Place, Relation, Scene, Shape, Size};
use crate::media::made::{CaptionShapes, Captioned};
use crate::random::Stream;

fn shapes() -> Vec<Shape> {
    let mut all = Vec::new();
    for &size in Size::ALL {
        for &colour in Colour::ALL {
            all.extend(Form::ALL.iter().map(|&form| Shape { size, colour, form }));
        }
    }
    all
}

#[test]
fn each_scene_has_its_own_sentence() {
    let shapes = shapes();
    let mut scenes = HashSet::new();
    for &first in &shapes {
        scenes.extend(Place::ALL.iter().map(|&place| Scene::One(first, place)));
        for &second in &shapes {
            scenes.extend(
                Relation::ALL
                    .iter()
                    .map(|&relation| Scene::two(first, relation, second)),
            );
            for &third in &shapes {
                let three = [first, second, third];
                scenes.extend(Line::ALL.iter().map(|&line| Scene::Three(three, line)));
            }
        }
    }
    assert_eq!(scenes.len(), 55_950);
    let english: HashSet<String> = scenes.iter().map(Scene::english).collect();
    let korean: HashSet<String> = scenes.iter().map(Scene::korean).collect();
    assert_eq!((english.len(), korean.len()), (55_950, 55_950));
    for sentence in [
        "a large red circle in the middle",
        "a large red circle above a small blue square",
        "a small red circle to the left of a small blue square",
        "a large red circle, a small green triangle and a large purple square from top to bottom",
    ] {
        assert!(english.contains(sentence), "{sentence}");
    }
    for sentence in [
        "왼쪽 위에 작은 노란 원이 있다",
        "큰 빨간 원이 작은 파란 사각형 위에 있다",
        "왼쪽에서부터 큰 빨간 원, 작은 초록 삼각형, 큰 보라 사각형이 있다",
    ] {
        assert!(korean.contains(sentence), "{sentence}");
    }
    // The order of mention follows from the picture.
    assert!(!english.contains("a small red circle above a large blue square"));
    assert!(!english.contains("a small red circle below a small blue square"));
}

/// A patch of one colour: pixels, middle and colour.
struct Patch {
    pixels: usize,
    x: f32,
    y: f32,
    colour: [i32; 3],
}

/// The patches of a picture without noise, from the top left.
fn patches(captioned: &Captioned) -> Vec<Patch> {
    let picture = &captioned.picture;
    let side = picture.width;
    let pixels = picture.rgb.as_chunks::<3>().0;
    let ground = pixels[0];
    let inked: Vec<bool> = pixels
        .iter()
        .map(|pixel| (0..3).any(|c| pixel[c].abs_diff(ground[c]) > 2))
        .collect();
    let mut seen = vec![false; pixels.len()];
    let mut patches = Vec::new();
    for start in 0..pixels.len() {
        if !inked[start] || seen[start] {
            continue;
        }
        let (mut stack, mut members) = (vec![start], Vec::new());
        seen[start] = true;
        while let Some(at) = stack.pop() {
            members.push(at);
            let (x, y) = (at % side, at / side);
            let near = [
                (x > 0).then(|| at - 1),
                (x + 1 < side).then(|| at + 1),
                (y > 0).then(|| at - side),
                (y + 1 < side).then(|| at + side),
            ];
            for next in near.into_iter().flatten() {
                if inked[next] && !seen[next] {
                    seen[next] = true;
                    stack.push(next);
                }
            }
        }
        let mean = |part: fn(usize, usize) -> usize| {
            members.iter().map(|&at| part(at, side) as f32).sum::<f32>() / members.len() as f32
        };
        let (x, y) = (mean(|at, side| at % side), mean(|at, side| at / side));
        let middle = pixels[y.round() as usize * side + x.round() as usize];
        patches.push(Patch {
            pixels: members.len(),
            x: x / side as f32,
            y: y / side as f32,
            colour: middle.map(i32::from),
        });
    }
    patches
}

fn named(patch: &Patch) -> &'static str {
    let paints = [
        ("red", [225, 35, 35]),
        ("green", [35, 185, 60]),
        ("blue", [45, 85, 235]),
        ("yellow", [235, 215, 40]),
        ("purple", [175, 60, 205]),
    ];
    let away =
        |paint: [i32; 3]| -> i32 { (0..3).map(|c| (paint[c] - patch.colour[c]).pow(2)).sum() };
    paints
        .into_iter()
        .min_by_key(|&(_, paint)| away(paint))
        .unwrap()
        .0
}

/// Reads the sentence off the picture: what is where, in which colour and size.
#[test]
fn pictures_show_what_the_sentence_says() {
    let clean = CaptionShapes {
        noise: 0.0,
        ..CaptionShapes::default()
    };
    for captioned in clean.captions(600).unwrap() {
        let sentence = &captioned.english;
        let words: Vec<&str> = sentence.split([' ', ',']).collect();
        let mut patches = patches(&captioned);
        let expected = words
            .iter()
            .filter(|word| ["large", "small"].contains(word))
            .count();
        assert_eq!(patches.len(), expected, "{sentence}");
        let [across, along] = [words.contains(&"bottom"), words.contains(&"right")];
        if expected == 1 {
            let Patch { x, y, .. } = patches[0];
            let (low, high) = (0.38, 0.62);
            let row = if y < low {
                "top"
            } else if y > high {
                "bottom"
            } else {
                "the"
            };
            let column = if x < low {
                "left"
            } else if x > high {
                "right"
            } else {
                "middle"
            };
            assert_eq!(
                (words[words.len() - 2], words[words.len() - 1]),
                (row, column),
                "{sentence}"
            );
        } else if words.contains(&"above") || (expected == 3 && across) {
            patches.sort_by(|a, b| a.y.total_cmp(&b.y));
        } else if words.contains(&"below") {
            patches.sort_by(|a, b| b.y.total_cmp(&a.y));
        } else if words.contains(&"left") && (expected == 2 || along) {
            patches.sort_by(|a, b| a.x.total_cmp(&b.x));
        } else {
            patches.sort_by(|a, b| b.x.total_cmp(&a.x));
        }
        let mut rest = words.iter();
        for patch in &patches {
            let size = rest.find(|word| ["large", "small"].contains(word)).unwrap();
            // Areas of about 224 and 56 pixels, with what the edges add.
            let found = if patch.pixels > 130 { "large" } else { "small" };
            assert_eq!(*size, found, "{sentence}: {} pixels", patch.pixels);
            assert_eq!(*rest.next().unwrap(), named(patch), "{sentence}");
        }
    }
}

#[test]
fn forms_look_different() {
    let settings = CaptionShapes {
        noise: 0.0,
        side: 128,
        ..CaptionShapes::default()
    };
    // Rows of the patch's top tenth against its bottom tenth tell triangles; corners tell squares.
    for &form in Form::ALL {
        let shape = Shape {
            size: Size::Large,
            colour: Colour::Yellow,
            form,
        };
        let picture = settings.draw(&Scene::One(shape, Place::Middle), &mut Stream::new(&[1]));
        let inked = |at: usize| picture.rgb[3 * at] > 150;
        let rows: Vec<usize> = (0..128)
            .map(|y| (0..128).filter(|x| inked(y * 128 + x)).count())
            .filter(|&count| count > 0)
            .collect();
        let widest = *rows.iter().max().unwrap() as f32;
        let (top, bottom) = (
            rows[1] as f32 / widest,
            rows[rows.len() - 2] as f32 / widest,
        );
        let expected = match form {
            Form::Circle => top < 0.7 && bottom < 0.7 && (top - bottom).abs() < 0.3,
            Form::Square => top > 0.95 && bottom > 0.95,
            Form::Triangle => top < 0.2 && bottom > 0.9,
        };
        assert!(expected, "{form:?}: {rows:?}");
        let high = rows.len() as f32 / widest;
        assert!((0.8..1.2).contains(&high), "{form:?}: {high}");
    }
}

#[test]
fn many_sentences_and_the_same_for_the_same_seed() {
    let settings = CaptionShapes::default();
    let captions = settings.captions(1_000).unwrap();
    assert_eq!(captions[..50], settings.captions(50).unwrap());
    let other = CaptionShapes {
        seed: 1,
        ..settings.clone()
    };
    assert_ne!(captions[0], other.captioned(0).unwrap());
    let mut numbers = HashMap::new();
    for captioned in &captions {
        let shapes = captioned.english.split("a ").count() - 1;
        *numbers.entry(shapes).or_insert(0) += 1;
    }
    assert!(
        (1..=3).all(|n| (270..400).contains(&numbers[&n])),
        "{numbers:?}"
    );
    let different: HashSet<&String> = captions.iter().map(|c| &c.english).collect();
    assert!(different.len() > 700, "{}", different.len());
    let single = CaptionShapes {
        shapes: 1,
        ..settings
    };
    assert!(
        single
            .captions(50)
            .unwrap()
            .iter()
            .all(|c| patch_words(&c.english) == 1)
    );
}

fn patch_words(sentence: &str) -> usize {
    sentence.matches("large").count() + sentence.matches("small").count()
}

#[test]
fn wrong_settings_name_their_key() {
    let default = CaptionShapes::default;
    #[rustfmt::skip]
    let wrong = [
        ("side", CaptionShapes { side: 8, ..default() }),
        ("shapes", CaptionShapes { shapes: 4, ..default() }),
        ("noise", CaptionShapes { noise: f32::NAN, ..default() }),
    ];
    for (key, settings) in wrong {
        let message = settings.captioned(0).unwrap_err().to_string();
        assert!(message.starts_with(&format!("`{key}`: ")), "{message}");
    }
}
