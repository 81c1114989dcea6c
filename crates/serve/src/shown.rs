//! How text gets into a page: escaped for HTML, and with everything visible that would act on its reader.
//!
//! The template engine applies [`Shown`] to every value (askama.toml), so that no template can forget it. Foreign text can hold tags,
//! escape sequences, and marks that turn the direction of what follows.

use std::fmt;

use askama::filters::{Escaper, Html};
use parallax_model::visible::write_visible;

#[derive(Clone, Copy)]
pub struct Shown;

impl Escaper for Shown {
    fn write_escaped_str<W: fmt::Write>(&self, mut out: W, text: &str) -> fmt::Result {
        write_visible(text, &mut Escaped(&mut out))
    }
}

/// Escapes whatever is written through it.
struct Escaped<'w, W>(&'w mut W);

impl<W: fmt::Write> fmt::Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        Html.write_escaped_str(&mut *self.0, text)
    }

    fn write_char(&mut self, letter: char) -> fmt::Result {
        Html.write_escaped_char(&mut *self.0, letter)
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;

    #[derive(Template)]
    #[template(source = "<p title=\"{{ text }}\">{{ text }}</p>", ext = "html")]
    struct Page<'a> {
        text: &'a str,
    }

    #[test]
    fn no_text_acts_in_a_page() {
        let text = "<script>alert('1')</script>\"&\u{1b}[31m\u{202e}moc.knab\n";
        let page = Page { text }.render().unwrap();
        let shown = "&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34;&#38;\\u{1b}[31m\\u{202e}moc.knab\\n";
        assert_eq!(page, format!("<p title=\"{shown}\">{shown}</p>"));
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(Page { text: "пример.рф مثال 例え" }.render().unwrap().matches("пример.рф مثال 例え").count(), 2);
    }
}
