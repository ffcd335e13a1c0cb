//! HTTP for both wire formats: connections with the system's roots and proxies, patience, and what the line's own failures
//! mean. No redirect is followed, because it would carry the key to whoever asks for it. No second try here.

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::Value;

use crate::adapters::model::answer::{Answer, Decoder, Progress};
use crate::adapters::model::failure::{self, Complaint};
use crate::adapters::model::{BadProvider, Place, Provider};
use crate::base::secret::Secret;
use crate::domain::llm::{CallFailure, FailureKind, Reply, Request};
use crate::engine::ports::model::Sink;

/// The most bytes that are read of a body that is no stream.
const MOST_BODY: usize = 4 * 1024 * 1024;

/// How long each part of a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// From the request to the first byte of the answer.
    pub first_byte: Duration,
    /// Between two bytes of the answer.
    pub idle: Duration,
}

impl Timeouts {
    /// For servers elsewhere.
    pub const REMOTE: Self = Self {
        connect: Duration::from_secs(10),
        first_byte: Duration::from_secs(120),
        idle: Duration::from_secs(60),
    };

    /// For servers on this machine, which load the model and read a long prompt for minutes before the first byte. When such a
    /// server dies its connection ends at once, so nothing is lost by waiting.
    pub const LOCAL: Self = Self {
        connect: Duration::from_secs(10),
        first_byte: Duration::from_secs(600),
        idle: Duration::from_secs(120),
    };
}

/// A header to send.
#[derive(Clone, Debug)]
pub struct Header(HeaderName, HeaderValue);

impl Header {
    /// One that everybody may see.
    #[must_use]
    pub const fn plain(name: &'static str, value: &'static str) -> Self {
        Self(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    }

    /// One that no log may show. [`Endpoint::new`] has seen to it that the key fits a header.
    #[must_use]
    pub fn secret(name: &'static str, value: &str) -> Self {
        let mut value = HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        Self(HeaderName::from_static(name), value)
    }
}

/// A provider's address with a client for it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    client: Client,
    /// Without a slash at the end, with the version: `https://api.anthropic.com/v1`.
    base: String,
    place: Place,
    key: Option<Secret<String>>,
    timeouts: Timeouts,
}

impl Endpoint {
    /// Sets up the client; connects to nothing. Without `timeouts` the place decides.
    ///
    /// # Errors
    /// The settings cannot work.
    pub fn new(provider: &Provider, timeouts: Option<Timeouts>) -> Result<Self, BadProvider> {
        let url = address(provider)?;
        let is_local = url.host_str().is_some_and(is_loopback);
        let place = Place::new(provider, url.origin().ascii_serialization(), is_local);
        let key = provider.key.clone();
        if key
            .as_ref()
            .is_some_and(|key| HeaderValue::from_str(key.expose()).is_err())
        {
            return Err(BadProvider::Key(provider.name.clone()));
        }
        let timeouts = timeouts.unwrap_or(if is_local {
            Timeouts::LOCAL
        } else {
            Timeouts::REMOTE
        });
        let client = client(provider, &url, timeouts)?;
        let path = url.path().trim_end_matches('/');
        let adds_version =
            path.is_empty() || (provider.kind == super::Kind::Anthropic && !path.ends_with("/v1"));
        let version = if adds_version { "/v1" } else { "" };
        let base = format!("{}{path}{version}", place.origin);
        Ok(Self {
            client,
            base,
            place,
            key,
            timeouts,
        })
    }

    /// Who and where this is.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The key, for a header.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.expose().as_str())
    }

    /// Posts a JSON body (path, headers, body) and gathers the streamed answer.
    ///
    /// # Errors
    /// There is no whole reply; says why, with the usage as far as it is known.
    pub async fn stream<D: Decoder>(
        &self,
        (path, headers, body): (&str, Vec<Header>, String),
        decoder: D,
        request: &Request,
        sink: Sink<'_>,
    ) -> Result<Reply, CallFailure> {
        let post = self.client.post(format!("{}/{path}", self.base));
        let post = post.header(CONTENT_TYPE, "application/json").body(body);
        let response = self.send(post, headers).await?;
        let mut response = self.checked(response, &request.model).await?;
        let mut answer = Answer::new(decoder);
        let broke = self.gather(&mut response, &mut answer, sink).await;
        answer.finish(&self.place, request, broke.as_deref())
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    /// There is none.
    pub async fn get(&self, path: &str, headers: Vec<Header>) -> Result<Value, CallFailure> {
        let response = self
            .send(self.client.get(format!("{}/{path}", self.base)), headers)
            .await?;
        let status = response.status().as_u16();
        let wait = wait_of(&response);
        let body = self.body(response).await;
        if !(200..300).contains(&status) {
            let mut failure = Complaint::of_response(status, &body).failure(&self.place, "list");
            failure.retry_after_ms = wait;
            return Err(failure);
        }
        serde_json::from_slice(&body).map_err(|_| {
            let text = format!(
                "{} does not answer with a list of models: {}",
                self.place.name, self.base
            );
            self.place.failure(FailureKind::Malformed, &text)
        })
    }

    async fn send(
        &self,
        request: RequestBuilder,
        headers: Vec<Header>,
    ) -> Result<Response, CallFailure> {
        let request = headers
            .into_iter()
            .fold(request, |request, Header(name, value)| {
                request.header(name, value)
            });
        match within(self.timeouts.first_byte, request.send()).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => Err(self.unsent(&error)),
            None => Err(self.silent(self.timeouts.first_byte)),
        }
    }

    /// A response that is a stream; every other is a failure.
    async fn checked(&self, response: Response, model: &str) -> Result<Response, CallFailure> {
        let status = response.status();
        let name = &self.place.name;
        if status.is_success() {
            let header = response.headers().get(CONTENT_TYPE);
            let kind = header
                .and_then(|kind| kind.to_str().ok())
                .unwrap_or("")
                .to_ascii_lowercase();
            if !kind.contains("html") && !kind.contains("json") {
                return Ok(response);
            }
            let text = format!(
                "{name} answers with {kind} in place of a stream: check providers.{name}.base_url, or sign in to the network"
            );
            // Some servers report an error with status 200.
            let body = self.body(response).await;
            let json: Option<Value> = serde_json::from_slice(&body).ok();
            return Err(match json.as_ref().and_then(Complaint::read) {
                Some(complaint) => complaint.failure(&self.place, model),
                None => self.place.failure(FailureKind::BadRequest, &text),
            });
        }
        if status.is_redirection() {
            let text = format!(
                "{name} sends to another address ({}), which is not followed: set providers.{name}.base_url to the final one",
                status.as_u16()
            );
            return Err(self.place.failure(FailureKind::BadRequest, &text));
        }
        let wait = wait_of(&response);
        let body = self.body(response).await;
        let mut failure =
            Complaint::of_response(status.as_u16(), &body).failure(&self.place, model);
        failure.retry_after_ms = wait;
        Err(failure)
    }

    /// Feeds the answer until it is whole. Gives how the connection broke, if it did.
    async fn gather<D: Decoder>(
        &self,
        response: &mut Response,
        answer: &mut Answer<D>,
        sink: Sink<'_>,
    ) -> Option<String> {
        let mut patience = self.timeouts.first_byte;
        loop {
            match within(patience, response.chunk()).await {
                Some(Ok(Some(bytes))) => {
                    if answer.feed(&bytes, sink) == Progress::Whole {
                        // Reading the end of the body leaves the connection fit for the next call.
                        let _ = within(Duration::from_millis(50), response.chunk()).await;
                        return None;
                    }
                }
                Some(Ok(None)) => {
                    answer.close(sink);
                    return None;
                }
                Some(Err(error)) => return Some(root(&error)),
                None => return Some(format!("no byte came for {} s", patience.as_secs())),
            }
            patience = self.timeouts.idle;
        }
    }

    /// What can be had of a body that is no stream; it only serves texts and lists.
    async fn body(&self, mut response: Response) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(Ok(Some(bytes))) = within(self.timeouts.idle, response.chunk()).await {
            body.extend_from_slice(&bytes);
            if body.len() > MOST_BODY {
                break;
            }
        }
        body
    }

    fn silent(&self, patience: Duration) -> CallFailure {
        let text = format!(
            "{} at {} does not answer within {} s",
            self.place.name,
            self.place.origin,
            patience.as_secs()
        );
        // Not "unreachable": the request has arrived and may have to be paid for, so it is not sent again at once.
        self.place.failure(FailureKind::Cut, &text)
    }

    fn unsent(&self, error: &reqwest::Error) -> CallFailure {
        let Place {
            name,
            origin,
            is_local,
            ..
        } = &self.place;
        let cause = root(error);
        let text = if error.is_connect() && *is_local {
            format!("no server answers at {origin}: start it, or set providers.{name}.base_url")
        } else if error.is_connect() {
            format!(
                "no server answers at {origin} ({cause}): check the network and the proxy, or set providers.{name}.base_url"
            )
        } else {
            format!("the line to {name} at {origin} broke before it answered ({cause})")
        };
        self.place.failure(FailureKind::Unreachable, &text)
    }
}

fn address(provider: &Provider) -> Result<Url, BadProvider> {
    let bad = |why: &str| BadProvider::BaseUrl(provider.name.clone(), why.to_owned());
    let url = Url::parse(provider.base_url.trim()).map_err(|error| bad(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(bad("not http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("a password does not belong there"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("a query does not belong there"));
    }
    Ok(url)
}

fn client(provider: &Provider, url: &Url, timeouts: Timeouts) -> Result<Client, BadProvider> {
    let mut builder = Client::builder()
        .user_agent(concat!("aios/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeouts.connect);
    if url.host_str().is_some_and(is_loopback) {
        // A proxy for the outside has no business between two programs of one machine.
        builder = builder.no_proxy();
    }
    if let Some(path) = &provider.ca_file {
        let bad = |why: String| BadProvider::CaFile(provider.name.clone(), why);
        let pem =
            std::fs::read(path).map_err(|error| bad(format!("{}: {error}", path.display())))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| bad(root(&error)))?;
        if certificates.is_empty() {
            return Err(bad(format!("{}: no certificate in it", path.display())));
        }
        for certificate in certificates {
            builder = builder.add_root_certificate(certificate);
        }
    } else if url.scheme() == "http" {
        // Reading the system's roots takes time and can fail, for nothing.
        builder = builder.tls_built_in_root_certs(false);
    }
    builder
        .build()
        .map_err(|error| BadProvider::Tls(provider.name.clone(), root(&error)))
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn wait_of(response: &Response) -> Option<u64> {
    let text = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    failure::retry_after_ms(text(RETRY_AFTER)?, text(DATE))
}

/// The innermost cause, which says most.
fn root(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

async fn within<T>(patience: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(patience, future).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::model::Kind;

    #[test]
    fn addresses_get_their_version() {
        for (kind, base_url, base, is_local) in [
            (
                Kind::Anthropic,
                "https://api.anthropic.com",
                "https://api.anthropic.com/v1",
                false,
            ),
            (
                Kind::Anthropic,
                "https://api.anthropic.com/v1/",
                "https://api.anthropic.com/v1",
                false,
            ),
            (
                Kind::Anthropic,
                "https://h.example/anthropic",
                "https://h.example/anthropic/v1",
                false,
            ),
            (
                Kind::OpenAi,
                "http://localhost:11434/",
                "http://localhost:11434/v1",
                true,
            ),
            (
                Kind::OpenAi,
                "http://[::1]:8080",
                "http://[::1]:8080/v1",
                true,
            ),
            (
                Kind::OpenAi,
                "http://192.168.1.9:8000/v1",
                "http://192.168.1.9:8000/v1",
                false,
            ),
            (
                Kind::OpenAi,
                "https://h.example/api/paas/v4",
                "https://h.example/api/paas/v4",
                false,
            ),
        ] {
            let provider = Provider {
                name: "p".to_owned(),
                kind,
                base_url: base_url.to_owned(),
                key: None,
                ca_file: None,
            };
            let endpoint = Endpoint::new(&provider, None).unwrap();
            assert_eq!(
                (endpoint.base.as_str(), endpoint.place.is_local),
                (base, is_local)
            );
            let timeouts = if is_local {
                Timeouts::LOCAL
            } else {
                Timeouts::REMOTE
            };
            assert_eq!(endpoint.timeouts, timeouts);
        }
    }
}
