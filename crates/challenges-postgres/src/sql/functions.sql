-- The mark is a record of kind -1. A store that reads the mark on open passes it to each call, so emptied or new tables
-- are noticed. Functions that return records return the mark first, so a result without records differs from no result.

CREATE OR REPLACE FUNCTION {schema}.load_records(
    p_owner bigint, p_kinds smallint[], p_kind smallint, p_id text, p_mark text)
RETURNS TABLE (kind smallint, owner bigint, id text, version bytea, due bigint, expires bigint, body bytea)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $load$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body FROM {schema}.records r
        WHERE r.kind = -1 AND r.owner = 0 AND r.id = 'store' AND r.version = decode(p_mark, 'hex');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'challenges: the records of this store are gone' USING ERRCODE = 'CH001';
    END IF;
    IF p_id IS NOT NULL THEN
        RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body
            FROM {schema}.records r WHERE r.kind = p_kind AND r.owner = p_owner AND r.id = p_id;
    END IF;
    IF cardinality(p_kinds) > 0 THEN
        RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body
            FROM {schema}.records r WHERE r.kind = ANY (p_kinds) AND r.owner = p_owner ORDER BY r.kind, r.id;
    END IF;
END
$load$;

CREATE OR REPLACE FUNCTION {schema}.list_records(
    p_kind smallint, p_owner bigint, p_after text, p_limit bigint, p_mark text)
RETURNS TABLE (kind smallint, owner bigint, id text, version bytea, due bigint, expires bigint, body bytea)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $list$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body FROM {schema}.records r
        WHERE r.kind = -1 AND r.owner = 0 AND r.id = 'store' AND r.version = decode(p_mark, 'hex');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'challenges: the records of this store are gone' USING ERRCODE = 'CH001';
    END IF;
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body
        FROM {schema}.records r WHERE r.kind = p_kind AND r.owner = p_owner AND r.id > p_after
        ORDER BY r.id LIMIT p_limit;
END
$list$;

CREATE OR REPLACE FUNCTION {schema}.list_all_records(
    p_kind smallint, p_owner bigint, p_after text, p_limit bigint, p_mark text)
RETURNS TABLE (kind smallint, owner bigint, id text, version bytea, due bigint, expires bigint, body bytea)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $list$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body FROM {schema}.records r
        WHERE r.kind = -1 AND r.owner = 0 AND r.id = 'store' AND r.version = decode(p_mark, 'hex');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'challenges: the records of this store are gone' USING ERRCODE = 'CH001';
    END IF;
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body
        FROM {schema}.records r WHERE r.kind = p_kind AND (r.owner, r.id) > (p_owner, p_after)
        ORDER BY r.owner, r.id LIMIT p_limit;
END
$list$;

CREATE OR REPLACE FUNCTION {schema}.due_records(
    p_kind smallint, p_first bigint, p_last bigint, p_now bigint, p_limit bigint, p_mark text)
RETURNS TABLE (kind smallint, owner bigint, id text, version bytea, due bigint, expires bigint, body bytea)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $due$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body FROM {schema}.records r
        WHERE r.kind = -1 AND r.owner = 0 AND r.id = 'store' AND r.version = decode(p_mark, 'hex');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'challenges: the records of this store are gone' USING ERRCODE = 'CH001';
    END IF;
    RETURN QUERY SELECT r.kind, r.owner, r.id, r.version, r.due, r.expires, r.body
        FROM {schema}.records r
        WHERE r.kind = p_kind AND r.due <= p_now AND r.owner BETWEEN p_first AND p_last
        ORDER BY r.due, r.id LIMIT p_limit;
END
$due$;

-- Locks the records before the deletion, and compares the expiry of the locked row again. LIMIT counts locked rows, so a
-- result below the limit means that no more records had expired.
CREATE OR REPLACE FUNCTION {schema}.purge_records(p_first bigint, p_last bigint, p_before bigint, p_limit bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $purge$
DECLARE
    deleted bigint;
BEGIN
    WITH expired AS MATERIALIZED (
        SELECT r.kind, r.owner, r.id FROM {schema}.records r
        WHERE r.expires < p_before AND r.owner BETWEEN p_first AND p_last
        ORDER BY r.expires LIMIT p_limit FOR UPDATE
    )
    DELETE FROM {schema}.records r USING expired e WHERE r.kind = e.kind AND r.owner = e.owner AND r.id = e.id;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END
$purge$;

-- Applies batches in order, each as a whole or not at all, under the locks of their shards. Writes of batch b end at
-- p_ends[b]. An expected version of NULL means that the record is absent. Actions: 0 keeps, 1 puts, 2 deletes.
-- The result has a number for each batch: 1 applied, 0 conflict, 2 not tried because another transaction holds the shard.
--
-- The batches wait for each lock for p_wait milliseconds, or for a shorter lock_timeout of the transaction; then the
-- function fails. The transaction keeps its lock_timeout. With 0 the batches never wait, as the calls of a group, so that
-- its batches neither deadlock nor delay each other.
--
-- Under READ COMMITTED every statement of a volatile function reads a new snapshot, taken after the lock. Under any
-- other level the snapshot is older than the lock, so the function refuses.
CREATE OR REPLACE FUNCTION {schema}.commit_batches(
    p_shards integer[], p_versions bytea[], p_ends integer[],
    p_kinds smallint[], p_owners bigint[], p_ids text[], p_expected bytea[], p_actions smallint[],
    p_dues bigint[], p_expires bigint[], p_bodies bytea[], p_channel text, p_wait bigint, p_mark text)
RETURNS bigint[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
AS $commit$
#variable_conflict use_variable
DECLARE
    outcomes bigint[] := '{}';
    first_write integer := 1;
    holds boolean;
    notifies boolean := false;
    changed bigint;
    found_version bytea;
    own_wait text := current_setting('lock_timeout');
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'challenges: commits need the isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    -- The lock of this read on the table keeps TRUNCATE and DROP away until the end of the transaction.
    IF NOT EXISTS (SELECT FROM {schema}.records r
            WHERE r.kind = -1 AND r.owner = 0 AND r.id = 'store' AND r.version = decode(p_mark, 'hex')) THEN
        RAISE EXCEPTION 'challenges: the records of this store are gone' USING ERRCODE = 'CH001';
    END IF;
    FOR b IN 1 .. cardinality(p_versions) LOOP
        IF p_wait > 0 THEN
            IF own_wait::interval NOT BETWEEN '1 ms' AND p_wait * interval '1 ms' THEN
                PERFORM set_config('lock_timeout', p_wait::text, true);
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('challenges/{schema}'), p_shards[b]);
            PERFORM set_config('lock_timeout', own_wait, true);
        ELSIF NOT pg_try_advisory_xact_lock(hashtext('challenges/{schema}'), p_shards[b]) THEN
            outcomes := outcomes || 2::bigint;
            first_write := p_ends[b] + 1;
            CONTINUE;
        END IF;
        holds := true;
        FOR w IN first_write .. p_ends[b] LOOP
            SELECT r.version INTO found_version FROM {schema}.records r
                WHERE r.kind = p_kinds[w] AND r.owner = p_owners[w] AND r.id = p_ids[w];
            IF found_version IS DISTINCT FROM p_expected[w] THEN
                holds := false;
                EXIT;
            END IF;
        END LOOP;
        IF holds THEN
            FOR w IN first_write .. p_ends[b] LOOP
                -- Deleting an absent record only asserts the absence.
                CONTINUE WHEN p_actions[w] = 0 OR (p_actions[w] = 2 AND p_expected[w] IS NULL);
                IF p_actions[w] = 2 THEN
                    DELETE FROM {schema}.records r
                        WHERE r.kind = p_kinds[w] AND r.owner = p_owners[w] AND r.id = p_ids[w]
                        AND r.version = p_expected[w];
                ELSIF p_expected[w] IS NULL THEN
                    INSERT INTO {schema}.records (kind, owner, id, version, due, expires, body)
                        VALUES (p_kinds[w], p_owners[w], p_ids[w], p_versions[b], p_dues[w], p_expires[w], p_bodies[w])
                        ON CONFLICT DO NOTHING;
                ELSE
                    UPDATE {schema}.records r
                        SET version = p_versions[b], due = p_dues[w], expires = p_expires[w], body = p_bodies[w]
                        WHERE r.kind = p_kinds[w] AND r.owner = p_owners[w] AND r.id = p_ids[w]
                        AND r.version = p_expected[w];
                END IF;
                GET DIAGNOSTICS changed = ROW_COUNT;
                IF changed <> 1 THEN
                    -- A purge deleted the record after the comparison. The caller tries again.
                    RAISE EXCEPTION 'challenges: a record changed without the lock of its shard'
                        USING ERRCODE = 'serialization_failure';
                END IF;
                notifies := notifies OR (p_expected[w] IS NULL AND p_dues[w] IS NOT NULL);
            END LOOP;
        END IF;
        outcomes := outcomes || holds::int::bigint;
        first_write := p_ends[b] + 1;
    END LOOP;
    IF notifies AND p_channel IS NOT NULL THEN
        PERFORM pg_notify(p_channel, '');
    END IF;
    RETURN outcomes;
END
$commit$;

INSERT INTO {schema}.schema_versions (number) VALUES (1) ON CONFLICT DO NOTHING;
