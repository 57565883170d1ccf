//! probe
use netmonitor::{config::Config, monitor};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut config = Config::default();
    if let Ok(w) = std::env::var("W") {
        config.workers = w.parse().unwrap();
    }
    if let Ok(w) = std::env::var("MAXF") {
        config.flow.max = w.parse().unwrap();
    }
    let keep = a.len() > 2;
    let o = monitor::replay(
        a[1].as_ref(),
        monitor::Replay {
            config,
            local: vec![],
            pace: false,
            into: None,
            keep_flows: keep,
        },
    )
    .unwrap();
    println!(
        "{:?} {} flows unflowed {:?} err {:?}",
        o.total,
        o.flow_count,
        o.unflowed_total(),
        o.error
    );
}
