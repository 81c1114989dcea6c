//! A response as it came over the wire: what an echo or discard server's connection brought although no server there speaks HTTP.

/// Status, headers and body; nothing of what does not begin like a response.
#[derive(Debug, PartialEq)]
pub struct RawResponse<'a> {
    pub status: Option<u16>,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a str,
}

/// Headers that are looked at.
const MAX_HEADERS: usize = 256;

/// Takes a text apart; one that is no response is all body.
pub fn parse(text: &str) -> RawResponse<'_> {
    let Some((status, mut rest)) = status_line(text) else { return RawResponse { status: None, headers: Vec::new(), body: text } };
    let mut headers = Vec::new();
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':').filter(|_| headers.len() < MAX_HEADERS) {
            headers.push((name.trim(), value.trim()));
        }
    }
    RawResponse { status: Some(status), headers, body: rest }
}

/// The status of `HTTP/1.1 403 Forbidden`, and what follows the line.
fn status_line(text: &str) -> Option<(u16, &str)> {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let code = line.strip_prefix("HTTP/")?.split_ascii_whitespace().nth(1)?;
    Some((code.parse().ok().filter(|code| (100..1000).contains(code))?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_taken_apart_whatever_ends_its_lines() {
        for text in ["HTTP/1.1 403 Forbidden\r\nServer: x\r\n\r\n<p>", "HTTP/1.1 403 Forbidden\nServer: x\n\n<p>"] {
            assert_eq!(parse(text), RawResponse { status: Some(403), headers: vec![("Server", "x")], body: "<p>" });
        }
    }

    #[test]
    fn what_is_no_response_is_all_body() {
        for text in ["<html>", "", "HTTP/1.1", "HTTP/1.1 x\n\nbody"] {
            assert_eq!(parse(text), RawResponse { status: None, headers: Vec::new(), body: text });
        }
    }
}
