//! Migration, drift, and roles with few rights.

use challenges_core::store::{Batch, Commit, Kind, Load, Record, Write};
use challenges_core::{Store as _, Timestamp};
use challenges_postgres::{Drift, OpenError, PostgresOptions, PostgresStore, Statements};
use challenges_proofs::postgres::PostgresServer;
use sqlx::postgres::PgPoolOptions;

use challenges_proofs::ledger::key;

const RIGHTS: &str = "CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA challenges TO app; \
    GRANT SELECT ON challenges.schema_versions TO app; \
    GRANT SELECT, INSERT, UPDATE, DELETE ON challenges.records TO app;";

#[tokio::test]
async fn concurrent_opens_migrate_once() {
    let server = PostgresServer::start(&[]).unwrap();
    let url = server.url();
    let opened = futures::future::join_all((0..8).map(|_| PostgresStore::connect(&url))).await;
    assert!(opened.iter().all(Result::is_ok), "{opened:?}");
    assert_eq!(server.query("SELECT count(*) FROM challenges.schema_versions").unwrap(), "1");
}

#[tokio::test]
async fn drift_is_named_and_repaired() {
    let server = PostgresServer::start(&[]).unwrap();
    // Reserved words are valid names.
    let store = PostgresOptions::new().schema("user").connect(&server.url()).await.unwrap();
    assert_eq!(store.verify().await.unwrap(), []);
    server.query("DROP INDEX \"user\".records_by_due").unwrap();
    server.query("ALTER TABLE \"user\".records ALTER due TYPE numeric; CREATE TABLE \"user\".of_host (a int)").unwrap();
    server.query("DROP FUNCTION \"user\".purge_records(bigint, bigint, bigint, bigint)").unwrap();
    server.query("ALTER FUNCTION \"user\".load_records RESET search_path").unwrap();
    let expected = [
        Drift::Changed("column records.due".to_owned()),
        Drift::Changed(
            "function load_records(p_owner bigint, p_kinds smallint[], p_kind smallint, p_id text, p_mark text)"
                .to_owned(),
        ),
        Drift::Missing(
            "function purge_records(p_first bigint, p_last bigint, p_before bigint, p_limit bigint)".to_owned(),
        ),
        Drift::Missing("index records_by_due".to_owned()),
    ];
    assert_eq!(store.verify().await.unwrap(), expected);
    server.query("ALTER TABLE \"user\".records ALTER due TYPE bigint").unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.verify().await.unwrap(), []);
}

/// R61: an object that somebody with write access left behind copies, changes or hides records.
#[tokio::test]
async fn foreign_objects_are_reported() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let function = "CREATE FUNCTION public.copy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'";
    server.query(function).unwrap();
    let trigger = |name: &str, table: &str| {
        format!("CREATE TRIGGER {name} BEFORE INSERT ON {table} EXECUTE FUNCTION public.copy()")
    };
    server
        .query("CREATE TABLE challenges.of_host (a int); CREATE RULE own AS ON INSERT TO challenges.of_host DO NOTHING")
        .unwrap();
    server.query(&trigger("own", "challenges.of_host")).unwrap();
    assert_eq!(store.verify().await.unwrap(), [], "control: the host's own table");
    for (made, removed, object) in [
        (&*trigger("t", "challenges.records"), "DROP TRIGGER t ON challenges.records", "trigger t on records"),
        (
            "CREATE RULE r AS ON DELETE TO challenges.records DO INSTEAD NOTHING",
            "DROP RULE r ON challenges.records",
            "rule r on records",
        ),
        (
            "CREATE POLICY p ON challenges.records USING (false)",
            "DROP POLICY p ON challenges.records",
            "policy p on records",
        ),
        (
            "ALTER TABLE challenges.records ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE challenges.records DISABLE ROW LEVEL SECURITY",
            "row security on records",
        ),
        (
            "CREATE TABLE public.more () INHERITS (challenges.records)",
            "DROP TABLE public.more",
            "child public.more of records",
        ),
        (
            "ALTER TABLE challenges.records ADD CONSTRAINT c CHECK (length(body) >= 0)",
            "ALTER TABLE challenges.records DROP CONSTRAINT c",
            "constraint c on records",
        ),
        (
            "CREATE TABLE public.restores (kind smallint, owner bigint, id text,
                CONSTRAINT f FOREIGN KEY (kind, owner, id) REFERENCES challenges.records ON DELETE CASCADE)",
            "DROP TABLE public.restores",
            "constraint f on public.restores to records",
        ),
        (
            "CREATE STATISTICS public.s ON (length(body)), kind FROM challenges.records",
            "DROP STATISTICS public.s",
            "statistics s on records",
        ),
        ("CREATE INDEX i ON challenges.records ((length(body)))", "DROP INDEX challenges.i", "index i"),
        (
            "ALTER TABLE challenges.records ADD more int",
            "ALTER TABLE challenges.records DROP more",
            "column records.more",
        ),
        (
            "CREATE FUNCTION challenges.load_records(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "DROP FUNCTION challenges.load_records(int)",
            "function load_records(a integer)",
        ),
        ("CREATE INDEX n ON challenges.schema_versions ((number + 1))", "DROP INDEX challenges.n", "index n"),
        (
            "ALTER TABLE challenges.schema_versions ADD more int",
            "ALTER TABLE challenges.schema_versions DROP more",
            "column schema_versions.more",
        ),
        (
            &*trigger("v", "challenges.schema_versions"),
            "DROP TRIGGER v ON challenges.schema_versions",
            "trigger v on schema_versions",
        ),
    ] {
        server.query(made).unwrap();
        assert_eq!(store.verify().await.unwrap(), [Drift::Foreign(object.to_owned())], "{made}");
        server.query(removed).unwrap();
        assert_eq!(store.verify().await.unwrap(), [], "{removed}");
    }
}

/// R61: a strict function returns no records for a load without a key, and an unlogged table is empty after a crash.
#[tokio::test]
async fn changed_attributes_are_reported() {
    let server = PostgresServer::start(&[]).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let load = "load_records(p_owner bigint, p_kinds smallint[], p_kind smallint, p_id text, p_mark text)";
    let alter =
        |what: &str| format!("ALTER FUNCTION challenges.load_records(bigint, smallint[], smallint, text, text) {what}");
    server
        .query("CREATE COLLATION public.\"C\" (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
        .unwrap();
    for (made, undone, object) in [
        (&*alter("STRICT"), &*alter("CALLED ON NULL INPUT"), format!("function {load}")),
        (&*alter("IMMUTABLE"), &*alter("STABLE"), format!("function {load}")),
        (&*alter("SECURITY DEFINER"), &*alter("SECURITY INVOKER"), format!("function {load}")),
        (
            "ALTER TABLE challenges.records SET UNLOGGED",
            "ALTER TABLE challenges.records SET LOGGED",
            "table records".to_owned(),
        ),
        (
            "ALTER TABLE challenges.records ALTER due SET DEFAULT 0",
            "ALTER TABLE challenges.records ALTER due DROP DEFAULT",
            "column records.due".to_owned(),
        ),
        (
            "ALTER TABLE challenges.schema_versions ALTER applied_at SET DEFAULT statement_timestamp()",
            "ALTER TABLE challenges.schema_versions ALTER applied_at SET DEFAULT now()",
            "column schema_versions.applied_at".to_owned(),
        ),
        (
            "ALTER TABLE challenges.records ALTER id TYPE text COLLATE public.\"C\"",
            "ALTER TABLE challenges.records ALTER id TYPE text COLLATE pg_catalog.\"C\"",
            "column records.id".to_owned(),
        ),
    ] {
        server.query(made).unwrap();
        let drift = store.verify().await.unwrap();
        assert!(drift.contains(&Drift::Changed(object)), "{made}: {drift:?}");
        server.query(undone).unwrap();
        assert_eq!(store.verify().await.unwrap(), [], "control: {undone}");
    }
}

/// R61: a search path that somebody with write access left behind hides no other object, and runs no code of theirs.
#[tokio::test]
async fn search_path_hides_no_foreign_object() {
    let server = PostgresServer::start(&[]).unwrap();
    drop(PostgresStore::connect(&server.url()).await.unwrap());
    let function = "CREATE FUNCTION public.copy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'";
    server.query(function).unwrap();
    server.query("CREATE TRIGGER t BEFORE INSERT ON challenges.records EXECUTE FUNCTION public.copy()").unwrap();
    let shadows = "CREATE SCHEMA evil;
        CREATE VIEW evil.pg_trigger AS SELECT * FROM pg_catalog.pg_trigger WHERE false;
        CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''code of somebody else''; END'";
    server.query(shadows).unwrap();
    for (set, unset, setting) in [
        ("ALTER ROLE postgres SET", "ALTER ROLE postgres RESET", " of role postgres"),
        ("ALTER DATABASE postgres SET", "ALTER DATABASE postgres RESET", ""),
    ] {
        server.query(&format!("{set} search_path = evil, pg_catalog, public")).unwrap();
        let hidden = server.query("SELECT 1 FROM pg_trigger WHERE tgname = 't'").unwrap();
        assert_eq!(hidden, "", "control: the path hides the trigger");
        let store = PostgresStore::connect(&server.url()).await.unwrap();
        let setting = format!("setting search_path=evil, pg_catalog, public{setting}");
        let expected = [setting, "trigger t on records".to_owned()].map(Drift::Foreign);
        assert_eq!(store.verify().await.unwrap(), expected);
        server.query(&format!("{unset} search_path")).unwrap();
    }
    let capitals = "SET search_path = evil, public; SELECT set_config('search_path', 'evil, PG_CATALOG', false);
        ALTER ROLE postgres SET search_path FROM CURRENT";
    server.query(capitals).unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let setting = "setting search_path=evil, PG_CATALOG of role postgres".to_owned();
    let expected = [setting, "trigger t on records".to_owned()].map(Drift::Foreign);
    assert_eq!(store.verify().await.unwrap(), expected, "PostgreSQL folds the case");
    server.query("ALTER ROLE postgres SET search_path = evil, public").unwrap();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    assert_eq!(store.verify().await.unwrap(), [Drift::Foreign("trigger t on records".to_owned())], "harmless");
}

/// R61: a search path that somebody with write access left behind runs no code of theirs in the calls of the store.
#[tokio::test]
async fn search_path_runs_no_foreign_code() {
    let server = PostgresServer::start(&[]).unwrap();
    drop(PostgresStore::connect(&server.url()).await.unwrap());
    let shadows = "CREATE SCHEMA evil;
        CREATE FUNCTION evil.decode(text, text) RETURNS pg_catalog.bytea LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''code of somebody else''; END';
        CREATE FUNCTION evil.raise() RETURNS boolean LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''code of somebody else''; END';
        CREATE DOMAIN evil.bytea AS pg_catalog.bytea CHECK (evil.raise());
        CREATE DOMAIN evil.int2 AS pg_catalog.int2 CHECK (evil.raise());
        CREATE DOMAIN evil.int4 AS pg_catalog.int4 CHECK (evil.raise());
        CREATE DOMAIN evil.int8 AS pg_catalog.int8 CHECK (evil.raise());
        CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.raise());
        ALTER ROLE postgres SET search_path = evil, pg_catalog";
    server.query(shadows).unwrap();
    for control in ["SELECT decode('00', 'hex')", "SELECT ARRAY['1']::int2[]", "SELECT ARRAY['1']::text[]"] {
        let refused = server.query(control).unwrap_err();
        assert!(refused.to_string().contains("code of somebody else"), "control: {refused}");
    }
    let pool = PgPoolOptions::new().connect(&server.url()).await.unwrap();
    for (number, statements) in [(1, Statements::Prepared), (2, Statements::Unprepared)] {
        let options = PostgresOptions::new().statements(statements);
        let stores =
            [options.clone().open_sqlx(pool.clone()).await.unwrap(), options.connect(&server.url()).await.unwrap()];
        let record = Record { key: key(1, number), due: None, expires: None, body: "{}".into() };
        let batch = Batch::new([1; 16], vec![Write::create(record)]).unwrap();
        assert_eq!(stores[0].commit(batch.clone()).await.unwrap(), Commit::Applied);
        assert_eq!(stores[1].commit(batch).await.unwrap(), Commit::Conflict);
        for store in &stores {
            let load = Load::key(key(1, number)).with_owned(&[Kind::Challenge, Kind::TotpEnrollment]);
            assert!(!store.load(&load).await.unwrap().is_empty());
            assert_eq!(store.purge(0..1024, Timestamp::from_millis(1), 10).await.unwrap(), 0);
        }
    }
}

/// R57: a role without the right to create works on a schema that the owner made.
#[tokio::test]
async fn role_without_create_works() {
    let server = PostgresServer::start(&[]).unwrap();
    let url = server.url().replace("postgres@", "app@");
    server.query("CREATE ROLE other LOGIN").unwrap();
    let refused = PostgresStore::connect(&server.url().replace("postgres@", "other@")).await;
    assert!(matches!(refused, Err(OpenError::MayNotCreate(_))), "{refused:?}");
    let refused = PostgresOptions::new().migrate(false).connect(&server.url()).await;
    assert!(matches!(refused, Err(OpenError::NotMigrated { found: 0, needed: 1 })), "{refused:?}");
    server.query(&PostgresOptions::new().sql().unwrap()).unwrap();
    server.query(RIGHTS).unwrap();
    let store = PostgresOptions::new().migrate(false).connect(&url).await.unwrap();
    let record = Record { key: key(1, 1), due: None, expires: None, body: "{}".into() };
    let batch = Batch::new([1; 16], vec![Write::create(record)]).unwrap();
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
    assert_eq!(store.verify().await.unwrap(), []);
}

#[tokio::test]
async fn later_schema_is_refused() {
    let server = PostgresServer::start(&[]).unwrap();
    PostgresStore::connect(&server.url()).await.unwrap();
    server.query("INSERT INTO challenges.schema_versions (number) VALUES (2)").unwrap();
    let refused = PostgresStore::connect(&server.url()).await;
    assert!(matches!(refused, Err(OpenError::NewerSchema { found: 2, supported: 1 })), "{refused:?}");
}

#[tokio::test]
async fn invalid_schema_names_are_refused() {
    let long = "a".repeat(49);
    for name in ["", "A", "1a", "pg_a", "a-b", "a\"b", "a'b", "a b", long.as_str()] {
        assert!(matches!(PostgresOptions::new().schema(name).sql(), Err(OpenError::SchemaName)), "{name}");
    }
    for name in ["a", "select", "a_1", &long[1..]] {
        assert!(PostgresOptions::new().schema(name).sql().is_ok(), "{name}");
    }
}
