//! Lookups and what they were answered.

use std::net::IpAddr;

use serde::Serialize;

use super::Null;
use super::place::Tags;
use crate::addresses::AddressBook;

#[derive(Serialize, Clone)]
pub(crate) struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    asn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_org_name: Option<&'a str>,
    answer_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv4: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6: Option<IpAddr>,
    ttl: Null,
}

impl<'a> Answer<'a> {
    pub fn new(book: &'a AddressBook, address: IpAddr) -> Self {
        let owner = book.network_of(address);
        Self {
            asn: owner.map(|owner| owner.asn),
            as_org_name: owner.map(|owner| owner.name.as_str()),
            answer_type: if address.is_ipv4() { "A" } else { "AAAA" },
            ipv4: Some(address).filter(IpAddr::is_ipv4),
            ipv6: Some(address).filter(IpAddr::is_ipv6),
            ttl: None,
        }
    }

    /// Of a name that is not in the world.
    pub fn elsewhere() -> Self {
        let address = Some(IpAddr::from([93, 184, 215, 14]));
        Self { asn: Some(15133), as_org_name: Some("Edgecast Inc."), answer_type: "A", ipv4: address, ipv6: None, ttl: None }
    }
}

#[derive(Serialize)]
pub(crate) struct Query<'a> {
    pub answers: Option<Vec<Answer<'a>>>,
    pub engine: &'static str,
    pub failure: Option<&'static str>,
    pub hostname: &'a str,
    pub query_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rcode: Option<u8>,
    pub resolver_hostname: Null,
    pub resolver_port: Null,
    pub resolver_address: std::borrow::Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    pub tags: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
}
