//! Records of several products and versions, written for these tests.
