//! Tables in `docs/` that are made by a test: compared, or written anew when `PARALLAX_WRITE=1`.

use std::path::Path;

/// Holds a file of `docs/tables/` to its content.
pub fn hold(name: &str, content: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tables").join(name);
    if std::env::var_os("PARALLAX_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("docs/tables");
        std::fs::write(&path, content).expect("the table is written");
        return;
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(held == content, "{name} is no longer true; look at the difference, then write it anew with PARALLAX_WRITE=1:\n{content}");
}

/// A table in Markdown.
pub fn markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<_> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule: Vec<_> = head.iter().map(|_| "---".to_owned()).collect();
    std::iter::once(line(&head)).chain(std::iter::once(line(&rule))).chain(rows.iter().map(|row| line(row))).collect()
}

/// A list or a word of a query's answer, for people.
pub fn words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}
