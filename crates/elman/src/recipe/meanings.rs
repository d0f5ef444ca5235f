//! What the keys do that are off unless they are given.

/// What a key does, such as `data.resample`, in a recipe of a task; nothing where nothing is written about it.
pub(super) fn meaning(task: &str, key: &str) -> &'static str {
    let named = |part: &&str| part.parse::<usize>().is_err(); // places in lists do not matter
    let key: Vec<&str> = key.split('.').filter(named).collect();
    let key = key.join(".");
    let find = |keys: &[(&str, &'static str)]| {
        let found = keys.iter().find(|(known, _)| *known == key);
        found.map(|(_, meaning)| *meaning)
    };
    let own = match task {
        "forecast" => find(FORECAST),
        "tag" => find(TAG),
        "generate" => find(GENERATE),
        "recognize" | "resemble" | "transcribe" | "animate" => find(SIGNALS),
        _ => None,
    };
    own.or_else(|| find(KEYS)).unwrap_or_default()
}

const FORECAST: &[(&str, &str)] = &[
    ("data", "the files to read, instead of [generate]"),
    (
        "data.delimiter",
        "the character between cells; without it the one that fits the rows best",
    ),
    (
        "data.time_format",
        "how times are written, as in strptime: \"%d.%m.%Y %H:%M\"; or unix, unix_ms, unix_days, excel, decimal_year; without it the form that all rows have",
    ),
    (
        "data.zone",
        "the time zone of the times: \"Europe/Berlin\"; instants are shown in its local time",
    ),
    (
        "data.from",
        "leaves out the rows before this time: \"2010-01-02\"",
    ),
    ("data.until", "leaves out the rows after this time"),
    (
        "data.resample",
        "puts rows on regular steps: every = \"15min\", how = \"mean\", \"sum\", \"first\", \"last\", \"min\" or \"max\"",
    ),
    ("generate", "draws series instead of reading files"),
    (
        "split.train",
        "rows (100) or share (0.7) of the training set; without it what the others leave",
    ),
    ("split.valid", "rows or share of the validation set: 0.1"),
    ("split.test", "rows or share of the test set: 0.2"),
    (
        "split.valid_from",
        "the time at which the validation set begins",
    ),
    ("split.test_from", "the time at which the test set begins"),
];

const TAG: &[(&str, &str)] = &[
    (
        "data.word",
        "the column of the word, from 1; without it 2 in CoNLL-U, else 1",
    ),
    (
        "data.tag",
        "the column of the tag, from 1; without it 4 in CoNLL-U, else 2",
    ),
    (
        "data.format",
        "\"conllu\" or \"columns\"; without it the file's name says it",
    ),
];

const GENERATE: &[(&str, &str)] = &[
    ("data.text", "the text itself, where it is short"),
    (
        "sample.top_k",
        "draws from so many of the most probable tokens only",
    ),
    (
        "sample.top_p",
        "draws from the most probable tokens that together have this probability only",
    ),
    ("sample.stop", "a text that ends the answer"),
    (
        "sample.check",
        "counts the answers that have this form, where a run is evaluated: \"abc\"",
    ),
];

const SIGNALS: &[(&str, &str)] = &[
    (
        "data.format",
        "how the files are written: \"csv\", \"tsv\", \"ts\", \"npy\", \"idx\", \"wav\", \"frames\"; without it their names say it",
    ),
    (
        "data.label",
        "the column or field of the label; without it `label`",
    ),
    (
        "data.steps",
        "the column with a label for each step (layout = \"long\")",
    ),
    (
        "data.layout",
        "\"wide\": a row is a series; \"long\": a row is a step. Without it long where id, time or steps is given",
    ),
    (
        "data.id",
        "the column or columns that tell series apart (layout = \"long\"); without it a file is one series",
    ),
    (
        "data.time",
        "the column to order the steps of a series by (layout = \"long\")",
    ),
    (
        "data.time_format",
        "how times are written, as in strptime: \"%d.%m.%Y %H:%M\"",
    ),
    (
        "data.columns",
        "the columns of values; without it all columns of numbers",
    ),
    (
        "data.fields",
        "columns to keep beside the values, such as the subject",
    ),
    (
        "data.name",
        "what the files' names say: \"{label}_{speaker}.npy\"",
    ),
    (
        "data.labels",
        "a CSV file with a column `file` and one for each field, such as `label`",
    ),
    (
        "data.label_files",
        "the files of labels, one for each of files (IDX)",
    ),
    ("data.valid_label_files", "the same for valid_files"),
    ("data.test_label_files", "the same for test_files"),
    ("data.sound", "how a recording becomes vectors"),
    (
        "data.sound.high",
        "where the highest band ends, in Hz; without it half of rate",
    ),
    ("data.frames", "how a video becomes vectors"),
    (
        "data.frames.side",
        "pixels of each side that frames are scaled to",
    ),
    (
        "data.windows",
        "cuts every series into series of so many steps",
    ),
    (
        "data.centre",
        "so many features are the coordinates of a point; the mean of all points becomes the origin",
    ),
    ("data.stride", "keeps every nth step only"),
    ("data.longest", "cuts series to so many steps"),
    (
        "data.resample",
        "stretches or shrinks every series to so many steps",
    ),
    (
        "split.by",
        "the field whose values stay together, such as \"speaker\"",
    ),
    (
        "split.valid_values",
        "values of split.by that make the validation set",
    ),
    (
        "split.test_values",
        "values of split.by that make the test set",
    ),
    (
        "recognize.warping",
        "how far the nearest series by dynamic time warping may be shifted, as a share of its length",
    ),
    (
        "resemble.warping",
        "how far the nearest series by dynamic time warping may be shifted, as a share of its length",
    ),
    (
        "animate.coordinates",
        "numbers that are the place of a joint: 2 or 3, or 1 for a curve",
    ),
    (
        "animate.bones",
        "pairs of joints, from 0, that a line connects",
    ),
];

const KEYS: &[(&str, &str)] = &[
    (
        "data.quote",
        "what cells that hold the delimiter stand in; \"\" if quotes are letters",
    ),
    (
        "data.decimal",
        "the decimal mark, \".\" or \",\"; without it decided from all cells of a column",
    ),
    (
        "data.thousands",
        "what groups thousands: \",\", \".\", \" \", \"'\", or \"\" for nothing",
    ),
    (
        "data.comment",
        "lines that begin with this are passed over; without it those with # above the header",
    ),
    (
        "data.sheet",
        "the sheet of a spreadsheet; without it the only one that holds rows",
    ),
    (
        "data.filter",
        "one series of a table that holds several: { store = \"12\" }",
    ),
    (
        "dataset",
        "a public dataset that the files are of (`elman data list`); without it they are beside the recipe",
    ),
    (
        "data.valid_files",
        "files of the validation set; without it a part of files",
    ),
    (
        "data.test_files",
        "files of the test set; without it a part of files",
    ),
    (
        "data.format",
        "how rows are written: \"csv\", \"tsv\", \"jsonl\", \"label_first\", \"fasttext\", \"lines\"; without it the file's name says it",
    ),
    ("data.header", "whether the first row names the columns"),
    (
        "data.delimiter",
        "the character between cells; without it the one that fits the rows best",
    ),
    (
        "data.encoding",
        "\"cp949\", \"windows-1252\", \"utf-16le\", …; without it UTF-8",
    ),
    (
        "data.label_until",
        "labels end before this text: with \":\" the label `DESC:manner` is `DESC`",
    ),
    (
        "data.labels",
        "the label of every row of a file, by file name: { \"*.pos\" = \"positive\" }",
    ),
    ("vocabulary.size", "most tokens that are kept"),
    (
        "vocabulary.file",
        "a tokenizer (tokenizer.json), instead of one learned from the training set",
    ),
    (
        "target_vocabulary",
        "the same as [vocabulary] for the targets, where it is another",
    ),
    ("target_vocabulary.size", "most tokens that are kept"),
    (
        "target_vocabulary.file",
        "a tokenizer (tokenizer.json), instead of one learned from the training set",
    ),
    (
        "parallel.source",
        "files of sources, line by line beside target, instead of [data]",
    ),
    ("parallel.target", "files of their targets"),
    (
        "parallel.valid_source",
        "sources of the validation set; without it a part of source",
    ),
    ("parallel.valid_target", "their targets"),
    (
        "parallel.test_source",
        "sources of the test set; without it a part of source",
    ),
    ("parallel.test_target", "their targets"),
    (
        "search.max_length",
        "most tokens of an answer; without it twice those of the source and ten more",
    ),
    (
        "classify.names",
        "what labels are called: { \"0\" = \"negative\", \"1\" = \"positive\" }",
    ),
    (
        "recognize.names",
        "what labels are called: { \"0\" = \"sitting\", \"1\" = \"walking\" }",
    ),
    ("similarity.names", "what labels are called"),
    ("map.inputs", "the columns that are read"),
    ("map.targets", "the columns that are answered"),
    ("map.steps", "the targets are a series of so many steps"),
    ("generate", "draws rows instead of reading files"),
    (
        "caption.parts",
        "a table without header of pictures and their part: train, valid or test",
    ),
    (
        "model.embedding_size",
        "numbers that stand for a token; without it hidden_size; 0 is one-hot",
    ),
    (
        "model.checkpoint_every",
        "keeps the state of every so many steps in training and computes the rest again: less memory",
    ),
    (
        "model.layers",
        "the layers one by one, instead of the keys above: [{ type = \"lstm\", hidden_size = 32 }, …]",
    ),
    (
        "model.layers.bias",
        "biases: \"none\", \"single\" or \"double\"; without it the cell's usual ones",
    ),
    (
        "model.layers.activation",
        "of a simple_rnn: \"tanh\", \"relu\" or \"identity\"",
    ),
    (
        "model.layers.reset",
        "of a gru: the reset gate acts \"after\" the product or \"before\" it",
    ),
    (
        "model.layers.forget_bias",
        "of an lstm: first value of the forget bias; without it 1",
    ),
    (
        "model.layers.checkpoint_every",
        "keeps the state of every so many steps in training and computes the rest again",
    ),
    ("train.clip_norm", "upper limit of the gradient's norm"),
    (
        "train.clip_value",
        "upper limit of every component of the gradient",
    ),
    (
        "train.bptt_len",
        "steps of truncated backpropagation through time, in long streams",
    ),
    (
        "train.checkpoint_every",
        "optimizer steps between two checkpoints, beside those at the ends of epochs",
    ),
    (
        "train.early_stopping",
        "ends training after so many epochs (patience) without improvement",
    ),
    (
        "train.optimizer.beta_1",
        "adam, adamw: decay of the gradient's mean; without it 0.9",
    ),
    (
        "train.optimizer.beta_2",
        "adam, adamw: decay of the squared gradient's mean; without it 0.999",
    ),
    (
        "train.optimizer.epsilon",
        "adam, adamw, rmsprop: keeps the quotient finite; without it 1e-7",
    ),
    (
        "train.optimizer.rho",
        "rmsprop: decay of the squared gradient's mean; without it 0.9",
    ),
    (
        "train.optimizer.momentum",
        "sgd, rmsprop: momentum; without it 0",
    ),
    (
        "train.optimizer.nesterov",
        "sgd with momentum: Nesterov's form",
    ),
    (
        "train.optimizer.weight_decay",
        "L2 penalty; without it 0, adamw 0.01",
    ),
    (
        "train.schedule.every",
        "step: epochs from one reduction to the next; without it 10",
    ),
    (
        "train.schedule.factor",
        "step, reduce_on_plateau: what the rate is multiplied by; without it 0.5",
    ),
    (
        "train.schedule.to",
        "cosine: the rate at the end; without it 0",
    ),
    (
        "train.schedule.patience",
        "reduce_on_plateau: epochs without improvement before a reduction; without it 3",
    ),
    (
        "train.schedule.min",
        "reduce_on_plateau: the lowest rate; without it 0",
    ),
    (
        "train.loss.name",
        "\"mse\", \"mae\", \"huber\", \"cross_entropy\", \"binary_cross_entropy\"; without it the task's own",
    ),
    (
        "train.loss.delta",
        "huber: where the square becomes a line; without it 1",
    ),
    (
        "train.loss.label_smoothing",
        "cross_entropy: share of the target spread over all classes; without it 0",
    ),
];
