//! `elman inspect`: why a trained run works, or does not.

use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::given::note_of_text;
use crate::output::{self, Output};
use crate::progress::Bar;
use crate::runs;
use elman::inspect::{Choice, Training};
use elman::report::{Block, Report};
use elman::train::{Event, Observer};
use std::path::Path;

pub fn run(args: &InspectArgs, output: &Output) -> Result<(), Failure> {
    let run = runs::open(&args.run, output)?;
    let recipe = run.recipe()?;
    let session = recipe.clone().trained(&run).map_err(|error| {
        runs::without_data(&run, error, "Put them back where they were, or give a text of your own to look at where the run reads texts")
    })?;
    if let Some(note) = args.text.as_deref().and_then(note_of_text) {
        output.note(note);
    }
    let choice = Choice {
        example: args.example - 1,
        text: args.text.clone(),
    };
    let mut bar = Bar::new("hiding each step", output);
    let mut told = |done: usize, total: usize| {
        bar.on(&Event::Work {
            what: "hiding each step",
            done,
            total,
        });
    };
    let found = session.inspect(&choice, (!args.no_hiding).then_some(&mut told))?;
    let training = Training::new(&recipe, &run.history());

    let (sections, pictures) = found.sections(&training);
    for section in &sections {
        let shown = section.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.clone()),
            Block::Table(table) => Some(table.to_string()),
            _ => None, // pictures, and what is folded away, are on the page
        });
        let shown: Vec<String> = shown.collect();
        if !shown.is_empty() {
            output.result(format_args!("\n{}\n\n{}", section.title, shown.join("\n")));
        }
    }
    let folder = args.out.clone().unwrap_or_else(|| run.file("inspect"));
    let page = Report {
        title: format!("{}, inspected", run.origin()?.name),
        subtitle: found.title.clone(),
        verdict: Some(found.verdict()),
        sections,
    };
    let write = |name: &str, bytes: &[u8]| output::write(&folder.join(name), bytes);
    for picture in pictures {
        write(
            &format!("{}.svg", picture.file),
            picture.svg.as_str().as_bytes(),
        )?;
    }
    for (name, table) in found.tables(args.states) {
        match args.parquet {
            true => write(&format!("{name}.parquet"), &table.to_parquet())?,
            false => write(&format!("{name}.csv"), table.to_csv().as_bytes())?,
        }
    }
    write("report.html", page.to_html().as_bytes())?;
    output.note(format_args!(
        "wrote {}",
        folder.join("report.html").display()
    ));
    let mut event = found.figures(&training);
    event["folder"] = Path::to_string_lossy(&folder).into();
    output.event(&event);
    Ok(())
}
