//! `elman inspect`: why a trained run works, or does not.

use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::output::{self, Output};
use elman::inspect::Choice;
use elman::report::{Block, Report};
use elman::run::{Origin, RunFolder};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::Path;

pub fn run(args: &InspectArgs, output: &Output) -> Result<(), Failure> {
    let run = RunFolder::open(&args.run)?;
    let origin: Origin = run.read_json("run.json")?;
    let mut session = run.recipe()?.reopen(&origin.base, &run)?;
    session.load(&run.model())?;
    let choice = Choice {
        example: args.example - 1,
        text: args.text.clone(),
    };
    let bar = ProgressBar::hidden();
    if output.is_live() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    let style = ProgressStyle::with_template("hiding each step {bar:20} {pos} of {len}");
    bar.set_style(style.expect("the template is right"));
    let mut told = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let found = session.inspect(&choice, (!args.no_hiding).then_some(&mut told))?;
    bar.finish_and_clear();
    let largest = run
        .history()
        .iter()
        .map(|epoch| epoch.gradient_norm_max)
        .reduce(f64::max);

    let (sections, pictures) = found.sections(largest);
    for section in &sections {
        output.result(format_args!("\n{}\n", section.title));
        for block in &section.blocks {
            match block {
                Block::Text(text) => output.result(text),
                Block::Table(table) => output.result(table),
                _ => {}
            }
        }
    }
    let folder = args.out.clone().unwrap_or_else(|| run.file("inspect"));
    let page = Report {
        title: format!("{}, inspected", origin.name),
        subtitle: found.title.clone(),
        verdict: Some(found.verdict()),
        sections,
    };
    let write = |name: &str, text: String| output::write(&folder.join(name), &text);
    for picture in pictures {
        write(&format!("{}.svg", picture.file), picture.svg.to_string())?;
    }
    write("gradients.csv", found.flow_csv())?;
    write("states.csv", found.states_csv())?;
    write("rests.csv", found.rests_csv())?;
    write("report.html", page.to_html())?;
    output.note(format_args!(
        "wrote {}",
        folder.join("report.html").display()
    ));
    let mut event = found.figures(largest);
    event["folder"] = Path::to_string_lossy(&folder).into();
    output.event(&event);
    Ok(())
}
