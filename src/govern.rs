//! The rules of the work with alerts, pure over `model`: what a person may do to one (`triage`) and what becomes of them when a
//! fold says something else (`lineage`). It must not know how anything is stored.

pub mod lineage;
pub mod triage;
