//! Names processes by their executables alone, until more is known here.
use super::Process;
use crate::label::App;
use crate::platform::{ProcessFacts, ProgramSeen, Run};
use ahash::AHashMap;
use std::sync::Arc;

#[derive(Debug)]
pub struct Processes {
    seen: AHashMap<u32, ProgramSeen>,
    known: AHashMap<Run, Arc<Process>>,
}
impl Processes {
    pub fn new(_most: usize) -> Processes {
        Processes {
            seen: AHashMap::new(),
            known: AHashMap::new(),
        }
    }
    pub fn len(&self) -> usize {
        self.known.len()
    }
    pub fn learn(&mut self, seen: ProgramSeen) {
        self.seen.insert(seen.run.pid, seen);
    }
    pub fn of(
        &mut self,
        run: Run,
        _at: u64,
        read: &mut dyn FnMut(u32) -> Option<ProcessFacts>,
    ) -> Option<Arc<Process>> {
        if let Some(known) = self.known.get(&run) {
            return Some(known.clone());
        }
        let (path, user) = match read(run.pid) {
            Some(facts) => (
                facts.executable.map(|p| p.to_string_lossy().into_owned()),
                facts.user,
            ),
            None => {
                let seen = self.seen.get(&run.pid)?;
                (seen.file.clone(), seen.user)
            }
        };
        let path = path?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let process = Arc::new(Process {
            run,
            started: None,
            app: App {
                name: name.into(),
                path: Some(path.clone().into()),
                user: Some(user),
            },
            via: None,
            container: None,
            unit: None,
            parents: Vec::new(),
        });
        self.known.insert(run, process.clone());
        Some(process)
    }
}
