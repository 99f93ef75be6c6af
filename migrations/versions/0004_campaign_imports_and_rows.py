"""Campaign imports, their rows and faults, and how columns were read.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('column_mappings',
    sa.Column('headers', sa.String(length=64), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('usual', sa.JSON(), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('headers', name=op.f('pk_column_mappings'))
    )
    op.create_table('campaign_imports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('usual', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('message', sa.String(length=500), nullable=False),
    sa.Column('imported', sa.Integer(), nullable=False),
    sa.Column('known_before', sa.Integer(), nullable=False),
    sa.Column('faulty', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('mapping', 'importing', 'imported', 'failed', 'cancelled')", name=op.f('ck_campaign_imports_state')),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_campaign_imports_job_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_campaign_imports_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_imports')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('campaign_imports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_imports_job_id'), ['job_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_campaign_imports_sha256'), ['sha256'], unique=False)
        batch_op.create_index(batch_op.f('ix_campaign_imports_user_id'), ['user_id'], unique=False)

    op.create_table('campaign_faults',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['campaign_imports.id'], name=op.f('fk_campaign_faults_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_faults'))
    )
    with op.batch_alter_table('campaign_faults', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_faults_import_id'), ['import_id'], unique=False)

    op.create_table('campaign_rows',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('picture', sa.String(length=300), nullable=False),
    sa.Column('image_id', sa.Integer(), nullable=True),
    sa.Column('augment', sa.String(length=40), nullable=False),
    sa.Column('campaign', sa.String(length=300), nullable=False),
    sa.Column('sent_at', sa.String(length=60), nullable=False),
    sa.Column('campaign_type', sa.String(length=60), nullable=False),
    sa.Column('industry', sa.String(length=60), nullable=False),
    sa.Column('sneaker_type', sa.String(length=60), nullable=False),
    sa.Column('recipients', sa.BigInteger(), nullable=False),
    sa.Column('bounces', sa.BigInteger(), nullable=True),
    sa.Column('opens', sa.BigInteger(), nullable=True),
    sa.Column('clicks', sa.BigInteger(), nullable=True),
    sa.Column('carts', sa.BigInteger(), nullable=True),
    sa.Column('abandoned_carts', sa.BigInteger(), nullable=True),
    sa.Column('conversions', sa.BigInteger(), nullable=True),
    sa.Column('purchases', sa.BigInteger(), nullable=True),
    sa.Column('unsubscribes', sa.BigInteger(), nullable=True),
    sa.Column('revenue_cents', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('recipients >= 1', name=op.f('ck_campaign_rows_recipients')),
    sa.ForeignKeyConstraint(['image_id'], ['product_images.id'], name=op.f('fk_campaign_rows_image_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['import_id'], ['campaign_imports.id'], name=op.f('fk_campaign_rows_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_rows')),
    sa.UniqueConstraint('digest', name=op.f('uq_campaign_rows_digest'))
    )
    with op.batch_alter_table('campaign_rows', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_rows_image_id'), ['image_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_campaign_rows_import_id'), ['import_id'], unique=False)



def downgrade():
    with op.batch_alter_table('campaign_rows', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_rows_import_id'))
        batch_op.drop_index(batch_op.f('ix_campaign_rows_image_id'))

    op.drop_table('campaign_rows')
    with op.batch_alter_table('campaign_faults', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_faults_import_id'))

    op.drop_table('campaign_faults')
    with op.batch_alter_table('campaign_imports', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_imports_user_id'))
        batch_op.drop_index(batch_op.f('ix_campaign_imports_sha256'))
        batch_op.drop_index(batch_op.f('ix_campaign_imports_job_id'))

    op.drop_table('campaign_imports')
    op.drop_table('column_mappings')
