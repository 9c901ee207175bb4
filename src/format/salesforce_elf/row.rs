//! A row by columns: names in any case, with the renamings of tools in between, values as text. Unknown columns are
//! skipped, a repeated column's last value holds. It must not know what a column means.

use crate::format::cell::Cell;
use crate::format::shape::Key;
use crate::model::event::Text;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;

macro_rules! columns {
    ($($column:ident = $($name:literal)|+),+ $(,)?) => {
        /// A column that means something to us.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Column { $($column),+ }

        /// How many there are.
        const COLUMNS: usize = [$(Column::$column),+].len();

        /// The column of a name in upper case.
        fn column(name: &[u8]) -> Option<Column> {
            match name { $($($name)|+ => Some(Column::$column),)+ _ => None }
        }
    };
}

columns! {
    EventType = b"EVENT_TYPE" | b"EVENTTYPE",
    Timestamp = b"TIMESTAMP" | b"TIME_STAMP",
    TimestampDerived = b"TIMESTAMP_DERIVED" | b"TIMESTAMPDERIVED",
    RequestId = b"REQUEST_ID",
    Organization = b"ORGANIZATION_ID" | b"ORG_ID",
    UserId = b"USER_ID",
    UserIdDerived = b"USER_ID_DERIVED",
    UserName = b"USER_NAME" | b"USERNAME",
    UserEmail = b"USER_EMAIL",
    UserType = b"USER_TYPE",
    Uri = b"URI",
    Url = b"URL",
    SessionKey = b"SESSION_KEY",
    LoginKey = b"LOGIN_KEY",
    SessionLevel = b"SESSION_LEVEL",
    ClientIp = b"CLIENT_IP",
    SourceIp = b"SOURCE_IP" | b"SOURCEIP",
    LoginType = b"LOGIN_TYPE",
    LoginSubType = b"LOGIN_SUB_TYPE",
    LoginStatus = b"LOGIN_STATUS",
    ApiType = b"API_TYPE",
    ApiFamily = b"API_FAMILY",
    ApiResource = b"API_RESOURCE",
    BrowserType = b"BROWSER_TYPE",
    UserAgent = b"USER_AGENT",
    ClientName = b"CLIENT_NAME",
    ClientInfo = b"CLIENT_INFO",
    ClientId = b"CLIENT_ID",
    Application = b"APPLICATION" | b"APP_NAME",
    ConnectedAppId = b"CONNECTED_APP_ID",
    ConnectedAppName = b"CONNECTED_APP_NAME",
    ConnectionType = b"CONNECTION_TYPE",
    Method = b"METHOD" | b"HTTP_METHOD",
    MethodName = b"METHOD_NAME",
    Operation = b"OPERATION",
    OperationType = b"OPERATION_TYPE",
    Action = b"ACTION",
    StatusCode = b"STATUS_CODE",
    RequestStatus = b"REQUEST_STATUS",
    Status = b"STATUS",
    State = b"STATE" | b"JOB_STATE" | b"JOB_STATUS",
    Success = b"SUCCESS",
    ExceptionMessage = b"EXCEPTION_MESSAGE",
    ExceptionType = b"EXCEPTION_TYPE",
    EntityName = b"ENTITY_NAME",
    EntityType = b"ENTITY_TYPE",
    Entity = b"ENTITY",
    JobId = b"JOB_ID",
    BatchId = b"BATCH_ID",
    Message = b"MESSAGE",
    RowsProcessed = b"ROWS_PROCESSED" | b"ROWS_RETURNED" | b"RECORDS_PROCESSED",
    RowCount = b"ROW_COUNT",
    NumberOfRecords = b"NUMBER_OF_RECORDS" | b"NUM_RESULTS",
    AverageRowSize = b"AVERAGE_ROW_SIZE",
    ResponseSize = b"RESPONSE_SIZE",
    SizeBytes = b"SIZE_BYTES" | b"FILE_SIZE",
    Query = b"QUERY" | b"SOQL",
    QueryIdentifier = b"QUERY_IDENTIFIER",
    SqlId = b"SQL_ID",
    ReportId = b"REPORT_ID",
    ReportIdDerived = b"REPORT_ID_DERIVED",
    DocumentId = b"DOCUMENT_ID",
    DelegatedUserId = b"DELEGATED_USER_ID",
    SharingOperation = b"SHARING_OPERATION",
    TransactionType = b"TRANSACTION_TYPE",
    PageName = b"PAGE_NAME",
    ClassName = b"CLASS_NAME",
    EntryPoint = b"ENTRY_POINT",
}

/// Longer names are none of ours.
const LONGEST: usize = 24;

/// The columns of one row.
pub struct Row<'a>([Cell<'a>; COLUMNS]);

impl<'a> Row<'a> {
    /// The text of a column, trimmed; `None` where it is empty.
    pub fn get(&self, column: Column) -> Option<&str> {
        self.0[column as usize].text()
    }

    /// The same text, taken out.
    pub fn take(&mut self, column: Column) -> Option<Text<'a>> {
        self.0[column as usize].take()
    }

    /// A copy of the text, borrowed where the record holds it verbatim.
    pub fn copy(&self, column: Column) -> Option<Text<'a>> {
        self.0[column as usize].clone().take()
    }

    /// A column as a whole number.
    pub fn count(&self, column: Column) -> Option<u64> {
        self.0[column as usize].count()
    }

    /// A column as yes or no.
    pub fn flag(&self, column: Column) -> Option<bool> {
        self.0[column as usize].flag()
    }

    /// The first of several columns that holds something.
    pub fn first(&mut self, columns: &[Column]) -> Option<Text<'a>> {
        columns.iter().find_map(|column| self.take(*column))
    }
}

struct Columns;

impl<'de> Visitor<'de> for Columns {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one row as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut row = Row(std::array::from_fn(|_| Cell::default()));
        while let Some(Key(key)) = fields.next_key::<Key<'de>>()? {
            let mut name = [0; LONGEST];
            let found = name.get_mut(..key.len()).and_then(|name| {
                name.copy_from_slice(key.as_bytes());
                name.make_ascii_uppercase();
                column(name)
            });
            match found {
                Some(column) => {
                    let cell = fields.next_value::<Cell<'de>>()?;
                    // A column that came under two names keeps the one that holds something.
                    if cell.is_some() || !row.0[column as usize].is_some() {
                        row.0[column as usize] = cell;
                    }
                }
                None => {
                    fields.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        Ok(row)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Columns)
    }
}
