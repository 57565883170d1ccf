//! A page of OpenMetrics text: series under the prefix `netmonitor_`, in the order in which they are
//! put there. Knows the format, not what is measured.

use super::problem::Problem;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) type Labels = Vec<(&'static str, String)>;

/// The metrics of one scrape.
pub(super) struct Page(Registry);

impl Page {
    pub(super) fn new() -> Page {
        Page(Registry::with_prefix("netmonitor"))
    }

    pub(super) fn text(&self) -> Result<String, Problem> {
        let mut text = String::new();
        encode(&mut text, &self.0).map_err(Problem::internal)?;
        Ok(text)
    }

    /// A gauge, and beside it the most that it may become.
    pub(super) fn cap(&mut self, name: &str, about: &'static str, value: u64, limit: u64) {
        self.gauge(name, about, value as f64);
        self.gauge(
            &format!("{name}_limit"),
            "The most that there may be.",
            limit as f64,
        );
    }

    pub(super) fn gauge(&mut self, name: &str, about: &'static str, value: f64) {
        self.gauges(name, about, [(Labels::new(), value)]);
    }

    pub(super) fn counter(&mut self, name: &str, about: &'static str, value: u64) {
        self.counters(name, about, [(Labels::new(), value)]);
    }

    pub(super) fn gauges(
        &mut self,
        name: &str,
        about: &'static str,
        values: impl IntoIterator<Item = (Labels, f64)>,
    ) {
        let values = Values::Gauge(values.into_iter().collect());
        self.series(name, about, values);
    }

    pub(super) fn counters(
        &mut self,
        name: &str,
        about: &'static str,
        values: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        let values = Values::Counter(values.into_iter().collect());
        self.series(name, about, values);
    }

    fn series(&mut self, name: &str, about: &'static str, values: Values) {
        self.0.register_collector(Box::new(Series {
            name: name.to_owned(),
            about,
            values,
        }));
    }
}

/// One metric, its labelled values in the order in which they were given.
#[derive(Debug)]
struct Series {
    name: String,
    about: &'static str,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Counter(Vec<(Labels, u64)>),
    Gauge(Vec<(Labels, f64)>),
}

impl Collector for Series {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let kind = match self.values {
            Values::Counter(_) => MetricType::Counter,
            Values::Gauge(_) => MetricType::Gauge,
        };
        let mut metric = encoder.encode_descriptor(&self.name, self.about, None, kind)?;
        match &self.values {
            Values::Counter(values) => each(&mut metric, values, |metric, value| {
                metric.encode_counter::<NoLabelSet, _, u64>(value, None)
            }),
            Values::Gauge(values) => each(&mut metric, values, |metric, value| {
                metric.encode_gauge(value)
            }),
        }
    }
}

fn each<T>(
    metric: &mut MetricEncoder,
    values: &[(Labels, T)],
    encode: impl Fn(&mut MetricEncoder, &T) -> fmt::Result,
) -> fmt::Result {
    values.iter().try_for_each(|(labels, value)| {
        if labels.is_empty() {
            return encode(metric, value);
        }
        encode(&mut metric.encode_family(labels)?, value)
    })
}
