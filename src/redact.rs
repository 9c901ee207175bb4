//! Secrets leave a record before anything is stored: keys, tokens, passwords and signatures give way to
//! `‹redacted:kind:hmac8›`, eight hexadecimal digits by which one secret can be followed inside one store and nowhere
//! else. Ids of keys stay: they name the credential. JSON stays JSON, at every depth of JSON in strings. It must not know
//! formats, files or the store.

mod literal;
mod name;
mod quote;
mod scan;
mod tag;

pub use tag::strip_tags;

use std::borrow::Cow;

/// Takes secrets out of records, with the key of one store.
pub struct Redactor {
    searcher: literal::Searcher,
    key: [u8; 32],
}

impl Redactor {
    /// A redactor whose tags are made with this store's key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { searcher: literal::Searcher::new(), key }
    }

    /// The record without its secrets; borrowed when it has none. The text is one raw JSON record, but any text will do:
    /// what is no JSON is searched all the same. Redacting twice changes nothing more.
    pub fn redact<'a>(&self, record: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        let mut done = 0;
        self.searcher.each(record, |literal, at| {
            // What lies inside a secret already replaced is gone.
            if at < done {
                return done;
            }
            if let Some(secret) = scan::secret(record, literal, at, done) {
                let found = record.get(secret.start..secret.end).unwrap_or_default();
                out.push_str(record.get(done..secret.start).unwrap_or_default());
                for _ in 0..secret.quotes.unwrap_or(0) {
                    out.push('\\');
                }
                let quote = secret.quotes.map(|_| '"');
                out.extend(quote);
                tag::push(&mut out, secret.kind, &self.key, found);
                for _ in 0..secret.quotes.unwrap_or(0) {
                    out.push('\\');
                }
                out.extend(quote);
                done = secret.end;
            }
            done
        });
        if done == 0 {
            return Cow::Borrowed(record);
        }
        out.push_str(record.get(done..).unwrap_or_default());
        Cow::Owned(out)
    }
}

impl std::fmt::Debug for Redactor {
    /// Never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests;
