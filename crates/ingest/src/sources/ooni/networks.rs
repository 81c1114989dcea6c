//! Whose network an address is in, as the record says it somewhere: in a DNS answer, or in what the control knows (`ip_info`).

use std::borrow::Cow;

use foldhash::HashMap;
use parallax_model::tables::Observation;

use super::dns::Query;
use crate::address::canonical_ip;
use crate::json::Value;

#[derive(Clone, Copy, Default)]
pub struct Network<'o> {
    pub asn: Option<u32>,
    pub as_org_name: Option<&'o str>,
}

#[derive(Default)]
pub struct Networks<'o> {
    by_ip: HashMap<Cow<'o, str>, Network<'o>>,
}

impl<'o> Networks<'o> {
    pub fn new(queries: &'o [Query<'_>], ip_info: Value<'o>) -> Self {
        let mut networks = Self::default();
        for answer in queries.iter().flat_map(|query| &query.answers) {
            let Some(ip) = answer.ip.as_deref().filter(|_| answer.asn.is_some()) else { continue };
            networks.by_ip.entry(Cow::Borrowed(ip)).or_insert(Network { asn: answer.asn, as_org_name: answer.as_org_name });
        }
        for (ip, info) in ip_info.members() {
            let (Some(ip), Some(asn)) = (canonical_ip(ip), info.get("asn").fitting().filter(|asn| *asn != 0)) else { continue };
            networks.by_ip.entry(ip).or_insert(Network { asn: Some(asn), as_org_name: None });
        }
        networks
    }

    pub fn of(&self, ip: Option<&str>) -> Network<'o> {
        ip.and_then(|ip| self.by_ip.get(ip)).copied().unwrap_or_default()
    }

    /// Fills the network of a row's own address.
    pub fn fill(&self, row: &mut Observation<'o>) {
        let network = self.of(row.ip.as_deref());
        row.ip_asn = network.asn;
        row.ip_as_org_name = network.as_org_name.map(Cow::Borrowed);
    }
}
