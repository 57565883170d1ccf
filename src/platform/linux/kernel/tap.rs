//! A program where frames leave through an interface, for those that packet sockets send: control
//! groups do not see them. Only interfaces of this process's network namespace.

use super::attach::program;
use super::object::refused;
use crate::platform::Error;
use aya::Ebpf;
use aya::programs::links::LinkOrder;
use aya::programs::tc::{SchedClassifierLink, TcAttachOptions};
use aya::programs::{Program, SchedClassifier, TcAttachType};
use nix::net::if_::if_nameindex;
use std::collections::HashMap;

const NAME: &str = "taps";

/// The interfaces that are listened at, by their number. Ends with this value.
#[derive(Default)]
pub(super) struct Tap {
    links: HashMap<u32, SchedClassifierLink>,
}

impl Tap {
    /// Listens at interfaces that are new, forgets those that are gone.
    pub(super) fn spread(&mut self, programs: &mut Ebpf) -> Result<(), Error> {
        let program = classifier(programs)?;
        let interfaces = if_nameindex().map_err(Error::system("list the interfaces"))?;
        let interfaces: HashMap<u32, String> = interfaces
            .iter()
            .map(|it| (it.index(), it.name().to_string_lossy().into_owned()))
            .collect();
        self.links.retain(|index, _| interfaces.contains_key(index));
        let mut refusal = Ok(());
        for (index, name) in interfaces {
            if self.links.contains_key(&index) {
                continue;
            }
            match listen(program, &name) {
                Ok(link) => drop(self.links.insert(index, link)),
                Err(error) => refusal = Err(error),
            }
        }
        // One interface that goes away meanwhile is no reason to be deaf at the others.
        if self.links.is_empty() {
            refusal
        } else {
            Ok(())
        }
    }
}

fn classifier(programs: &mut Ebpf) -> Result<&mut SchedClassifier, Error> {
    let Program::SchedClassifier(program) = program(programs, NAME)? else {
        return Err(Error::Kernel {
            step: NAME,
            reason: "it is for something else".into(),
        });
    };
    if program.fd().is_err() {
        program.load().map_err(|error| refused(NAME, &error))?;
    }
    Ok(program)
}

/// By a link only (Linux 6.6): what older kernels have would outlive this process.
fn listen(program: &mut SchedClassifier, name: &str) -> Result<SchedClassifierLink, Error> {
    let order = TcAttachOptions::TcxOrder(LinkOrder::default());
    program
        .attach_with_options(name, TcAttachType::Egress, order)
        .and_then(|id| program.take_link(id))
        .map_err(|error| refused(NAME, &error))
}
