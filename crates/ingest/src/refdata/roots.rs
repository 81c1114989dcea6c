//! Root certificates beside the public ones, in PEM: those of a simulated world, or of a country that signs its own.

use x509_parser::pem::Pem;

use crate::Error;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

pub fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, BEGIN).is_some()
}

/// Reads all certificates of a file (DER), in its order.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let bad =
        |number: usize, reason: String| Error::BadRefdataFile { name: name.to_owned(), reason: format!("certificate {number}: {reason}") };
    let mut certificates = Vec::new();
    for (index, pem) in Pem::iter_from_buffer(bytes).enumerate() {
        let pem = pem.map_err(|error| bad(index + 1, error.to_string()))?;
        if pem.label == "CERTIFICATE" {
            pem.parse_x509().map_err(|error| bad(index + 1, error.to_string()))?;
            certificates.push(pem.contents);
        }
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A self-signed certificate of nobody, made for this test.
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBkDCCATegAwIBAgIURL+ApP9Y6AB0cYm7W276BxXt1cgwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSUGFyYWxsYXggVGVzdCBSb290MCAXDTI2MTEyMjE1NDE1NloY
DzIxMjYxMDI5MTU0MTU2WjAdMRswGQYDVQQDDBJQYXJhbGxheCBUZXN0IFJvb3Qw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATsjF4b8TWV6rGRHQ8GNBTesxK1eczP
ZFy1w+Sc1fQw4GSBxxxYtaW5D4OYgZMgabtr+aWYFENUBohpV2MTKBI7o1MwUTAd
BgNVHQ4EFgQU4gr5DzftlCKmJedA/bLE5IV6IXowHwYDVR0jBBgwFoAU4gr5Dzft
lCKmJedA/bLE5IV6IXowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBE
AiBxto2aY67BQuAKX85UQ60tGwFEIJAQG+8TobY7obbVOAIgOuvs4hRrtr5y7Ct7
aRaBjkqvaj9Sl6O0fx/ig0CfGSk=
-----END CERTIFICATE-----
";

    #[test]
    fn what_is_no_certificate_is_named_by_its_number() {
        let text = format!("{CERTIFICATE}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        let error = parse("roots.pem", text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("roots.pem: certificate 2: "), "{error}");
    }

    #[test]
    fn certificates_come_out_in_order_and_keys_are_passed_over() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let found = parse("roots.pem", format!("# comment\n{key}{CERTIFICATE}").as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0][0], 0x30);
    }
}
