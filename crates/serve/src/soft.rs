//! Where a long name may break: behind a dot, a slash or an underscore, and nowhere inside a word.
//!
//! A page is given its places (`<wbr>`) when it is whole, so that no template can forget them and nothing that looks for a text in the page
//! finds it torn. They are no letters: whoever copies a name gets the name.

/// Elements in which a tag would be text, or in which lines do not break by themselves.
const WHOLE: &[&str] = &["head", "script", "style", "template", "svg", "pre", "textarea", "select"];

/// The same page with places to break in its texts. Tags and their attributes stay as they are.
pub fn soften(page: &str) -> String {
    let mut softened = String::with_capacity(page.len() + page.len() / 8);
    let mut rest = page;
    while let Some(begin) = rest.find('<') {
        soften_text(&rest[..begin], &mut softened);
        let end = begin + whole(&rest[begin..]);
        softened.push_str(&rest[begin..end]);
        rest = &rest[end..];
    }
    soften_text(rest, &mut softened);
    softened
}

/// Bytes of a tag, or of an element that stays as it is.
fn whole(page: &str) -> usize {
    let tag = tag(page);
    let name = page[1..tag].split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    if !WHOLE.contains(&name) {
        return tag;
    }
    // Foreign text holds no tag, so the first end is the right one.
    let end = page[tag..].find(&format!("</{name}>"));
    end.map_or(page.len(), |end| tag + end)
}

/// Bytes of a tag. A `>` in the value of an attribute does not end it.
fn tag(page: &str) -> usize {
    let mut is_quoted = false;
    let end = page.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.map_or(page.len(), |end| end + 1)
}

fn soften_text(text: &str, softened: &mut String) {
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        softened.push(letter);
        if letters.peek().is_some_and(|after| may_break(before, letter, *after)) {
            softened.push_str("<wbr>");
        }
        before = letter;
    }
}

/// Figures, versions, addresses and shares (`59/66`, `3.21.0`, `45.76.1.53`) stay whole.
fn may_break(before: char, letter: char, after: char) -> bool {
    match letter {
        '.' => before.is_alphanumeric() && after.is_alphabetic(),
        '/' => after.is_alphanumeric() && (before == '/' || before.is_alphanumeric()) && !(before.is_numeric() && after.is_numeric()),
        '_' => before.is_alphanumeric() && after.is_alphanumeric() && !(before.is_numeric() && after.is_numeric()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_break_behind_what_separates_their_words() {
        for (text, soft) in [
            ("dns.injection.bogon", "dns.|injection.|bogon"),
            ("/test_keys/queries/0/answers", "/test_|keys/|queries/|0/|answers"),
            ("https://www.a.example/", "https://|www.|a.|example/"),
            ("telegram/dc_pool", "telegram/|dc_|pool"),
            ("20240305.846_XA_a1", "20240305.846_|XA_|a1"),
        ] {
            assert_eq!(soften(text), soft.replace('|', "<wbr>"));
        }
    }

    #[test]
    fn figures_and_addresses_and_sentences_stay_whole() {
        for text in ["59/66", "3.21.0", "45.76.1.53", "00:00:01.5 (89.4%)", "An end. And more.", "/", "...", "&#38;.&#60;", "a_", ""] {
            assert_eq!(soften(text), text);
        }
    }

    #[test]
    fn tags_and_what_must_stay_as_it_is_are_not_touched() {
        let page = "<head><title>a.b</title></head><a href=\"/a/b.c\" title=\"x > y.z\">\
                    <svg><text>a.b</text></svg><template class=\"spec\">{a.b}</template><pre>a.b</pre></a>";
        assert_eq!(soften(page), page);
        assert_eq!(soften("<b>a.b</b><pre>a.b"), "<b>a.<wbr>b</b><pre>a.b");
        assert_eq!(soften("a.b<unfinished \"a.b"), "a.<wbr>b<unfinished \"a.b");
    }
}
