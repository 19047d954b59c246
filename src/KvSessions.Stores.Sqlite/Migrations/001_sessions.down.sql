DROP TABLE kv_sessions;

DROP TABLE kv_session_values;
