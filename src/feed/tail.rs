//! Following files that grow.
