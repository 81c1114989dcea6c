//! What the rules make of measurements that are not OONI's own records: each source leaves something out, and nobody may be accused for it.

#[expect(dead_code, reason = "what is expected stands in the tests here")]
mod fixture;

use fixture::Fixture;
use parallax_detect::interference::{TargetJudgement, judge};
use parallax_model::State;

fn judged(toml: &str) -> TargetJudgement {
    let fixture = Fixture::parse(&format!("about = \"\"\n{toml}")).unwrap_or_else(|error| panic!("{error}"));
    let mut judgements = fixture.with_case(judge);
    assert_eq!(judgements.len(), 1);
    judgements.remove(0)
}

/// A request of one of OONI's tables, which says neither its status nor what a control was given.
fn table_row(url: &str, failure: &str) -> State {
    judged(&format!(
        r#"
        [measurement]
        source = "ooni_tables"
        input = "{url}"
        [[observation]]
        operation = "dns"
        dns_engine = "system"
        dns_answer = "45.76.10.20"
        [[observation]]
        operation = "tcp"
        ip = "45.76.10.20"
        port = 443
        [[observation]]
        operation = "http"
        http_request_url = "{url}"
        {failure}
        "#
    ))
    .state
}

#[test]
fn a_request_over_tls_without_a_status_reached_the_site() {
    assert_eq!(table_row("https://www.example.org/", ""), State::Ok);
}

#[test]
fn a_request_in_the_clear_without_a_status_may_have_brought_any_page() {
    assert_eq!(table_row("http://www.example.org/", ""), State::Impaired);
}

#[test]
fn a_failure_in_a_table_has_no_control_and_accuses_nobody() {
    assert_eq!(table_row("https://www.example.org/", "failure = \"generic_timeout_error\""), State::Impaired);
}

/// What a resolver in a Satellite scan answered, and how the scan tagged it.
fn satellite(answer: &str) -> TargetJudgement {
    judged(&format!(
        r#"
        [measurement]
        source = "censored_planet"
        test_name = "satellite"
        [[observation]]
        operation = "dns"
        dns_engine = "system"
        {answer}
        [[control]]
        kind = "scanner"
        operation = "dns"
        "#
    ))
}

#[test]
fn a_resolvers_answer_that_is_like_the_controls_is_ok() {
    assert_eq!(satellite("dns_answer = \"45.76.10.20\"\ntags = [\"matched=asnum\"]").state, State::Ok);
}

#[test]
fn a_resolvers_answer_like_nobody_elses_is_not_ok_and_accuses_nobody() {
    for answer in ["dns_answer = \"45.76.10.20\"", "dns_answer = \"45.76.10.20\"\ntags = [\"matched=no_tags\"]"] {
        assert_eq!(satellite(answer).state, State::Impaired);
    }
}

#[test]
fn a_resolver_that_fails_accuses_nobody() {
    for failure in ["dns_servfail_error", "dns_refused_error", "generic_timeout_error"] {
        assert!(!satellite(&format!("failure = \"{failure}\"")).state.accuses(), "{failure}");
    }
}

/// A name asked of a web server in a Hyperquack scan, and what the server answered to a harmless one.
fn hyperquack(probe: &str, control: &str) -> State {
    judged(&format!(
        r#"
        [measurement]
        source = "censored_planet"
        test_name = "hyperquack_http"
        [[observation]]
        operation = "tcp"
        target = "www.example.org"
        ip = "45.76.10.20"
        port = 80
        [[observation]]
        operation = "http"
        target = "www.example.org"
        ip = "45.76.10.20"
        port = 80
        http_request_url = "http://www.example.org/"
        {probe}
        [[control]]
        kind = "scanner"
        operation = "http"
        ip = "45.76.10.20"
        port = 80
        {control}
        "#
    ))
    .state
}

#[test]
fn a_server_that_answers_as_always_is_ok() {
    assert_eq!(hyperquack("", ""), State::Ok);
}

#[test]
fn another_answer_than_always_is_not_ok_and_no_artefact() {
    assert_eq!(hyperquack("failure = \"template_mismatch\"\nhttp_response_status_code = 403", ""), State::Impaired);
}

#[test]
fn a_server_that_fails_for_harmless_names_too_is_down() {
    assert_eq!(hyperquack("failure = \"connection_reset\"", "failure = \"connection_reset\""), State::Down);
}

#[test]
fn a_block_page_that_harmless_names_are_shown_too_is_not_about_the_name() {
    let page = "http_response_status_code = 403\nhttp_response_body_length = 500\nhttp_response_body_title = \"Filtered\"";
    let probe = format!("failure = \"template_mismatch\"\nhttp_response_fingerprints = [\"xa_page\"]\n{page}");
    let refdata = "[refdata]\nblock_pages = [{ what = \"xa_page\" }]";
    assert_eq!(hyperquack(&probe, refdata), State::Blocked);
    assert_eq!(hyperquack(&probe, &format!("failure = \"template_mismatch\"\n{page}\n{refdata}")), State::Down);
}
