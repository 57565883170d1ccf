//! What is known of a connection besides its label, as bytes: claims, what it speaks, and how old its
//! name is. Words are stored as texts: a protocol that a later version knows is passed over by this.

use super::codec::{Damaged, In, Out};
use super::codes::{SITES, code, word};
use crate::label::Marks;
use crate::names::{Claim, Ja4, Name, Protocol};
use crate::tick::Facts;

/// More claims are in no value that was written here.
const MOST_CLAIMS: u64 = 64;

pub(super) fn write(out: &mut Out, facts: Option<&Facts>) {
    let Some(facts) = facts else {
        return out.byte(0);
    };
    out.byte(1);
    let claims = facts
        .claims
        .get(..MOST_CLAIMS as usize)
        .unwrap_or(&facts.claims);
    out.number(claims.len() as u64);
    for claim in claims {
        out.byte(code(&SITES, &claim.source));
        out.byte(claim.marks.0);
        out.bytes(claim.name.as_str().as_bytes());
    }
    out.bytes(facts.spoke.map_or("", Protocol::word).as_bytes());
    let fingerprint = facts.fingerprint.as_ref();
    out.bytes(fingerprint.map_or("", Ja4::as_str).as_bytes());
    out.bytes(facts.via.as_deref().unwrap_or_default().as_bytes());
    out.number(facts.name_age_ms.into());
    out.number(facts.named_after_ms.into());
}

pub(super) fn read(input: &mut In) -> Result<Option<Facts>, Damaged> {
    if input.byte()? == 0 {
        return Ok(None);
    }
    let count = input.number()?;
    if count > MOST_CLAIMS {
        return Err(Damaged("more claims than a connection has"));
    }
    let claims = (0..count).map(|_| read_claim(input));
    let claims = claims.collect::<Result<_, _>>()?;
    let spoke = input.text()?;
    let fingerprint = Ja4::of_text(input.text()?);
    let via = Some(input.text()?).filter(|via| !via.is_empty());
    Ok(Some(Facts {
        claims,
        spoke: Protocol::ALL.iter().copied().find(|it| it.word() == spoke),
        fingerprint,
        via: via.map(Into::into),
        owner: None,
        peer: None,
        name_age_ms: input.small()?,
        named_after_ms: input.small()?,
    }))
}

fn read_claim(input: &mut In) -> Result<Claim, Damaged> {
    Ok(Claim {
        source: word(&SITES, input.byte()?)?,
        marks: Marks(input.byte()?),
        name: Name::of(input.bytes()?).ok_or(Damaged("a claim without a name"))?,
    })
}
