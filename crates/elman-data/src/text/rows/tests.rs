use super::*;
use crate::text::support::with_files;

fn read(files: &[(&str, &[u8])], toml: &str, columns: &[Column]) -> Result<Vec<Row>, String> {
    let config: RowsConfig = toml::from_str(toml).unwrap();
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    with_files(files, |base| read_rows(&config, &names, columns, base))
}

fn one(
    name: &str,
    text: &str,
    toml: &str,
    columns: &[Column],
) -> Result<Vec<(Vec<String>, usize)>, String> {
    let rows = read(&[(name, text.as_bytes())], toml, columns)?;
    Ok(rows
        .iter()
        .map(|row| (row.fields().map(str::to_owned).collect(), row.line()))
        .collect())
}

fn expect(cells: &[&[&str]], lines: &[usize]) -> Vec<(Vec<String>, usize)> {
    let cells = cells
        .iter()
        .map(|cells| cells.iter().map(|&cell| cell.into()).collect());
    cells.zip(lines.iter().copied()).collect()
}

#[test]
fn csv_with_quotes_line_ends_and_a_header() {
    let text = "\u{feff}Q,A,label\r\n\"12시, 땡!\",\"그는 \"\"네\"\"라고\n말했다\",0\r\n\r\n# 1지망,위로 \"해\" 드립니다 👍🏽,1\r\n";
    let found = one("a.csv", text, "", &["A".into(), "Q".into()]).unwrap();
    let cells: [&[&str]; 2] = [
        &["그는 \"네\"라고\n말했다", "12시, 땡!"],
        &["위로 \"해\" 드립니다 👍🏽", "# 1지망"],
    ];
    assert_eq!(found, expect(&cells, &[2, 5]));
    assert_eq!(
        one("a.csv", text, "header = true", &[3.into()]).unwrap(),
        expect(&[&["0"], &["1"]], &[2, 5])
    );
    assert_eq!(
        one("a.csv", "a;b\nc;d\n", "delimiter = \";\"", &[2.into()]).unwrap(),
        expect(&[&["b"], &["d"]], &[1, 2])
    );
}

#[test]
fn tsv_takes_quotes_literally() {
    let text = "id\tdocument\tlabel\n1\t\"좋아요\t1\n\n2\t'a \"b\" , c\t0\n";
    let found = one("a.tsv", text, "", &["document".into(), "label".into()]).unwrap();
    assert_eq!(
        found,
        expect(&[&["\"좋아요", "1"], &["'a \"b\" , c", "0"]], &[2, 4])
    );
    let bare = "a stirring , funny\t1\nsoap \"\t0\n";
    assert_eq!(
        one("a.tsv", bare, "", &[1.into(), 2.into()]).unwrap(),
        expect(&[&["a stirring , funny", "1"], &["soap \"", "0"]], &[1, 2])
    );
    assert_eq!(
        one(
            "a.txt",
            bare,
            "format = \"tsv\"\nheader = true",
            &[1.into()]
        )
        .unwrap()
        .len(),
        1
    );
}

#[test]
fn json_lines() {
    let text = "{\"text\": \"한글\\n\\u00e9\", \"label\": 3, \"other\": [1]}\n\n{\"label\": true, \"text\": \"b\"}\n";
    let found = one("a.jsonl", text, "", &["text".into(), "label".into()]).unwrap();
    assert_eq!(found, expect(&[&["한글\né", "3"], &["b", "true"]], &[1, 3]));
    let fails = |text: &str, column: Column| one("a.jsonl", text, "", &[column]).unwrap_err();
    assert_eq!(
        fails("{\"text\": \"a\"}\n{\"txt\": \"b\"}\n", "text".into()),
        "`a.jsonl`, line 2: there is no key `text`; did you mean `txt`?; the keys are: txt"
    );
    assert!(
        fails("{\"text\": \"a\"", "text".into())
            .starts_with("`a.jsonl`, line 1: not a JSON object of plain values: EOF")
    );
    assert_eq!(
        fails("{\"text\": {}}", "text".into()),
        "`a.jsonl`, line 1: the value of `text` is a list or an object; a text is needed"
    );
    assert_eq!(
        fails("{\"text\": \"a\"}", 1.into()),
        "`data`: JSON lines have no column 1; give the name of a key"
    );
}

#[test]
fn labels_before_the_text() {
    let both: [Column; 2] = ["text".into(), "label".into()];
    let trec = "DESC:manner How did serfdom develop ?\n\n ENTY:cremat\t무엇 ?\n";
    let coarse = one(
        "a.txt",
        trec,
        "format = \"label_first\"\nlabel_until = \":\"",
        &both,
    )
    .unwrap();
    assert_eq!(
        coarse,
        expect(
            &[&["How did serfdom develop ?", "DESC"], &["무엇 ?", "ENTY"]],
            &[1, 3]
        )
    );
    assert_eq!(
        one("a.txt", trec, "format = \"label_first\"", &[1.into()]).unwrap()[0].0,
        ["DESC:manner"]
    );
    let fast = "__label__pos good , really\n__label__neg 별로\n";
    let found = one("a.txt", fast, "format = \"fasttext\"", &both).unwrap();
    assert_eq!(
        found,
        expect(&[&["good , really", "pos"], &["별로", "neg"]], &[1, 2])
    );
    let fails = |text: &str, format: &str| {
        one("a.txt", text, &format!("format = \"{format}\""), &both).unwrap_err()
    };
    assert_eq!(
        fails("__label__a x\nlabel x", "fasttext"),
        "`a.txt`, line 2: expected a label that begins with \"__label__\", found \"label\""
    );
    assert_eq!(
        fails("__label__a __label__b x", "fasttext"),
        "`a.txt`, line 1: a second label; a text has one"
    );
    assert_eq!(
        fails("__label__ x", "fasttext").split(';').next().unwrap(),
        "`a.txt`, line 1: the column `label` is empty"
    );
    assert_eq!(
        fails("A one\nB", "label_first"),
        "`a.txt`, line 2: the column `text` is empty; write something there, or leave such rows out with data.skip_empty = true"
    );
}

#[test]
fn a_class_in_each_file() {
    let files: [(&str, &[u8]); 2] = [
        ("rt.neg", b"simplistic , silly\n\nit's \xe9 so\n"),
        ("rt.pos", b"good\n"),
    ];
    let toml = "format = \"lines\"\nencoding = \"windows-1252\"\n[labels]\n\"*.neg\" = \"negative\"\n\"rt.pos\" = \"positive\"";
    let rows = read(&files, toml, &["text".into(), "label".into()]).unwrap();
    let fields: Vec<_> = rows
        .iter()
        .map(|row| row.fields().collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(
        fields,
        [
            "simplistic , silly|negative",
            "it's é so|negative",
            "good|positive"
        ]
    );
    assert_eq!((rows[1].line(), rows[2].line()), (3, 1));
    assert!(rows[2].place().ends_with("rt.pos`, line 1"));
    let message = read(&files, &toml.replace("rt.pos", "other"), &["label".into()]).unwrap_err();
    assert_eq!(
        message,
        "`data.labels`: no label for `rt.pos`; there are labels for: *.neg, other"
    );
    let message = read(&files[1..], "format = \"lines\"", &["label".into()]).unwrap_err();
    assert_eq!(
        message,
        "`data`: there is no column `label`; for a label for each file, set data.labels; the columns are: text"
    );
}

#[test]
fn parallel_files_pair_up_line_by_line() {
    let pair = |source: &str, target: &str| {
        with_files(
            &[("a.de", source.as_bytes()), ("a.en", target.as_bytes())],
            |base| read_parallel(&["a.de".into()], &["a.en".into()], None, base),
        )
    };
    let rows = pair(
        "Ein Hund.\n\n Zwei \"Äpfel\".",
        "A dog.\r\n\r\nTwo \"apples\".\r\n",
    )
    .unwrap();
    assert!(rows[1].fields().eq(["Zwei \"Äpfel\".", "Two \"apples\"."]));
    assert_eq!((rows.len(), rows[1].line()), (2, 3));
    assert_eq!(
        pair("a\nb\n", "a\n").unwrap_err(),
        "`a.de` has 2 lines, `a.en` has 1: every source needs its target, line by line"
    );
    assert_eq!(
        pair("a\nb\n", "a\n \n").unwrap_err(),
        "`a.en`, line 2: the line is blank, but that of `a.de` is not"
    );
}

#[test]
fn rows_that_do_not_fit() {
    let text_label: [Column; 2] = ["text".into(), "label".into()];
    let fails =
        |name: &str, text: &str, toml: &str| one(name, text, toml, &text_label).unwrap_err();
    assert_eq!(
        fails("a.tsv", "text\tlabel\na\t1\nb\n", ""),
        "`a.tsv`, line 3: expected 2 cells as in the header, found 1; if the delimiter is another one, set data.delimiter"
    );
    assert_eq!(
        fails("a.csv", "text,label\na,1\n\"b,1\nc,1\n", ""),
        "`a.csv`, line 3: a quote is opened there and never closed as it should be; close it and double the quotes inside, or set data.quote = \"\" if quotes are letters (data.quote = \"\\\"\" if the cell spans lines)"
    );
    assert_eq!(
        fails("a.csv", "text,label\n\"a\nb\",1\n ,1\n", ""),
        "`a.csv`, line 4: the column `text` is empty; write something there, or leave such rows out with data.skip_empty = true"
    );
    assert_eq!(
        one(
            "a.csv",
            "text,label\n ,1\na,1\n",
            "skip_empty = true",
            &text_label
        )
        .unwrap()
        .len(),
        1
    );
    assert_eq!(
        fails("a.csv", "text,label\n ,1\n", "skip_empty = true"),
        "`a.csv` has no rows with text: there is nothing to learn from"
    );
    assert_eq!(
        fails("a.csv", "text,label\n", ""),
        "`a.csv` has no rows with text: there is nothing to learn from"
    );
    assert_eq!(
        fails("a.csv", "txt,label\na,1\n", ""),
        "`a.csv`: there is no column `text`; did you mean `txt`?; the columns are: txt, label"
    );
    assert_eq!(
        fails(
            "a.tsv",
            "a long sentence that goes on and on and on\t1\n",
            ""
        ),
        "`a.tsv`: there is no column `text`; if the file has no header, give the column's number, from 1; the columns are: a long sentence that goes on and on and …, 1"
    );
    assert_eq!(
        fails("a.tsv", "a\t1\n", "header = false"),
        "`data.header`: without a header there is no column `text`; give its number, from 1"
    );
    assert_eq!(
        one("a.tsv", "a\t1\n", "", &[0.into()]).unwrap_err(),
        "`a.tsv`: there is no column `0`; did you mean `1`?; the columns are: 1, 2"
    );
    assert!(fails("a.txt", "a\t1\n", "").starts_with(
        "`data.format`: neither the name nor the beginning of `a.txt` tells how its rows are written; set it to"
    ));
    assert_eq!(
        fails("a.tsv", "a\t1\n", "label_until = \":\""),
        "`data.label_until`: it means nothing to `a.tsv`, which is read as tsv; leave it out"
    );
}

#[test]
fn files_that_are_no_text() {
    let columns = [Column::from(1)];
    let fails = |bytes: &[u8]| read(&[("a.tsv", bytes)], "", &columns).unwrap_err();
    assert_eq!(
        fails(b""),
        "`a.tsv` is empty: there is nothing to learn from"
    );
    assert_eq!(
        fails(b"\xef\xbb\xbf\r\n "),
        "`a.tsv` holds only white space: there is nothing to learn from"
    );
    assert_eq!(
        fails(
            "가나\n다라"
                .as_bytes()
                .iter()
                .copied()
                .chain([0xe9])
                .collect::<Vec<_>>()
                .as_slice()
        )
        .split(';')
        .next()
        .unwrap(),
        "`a.tsv`, line 2, column 3: bytes that are not UTF-8 text"
    );
    let (korean, _, _) = encoding_rs::EUC_KR.encode("좋아요\t1\n");
    assert_eq!(
        read(&[("a.tsv", &korean)], "encoding = \"cp949\"", &columns).unwrap()[0].field(0),
        "좋아요"
    );
    let missing = with_files(&[("b.tsv", b"a")], |base| {
        read_texts(&["a.tsv".into()], None, base)
    })
    .unwrap_err();
    assert!(
        missing.starts_with("there is no file `a.tsv`; did you mean `b.tsv`?"),
        "{missing}"
    );
    let none = with_files(&[("b.tsv", b"a")], |base| {
        read_texts(&["*.abc".into()], None, base)
    })
    .unwrap_err();
    assert!(none.starts_with("no file matches `*.abc`"), "{none}");
}

#[test]
fn rows_of_a_megabyte_and_more() {
    let long = "긴 \"문장\" ".repeat(100_000);
    for (name, text) in [
        ("a.tsv", format!("{long}\t1\n{long}\t2\n")),
        (
            "a.csv",
            format!("\"{}\n\",1\n{},2\n", long.replace('"', "\"\""), long),
        ),
    ] {
        let rows = one(name, &text, "", &[1.into(), 2.into()]).unwrap();
        assert_eq!(
            (rows[0].0[0].as_str(), rows[1].0[1].as_str()),
            (long.trim(), "2")
        );
    }
}

#[test]
fn parts_from_files_or_divided_off() {
    let train: String = (0..100).map(|i| format!("text {i}\t{}\n", i % 2)).collect();
    let parts = |toml: &str| {
        let config: RowsConfig = toml::from_str(toml).unwrap();
        let files: [(&str, &[u8]); 2] = [("a.tsv", train.as_bytes()), ("b.tsv", b"t\t0\nu\t1\n")];
        with_files(&files, |base| {
            read_parts(
                &config,
                &[1.into(), 2.into()],
                &toml::from_str("valid = 10\ntest = 20").unwrap(),
                base,
            )
        })
        .map(|parts| [parts.train, parts.valid, parts.test].map(|rows| rows.len()))
    };
    assert_eq!(parts("files = [\"a.tsv\"]").unwrap(), [70, 10, 20]);
    assert_eq!(
        parts("files = [\"a.tsv\"]\ntest_files = [\"b.tsv\"]").unwrap(),
        [90, 10, 2]
    );
    assert_eq!(
        parts("files = [\"a.tsv\"]\nvalid_files = [\"b.tsv\"]\ntest_files = [\"b.tsv\"]").unwrap(),
        [100, 2, 2]
    );
    assert!(
        parts("files = []")
            .unwrap_err()
            .contains("`data.files` is empty")
    );
}

#[test]
fn the_columns_there_are() {
    let columns = |name: &str, text: &str, toml: &str, named: bool| {
        let config: RowsConfig = toml::from_str(toml).unwrap();
        with_files(&[(name, text.as_bytes())], |base| {
            read_columns(&config, &[name.to_owned()], named, base)
        })
    };
    let named: Vec<Column> = vec!["x 1".into(), "y".into()];
    let numbers: Vec<Column> = vec![1.into(), 2.into()];
    let csv = "\u{feff}\"x 1\"; y\n1,5;2\n";
    assert_eq!(columns("a.csv", csv, "", true), Ok(named.clone()));
    assert_eq!(columns("a.csv", csv, "", false), Ok(numbers.clone()));
    assert_eq!(
        columns("a.csv", csv, "header = true", false),
        Ok(named.clone())
    );
    assert_eq!(columns("a.tsv", "\nx 1\ty\n", "", true), Ok(named.clone()));
    assert_eq!(
        columns("a.tsv", "3\t4\n", "header = false", true),
        Ok(numbers)
    );
    let json = "\n{\"x 1\": 1, \"y\": 2}\n";
    assert_eq!(columns("a.jsonl", json, "", false), Ok(named));
    let refused = |name: &str, text: &str, toml: &str| columns(name, text, toml, true).unwrap_err();
    let twice = refused("a.csv", "\nx,y,x\n", "");
    assert!(twice.contains("line 2") && twice.contains("`x`"), "{twice}");
    assert!(refused("a.csv", "", "").contains("a.csv"));
    assert!(refused("a.jsonl", "[1]\n", "").contains("line 1"));
    assert!(refused("a.txt", "x\n", "format = \"lines\"").contains("no columns"));
}

#[test]
fn quotes_mean_the_same_between_tabs() {
    let both: [Column; 2] = ["text".into(), "label".into()];
    // As pandas' to_csv(sep="\t") writes them: all cells in quotes, or those that hold one.
    let all = "\"text\"\t\"label\"\n\"very bad day\"\t\"n\"\n\"said \"\"ok\"\"\"\t\"p\"\n";
    let expected = expect(&[&["very bad day", "n"], &["said \"ok\"", "p"]], &[2, 3]);
    assert_eq!(one("a.tsv", all, "", &both).unwrap(), expected);
    let few = "text\tlabel\nvery bad day\tn\n\"said \"\"ok\"\"\"\tp\n";
    assert_eq!(one("a.tsv", few, "", &both).unwrap(), expected);
    // A text of two lines, and quotes that are letters by the key.
    let lines = "text\tlabel\n\"one\ntwo\"\tn\n";
    assert_eq!(
        one("a.tsv", lines, "", &both).unwrap(),
        expect(&[&["one\ntwo", "n"]], &[2])
    );
    let letters = one("a.tsv", few, "quote = \"\"", &both).unwrap();
    assert_eq!(letters[1].0[0], "\"said \"\"ok\"\"\"");
    // The same through a packed file, a list in JSON and a file without an ending.
    let json = "[{\"text\": \"very bad day\", \"label\": \"n\"},\n {\"text\": \"said \\\"ok\\\"\", \"label\": \"p\"}]";
    let found = one("a.json", json, "", &both).unwrap();
    assert_eq!(
        found,
        expect(&[&["very bad day", "n"], &["said \"ok\"", "p"]], &[1, 2])
    );
}
