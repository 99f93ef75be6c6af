"""What a bundle recognises in a variant, beside its embedding.

Revision: 0005, after 0004.
"""

import struct

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

AUGMENTS = ('original', 'brighter', 'darker', 'rotate', 'sketch', 'swivel')


def upgrade():
    with op.batch_alter_table('variant_embeddings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('augment_probabilities', sa.LargeBinary(), nullable=True))
    # No bundle could recognise any so far: each shows what it was made to be, and what is not told apart the original.
    table = sa.table('variant_embeddings', sa.column('augment', sa.String), sa.column('augment_probabilities', sa.LargeBinary))
    op.execute(table.update().values(augment_probabilities=_certain('original')))
    for augment in AUGMENTS[1:]:
        op.execute(table.update().where(table.c.augment == augment).values(augment_probabilities=_certain(augment)))
    with op.batch_alter_table('variant_embeddings', schema=None) as batch_op:
        batch_op.alter_column('augment_probabilities', existing_type=sa.LargeBinary(), nullable=False)


def downgrade():
    with op.batch_alter_table('variant_embeddings', schema=None) as batch_op:
        batch_op.drop_column('augment_probabilities')


def _certain(augment):
    return struct.pack('<6f', *(name == augment for name in AUGMENTS))
