//! The known holes of existing pipelines, each with a claim of ours and a case that would break it.
//!
//! The numbers are those of the checklist in the issue "Raw measurements in, verdicts out that anyone can open", section 4.

#[expect(dead_code, reason = "what is expected stands in the tests here")]
mod fixture;

use std::path::Path;

use fixture::Fixture;
use parallax_detect::interference::{TargetJudgement, judge};
use parallax_model::{Instrument, Layer, Locus, State};

fn judged(name: &str) -> Vec<TargetJudgement> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checklist").join(name).with_extension("toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Fixture::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}")).with_case(judge)
}

fn judged_target(name: &str, target: &str) -> TargetJudgement {
    judged(name).into_iter().find(|judgement| judgement.target == target).unwrap_or_else(|| panic!("{name}: no {target}"))
}

/// The judgement of the site that all fixtures are about.
fn site(name: &str) -> TargetJudgement {
    judged_target(name, "www.example.org")
}

fn mechanisms(judgement: &TargetJudgement) -> Vec<&'static str> {
    judgement.accused_layers().filter_map(|verdict| verdict.mechanism).map(|mechanism| mechanism.as_str()).collect()
}

fn fired(judgement: &TargetJudgement) -> Vec<&'static str> {
    judgement.fired.iter().map(|fired| fired.rule.id).collect()
}

#[track_caller]
fn expect(judgement: &TargetJudgement, state: State, accused: &[&str]) {
    let found = (judgement.state, mechanisms(judgement));
    assert_eq!(found, (state, accused.to_vec()), "fired: {:?}", fired(judgement));
    assert_eq!(state.accuses(), judgement.locus == Locus::Network, "whom the state accuses");
}

#[track_caller]
fn expect_nobody_accused(name: &str) {
    for judgement in judged(name) {
        assert!(!judgement.state.accuses(), "{}: {} by {:?}", judgement.target, judgement.state, fired(&judgement));
    }
}

mod item_1_controls {
    use super::*;

    #[test]
    fn a_test_that_holds_nothing_says_so() {
        expect(&site("untested_input"), State::Insufficient, &[]);
    }

    #[test]
    fn no_control_is_not_a_contrary_control() {
        expect(&site("no_control"), State::Impaired, &[]);
    }

    #[test]
    fn a_control_that_failed_too_means_down() {
        let judgement = site("control_failed_too");
        expect(&judgement, State::Down, &[]);
        assert_eq!(judgement.locus, Locus::Server);
    }

    #[test]
    fn a_control_that_failed_too_means_down_on_a_later_hop_as_well() {
        expect(&site("control_failed_on_the_second_hop_too"), State::Ok, &[]);
        expect(&judged_target("control_failed_on_the_second_hop_too", "shop.example.net"), State::Down, &[]);
    }

    #[test]
    fn a_control_whose_lookup_failed_and_that_has_the_page_has_reached_the_site() {
        expect(&site("control_with_a_page_though_its_lookup_failed"), State::LikelyBlocked, &["tcp.timeout"]);
    }
}

mod item_2_cdns_and_geo_dns {
    use super::*;

    #[test]
    fn geo_dns_answers_proved_by_tls_are_ok() {
        expect(&site("geo_dns_proved_by_tls"), State::Ok, &[]);
    }

    #[test]
    fn geo_dns_answers_are_ok_when_nothing_speaks_against_them() {
        expect(&site("geo_dns_nothing_speaks_against"), State::Ok, &[]);
    }

    #[test]
    fn an_answer_that_cannot_prove_the_name_to_the_control_is_forged_whatever_it_serves() {
        expect(&site("answer_that_cannot_prove_the_name_to_the_control"), State::Interfered, &["dns.injection"]);
    }

    #[test]
    fn a_dead_server_that_the_control_did_not_try_accuses_nobody() {
        expect(&site("geo_dns_server_out_of_order"), State::Impaired, &[]);
    }

    #[test]
    fn an_address_behind_a_nat64_is_the_address_inside() {
        expect(&site("nat64"), State::Impaired, &[]);
    }
}

mod item_3_forged_rows {
    use super::*;

    #[test]
    fn one_forged_row_moves_no_verdict_but_its_own() {
        expect(&site("one_forged_row"), State::LikelyBlocked, &["dns.injection"]);
    }

    #[test]
    fn the_judged_network_does_not_vouch_for_itself() {
        expect(&site("forged_rows_of_the_judged_network"), State::LikelyBlocked, &["dns.injection"]);
    }

    #[test]
    fn an_address_that_two_other_networks_proved_is_the_sites() {
        expect(&site("two_networks_proved_it"), State::LikelyBlocked, &["tcp.timeout"]);
    }

    #[test]
    fn a_chain_is_validated_here_whatever_the_probe_says() {
        expect(&site("a_chain_is_validated_here"), State::Impaired, &[]);
    }
}

mod item_4_redirects {
    use super::*;

    #[test]
    fn a_block_on_the_second_hop_is_not_pinned_on_the_first() {
        expect(&site("block_on_the_second_hop"), State::Ok, &[]);
        expect(&judged_target("block_on_the_second_hop", "shop.example.net"), State::LikelyBlocked, &["tls.reset"]);
    }

    #[test]
    fn a_denied_name_on_the_second_hop_is_not_the_firsts_dns() {
        expect(&site("nxdomain_on_the_second_hop"), State::Ok, &[]);
        expect(&judged_target("nxdomain_on_the_second_hop", "shop.example.net"), State::LikelyBlocked, &["dns.nxdomain"]);
    }

    #[test]
    fn where_a_block_page_leads_is_not_itself_blocked() {
        expect(&site("block_page_on_the_first_hop"), State::Blocked, &["http.redirect"]);
        expect(&judged_target("block_page_on_the_first_hop", "shop.example.net"), State::Impaired, &[]);
    }

    #[test]
    fn a_redirect_to_the_sites_own_https_is_not_its_page() {
        expect(&site("upgrade_to_https"), State::LikelyBlocked, &["tls.reset"]);
    }
}

mod item_5_poisoned_lookups_and_checks {
    use super::*;

    #[test]
    fn an_address_from_a_poisoned_lookup_says_nothing_about_tcp_or_tls() {
        expect(&site("poisoned_lookup"), State::LikelyBlocked, &["dns.injection.bogon"]);
    }

    #[test]
    fn an_address_that_nothing_vouches_for_says_nothing_about_tls() {
        expect(&site("unvouched_address"), State::Impaired, &[]);
    }

    #[test]
    fn two_resolvers_in_the_clear_do_not_vouch_against_an_encrypted_one() {
        expect(&judged_target("two_plain_resolvers_agree_on_a_lie", "shop.example.net"), State::Impaired, &[]);
    }

    #[test]
    fn something_independent_can_vouch_for_an_address() {
        expect(&site("two_networks_proved_it"), State::LikelyBlocked, &["tcp.timeout"]);
    }

    #[test]
    fn check_handshakes_count_only_where_the_control_did_one() {
        expect(&site("check_without_control"), State::Ok, &[]);
        expect(&site("check_with_control"), State::Interfered, &["tls.reset"]);
    }

    #[test]
    fn check_handshakes_are_marked_as_off_the_users_path() {
        let judgement = site("check_with_control");
        let check = judgement.fired.iter().find(|fired| fired.rule.id == "tls/check_handshake_fails").expect("fires");
        assert!(check.firing.evidence[0].field.contains("off the user's path"));
    }

    #[test]
    fn check_handshakes_prove_addresses() {
        let judgement = site("check_proves_an_address");
        expect(&judgement, State::Ok, &[]);
        assert!(fired(&judgement).contains(&"dns/handshake_proves_answer"));
    }
}

mod item_6_the_instrument {
    use super::*;

    #[track_caller]
    fn expect_defect(name: &str, state: State, defect: Instrument) {
        let judgement = site(name);
        expect(&judgement, state, &[]);
        assert_eq!(judgement.instrument, [defect]);
    }

    #[test]
    fn broken_ipv6_is_the_probe() {
        expect_defect("broken_ipv6", State::Impaired, Instrument::BrokenIpv6);
    }

    #[test]
    fn captive_portals_are_the_place() {
        expect_defect("captive_portal", State::Impaired, Instrument::CaptivePortal);
        expect_nobody_accused("captive_portal");
    }

    #[test]
    fn a_wrong_clock_is_the_probe_even_on_a_disputed_address() {
        expect_defect("wrong_clock", State::Impaired, Instrument::Clock);
    }

    #[test]
    fn an_old_trust_store_is_the_software() {
        expect_defect("old_trust_store", State::Impaired, Instrument::OldTrustStore);
    }

    #[test]
    fn a_probe_without_network_says_nothing() {
        expect_defect("no_network", State::Insufficient, Instrument::NoNetwork);
    }

    #[test]
    fn an_apps_own_authority_is_no_interception() {
        expect(&judged_target("an_app_with_its_own_authority", "signal/chat"), State::Impaired, &[]);
    }
}

mod item_7_servers_that_refuse {
    use super::*;

    #[track_caller]
    fn expect_server(name: &str) {
        let judgement = site(name);
        expect(&judgement, State::Ok, &[]);
        assert_eq!(judgement.locus, Locus::Server);
    }

    #[test]
    fn a_server_that_refuses_a_country_accuses_nobody() {
        expect_server("server_refuses_in_clear");
    }

    #[test]
    fn a_server_that_refuses_over_tls_accuses_nobody_whatever_its_page_says() {
        expect_server("server_refuses_over_tls");
    }

    #[test]
    fn a_cdns_challenge_accuses_nobody() {
        expect_server("cdn_challenge");
    }

    #[test]
    fn a_cdns_page_for_one_country_accuses_nobody() {
        expect(&site("geo_page"), State::Ok, &[]);
    }
}

mod item_8_proxies {
    use super::*;

    #[test]
    fn a_hijack_to_a_working_proxy_is_interfered() {
        let judgement = site("hijack_to_a_working_proxy");
        expect(&judgement, State::Interfered, &["dns.injection"]);
        assert!(judgement.reached);
    }
}

mod item_9_odd_names_and_answers {
    use super::*;

    #[test]
    fn a_ghost_name_is_dns() {
        let judgement = site("ghost_name");
        assert!(judgement.state.accuses());
        assert_eq!(mechanisms(&judgement), ["dns.injection"]);
    }

    #[test]
    fn a_companys_own_name_is_no_ghost() {
        expect_nobody_accused("a_companys_own_name");
    }

    #[test]
    fn androids_empty_cache_is_dns_and_no_deeper() {
        expect(&site("android_dns_cache_no_data"), State::LikelyBlocked, &["dns"]);
    }

    #[test]
    fn idna_names_are_ok() {
        expect(&judged_target("idna_name", "xn--bcher-kva.example.org"), State::Ok, &[]);
    }

    #[test]
    fn bogons_the_control_also_sees_are_the_sites_own() {
        expect(&site("bogon_the_control_also_sees"), State::Down, &[]);
    }

    #[test]
    fn a_private_address_that_proves_the_name_is_the_sites_own() {
        expect(&site("bogon_inside_the_sites_own_network"), State::Ok, &[]);
    }

    #[test]
    fn localhost_is_the_sites_own_when_everybody_is_given_it() {
        expect(&site("localhost"), State::Down, &[]);
    }

    #[test]
    fn localhost_settles_nothing_alone_even_on_a_list_of_forged_answers() {
        expect(&site("localhost_without_control"), State::Impaired, &[]);
    }

    #[test]
    fn localhost_given_only_inside_is_dns() {
        expect(&site("localhost_given_only_inside"), State::LikelyBlocked, &["dns.injection.bogon"]);
    }

    #[test]
    fn a_broken_redirect_is_down() {
        expect(&site("broken_redirect"), State::Down, &[]);
    }

    #[test]
    fn too_many_redirects_are_down() {
        expect(&site("too_many_redirects"), State::Down, &[]);
    }

    #[test]
    fn a_site_with_ipv6_only_exists_for_a_system_without_ipv6_all_the_same() {
        expect(&site("an_ipv6_only_site"), State::Impaired, &[]);
    }
}

mod item_10_two_answers {
    use super::*;

    #[test]
    fn injected_and_genuine_answers_are_dns_injection_even_when_reached() {
        for name in ["injected_then_genuine", "genuine_then_injected"] {
            let judgement = site(name);
            expect(&judgement, State::Interfered, &["dns.injection"]);
            assert!(judgement.reached);
        }
    }

    #[test]
    fn two_answers_of_a_site_that_rents_from_several_are_ok() {
        expect(&site("two_answers_of_a_site_with_two_hosts"), State::Ok, &[]);
    }
}

mod item_11_throttling {
    use super::*;

    #[test]
    fn a_download_in_the_clear_that_trickles_is_http_throttle() {
        expect(&site("throttled_http"), State::LikelyBlocked, &["http.throttle"]);
    }

    #[test]
    fn a_download_over_tls_that_trickles_is_tls_throttle() {
        expect(&site("throttled_tls"), State::LikelyBlocked, &["tls.throttle"]);
    }

    #[test]
    fn a_request_that_is_cut_at_once_is_no_throttling() {
        expect(&site("cut_at_once"), State::LikelyBlocked, &["http.reset"]);
    }
}

/// Not on the list, and met on the way.
mod odd_inputs_and_old_records {
    use super::*;

    #[test]
    fn an_address_in_the_url_needs_no_lookup_to_vouch_for_it() {
        expect(&judged_target("an_address_as_input", "45.76.10.20"), State::LikelyBlocked, &["tcp.timeout"]);
    }

    #[test]
    fn other_ports_are_compared_with_the_control_s_own() {
        expect(&site("port_8080"), State::LikelyBlocked, &["tcp.timeout"]);
    }

    #[test]
    fn a_failure_that_an_old_record_repeats_for_the_request_belongs_to_the_connection() {
        expect(&site("an_old_record"), State::LikelyBlocked, &["tcp.timeout"]);
    }

    #[test]
    fn a_notice_from_a_disputed_address_is_dns_in_old_records_too() {
        expect(&site("an_old_record_of_a_poisoned_lookup"), State::Blocked, &["dns.injection.blockpage"]);
    }

    #[test]
    fn an_address_of_unknown_origin_says_nothing() {
        expect_nobody_accused("a_very_old_record");
    }

    #[test]
    fn one_service_that_fails_without_a_control_accuses_nobody() {
        expect(&judged_target("an_app_without_control", "whatsapp/registration"), State::Impaired, &[]);
    }

    #[test]
    fn a_pool_is_reachable_when_any_member_is() {
        expect(&judged_target("a_pool_with_one_member_left", "telegram/dc_pool"), State::Ok, &[]);
        expect(&judged_target("a_pool_that_is_gone", "telegram/dc_pool"), State::LikelyBlocked, &["tcp.timeout"]);
    }

    #[test]
    fn a_filter_of_the_volunteers_own_is_nobodys_censorship() {
        expect(&judged_target("a_filter_on_the_volunteers_own_machine", "middlebox/http_request_line"), State::Impaired, &[]);
    }

    #[test]
    fn the_site_of_the_notices_itself_is_not_blocked() {
        expect(&site("the_block_page_itself"), State::Ok, &[]);
    }

    #[test]
    fn verdicts_belong_to_the_layer_where_it_happened() {
        for (name, layer) in [("throttled_tls", Layer::Tls), ("throttled_http", Layer::Http), ("poisoned_lookup", Layer::Dns)] {
            let layers: Vec<_> = site(name).accused_layers().map(|verdict| verdict.layer).collect();
            assert_eq!(layers, [layer], "{name}");
        }
    }
}
