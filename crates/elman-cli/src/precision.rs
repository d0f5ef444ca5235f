//! `--precision`: another precision than the recipe's, for a run that is trained.

use crate::args::Precision;
use crate::failure::Failure;
use crate::output::Output;
use elman::recipe::Recipe;

/// Has the recurrent layers of `recipe` compute as asked, and says where this processor cannot.
pub fn apply(
    asked: Option<Precision>,
    recipe: &mut Recipe,
    output: &Output,
) -> Result<(), Failure> {
    let Some(asked) = asked else {
        return Ok(());
    };
    let precision = elman::ops::Precision::from(asked);
    if !recipe.model.set_precision(precision) {
        return Err(Failure::input(
            "--precision is about recurrent layers, and this run's model has none",
        ));
    }
    if !precision.is_available() {
        output.note("this processor multiplies no bf16: computed in f32");
    }
    Ok(())
}
