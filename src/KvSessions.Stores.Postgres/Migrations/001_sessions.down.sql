DROP TABLE {sessions};
