//! A small recipe of every task, and its data.

use super::tables;
use elman_data::media::made::{CaptionShapes, write_caption_shapes};
use std::fs;
use std::io;
use std::path::Path;

/// A recipe and its data.
pub(super) struct Project {
    pub(super) task: &'static str,
    pub(super) recipe: &'static str,
    /// The name of its file of data, and what is in it.
    data: (&'static str, fn() -> String),
}

macro_rules! project {
    ($task:literal, $file:literal, $data:expr, $recipe:literal) => {
        Project {
            task: $task,
            recipe: concat!(
                "task = \"",
                $task,
                "\"\n[data]\nfiles = [\"",
                $file,
                "\"]\n",
                $recipe,
                "[train]\nepochs = 1\nbatch_size = 8\n"
            ),
            data: ($file, $data),
        }
    };
}

/// A project of every task.
pub(super) const PROJECTS: &[Project] = &[
    project!(
        "forecast",
        "sales.csv",
        || tables::table("month,sales", 60, |row| format!(
            "{}-{:02},{}",
            2000 + row / 12,
            row % 12 + 1,
            tables::value(row)
        )),
        "[split]\nvalid = 12\ntest = 12\n[forecast]\nlookback = 6\nhorizon = 3\nbaselines = [\"last_value\", \"seasonal_naive\", \"mean\"]\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "map",
        "rows.csv",
        || tables::table("name,a,b,y", 90, |row| format!(
            "r{row},{},{},{}",
            tables::value(row),
            row % 7,
            tables::value(row + 3)
        )),
        "[map]\ninputs = [\"a\", \"b\"]\ntargets = [\"y\"]\nbaselines = [\"mean\", \"linear\"]\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "classify",
        "texts.csv",
        || tables::table("text,label", 90, |row| format!(
            "{} thing {},{}",
            ["a good", "a bad"][row % 2],
            row / 2,
            ["pos", "neg"][row % 2]
        )),
        "[vocabulary]\ntokens = \"words\"\n[classify]\nbaselines = [\"majority\"]\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "recognize",
        "series.csv",
        || tables::table("who,label,x,y", 160, |at| {
            let who = at / 5;
            format!(
                "{who},{},{},{}",
                ["a", "b"][who % 2],
                tables::value(at),
                at % 5
            )
        }),
        "id = \"who\"\nlabel = \"label\"\n[recognize]\nbaselines = [\"majority\", \"nearest\"]\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "generate",
        "text.txt",
        || tables::table("", 12, |row| format!(
            "line {row} of some words, 한글 {}",
            row * 7 % 10
        )),
        "[vocabulary]\ntokens = \"characters\"\n[sample]\nlength = 4\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "tag",
        "words.tsv",
        || tables::table("", 120, |row| if row % 4 == 3 {
            String::new()
        } else {
            format!("w{}\t{}", row * 5 % 11, ["N", "V"][row % 2])
        }),
        "[tag]\nletter_size = 2\nletter_hidden_size = 2\n[model]\nhidden_size = 3\nbidirectional = true\n"
    ),
    project!(
        "translate",
        "pairs.tsv",
        || tables::table("q\ta", 90, |row| format!(
            "frage {row} nummer {}?\t답 {}",
            row % 7,
            row % 5
        )),
        "[vocabulary]\ntokens = \"words\"\n[split]\nvalid = 0.1\ntest = 0.2\n[translate]\nsource = \"q\"\ntarget = \"a\"\nlongest = 8\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "caption",
        "shapes/captions.csv",
        String::new,
        "[caption]\nfolder = \"shapes\"\npicture = \"file\"\nsentence = \"english\"\neye = \"learned\"\nside = 32\ngrid = 2\n[vocabulary]\ntokens = \"words\"\n[search]\nbeam = 1\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "transcribe",
        "said.csv",
        || tables::table("series,x,y,text", 240, |at| {
            let row = at / 8;
            format!(
                "s{row},{},{},{}",
                tables::value(at),
                at % 8,
                ["a", "ab", "b"][row % 3]
            )
        }),
        "id = \"series\"\nlabel = \"text\"\ncolumns = [\"x\", \"y\"]\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "animate",
        "moves.csv",
        || tables::table("who,t,ax,ay,bx,by", 180, |at| {
            let (who, t) = (at / 9, at % 9);
            format!(
                "{who},{t},{},{},{},{}",
                tables::value(at),
                t,
                tables::value(at + 1),
                who
            )
        }),
        "id = \"who\"\ntime = \"t\"\n[animate]\ncoordinates = 2\nbones = [[0, 1]]\ncomponents = 2\n[sample]\nseed_steps = 3\nsteps = 3\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "similarity",
        "texts.csv",
        || tables::table("text,label", 120, |row| format!(
            "what {} is {},{}",
            ["who", "where", "when"][row % 3],
            row / 3,
            row % 3
        )),
        "[vocabulary]\ntokens = \"words\"\n[model]\nhidden_size = 3\n"
    ),
    project!(
        "resemble",
        "series.csv",
        || tables::table("who,label,x,y", 300, |at| {
            let who = at / 5;
            format!(
                "{who},{},{},{}",
                ["a", "b"][who % 2],
                tables::value(at),
                at % 5
            )
        }),
        "id = \"who\"\nlabel = \"label\"\n[model]\nhidden_size = 3\n"
    ),
];

impl Project {
    /// Writes the recipe and its data into a folder.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let (name, data) = self.data;
        let path = folder.join(name);
        if self.task == "caption" {
            if !path.exists() {
                fs::create_dir_all(folder)?;
                let settings = CaptionShapes {
                    side: 32,
                    shapes: 1,
                    ..CaptionShapes::default()
                };
                write_caption_shapes(&folder.join("shapes"), &settings, 20)
                    .map_err(io::Error::other)?;
            }
        } else {
            fs::create_dir_all(folder)?;
            fs::write(path, data())?;
        }
        fs::write(folder.join(format!("{}.toml", self.task)), self.recipe)
    }
}
