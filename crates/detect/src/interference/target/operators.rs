//! Networks that the companies behind some apps run themselves: an address there is the service's, whoever was asked for it.

/// Beginnings of targets, and the networks of the company behind them.
const OPERATORS: &[(&str, &[u32])] = &[
    // OONI nettest specifications ts-018 and ts-019: an answer outside of Facebook's own network is a sign of interference.
    ("facebook_messenger/", &[32934]),
    ("whatsapp/", &[32934]),
    // The networks in which Telegram publishes its data centres (https://core.telegram.org/resources/cidr.txt).
    ("telegram/", &[62041, 59930, 62014, 44907, 211_157]),
];

/// Whether a network is the one of the company behind a target.
pub(super) fn runs(target: &str, asn: u32) -> bool {
    OPERATORS.iter().any(|(beginning, networks)| target.starts_with(beginning) && networks.contains(&asn))
}

/// Whether a company's own networks are known for a target.
pub(super) fn is_known(target: &str) -> bool {
    OPERATORS.iter().any(|(beginning, _)| target.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_speaks_for_its_own_apps_only() {
        assert!(runs("whatsapp/web", 32934) && runs("telegram/web", 62041));
        assert!(!runs("signal/chat", 32934) && !runs("www.facebook.com", 32934) && !runs("whatsapp/web", 62041));
    }
}
