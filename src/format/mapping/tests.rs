//! Mappings as a whole: each one's cases, recognition among all formats, hostile records, and files that are off.

mod cases;
mod files;

use super::super::told::told;
use super::*;
