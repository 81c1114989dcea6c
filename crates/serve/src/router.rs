//! Puts routes, protection and limits together.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;

use crate::access::{self, Access, Refusal};
use crate::api;
use crate::known;
use crate::observatory::Observatory;
use crate::pages;
use crate::route::{Answer, Asked, Content, Headers, Load, Route, Trouble};
use crate::urls::Parameters;

/// Nothing but what this server sends itself, and no script at all.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same for a page with charts: one script, from a file of this server. It asks nothing of anybody, not even of this server.
const POLICY_WITH_CHARTS: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: &[(header::HeaderName, &str)] =
    &[(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::X_FRAME_OPTIONS, "DENY"), (header::REFERRER_POLICY, "no-referrer")];
/// Headers of every answer that has none of its own.
const DEFAULTS: &[(header::HeaderName, &str)] =
    &[(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY), (header::CACHE_CONTROL, "no-cache")];
const MORE_HEADERS: &[(&str, &str)] = &[
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

#[derive(Clone)]
struct Shared {
    observatory: Arc<Observatory>,
    access: Access,
}

/// Everything that is answered. A request that is let in is answered by one [`Route`].
pub fn router(observatory: Arc<Observatory>, access: Access) -> Router {
    let shared = Shared { observatory, access };
    let routes = pages::ALL.iter().copied().chain(api::routes());
    let router = routes.fold(Router::new(), |router, route| {
        let answer = move |State(shared): State<Shared>, Path(segments): Path<Vec<(String, String)>>, uri: Uri, headers: HeaderMap| {
            run(shared, route, segments, uri, headers)
        };
        router.route(route.path, get(answer))
    });
    router
        .fallback(|State(shared): State<Shared>, uri: Uri| async move { nowhere(&shared, &uri) })
        .layer(middleware::from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

/// Lets a request in or turns it away, and puts the headers on whatever is answered.
async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let refusal = match shared.access.check(request.headers()) {
        Ok(()) if access::is_embedded_elsewhere(request.headers()) => Some(Refusal::OtherSite),
        Ok(()) => None,
        Err(refusal) => Some(refusal),
    };
    let method_is_fine = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = match refusal {
        Some(refusal) => turn_away(refusal),
        None if !method_is_fine => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Everything here is read with GET.\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    HEADERS.iter().for_each(|(name, value)| drop(headers.insert(name, HeaderValue::from_static(value))));
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    MORE_HEADERS.iter().for_each(|(name, value)| drop(headers.insert(*name, HeaderValue::from_static(value))));
    response
}

fn turn_away(refusal: Refusal) -> Response {
    match refusal {
        Refusal::WrongHost => plain(StatusCode::FORBIDDEN, "This observatory answers only as localhost.\n"),
        Refusal::OtherSite => plain(StatusCode::FORBIDDEN, "Pages of other sites cannot embed this one.\n"),
        Refusal::NoSql => plain(StatusCode::FORBIDDEN, "In public there is no SQL; ask your own copy of the archive.\n"),
        Refusal::NoToken => {
            let mut response = plain(StatusCode::UNAUTHORIZED, "A token is needed, as the password or as bearer.\n");
            let challenge = HeaderValue::from_static("Basic realm=\"Parallax\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            response
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Answers one request on a thread that may wait, when it is its turn.
async fn run(shared: Shared, route: &'static Route, segments: Vec<(String, String)>, uri: Uri, headers: HeaderMap) -> Response {
    if route.load == Load::Sql && !shared.access.allows_sql() {
        return turn_away(Refusal::NoSql);
    }
    let gate = if route.load == Load::Page { &shared.observatory.pages } else { &shared.observatory.queries };
    let Ok(turn) = gate.enter().await else { return full() };
    let asked = Asked { takes_gzip: takes_gzip(&headers), ..asked(&shared, segments, &uri) };
    let answer = tokio::task::spawn_blocking(move || {
        let make = || known::check(route, &asked).and_then(|()| (route.answer)(&asked));
        let answer = std::panic::catch_unwind(AssertUnwindSafe(make));
        (answer.unwrap_or_else(|_| Err(Trouble::Bug("the page could not be made".to_owned()))), asked)
    });
    let Ok((answer, asked)) = answer.await else { return plain(StatusCode::INTERNAL_SERVER_ERROR, "This is a bug of Parallax.\n") };
    let answer = answer.unwrap_or_else(|trouble| tell(&asked, &trouble));
    match answer.content {
        // The rows keep the turn until the last of them is sent.
        Content::Rows(download) => respond(Answer { content: Content::Rows(download.holding(turn)), ..answer }),
        _ => respond(answer),
    }
}

fn asked(shared: &Shared, segments: Vec<(String, String)>, uri: &Uri) -> Asked {
    Asked {
        edition: shared.observatory.edition(),
        options: shared.observatory.options,
        access: shared.access.clone(),
        segments,
        parameters: Parameters::parse(uri.query().unwrap_or_default()),
        address: uri.path_and_query().map_or("/", |address| address.as_str()).to_owned(),
        takes_gzip: false,
    }
}

/// Whether gzip is among what the other side unpacks. A weight of zero means that it is not (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_zero = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.trim().parse() == Ok(0.0));
        matches!(name.trim().to_ascii_lowercase().as_str(), "gzip" | "*") && !is_zero
    })
}

/// The form in which trouble is told is that of the path: JSON for programs, a page for people.
fn tell(asked: &Asked, trouble: &Trouble) -> Answer {
    match asked.address.starts_with(api::BASE) {
        true => api::trouble(trouble),
        false => pages::trouble(asked, trouble),
    }
}

fn nowhere(shared: &Shared, uri: &Uri) -> Response {
    let asked = asked(shared, Vec::new(), uri);
    respond(tell(&asked, &Trouble::NotFound { what: "page", name: uri.path().to_owned() }))
}

fn full() -> Response {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "Too much is being asked at the moment; try again in a few seconds.\n");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn respond(answer: Answer) -> Response {
    let (status, content_type, beside) = (answer.status, answer.content_type, answer.headers);
    let place = match &answer.content {
        Content::At(address) => HeaderValue::from_str(address).ok().map(|address| (header::LOCATION, address)),
        Content::Rows(download) => HeaderValue::from_str(&download.disposition()).ok().map(|name| (header::CONTENT_DISPOSITION, name)),
        Content::Whole(_) => None,
    };
    let mut response = Response::new(Body::from(answer.content));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().extend(place);
    response.headers_mut().extend(headers(beside));
    response
}

fn headers(beside: Headers) -> impl Iterator<Item = (header::HeaderName, HeaderValue)> {
    let all = [
        (beside.has_charts, header::CONTENT_SECURITY_POLICY, POLICY_WITH_CHARTS),
        (beside.is_gzip, header::CONTENT_ENCODING, "gzip"),
        (beside.is_lasting, header::VARY, "accept-encoding"),
        (beside.is_lasting, header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    all.into_iter().filter(|(holds, ..)| *holds).map(|(_, name, value)| (name, HeaderValue::from_static(value)))
}
