//! What is certain of a process, what is not, and what is remembered.

use super::*;
