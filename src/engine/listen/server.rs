//! Answering requests: what is asked of a sender before its body is read, the body within its bounds, and the answer after
//! the commit. It must not know what is in a body.

use super::{BODY, CONNECTIONS, Keys, NAMES, Patience, ROOM, feed};
use crate::engine::inlet::{Arrival, Delivery};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

/// Room is counted in pieces of this many bytes.
const PIECE: usize = 4 << 10;
/// Bytes of a request's head.
const HEAD: usize = 32 << 10;
/// Signature headers: ours, and the one under which webhooks are commonly signed.
const SIGNATURES: [HeaderName; 2] = [HeaderName::from_static("x-driftline-signature"), HeaderName::from_static("x-hub-signature-256")];
const FEED: HeaderName = HeaderName::from_static("x-driftline-feed");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What all connections share.
pub(super) struct Desk {
    keys: Keys,
    patience: Patience,
    sender: SyncSender<Arrival>,
    room: Arc<Semaphore>,
    names: Mutex<BTreeSet<String>>,
}

impl Desk {
    pub(super) fn new(keys: Keys, patience: Patience, sender: SyncSender<Arrival>) -> Self {
        Self { keys, patience, sender, room: Arc::new(Semaphore::new(ROOM / PIECE)), names: Mutex::default() }
    }
}

/// Why a request is not taken.
struct Refusal {
    status: StatusCode,
    text: String,
    header: Option<(HeaderName, &'static str)>,
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), header: None }
    }

    fn with(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    fn later(status: StatusCode, text: &str) -> Self {
        Self::new(status, text).with(RETRY_AFTER, "1")
    }
}

/// Accepts connections until `stop`.
pub(super) async fn serve(socket: TcpListener, desk: Desk, mut stop: oneshot::Receiver<()>) {
    let Ok(socket) = tokio::net::TcpListener::from_std(socket) else { return };
    let desk = Arc::new(desk);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((socket.accept().await, place))
        };
        let (accepted, place) = tokio::select! {
            // Dropping the runtime ends what is still open.
            _ = &mut stop => return,
            accepted = accepted => match accepted {
                Some(accepted) => accepted,
                None => return,
            },
        };
        let Ok((stream, peer)) = accepted else {
            // No descriptors left: one will be free when a connection has ended.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let desk = Arc::clone(&desk);
                async move {
                    let response = answer(&desk, request).await;
                    tracing::debug!(%peer, status = response.status().as_u16(), "request");
                    Ok::<_, Infallible>(response)
                }
            });
            let mut server = hyper::server::conn::http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(desk.patience.head).max_buf_size(HEAD).half_close(true);
            // A connection that breaks is the sender's to open again.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}

async fn answer(desk: &Desk, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, text, header) = match take(desk, request).await {
        Ok(text) => (StatusCode::OK, text, None),
        Err(Refusal { status, text, header }) => (status, serde_json::json!({ "error": text }).to_string(), header),
    };
    let mut response = Response::new(Full::new(Bytes::from(text + "\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status != StatusCode::OK {
        // What is left of a body nobody wants would have to be read first.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some((name, value)) = header {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Takes a request and gives the receipt once it is committed.
async fn take(desk: &Desk, request: Request<Incoming>) -> Result<String, Refusal> {
    if request.method() != Method::POST {
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "records are sent with POST").with(ALLOW, "POST"));
    }
    let headers = request.headers();
    if headers.contains_key(ORIGIN) || headers.contains_key(FETCH_SITE) {
        // A page in a browser on this machine could otherwise write here.
        return Err(Refusal::new(StatusCode::FORBIDDEN, "browsers are not listened to"));
    }
    let header = |name: &HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    let trusted = desk.keys.is_empty() || desk.keys.token(header(&AUTHORIZATION));
    let signature = SIGNATURES.iter().find_map(header).map(<[u8]>::to_vec).filter(|_| desk.keys.signs());
    let unknown = || Refusal::new(StatusCode::UNAUTHORIZED, "a key is needed: a bearer token or a signature of the body");
    if !trusted && signature.is_none() {
        return Err(unknown().with(WWW_AUTHENTICATE, "Bearer"));
    }
    let encoded = encoding(headers)?;
    let Some(feed) = feed(request.uri().path(), header(&FEED)) else {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "the feed's name (X-Driftline-Feed, else the path) is 1 to 128 bytes of text"));
    };
    let room = room(desk, request.body())?;
    let body = match timeout(desk.patience.body, read(request.into_body())).await {
        Ok(body) => body?,
        Err(_) => return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    };
    if !trusted && !desk.keys.signature(signature.as_deref(), &body) {
        return Err(unknown().with(WWW_AUTHENTICATE, "Bearer"));
    }
    if encoded && !body.starts_with(&[0x1f, 0x8b]) && !body.is_empty() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "the body is not gzip, though its header says so"));
    }
    know(desk, &feed)?;
    let (delivery, receipt) = Delivery::new(feed, body, room);
    match desk.sender.try_send(Arrival::Delivered(delivery)) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => return Err(busy()),
        Err(TrySendError::Disconnected(_)) => return Err(ending()),
    }
    match timeout(desk.patience.commit, receipt).await {
        Ok(Ok(Ok(receipt))) => serde_json::to_string(&receipt)
            .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, format!("no receipt could be written: {error}"))),
        Ok(Ok(Err(reason))) => Err(Refusal::new(StatusCode::BAD_REQUEST, reason)),
        Ok(Err(_)) => Err(ending()),
        Err(_) => Err(Refusal::later(StatusCode::SERVICE_UNAVAILABLE, "not committed yet; send it again, nothing is stored twice")),
    }
}

fn busy() -> Refusal {
    Refusal::later(StatusCode::TOO_MANY_REQUESTS, "more is coming than can be stored; send it again")
}

fn ending() -> Refusal {
    Refusal::later(StatusCode::SERVICE_UNAVAILABLE, "nothing of it was stored; send it again")
}

/// Whether the body is said to be gzip.
fn encoding(headers: &HeaderMap) -> Result<bool, Refusal> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(false) };
    match encoding.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Ok(false),
        b"gzip" | b"x-gzip" => Ok(true),
        _ => Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bodies are read plain or with gzip")),
    }
}

/// Bounds how many names there are, now that the sender is known to be one of ours.
fn know(desk: &Desk, feed: &str) -> Result<(), Refusal> {
    let mut names = desk.names.lock().unwrap_or_else(PoisonError::into_inner);
    if !names.contains(feed) {
        if names.len() >= NAMES {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "too many feeds; send under a name that is known"));
        }
        names.insert(feed.to_owned());
    }
    Ok(())
}

/// Memory for the body: as much as it is said to have, else as much as it may have.
fn room(desk: &Desk, body: &Incoming) -> Result<OwnedSemaphorePermit, Refusal> {
    let hint = body.size_hint();
    if hint.lower() > BODY as u64 {
        return Err(too_large());
    }
    let bytes = hint.exact().map_or(BODY, |exact| exact as usize);
    let pieces = bytes.div_ceil(PIECE).max(1) as u32;
    Arc::clone(&desk.room).try_acquire_many_owned(pieces).map_err(|_| busy())
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than {} MiB; send it in pieces", BODY >> 20))
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(body.size_hint().exact().map_or(0, |exact| (exact as usize).min(BODY)));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("the body broke off ({error})")))?;
        let Some(data) = frame.data_ref() else { continue };
        if bytes.len() + data.len() > BODY {
            return Err(too_large());
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}
