//! The version of the rules as a whole: it changes with every change that can change a verdict.
//!
//! What the rule book says is digested when the program is built, so nobody has to remember to count it up: a rule that is added, taken
//! away, or given another text, weight, state or mechanism makes another version, and archives are judged again. What texts do not
//! show, a change of what a rule does while its texts stay, or of the judge, the neighbours or the controls, takes another [`CODE`].
//!
//! The digest is FNV-1a (Fowler, Noll, Vo; 64 bits): it need not keep out anybody, only tell two versions of our own apart.

use super::rule::Rule;
use super::rules;

/// To be counted up by hand when code changes what verdicts say and no text of the rule book does.
const CODE: &str = "5";

/// Such as `2.1b0f93c2d6a5e874`: the version of the code, and the digest of the rule book.
pub const RULESET_VERSION: &str = match str::from_utf8(&TEXT) {
    Ok(text) => text,
    Err(_) => panic!("letters and digits"),
};

const LENGTH: usize = CODE.len() + 1 + 16;
const TEXT: [u8; LENGTH] = text();

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

const fn text() -> [u8; LENGTH] {
    let mut text = [b'.'; LENGTH];
    let mut place = 0;
    while place < CODE.len() {
        text[place] = CODE.as_bytes()[place];
        place += 1;
    }
    let digest = digest();
    let mut digit = 0;
    while digit < 16 {
        text[place + 1 + digit] = b"0123456789abcdef"[(digest >> (60 - 4 * digit) & 15) as usize];
        digit += 1;
    }
    text
}

#[allow(long_running_const_eval, reason = "some ten thousand letters, once for each build")]
const fn digest() -> u64 {
    let (mut digest, mut index) = (OFFSET, 0);
    while index < rules::ALL.len() {
        digest = add_rule(digest, rules::ALL[index]);
        index += 1;
    }
    digest
}

/// The digest of what one rule says.
pub const fn digest_of_rule(rule: &Rule) -> u64 {
    add_rule(OFFSET, rule)
}

const fn add_rule(digest: u64, rule: &Rule) -> u64 {
    let mut digest = digest;
    let texts = [
        rule.id,
        rule.layer.as_str(),
        rule.condition,
        rule.says.as_str(),
        rule.locus.as_str(),
        rule.why,
        rule.innocent,
        rule.source,
        match rule.mechanism {
            Some(mechanism) => mechanism.as_str(),
            None => "",
        },
        match rule.instrument {
            Some(instrument) => instrument.as_str(),
            None => "",
        },
        match rule.lost {
            Some(operation) => operation.as_str(),
            None => "",
        },
    ];
    let mut index = 0;
    while index < texts.len() {
        digest = add(digest, texts[index].as_bytes());
        index += 1;
    }
    add(digest, &rule.weight.to_bits().to_be_bytes())
}

/// A byte that no text has ends each piece, so that no text can run into the next.
const fn add(digest: u64, bytes: &[u8]) -> u64 {
    let (mut digest, mut index) = (digest, 0);
    while index < bytes.len() {
        digest = (digest ^ bytes[index] as u64).wrapping_mul(PRIME);
        index += 1;
    }
    (digest ^ 0xff).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use parallax_model::State;

    use super::*;

    #[test]
    fn every_part_of_a_rule_changes_the_digest() {
        let rule = || Rule { ..*rules::ALL[0] };
        let changed = [
            Rule { condition: "Something else.", ..rule() },
            Rule { says: State::Down, ..rule() },
            Rule { mechanism: None, ..rule() },
            Rule { weight: rule().weight + 0.1, ..rule() },
            Rule { lost: Some(parallax_model::Operation::Tcp), ..rule() },
        ];
        let known = digest_of_rule(&rule());
        assert!(changed.iter().all(|rule| digest_of_rule(rule) != known));
    }

    #[test]
    fn the_version_can_be_a_word_in_a_table() {
        assert!(RULESET_VERSION.starts_with(CODE) && RULESET_VERSION.is_ascii() && RULESET_VERSION.len() < 24);
    }
}
