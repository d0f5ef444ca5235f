use super::*;

#[test]
fn inputs_follow_from_their_seed_and_stay_small() {
    let file = b"time,value\n2000-01-01,1.5\n2000-01-02,2.5\n";
    let other: &[u8] = b"{\"a\": [1, 2]}";
    for grain in [Grain::Text, Grain::Binary] {
        let mut seen = std::collections::BTreeSet::new();
        let (mut cuts, mut flips, mut noises) = (0, 0, 0);
        for number in 0..2000 {
            let once = mutate(file, &[other], grain, 1024, &mut Stream::new(&[1, number]));
            let again = mutate(file, &[other], grain, 1024, &mut Stream::new(&[1, number]));
            assert_eq!(once, again, "input {number}");
            assert!(once.bytes.len() <= LONGEST);
            if let Some(left) = once.cut {
                cuts += 1;
                assert_eq!(once.bytes, file[..left]);
            }
            if let Some(at) = once.flipped {
                flips += 1;
                let differ = file.iter().zip(&once.bytes).positions_that_differ();
                assert_eq!(differ, [at]);
            }
            noises += usize::from(once.noise);
            seen.insert(once.bytes);
        }
        assert!(
            seen.len() > 1500,
            "{grain:?}: {} of 2000 differ",
            seen.len()
        );
        assert!(
            cuts > 50 && flips > 50 && noises > 5,
            "{cuts} {flips} {noises}"
        );
    }
}

trait Differing {
    fn positions_that_differ(self) -> Vec<usize>;
}

impl<'a, I: Iterator<Item = (&'a u8, &'a u8)>> Differing for I {
    fn positions_that_differ(self) -> Vec<usize> {
        let differing = self.enumerate().filter(|(_, (a, b))| a != b);
        differing.map(|(at, _)| at).collect()
    }
}

#[test]
fn empty_files_are_changed_too() {
    for number in 0..200 {
        mutate(b"", &[], Grain::Binary, 0, &mut Stream::new(&[number]));
        mutate(b"\n", &[b""], Grain::Text, 1, &mut Stream::new(&[number]));
    }
}
