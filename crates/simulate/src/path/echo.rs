//! A server that sends back what it is sent, and who takes it apart on the way there.

use super::http_answers::as_bytes_of;
use super::outcome::Transaction;
use super::touch::{Cause, For};
use super::way::Path;
use crate::trouble::{BadMoment, TroubleKind};
use crate::{Mechanism, pages, rng};

/// Keep the habits of boxes and of helpers apart from other things that are fixed for a number.
const BOX: u64 = 0x0062_6f78;
const HELPER: u64 = 0x6865_6c70;

/// What came back for a line.
pub(crate) struct Reply {
    pub received: String,
    pub failure: Option<&'static str>,
    pub from: Sender,
}

/// Who answers a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// The helper, with what was sent.
    Helper,
    Proxy,
    /// Nobody, or somebody else.
    Other,
}

impl Path<'_> {
    /// The proxy that takes a request apart on the way, if one does: a number in 0..1 that stands for its habits, which never change.
    pub fn proxy(&mut self, mechanism: Mechanism, purpose: For) -> Option<f64> {
        let (index, _) = self.acting(purpose.site, |censor| censor.mechanism == mechanism)?;
        self.note(purpose, Cause::Censor(index));
        Some(rng::fixed_share(self.world.seed, BOX, index as u64, 0))
    }

    /// Whether the helper is not at the moment what it should be; if so, a number in 0..1 that stands for what is wrong with it.
    pub fn helper_fault(&mut self, purpose: For) -> Option<f64> {
        let acts = |index: &usize| {
            let trouble = &self.world.troubles[*index];
            trouble.kind == TroubleKind::HelperFault && trouble.sites[purpose.site] && trouble.window.contains(self.now, 0)
        };
        let index = (0..self.world.troubles.len()).find(acts)?;
        self.note(purpose, Cause::Trouble(index));
        Some(rng::fixed_share(self.world.seed, HELPER, index as u64, 0))
    }

    /// The helper's answer, whatever the request had become on the way.
    pub fn sent_back(&mut self, body: String) -> Transaction {
        Transaction { genuine: true, ..self.answered(200, body, vec![("Content-Type", "application/json".into())], false) }
    }

    /// A line that is no proper request, over a connection that succeeded.
    pub fn send_line(&mut self, line: &str, purpose: For) -> Reply {
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            let page = self.answered(200, pages::portal(), Vec::new(), false);
            return Reply::of(&page);
        }
        let censors = |censor: &crate::censor::Censor| censor.mechanism.layer() == "http" && !censor.mechanism.is_tampering();
        if let Some((index, censor)) = self.acting(purpose.site, censors) {
            self.note(purpose, Cause::Censor(index));
            if let Some(done) = self.answer_of(censor) {
                return Reply::of(&done);
            }
        }
        if let Some(habits) = self.proxy(Mechanism::HttpTamperingRequestLine, purpose)
            && let Some(received) = answer_of_proxy(habits, line)
        {
            return Reply { received, failure: None, from: Sender::Proxy };
        }
        if self.fails(BadMoment::Http, purpose) {
            return Reply { received: String::new(), failure: None, from: Sender::Other };
        }
        match self.helper_fault(purpose) {
            Some(fault) => Reply { received: answer_of_faulty_helper(fault, line), failure: None, from: Sender::Other },
            None => Reply { received: line.into(), failure: None, from: Sender::Helper },
        }
    }
}

impl Reply {
    /// Waiting in vain is how the test ends where all is well, and so no failure of it.
    fn of(done: &Transaction) -> Self {
        let failure = done.failure.filter(|failure| *failure != super::outcome::TIMEOUT);
        Self { received: done.response.as_ref().map(as_bytes_of).unwrap_or_default(), failure, from: Sender::Other }
    }
}

/// Most proxies say who they are and take every line for a request; others say nothing, and let pass what does not look like one.
fn answer_of_proxy(habits: f64, line: &str) -> Option<String> {
    let looks_like_a_request = line.contains(" / ") || line.starts_with("GET ");
    let names_itself = habits < 0.5;
    (names_itself || looks_like_a_request || habits >= 0.9).then(|| pages::proxy_error(names_itself))
}

/// Another server stands in its place, or it sends back bytes that are not the ones it was sent.
fn answer_of_faulty_helper(fault: f64, line: &str) -> String {
    match fault < 0.5 {
        true => pages::bad_request(),
        false => line.bytes().rev().map(char::from).collect(),
    }
}
