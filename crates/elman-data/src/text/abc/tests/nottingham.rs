//! The rule against real tunes, where `ELMAN_DATA` has them.

use super::problem;

/// The tunes of the Nottingham database, each with the name of its file, or nothing if they are not there.
fn nottingham() -> Vec<(String, String)> {
    let Some(folder) = std::env::var_os("ELMAN_DATA")
        .map(|root| std::path::Path::new(&root).join("nottingham_abc"))
        .filter(|folder| folder.is_dir())
    else {
        eprintln!("SKIPPED: set ELMAN_DATA to a folder with `nottingham_abc` to run this test");
        return Vec::new();
    };
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|end| end == "abc"))
        .collect();
    files.sort();
    let mut tunes = Vec::new();
    for file in files {
        let text = format!("\n{}", std::fs::read_to_string(&file).unwrap());
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        tunes.extend(
            text.split("\nX:")
                .skip(1)
                .map(|tune| (name.clone(), format!("X:{tune}"))),
        );
    }
    tunes
}

/// The five that fail have mistakes: no `M:`, a chord that is not closed, `+` in a chord, a metre that changes
/// inside a bar, and a bar of 31/32.
#[test]
fn nottingham_tunes_pass() {
    let tunes = nottingham();
    let mut wrong = 0;
    for (file, tune) in &tunes {
        if let Some(problem) = problem(tune) {
            wrong += 1;
            eprintln!("{file} {}: {problem}", tune.lines().next().unwrap());
        }
    }
    eprintln!("{} of {} tunes pass", tunes.len() - wrong, tunes.len());
    assert!(
        tunes.is_empty() || (tunes.len() == 1034 && wrong <= 5),
        "{wrong} of {}",
        tunes.len()
    );
}

/// A note more in the middle of a tune is a problem, save where it happens to fill a piece of a bar before a cut.
#[test]
fn a_note_more_is_a_problem() {
    let (mut tunes, mut missed) = (0, 0);
    for (file, tune) in nottingham()
        .into_iter()
        .filter(|(_, tune)| problem(tune).is_none())
    {
        let bars: Vec<usize> = tune.match_indices('|').map(|(at, _)| at).collect();
        let middle = bars[bars.len() / 2 - 1];
        let extra = format!("{}c{}", &tune[..middle], &tune[middle..]);
        tunes += 1;
        if problem(&extra).is_none() {
            missed += 1;
            eprintln!("{file} {}", tune.lines().next().unwrap());
        }
    }
    eprintln!("{missed} of {tunes} tunes pass with a note more");
    assert!(missed * 50 <= tunes);
}
