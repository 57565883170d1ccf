//! The access token: 32 bytes from the system, in a file that only its owner can read. Loopback is
//! not an identity; whoever can read this file is.

use crate::platform::{self, private};
use std::hint::black_box;
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
const FILE: &str = "token";
const BYTES: usize = 32;

/// The secret that guarded routes ask for.
#[derive(Clone)]
pub struct Token(String);

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error(transparent)]
    File(#[from] platform::Error),
    #[error("the system gave no random bytes for the access token: {0}")]
    Random(#[from] getrandom::Error),
    #[error("{0} holds no access token: remove it, and a new one is made at the next start")]
    Damaged(PathBuf),
}

impl Token {
    /// The token in this data folder; it is made if there is none.
    pub fn open(folder: &Path) -> Result<Token, TokenError> {
        match Token::read(folder)? {
            Some(token) => Ok(token),
            None => Token::make(folder),
        }
    }

    /// The token in this data folder, if there is one.
    pub fn read(folder: &Path) -> Result<Option<Token>, TokenError> {
        let path = folder.join(FILE);
        let Some(content) = private::read(&path)? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&content).trim().to_owned();
        let whole = text.len() == 2 * BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if whole {
            Ok(Some(Token(text)))
        } else {
            Err(TokenError::Damaged(path))
        }
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    /// Takes as long for a token that is wrong at its start as for one that is wrong at its end.
    pub fn is(&self, offered: &[u8]) -> bool {
        let ours = self.0.as_bytes();
        let pairs = ours.iter().zip(offered);
        let differing = pairs.fold(0, |bits, (a, b)| black_box(bits | (a ^ b)));
        ours.len() == offered.len() && differing == 0
    }

    fn make(folder: &Path) -> Result<Token, TokenError> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = halves.filter_map(|half| char::from_digit(half.into(), 16));
        let text: String = digits.collect();
        private::write(&folder.join(FILE), format!("{text}\n").as_bytes())?;
        Ok(Token(text))
    }
}

/// A token is not for logs.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_token_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Token::read(folder.path()).unwrap().is_none());
        let first = Token::open(folder.path()).unwrap();
        let again = Token::open(folder.path()).unwrap();
        assert_eq!(first.text(), again.text());
        assert_eq!(first.text().len(), 64);
        let mode = folder
            .path()
            .join(FILE)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let token = Token::open(folder.path()).unwrap();
        let text = token.text().as_bytes();
        assert!(token.is(text));
        assert!(!token.is(&text[..63]) && !token.is(b"") && !token.is(&[text, b"0"].concat()));
        let mut wrong = text.to_vec();
        wrong[63] ^= 1;
        assert!(!token.is(&wrong));
    }

    #[test]
    fn a_damaged_file_is_not_taken_for_a_token() {
        let folder = tempfile::tempdir().unwrap();
        private::write(&folder.path().join(FILE), b"\n").unwrap();
        let refused = Token::open(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("holds no access token"), "{refused}");
    }
}
