//! Networks of addresses as tables: iptoasn (`range_start`, `range_end`, `AS_number`, `country_code`, `AS_description`, tabs and no
//! header), GeoLite (`network,autonomous_system_number,autonomous_system_organization`), and others of either shape.

use std::net::IpAddr;

use csv::StringRecord;
use parallax_model::refdata::Network;

use super::ranges::Range;
use super::table::{Table, column};
use crate::Error;

/// Where the columns stand that are read.
pub struct Columns {
    addresses: Addresses,
    asn: usize,
    name: Option<usize>,
    country: Option<usize>,
    is_header: bool,
}

enum Addresses {
    /// One column such as `192.0.2.0/24`.
    Prefix(usize),
    /// The first and the last address.
    Range(usize, usize),
}

impl Columns {
    /// From a header, or from a first row that is one already.
    pub fn of(first: &StringRecord) -> Option<Self> {
        Self::of_header(first).or_else(|| Self::of_row(first))
    }

    fn of_header(header: &StringRecord) -> Option<Self> {
        let prefix = column(header, &["network", "prefix", "cidr"]).map(Addresses::Prefix);
        let range = || {
            let start = column(header, &["start", "start_ip", "range_start", "ip_range_start", "first_ip"])?;
            let end = column(header, &["end", "end_ip", "range_end", "ip_range_end", "last_ip"])?;
            Some(Addresses::Range(start, end))
        };
        Some(Self {
            addresses: prefix.or_else(range)?,
            asn: column(header, &["asn", "ASN", "autonomous_system_number", "AS_number", "as_number"])?,
            name: column(header, &["autonomous_system_organization", "AS_description", "as_name", "name", "organization", "org"]),
            country: column(header, &["country_code", "country", "cc", "as_country_code"]),
            is_header: true,
        })
    }

    fn of_row(row: &StringRecord) -> Option<Self> {
        let (addresses, asn) = match row.get(0)?.contains('/') {
            true => (Addresses::Prefix(0), 1),
            false => (Addresses::Range(0, 1), 2),
        };
        // iptoasn has the country before the name, others have no country.
        let has_country = row.get(asn + 2).is_some() && row.get(asn + 1).is_some_and(|field| field == "None" || is_country(field));
        let columns = Self {
            addresses,
            asn,
            name: Some(if has_country { asn + 2 } else { asn + 1 }),
            country: has_country.then_some(asn + 1),
            is_header: false,
        };
        columns.read(row).is_ok().then_some(columns)
    }

    /// The range of a row; nothing for a range that belongs to nobody.
    fn read(&self, row: &StringRecord) -> Result<Option<Range>, String> {
        let field = |column: usize| row.get(column).unwrap_or_default().trim();
        let (start, end) = match self.addresses {
            Addresses::Prefix(column) => prefix(field(column))?,
            Addresses::Range(start, end) => (address(field(start))?, address(field(end))?),
        };
        let asn = asn(field(self.asn))?;
        let country = self.country.map(field).filter(|code| is_country(code)).unwrap_or_default();
        let network = Network { asn, name: self.name.map(field).unwrap_or_default().to_owned(), country: country.to_owned() };
        if start.is_ipv4() != end.is_ipv4() || start > end {
            return Err(format!("{start} to {end} is no range"));
        }
        Ok((asn != 0).then_some(Range { start, end, network }))
    }
}

/// Reads all ranges of a file.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Range>, Error> {
    let columns = Columns::of(&Table::first_row(bytes)).ok_or_else(|| Error::UnknownRefdata { name: name.to_owned() })?;
    let mut ranges = Vec::new();
    for row in Table::new(name, bytes).skip(usize::from(columns.is_header)) {
        let (line, row) = row?;
        ranges.extend(columns.read(&row).map_err(|reason| Table::error(name, line, reason))?);
    }
    Ok(ranges)
}

fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is no address"))
}

fn prefix(text: &str) -> Result<(IpAddr, IpAddr), String> {
    let parts = text.split_once('/').and_then(|(address, length)| Some((address.parse::<IpAddr>().ok()?, length.parse::<u32>().ok()?)));
    match parts {
        Some((IpAddr::V4(address), length @ 0..=32)) => {
            let rest = u32::MAX.checked_shr(length).unwrap_or(0);
            Ok(((u32::from(address) & !rest).to_ip(), (u32::from(address) | rest).to_ip()))
        }
        Some((IpAddr::V6(address), length @ 0..=128)) => {
            let rest = u128::MAX.checked_shr(length).unwrap_or(0);
            Ok(((u128::from(address) & !rest).to_ip(), (u128::from(address) | rest).to_ip()))
        }
        _ => Err(format!("{text:?} is no network such as 192.0.2.0/24")),
    }
}

/// A number as the address that it is.
trait ToIp {
    fn to_ip(self) -> IpAddr;
}

impl ToIp for u32 {
    fn to_ip(self) -> IpAddr {
        IpAddr::V4(self.into())
    }
}

impl ToIp for u128 {
    fn to_ip(self) -> IpAddr {
        IpAddr::V6(self.into())
    }
}

fn asn(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix("AS").unwrap_or(text);
    if number.is_empty() {
        return Ok(0);
    }
    number.parse().map_err(|_| format!("{text:?} is no number of a network"))
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let ranges = parse("networks", text.as_bytes()).unwrap();
        let show = |Range { start, end, network }: Range| format!("{start} {end} {} {} {}", network.asn, network.country, network.name);
        ranges.into_iter().map(show).collect()
    }

    #[test]
    fn iptoasn_has_tabs_no_header_and_ranges_of_nobody() {
        let text = "192.0.2.0\t192.0.2.255\t64500\tXA\tXA-NET \"One\"\n192.0.3.0\t192.0.3.255\t0\tNone\tNot routed\n2001:db8::\t2001:db8::ffff\t64501\tNone\tTWO\n";
        assert_eq!(shown(text), ["192.0.2.0 192.0.2.255 64500 XA XA-NET \"One\"", "2001:db8:: 2001:db8::ffff 64501  TWO"]);
    }

    #[test]
    fn prefixes_and_headers_in_any_order() {
        let text = "autonomous_system_number,network,autonomous_system_organization\n64500,192.0.2.128/25,\"One, Inc.\"\n64501,2001:db8::/127,Two\n64502,0.0.0.0/0,All\n";
        assert_eq!(
            shown(text),
            ["192.0.2.128 192.0.2.255 64500  One, Inc.", "2001:db8:: 2001:db8::1 64501  Two", "0.0.0.0 255.255.255.255 64502  All"]
        );
        assert_eq!(shown("start_ip,end_ip,country,asn,name\n192.0.2.0,192.0.2.1,XB,AS64500,One\n"), ["192.0.2.0 192.0.2.1 64500 XB One"]);
        assert_eq!(shown("192.0.2.0,192.0.2.1,64500,\"One, Inc.\"\n"), ["192.0.2.0 192.0.2.1 64500  One, Inc."]);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        let first = "192.0.2.0,192.0.2.1,64500,One\n";
        for (row, reason) in [
            ("192.0.2.9,192.0.2.1,64500,One", "192.0.2.9 to 192.0.2.1 is no range"),
            ("192.0.2.0,2001:db8::,64500,One", "192.0.2.0 to 2001:db8:: is no range"),
            ("192.0.2,192.0.2.1,64500,One", "\"192.0.2\" is no address"),
            ("192.0.2.0,192.0.2.1,one,One", "\"one\" is no number of a network"),
        ] {
            let error = parse("n.csv", format!("{first}{row}\n").as_bytes()).unwrap_err().to_string();
            assert_eq!(error, format!("n.csv, line 2: {reason}"));
        }
    }
}
