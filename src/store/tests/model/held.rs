//! What a history holds.

use super::*;
use std::collections::HashMap;

#[derive(Default)]
pub(in crate::store::tests) struct Held {
    pub(super) totals: Vec<(Moment, u64)>,
    pub(super) sums: Sums,
    pub(super) connections: BTreeMap<u64, String>,
}

pub(super) fn look(store: &Store) -> Result<Held, Error> {
    let snapshot = store.reader().snapshot()?;
    let amendments = snapshot.amendments(&ALWAYS)?;
    let mut held = Held::default();
    let mut names = Names::default();
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        let mut total = 0;
        for row in rows {
            total += row.traffic.total().bytes;
            let key = names.key(&snapshot, second.moment, &row);
            *held.sums.entry(key).or_default() += row.traffic;
        }
        held.totals.push((second.moment, total));
        ControlFlow::Continue(())
    };
    snapshot.seconds(&ALWAYS, &amendments, visit)?;
    held.totals.sort();
    let take = &mut |ended: Ended, _| {
        let app = snapshot.word::<App>(ended.label.app).unwrap().unwrap().0;
        held.connections.insert(ended.flow.0, app.name.to_string());
        ControlFlow::Continue(())
    };
    snapshot.connections(&ALWAYS, None, take)?;
    Ok(held)
}

/// What the numbers in rows mean, each looked up once: an image has thousands of rows of few words.
#[derive(Default)]
struct Names {
    apps: HashMap<AppId, String>,
    sites: HashMap<SiteId, String>,
    nics: HashMap<NicId, String>,
}

impl Names {
    fn key(
        &mut self,
        snapshot: &Snapshot,
        moment: Moment,
        row: &Row,
    ) -> (Moment, String, String, String) {
        let app = || snapshot.word::<App>(row.label.app).unwrap().unwrap().0;
        let site = || snapshot.word::<Site>(row.label.site).unwrap().unwrap().0;
        let nic = || snapshot.word::<Nic>(row.nic).unwrap().unwrap().0;
        let (apps, sites) = (&mut self.apps, &mut self.sites);
        let app = apps
            .entry(row.label.app)
            .or_insert_with(|| app().name.to_string());
        let site = sites
            .entry(row.label.site)
            .or_insert_with(|| site().to_string());
        let nics = self.nics.entry(row.nic);
        let nic = nics.or_insert_with(|| nic().name.to_string());
        (moment, nic.clone(), app.clone(), site.clone())
    }
}
