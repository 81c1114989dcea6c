//! A request over a connection, and who answers it: the site, a censor, a portal, a server that has nothing to do with it.

use std::net::IpAddr;

use rand::Rng;

use super::outcome::{CLOSED, PATIENCE, RESET, TIMEOUT, Transaction};
use super::touch::{Cause, For};
use super::way::Path;
use crate::addresses::Behind;
use crate::censor::Censor;
use crate::trouble::{BadMoment, Change, TroubleKind};
use crate::web_address::WebAddress;
use crate::{Mechanism, pages};

/// What an unhindered connection carries in a second.
const BYTES_PER_SECOND: f64 = 400_000.0;
/// Pages are cut here, as the probe cuts them.
const MAX_BODY: usize = 1 << 19;

impl Path<'_> {
    /// A request for `url` over a connection (and handshake) that succeeded.
    pub fn transact(&mut self, address: IpAddr, url: &WebAddress, purpose: For) -> Transaction {
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return self.answered(200, pages::portal(), Vec::new(), false);
        }
        if self.vouched_for(purpose.site) == Some(address) {
            return self.genuine_answer(url, purpose.site, BYTES_PER_SECOND);
        }
        match self.world.addresses.behind(address) {
            Behind::BlockPage(censor) => return self.block_page(censor),
            Behind::Stray => return self.answered(200, pages::stray(), Vec::new(), false),
            _ => {}
        }
        let layer = if url.https { "tls" } else { "http" };
        let throttles = |censor: &Censor| matches!(censor.mechanism, Mechanism::TlsThrottleSni | Mechanism::HttpThrottleHost);
        let sees =
            |censor: &Censor| censor.mechanism.layer() == layer && !censor.mechanism.is_tampering() && (!url.https || throttles(censor));
        let mut bytes_per_second = BYTES_PER_SECOND;
        if let Some((index, censor)) = self.acting(purpose.site, sees) {
            self.note(purpose, Cause::Censor(index));
            match self.answer_of(censor) {
                Some(answer) => return answer,
                None => bytes_per_second = f64::from(censor.bytes_per_second),
            }
        }
        if self.fails(BadMoment::Http, purpose) {
            return self.cut(TIMEOUT, PATIENCE);
        }
        if let Some(other) = self.other_answer_of_the_site(purpose) {
            return other;
        }
        self.genuine_answer(url, purpose.site, bytes_per_second)
    }

    /// What a censor does to a request; nothing at once where it only slows the answer down.
    pub(super) fn answer_of(&mut self, censor: &Censor) -> Option<Transaction> {
        Some(match censor.mechanism {
            Mechanism::HttpBlockpage => self.block_page_of(&censor.country),
            Mechanism::HttpError => self.answered(503, pages::error(), vec![("Content-Type", "text/html".into())], false),
            Mechanism::HttpRedirect => self.sent_to_block_page(censor),
            Mechanism::HttpResetHost => self.cut(RESET, 0.0),
            Mechanism::HttpClose => self.cut(CLOSED, 0.0),
            Mechanism::HttpTimeout => self.cut(TIMEOUT, PATIENCE),
            _ => return None,
        })
    }

    /// The site asks whether a human is there, or refuses the country.
    fn other_answer_of_the_site(&mut self, purpose: For) -> Option<Transaction> {
        if let Some(renewal) = self.world.sites[purpose.site].renewal(self.now) {
            match renewal.change {
                Change::Challenge => {
                    self.note(purpose, Cause::Trouble(renewal.trouble));
                    return Some(Transaction { genuine: true, ..self.answered(403, pages::challenge(), Vec::new(), false) });
                }
                Change::Page => self.note(purpose, Cause::Trouble(renewal.trouble)),
                Change::Certificate | Change::Expired => {}
            }
        }
        let refusal = self.refuses_country(purpose.site)?;
        self.note(purpose, Cause::Trouble(refusal));
        let page = pages::geo_refusal(&self.world.sites[purpose.site].host);
        Some(Transaction { genuine: true, ..self.answered(451, page, self.world.sites[purpose.site].headers(), false) })
    }

    /// What the site itself says, as fast as the way lets it.
    fn genuine_answer(&mut self, url: &WebAddress, site: usize, bytes_per_second: f64) -> Transaction {
        if let Some(next) = self.world.redirects.get(url).cloned() {
            let headers = vec![("Location", next.to_string())];
            return Transaction { redirect: Some(next), genuine: true, ..self.answered(301, String::new(), headers, false) };
        }
        let visit = self.rng.random();
        let world = self.world;
        let site = &world.sites[site];
        let mut body = site.body(self.now, visit);
        let seconds = body.len() as f64 / bytes_per_second;
        if seconds > PATIENCE {
            return self.starved(site, (PATIENCE * bytes_per_second) as u64);
        }
        let truncated = body.len() > MAX_BODY;
        body.truncate(MAX_BODY);
        let mut answer = self.answered(site.status, body, site.headers(), truncated);
        answer.seconds += seconds;
        answer.genuine = true;
        answer
    }
}
