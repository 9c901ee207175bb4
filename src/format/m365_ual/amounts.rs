//! How much a record tells of: items and bytes. It must not know who acts.

use super::super::tree::Node;

/// Items read or changed: the count the log gives, else the items it lists. `None` where it gives neither.
pub fn rows(record: Node<'_>) -> Option<u64> {
    if let Some(count) = ["OperationCount", "ItemCount", "RowCount", "ResultCount"].iter().find_map(|path| record.at(path).count()) {
        return Some(count);
    }
    let listed: usize = record.at("Folders").items().map(|folder| folder.at("FolderItems").items().count()).sum();
    if listed > 0 {
        return Some(listed as u64);
    }
    let affected = record.at("AffectedItems").items().count();
    (affected > 0).then_some(affected as u64)
}

/// Bytes of what was read or changed.
pub fn bytes(record: Node<'_>) -> Option<u64> {
    let own = ["FileSizeBytes", "FileSyncBytesCommitted", "Item.SizeInBytes", "ExchangeMetaData.FileSize", "FileSize"];
    if let Some(size) = own.iter().find_map(|path| record.at(path).count()) {
        return Some(size);
    }
    let items = record.at("Folders").items().flat_map(|folder| folder.at("FolderItems").items()).chain(record.at("AffectedItems").items());
    let sizes: Vec<u64> = items.filter_map(|item| item.at("SizeInBytes").count()).collect();
    (!sizes.is_empty()).then(|| sizes.into_iter().fold(0, u64::saturating_add))
}
