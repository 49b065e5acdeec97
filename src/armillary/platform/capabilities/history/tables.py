"""Where history is kept."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

from armillary.platform.frame.database import Schema

_METADATA = MetaData()

# One row for each object that there was: one of the same name is another.
OBJECTS = Table(
    "history_objects",
    _METADATA,
    Column("id", BigInteger, primary_key=True),
    *(Column(name, Text) for name in ("cluster", "group", "version", "kind", "resource", "namespace", "name", "uid")),
    Column("workspace", Text),
    Column("created", BigInteger),
    Column("deleted", BigInteger),  # 0 while it is there
    Column("late", Integer),  # the deletion was found out later
    Column("latest", Integer),  # number of its last version
    Column("digest", LargeBinary),
    Column("status", LargeBinary),  # at its last version, or when it was deleted
)
OWNERS = Table("history_owners", _METADATA, Column("owner", Text), Column("object", BigInteger))
# Numbers go on over objects of the same name, so that they tell versions apart.
VERSIONS = Table(
    "history_versions",
    _METADATA,
    Column("object", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("time", BigInteger),
    Column("seen", BigInteger),
    Column("late", Integer),  # there may have been others before it that nobody saw
    *(Column(name, Text) for name in ("manager", "revision", "workspace")),
    Column("size", Integer),
    Column("basis", BigInteger),  # 0 if there is none
    Column("body", LargeBinary),
)
BASES = Table(
    "history_bases",
    _METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("body", LargeBinary),
    Column("used", BigInteger),  # when a version was last made against it
)
CURSORS = Table(
    "history_cursors",
    _METADATA,
    *(Column(name, Text, primary_key=True) for name in ("cluster", "group", "resource")),
    Column("revision", Text),
)

SCHEMA = Schema(
    "history",
    (
        (
            """CREATE TABLE history_objects (
                id {moment} PRIMARY KEY, cluster TEXT NOT NULL, "group" TEXT NOT NULL, version TEXT NOT NULL,
                kind TEXT NOT NULL, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                uid TEXT NOT NULL, workspace TEXT NOT NULL, created {moment} NOT NULL, deleted {moment} NOT NULL,
                late INTEGER NOT NULL, latest INTEGER NOT NULL, digest {bytes} NOT NULL, status {bytes} NOT NULL)""",
            'CREATE INDEX history_objects_name ON history_objects (cluster, "group", resource, namespace, name)',
            "CREATE INDEX history_objects_namespace ON history_objects (cluster, namespace, deleted)",
            "CREATE INDEX history_objects_deleted ON history_objects (deleted)",
            "CREATE INDEX history_objects_uid ON history_objects (uid)",
            "CREATE TABLE history_owners (owner TEXT NOT NULL, object {moment} NOT NULL, PRIMARY KEY (owner, object))",
            "CREATE INDEX history_owners_object ON history_owners (object)",
            """CREATE TABLE history_versions (
                object {moment} NOT NULL, number INTEGER NOT NULL, time {moment} NOT NULL, seen {moment} NOT NULL,
                late INTEGER NOT NULL, manager TEXT NOT NULL, revision TEXT NOT NULL, workspace TEXT NOT NULL,
                size INTEGER NOT NULL, basis {moment} NOT NULL, body {bytes} NOT NULL, PRIMARY KEY (object, number))""",
            "CREATE INDEX history_versions_time ON history_versions (time)",
            "CREATE INDEX history_versions_basis ON history_versions (basis)",
            "CREATE TABLE history_bases (id {moment} PRIMARY KEY, body {bytes} NOT NULL, used {moment} NOT NULL)",
            """CREATE TABLE history_cursors (
                cluster TEXT NOT NULL, "group" TEXT NOT NULL, resource TEXT NOT NULL, revision TEXT NOT NULL,
                PRIMARY KEY (cluster, "group", resource))""",
        ),
    ),
)
