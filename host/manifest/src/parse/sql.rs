//! `sql` under `tool.wharf`.

use crate::fields::Entry;
use crate::parse::walk::Walk;
use crate::{SqlGrant, name};

pub(super) fn read<'a>(id: &'a str, entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<SqlGrant> {
    if !entry.is_table() {
        let granted = entry.boolean(&mut walk.found)?;
        return granted.then(|| SqlGrant { database: id.to_owned(), migrations: None });
    }
    let mut fields = entry.fields(&mut walk.found)?;
    let database = fields.take("database").map(|entry| entry.checked(name::database, &mut walk.found));
    let folder = fields.take("migrations");
    fields.finish(&mut walk.found);
    let database = database.unwrap_or(Some(id))?.to_owned();
    let migrations = folder.as_ref().and_then(|entry| walk.inside(entry));
    if let Some(folder) = folder {
        walk.notes.migrations.push((database.clone(), id, folder.span()));
    }
    Some(SqlGrant { database, migrations })
}
