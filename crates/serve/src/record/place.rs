//! Where in a record a value stands, and whether it may be shown there: the names of fields and headers that hold what is the volunteer's.

use super::tokens::Token;

/// Why a value is hidden where it stands, and what else follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// An address of the volunteer: it is looked for everywhere else too.
    Address,
    /// A resolver that may be the volunteer's own: the same, unless it is an address that a thousand homes share.
    Resolver,
    /// A name that the volunteer or their session has: the same, where it is long enough to be one.
    Name,
    /// It says something about the volunteer, and nothing else follows.
    Other,
    /// Hidden where it is the address of a corner of a home.
    IfPrivate,
}

/// Keys of values that are addresses of whoever measured.
const ADDRESSES: &[&str] = &[
    "probe_ip",
    "client_ip",
    "clientip",
    "client_address",
    "client_addr",
    "remaddress",
    "local_address",
    "localaddress",
    "local_addr",
    "mapped_address",
    "xor_mapped_address",
    "external_ip",
    "public_ip",
    "my_ip",
    "real_ip",
    "user_ip",
];
/// Keys of values that are names of the volunteer, the device or the session.
const NAMES: &[&str] = &[
    "probe_id",
    "report_id",
    "install_id",
    "device_id",
    "user_id",
    "session_id",
    "client_id",
    "account_id",
    "advertising_id",
    "imei",
    "probe_city",
    "probe_lat",
    "probe_lon",
    "latitude",
    "longitude",
];
/// Headers in which servers and proxies write whom they talk to.
const ADDRESS_HEADERS: &[&str] = &[
    "x-forwarded-for",
    "x-original-forwarded-for",
    "forwarded",
    "forwarded-for",
    "x-forwarded",
    "x-forward-for",
    "x-real-ip",
    "x-client-ip",
    "x-client",
    "x-clientip",
    "client-ip",
    "x-cluster-client-ip",
    "x-remote-ip",
    "x-remote-addr",
    "remote-addr",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "fastly-client-ip",
    "x-user-ip",
    "x-your-ip",
    "x-ip",
    "x-visitor-ip",
    "x-envoy-external-address",
    "x-originating-ip",
    "x-appengine-user-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-nf-client-connection-ip",
    "x-geo-ip",
    "via-client",
];
/// Headers that name a visitor in another way.
const OTHER_HEADERS: &[&str] = &[
    "set-cookie",
    "cookie",
    "x-geo-city",
    "x-geo-latlong",
    "cf-ipcity",
    "cf-iplatitude",
    "cf-iplongitude",
    "x-appengine-city",
    "x-appengine-citylatlong",
    "authorization",
    "proxy-authorization",
];
/// Annotations that say something about software and not about anybody; every other one is hidden.
const ANNOTATIONS: &[&str] = &[
    "architecture",
    "engine_name",
    "engine_version",
    "flavor",
    "go_version",
    "network_type",
    "origin",
    "os_version",
    "platform",
    "vcs_modified",
    "vcs_revision",
    "vcs_time",
    "vcs_tool",
];

/// An object or an array that has been opened.
struct Frame {
    is_object: bool,
    /// The key of the next value, in small letters; `_` counts as `-` in headers.
    key: String,
    index: usize,
    /// Why all of it is hidden.
    hidden: Option<Why>,
    /// Of an array whose first element is the name of a header: why the second is hidden.
    header: Option<Why>,
}

/// Follows the tokens of a record.
pub struct Place {
    frames: Vec<Frame>,
    /// The record says that its resolver stands in another network than the probe.
    resolver_is_elsewhere: bool,
}

impl Place {
    pub fn new(resolver_is_elsewhere: bool) -> Self {
        Self { frames: Vec::new(), resolver_is_elsewhere }
    }

    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The key of the next value, where it has one.
    pub fn key(&self) -> Option<&str> {
        self.frames.last().filter(|frame| frame.is_object).map(|frame| frame.key.as_str())
    }

    /// Whether what is closed next is an object.
    pub fn closes_object(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.is_object)
    }

    /// Why the next value is hidden; nothing where it is not.
    pub fn care(&self) -> Option<Why> {
        let frame = self.frames.last()?;
        if frame.hidden.is_some() {
            return frame.hidden;
        }
        if !frame.is_object {
            return frame.header.filter(|_| frame.index > 0);
        }
        let parent = self.frames.len().checked_sub(2).map_or("", |index| self.frames[index].key.as_str());
        self.care_of_key(&frame.key, parent)
    }

    fn care_of_key(&self, key: &str, parent: &str) -> Option<Why> {
        match (parent, key) {
            ("connection_info", "client") => return Some(Why::Address),
            ("connection_info", "uuid") => return Some(Why::Name),
            ("annotations", key) if !ANNOTATIONS.contains(&key) => return Some(Why::Name),
            _ => {}
        }
        match key {
            "resolver_ip" | "client_resolver" => (!self.resolver_is_elsewhere).then_some(Why::Resolver),
            "x_dns_whoami" => Some(Why::Other),
            "resolver_address" => Some(Why::IfPrivate),
            key if ADDRESSES.contains(&key) => Some(Why::Address),
            key if NAMES.contains(&key) => Some(Why::Name),
            key => care_of_header(key),
        }
    }

    /// Takes the next token.
    pub fn follow(&mut self, token: &Token) {
        match token {
            Token::OpenObject | Token::OpenArray => {
                let hidden = self.care();
                let is_object = matches!(token, Token::OpenObject);
                self.frames.push(Frame { is_object, key: String::new(), index: 0, hidden, header: None });
            }
            Token::Close => {
                self.frames.pop();
                self.value_ended(None);
            }
            Token::Key(key) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.key = key.to_lowercase();
                }
            }
            Token::Text(text) => self.value_ended(Some(text)),
            Token::Plain(_) => self.value_ended(None),
        }
    }

    fn value_ended(&mut self, text: Option<&str>) {
        let Some(frame) = self.frames.last_mut() else { return };
        if !frame.is_object && frame.index == 0 {
            frame.header = text.and_then(|name| care_of_header(&name.to_lowercase()));
        }
        frame.index += 1;
    }
}

fn care_of_header(name: &str) -> Option<Why> {
    let name = name.replace('_', "-");
    let name = name.trim();
    match () {
        () if ADDRESS_HEADERS.contains(&name) => Some(Why::Address),
        () if OTHER_HEADERS.contains(&name) => Some(Why::Other),
        () => None,
    }
}
