//! Scenarios of single flows, and the table held against a plain model.
