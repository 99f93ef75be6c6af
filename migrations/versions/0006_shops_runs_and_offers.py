"""Shops, runs, staged listings, offers and their prices, stored pictures.

Revision: 0006, after 0005.

Columns are added one by one: making `products` anew would take its pictures along, and the triggers of the search.
"""

import json
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_FACTS = ("brand", "name", "label", "colorway", "gender", "category")
_LIVE = sa.text("retired_at IS NULL")
# The browse page walks these: only what is not retired is in them.
_WALKED = {
    'ix_products_newest': ['id', 'brand', 'gender', 'category'],
    'ix_products_price': ['price_cents', 'id', 'brand', 'gender', 'category'],
    'ix_products_name': ['name', 'id', 'brand', 'gender', 'category'],
    'ix_products_facets': ['brand', 'gender', 'category'],
}
_AT_A_TIME = 1000


def upgrade():
    op.create_table('shops',
    sa.Column('site', sa.String(length=60), nullable=False),
    sa.Column('reader', sa.String(length=60), nullable=False),
    sa.Column('start_urls', sa.JSON(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('schedule', sa.String(length=10), nullable=False),
    sa.Column('confirmed_by', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('removed_by', sa.Integer(), nullable=True),
    sa.Column('removed_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("schedule IN ('off', 'daily', 'weekly')", name=op.f('ck_shops_schedule')),
    sa.ForeignKeyConstraint(['confirmed_by'], ['users.id'], name=op.f('fk_shops_confirmed_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['removed_by'], ['users.id'], name=op.f('fk_shops_removed_by'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('site', name=op.f('pk_shops'))
    )
    _add_indexes('shops', 'confirmed_by', 'removed_by')

    op.create_table('scrape_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('listings', sa.Integer(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('retired', sa.Integer(), nullable=False),
    sa.Column('errors', sa.Integer(), nullable=False),
    sa.Column('pictures_tried', sa.Integer(), nullable=False),
    sa.Column('pictures_valid', sa.Integer(), nullable=False),
    sa.Column('coverage', sa.JSON(), nullable=False),
    sa.Column('crawl', sa.JSON(), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('is_reversible', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=True),
    sa.Column('read_at', sa.DateTime(), nullable=True),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.Column('started_by', sa.Integer(), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'suspect', 'failed', 'cancelled', 'undone')", name=op.f('ck_scrape_runs_state')),
    sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name=op.f('fk_scrape_runs_decided_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_scrape_runs_job_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['started_by'], ['users.id'], name=op.f('fk_scrape_runs_started_by'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scrape_runs')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_scrape_runs_of_site', 'scrape_runs', ['site', 'id'], unique=False)
    _add_indexes('scrape_runs', 'decided_by', 'job_id', 'started_by')

    op.create_table('staged_listings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('style_code', sa.String(length=120), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('pictures', sa.JSON(), nullable=False),
    sa.Column('is_whole', sa.Boolean(), nullable=False),
    sa.Column('digest', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['scrape_runs.id'], name=op.f('fk_staged_listings_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staged_listings')),
    sa.UniqueConstraint('run_id', 'style_code', name=op.f('uq_staged_listings_run_id_style_code'))
    )

    op.create_table('offers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=60), nullable=False),
    sa.Column('style_code', sa.String(length=120), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=40), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(), nullable=False),
    sa.Column('missed', sa.Integer(), nullable=False),
    sa.Column('gone_at', sa.DateTime(), nullable=True),
    sa.Column('first_run_id', sa.Integer(), nullable=True),
    sa.Column('last_run_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('price_cents >= 0', name=op.f('ck_offers_price')),
    sa.ForeignKeyConstraint(['first_run_id'], ['scrape_runs.id'], name=op.f('fk_offers_first_run_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['last_run_id'], ['scrape_runs.id'], name=op.f('fk_offers_last_run_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_offers_product_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offers')),
    sa.UniqueConstraint('site', 'style_code', name=op.f('uq_offers_site_style_code'))
    )
    _add_indexes('offers', 'first_run_id', 'last_run_id', 'product_id')

    op.create_table('offer_prices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('since', sa.DateTime(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_offer_prices_offer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['scrape_runs.id'], name=op.f('fk_offer_prices_run_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer_prices'))
    )
    _add_indexes('offer_prices', 'offer_id', 'run_id')

    op.create_table('run_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.CheckConstraint("kind IN ('changed', 'returned', 'gone')", name=op.f('ck_run_changes_kind')),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_run_changes_offer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['scrape_runs.id'], name=op.f('fk_run_changes_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_changes'))
    )
    _add_indexes('run_changes', 'offer_id', 'run_id')

    op.create_table('stored_pictures',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('same_as', sa.String(length=64), nullable=False),
    sa.Column('suffix', sa.String(length=5), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('phash', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_stored_pictures'))
    )
    _add_indexes('stored_pictures', 'same_as')

    for column in (
        "style_key VARCHAR(120) DEFAULT '' NOT NULL",
        "retired_at TIMESTAMP" if op.get_bind().dialect.name != "sqlite" else "retired_at DATETIME",
        "retired_because VARCHAR(20) DEFAULT '' NOT NULL",
        "merged_into_id INTEGER CONSTRAINT fk_products_merged_into_id REFERENCES products (id) ON DELETE SET NULL",
        "edited JSON DEFAULT '[]' NOT NULL",
    ):
        op.execute(f"ALTER TABLE products ADD COLUMN {column}")
    op.execute("ALTER TABLE product_images ADD COLUMN offer_id INTEGER "
               "CONSTRAINT fk_product_images_offer_id REFERENCES offers (id) ON DELETE CASCADE")
    op.execute("ALTER TABLE product_images ADD COLUMN told_angle_deg INTEGER")
    op.execute("UPDATE product_images SET told_angle_deg = angle_deg")
    _add_indexes('products', 'style_key')
    _add_indexes('product_images', 'offer_id')
    for name, columns in _WALKED.items():
        op.drop_index(name, table_name='products')
        op.create_index(name, 'products', columns, unique=False, sqlite_where=_LIVE, postgresql_where=_LIVE)
    _make_offers()


def _make_offers():
    """What is in the catalogue came from shops: each such product has one offer, and its pictures belong to that."""
    connection = op.get_bind()
    question = sa.text("SELECT * FROM products WHERE id > :after AND site != 'known-models' ORDER BY id LIMIT :most")
    offers = sa.text(
        "INSERT INTO offers (product_id, site, style_code, url, price_cents, currency, facts, digest, first_seen_at,"
        " last_seen_at, missed) VALUES (:id, :site, :style_code, :url, :price_cents, :currency, :facts, '',"
        " :first_seen_at, :last_seen_at, 0)"
    )
    after = 0
    while rows := connection.execute(question, {"after": after, "most": _AT_A_TIME}).mappings().all():
        facts = [{**row, "facts": json.dumps({name: row[name] for name in _FACTS})} for row in rows]
        connection.execute(offers, facts)
        keys = [{"id": row["id"], "key": _style_key(row["style_code"])} for row in rows]
        connection.execute(sa.text("UPDATE products SET style_key = :key WHERE id = :id"), keys)
        after = rows[-1]["id"]
    op.execute("INSERT INTO offer_prices (offer_id, price_cents, currency, since) "
               "SELECT id, price_cents, currency, first_seen_at FROM offers")
    op.execute("UPDATE product_images SET offer_id = "
               "(SELECT offers.id FROM offers WHERE offers.product_id = product_images.product_id)")
    op.execute("INSERT INTO stored_pictures (sha256, same_as, suffix, width, height) "
               "SELECT sha256, sha256, min(suffix), min(width), min(height) FROM product_images GROUP BY sha256")


def _style_key(style_code):
    """webapp.catalogue.style_keys as it was when this was written."""
    key = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", style_code).upper())
    if len(key) < 6 or not re.search(r"[0-9]", key):
        return ""
    return "" if key.isdigit() and len(key) < 8 else key


def _add_indexes(table, *columns):
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def downgrade():
    """Retired products come back: without offers nobody knows that they are gone. Signposts go."""
    op.execute("DELETE FROM products WHERE site = 'merged'")
    for name, columns in _WALKED.items():
        op.drop_index(name, table_name='products')
        op.create_index(name, 'products', columns, unique=False)
    op.drop_index('ix_product_images_offer_id', table_name='product_images')
    op.execute("ALTER TABLE product_images DROP COLUMN offer_id")
    op.execute("ALTER TABLE product_images DROP COLUMN told_angle_deg")
    op.drop_index('ix_products_style_key', table_name='products')
    for column in ("style_key", "retired_at", "retired_because", "merged_into_id", "edited"):
        op.execute(f"ALTER TABLE products DROP COLUMN {column}")
    for table in ("stored_pictures", "run_changes", "offer_prices", "offers", "staged_listings", "scrape_runs", "shops"):
        op.drop_table(table)
