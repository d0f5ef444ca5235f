//! Each maker on a few lines written by hand. What comes out was worked out by hand, hashes by Python's `hashlib`.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::*;

/// A zip archive of one file.
pub(in crate::dataset) fn zipped(name: &str, contents: &[u8]) -> Vec<u8> {
    zipped_all(&[(name, contents)])
}

pub(in crate::dataset) fn zipped_all(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(contents).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_treebank_gives_words_and_tags() {
    let text = "# sent_id = 1\n1\tI\tI\tPRON\tPRP\t_\t3\tnsubj\t_\t_\n2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n2\tdo\tdo\tAUX\tVBP\t_\t0\troot\t_\t_\n\
                3\tn't\tnot\tPART\tRB\t_\t2\tadvmod\t_\t_\n3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_\n\n# text = #\n1\t#\t#\tSYM\t#\t_\t0\troot\t_\t_\n\n";
    let table = treebank::columns(text).unwrap();
    assert_eq!(
        table,
        "I\tPRON\tPRP\ndo\tAUX\tVBP\nn't\tPART\tRB\n\n#\tSYM\t#\n\n"
    );
    assert_eq!(
        treebank::columns(&text.replace('\n', "\r\n")).unwrap(),
        table
    );
    let message = treebank::columns("1\tI\tI\n").unwrap_err();
    assert_eq!(message, "line 1 has 3 columns instead of 10");
    assert_eq!(treebank::columns("").unwrap(), "");
}

#[test]
fn sentence_pairs_are_split_by_their_english_side_and_ordered_by_both() {
    // MD5 of the English side modulo 100: Go. 19, Run! 77, Be cool. 5, Cold. 4. MD5 of both sides: "Go.Va !" f4…, "Run!Cours !" 3c…,
    // "Run!Courez !" 55….
    let text = "Go.\tVa !\nRun!\tCours !\nRun!\tCourez !\nBe cool.\tSois calme !\nCold.\tFroid.\n\
                one two three four five six seven eight nine ten eleven\ttrop long\n";
    let all = sentence_pairs::split(text, [9, 9, 9]).unwrap();
    assert_eq!(
        all,
        [
            "Run!\tCours !\nRun!\tCourez !\nGo.\tVa !\n",
            "Be cool.\tSois calme !\n",
            "Cold.\tFroid.\n"
        ]
    );
    let [train, valid, test] = sentence_pairs::split(text, [1, 0, 9]).unwrap();
    assert_eq!(
        (train.as_str(), valid.as_str(), test.as_str()),
        ("Run!\tCours !\n", "", "Cold.\tFroid.\n")
    );
    assert_eq!(
        sentence_pairs::split("Go.\tVa !\nRun!\n", [9, 9, 9]).unwrap_err(),
        "line 2 of `fra.txt` has no tab"
    );
}

/// Reviews of one film, by number, points and text.
fn film(film: &str, reviews: &[(&str, &str, &str)]) -> Vec<u8> {
    let reviews = reviews.iter().map(|(id, rating, review)| {
        serde_json::json!({"review": review, "date": "15.08.25", "rating": rating, "author": "a****", "review_id": id, "movie_id": film})
    });
    serde_json::to_vec(&reviews.collect::<Vec<_>>()).unwrap()
}

#[test]
fn film_reviews_are_split_by_film_and_balanced() {
    // MD5 of "m" and the film modulo 20: 102 gives 10 (training), 114 gives 15 (validation), 103 gives 17 (testing), 113 would give 7.
    // MD5 of the numbers: 1 c4…, 2 c8…, 3 ec…, 4 a8…, 5 e4…, 6 16…, 7 8f…, 8 c9…, 9 45…, 10 d3…, 11 65…, 12 c2….
    let mut reviews = film_reviews::Reviews::default();
    let training = [
        ("1", "10", " 좋다  정말\t"), // a text that comes before, in 9
        ("2", "1", "나쁘다"),
        ("11", "9", "또 본다"),
        ("3", "9", "세 번 본다"),  // one too many
        ("4", "5", "그저 그렇다"), // no clear opinion
        ("5", "4", "나쁘다"),      // a text that came before
        ("6", "3", "   "),         // nothing
    ];
    reviews.add(&film("102", &training)).unwrap();
    reviews
        .add(&film("114", &[("7", "2", "지루하다"), ("8", "10", "최고")]))
        .unwrap();
    reviews
        .add(&film(
            "103",
            &[
                ("9", "10", "좋다 정말"),
                ("10", "10", "멋지다"),
                ("12", "10", "훌륭하다"),
            ],
        ))
        .unwrap();
    reviews
        .add(&film("204", &[("27", "10", "멋지다")]))
        .unwrap();
    // MD5 of "m204" modulo 20 is 19: a film in none of the sets. Its number 27 (02…) still comes before the number 10 of the same text.
    let head = "id\tdocument\tlabel\n";
    let [train, valid, test] = reviews.split([1, 1, 5]);
    assert_eq!(train, format!("{head}11\t또 본다\t1\n2\t나쁘다\t0\n"));
    assert_eq!(valid, format!("{head}7\t지루하다\t0\n8\t최고\t1\n"));
    assert_eq!(test, format!("{head}9\t좋다 정말\t1\n12\t훌륭하다\t1\n"));
    let mut reviews = film_reviews::Reviews::default();
    let message = reviews.add(&film("102", &[("1", "11", "a")])).unwrap_err();
    assert_eq!(message, "review 1 has the rating \"11\"");
    assert!(reviews.add(b"{").is_err());
}

#[test]
fn novels_are_joined_in_the_order_of_their_numbers() {
    let mut novels = novels::Novels::default();
    let scenes = "{\"doc_id\": \"10_0\", \"text\": \"가\\n나\"}\n{\"doc_id\": \"10_1\", \"text\": \"다\\r\\n라\"}\n";
    novels.add("10_Rich_Mine/text.jsonl", scenes).unwrap();
    for (name, text) in [("11_B", "b"), ("2_A", "a"), ("25_C", "c"), ("20_D", "d")] {
        novels
            .add(
                &format!("{name}/text.jsonl"),
                &format!("{{\"text\": \"{text}\"}}\n"),
            )
            .unwrap();
    }
    assert_eq!(
        novels.join(),
        ["a\n\n\nb\n", "c\n", "가\n나\n\n다\r\n라\n\n\nd\n"]
    );
    let mut novels = novels::Novels::default();
    assert!(
        novels
            .add("text.jsonl", "")
            .unwrap_err()
            .contains("does not begin with a number")
    );
    assert!(
        novels
            .add("1_A/text.jsonl", "\n{\"text\": 3}")
            .unwrap_err()
            .starts_with("line 2: ")
    );
}

#[test]
fn photographs_are_looked_up_in_the_lists() {
    let photographs = ["images/a.jpg", "images/b.jpg", "images/c.jpg"].map(String::from);
    let lists = [
        ("train", "c.jpg\nx.jpg\n".to_string()),
        ("dev", "a.jpg\r\n".to_string()),
    ];
    assert_eq!(
        photographs::split(&photographs, &lists),
        "a.jpg\tdev\nb.jpg\tnone\nc.jpg\ttrain\n"
    );
}

/// Frames of a skeleton, all joints at x, y and z with a confidence.
fn frames(places: &[[f64; 3]]) -> String {
    let line =
        |place: &[f64; 3]| format!("{:.6} {:.6} {:.6} 1.000000\n", place[0], place[1], place[2]);
    places.iter().map(|place| line(place).repeat(20)).collect()
}

#[test]
fn every_second_frame_of_a_skeleton_is_a_row() {
    let mut table = skeletons::Table::default();
    table
        .add(
            "a01_s02_e03_skeleton3D.txt",
            &frames(&[[0.1234, -0.0001, 2.0], [9.0; 3], [0.0005, 1.0, 2.6748]]),
        )
        .unwrap();
    table
        .add("a13_s09_e02_skeleton3D.txt", "0 0 0 0\n")
        .unwrap(); // broken upstream
    table
        .add("a13_s09_e04_skeleton3D.txt", &frames(&[[1.0, 2.0, 3.0]]))
        .unwrap();
    let lines: Vec<&str> = table.text.lines().collect();
    assert!(
        lines[0].starts_with("seq,action,subject,trial,frame,j0x,j0y,j0z,j1x")
            && lines[0].ends_with(",j19z")
    );
    // Python: "%.3f" % -0.0001 is -0.000, "%.3f" % 0.0005 is 0.001 (0.0005 is a little more than that).
    assert!(
        lines[1].starts_with("0,1,2,3,0,0.123,-0.000,2.000,0.123"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("0,1,2,3,2,0.001,1.000,2.675,"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].starts_with("1,13,9,4,0,1.000,2.000,3.000,"),
        "{}",
        lines[3]
    );
    assert_eq!((lines.len(), lines[3].split(',').count()), (4, 65));
    let mut wrong =
        |name: &str, text: &str| skeletons::Table::add(&mut table, name, text).unwrap_err();
    assert_eq!(
        wrong("a01_s01_e01_skeleton3D.txt", "1 2 3\n1 x 3\n"),
        "line 2 does not begin with three numbers"
    );
    assert!(wrong("b.txt", "").contains("is not of the form"));
}

#[test]
fn the_first_items_of_an_idx_file() {
    // Three pictures of 1 × 2; three labels.
    let pictures = [
        &[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2],
        &[1, 2, 3, 4, 5, 6][..],
    ]
    .concat();
    let two = [
        &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
        &[1, 2, 3, 4][..],
    ]
    .concat();
    assert_eq!(digits::first(&pictures, 2).unwrap(), two);
    assert_eq!(digits::first(&pictures, 9).unwrap(), pictures);
    let labels = [0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9];
    assert_eq!(
        digits::first(&labels, 1).unwrap(),
        [0, 0, 8, 1, 0, 0, 0, 1, 7]
    );
    assert!(
        digits::first(&pictures[..19], 2)
            .unwrap_err()
            .contains("shorter than its header")
    );
    assert!(
        digits::first(&pictures[..9], 2)
            .unwrap_err()
            .contains("cut off")
    );
    assert!(
        digits::first(b"P5 1 1", 2)
            .unwrap_err()
            .contains("no IDX file")
    );
    let huge = [
        0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];
    assert!(digits::first(&huge, usize::MAX).is_err());
}

#[test]
fn what_is_packed_is_unpacked_again_and_says_no_time() {
    let packed = compressed(b"seq\n");
    assert_eq!(packed[4..8], [0; 4]);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text)
        .unwrap();
    assert_eq!(text, "seq\n");
}

#[test]
fn files_of_a_zip_archive() {
    let archive = zipped(
        "qc/train.txt",
        b"NUM:dist How far is it from Denver to Aspen ?\n",
    );
    assert_eq!(
        questions::unpack(&archive, "qc/train.txt").unwrap(),
        b"NUM:dist How far is it from Denver to Aspen ?\n"
    );
    let message = questions::unpack(&archive, "qc/test.txt").unwrap_err();
    assert!(
        message.starts_with("`qc/test.txt` cannot be unpacked: "),
        "{message}"
    );
    assert!(questions::unpack(&archive[..40], "qc/train.txt").is_err());
    assert!(questions::unpack(b"no archive", "qc/train.txt").is_err());
    let bomb = zipped("fra.txt", &vec![0; 65 << 20]);
    assert!(bomb.len() < 1 << 20);
    assert!(
        questions::unpack(&bomb, "fra.txt")
            .unwrap_err()
            .contains("more than")
    );
}

/// A net of one layer: weights of 1 × 1 × 3 × 3, three of them not zero.
fn tiny_net() -> (Vec<u8>, Vec<squeezenet::Layer>) {
    let mut net = vec![3, 0, 0, 0]; // three weights that are not zero
    for code in 0..256 {
        net.extend((code as f32).to_le_bytes());
    }
    net.extend(0.5_f32.to_le_bytes()); // the bias
    net.extend([7, 8, 255]); // the codes
    net.extend([0x21, 0x03]); // 1, 2 and 3 zeros before them
    let layer = squeezenet::Layer {
        name: "conv1".into(),
        shape: [1, 1, 3, 3],
    };
    (net, vec![layer])
}

#[test]
fn weights_are_decoded() {
    let (net, layers) = tiny_net();
    let file = squeezenet::decode(&net, &layers).unwrap();
    let header = r#"{"conv1.weight":{"dtype":"F32","shape":[1,1,3,3],"data_offsets":[0,36]},"conv1.bias":{"dtype":"F32","shape":[1],"data_offsets":[36,40]}}"#;
    let length = header.len().next_multiple_of(8);
    assert_eq!(file[..8], (length as u64).to_le_bytes());
    assert_eq!(
        std::str::from_utf8(&file[8..8 + length]).unwrap(),
        format!("{header:length$}")
    );
    let values: Vec<f32> = file[8 + length..]
        .chunks(4)
        .map(|x| f32::from_le_bytes(x.try_into().unwrap()))
        .collect();
    assert_eq!(values, [0.0, 7.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0, 255.0, 0.5]);
    assert!(
        squeezenet::decode(&net[..net.len() - 1], &layers)
            .unwrap_err()
            .contains("cut off")
    );
    assert!(
        squeezenet::decode(&[&net[..], &[0]].concat(), &layers)
            .unwrap_err()
            .contains("1 bytes are left over")
    );
    let mut far = net;
    *far.last_mut().unwrap() = 0x04; // one step beyond the last weight
    assert!(
        squeezenet::decode(&far, &layers)
            .unwrap_err()
            .contains("more weights than its shape")
    );
}

#[test]
fn squeezenet_has_the_layers_of_its_paper() {
    let layers = squeezenet::layers();
    let weights: usize = layers
        .iter()
        .map(|layer| layer.shape.iter().product::<usize>() + layer.shape[0])
        .sum();
    assert_eq!((layers.len(), weights), (26, 1_248_424)); // as torchvision counts squeezenet1_0
    assert_eq!(layers[22].name, "fire9.conv1x1_1");
    assert_eq!(layers[22].shape, [64, 512, 1, 1]);
}

#[test]
fn words_are_those_of_python() {
    // " ".join("a\u{1c}b\u{a0}c\u{3000}d\u{200b}e".split()) == "a b c d\u{200b}e"
    assert_eq!(
        spaced_once(" a\u{1c}b\u{a0}c\u{3000}\td\u{200b}e\n"),
        "a b c d\u{200b}e"
    );
}

/// The shapes of SqueezeNet's weights, for tests of the whole way.
pub(in crate::dataset) fn squeezenet_shapes() -> Vec<[usize; 4]> {
    squeezenet::layers()
        .iter()
        .map(|layer| layer.shape)
        .collect()
}

/// SqueezeNet, decoded.
pub(in crate::dataset) fn squeezenet_decoded(net: &[u8]) -> Vec<u8> {
    squeezenet::decode(net, &squeezenet::layers()).unwrap()
}
