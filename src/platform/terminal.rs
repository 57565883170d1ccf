//! The terminal, key by key: what is typed is neither shown nor held back until the line ends. As it
//! was found, it is left: also where its user panics.

use super::Error;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::read;
use std::io::{Stdin, stdin};
use std::os::fd::AsFd;
use std::time::Duration;

/// Keys of the terminal that this process was started from, for as long as this lives.
pub struct Keys {
    stdin: Stdin,
    before: Termios,
}

/// What came while one waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Nothing,
    /// What was typed, as bytes: a key may send several.
    Bytes(Vec<u8>),
    /// Nobody will ever type again.
    End,
}

impl Keys {
    /// Fails where standard input is no terminal.
    pub fn take() -> Result<Keys, Error> {
        let stdin = stdin();
        let before = tcgetattr(&stdin).map_err(Error::system("read the terminal's settings"))?;
        let mut raw = before.clone();
        // Control-C and Control-Z are keys, too: nothing may stop it with the screen turned over.
        raw.local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG);
        tcsetattr(&stdin, SetArg::TCSADRAIN, &raw).map_err(Error::system("set the terminal"))?;
        Ok(Keys { stdin, before })
    }

    /// Waits for a key, at most this long; a signal ends it early.
    pub fn wait(&self, longest: Duration) -> Result<Typed, Error> {
        let mut waited = [PollFd::new(self.stdin.as_fd(), PollFlags::POLLIN)];
        let longest = PollTimeout::try_from(longest).unwrap_or(PollTimeout::MAX);
        match poll(&mut waited, longest) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => Ok(Typed::Nothing),
            Ok(_) => self.read(),
            Err(error) => Err(Error::system("wait for keys")(error)),
        }
    }

    fn read(&self) -> Result<Typed, Error> {
        let mut bytes = [0; 64];
        match read(&self.stdin, &mut bytes) {
            Ok(0) | Err(nix::errno::Errno::EIO) => Ok(Typed::End),
            Ok(count) => Ok(Typed::Bytes(
                bytes.get(..count).unwrap_or_default().to_vec(),
            )),
            Err(nix::errno::Errno::EINTR | nix::errno::Errno::EAGAIN) => Ok(Typed::Nothing),
            Err(error) => Err(Error::system("read keys")(error)),
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // A terminal that is gone needs no settings.
        let _ = tcsetattr(&self.stdin, SetArg::TCSADRAIN, &self.before);
    }
}
