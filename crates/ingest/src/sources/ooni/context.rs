//! What every row of a record repeats: which measurement, when, where, and what it was about.
//!
//! **Invariant:** nothing in here identifies the volunteer; their address is known only to be blotted out.

use std::borrow::Cow;

use parallax_model::tables::{Control, Observation};
use parallax_model::{ControlKind, Operation, TargetRole, Text, Timestamp};

use super::nettest::Nettest;
use super::source::NotAMeasurement;
use super::writer::Place;
use crate::address::{canonical_ip, is_public_text};
use crate::hostname;
use crate::json::Value;
use crate::text::clip;

#[derive(Clone)]
pub struct Context<'a> {
    pub measurement_uid: Cow<'a, str>,
    pub raw_digest: &'a str,
    pub start: Timestamp,
    /// By how many seconds the probe's clock was wrong; `None` where it may have been right.
    pub clock_error: Option<i64>,
    pub probe_cc: &'a str,
    pub probe_asn: Option<u32>,
    pub test_name: &'a str,
    pub nettest: &'static Nettest,
    /// Host of what the test was asked to test.
    pub input_host: Option<String>,
    /// The volunteer's public address, where the record betrays it.
    volunteer: Option<&'a str>,
    /// The target that all rows of this part of the record are about, whatever host they name.
    only_target: Option<(Cow<'a, str>, TargetRole)>,
}

/// Name of a test, in bytes; the longest real one has 38.
const MAX_TEST_NAME_BYTES: usize = 128;
/// A uid from outside, in bytes; OONI's have up to 64.
const MAX_UID_BYTES: usize = 128;
/// What stands where the volunteer's address stood. OONI's probe writes the same.
const SCRUBBED: &str = "[scrubbed]";

impl<'a> Context<'a> {
    pub fn new(measurement: Value<'a>, uid: Option<&'a str>, place: &Place<'a>) -> Result<Self, NotAMeasurement> {
        if !measurement.is_object() {
            return Err(NotAMeasurement::new(
                "not_an_object",
                format!("a measurement is a JSON object, and this is {}", measurement.kind()),
            ));
        }
        let [uid_inside, name, cc, asn, probe_ip] =
            measurement.fields(["measurement_uid", "test_name", "probe_cc", "probe_asn", "probe_ip"]);
        let test_name = name.filled_text().ok_or_else(no_test_name)?;
        let start = start_time(measurement)?;
        if !measurement.members().any(|(key, _)| key == "test_keys") {
            return Err(NotAMeasurement::new("no_test_keys", "an object about a measurement, without the test_keys that hold what it saw"));
        }
        let test_name = clip(test_name, MAX_TEST_NAME_BYTES);
        let probe_cc = country(cc);
        let given = uid.or(uid_inside.filled_text()).filter(|uid| is_sound_uid(uid));
        let (start, clock_error) = begun(start, given);
        let context = Self {
            measurement_uid: given.map_or_else(|| made_uid(start, probe_cc, test_name, place.raw_digest).into(), Cow::Borrowed),
            raw_digest: place.raw_digest,
            start,
            clock_error,
            probe_cc,
            probe_asn: asn_of(asn),
            test_name,
            nettest: Nettest::of(test_name),
            input_host: first_input(measurement.get("input")).and_then(hostname::of_input),
            volunteer: probe_ip.text().filter(|ip| is_public_text(ip)),
            only_target: None,
        };
        Ok(context.of_nettest())
    }

    fn of_nettest(self) -> Self {
        match self.nettest.target {
            Some(target) => self.about(target, TargetRole::Service),
            None => self,
        }
    }

    /// The same for a part of the record that is about one target, whatever host its rows name.
    pub fn about(&self, target: impl Into<Cow<'a, str>>, role: TargetRole) -> Self {
        Self { only_target: Some((target.into(), role)), ..self.clone() }
    }

    /// A row of `observations` with everything in it that all rows of this record share.
    pub fn observation<'r>(&'r self, operation: Operation, json_pointer: &'r str) -> Observation<'r> {
        Observation {
            measurement_uid: Cow::Borrowed(&self.measurement_uid),
            raw_digest: Cow::Borrowed(self.raw_digest),
            measurement_start_time: self.start,
            probe_cc: Cow::Borrowed(self.probe_cc),
            probe_asn: self.probe_asn,
            test_name: Cow::Borrowed(self.test_name),
            operation,
            json_pointer: Cow::Borrowed(json_pointer),
            ..Default::default()
        }
    }

    /// The same for `controls`.
    pub fn control<'r>(&'r self, operation: Operation, json_pointer: &'r str) -> Control<'r> {
        Control {
            measurement_uid: Cow::Borrowed(&self.measurement_uid),
            raw_digest: Cow::Borrowed(self.raw_digest),
            measurement_start_time: self.start,
            probe_cc: Cow::Borrowed(self.probe_cc),
            kind: ControlKind::TestHelper,
            operation,
            json_pointer: Cow::Borrowed(json_pointer),
            hostname: self.input_host.as_deref().map(Cow::Borrowed),
            ..Default::default()
        }
    }

    /// Says which target a row belongs to, from the host that it was about or else from its address.
    pub fn assign_target<'r>(&'r self, row: &mut Observation<'r>, hostname: Option<&'r str>) {
        let name = hostname.or(row.ip.as_deref());
        if let Some((target, role)) = &self.only_target {
            row.target = Some(Cow::Borrowed(target));
            row.target_role = *role;
        } else if let Some(service) = name.and_then(|name| self.nettest.service(name)) {
            row.target = Some(Cow::Borrowed(service));
            row.target_role = TargetRole::Service;
        } else {
            row.target = hostname.map(Cow::Borrowed);
            row.target_role = self.role(hostname);
        }
        row.hostname = hostname.map(Cow::Borrowed);
    }

    /// The same where the input names no host that the probe would have spoken to.
    pub fn with_nameless_input(&self) -> Self {
        Self { input_host: None, ..self.clone() }
    }

    /// Whether the test is about services that it knows, rather than about the names it is given.
    pub fn tests_services(&self) -> bool {
        !self.nettest.services.is_empty() || self.nettest.target.is_some()
    }

    /// A name that is neither the input nor a service was reached through a redirect.
    fn role(&self, hostname: Option<&str>) -> TargetRole {
        let tests_services = self.tests_services();
        match (hostname, &self.input_host) {
            (None, _) if tests_services => TargetRole::Service,
            (Some(_), _) if tests_services => TargetRole::Redirect,
            (Some(hostname), Some(input)) if hostname != input => TargetRole::Redirect,
            _ => TargetRole::Input,
        }
    }

    /// The volunteer's public address, where the record betrays it; for blotting out only.
    pub fn volunteer(&self) -> Option<&'a str> {
        self.volunteer
    }

    /// Text without the volunteer's address in it.
    pub fn scrub<'t>(&self, text: impl Into<Text<'t>>) -> Text<'t> {
        scrub(text.into(), self.volunteer)
    }
}

/// Text without an address in it, be it as the record spells it or in its one canonical spelling.
pub fn scrub<'t>(text: Text<'t>, address: Option<&str>) -> Text<'t> {
    let Some(address) = address else { return text };
    let canonical = canonical_ip(address).unwrap_or(Cow::Borrowed(address));
    [address, &canonical].into_iter().fold(text, |text, spelling| match text.contains(spelling) {
        true => Cow::Owned(text.replace(spelling, SCRUBBED)),
        false => text,
    })
}

/// The input, or the first of several, as the few tests that have several list the one that is contacted first.
pub fn first_input(input: Value<'_>) -> Option<&str> {
    input.filled_text().or_else(|| input.items().find_map(Value::filled_text))
}

fn no_test_name() -> NotAMeasurement {
    NotAMeasurement::new("no_test_name", "a JSON object without test_name: not a measurement")
}

fn start_time(measurement: Value<'_>) -> Result<Timestamp, NotAMeasurement> {
    let moments = measurement.fields(["measurement_start_time", "test_start_time"]);
    moments.into_iter().find_map(moment).ok_or_else(|| {
        let message = "neither measurement_start_time nor test_start_time is a date and time between 1970 and 2200";
        NotAMeasurement::new("no_start_time", message)
    })
}

/// When a measurement began, and by how much the probe's clock was wrong. The collector writes the moment at which it was handed a record
/// into the record's name. Probes without a network keep results for weeks, but nobody measures after handing in, or a year before: then
/// it was the clock, and the moment of handing in is the best that is known.
fn begun(claimed: Timestamp, uid: Option<&str>) -> (Timestamp, Option<i64>) {
    const SLOWEST_HAND_IN_S: i64 = 366 * 86_400;
    const TOLERANCE_S: i64 = 86_400;
    let Some(handed_in) = uid.and_then(handed_in) else { return (claimed, None) };
    let error = claimed.seconds() - handed_in.seconds();
    match -SLOWEST_HAND_IN_S <= error && error <= TOLERANCE_S {
        true => (claimed, None),
        false => (handed_in, Some(error)),
    }
}

/// `20240212203347.123456_XA_…`
fn handed_in(uid: &str) -> Option<Timestamp> {
    let (moment, rest) = uid.split_at_checked(14)?;
    let is_date = moment.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with('.');
    let part = |range: std::ops::Range<usize>| &moment[range];
    let text = || format!("{}-{}-{} {}:{}:{}", part(0..4), part(4..6), part(6..8), part(8..10), part(10..12), part(12..14));
    is_date.then(text)?.parse().ok()
}

pub fn moment(value: Value<'_>) -> Option<Timestamp> {
    /// The longest spelling of a moment, in bytes, with a margin.
    const MAX_MOMENT_BYTES: usize = 64;
    value.text().filter(|text| text.len() <= MAX_MOMENT_BYTES)?.parse().ok()
}

fn country(value: Value<'_>) -> &str {
    let is_code = |code: &&str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    value.text().filter(is_code).unwrap_or("ZZ")
}

/// `AS123`, `123` or 123; AS0 is how probes write "not known".
pub fn asn_of(value: Value<'_>) -> Option<u32> {
    let number = match value.text() {
        Some(text) => text.strip_prefix("AS").unwrap_or(text).parse().ok(),
        None => value.fitting(),
    };
    number.filter(|asn| *asn != 0)
}

pub fn is_sound_uid(uid: &str) -> bool {
    uid.len() <= MAX_UID_BYTES && uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// A name in the form of OONI's, made from nothing but the record's content.
fn made_uid(start: Timestamp, probe_cc: &str, test_name: &str, raw_digest: &str) -> String {
    let nettest: String = test_name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}.000000_{probe_cc}_{nettest}_{}", start.format("%Y%m%d%H%M%S"), clip(raw_digest, 16))
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    fn with(before: &str, after: &str) -> String {
        let record = measurement("web_connectivity", "null", "{}");
        assert!(record.contains(before), "{before}");
        record.replace(before, after)
    }

    #[test]
    fn a_record_without_a_name_gets_one_from_its_content() {
        let made = "20240212203347.000000_XA_webconnectivity_0011223344556677";
        assert_eq!(read(with("{\"annotations\"", "{\"a\"")).measured("measurement_uid"), made);
        for hostile in ["../../etc/passwd", "a b", "\\u0000", &"a".repeat(129)] {
            let record = with("{\"annotations\"", &format!("{{\"measurement_uid\": \"{hostile}\", \"annotations\""));
            assert_eq!(read(record).measured("measurement_uid"), made, "{hostile:.20}");
        }
        let record = with("{\"annotations\"", "{\"measurement_uid\": \"20240212203347.1_XA_x_1\", \"annotations\"");
        assert_eq!(read(record).measured("measurement_uid"), "20240212203347.1_XA_x_1");
    }

    #[test]
    fn country_and_network_are_known_or_not_known() {
        for (written, cc) in [("\"DE\"", "DE"), ("\"de\"", "ZZ"), ("\"DEU\"", "ZZ"), ("null", "ZZ"), ("7", "ZZ")] {
            assert_eq!(read(with("\"XA\"", written)).measured("probe_cc"), cc);
        }
        for (written, asn) in
            [("\"AS123\"", "123"), ("\"123\"", "123"), ("123", "123"), ("\"AS0\"", "-"), ("-1", "-"), ("\"AS99999999999\"", "-")]
        {
            assert_eq!(read(with("\"AS64500\"", written)).measured("probe_asn"), asn);
        }
    }

    #[test]
    fn the_start_of_the_run_stands_in_for_the_start_of_the_measurement() {
        let read = read(with("\"measurement_start_time\": \"2024-02-12 20:33:47\"", "\"measurement_start_time\": null"));
        assert_eq!(read.measured("measurement_start_time"), "2024-02-12T20:33:45Z");
    }

    #[test]
    fn a_clock_that_cannot_have_been_right_is_set_by_the_collector() {
        let named = |uid: &str, claimed: &str| {
            let record = with("{\"annotations\"", &format!("{{\"measurement_uid\": \"{uid}\", \"annotations\""));
            let read = read(record.replace("2024-02-12 20:33:47", claimed));
            (read.measured("measurement_start_time"), read.measured("probe_clock_error"))
        };
        let moved = |at: &str, error: &str| (at.to_owned(), error.to_owned());
        let uid = "20240212203347.123456_XA_webconnectivity_1";
        assert_eq!(named(uid, "2024-02-12 20:33:47"), moved("2024-02-12T20:33:47Z", "-"));
        assert_eq!(named(uid, "2023-11-12 20:33:47"), moved("2023-11-12T20:33:47Z", "-"), "handed in late");
        assert_eq!(named(uid, "1970-01-01 00:00:07"), moved("2024-02-12T20:33:47Z", "-1707770020.0"));
        assert_eq!(named(uid, "2024-02-14 20:33:47"), moved("2024-02-12T20:33:47Z", "172800.0"));
        assert_eq!(named("20241312203347.123456_XA_x_1", "2020-02-12 20:33:47"), moved("2020-02-12T20:33:47Z", "-"), "no date");
    }

    #[test]
    fn the_volunteers_address_is_blotted_out_wherever_it_stands() {
        let test_keys = r#"{"control_failure": "dial 198.51.100.7", "blocking": "198.51.100.7",
            "queries": ["198.51.100.7", {"hostname": "example.org", "failure": "unknown_failure: 198.51.100.7", "resolver_address": "198.51.100.7:53"}],
            "requests": [{"request": {"url": "http://example.org/?ip=198.51.100.7"}, "failure": null, "response": {"code": 302,
                "body": "<title>You are 198.51.100.7</title>", "headers": {"Location": "http://portal.example/198.51.100.7", "X-Client-IP": "198.51.100.7"}}}]}"#;
        let record = measurement("web_connectivity", r#""http://example.org/?ip=198.51.100.7""#, test_keys);
        let record = record.replace("127.0.0.1", "198.51.100.7").replace("192.0.2.53", "198.51.100.7");
        let shown = read(record).show();
        assert!(shown.contains("You are [scrubbed]") && !shown.contains("198.51.100.7"), "{shown}");
    }

    #[test]
    fn a_resolver_in_the_volunteers_home_is_not_stored() {
        assert_eq!(read(with("192.0.2.53", "192.168.1.1")).measured("resolver_ip"), "-");
        assert_eq!(read(with("192.0.2.53", "nonsense")).measured("resolver_ip"), "-");
        assert_eq!(read(with("192.0.2.53", "2001:DB8::53")).measured("resolver_ip"), "2001:db8::53");
    }

    #[test]
    fn an_address_is_scrubbed_in_either_spelling() {
        let shown = super::scrub("from 2001:DB8::7 that is 2001:db8::7".into(), Some("2001:DB8::7"));
        assert_eq!(shown, "from [scrubbed] that is [scrubbed]");
    }
}
