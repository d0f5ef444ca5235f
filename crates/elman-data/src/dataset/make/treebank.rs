//! Universal Dependencies: the columns of CoNLL-U that a tagger needs.

/// FORM, UPOS and XPOS of each word with tabs between, and a blank line after each sentence. Comments, ranges of words (`1-2`) and
/// empty nodes (`1.1`) are left out.
pub(super) fn columns(text: &str) -> Result<String, String> {
    let mut table = String::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() {
            table.push('\n');
            continue;
        }
        if line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, form, _, upos, xpos, ..] = fields[..] else {
            return Err(format!(
                "line {} has {} columns instead of 10",
                number + 1,
                fields.len()
            ));
        };
        if id.bytes().all(|byte| byte.is_ascii_digit()) {
            table += &format!("{form}\t{upos}\t{xpos}\n");
        }
    }
    Ok(table)
}
