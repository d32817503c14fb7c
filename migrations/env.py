"""Runs inside ``lms_tool.services.schema``: the connection, and so the transaction, is the caller's."""

from alembic import context

from lms_tool.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
