//! Commands in, figures out, around the training loop: each command that trains is an epoch.

use super::models::Step;
use elman::model::Model;
use elman::train::{Carry, Evaluation, Event, Objective, Observer, StepLoss, StepTimes};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Lines to obey.
pub(crate) type Commands = Box<dyn Iterator<Item = String>>;

/// What the objective and the observer share.
pub(crate) struct Session(Rc<Shared>);

struct Shared {
    commands: RefCell<Commands>,
    /// What an answer begins with.
    prefix: &'static str,
    stop: Arc<AtomicBool>,
    answer: Cell<Answer>,
    /// When the step under way began.
    began: Cell<Instant>,
    /// The loss function's part of its forward pass.
    loss: Cell<Duration>,
    steps: RefCell<Vec<Made>>,
}

/// One step in figures.
struct Made {
    loss: f64,
    whole: Duration,
    loss_function: Duration,
    times: StepTimes,
}

/// What is printed when the steps of a command are done.
#[derive(Clone, Copy, Default)]
enum Answer {
    #[default]
    Nothing,
    Times,
    Profile,
    Losses,
}

impl Session {
    /// Answers begin with `prefix`.
    pub(crate) fn new(commands: Commands, prefix: &'static str, stop: Arc<AtomicBool>) -> Self {
        Self(Rc::new(Shared {
            commands: RefCell::new(commands),
            prefix,
            stop,
            answer: Cell::default(),
            began: Cell::new(Instant::now()),
            loss: Cell::default(),
            steps: RefCell::default(),
        }))
    }

    pub(crate) fn objective(&self, step: Step) -> Task {
        Task {
            step,
            shared: self.0.clone(),
        }
    }

    pub(crate) fn observer(&self) -> Watch {
        Watch(self.0.clone())
    }
}

impl Shared {
    /// The number of steps that the next command asks for; one that will not be made where there is none.
    fn next(&self) -> usize {
        while let Some(line) = self.commands.borrow_mut().next() {
            let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            let answer = match word {
                "warm" => Answer::Nothing,
                "steps" => Answer::Times,
                "profile" => Answer::Profile,
                "losses" => Answer::Losses,
                "memory" => {
                    println!("{}peak memory {} MiB", self.prefix, peak());
                    continue;
                }
                "quit" => break,
                _ => {
                    println!("no command `{line}`");
                    continue;
                }
            };
            match rest.trim().parse() {
                Ok(steps) if steps > 0 => {
                    self.answer.set(answer);
                    return steps;
                }
                _ => println!("no `{word}` without a number of steps"),
            }
        }
        self.stop.store(true, Ordering::Relaxed);
        1
    }

    fn answer(&self) {
        let steps = self.steps.take();
        let median = |part: fn(&Made) -> Duration| {
            let mut all: Vec<f64> = steps.iter().map(|made| part(made).as_secs_f64()).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2] * 1e3
        };
        let all = |part: fn(&Made) -> f64| {
            let words = steps.iter().map(|made| format!("{:.9}", part(made)));
            words.collect::<Vec<_>>().join(" ")
        };
        let prefix = self.prefix;
        match self.answer.get() {
            Answer::Nothing => {}
            Answer::Times => println!("{prefix}{}", all(|made| made.whole.as_secs_f64() * 1e3)),
            Answer::Losses => println!("{prefix}{}", all(|made| made.loss)),
            Answer::Profile => println!(
                "{prefix}step {:.4} model {:.4} loss {:.4} backward {:.4} measure {:.4} update {:.4}",
                median(|made| made.whole),
                median(|made| made.times.forward - made.loss_function),
                median(|made| made.loss_function),
                median(|made| made.times.backward),
                median(|made| made.times.measure),
                median(|made| made.times.update),
            ),
        }
    }
}

/// The step as an objective whose epochs are the commands.
pub(crate) struct Task {
    step: Step,
    shared: Rc<Shared>,
}

impl Objective for Task {
    type Model = Model;
    type Batch = ();

    fn batches(&self, _epoch: usize) -> Vec<()> {
        let batches = vec![(); self.shared.next()];
        self.shared.began.set(Instant::now());
        batches
    }

    fn loss(&self, model: &Model, _batch: &(), carry: Option<Carry>) -> StepLoss {
        let (step, time) = self.step.loss(model, carry);
        self.shared.loss.set(time);
        step
    }

    fn validate(&self, _model: &Model) -> Option<Evaluation> {
        None
    }
}

/// Takes note of every step.
pub(crate) struct Watch(Rc<Shared>);

impl Observer for Watch {
    fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Step { loss, times, .. } => {
                let now = Instant::now();
                self.0.steps.borrow_mut().push(Made {
                    loss: *loss,
                    whole: now - self.0.began.replace(now),
                    loss_function: self.0.loss.get(),
                    times: *times,
                });
            }
            Event::Epoch(_) => self.0.answer(),
            _ => {}
        }
    }
}

/// The most memory that this process has held, in MiB, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.map_or("unknown".to_owned(), |size| format!("{:.1}", size / 1024.0))
}
