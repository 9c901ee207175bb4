//! Where a database lies: making its file and folders private before SQLite sees them, and telling from the first bytes
//! whether a file is ours. The rule: a file that is not ours is looked at and never written. It must not know the schema
//! beyond its version.

use super::error::StoreError;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// `DRFT`: the application id in the file's header.
pub const APPLICATION_ID: i32 = 0x4452_4654;

/// File systems on which SQLite's locks cannot be trusted.
const REMOTE: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"];

/// The place of a database. A temporary one takes its folder with it.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    temporary: Option<PathBuf>,
}

impl Home {
    /// The file at `path`, made private and empty where there is none.
    pub fn at(path: &Path) -> Result<Self, StoreError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| StoreError::io(folder, e))?;
        if let Some(kind) = remote_kind(folder) {
            return Err(StoreError::Network { path: path.to_owned(), kind });
        }
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::AlreadyExists => look(path)?,
            Err(e) => return Err(StoreError::io(path, e)),
        }
        Ok(Self { path: path.to_owned(), temporary: None })
    }

    /// A file in a new private folder.
    pub fn temporary() -> Result<Self, StoreError> {
        let tag = random(8)?.iter().fold(0u64, |tag, byte| tag << 8 | u64::from(*byte));
        let folder = std::env::temp_dir().join(format!("driftline-{tag:016x}"));
        DirBuilder::new().mode(0o700).create(&folder).map_err(|e| StoreError::io(&folder, e))?;
        let mut home = Self::at(&folder.join("driftline.db"))?;
        home.temporary = Some(folder);
        Ok(home)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes when it is no longer used.
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// A line to show when others may read the file.
    pub fn exposure(&self) -> Option<String> {
        let mode = fs::metadata(&self.path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then(|| format!("{}: others may read it (mode {mode:03o}); run chmod 600 on it", self.path.display()))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // Nothing can be done about a failure here, and nothing depends on it.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Random bytes of the operating system.
pub fn random(count: usize) -> Result<Vec<u8>, StoreError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = vec![0; count];
    File::open(source).and_then(|mut file| file.read_exact(&mut bytes)).map_err(|e| StoreError::io(source, e))?;
    Ok(bytes)
}

/// Reads the header of an existing file: an empty one is fine, ours is fine, everything else is refused.
fn look(path: &Path) -> Result<(), StoreError> {
    let mut header = Vec::with_capacity(100);
    let file = File::open(path).map_err(|e| StoreError::io(path, e))?;
    if !file.metadata().map_err(|e| StoreError::io(path, e))?.is_file() {
        return Err(StoreError::NotADatabase { path: path.to_owned() });
    }
    file.take(100).read_to_end(&mut header).map_err(|e| StoreError::io(path, e))?;
    if header.is_empty() {
        return Ok(());
    }
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Err(StoreError::NotADatabase { path: path.to_owned() });
    }
    // Big-endian numbers at 60 and 68: https://www.sqlite.org/fileformat.html#the_database_header
    let number = |at: usize| header[at..at + 4].iter().fold(0i64, |n, byte| n << 8 | i64::from(*byte));
    if number(68) != i64::from(APPLICATION_ID) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let (found, known) = (number(60), super::schema::VERSION);
    if found > known { Err(StoreError::Newer { path: path.to_owned(), found, known }) } else { Ok(()) }
}

/// The kind of remote file system a folder lies on, by the longest matching mount point.
fn remote_kind(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    kind_in(&mounts, &folder)
}

fn kind_in(mounts: &str, folder: &Path) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut words = line.split(' ').skip(1);
        let (Some(point), Some(kind)) = (words.next(), words.next()) else { continue };
        let point = point.replace("\\040", " ");
        if folder.starts_with(&point) && best.is_none_or(|(length, _)| point.len() >= length) {
            best = Some((point.len(), kind));
        }
    }
    best.map(|(_, kind)| kind).filter(|kind| REMOTE.contains(kind)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects against a database on a share: the longest mount point decides.
    #[test]
    fn the_nearest_mount_decides_whether_a_folder_is_remote() {
        let mounts = "/dev/sda / ext4 rw 0 0\nhost:/x /mnt/my\\040share nfs4 rw 0 0\ntmpfs /mnt/my\\040share/tmp tmpfs rw 0 0\n";
        for (folder, kind) in
            [("/home/a", None), ("/mnt/my share/db", Some("nfs4")), ("/mnt/my share/tmp/x", None), ("/mnt/my sharex", None)]
        {
            assert_eq!(kind_in(mounts, Path::new(folder)).as_deref(), kind, "{folder}");
        }
    }
}
