//! Root certificates beside the public ones, in PEM: those of a simulated world, or of a country that signs its own.

use x509_parser::pem::Pem;

use crate::Error;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

pub fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, BEGIN).is_some()
}

/// Reads all certificates of a file (DER), in its order.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let bad = |number: usize, reason: String| Error::BadRefdataFile { name: name.to_owned(), reason: format!("certificate {number}: {reason}") };
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
