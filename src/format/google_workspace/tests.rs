//! One record of every shape and quirk, and what must come out of it.
