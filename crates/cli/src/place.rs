//! Countries, networks and moments as people type them.

use parallax_model::Timestamp;

/// `ke` or `KE`.
pub fn country(typed: &str) -> Result<String, String> {
    let letters = typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters.then(|| typed.to_ascii_uppercase()).ok_or_else(|| "a country is two letters, such as KE".to_owned())
}

/// `37061` or `AS37061`.
pub fn network(typed: &str) -> Result<u32, String> {
    let digits = typed.strip_prefix("AS").or_else(|| typed.strip_prefix("as")).unwrap_or(typed);
    digits.parse().map_err(|_| "a network is a number, such as 37061 or AS37061".to_owned())
}

/// A day or a time of day, in UTC.
pub fn moment(typed: &str) -> Result<Timestamp, String> {
    let spellings = [typed.to_owned(), format!("{typed}:00"), format!("{typed} 00:00:00")];
    let read = spellings.iter().find_map(|text| text.parse().ok());
    read.ok_or_else(|| "a time is a day, or a day and a time in UTC, such as 2024-02-12 or \"2024-02-12 05:00\"".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_understood() {
        assert_eq!(country("ke").as_deref(), Ok("KE"));
        assert_eq!((network("AS37061"), network("37061")), (Ok(37061), Ok(37061)));
        assert_eq!(moment("2024-02-12").unwrap().to_string(), "2024-02-12 00:00:00 UTC");
        assert_eq!(moment("2024-02-12 05:00").unwrap().to_string(), "2024-02-12 05:00:00 UTC");
        assert!(country("Kenya").is_err() && network("x").is_err() && moment("yesterday").is_err());
    }
}
