DO $create$
BEGIN
    IF to_regnamespace('{schema}') IS NULL THEN
        CREATE SCHEMA {schema};
    END IF;
END
$create$;

CREATE TABLE IF NOT EXISTS {schema}.schema_versions (
    number integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Owner tags and times are unsigned 64-bit numbers, stored minus 2^63, which keeps the order.
-- Records have kinds from 0; the mark of the records has the kind -1.
-- An id contains its owner tag, so the primary key is unique by (kind, id) too.
CREATE TABLE IF NOT EXISTS {schema}.records (
    kind smallint NOT NULL,
    owner bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bytea NOT NULL,
    due bigint,
    expires bigint,
    body bytea NOT NULL,
    PRIMARY KEY (kind, owner, id)
) WITH (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX IF NOT EXISTS records_by_due ON {schema}.records (kind, due, id, owner) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_by_expires ON {schema}.records (expires, owner) WHERE expires IS NOT NULL;
