//! Changes parts of a simulated record as arbitrary bytes say, so that the result is still JSON and reaches the rules.
//!
//! A recipe is one byte that picks the record, and then steps of one byte that says what to do, two that say where, and what the step
//! needs: two bytes that pick another place, one that picks a word, eight of a number, or text behind its length.

use std::sync::LazyLock;

use serde_json::Value;

use crate::simulated::RECORDS;

/// Steps of one recipe; more make nothing new.
const MAX_STEPS: usize = 64;

/// Words that mean something to a reader or a rule, and values that often meet badly.
const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e400",
    "65536",
    "18446744073709551615",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
    "[[{}]]",
    "\"connection_reset\"",
    "\"connection_refused\"",
    "\"generic_timeout_error\"",
    "\"eof_error\"",
    "\"dns_nxdomain_error\"",
    "\"dns_no_answer\"",
    "\"ssl_invalid_hostname\"",
    "\"ssl_unknown_authority\"",
    "\"ssl_invalid_certificate\"",
    "\"host_unreachable\"",
    "\"unknown_failure: \\ud83d\\ude00\"",
    "\"10.0.0.1\"",
    "\"127.0.0.1\"",
    "\"192.0.2.1\"",
    "\"2001:db8::1\"",
    "\"::ffff:192.0.2.1\"",
    "\"0.0.0.0\"",
    "\"192.0.2.1:443\"",
    "\"[2001:db8::1]:443\"",
    "\"www.example.org\"",
    "\"news.example.org\"",
    "\"b\\u00fccher.example\"",
    "\"http://192.0.2.1/\"",
    "\"https://www.example.org/\"",
    "\"http://www.example.org:0/\"",
    "\"depth=0\"",
    "\"depth=1\"",
    "\"fetch_body=true\"",
    "[\"depth=1\"]",
    "200",
    "302",
    "403",
    "451",
    "500",
    "\"A\"",
    "\"AAAA\"",
    "\"HTTPS\"",
    "\"udp\"",
    "\"doh\"",
    "\"getaddrinfo\"",
    "\"web_connectivity\"",
    "\"telegram\"",
    "\"whatsapp\"",
    "\"signal\"",
    "\"facebook_messenger\"",
    "\"1970-01-01 00:00:00\"",
    "\"2199-12-31 23:59:59\"",
    "{\"format\": \"base64\", \"data\": \"AAEC\"}",
    "\"tls_handshake_start\"",
    "\"read\"",
    "\"198.51.100.7\"",
];

/// A record and the places in it.
struct Parsed {
    value: Value,
    pointers: Vec<String>,
}

static PARSED: LazyLock<Vec<Parsed>> = LazyLock::new(|| {
    let parsed = RECORDS.iter().map(|record| {
        let value: Value = serde_json::from_str(&record.json).expect("a simulated record is JSON");
        let mut pointers = Vec::new();
        list(&value, String::new(), &mut pointers);
        Parsed { value, pointers }
    });
    parsed.collect()
});

fn list(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| list(value, format!("{pointer}/{}", escaped(key)), pointers)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| list(value, format!("{pointer}/{index}"), pointers)),
        _ => {}
    }
    pointers.push(pointer);
}

/// RFC 6901, section 3.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The record that a recipe makes.
pub fn cook(recipe: &[u8]) -> String {
    let mut rest = recipe;
    let parsed = &PARSED[usize::from(byte(&mut rest)) % PARSED.len()];
    let mut value = parsed.value.clone();
    for _ in 0..MAX_STEPS {
        if rest.is_empty() {
            break;
        }
        step(&mut value, parsed, &mut rest);
    }
    value.to_string()
}

fn step(value: &mut Value, parsed: &Parsed, rest: &mut &[u8]) {
    let what = byte(rest);
    let pointer = place(parsed, rest);
    let new = match what % 8 {
        0 | 1 => serde_json::from_str(WORDS[usize::from(byte(rest)) % WORDS.len()]).ok(),
        2 | 3 => value.pointer(place(parsed, rest)).cloned(),
        4 => Some(Value::from(f64::from_bits(u64::from_le_bytes(std::array::from_fn(|_| byte(rest)))))),
        5 => {
            let length = usize::from(byte(rest)).min(rest.len());
            let (text, after) = rest.split_at(length);
            *rest = after;
            Some(Value::from(String::from_utf8_lossy(text)))
        }
        6 => return remove(value, pointer),
        _ => return repeat(value, pointer),
    };
    if let (Some(place), Some(new)) = (value.pointer_mut(pointer), new) {
        *place = new;
    }
}

fn remove(value: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.remove(key)),
        Some(Value::Array(items)) => {
            if let Some(index) = key.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

/// Puts an element of an array once more at its end.
fn repeat(value: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Array(items)) = value.pointer_mut(parent)
        && let Some(item) = key.parse::<usize>().ok().and_then(|index| items.get(index).cloned())
    {
        items.push(item);
    }
}

fn place<'p>(parsed: &'p Parsed, rest: &mut &[u8]) -> &'p str {
    let number = usize::from(u16::from_le_bytes([byte(rest), byte(rest)]));
    &parsed.pointers[number % parsed.pointers.len()]
}

/// The next byte; zero behind the end.
fn byte(rest: &mut &[u8]) -> u8 {
    let Some((first, after)) = rest.split_first() else { return 0 };
    *rest = after;
    *first
}
