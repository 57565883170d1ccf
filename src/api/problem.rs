//! What went wrong, for whoever asked: `application/problem+json` (RFC 9457), made in one place.
//! A problem has a message for outside, and may have one for the log that tells more.

use super::reply::{Body, Reply};
use crate::query;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;
use utoipa::ToSchema;

/// An answer that is not what was asked for.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    inside: Option<String>,
    is_unheard: bool,
    header: Option<(HeaderName, &'static str)>,
}

/// How a problem looks on the wire.
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemDetails {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            detail: detail.into(),
            inside: None,
            is_unheard: false,
            header: None,
        }
    }

    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn not_found() -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "There is nothing here; /docs lists what there is.",
        )
    }

    /// The path is right, but what it names is not there.
    pub fn nothing(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    /// The token is missing or wrong.
    pub fn unauthorized() -> Problem {
        let detail = "Send `Authorization: Bearer TOKEN`; `netmonitor token` prints the token.";
        Problem {
            header: Some((WWW_AUTHENTICATE, "Bearer")),
            ..Problem::new(StatusCode::UNAUTHORIZED, detail)
        }
    }

    /// The path exists, but not with this method.
    pub fn method_not_allowed(allow: &'static str) -> Problem {
        Problem {
            header: Some((ALLOW, allow)),
            ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("Here is {allow}."))
        }
    }

    /// A cap is reached; it will pass.
    pub fn busy(detail: impl Into<String>) -> Problem {
        Problem {
            header: Some((RETRY_AFTER, "1")),
            ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    /// A defect or a failure of ours: the log tells what, the answer does not.
    pub fn internal(inside: impl std::fmt::Display) -> Problem {
        let detail = "netmonitor could not answer this; its log says why.";
        Problem {
            inside: Some(inside.to_string()),
            ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
        }
    }

    /// Whoever asked has left: nobody hears this.
    pub(super) fn unheard() -> Problem {
        Problem {
            is_unheard: true,
            ..Problem::new(StatusCode::REQUEST_TIMEOUT, "Nobody waited for the answer.")
        }
    }

    pub fn is_unheard(&self) -> bool {
        self.is_unheard
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The answer; what is for inside goes to the log.
    pub fn reply(self) -> Reply {
        if let Some(inside) = &self.inside {
            tracing::error!(status = self.status.as_u16(), "{inside}");
        }
        let details = ProblemDetails {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut reply = Reply::of("application/problem+json", Body::Whole(Bytes::from(body)));
        reply.status = self.status;
        let header = self.header;
        reply
            .headers
            .extend(header.map(|(name, value)| (name, HeaderValue::from_static(value))));
        reply
    }
}

impl From<query::Error> for Problem {
    fn from(error: query::Error) -> Problem {
        match error {
            query::Error::Asked { .. } | query::Error::TooMuch { .. } => {
                Problem::bad_request(error.to_string())
            }
            query::Error::Left => Problem::unheard(),
            query::Error::Nothing(_) => Problem::new(StatusCode::NOT_FOUND, error.to_string()),
            query::Error::Store(inside) => Problem::internal(inside),
            query::Error::Told(inside) => Problem::internal(inside),
        }
    }
}
