//! The catalogue's tables. They change only with a release, so that an instance reads them once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use sdk::sql::{self, Error, Row};

use crate::domain::{Catalogue, Category, Department, Field, FieldKind, SubCategory};

static LOADED: OnceLock<Arc<Catalogue>> = OnceLock::new();

/// Everything there is to choose from, in order.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn catalogue() -> Result<Arc<Catalogue>, Error> {
    if let Some(loaded) = LOADED.get() {
        return Ok(Arc::clone(loaded));
    }
    let loaded = Arc::new(load().await?);
    Ok(Arc::clone(LOADED.get_or_init(|| loaded)))
}

async fn load() -> Result<Catalogue, Error> {
    let departments = sql::query("select code, name from departments where is_active order by sort", []).await?;
    let departments = departments
        .iter()
        .map(|row| Ok(Department { code: row.get("code")?, name: row.get("name")? }))
        .collect::<Result<_, Error>>()?;
    let mut fields = group(
        sql::query(
            "select form, name, label, kind, is_required, max_length, choices from form_fields order by form, sort",
            [],
        )
        .await?,
        "form",
        field,
    )?;
    let mut sub_categories = group(
        sql::query(
            "select category_code, code, name from subcategories where is_active order by category_code, sort",
            [],
        )
        .await?,
        "category_code",
        |row| Ok(SubCategory { code: row.get("code")?, name: row.get("name")? }),
    )?;
    let rows =
        sql::query("select code, name, form, default_department from categories where is_active order by sort", [])
            .await?;
    let mut categories = Vec::with_capacity(rows.len());
    for row in rows {
        let code: String = row.get("code")?;
        let form: String = row.get("form")?;
        categories.push(Category {
            name: row.get("name")?,
            default_department: row.get("default_department")?,
            sub_categories: sub_categories.remove(&code).unwrap_or_default(),
            fields: fields.remove(&form).unwrap_or_default(),
            code,
        });
    }
    Ok(Catalogue { departments, categories })
}

fn group<T>(
    rows: Vec<Row>,
    key: &str,
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<HashMap<String, Vec<T>>, Error> {
    let mut groups: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(row.get(key)?).or_default().push(read(&row)?);
    }
    Ok(groups)
}

fn field(row: &Row) -> Result<Field, Error> {
    let choices: serde_json::Value = row.get("choices")?;
    let choices = choices.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned));
    Ok(Field {
        name: row.get("name")?,
        label: row.get("label")?,
        kind: row.word("kind", FieldKind::read)?,
        is_required: row.get("is_required")?,
        max_length: row.get::<u32>("max_length")?.try_into().unwrap_or(usize::MAX),
        choices: choices.collect(),
    })
}
