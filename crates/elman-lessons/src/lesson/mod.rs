//! The lessons, a file for each.

mod adding;
mod bag_of_counts;
mod big_window;
mod bptt;
mod copying;
mod deep;
mod five_shapes;
mod fixed_window;
mod four_criteria;
mod gru;
mod hello_loss;
mod lstm;
mod one_cell;
mod panel;
mod stock;
mod store;
mod tagging;
mod ten_steps;
mod vanishing;
mod weather;

use crate::setup::{Error, Setup};
use crate::told::Told;
use crate::words::Words;

/// One experiment.
pub struct Lesson {
    /// What it is called by.
    pub name: &'static str,
    /// What it is about.
    pub title: Words,
    run: fn(&mut Setup<'_>) -> Result<Told, Error>,
}

impl Lesson {
    const fn new(
        name: &'static str,
        title: Words,
        run: fn(&mut Setup<'_>) -> Result<Told, Error>,
    ) -> Self {
        Self { name, title, run }
    }

    /// Trains and measures.
    ///
    /// # Errors
    /// If a training fails.
    pub fn run(&self, setup: &mut Setup<'_>) -> Result<Told, Error> {
        (self.run)(setup)
    }
}

/// Every lesson, in the order of the course.
pub const LESSONS: &[Lesson] = &[
    fixed_window::LESSON,
    bag_of_counts::LESSON,
    big_window::LESSON,
    four_criteria::LESSON,
    one_cell::LESSON,
    hello_loss::LESSON,
    bptt::LESSON,
    vanishing::LESSON,
    adding::LESSON,
    copying::LESSON,
    lstm::LESSON,
    gru::LESSON,
    deep::LESSON,
    ten_steps::LESSON,
    tagging::LESSON,
    stock::LESSON,
    weather::LESSON,
    five_shapes::LESSON,
];

/// The lesson of this name.
pub fn find(name: &str) -> Option<&'static Lesson> {
    LESSONS.iter().find(|lesson| lesson.name == name)
}
