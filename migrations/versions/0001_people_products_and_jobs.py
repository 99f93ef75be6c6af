"""People, products and jobs.

Revision: 0001, the first. Drafted 2026-11-21 00:19:40.700577+00:00.
"""

import sqlalchemy as sa
from alembic import op

# The words of a product that people search for. The index keeps no copy of them: triggers tell it of each change.
# A migration that makes `products` anew (batch mode does) must make the triggers anew as well.
SEARCH = (
    """CREATE VIRTUAL TABLE products_search USING fts5(
        brand, name, colorway, style_code, category,
        content='products', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
    """CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
        INSERT INTO products_search(rowid, brand, name, colorway, style_code, category)
        VALUES (new.id, new.brand, new.name, new.colorway, new.style_code, new.category);
    END""",
    """CREATE TRIGGER products_search_delete AFTER DELETE ON products BEGIN
        INSERT INTO products_search(products_search, rowid, brand, name, colorway, style_code, category)
        VALUES ('delete', old.id, old.brand, old.name, old.colorway, old.style_code, old.category);
    END""",
    """CREATE TRIGGER products_search_update AFTER UPDATE OF brand, name, colorway, style_code, category ON products BEGIN
        INSERT INTO products_search(products_search, rowid, brand, name, colorway, style_code, category)
        VALUES ('delete', old.id, old.brand, old.name, old.colorway, old.style_code, old.category);
        INSERT INTO products_search(rowid, brand, name, colorway, style_code, category)
        VALUES (new.id, new.brand, new.name, new.colorway, new.style_code, new.category);
    END""",
)

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('catalogue_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('products', sa.Integer(), nullable=False),
    sa.Column('embeddings', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_state'))
    )
    op.create_table('jobs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('message', sa.String(length=500), nullable=False),
    sa.Column('log', sa.Text(), nullable=False),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=True),
    sa.Column('heartbeat_at', sa.DateTime(), nullable=True),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')", name=op.f('ck_jobs_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index('ix_jobs_state', ['state', 'id'], unique=False)

    op.create_table('products',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=60), nullable=False),
    sa.Column('style_code', sa.String(length=120), nullable=False),
    sa.Column('brand', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=300).with_variant(sa.String(length=300, collation='NOCASE'), 'sqlite'), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('colorway', sa.String(length=200), nullable=False),
    sa.Column('gender', sa.String(length=20), nullable=False),
    sa.Column('category', sa.String(length=60), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('price_cents >= 0', name=op.f('ck_products_price')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_products')),
    sa.UniqueConstraint('site', 'style_code', name=op.f('uq_products_site_style_code')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.create_index('ix_products_facets', ['brand', 'gender', 'category'], unique=False)
        batch_op.create_index('ix_products_label', ['label'], unique=False)
        batch_op.create_index('ix_products_name', ['name', 'id', 'brand', 'gender', 'category'], unique=False)
        batch_op.create_index('ix_products_newest', ['id', 'brand', 'gender', 'category'], unique=False)
        batch_op.create_index('ix_products_price', ['price_cents', 'id', 'brand', 'gender', 'category'], unique=False)

    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("role IN ('admin', 'marketer')", name=op.f('ck_users_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_users_token_hash'))
    )
    op.create_table('product_images',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('suffix', sa.String(length=5), nullable=False),
    sa.Column('angle_deg', sa.Integer(), nullable=True),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_product_images_product_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_images')),
    sa.UniqueConstraint('product_id', 'position', name=op.f('uq_product_images_product_id_position'))
    )
    with op.batch_alter_table('product_images', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_product_images_sha256'), ['sha256'], unique=False)

    op.create_table('embeddings',
    sa.Column('image_id', sa.Integer(), nullable=False),
    sa.Column('bundle_id', sa.String(length=200), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['image_id'], ['product_images.id'], name=op.f('fk_embeddings_image_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('image_id', 'bundle_id', name=op.f('pk_embeddings'))
    )
    with op.batch_alter_table('embeddings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_embeddings_bundle_id'), ['bundle_id'], unique=False)


    op.execute("INSERT INTO catalogue_state (id, products, embeddings) VALUES (1, 0, 0)")
    if op.get_bind().dialect.name == "sqlite":
        for statement in SEARCH:
            op.execute(statement)


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE products_search")
    with op.batch_alter_table('embeddings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_embeddings_bundle_id'))

    op.drop_table('embeddings')
    with op.batch_alter_table('product_images', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_product_images_sha256'))

    op.drop_table('product_images')
    op.drop_table('users')
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_index('ix_products_price')
        batch_op.drop_index('ix_products_newest')
        batch_op.drop_index('ix_products_name')
        batch_op.drop_index('ix_products_label')
        batch_op.drop_index('ix_products_facets')

    op.drop_table('products')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_state')

    op.drop_table('jobs')
    op.drop_table('catalogue_state')
