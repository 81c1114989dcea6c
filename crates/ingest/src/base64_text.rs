//! Base64 as strangers write it: with or without the padding at its end.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// The bytes; nothing for what is no base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text.trim_ascii()).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn padding_is_not_asked_for() {
        assert_eq!(decode("aGk=").as_deref(), Some(b"hi".as_slice()));
        assert_eq!(decode("aGk").as_deref(), Some(b"hi".as_slice()));
        assert_eq!(decode("not base64!"), None);
    }
}
