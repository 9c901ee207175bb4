//! Documents of several shippers, written for these tests.
