//! KoCoNovel: novels in scenes, joined into texts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Parts;

#[derive(Deserialize)]
struct Scene {
    text: String,
}

/// Novels by their number.
#[derive(Default)]
pub(super) struct Novels {
    novels: BTreeMap<u32, String>,
}

impl Novels {
    /// Adds the novel of a file called `NUMBER_TITLE/text.jsonl`, which has a scene on each line.
    pub fn add(&mut self, name: &str, lines: &str) -> Result<(), String> {
        let number = name
            .split('_')
            .next()
            .and_then(|number| number.parse().ok());
        let number = number.ok_or("its name does not begin with a number")?;
        let mut scenes = Vec::new();
        for (line, text) in lines
            .split('\n')
            .enumerate()
            .filter(|(_, text)| !text.trim().is_empty())
        {
            let scene: Scene = serde_json::from_str(text)
                .map_err(|error| format!("line {}: {error}", line + 1))?;
            scenes.push(scene.text);
        }
        self.novels.insert(number, scenes.join("\n\n"));
        Ok(())
    }

    /// The novels in the order of their numbers: those that end in 5 for validation, in 0 for testing, the others for training. A
    /// blank line stands between scenes, two between novels.
    pub fn join(self) -> Parts {
        let mut parts = [const { Vec::new() }; 3];
        for (number, novel) in self.novels {
            let part = match number % 10 {
                5 => 1,
                0 => 2,
                _ => 0,
            };
            parts[part].push(novel);
        }
        parts.map(|novels| novels.join("\n\n\n") + "\n")
    }
}
