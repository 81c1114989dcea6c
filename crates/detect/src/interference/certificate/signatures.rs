//! Remembers which signatures are good. The same chains stand in thousands of measurements, and checking a signature is by far the
//! dearest part of validating one.
//!
//! **Invariant:** what is remembered is a function of the key, the message and the signature alone, under a digest that nobody can make
//! two of; so a verdict is the same whether something was remembered or not.

use std::sync::{Mutex, PoisonError};

use foldhash::HashMap;
use parallax_model::sha256::Sha256;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

/// Signatures that are remembered of each kind, some 50 bytes each; then all are forgotten.
const MOST_REMEMBERED: usize = 50_000;

/// All kinds of signatures that certificates have.
#[derive(Debug)]
pub(super) struct Signatures(Vec<Remembering>);

impl Default for Signatures {
    fn default() -> Self {
        Self(webpki::ALL_VERIFICATION_ALGS.iter().map(|algorithm| Remembering { algorithm: *algorithm, known: Mutex::default() }).collect())
    }
}

impl Signatures {
    pub(super) fn algorithms(&self) -> Vec<&dyn SignatureVerificationAlgorithm> {
        self.0.iter().map(|algorithm| algorithm as &dyn SignatureVerificationAlgorithm).collect()
    }
}

/// One kind of signature.
#[derive(Debug)]
struct Remembering {
    algorithm: &'static dyn SignatureVerificationAlgorithm,
    /// Whether a signature is good, by its digest.
    known: Mutex<HashMap<[u8; 32], bool>>,
}

impl SignatureVerificationAlgorithm for Remembering {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let digest = digest_of([public_key, message, signature]);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = known().get(&digest).copied();
        let is_good = remembered.unwrap_or_else(|| {
            let is_good = self.algorithm.verify_signature(public_key, message, signature).is_ok();
            let mut known = known();
            if known.len() >= MOST_REMEMBERED {
                known.clear();
            }
            known.insert(digest, is_good);
            is_good
        });
        if is_good { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.signature_alg_id()
    }
}

/// Of all parts, each with its length, so that no two ways to cut the same bytes are one.
fn digest_of(parts: [&[u8]; 3]) -> [u8; 32] {
    let mut digest = Sha256::default();
    for part in parts {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_as_good_the_second_time_and_no_other_is_taken_for_it() {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let signature = rcgen::SigningKey::sign(&key, b"message").unwrap();
        let key = rcgen::PublicKeyData::der_bytes(&key);
        let signatures = Signatures::default();
        let ed25519 = signatures.0.iter().find(|kind| kind.signature_alg_id() == rustls_pki_types::alg_id::ED25519).unwrap();
        for _ in 0..2 {
            assert!(ed25519.verify_signature(key, b"message", &signature).is_ok());
            assert!(ed25519.verify_signature(key, b"messages", &signature).is_err());
            assert!(ed25519.verify_signature(key, b"message", &signature[1..]).is_err());
        }
        assert_eq!(ed25519.known.lock().unwrap().len(), 3);
    }
}
