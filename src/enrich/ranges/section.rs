//! A staircase over keys, searched: which value holds at a key. It must not know addresses, nor where the steps came from.

/// Buckets of a section: one for each value of a key's first 16 bits.
const BUCKETS: usize = 1 << 16;

/// A key that can be cut to its first 16 bits.
pub trait Key: Copy + Ord {
    /// Those bits.
    fn bucket(self) -> usize;
}

impl Key for u32 {
    fn bucket(self) -> usize {
        (self >> 16) as usize
    }
}

impl Key for u64 {
    fn bucket(self) -> usize {
        (self >> 48) as usize
    }
}

/// Starts and values side by side: value `i` holds from start `i` up to start `i + 1`. The buckets say how many starts lie
/// below each value of the first 16 bits, so that a search stays within a few cache lines.
#[derive(Debug)]
pub struct Section<K, V> {
    buckets: Box<[u32]>,
    starts: Box<[K]>,
    values: Box<[V]>,
}

impl<K, V> Default for Section<K, V> {
    fn default() -> Self {
        Self { buckets: Box::default(), starts: Box::default(), values: Box::default() }
    }
}

impl<K: Key, V: Copy + Default> Section<K, V> {
    /// Of starts in increasing order and as many values.
    pub fn new(starts: Box<[K]>, values: Box<[V]>) -> Self {
        let mut buckets = vec![0u32; BUCKETS + 1];
        for start in &starts {
            buckets[start.bucket() + 1] += 1;
        }
        let mut sum = 0;
        for count in &mut buckets {
            sum += *count;
            *count = sum;
        }
        Self { buckets: buckets.into(), starts, values }
    }

    /// The value that holds at `key`.
    pub fn find(&self, key: K) -> V {
        let bucket = key.bucket();
        let (Some(from), Some(to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1)) else { return V::default() };
        let within = self.starts.get(*from as usize..*to as usize).unwrap_or_default();
        let after = *from as usize + within.partition_point(|start| *start <= key);
        after.checked_sub(1).and_then(|at| self.values.get(at)).copied().unwrap_or_default()
    }

    /// Bytes it takes.
    pub fn memory(&self) -> usize {
        self.buckets.len() * 4 + self.starts.len() * (size_of::<K>() + size_of::<V>())
    }
}
