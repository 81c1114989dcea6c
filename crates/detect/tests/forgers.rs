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
    let among_twelve = fewest(|forged| is_accused(&record, &(hour(None, 1, 0, forged) + &beside)));
    assert_eq!((alone, among_twelve), (2, 3), "docs/trust.md says so as well");
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
