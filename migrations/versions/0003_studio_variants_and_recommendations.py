"""Variants of catalogue pictures, and recommendations.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('variant_embeddings',
    sa.Column('image_id', sa.Integer(), nullable=False),
    sa.Column('augment', sa.String(length=40), nullable=False),
    sa.Column('bundle_id', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['image_id'], ['product_images.id'], name=op.f('fk_variant_embeddings_image_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('image_id', 'augment', 'bundle_id', name=op.f('pk_variant_embeddings'))
    )
    with op.batch_alter_table('variant_embeddings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variant_embeddings_bundle_id'), ['bundle_id'], unique=False)

    op.create_table('recommendations',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('target', sa.String(length=40), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.CheckConstraint("source IN ('catalogue', 'upload')", name=op.f('ck_recommendations_source')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_recommendations_product_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recommendations_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recommendations'))
    )
    with op.batch_alter_table('recommendations', schema=None) as batch_op:
        batch_op.create_index('ix_recommendations_of_user', ['user_id', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_recommendations_product_id'), ['product_id'], unique=False)



def downgrade():
    with op.batch_alter_table('recommendations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recommendations_product_id'))
        batch_op.drop_index('ix_recommendations_of_user')

    op.drop_table('recommendations')
    with op.batch_alter_table('variant_embeddings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_variant_embeddings_bundle_id'))

    op.drop_table('variant_embeddings')
