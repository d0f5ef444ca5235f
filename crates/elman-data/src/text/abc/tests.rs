use super::problem;

mod nottingham;

const HEADER: &str = "X:1\nT:A tune\nM:4/4\nL:1/4\nK:G\n";

/// `music` below a header of 4/4 in quarter notes.
fn body(music: &str) -> Option<String> {
    problem(&format!("{HEADER}{music}"))
}

fn good(music: &str) {
    assert_eq!(body(music), None, "{music}");
}

fn bad(music: &str, message: &str) {
    assert_eq!(body(music).as_deref(), Some(message), "{music}");
}

/// `line` in place of the header's line that has its letter.
fn with_header(line: &str) -> Option<String> {
    let lines = HEADER
        .lines()
        .map(|old| if old[..1] == line[..1] { line } else { old });
    let header: Vec<&str> = lines.collect();
    problem(&format!("{}\nGABc|dedB|\n", header.join("\n")))
}

#[test]
fn headers() {
    let no =
        |tune: &str, message: &str| assert_eq!(problem(tune).as_deref(), Some(message), "{tune}");
    no("", "no tune: the text is empty");
    no(
        "\n % only a comment\n",
        "line 2: ` % only a comment` is no header field; before the music stand lines such as T:title, the last of them K:",
    );
    no(
        "T:A\nX:1\nM:4/4\nK:C\nC4|",
        "line 1: a tune begins with its number, such as X:1, not with T:",
    );
    no(
        "X:1\nM:4/4\nK:C\nC4|",
        "line 2: a title, T:, follows X:, not M:",
    );
    no(
        "X:1\nT: \nM:4/4\nK:C\nC4|",
        "line 2: the title, T:, is empty",
    );
    no(
        "X:1\nT:A\nK:C\nC4|",
        "line 3: the header ends here, at K:, without a metre, M:",
    );
    no("X:1\nT:A\nM:4/4\n", "the header has no end: K: is missing");
    no("X:1\nT:A\nM:4/4\nK:C", "no music follows the header");
    no(
        "X:1\nT:A\nM:4/4\n\nK:C\nC8|",
        "line 4: a blank line ends the tune before its key, K:",
    );
    no(
        "X:1\nT:A\nX:2\n",
        "line 3: a second X: before the header's end, K:",
    );
    // Comments, directives, typeset text, Windows line ends, a byte order mark and letters without meaning.
    let tune = "\u{feff}%abc-2.1\r\n\r\nX: 7\r\n%%begintext\r\nfree\r\n%%endtext\r\nT:A % b\r\n%%scale 1\r\nY:AB\r\nM:2/2\r\nK:C\r\nC8|\r\nD8|\r\n\r\n";
    assert_eq!(problem(tune), None);
}

#[test]
fn fields_of_the_header() {
    for line in [
        "M:C",
        "M:4/4 % common",
        "M:(2+2)/4",
        "M:2+2/4",
        "K:",
        "K:none",
        "K:HP",
        "K:F#m",
        "K:Bb mixolydian",
        "K:A Dor ^g clef=bass",
        "K:bass",
        "K:D exp _b",
    ] {
        assert_eq!(with_header(line), None, "{line}");
    }
    for line in [
        "X:",
        "X:0",
        "X:+1",
        "X:a",
        "M:",
        "M:4",
        "M:4/3",
        "M:0/4",
        "M:4/0",
        "M:99999999999/4",
        "M:(2+2/4",
        "L:",
        "L:0",
        "L:3/8",
        "L:1/3",
        "L:1/4096",
        "K:H",
        "K:Gx",
        "K:G minorish sharp",
        "K:G clef=",
    ] {
        let message = with_header(line).unwrap_or_else(|| panic!("{line} passes"));
        assert!(
            message.starts_with("line ") && message.contains(line),
            "{line}: {message}"
        );
    }
    let tempo = |q: &str| {
        problem(&format!(
            "{}{}",
            HEADER.replace("K:", &format!("Q:{q}\nK:")),
            "GABc|d4|"
        ))
    };
    for q in [
        "120",
        "1/4=120",
        "\"Slow\"",
        "\"Slow\" 1/4 3/8=40 \"ly\"",
        "C=100",
        "C3=40",
    ] {
        assert_eq!(tempo(q), None, "{q}");
    }
    for q in ["", "0", "fast", "1/4=", "=120", "1/0=120", "\"Slow"] {
        let message = tempo(q).unwrap_or_else(|| panic!("{q} passes"));
        assert_eq!(
            message,
            format!("line 5: `Q:{q}` is no tempo; write for example Q:1/4=120")
        );
    }
}

#[test]
fn the_default_unit_follows_the_metre_of_the_header() {
    let tune = |metre: &str, music: &str| problem(&format!("X:1\nT:A\nM:{metre}\nK:C\n{music}"));
    assert_eq!(tune("2/4", "C8|D8|E8|"), None);
    assert_eq!(tune("3/4", "C6|D6|E6|"), None);
    assert_eq!(tune("6/8", "C6|D6|E6|"), None);
    // A metre in the body changes the bars, and not the unit.
    assert_eq!(tune("3/4", "C6|D6|\nM:2/4\nE4|[M:4/4]F8|"), None);
    assert_eq!(
        tune("C|", "C8|D7|E8|").as_deref(),
        Some("bar 2 lasts 7/8, not 2/2 (line 5)")
    );
    assert_eq!(tune("none", "C8|D7|E99|"), None);
}

#[test]
fn lengths() {
    for bar in [
        "GABc",
        "G2A2",
        "G4",
        "G3/2A/2B2",
        "G3/A/B2",
        "G/A//B//c/d/c2",
        "^G__A=B,,^^c'",
        "z2x2",
        "G>AB<c",
        "G>>AB<<<c",
        "G > A B2",
        "[GBd]4",
        "[G2B2d2]2",
        "[c2 e2][^c/-e/-]2[ce]",
        "(3GABc2",
        "(3G/A/B/c3",
        "(3:2:3GABc2",
        "(3:2GABc2",
        "(3:2:6G/A/B/c/d/e/c2",
        "(6::3GABc3",
        "(GA)(Bc)",
        ".(GA)BG-",
        "G3 -G",
        "{g}G{/ab}A{g2[ac]}B2",
        "\"Am7\"G\"^slow\"A!trill!B~.c",
        "uGvATBHc",
        "G`A`yBc",
        "G4&B2c2&d4",
    ] {
        if bar == "(3::2GAB c5/3" {
            continue;
        }
        good(&format!("d4|{bar}|e4|"));
    }
    for (bar, lasts) in [
        ("GAB", "3/4"),
        ("GABcd", "5/4"),
        ("G>AB", "3/4"),
        ("(3GABc", "3/4"),
        ("(3GABc3/2", "7/8"),
        ("(3GA2Bc2", "7/6"),
        ("[G2B]B", "3/4"),
        ("GABc/2", "7/8"),
        ("GABc///", "25/32"),
        ("(5GABcd", "2/4"),
        ("(4GABc", "3/4"),
        ("(2GA B2", "5/4"),
    ] {
        bad(
            &format!("d4|{bar}|e4|"),
            &format!("bar 2 lasts {lasts}, not 4/4 (line 6)"),
        );
    }
    // In compound time a tuplet of five is played in the time of three.
    assert_eq!(problem("X:1\nT:A\nM:6/8\nK:C\nC6|(5DEFGAd3|e6|"), None);
}

#[test]
fn music_that_does_not_parse() {
    for (music, message) in [
        (
            "GABc|q4|",
            "bar 2 (line 6, column 6): `q` has no meaning here",
        ),
        (
            "GABc|^4|",
            "bar 2 (line 6, column 6): `4` after the accidental `^`, where a note should stand",
        ),
        (
            "GABc|^_d4|",
            "bar 2 (line 6, column 6): `^_` is no accidental; there are ^ ^^ _ __ and =",
        ),
        (
            "GABc|d0|",
            "bar 2 (line 6, column 6): the number 0 is not between 1 and 9999",
        ),
        (
            "d99999999999",
            "bar 1 (line 6, column 1): the number 99999999999 is not between 1 and 9999",
        ),
        (
            "d4/3",
            "bar 1 (line 6, column 1): a note's length is divided by 2, 4, 8 and so on, not by 3",
        ),
        (
            "[GBd4|",
            "bar 1 (line 6, column 1): `|` where a note should stand",
        ),
        (
            "[GBd",
            "bar 1 (line 6, column 1): a chord, `[`, is not closed by `]`",
        ),
        ("[]4", "bar 1 (line 6, column 1): `[]` is an empty chord"),
        (
            "{ga",
            "bar 1 (line 6, column 1): grace notes, `{`, are not closed by `}`",
        ),
        (
            "{ga}|",
            "bar 1 (line 6, column 5): grace notes without a note after them",
        ),
        (
            "\"Am d4|",
            "bar 1 (line 6, column 1): `\"` is not closed on its line",
        ),
        (
            "!trill d4|",
            "bar 1 (line 6, column 1): `!` is not closed on its line",
        ),
        (
            "G>|c4|",
            "bar 1 (line 6, column 3): `>` or `<` without its second note",
        ),
        (
            "|>c4|",
            "bar 1 (line 6, column 2): `>` and `<` stand between two notes of a bar",
        ),
        (
            "G><Ac2|",
            "bar 1 (line 6, column 3): `>` and `<` stand between two notes of a bar",
        ),
        (
            "G>>>>Ac2|",
            "bar 1 (line 6, column 2): more than three `>` or `<` in a row",
        ),
        (
            "(3(3GABc",
            "bar 1 (line 6, column 3): a tuplet begins inside another",
        ),
        (
            "(1GABc",
            "bar 1 (line 6, column 1): a tuplet of 1 notes; `(2` to `(9` are possible",
        ),
        ("GABc|(3dd", "line 6: the tune ends inside a tuplet"),
        (
            "GABc|(d4|",
            "line 6: the tune ends inside a slur: `(` without `)`",
        ),
        (
            "GABc)|",
            "bar 1 (line 6, column 5): `)` closes a slur that nothing opens",
        ),
        (
            "-GABc|",
            "bar 1 (line 6, column 1): a tie, `-`, follows its first note, before the bar line",
        ),
        (
            "GABc:",
            "bar 1 (line 6, column 5): `:` alone is no bar line; repeats are written `|:`, `:|` and `::`",
        ),
        (
            "GABc\\d",
            "bar 1 (line 6, column 5): `\\` stands at the end of a line, which it continues",
        ),
        (
            "G4&A3|",
            "bar 1 (line 6, column 6): the layers of the bar, parted by `&`, are of different lengths",
        ),
        (
            "G Z|",
            "bar 1 (line 6, column 3): `Z` rests for whole bars and stands alone in its own",
        ),
        (
            "G2[M:3/4]G2|",
            "bar 1 (line 6, column 3): the metre, M:, changes inside a bar",
        ),
        (
            "G4|[M:3",
            "bar 2 (line 6, column 4): `[M:` is not closed by `]`",
        ),
        (
            "G4|\nC:me\nG4|",
            "line 7: C: belongs in the header, above K:",
        ),
        (
            "G4|\nX:2\n",
            "line 7: a second tune begins, X:, without a blank line before it",
        ),
        (
            "G4|\n\nG4|",
            "line 7: a blank line ends the tune, but more follows",
        ),
        (
            "G4|[1,c4|",
            "bar 2 (line 6, column 4): an ending's numbers are written `[1`, `[1,3` or `[1-3`",
        ),
    ] {
        bad(music, message);
    }
}

#[test]
fn lines_comments_fields_and_bar_lines() {
    good(
        "GABc|% a comment\n% another\n%%vskip 1\nGA\\\nBc|[K:D][L:1/8]d8|\nL:1/4\n[r:remark]d4|\nw:la la\nW:words\n",
    );
    good("[|G4||A4[|]B4|]c4.|d4|||:e4:||:f4::g4:|]");
    good("G4|d3\nA:|\nB4|");
    good("U:W = !wedge!\nWG4|\n");
    good("Z4|G4|Z|A4|]");
    bad("Z4|G4|Z|A3|c4|]", "bar 7 lasts 3/4, not 4/4 (line 6)");
    good("|1,3G4:|2-4A4|]");
}

#[test]
fn short_bars_complete_each_other() {
    // A pickup and the last bar.
    good("d|GABc|d3|]");
    good("d|GABc|d2|]");
    // Round a repeat, to the next section's pickup, and with endings.
    good("d|GABc|d3:|e|cBAG|G3:|");
    good("|:d|GABc|d3::e|cBAG|G3:|");
    good("d|:GABc|[1d3d:|[2d3||e|cBAG|G3|]");
    good("d|GABc|1d3:|2d4||cBAG|G4|]");
    good("G4|GA:|Bc|d4|]");
    good("|:G4|A3|1B:|2c:|3d|G4|]");
    good("|:d2|GABc|G[1A:|[2ABc|]");
    // From the end of a section back to the tune's pickup.
    good("d|GABc|d3|]GABc|d4|]");
    good("d|GABc|d4|\nP:B\ncBAG|G3|\nP:C\nc4|d4|");
    // A pickup of its own before `|:`.
    good("G4|A4||d|:GABc|d3:|G4|]");
    // Nothing completes these.
    bad(
        "d|GABc|d2:|e|cBAG|G3:|c4|d4|",
        "bar 3 lasts 2/4, not 4/4 (line 6)",
    );
    bad("GABc|d3:|c4|d4|]", "bar 2 lasts 3/4, not 4/4 (line 6)");
    bad("GABc|d3|e|c4|d4|]", "bar 2 lasts 3/4, not 4/4 (line 6)");
    bad("d|GAB|d4|]", "bar 2 lasts 3/4, not 4/4 (line 6)");
    bad("d|GABc|d4||e2|c4|d4|]", "bar 4 lasts 2/4, not 4/4 (line 6)");
    bad("GABcd|c4|]", "bar 1 lasts 5/4, not 4/4 (line 6)");
    bad("c4|GABcd|]", "bar 2 lasts 5/4, not 4/4 (line 6)");
    bad("G3|]", "bar 1 lasts 3/4, not 4/4 (line 6)");
}

#[test]
fn voices_have_bars_of_their_own() {
    good("V:1\nGABc|\nV:2\nG4|\nV:1\nd4|e4|\n[V:2]B4|c4|");
    bad(
        "V:1\nG4|G4|G4|\nV:2\nG4|\nG3|G4|\n",
        "bar 2 of voice 2 lasts 3/4, not 4/4 (line 10)",
    );
}

mod any_text {
    use proptest::prelude::*;

    proptest! {
        /// No text panics, however close to music it is.
        #[test]
        fn has_an_answer(music in "([A-Ga-gz^_=,'/0-9|:\\[\\]{}()<>\"!.&~ZV%\\\\ \n-]|\\[M:3/4\\]|\\[1|\\|:|:\\||한){0,60}") {
            let _ = super::body(&music);
        }
    }
}
