"""Run by Alembic: works on the connection and inside the transaction that `bot.journal.migrate` opened."""

from alembic import context

from bot.journal.migrate import of_both_engines
from bot.journal.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=of_both_engines,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
