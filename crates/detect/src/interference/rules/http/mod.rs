//! Rules about the page.

pub mod answered_on_the_way;
pub mod broken_redirect;
pub mod captive_portal;
pub mod close_for_probe_only;
pub mod control_fails_too;
pub mod error_for_probe_only;
pub mod known_block_page;
pub mod lost_by_chance;
pub mod lost_by_release;
pub mod lost_everywhere;
pub mod lost_here_reached_elsewhere;
pub mod no_echo;
pub mod other_page_in_clear;
pub mod page_agrees_with_control;
pub mod redirect_elsewhere;
pub mod request_changed_on_the_way;
pub mod reset_after_response_began;
pub mod reset_for_probe_only;
pub mod server_in_trouble;
pub mod server_refuses;
pub mod stalled_download;
pub mod timeout_for_probe_only;

use parallax_model::evidence::Evidence;
use parallax_model::refdata::Fingerprint;

use crate::interference::target::{Attempt, Target, control_evidence, evidence};

/// Requests on the user's path that failed in one way before any response, over connections that had been made to addresses that
/// are the site's, when none succeeded there and the control was given the page.
pub(super) fn failing_requests(target: &Target<'_>, failure: &str) -> Option<Vec<Evidence>> {
    let page = target.control.good_page()?;
    if target.reached_with_page() {
        return None;
    }
    let cut = |attempt: &&Attempt<'_>| {
        attempt.failure() == Some(failure) && !has_begun(target, attempt) && attempt.is_vouched() && target.was_connected(attempt)
    };
    let mut found: Vec<_> = target.user_path(&target.http).filter(cut).map(|attempt| evidence(attempt.row, "failure", failure)).collect();
    if found.is_empty() {
        return None;
    }
    found.push(control_evidence(page, "http_response_status_code", page.http_response_status_code.unwrap_or_default()));
    Some(found)
}

/// More than any handshake: what a connection received beyond this was a response.
const LARGEST_HANDSHAKE_BYTES: u64 = 16 << 10;
/// Six times what Twitter was throttled to (Xue et al.: 130 to 150 kbit/s). A download that came in faster than this was only large.
const FAST_BYTES_PER_SECOND: f64 = 100_000.0;

/// Whether some of the response arrived.
fn has_begun(target: &Target<'_>, attempt: &Attempt<'_>) -> bool {
    let before_any_response = if target.is_encrypted(attempt) { LARGEST_HANDSHAKE_BYTES } else { 0 };
    attempt.row.http_response_status_code.is_some() || attempt.row.http_bytes_received.is_some_and(|bytes| bytes > before_any_response)
}

/// Whether the bytes came in at a good pace until the probe's time was up, where the record says so.
fn is_fast(attempt: &Attempt<'_>) -> bool {
    let (Some(bytes), Some(seconds)) = (attempt.row.http_bytes_received, attempt.row.http_receive_time) else { return false };
    seconds > 0.0 && bytes as f64 / seconds >= FAST_BYTES_PER_SECOND
}

/// Downloads on the user's path that began and ran out of time at a slow pace, when the control had the page whole.
pub(super) fn stalled(target: &Target<'_>, wanted: impl Fn(&Attempt<'_>) -> bool) -> Option<Vec<Evidence>> {
    let page = target.control.good_page()?;
    if target.reached_with_page() {
        return None;
    }
    let ran_out = |attempt: &&Attempt<'_>| attempt.failure() == Some("generic_timeout_error") && attempt.is_vouched() && !is_fast(attempt);
    let attempts = target.user_path(&target.http).filter(ran_out).filter(|attempt| has_begun(target, attempt) && wanted(attempt));
    let mut found: Vec<_> =
        attempts.map(|attempt| evidence(attempt.row, "failure", "generic_timeout_error, after the response had begun")).collect();
    if found.is_empty() {
        return None;
    }
    found.push(control_evidence(page, "http_response_body_length", page.http_response_body_length.unwrap_or_default()));
    Some(found)
}

/// Whether what answered is a filter that people run themselves: on their own machine, at home, in a company.
pub(super) fn is_own_filter(target: &Target<'_>, attempt: &Attempt<'_>) -> bool {
    let known = &target.case.refdata.fingerprints;
    attempt.row.http_response_fingerprints.iter().any(|name| known.get(name.as_ref()).is_some_and(Fingerprint::is_of_a_local_filter))
}
