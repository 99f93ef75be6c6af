"""API tokens with names, people who may no longer sign in, the audit log, what admins made of feedback
and which answers they pinned.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(length=254), nullable=False),
    sa.Column('act', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_audit_entries_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entries_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_audit_entries_act', ['act', 'id'], unique=False)
        batch_op.create_index('ix_audit_entries_who', ['who', 'id'], unique=False)

    op.create_table('api_tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('last_used_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_tokens_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash')),
    sa.UniqueConstraint('user_id', 'name', name=op.f('uq_api_tokens_user_id_name'))
    )
    op.execute(
        "INSERT INTO api_tokens (user_id, name, token_hash, created_at) "
        "SELECT id, 'usual', token_hash, created_at FROM users WHERE token_hash IS NOT NULL"
    )
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('disabled_at', sa.DateTime(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_users_token_hash'), type_='unique')
        batch_op.drop_column('token_hash')

    op.create_table('feedback_reviews',
    sa.Column('identification_id', sa.String(length=36), nullable=False),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("verdict = 'rejected' OR label IS NOT NULL", name=op.f('ck_feedback_reviews_accepted_has_label')),
    sa.CheckConstraint("verdict IN ('accepted', 'rejected')", name=op.f('ck_feedback_reviews_verdict')),
    sa.ForeignKeyConstraint(['identification_id'], ['feedback.identification_id'], name=op.f('fk_feedback_reviews_identification_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('identification_id', name=op.f('pk_feedback_reviews'))
    )
    op.create_table('pinned_identifications',
    sa.Column('identification_id', sa.String(length=36), nullable=False),
    sa.Column('pinned_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['identification_id'], ['identifications.id'], name=op.f('fk_pinned_identifications_identification_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('identification_id', name=op.f('pk_pinned_identifications'))
    )


def downgrade():
    op.drop_table('pinned_identifications')
    op.drop_table('feedback_reviews')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('token_hash', sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_users_token_hash'), ['token_hash'])
        batch_op.drop_column('disabled_at')

    op.execute(
        "UPDATE users SET token_hash = (SELECT token_hash FROM api_tokens WHERE user_id = users.id ORDER BY id LIMIT 1)"
    )
    op.drop_table('api_tokens')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entries_who')
        batch_op.drop_index('ix_audit_entries_act')
        batch_op.drop_index(batch_op.f('ix_audit_entries_user_id'))

    op.drop_table('audit_entries')
