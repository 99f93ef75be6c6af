"""Identifications, uploads and feedback.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('identifications',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('bundle_id', sa.String(length=200), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identifications'))
    )
    with op.batch_alter_table('identifications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identifications_created_at'), ['created_at'], unique=False)

    op.create_table('feedback',
    sa.Column('identification_id', sa.String(length=36), nullable=False),
    sa.Column('correct', sa.Boolean(), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=True),
    sa.Column('product_id', sa.Integer(), nullable=True),
    sa.Column('given_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('NOT correct OR (label IS NULL AND product_id IS NULL)', name=op.f('ck_feedback_correct_needs_no_label')),
    sa.ForeignKeyConstraint(['identification_id'], ['identifications.id'], name=op.f('fk_feedback_identification_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_feedback_product_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('identification_id', name=op.f('pk_feedback'))
    )
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_product_id'), ['product_id'], unique=False)

    op.create_table('uploads',
    sa.Column('identification_id', sa.String(length=36), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('photo_sha256', sa.String(length=64), nullable=False),
    sa.Column('cutout_sha256', sa.String(length=64), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('coverage', sa.Double(), nullable=False),
    sa.Column('fallback', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['identification_id'], ['identifications.id'], name=op.f('fk_uploads_identification_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('identification_id', 'position', name=op.f('pk_uploads'))
    )
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.create_index('ix_uploads_photo_sha256', ['photo_sha256'], unique=False)



def downgrade():
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.drop_index('ix_uploads_photo_sha256')

    op.drop_table('uploads')
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feedback_product_id'))

    op.drop_table('feedback')
    with op.batch_alter_table('identifications', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_identifications_created_at'))

    op.drop_table('identifications')
