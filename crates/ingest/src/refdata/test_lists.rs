//! Test lists: which URLs are tested where and why, as the Citizen Lab publishes them at
//! <https://github.com/citizenlab/test-lists>.

use csv::StringRecord;

use super::table::{Table, column};
use crate::Error;

/// One URL of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestedUrl {
    pub url: String,
    /// Four letters such as `NEWS`.
    pub category_code: String,
}

pub(crate) fn is_header(row: &StringRecord) -> bool {
    column(row, &["url"]).is_some() && column(row, &["category_code"]).is_some()
}

/// Reads all URLs of a list.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<TestedUrl>, Error> {
    let mut table = Table::new(name, bytes);
    let header = table.next().transpose()?.map(|(_, header)| header).unwrap_or_default();
    let (Some(url), Some(category)) = (column(&header, &["url"]), column(&header, &["category_code"])) else {
        return Err(Error::UnknownRefdata { name: name.to_owned() });
    };
    let mut urls = Vec::new();
    for row in table {
        let (line, row) = row?;
        let field = |column: usize| row.get(column).unwrap_or_default().trim().to_owned();
        let tested = TestedUrl { url: field(url), category_code: field(category) };
        if tested.url.is_empty() {
            return Err(Table::error(name, line, "the row has no URL"));
        }
        urls.push(tested);
    }
    Ok(urls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_with_their_category_wherever_the_columns_stand() {
        let text = "category_code,url,notes\nNEWS,https://example.org/,\"a, b\"\n";
        let url = TestedUrl { url: "https://example.org/".into(), category_code: "NEWS".into() };
        assert_eq!(parse("xa.csv", text.as_bytes()).unwrap(), [url]);
        assert_eq!(parse("xa.csv", b"url,category_code\n,NEWS\n").unwrap_err().to_string(), "xa.csv, line 2: the row has no URL");
    }
}
