//! Rules about the lookup of a name.

pub mod answer_disproved_elsewhere;
pub mod answer_leads_nowhere;
pub mod answer_outside_operator;
pub mod answer_serves_block_page;
pub mod answer_serves_foreign_certificate;
pub mod answer_serves_other_page;
pub mod answers_agree_with_control;
pub mod bogon_not_in_control;
pub mod control_fails_too;
pub mod fails_here_answered_elsewhere;
pub mod ghost_name;
pub mod handshake_proves_answer;
pub mod injected_and_genuine;
pub mod known_forged_alias;
pub mod known_forged_answer;
pub mod lost_by_chance;
pub mod lost_by_release;
pub mod lost_everywhere;
pub mod no_data_not_in_control;
pub mod nxdomain_not_in_control;
pub mod one_answer_for_unrelated_names;
pub mod one_answer_in_several_networks;
pub mod refused_not_in_control;
pub mod servfail_not_in_control;
pub mod third_party_answer_from_own_network;
pub mod timeout_on_every_resolver;
