//! The rule book: one file a rule, one line in this list. Its order is the order of the documentation and of `rules_fired`.

mod dns;
mod http;
mod quic;
mod tcp;
mod tls;

use super::rule::Rule;

pub const ALL: &[&Rule] = &[
    &dns::known_forged_answer::RULE,
    &dns::known_forged_alias::RULE,
    &dns::answer_serves_block_page::RULE,
    &dns::bogon_not_in_control::RULE,
    &dns::injected_and_genuine::RULE,
    &dns::answer_serves_foreign_certificate::RULE,
    &dns::answer_disproved_elsewhere::RULE,
    &dns::one_answer_for_unrelated_names::RULE,
    &dns::one_answer_in_several_networks::RULE,
    &dns::answer_outside_operator::RULE,
    &dns::answer_leads_nowhere::RULE,
    &dns::answer_serves_other_page::RULE,
    &dns::third_party_answer_from_own_network::RULE,
    &dns::ghost_name::RULE,
    &dns::nxdomain_not_in_control::RULE,
    &dns::refused_not_in_control::RULE,
    &dns::servfail_not_in_control::RULE,
    &dns::timeout_on_every_resolver::RULE,
    &dns::no_data_not_in_control::RULE,
    &dns::fails_here_answered_elsewhere::RULE,
    &dns::control_fails_too::RULE,
    &dns::answers_agree_with_control::RULE,
    &dns::handshake_proves_answer::RULE,
    &dns::lost_by_chance::RULE,
    &dns::lost_by_release::RULE,
    &dns::lost_everywhere::RULE,
    &tcp::unreachable_for_probe_only::RULE,
    &tcp::pool_unreachable::RULE,
    &tcp::pool_partly_reachable::RULE,
    &tcp::control_fails_too::RULE,
    &tcp::broken_ipv6::RULE,
    &tcp::no_network::RULE,
    &tcp::lost_here_reached_elsewhere::RULE,
    &tcp::lost_by_chance::RULE,
    &tcp::lost_by_release::RULE,
    &tcp::lost_everywhere::RULE,
    &tls::foreign_certificate::RULE,
    &tls::foreign_certificate_trusted_elsewhere::RULE,
    &tls::reset_for_probe_only::RULE,
    &tls::timeout_for_probe_only::RULE,
    &tls::close_for_probe_only::RULE,
    &tls::name_fails_where_another_works::RULE,
    &tls::ech_handshake_fails::RULE,
    &tls::resolver_cut_off::RULE,
    &tls::check_handshake_fails::RULE,
    &tls::stalled_download::RULE,
    &tls::control_fails_too::RULE,
    &tls::old_trust_store::RULE,
    &tls::wrong_clock::RULE,
    &tls::lost_here_reached_elsewhere::RULE,
    &tls::lost_by_chance::RULE,
    &tls::lost_by_release::RULE,
    &tls::lost_everywhere::RULE,
    &quic::timeout_for_probe_only::RULE,
    &quic::control_fails_too::RULE,
    &http::known_block_page::RULE,
    &http::reset_for_probe_only::RULE,
    &http::timeout_for_probe_only::RULE,
    &http::close_for_probe_only::RULE,
    &http::reset_after_response_began::RULE,
    &http::stalled_download::RULE,
    &http::request_changed_on_the_way::RULE,
    &http::answered_on_the_way::RULE,
    &http::no_echo::RULE,
    &http::error_for_probe_only::RULE,
    &http::other_page_in_clear::RULE,
    &http::redirect_elsewhere::RULE,
    &http::server_refuses::RULE,
    &http::server_in_trouble::RULE,
    &http::control_fails_too::RULE,
    &http::broken_redirect::RULE,
    &http::captive_portal::RULE,
    &http::page_agrees_with_control::RULE,
    &http::lost_here_reached_elsewhere::RULE,
    &http::lost_by_chance::RULE,
    &http::lost_by_release::RULE,
    &http::lost_everywhere::RULE,
];

/// Looks a rule up by its id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// Rules that say that what was served is not the site's page: a response they fire on does not count as reached.
pub const WRONG_PAGE: &[&str] = &[
    "dns/answer_outside_operator",
    "dns/answer_serves_block_page",
    "dns/answer_serves_other_page",
    "dns/ghost_name",
    "http/error_for_probe_only",
    "http/server_in_trouble",
    "http/known_block_page",
    "http/other_page_in_clear",
    "http/redirect_elsewhere",
    "http/captive_portal",
    "http/no_echo",
];
