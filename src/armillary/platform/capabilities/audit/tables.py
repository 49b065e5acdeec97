"""Where deeds are kept."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

from armillary.platform.frame.database import Schema

EVENTS = Table(
    "audit_events",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("time", BigInteger),  # microseconds since 1970
    *(Column(name, Text) for name in ("action", "user", "outcome", "address", "agent", "session", "cluster")),
    *(Column(name, Text) for name in ("workspace", "namespace", "group", "resource", "subresource", "name")),
    Column("code", Integer),
    *(Column(name, Text) for name in ("reason", "request_id")),
    Column("revision", Text),  # the object's resourceVersion after the write
    Column("changes", Text),  # JSON: [{"path", "old", "new"}]
)

SCHEMA = Schema(
    "audit",
    (
        (
            """CREATE TABLE audit_events (
                id {id}, time {moment} NOT NULL, action TEXT NOT NULL, "user" TEXT NOT NULL, outcome TEXT NOT NULL,
                address TEXT NOT NULL, agent TEXT NOT NULL, session TEXT NOT NULL, cluster TEXT NOT NULL,
                workspace TEXT NOT NULL, namespace TEXT NOT NULL, "group" TEXT NOT NULL, resource TEXT NOT NULL,
                subresource TEXT NOT NULL, name TEXT NOT NULL, code INTEGER NOT NULL, reason TEXT NOT NULL,
                request_id TEXT NOT NULL, revision TEXT NOT NULL, changes TEXT NOT NULL)""",
            "CREATE INDEX audit_events_time ON audit_events (time)",
            'CREATE INDEX audit_events_user ON audit_events ("user", id)',
            "CREATE INDEX audit_events_workspace ON audit_events (workspace, id)",
            "CREATE INDEX audit_events_namespace ON audit_events (namespace, id)",
            'CREATE INDEX audit_events_object ON audit_events (name, resource, "group", id)',
        ),
    ),
)
