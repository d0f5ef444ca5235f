//! MSR Action3D: the joints of a body over time, as one table.

use std::fmt::Write;

/// Joints of a skeleton.
const JOINTS: usize = 20;
/// Two recordings that are broken: all zeros, and of 936 frames.
const BROKEN: [&str; 2] = ["a13_s09_e02", "a13_s09_e03"];

/// The table, a row for every second frame.
pub(super) struct Table {
    /// As CSV.
    pub text: String,
    sequences: usize,
}

impl Default for Table {
    fn default() -> Self {
        let mut text = String::from("seq,action,subject,trial,frame");
        for joint in 0..JOINTS {
            let _ = write!(text, ",j{joint}x,j{joint}y,j{joint}z");
        }
        text.push('\n');
        Self { text, sequences: 0 }
    }
}

impl Table {
    /// Adds a recording called `aACTION_sSUBJECT_eTRIAL_skeleton3D.txt`: a line for each joint of each frame, of which the first three
    /// numbers are x, y and z in metres.
    pub fn add(&mut self, name: &str, lines: &str) -> Result<(), String> {
        let stem = name.strip_suffix("_skeleton3D.txt").unwrap_or_default();
        if BROKEN.contains(&stem) {
            return Ok(());
        }
        let mut numbers = stem.split('_').zip(["a", "s", "e"]).map(|(part, letter)| {
            part.strip_prefix(letter)
                .and_then(|number| number.parse::<u32>().ok())
        });
        let (Some(Some(action)), Some(Some(subject)), Some(Some(trial))) =
            (numbers.next(), numbers.next(), numbers.next())
        else {
            return Err("its name is not of the form a01_s01_e01_skeleton3D.txt".into());
        };
        let joints = lines
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        let joints = joints.map(|(number, line)| {
            let mut found = line.split_whitespace().map(str::parse::<f64>);
            match (found.next(), found.next(), found.next()) {
                (Some(Ok(x)), Some(Ok(y)), Some(Ok(z))) => Ok([x, y, z]),
                _ => Err(format!(
                    "line {} does not begin with three numbers",
                    number + 1
                )),
            }
        });
        let joints = joints.collect::<Result<Vec<_>, _>>()?;
        for (frame, joints) in joints.chunks_exact(JOINTS).enumerate().step_by(2) {
            let _ = write!(
                self.text,
                "{},{action},{subject},{trial},{frame}",
                self.sequences
            );
            for number in joints.as_flattened() {
                let _ = write!(self.text, ",{number:.3}");
            }
            self.text.push('\n');
        }
        self.sequences += 1;
        Ok(())
    }
}
