"""Who asked for a job and how often it was begun; when an identification was deleted, and who may learn from it.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('owner', sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column('attempts', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_index('ix_jobs_kind', ['kind', 'id'], unique=False)

    with op.batch_alter_table('identifications', schema=None) as batch_op:
        batch_op.add_column(sa.Column('training_allowed_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('deleted_at', sa.DateTime(), nullable=True))

    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_uploads_cutout_sha256'), ['cutout_sha256'], unique=False)


def downgrade():
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_uploads_cutout_sha256'))

    # Plain statements, not batches: those would make the tables anew, and what refers to their rows would lose them.
    op.execute('ALTER TABLE identifications DROP COLUMN deleted_at')
    op.execute('ALTER TABLE identifications DROP COLUMN training_allowed_at')

    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_kind')
    op.execute('ALTER TABLE jobs DROP COLUMN attempts')
    op.execute('ALTER TABLE jobs DROP COLUMN owner')
