//! Records of every shape, and what must come out of them.
