//! Writes tokens as JSON again.

use super::tokens::Token;

/// Compact JSON, token by token.
#[derive(Default)]
pub struct Writer {
    text: String,
    needs_comma: bool,
}

impl Writer {
    /// The tokens must come from a record that was cut without an error, in their order; `is_object` is about the one that a
    /// [`Token::Close`] closes.
    pub fn push(&mut self, token: &Token, closes_object: bool) {
        if !matches!(token, Token::Close) && self.needs_comma {
            self.text.push(',');
        }
        match token {
            Token::OpenObject => self.text.push('{'),
            Token::OpenArray => self.text.push('['),
            Token::Close => self.text.push(if closes_object { '}' } else { ']' }),
            Token::Key(key) => {
                self.text += &quoted(key);
                self.text.push(':');
            }
            Token::Text(text) => self.text += &quoted(text),
            Token::Plain(plain) => self.text += &sound(plain),
        }
        self.needs_comma = !matches!(token, Token::OpenObject | Token::OpenArray | Token::Key(_));
    }

    pub fn finish(self) -> String {
        self.text
    }
}

/// A text as JSON writes it.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A number or a word of JSON as it is; anything else as a text.
pub fn sound(plain: &str) -> String {
    let is_sound = matches!(plain, "true" | "false" | "null") || serde_json::from_str::<serde_json::Number>(plain).is_ok();
    if is_sound { plain.to_owned() } else { quoted(plain) }
}
