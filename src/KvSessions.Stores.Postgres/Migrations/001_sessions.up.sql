CREATE {unlogged}TABLE {sessions} (
    version             bigint      NOT NULL,
    created_at          timestamptz NOT NULL,
    last_seen_at        timestamptz NOT NULL,
    absolute_expires_at timestamptz NULL,
    -- Never later than the moment at which the session ends. A touch leaves it, so that a touch changes no index; the sweeper moves it on.
    sweep_after         timestamptz NOT NULL,
    -- Microseconds only, no days: a day is not always 24 hours long.
    idle_timeout        interval    NULL,
    -- Never fewer than there are in data, of keys and of bytes in keys and values: most saves need not count.
    most_keys           integer     NOT NULL,
    most_bytes          integer     NOT NULL,
    format              smallint    NOT NULL DEFAULT 1,
    is_persistent       boolean     NOT NULL,
    handle              bytea       NOT NULL CHECK (octet_length(handle) = 32),
    subject             text        NULL COLLATE "C",
    -- An object of strings: '=' and the text of a value that is text, or '#' and the base64 of one that is not.
    data                jsonb       NOT NULL,
    CONSTRAINT {sessions_pkey} PRIMARY KEY (handle)
) WITH (fillfactor = 70);

CREATE INDEX {sessions_by_sweep_after} ON {sessions} (sweep_after);

CREATE INDEX {sessions_by_subject} ON {sessions} (subject, handle) WHERE subject IS NOT NULL;
