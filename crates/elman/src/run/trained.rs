//! Whether a run still is what was trained.

use super::{Error, RECIPE, RunFolder};
use crate::recipe::Recipe;
use crate::weights;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The key in the header of the trained parameters that holds how they were trained. It is one key, for the order of several
/// would be left to chance, and the same training is to give the same bytes.
const KEY: &str = "elman.trained";

/// How parameters were trained.
#[derive(Serialize, Deserialize)]
struct Provenance {
    /// The recipe, with every key.
    recipe: String,
    /// The version of this library.
    version: String,
}

/// What the file of trained parameters says about how they were trained.
pub fn provenance(recipe: &Recipe) -> BTreeMap<String, String> {
    let provenance = Provenance {
        recipe: recipe.to_toml(),
        version: crate::VERSION.into(),
    };
    let text = serde_json::to_string(&provenance).expect("made of texts");
    BTreeMap::from([(KEY.to_owned(), text)])
}

impl RunFolder {
    /// What a user should know of a trained run before its answers are believed, in sentences: that its recipe is another
    /// one than its parameters were trained with, or that another version made it.
    ///
    /// # Errors
    /// If a file of the run is missing or damaged.
    pub fn doubts(&self) -> Result<Vec<String>, Error> {
        let path = self.path().display();
        let mut doubts = Vec::new();
        let version = self.origin()?.version;
        if version != crate::VERSION {
            doubts.push(format!(
                "`{path}` was made by elman {version}, and this is elman {}: its answers may differ. Train the recipe again \
                 to be sure.",
                crate::VERSION
            ));
        }
        let now = self.read(RECIPE)?;
        let header = weights::header(&self.model()).unwrap_or_default(); // damage is found when it is loaded
        let kept = header
            .get(KEY)
            .map(|text| serde_json::from_str::<Provenance>(text));
        let kept = kept.and_then(Result::ok).map(|kept| kept.recipe);
        let then = kept.or_else(|| self.printed_recipe());
        if let Some((then, now)) = then.and_then(|then| difference(&then, &now)) {
            doubts.push(format!(
                "`{path}/{RECIPE}` has {now}, but the model was trained with {then}. Its answers follow the edited recipe. \
                 Put the line back, or train the recipe anew."
            ));
        }
        Ok(doubts)
    }

    /// The recipe as the run's report prints it: runs of before keep it nowhere else.
    fn printed_recipe(&self) -> Option<String> {
        let page = self.read("report.html").ok()?;
        let (_, rest) = page.split_once("<code>description = ")?;
        let (recipe, _) = rest.split_once("</code>")?;
        let plain = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        let unescape = |text: String, (from, to): (&str, &str)| text.replace(from, to);
        let recipe = plain.into_iter().fold(recipe.to_owned(), unescape);
        Some(format!("description = {recipe}"))
    }
}

/// The first lines in which two recipes differ, each between backticks.
fn difference(then: &str, now: &str) -> Option<(String, String)> {
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.filter(|line| !line.starts_with('#'))
    }
    let end = || std::iter::repeat("");
    let longest = lines(then).count().max(lines(now).count());
    let pairs = lines(then).chain(end()).zip(lines(now).chain(end()));
    let (then, now) = pairs.take(longest).find(|(then, now)| then != now)?;
    let shown = |line: &str| match line {
        "" => "nothing there".to_owned(),
        line => format!("`{line}`"),
    };
    Some((shown(then), shown(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_was_edited_is_found() {
        let then = "a = 1\n\n[forecast]\nlookback = 18\n";
        assert_eq!(difference(then, then), None);
        assert_eq!(
            difference(then, "# mine\na = 1\n[forecast]\nlookback = 18"),
            None
        );
        let edited = then.replace("18", "2");
        let found = difference(then, &edited);
        assert_eq!(
            found,
            Some(("`lookback = 18`".into(), "`lookback = 2`".into()))
        );
        let longer = format!("{then}horizon = 7\n");
        let found = difference(then, &longer);
        assert_eq!(
            found,
            Some(("nothing there".into(), "`horizon = 7`".into()))
        );
    }
}
