//! Random lives of processes with few numbers - forked, executing, ending, their numbers used
//! again, several within a tick - against what is found out about them: the right name or none.

use super::super::identity::app;
use super::*;
use crate::label::App;
use proptest::prelude::*;

/// Executables with their arguments: some differ in nothing but one of both.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("/usr/bin/curl", &["curl", "x"]),
    ("/opt/x/tool", &["tool"]),
    ("/opt/y/tool", &["tool"]),
    ("/usr/bin/python3.11", &["python3.11", "/s/one.py"]),
    ("/usr/bin/python3.11", &["python3.11", "/s/two.py"]),
    ("/bin/bash", &["bash"]),
];
/// Of processes from before the watch; they execute nothing that has their name.
const OLD: &[(&str, &[&str])] = &[
    ("/old/one", &["one"]),
    ("/old/two", &["two"]),
    ("/old/three", &["three"]),
];

#[derive(Clone)]
struct Living {
    /// Never used again.
    serial: usize,
    began: u64,
    parent: u32,
    /// Who forked it.
    parent_serial: usize,
    parent_pid: u32,
    program: (&'static str, &'static [&'static str]),
    /// When it began or executed its program; 0: before the watch.
    since: u64,
    /// The program was executed during the watch.
    caught: bool,
    told: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Fork {
        parent: usize,
        pid: u32,
    },
    Execute {
        process: usize,
        program: usize,
    },
    End {
        process: usize,
    },
    /// It uses a socket, and is asked about at once or later.
    Use {
        process: usize,
        lost: bool,
    },
    Ask {
        question: usize,
    },
}

struct Question {
    run: Run,
    at: u64,
    app: App,
    parent: (u32, usize),
    parent_lived: bool,
}

struct World {
    now: u64,
    serials: usize,
    living: BTreeMap<u32, Living>,
    /// What each process was ever called.
    names: Vec<Vec<Arc<str>>>,
    questions: Vec<Question>,
    processes: Processes,
    answered: usize,
}

use std::collections::BTreeMap;

const NOWHERE: Files = Files {
    resolve: |path| Some(path.to_owned()),
    bundle: |_| None,
};

impl World {
    fn new(most: usize) -> World {
        let mut world = World {
            now: 1000 * TICK,
            serials: 0,
            living: BTreeMap::new(),
            names: Vec::new(),
            questions: Vec::new(),
            processes: Processes::new(most, NOWHERE),
            answered: 0,
        };
        for (pid, program) in (1..).zip(OLD) {
            world.begin(pid, u32::from(pid > 1), *program, 0, false);
        }
        world.now += 100 * TICK;
        world
    }

    fn begin(
        &mut self,
        pid: u32,
        parent: u32,
        program: (&'static str, &'static [&'static str]),
        since: u64,
        caught: bool,
    ) {
        let parent_serial = self
            .living
            .get(&parent)
            .map_or(usize::MAX, |parent| parent.serial);
        let living = Living {
            serial: self.serials,
            began: self.now,
            parent,
            parent_serial,
            parent_pid: parent,
            program,
            since,
            caught,
            told: false,
        };
        self.serials += 1;
        self.names.push(vec![app(&facts(pid, &living)).app.name]);
        self.living.insert(pid, living);
    }

    fn pid(&self, nth: usize) -> u32 {
        let pids: Vec<u32> = self.living.keys().copied().collect();
        pids[nth % pids.len()]
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        // Nothing happens in the same nanosecond.
        self.now += 1;
        match *step {
            Step::Wait(time) => self.now += time,
            Step::Fork { parent, pid } => self.fork(self.pid(parent), pid),
            Step::Execute { process, program } => self.execute(self.pid(process), program),
            Step::End { process } => self.end(self.pid(process)),
            Step::Use { process, lost } => return self.uses(self.pid(process), lost),
            Step::Ask { question } if !self.questions.is_empty() => {
                let question = question % self.questions.len();
                return self.ask(question);
            }
            Step::Ask { .. } => {}
        }
        Ok(())
    }

    fn fork(&mut self, parent: u32, pid: u32) {
        if let Some(of) = self.living.get(&parent).cloned()
            && !self.living.contains_key(&pid)
        {
            self.begin(pid, parent, of.program, self.now, of.caught);
        }
    }

    fn execute(&mut self, pid: u32, program: usize) {
        let now = self.now;
        if pid != 1
            && let Some(living) = self.living.get_mut(&pid)
        {
            living.program = PROGRAMS[program % PROGRAMS.len()];
            living.since = now;
            living.caught = true;
            living.told = false;
            let name = app(&facts(pid, living)).app.name;
            self.names[living.serial].push(name);
        }
    }

    fn end(&mut self, pid: u32) {
        if pid == 1 {
            return;
        }
        self.living.remove(&pid);
        for child in self.living.values_mut().filter(|child| child.parent == pid) {
            child.parent = 1;
        }
    }

    /// As the kernel rung tells it: the process, and those that it descends from.
    fn uses(&mut self, pid: u32, lost: bool) -> Result<(), TestCaseError> {
        let Some(user) = self.living.get(&pid).cloned() else {
            return Ok(());
        };
        let mut next = pid;
        while let Some(living) = self
            .living
            .get_mut(&next)
            .filter(|living| !living.told && !lost)
        {
            living.told = true;
            self.processes.learn(seen(next, living));
            next = if living.parent == living.parent_pid {
                living.parent
            } else {
                0
            };
        }
        let parent = self.living.get(&user.parent);
        self.questions.push(Question {
            run: Run {
                pid,
                since: user.since,
            },
            at: self.now,
            app: app(&facts(pid, &user)).app,
            parent: (user.parent_pid, user.parent_serial),
            parent_lived: parent.is_some_and(|parent| parent.serial == user.parent_serial),
        });
        if lost {
            self.ask(self.questions.len() - 1)?;
            self.questions.pop();
        }
        Ok(())
    }

    /// What was told is forgotten, and the process has executed another program since: nothing can
    /// say so, but that takes a helper that is slower than the process.
    fn has_executed_unknown(&self, question: &Question) -> bool {
        let Run { pid, since } = question.run;
        let executed = self
            .living
            .get(&pid)
            .is_some_and(|living| living.since != since);
        !self.is_told(question) && executed
    }

    fn is_told(&self, question: &Question) -> bool {
        let Run { pid, since } = question.run;
        let last = self.processes.entries.last(pid, since);
        last.is_some_and(|(run, _)| run == question.run)
    }

    fn ask(&mut self, question: usize) -> Result<(), TestCaseError> {
        let living = self.living.clone();
        let mut read = |pid: u32| living.get(&pid).map(|living| facts(pid, living));
        let question = &self.questions[question];
        if self.has_executed_unknown(question) {
            return Ok(());
        }
        let found = self.processes.of(question.run, question.at, &mut read);
        let Some(found) = found else {
            return Ok(());
        };
        self.answered += 1;
        prop_assert_eq!(&found.app.name, &question.app.name, "{:?}", question.run);
        if found.app.path.is_some() {
            prop_assert_eq!(&found.app.path, &question.app.path, "{:?}", question.run);
        }
        if let Some(parent) = found.parents.first().filter(|_| question.parent_lived) {
            let (pid, serial) = question.parent;
            // The first process takes in those whose parents have ended.
            if parent.pid == 1 && !self.is_told(question) {
                prop_assert_eq!(&*parent.name, "one");
                return Ok(());
            }
            prop_assert_eq!(parent.pid, pid);
            prop_assert!(
                self.names[serial].contains(&parent.name),
                "{:?} {:?}",
                found,
                question.run
            );
        }
        Ok(())
    }
}

fn facts(pid: u32, living: &Living) -> ProcessFacts {
    let (file, arguments) = living.program;
    ProcessFacts {
        run: Run {
            pid,
            since: living.began / TICK * TICK,
        },
        parent: living.parent,
        user: 7,
        effective_user: 7,
        short_name: file.rsplit('/').next().unwrap().into(),
        executable: Some(file.into()),
        replaced: false,
        arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
        folder: Some("/".into()),
        group: None,
        image: None,
        network: None,
    }
}

fn seen(pid: u32, living: &Living) -> ProgramSeen {
    let facts = facts(pid, living);
    ProgramSeen {
        run: Run {
            pid,
            since: living.since,
        },
        parent: if living.since == 0 {
            0
        } else {
            living.parent_pid
        },
        user: 7,
        short_name: facts.short_name,
        file: living.caught.then(|| living.program.0.to_owned()),
        arguments: if living.caught {
            facts.arguments
        } else {
            Vec::new()
        },
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let any = 0usize..8;
    let step = prop_oneof![
        2 => (0u64..3 * TICK).prop_map(Step::Wait),
        3 => (any.clone(), 2u32..7).prop_map(|(parent, pid)| Step::Fork { parent, pid }),
        3 => (any.clone(), any.clone())
            .prop_map(|(process, program)| Step::Execute { process, program }),
        2 => any.clone().prop_map(|process| Step::End { process }),
        4 => (any, prop::bool::weighted(0.1))
            .prop_map(|(process, lost)| Step::Use { process, lost }),
        3 => (0usize..64).prop_map(|question| Step::Ask { question }),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_number_used_again_never_gives_a_wrong_name(steps in steps(), most in 2usize..100) {
        let mut world = World::new(most);
        for step in &steps {
            world.step(step)?;
        }
        for question in 0..world.questions.len() {
            world.ask(question)?;
        }
        prop_assert!(world.processes.len() <= most.max(2));
        // With room for all, everything that was told is answered.
        if most >= 90 {
            for question in 0..world.questions.len() {
                let before = world.answered;
                world.ask(question)?;
                prop_assert_eq!(world.answered, before + 1);
            }
        }
    }
}
