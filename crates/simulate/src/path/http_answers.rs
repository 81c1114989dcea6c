//! What comes back for a request, in bytes and headers.

use rand::Rng;

use super::outcome::{PATIENCE, Response, TIMEOUT, Transaction};
use super::way::Path;
use crate::censor::Censor;
use crate::pages;
use crate::site::Site;
use crate::web_address::WebAddress;

/// A response as it comes over the wire.
pub(super) fn as_bytes_of(response: &Response) -> String {
    let headers: String = response.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {}\r\n{headers}\r\n{}", response.status, response.body)
}

impl Path<'_> {
    /// The head of a page came, and too little of the rest before patience ended.
    pub(super) fn starved(&mut self, site: &Site, bytes: u64) -> Transaction {
        let headers = self.headers(vec![("Content-Type", site.content_type.into())], site.body_length_at(self.now));
        let response = Response { status: site.status, headers, body: String::new(), truncated: true };
        Transaction { failure: Some(TIMEOUT), response: Some(response), bytes, seconds: PATIENCE, genuine: false, redirect: None }
    }

    pub(super) fn answered(&mut self, status: u16, body: String, headers: Vec<(&'static str, String)>, truncated: bool) -> Transaction {
        let seconds = self.moment();
        let headers = self.headers(headers, body.len());
        let bytes = body.len() as u64 + 300;
        Transaction {
            failure: None,
            response: Some(Response { status, headers, body, truncated }),
            bytes,
            seconds,
            genuine: false,
            redirect: None,
        }
    }

    pub(super) fn cut(&mut self, failure: &'static str, wait: f64) -> Transaction {
        let seconds = self.moment() + wait;
        Transaction { failure: Some(failure), response: None, bytes: 0, seconds, genuine: false, redirect: None }
    }

    pub(super) fn block_page(&mut self, censor: usize) -> Transaction {
        self.block_page_of(&self.world.censors[censor].country)
    }

    pub(super) fn block_page_of(&mut self, country: &str) -> Transaction {
        let reference = self.rng.random_range(0..u64::from(u32::MAX));
        self.answered(200, pages::block_page(country, reference), vec![("Content-Type", "text/html".into())], false)
    }

    pub(super) fn sent_to_block_page(&mut self, censor: &Censor) -> Transaction {
        let page = WebAddress { https: false, host: censor.forged[0].to_string(), path: "/withheld".into() };
        let headers = vec![("Location", page.to_string())];
        Transaction { redirect: Some(page), ..self.answered(302, String::new(), headers, false) }
    }

    fn headers(&self, mut more: Vec<(&'static str, String)>, length: usize) -> Vec<(&'static str, String)> {
        more.push(("Content-Length", length.to_string()));
        more.push(("Date", crate::time::http_date(self.now)));
        more.sort_by_key(|(name, _)| *name);
        more
    }
}
