//! What forged occasions can do to the verdict on somebody else's measurement, in numbers: the tables of `docs/trust.md`.

#[allow(dead_code, reason = "the tests of the fixtures use the rest")]
mod fixture;

use std::fmt::Write;

use fixture::Fixture;
use parallax_detect::interference::judge;

/// Somebody else's measurement: a connect that was lost, with a control that got through.
const REAL: &str = include_str!("../fixtures/tcp/unreachable_for_probe_only/fires.toml");
/// The same of an app's service, without any control, and with three networks abroad that reach it.
const WITHOUT_CONTROL: &str = include_str!("../fixtures/tcp/lost_here_reached_elsewhere/too_little.toml");

fn is_accused(record: &str, neighbours: &str) -> bool {
    let record = record.split("[expect]").next().expect("a fixture");
    let fixture = Fixture::parse(&format!("{record}\n{neighbours}")).expect("is a fixture");
    fixture.with_case(|case| judge(case).iter().any(|judgement| judgement.state.accuses()))
}

/// Occasions of the judged network in one hour.
fn hour(target: Option<&str>, hour: i64, reached: u32, lost: u32) -> String {
    let target = target.map_or(String::new(), |target| format!("target = \"{target}\"\n"));
    format!("[[neighbour]]\noperation = \"tcp\"\n{target}hours = [{hour}]\nreached = {reached}\nlost = {lost}\n\n")
}

/// A target that the network really loses, on the judged occasion and on `others` more, one an hour, and `forged` successes spread as well
/// as they can be over the same hours.
fn block(others: u32, forged: u32) -> String {
    let hours = i64::from(others) + 1;
    let first = -(i64::from(others) / 2);
    let mut rows = String::new();
    for number in 0..hours {
        let share = forged / hours as u32 + u32::from((number as u32) < forged % hours as u32);
        let _ = write!(rows, "{}", hour(None, first + number, share, 1));
    }
    rows
}

fn fewest(enough: impl Fn(u32) -> bool) -> u32 {
    (0..10_000).find(|forged| enough(*forged)).expect("some number is enough")
}

#[test]
fn hiding_a_real_block_takes_several_forged_occasions_for_each_real_failure() {
    let price = |others| fewest(|forged| !is_accused(REAL, &block(others, forged)));
    let prices = [0, 1, 2, 5, 10, 20].map(|others| (others, price(others)));
    assert_eq!(prices, HIDE, "docs/trust.md says so as well");
}

/// Other real failures, and the forged successes that hide the block.
const HIDE: [(u32, u32); 6] = [(0, 1), (1, 6), (2, 13), (5, 43), (10, 81), (20, 156)];

#[test]
fn an_outage_that_is_made_up_hides_a_single_loss_of_its_hour() {
    let busy = |forged: u32| hour(Some("elsewhere.example"), 0, 10, 0) + &hour(Some("more.example"), 0, forged, forged);
    let price = fewest(|forged| !is_accused(REAL, &busy(forged)));
    assert_eq!(price, 1, "docs/trust.md says so as well");
    assert!(is_accused(REAL, &(block(5, 0) + &busy(1000))), "what is lost in other hours too stays blocked");
}

#[test]
fn forged_losses_only_give_back_what_the_record_alone_says() {
    let got_through: String = [-3, -2, -1, 1, 2, 3].map(|at| hour(None, at, 1, 0)).concat();
    assert!(is_accused(REAL, ""));
    assert!(!is_accused(REAL, &got_through));
    let price = fewest(|forged| is_accused(REAL, &(hour(None, 0, 0, 1 + forged) + &got_through)));
    assert_eq!(price, 1, "docs/trust.md says so as well");
}

#[test]
fn framing_a_network_where_the_record_has_no_control_takes_losses_of_that_very_network() {
    let record = WITHOUT_CONTROL.replace("hours = [-2, 3]\nreached = 1\n", "hours = []\n");
    assert!(!is_accused(&record, ""));
    let alone = fewest(|forged| is_accused(&record, &hour(None, 1, 0, forged)));
    let beside: String = [-6, -5, -4, -3, -2, -1, 2, 3, 4, 5, 6, 7].map(|at| hour(None, at, 1, 0)).concat();
    let among_twelve = (0..50).find(|forged| is_accused(&record, &(hour(None, 1, 0, *forged) + &beside)));
    let spread = |forged: u32| [-1, 0, 1].map(|at| hour(None, at, 0, forged)).concat();
    let on_both_sides = (0..50).find(|forged| is_accused(&record, &(spread(*forged) + &beside))).map(|forged| 3 * forged);
    assert_eq!((alone, among_twelve, on_both_sides), (2, None, Some(3)), "docs/trust.md says so as well");
}

#[test]
fn three_networks_of_two_countries_make_a_block_look_like_a_site_that_is_lost_everywhere() {
    let abroad = |networks: u32| -> String {
        let row = |number| {
            let country = if number % 2 == 0 { "XB" } else { "XC" };
            format!("[[neighbour]]\noperation = \"tcp\"\ncountry = \"{country}\"\nasn = {}\nhours = [0]\nlost = 1\n\n", 64510 + number)
        };
        (0..networks).map(row).collect()
    };
    assert!(is_accused(REAL, &(block(5, 0) + &abroad(2))));
    assert!(!is_accused(REAL, &(block(5, 0) + &abroad(3))));
}

/// Occasions of other networks, in the hour of the judged loss.
fn network(country: &str, asn: u32, software: &str, reached: u32, lost: u32) -> String {
    format!(
        "[[neighbour]]\noperation = \"tcp\"\ncountry = \"{country}\"\nasn = {asn}\nsoftware = \"{software}\"\nhours = [0]\nreached = {reached}\nlost =          {lost}\n\n"
    )
}

#[test]
fn other_networks_of_the_country_frame_one_only_where_it_lost_the_target_itself() {
    let compatriots = |forged: u32| -> String { (0..forged).map(|number| network("XA", 64600 + number, "", 0, 1)).collect() };
    let record = WITHOUT_CONTROL.replace("hours = [-2, 3]\nreached = 1\n", "hours = []\n");
    let alone = fewest(|forged| is_accused(&record, &compatriots(forged)));
    let beside = |reached: i64| -> String { (1..=reached).map(|at| hour(None, if at % 2 == 0 { at / 2 } else { -at }, 1, 0)).collect() };
    let priced = |reached| (0..50).find(|forged| is_accused(&record, &(beside(reached) + &compatriots(*forged))));
    assert_eq!((alone, priced(2), priced(6), priced(12)), COMPATRIOTS, "docs/trust.md says so as well");
}

/// Forged networks of the same country that lost the target in the same hour: where nobody else of the judged one tried, and where it got
/// through on 2, 6 and 12 other occasions.
const COMPATRIOTS: (u32, Option<u32>, Option<u32>, Option<u32>) = (2, Some(2), None, None);

#[test]
fn a_made_up_bug_of_a_release_hides_a_block_only_where_another_release_gets_through() {
    let real = block(5, 0);
    let forged = |networks: u32| -> String {
        let one = |number| network("XB", 64700 + number, "", 0, 1) + &network("XB", 64700 + number, "other 1", 1, 0);
        (0..networks).map(one).collect()
    };
    assert_eq!(fewest(|networks| !is_accused(REAL, &(real.clone() + &forged(networks)))), 2, "docs/trust.md says so as well");
    let partial = network("XA", 64500, "other 1", 7, 0);
    assert_eq!(fewest(|networks| !is_accused(REAL, &(real.clone() + &partial + &forged(networks)))), 1, "docs/trust.md says so as well");
}

#[test]
fn a_made_up_schedule_takes_losses_of_that_network_on_several_days() {
    let record = WITHOUT_CONTROL.replace("hours = [-2, 3]\nreached = 1\n", "hours = []\n");
    let around: String = [-9, -8, -7, -6, -5, -4, 4, 5, 6, 7, 8, 9].map(|at| hour(None, at, 1, 0)).concat();
    let nights = |forged: u32| -> String { (1..=i64::from(forged)).map(|day| hour(None, -24 * day, 0, 1)).collect() };
    let honest: String = [-24, -48, -72, 24, 48, 72].map(|at| hour(None, at - 1, 1, 0) + &hour(None, at + 1, 1, 0)).concat();
    let noon: String = [-24, -48, -72, 24, 48, 72].map(|at| hour(None, at + 8, 1, 0)).concat();
    let price = |rest: &str| (0..7).find(|forged| is_accused(&record, &(nights(*forged) + &around + rest)));
    assert_eq!((price(""), price(&noon), price(&(noon.clone() + &honest))), (None, Some(2), Some(3)), "docs/trust.md says so as well");
}

/// What a network was answered in a week, in which it also reached other names: the forged address, and how often its names were reached.
fn shared(reached: u32) -> String {
    let name = |hostname: &str, reached: u32| {
        format!("    {{ hostname = \"{hostname}\", hours = 30, days = 6, answers = 40, reached = {reached} }},\n")
    };
    let names = name("b-api.facebook.com", 0) + &name("stun.fbsbx.com", 0) + &name("news.example.org", reached);
    format!(
        "[[shared_answer]]\nip = \"185.60.40.7\"\nhours = 50\nhours_others_reached = 48\nother_names_reached = 40\nnames = [\n{names}]\n"
    )
}

#[test]
fn a_shared_address_is_hidden_by_one_forged_success_for_twenty_answers() {
    const MESSENGER: &str = include_str!("../fixtures/dns/one_answer_for_unrelated_names/fires.toml");
    let record = MESSENGER.split("[[shared_answer]]").next().expect("a fixture");
    assert_eq!(
        fewest(|forged| !is_accused(record, &shared(forged))),
        7,
        "of 120 answers; docs/trust.md says so as well, and a cheaper way"
    );
}
