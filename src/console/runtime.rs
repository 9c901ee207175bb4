//! The loop
