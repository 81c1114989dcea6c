//! The key of an hourly file: `raw/DAY/HOUR/CC/TEST/DAYHOUR_CC_TEST.HOST.COUNTER.jsonl.gz`.
//!
//! **Invariant:** a [`Key`] is plain ASCII without empty parts, `.` or `..`, so it is a safe path below any folder and a safe URL path.

use std::path::PathBuf;

use chrono::NaiveDate;

/// The first day in this layout; what is older lies elsewhere in the bucket.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2020, 10, 20).expect("a day of the calendar");
/// What S3 allows.
const MAX_KEY_BYTES: usize = 1024;
/// What file systems allow, less room for what a partial file adds to its name.
const MAX_NAME_BYTES: usize = 150;
const MAX_TEST_BYTES: usize = 64;

/// What a key of the documented layout stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Measurements(Key),
    /// What lies beside the measurements by design: tarballs of the same measurements (`.tar.gz`), and markers of folders.
    Beside,
}

/// An hourly file of measurements.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    text: String,
    day: NaiveDate,
    hour: u8,
    country: String,
    test: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("it is longer than a key or a file name can be")]
    TooLong,
    #[error("it has characters that no key of this layout has")]
    OddCharacter,
    #[error("it is not laid out as raw/DAY/HOUR/CC/TEST/NAME.jsonl.gz")]
    Layout,
    #[error("its name does not agree with its folders")]
    Name,
}

/// What every key of one country in one hour begins with.
pub fn prefix(day: NaiveDate, hour: u8, country: &str) -> String {
    format!("raw/{}/{hour:02}/{country}/", day.format("%Y%m%d"))
}

/// Says what a key stands for, or why it is refused.
pub fn recognise(text: &str) -> Result<Kind, BadKey> {
    if text.len() > MAX_KEY_BYTES {
        return Err(BadKey::TooLong);
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte)) {
        return Err(BadKey::OddCharacter);
    }
    let parts: Vec<_> = text.split('/').collect();
    let (["raw", day, hour, country, test, name], true) = (parts.as_slice(), text.starts_with("raw/")) else {
        return if text.ends_with('/') && !text.contains("..") { Ok(Kind::Beside) } else { Err(BadKey::Layout) };
    };
    if name.is_empty() || name.ends_with(".tar.gz") {
        return Ok(Kind::Beside);
    }
    let key = Key {
        text: text.to_owned(),
        day: self::day(day).ok_or(BadKey::Layout)?,
        hour: self::hour(hour).ok_or(BadKey::Layout)?,
        country: checked(country, is_country).ok_or(BadKey::Layout)?,
        test: checked(test, is_test).ok_or(BadKey::Layout)?,
    };
    key.check_name(name)?;
    Ok(Kind::Measurements(key))
}

impl Key {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn country(&self) -> &str {
        &self.country
    }

    /// Without underscores, as in the bucket: `webconnectivity`.
    pub fn test(&self) -> &str {
        &self.test
    }

    /// What all files of its hour and country begin with.
    pub fn prefix(&self) -> String {
        prefix(self.day, self.hour, &self.country)
    }

    /// Where it lies below a folder.
    pub fn path(&self) -> PathBuf {
        self.text.split('/').collect()
    }

    /// `DAYHOUR_CC_TEST.HOST.COUNTER.jsonl.gz`; some of 2020 leave the hour out.
    fn check_name(&self, name: &str) -> Result<(), BadKey> {
        let stem = name.strip_suffix(".jsonl.gz").ok_or(BadKey::Layout)?;
        if name.len() > MAX_NAME_BYTES {
            return Err(BadKey::TooLong);
        }
        let (place, upload) = stem.split_once('.').ok_or(BadKey::Name)?;
        let day = self.day.format("%Y%m%d");
        let place_by_hour = format!("{day}{:02}_{}_{}", self.hour, self.country, self.test);
        let place_by_day = format!("{day}_{}_{}", self.country, self.test);
        let agrees = (place == place_by_hour || place == place_by_day) && upload.split('.').all(|part| !part.is_empty());
        if agrees { Ok(()) } else { Err(BadKey::Name) }
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    // chrono would take a sign or fewer digits.
    checked(text, |text| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    NaiveDate::parse_from_str(text, "%Y%m%d").ok()
}

fn hour(text: &str) -> Option<u8> {
    checked(text, |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok().filter(|hour| *hour < 24)
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_test(text: &str) -> bool {
    (1..=MAX_TEST_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn checked(text: &str, is_good: impl Fn(&str) -> bool) -> Option<String> {
    is_good(text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "raw/20240212/20/IT/webconnectivity/2024021220_IT_webconnectivity.n0.0.jsonl.gz";

    #[test]
    fn a_key_says_where_and_when() {
        let Ok(Kind::Measurements(key)) = recognise(GOOD) else { panic!() };
        assert_eq!((key.country(), key.test(), key.prefix().as_str()), ("IT", "webconnectivity", "raw/20240212/20/IT/"));
        assert_eq!((key.as_str(), key.path()), (GOOD, PathBuf::from(GOOD)));
        assert!(recognise("raw/20201020/00/IT/ndt/20201020_IT_ndt.n1.0.jsonl.gz").is_ok());
    }

    #[test]
    fn what_lies_beside_by_design_is_no_mistake() {
        for key in [GOOD.replace("jsonl.gz", "tar.gz").as_str(), "raw/20240212/20/IT/", "raw/20240212/20/IT/webconnectivity/"] {
            assert_eq!(recognise(key), Ok(Kind::Beside), "{key}");
        }
    }

    #[test]
    fn no_key_leads_out_of_its_folder() {
        let hostile = [
            ("raw/20240212/20/IT/../../../etc/passwd", BadKey::Layout),
            ("raw/20240212/20/IT/../2024021220_IT_...jsonl.gz", BadKey::Layout),
            ("/raw/20240212/20/IT/webconnectivity/x.jsonl.gz", BadKey::Layout),
            ("raw/20240212/20/../webconnectivity/2024021220_.._webconnectivity.n0.0.jsonl.gz", BadKey::Layout),
            ("raw/20240212/20/IT/webconnectivity/..jsonl.gz", BadKey::Name),
            ("raw/20240212/20/IT/webconnectivity/.hidden.jsonl.gz", BadKey::Name),
            ("raw/20240212/20/IT/webconnectivity/2024021221_IT_webconnectivity.n0.0.jsonl.gz", BadKey::Name),
            ("raw/20240212/20/IT/webconnectivity/2024021220_FR_webconnectivity.n0.0.jsonl.gz", BadKey::Name),
            ("raw/20240212/20/IT/webconnectivity/2024021220_IT_webconnectivity.n0..jsonl.gz", BadKey::Name),
            ("raw/20240230/20/IT/webconnectivity/2024023020_IT_webconnectivity.n0.0.jsonl.gz", BadKey::Layout),
            ("raw/+2024021/20/IT/webconnectivity/x.jsonl.gz", BadKey::OddCharacter),
            ("raw/20240212/24/IT/webconnectivity/2024021224_IT_webconnectivity.n0.0.jsonl.gz", BadKey::Layout),
            ("raw/20240212/20/it/webconnectivity/2024021220_it_webconnectivity.n0.0.jsonl.gz", BadKey::Layout),
            ("raw\\20240212\\20\\IT", BadKey::OddCharacter),
            ("raw/20240212/20/IT/web\0connectivity/x.jsonl.gz", BadKey::OddCharacter),
            ("raw/20240212/20/IT/webconnectivity/\u{202e}.jsonl.gz", BadKey::OddCharacter),
            ("", BadKey::Layout),
        ];
        for (key, why) in hostile {
            assert_eq!(recognise(key), Err(why), "{key}");
        }
        assert_eq!(recognise(&"a".repeat(1025)), Err(BadKey::TooLong));
        assert_eq!(recognise(&GOOD.replace(".n0.", &format!(".{}.", "n".repeat(200)))), Err(BadKey::TooLong));
    }
}
