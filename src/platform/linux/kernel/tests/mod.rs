//! Scenarios against the running kernel: root only, and only what loopback and this process's own
//! children do is looked at.

mod object;
mod scenarios;

use super::Kernel;
use crate::platform::{FlowSeen, KernelEvent, ProgramSeen};
use std::net::IpAddr;
use std::time::Duration;

/// The programs in the kernel; nothing where that is not allowed, unless everything was asked for.
fn loaded() -> Option<Kernel> {
    if !crate::platform::is_root() {
        let all = std::env::var_os("NETMONITOR_TEST_ALL").is_some_and(|value| value == "1");
        assert!(!all, "not root: the kernel takes no programs");
        return None;
    }
    Some(Kernel::load().unwrap())
}

/// What was told so far.
#[derive(Default)]
struct Heard {
    programs: Vec<ProgramSeen>,
    flows: Vec<FlowSeen>,
}

impl Heard {
    /// Listens until it is so; that it never is fails the test.
    fn until(&mut self, kernel: &mut Kernel, what: &str, enough: impl Fn(&Heard) -> bool) {
        const LOOKS: u32 = 3000;
        for _ in 0..LOOKS {
            kernel.events(&mut |event| match event {
                KernelEvent::Program(program) => self.programs.push(program),
                KernelEvent::Flow(flow) => self.flows.push(flow),
            });
            if enough(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("never heard: {what}; lost {:?}", kernel.lost());
    }

    /// Waits for a flow to that end that fits, and returns the first one.
    fn flow(
        &mut self,
        kernel: &mut Kernel,
        what: &str,
        fits: impl Fn(&FlowSeen) -> bool,
    ) -> FlowSeen {
        self.until(kernel, what, |heard| heard.flows.iter().any(&fits));
        self.flows.iter().find(|it| fits(it)).unwrap().clone()
    }

    fn program(&self, flow: &FlowSeen) -> &ProgramSeen {
        let run = flow.run.expect("nobody acted");
        let program = self.programs.iter().find(|it| it.run == run);
        program.unwrap_or_else(|| panic!("no program of {run:?}"))
    }
}

fn goes_to(flow: &FlowSeen, address: &str, port: u16) -> bool {
    let address: IpAddr = address.parse().unwrap();
    flow.remote.address == address && flow.remote.port == Some(port)
}
