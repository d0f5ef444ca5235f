//! Training as it goes: one redrawn line on a terminal, a line now and then elsewhere, a file of figures always.

use crate::output::Output;
use crate::signals;
use elman::report::number;
use elman::run::{Held, METRICS};
use elman::train::{EpochRecord, Event, Observer, TrainConfig, hints};
use elman_lessons::{Lang, Watcher, Words};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Lines told about a training where nothing can be redrawn.
const LINES: usize = 10;
/// Epochs in the sparkline.
const SPARKS: usize = 24;

/// Shows the progress of a training and writes `metrics.jsonl`.
pub struct Progress<'a> {
    output: &'a Output,
    run: &'a mut Held,
    bar: ProgressBar,
    records: Vec<EpochRecord>,
    config: &'a TrainConfig,
    /// What has been hinted at.
    hinted: Vec<&'static str>,
    epochs: usize,
    drawn: Instant,
    /// Ends the training after its next step.
    stop: Arc<AtomicBool>,
    /// Why the folder is not the training's any more.
    lost: Option<elman::run::Error>,
}

impl<'a> Progress<'a> {
    /// Progress of the training in `run`; figures of an interrupted one are kept. Signals raise `stop` while there are
    /// steps that no checkpoint has yet.
    pub fn new(
        output: &'a Output,
        run: &'a mut Held,
        config: &'a TrainConfig,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self {
            output,
            bar: ProgressBar::hidden(),
            records: run.run().history(),
            run,
            config,
            hinted: Vec::new(),
            epochs: 0,
            drawn: Instant::now(),
            stop,
            lost: None,
        }
    }

    /// The training has come to its end, whatever it is.
    ///
    /// # Errors
    /// If its folder was taken from it.
    pub fn end(self) -> Result<(), elman::run::Error> {
        signals::save_first(None);
        self.lost.map_or(Ok(()), Err)
    }

    /// Writes again what somebody has removed of the run. A training whose folder is another's by now ends.
    fn restore(&mut self) {
        match self.run.restore() {
            Ok(false) => {}
            Ok(true) => self.output.note(format_args!(
                "files of `{}` were removed while it was trained; they are written again",
                self.run.run().path().display()
            )),
            Err(error) => {
                self.lost = Some(error);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    fn start(&mut self, epochs: usize, steps: usize, done: usize, parameters: usize) {
        self.epochs = epochs;
        self.records.truncate(done / steps.max(1));
        if done > 0 {
            self.output.note(format_args!(
                "going on after step {done} of {}",
                steps * epochs
            ));
        }
        self.output.event(&json!({"event": "start", "epochs": epochs, "steps_per_epoch": steps, "parameters": parameters, "resumed_at": done}));
        if self.output.is_live() {
            self.bar = bar((steps * epochs) as u64).with_position(done as u64);
        }
    }

    /// Writes the figures of all epochs so far: with each checkpoint, since epochs may be shorter than a write.
    fn write(&self) {
        let lines: String = self
            .records
            .iter()
            .filter_map(|record| serde_json::to_string(record).ok())
            .map(|line| line + "\n")
            .collect();
        // A full disk is found out when the model is saved; a missing line of figures must not end a training.
        let _ = self.run.run().write(METRICS, lines);
    }

    fn epoch(&mut self, record: &EpochRecord) {
        self.records.retain(|known| known.epoch < record.epoch);
        self.records.push(record.clone());
        self.output
            .event(&json!({"event": "epoch", "record": record}));
        let every = self.epochs.div_ceil(LINES).max(1);
        let last = record.epoch + 1 == self.epochs;
        if !self.output.is_live()
            && (record.epoch == 0 || (record.epoch + 1).is_multiple_of(every) || last)
        {
            self.output.note(format_args!(
                "epoch {:>4}/{}  loss {}  validation {}  gradient {}  {:.0} steps/s",
                record.epoch + 1,
                self.epochs,
                number(record.train_loss),
                record.valid_loss.map_or("-".into(), number),
                number(record.gradient_norm_mean),
                record.steps_per_second,
            ));
        }
        self.hint();
    }

    /// Says once, while there is still time to stop, what the epochs so far suggest.
    fn hint(&mut self) {
        for hint in hints(&self.records, self.config) {
            if self.records.len() == self.epochs || self.hinted.contains(&hint.kind) {
                continue; // at the end all of them are said
            }
            self.hinted.push(hint.kind);
            self.output.event(&json!({"event": "hint", "hint": hint}));
            let text = format!("hint: {}; try --set {}", hint.seen, hint.remedy);
            match self.output.is_live() {
                true => self.bar.println(elman::report::shown(&text)),
                false => self.output.note(text),
            }
        }
    }
}

impl Observer for Progress<'_> {
    fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Start {
                epochs,
                steps_per_epoch,
                parameters,
                resumed_at,
            } => {
                self.start(*epochs, *steps_per_epoch, *resumed_at, *parameters);
            }
            Event::Step {
                epoch,
                loss,
                gradient_norm,
                ..
            } => {
                signals::save_first(Some(self.stop.clone()));
                self.bar.inc(1);
                if self.drawn.elapsed() > Duration::from_millis(100) {
                    self.drawn = Instant::now();
                    self.bar
                        .set_prefix(format!("epoch {:>4}/{}", epoch + 1, self.epochs));
                    let losses = self
                        .records
                        .iter()
                        .rev()
                        .take(SPARKS)
                        .map(|r| r.valid_loss.unwrap_or(r.train_loss));
                    let losses: Vec<f64> = losses.collect::<Vec<_>>().into_iter().rev().collect();
                    let (loss, norm) = (number(*loss), number(*gradient_norm));
                    self.bar.set_message(format!(
                        "loss {loss} · gradient {norm} · {}",
                        sparkline(&losses)
                    ));
                }
            }
            Event::Epoch(record) => self.epoch(record),
            Event::Checkpoint { .. } => {
                self.restore();
                self.write();
                signals::save_first(None);
            }
            Event::Stop { reason } => {
                self.write();
                self.bar.finish_and_clear();
                self.output
                    .event(&json!({"event": "stop", "reason": reason}));
            }
            _ => {}
        }
    }
}

/// The progress of something that leaves no figures: a bar on a terminal, nothing elsewhere.
pub struct Bar {
    what: &'static str,
    bar: ProgressBar,
    live: bool,
}

impl Bar {
    /// Nothing yet; `what` is what the steps of a training, if there are any, are of.
    pub fn new(what: &'static str, output: &Output) -> Self {
        Self {
            what,
            bar: ProgressBar::hidden(),
            live: output.is_live(),
        }
    }
}

impl Observer for Bar {
    fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Start {
                epochs,
                steps_per_epoch,
                ..
            } if self.live => {
                self.bar = bar((epochs * steps_per_epoch) as u64).with_prefix(self.what);
            }
            Event::Work { what, done, total } if self.live => {
                if self.bar.length() != Some(*total as u64) || *done < self.bar.position() as usize
                {
                    self.bar = bar(*total as u64).with_prefix(*what);
                }
                self.bar.set_position(*done as u64);
                if done == total {
                    self.bar.finish_and_clear();
                }
            }
            Event::Step { .. } => self.bar.inc(1),
            Event::Stop { .. } => self.bar.finish_and_clear(),
            _ => {}
        }
    }
}

/// The progress of a lesson: a bar for each training on a terminal, a line for each elsewhere.
pub struct LessonProgress<'a> {
    output: &'a Output,
    name: &'static str,
    lang: Lang,
    what: String,
    bar: ProgressBar,
}

impl<'a> LessonProgress<'a> {
    /// Nothing yet.
    pub fn new(output: &'a Output, name: &'static str, lang: Lang) -> Self {
        Self {
            output,
            name,
            lang,
            what: String::new(),
            bar: ProgressBar::hidden(),
        }
    }
}

impl Watcher for LessonProgress<'_> {
    fn begin(&mut self, what: &Words) {
        self.what = format!("{}: {}", self.name, what.say(self.lang));
        if !self.output.is_live() {
            self.output.note(&self.what);
        }
    }

    fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Start {
                epochs,
                steps_per_epoch,
                ..
            } if self.output.is_live() => {
                let steps = (epochs * steps_per_epoch) as u64;
                self.bar = bar(steps).with_prefix(self.what.clone());
            }
            Event::Step { .. } => self.bar.inc(1),
            Event::Epoch(record) => {
                let loss = number(record.score());
                self.bar.set_message(format!("loss {loss}"));
            }
            Event::Stop { .. } => self.bar.finish_and_clear(),
            _ => {}
        }
    }
}

/// A bar of so many steps, redrawn on standard error.
fn bar(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:20} {per_sec} · {eta} left · {msg}");
    let style = style
        .expect("the template is right")
        .progress_chars("█▉▊▋▌▍▎▏ ");
    ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr()).with_style(style)
}

/// Values as bars of eight heights.
fn sparkline(values: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    let height =
        |value: f64| ((value - low) / (high - low).max(f64::MIN_POSITIVE) * 7.0).round() as usize;
    values
        .iter()
        .map(|value| {
            if value.is_finite() {
                BARS[height(*value).min(7)]
            } else {
                ' '
            }
        })
        .collect()
}
