use std::collections::BTreeMap;

use super::{FUNCTIONS, SchemaName};
use crate::OpenError;
use crate::client::Client;

/// An object of the schema that differs from this release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drift {
    /// A table, column, index or function is missing.
    Missing(String),
    /// A table, column, index or function has another definition.
    Changed(String),
    /// An object that this release does not have, and that can copy, change, hide, drop or restore records:
    ///
    /// - of a table of the store: a trigger, rule, policy, row security, constraint, column, index, extended statistics,
    ///   a parent or child table, or a foreign key to the table,
    /// - in the schema of the store: a function,
    /// - of a role or the database: a `search_path` that names `pg_catalog`.
    Foreign(String),
}

/// Lists tables, columns, indices and functions, each with the definition, and the objects of [`FOREIGN`] with their tables.
const CATALOG: &str = "
    SELECT 'table ' || c.relname, c.relkind::text || c.relpersistence::text
        FROM pg_class c WHERE {of_the_store}
    UNION ALL
    SELECT 'column ' || c.relname || '.' || a.attname,
        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
            || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
            || CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END
            || CASE WHEN l.collname = 'C' AND l.collnamespace = 'pg_catalog'::regnamespace THEN ' C' ELSE '' END
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation l ON l.oid = a.attcollation
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE {of_the_store} AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'index ' || x.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
            || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
        FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
        WHERE {of_the_store}
    UNION ALL
    SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        p.provolatile::text || CASE WHEN p.proisstrict THEN ' strict' ELSE '' END
            || CASE WHEN p.prosecdef THEN ' security definer' ELSE '' END
            || ' ' || (SELECT l.lanname FROM pg_language l WHERE l.oid = p.prolang)
            || ' ' || coalesce(pg_get_function_result(p.oid), '')
            || coalesce(' ' || array_to_string(p.proconfig, ' '), '') || p.prosrc
        FROM pg_proc p WHERE p.pronamespace = to_regnamespace('\"{name}\"')
    UNION ALL
    SELECT 'trigger ' || t.tgname || ' on ' || c.relname, ''
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND {of_the_store}
    UNION ALL
    SELECT 'rule ' || r.rulename || ' on ' || c.relname, ''
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE {of_the_store}
    UNION ALL
    SELECT 'policy ' || p.polname || ' on ' || c.relname, ''
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE {of_the_store}
    UNION ALL
    SELECT 'row security on ' || c.relname, ''
        FROM pg_class c WHERE (c.relrowsecurity OR c.relforcerowsecurity) AND {of_the_store}
    UNION ALL
    SELECT 'child ' || h.inhrelid::regclass || ' of ' || c.relname, ''
        FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent WHERE {of_the_store}
    UNION ALL
    SELECT 'parent ' || h.inhparent::regclass || ' of ' || c.relname, ''
        FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE {of_the_store}
    UNION ALL
    SELECT 'constraint ' || n.conname || ' on ' || c.relname, ''
        FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid WHERE n.contype IN ('c', 'f') AND {of_the_store}
    UNION ALL
    SELECT 'constraint ' || n.conname || ' on ' || n.conrelid::regclass || ' to ' || c.relname, ''
        FROM pg_constraint n JOIN pg_class c ON c.oid = n.confrelid WHERE n.contype = 'f' AND {of_the_store}
    UNION ALL
    SELECT 'statistics ' || s.stxname || ' on ' || c.relname, ''
        FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid WHERE {of_the_store}
    UNION ALL
    SELECT 'setting ' || p.setting || CASE r.setrole WHEN 0 THEN '' ELSE ' of role ' || pg_get_userbyid(r.setrole) END, ''
        FROM pg_db_role_setting r JOIN pg_database d ON r.setdatabase IN (0, d.oid), unnest(r.setconfig) p (setting)
        WHERE d.datname = current_database() AND lower(p.setting) LIKE 'search\\_path=%pg\\_catalog%'";

/// The condition for the tables of the store.
const OF_THE_STORE: &str = "c.oid IN (to_regclass('\"{name}\".records'), to_regclass('\"{name}\".schema_versions'))";

/// The beginnings of the names of objects that run code or move records, and are foreign unless this release has them.
/// A foreign index, column or statistics can call a function, a foreign key to a table fires triggers of another, and a
/// function of the same name can be called in place of ours. A search path that names the catalog can put others first.
const FOREIGN: [&str; 12] = [
    "trigger ",
    "rule ",
    "policy ",
    "row security ",
    "child ",
    "parent ",
    "constraint ",
    "column ",
    "index ",
    "function ",
    "statistics ",
    "setting ",
];

const CONFIGURATION: &str = "search_path=pg_catalog, pg_temp enable_seqscan=off enable_bitmapscan=off";

/// Returns the differences between the definitions found and those of this release.
pub(crate) fn differences(mut found: BTreeMap<String, String>, schema: &SchemaName) -> Vec<Drift> {
    let compare = |(object, definition): (String, String)| match found.remove(&object) {
        None => Some(Drift::Missing(object)),
        Some(found) if found != definition => Some(Drift::Changed(object)),
        Some(_) => None,
    };
    let mut drift: Vec<_> = expected(schema).into_iter().filter_map(compare).collect();
    let is_foreign = |object: &String| FOREIGN.iter().any(|start| object.starts_with(start));
    drift.extend(found.into_keys().filter(is_foreign).map(Drift::Foreign));
    drift
}

/// Returns the definitions of this release.
fn expected(schema: &SchemaName) -> BTreeMap<String, String> {
    // Ordinary tables whose changes reach the log.
    let tables = ["records", "schema_versions"].map(|name| (format!("table {name}"), "rp".to_owned()));
    let columns = [
        ("records.kind", "smallint not null"),
        ("records.owner", "bigint not null"),
        ("records.id", "text not null C"),
        ("records.version", "bytea not null"),
        ("records.due", "bigint"),
        ("records.expires", "bigint"),
        ("records.body", "bytea not null"),
        ("schema_versions.number", "integer not null"),
        ("schema_versions.applied_at", "timestamp with time zone not null default now()"),
    ];
    let indices = [
        ("records_pkey", "btree (kind, owner, id) unique"),
        ("schema_versions_pkey", "btree (number) unique"),
        ("records_by_due", "btree (kind, due, id, owner) WHERE (due IS NOT NULL)"),
        ("records_by_expires", "btree (expires, owner) WHERE (expires IS NOT NULL)"),
    ];
    let columns = columns.map(|(name, definition)| (format!("column {name}"), definition.to_owned()));
    let indices = indices.map(|(name, definition)| (format!("index {name}"), definition.to_owned()));
    tables.into_iter().chain(columns).chain(indices).chain(functions(schema)).collect()
}

/// Takes the functions out of the SQL: the name with the arguments, the volatility, the result, and the source between the
/// dollar quotes. All are in PL/pgSQL.
fn functions(schema: &SchemaName) -> Vec<(String, String)> {
    let name = schema.as_str();
    let sql = schema.sql();
    let begin = format!("CREATE OR REPLACE FUNCTION \"{name}\".");
    debug_assert!(FUNCTIONS.contains("CREATE OR REPLACE FUNCTION {schema}."));
    let mut found = Vec::new();
    for part in sql.split(&begin).skip(1) {
        let Some((function, rest)) = part.split_once(')') else { continue };
        let function = function.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(");
        let Some((head, rest)) = rest.split_once("\nAS $") else { continue };
        let Some((tag, rest)) = rest.split_once('$') else { continue };
        let Some((source, _)) = rest.split_once(&format!("${tag}$")) else { continue };
        let volatility = if head.contains("STABLE") { 's' } else { 'v' };
        let result = head.lines().find_map(|line| line.strip_prefix("RETURNS ")).unwrap_or_default().replace(" (", "(");
        found.push((format!("function {function})"), format!("{volatility} plpgsql {result} {CONFIGURATION}{source}")));
    }
    found
}

/// Returns the definitions in the database.
pub(crate) async fn found(client: &Client, schema: &SchemaName) -> Result<BTreeMap<String, String>, OpenError> {
    let query = CATALOG.replace("{of_the_store}", OF_THE_STORE).replace("{name}", schema.as_str());
    let rows = client.text(&query).await.map_err(OpenError::of)?;
    let pair = |row: Vec<Option<String>>| {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        Some((cells.next()?, cells.next()?))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}
