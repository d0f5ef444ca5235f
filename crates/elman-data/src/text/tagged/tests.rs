use super::*;
use crate::text::support::with_files;

fn read(name: &str, text: &str, toml: &str) -> Result<Vec<Sentence>, String> {
    let config: TaggedConfig = toml::from_str(toml).unwrap();
    with_files(&[(name, text.as_bytes())], |base| {
        read_tagged(&[name.into()], &config, base)
    })
}

fn columns(text: &str) -> Result<Vec<Sentence>, String> {
    read("a.tsv", text, "")
}

fn pairs(sentence: &Sentence) -> Vec<(&str, &str)> {
    sentence.words().zip(sentence.tags()).collect()
}

const CONLLU: &str = "\
# sent_id = 1
# text = 날 봐, don't
1\t날\t나\tPRON\tnpp\t_\t2\tobj\t_\t_
2-3\t봐,\t_\t_\t_\t_\t_\t_\t_\t_
2\t봐\t보\tVERB\tpvg\t_\t0\troot\t_\t_
3\t,\t,\tPUNCT\tsp\t_\t2\tpunct\t_\t_
3.1\tghost\t_\t_\t_\t_\t_\t_\t_\t_
4\tdon't\tdo\tAUX\tMD\t_\t2\taux\t_\t_

1\t#\t#\tSYM\tNN\t_\t0\troot\t_\t_
";

#[test]
fn conllu_without_ranges_and_empty_nodes() {
    let sentences = read("a.conllu", CONLLU, "").unwrap();
    assert_eq!(
        pairs(&sentences[0]),
        [
            ("날", "PRON"),
            ("봐", "VERB"),
            (",", "PUNCT"),
            ("don't", "AUX")
        ]
    );
    assert_eq!(
        (sentences[0].line(), sentences[1].line(), sentences.len()),
        (3, 10, 2)
    );
    assert_eq!(pairs(&sentences[1]), [("#", "SYM")]);
    let other = read("a.txt", CONLLU, "format = \"conllu\"\ntag = 5\nword = 3").unwrap();
    assert_eq!(pairs(&other[0])[0], ("나", "npp"));
    assert_eq!(
        read("a.conllu", &CONLLU.replace('\n', "\r\n"), "")
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn conllu_that_is_out_of_order() {
    let fails = |from: &str, to: &str| read("a.conllu", &CONLLU.replace(from, to), "").unwrap_err();
    assert_eq!(
        fails("3\t,", "4\t,"),
        "`a.conllu`, line 6: word 4 stands where word 3 of the sentence should"
    );
    assert_eq!(
        fails("_\n\n1", "_\n1"),
        "`a.conllu`, line 9: a sentence begins here; a blank line must stand before it"
    );
    assert_eq!(
        fails("\tsp\t_", "\tsp"),
        "`a.conllu`, line 6: CoNLL-U has 10 columns between tabs, found 9; for other files set data.format = \"columns\""
    );
    assert_eq!(
        fails("2\t봐", "b\t봐"),
        "`a.conllu`, line 5: the first column is \"b\", but CoNLL-U has the number of the word there; for other files set data.format = \"columns\""
    );
    assert_eq!(
        fails("PRON", "_"),
        "`a.conllu`, line 3: the word \"날\" has no tag in column 4"
    );
    assert_eq!(
        read("a.conllu", "# nothing\n", "").unwrap_err(),
        "`a.conllu` has no sentences: there is nothing to learn from"
    );
}

#[test]
fn plain_columns() {
    let text = "\u{feff}Al\tPROPN\tNNP\n-\tPUNCT\tHYPH\n\n\n \n#\tSYM\tNN\nnew york\tPROPN\tNNP";
    let sentences = columns(text).unwrap();
    assert_eq!(pairs(&sentences[0]), [("Al", "PROPN"), ("-", "PUNCT")]);
    assert_eq!(pairs(&sentences[1]), [("#", "SYM"), ("new york", "PROPN")]);
    assert_eq!(
        (
            sentences.len(),
            sentences[1].line(),
            sentences[1].place()[..].ends_with("line 6")
        ),
        (2, 6, true)
    );
    let spaced =
        "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects  VBZ B-VP O\n# a comment\n. . O O\n";
    let sentences = read("eng.train", spaced, "tag = 4").unwrap();
    assert_eq!(
        pairs(&sentences[0]),
        [("EU", "B-ORG"), ("rejects", "O"), (".", "O")]
    );
}

#[test]
fn columns_that_do_not_fit() {
    assert_eq!(
        columns("나\tPRON\n고향은 NOUN\n").unwrap_err(),
        "`a.tsv`, line 2: expected 2 columns between tabs as on the first line, found 1"
    );
    assert_eq!(
        columns("\na b\nc d e\n").unwrap_err(),
        "`a.tsv`, line 3: expected 2 columns between white space as on the first line, found 3"
    );
    assert_eq!(
        columns("a\tX\nb\t \n").unwrap_err(),
        "`a.tsv`, line 2: the tag is empty"
    );
    assert_eq!(
        columns("a\tX\n\tX\n").unwrap_err(),
        "`a.tsv`, line 2: the word is empty"
    );
    assert_eq!(
        columns("\nword\nanother\n").unwrap_err(),
        "`a.tsv`, line 2: there are 1 columns, but the word is to be in column 1 and the tag in 2; set data.word and data.tag"
    );
    assert_eq!(
        columns("").unwrap_err(),
        "`a.tsv` is empty: there is nothing to learn from"
    );
    assert_eq!(
        read("a.tsv", "a\tb\n", "tag = 1").unwrap_err(),
        "`data.word, data.tag`: 1 and 1 are not two columns; columns are numbered from 1"
    );
}

#[test]
fn documents_are_numbered() {
    let text = "-DOCSTART- -X- O O\n\na X\nb Y\n\nc X\n\n-DOCSTART- -X- O O\n\nd X\n";
    let number = |text: &str, name: &str, keys: &str| -> Vec<usize> {
        let sentences = read(name, text, keys).unwrap();
        sentences.iter().map(Sentence::document).collect()
    };
    assert_eq!(number(text, "a.txt", ""), [1, 1, 2]);
    assert_eq!(number("a X\n\nb X\n", "a.txt", ""), [0, 0]);
    let line = |id: usize, word: &str| format!("{id}\t{word}\t_\tX\t_\t_\t0\t_\t_\t_\n");
    let text = format!(
        "# newdoc id = one\n{}\n# newpar\n{}\n# newdoc\n{}\n",
        line(1, "a"),
        line(1, "b"),
        line(1, "c")
    );
    assert_eq!(number(&text, "a.conllu", ""), [1, 1, 2]);
}
