"""add glossary routing previews and fuzzy memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "7a61fa220004"
down_revision = "4a5fd6565ab1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "glossary_concepts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_do_not_translate", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_concepts")),
        sa.UniqueConstraint("key", name=op.f("uq_glossary_concepts_key")),
    )
    op.create_table(
        "hop_qualities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.Column("source_language", sa.String(35), nullable=False),
        sa.Column("target_language", sa.String(35), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("is_measured", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hop_qualities")),
        sa.UniqueConstraint(
            "engine",
            "source_language",
            "target_language",
            name=op.f("uq_hop_qualities_engine_source_language_target_language"),
        ),
    )
    op.create_table(
        "memory_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_imports")),
        sa.UniqueConstraint("digest", name=op.f("uq_memory_imports_digest")),
    )
    op.create_table(
        "previews",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source_language", sa.String(35), nullable=False),
        sa.Column("target_language", sa.String(35), nullable=False),
        sa.Column("engine_set", sa.String(35), nullable=False),
        sa.Column("is_round_trip", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(35), nullable=False),
        sa.Column("reason", sa.String(35), nullable=True),
        sa.Column("forward_text", sa.Text(), nullable=True),
        sa.Column("back_text", sa.Text(), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
    )
    with op.batch_alter_table("previews", schema=None) as batch_op:
        batch_op.create_index("ix_previews_account_id", ["account_id"], unique=False)
        batch_op.create_index("ix_previews_created_at", ["created_at"], unique=False)
        batch_op.create_index(
            "ix_previews_pending",
            ["available_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "routing_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_language", sa.String(35), nullable=False),
        sa.Column("target_language", sa.String(35), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=True),
        sa.Column("hops", sa.JSON(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
        sa.UniqueConstraint(
            "source_language", "target_language", name=op.f("uq_routing_rules_source_language_target_language")
        ),
    )
    op.create_table(
        "work_budgets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("characters", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_budgets")),
        sa.UniqueConstraint("owner_id", "hour", name=op.f("uq_work_budgets_owner_id_hour")),
    )
    op.create_table(
        "glossary_regates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("concept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("after_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["concept_id"],
            ["glossary_concepts.id"],
            name=op.f("fk_glossary_regates_concept_id_glossary_concepts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_regates")),
    )
    op.create_table(
        "glossary_terms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("concept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(35), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("verified_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["concept_id"],
            ["glossary_concepts.id"],
            name=op.f("fk_glossary_terms_concept_id_glossary_concepts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_terms")),
        sa.UniqueConstraint(
            "concept_id", "language", "folded", name=op.f("uq_glossary_terms_concept_id_language_folded")
        ),
    )
    with op.batch_alter_table("glossary_terms", schema=None) as batch_op:
        batch_op.create_index("ix_glossary_terms_folded", ["language", "folded"], unique=False)

    op.create_table(
        "language_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_text_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_text_id"], ["source_texts.id"], name=op.f("fk_language_reports_source_text_id_source_texts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_reports")),
        sa.UniqueConstraint("source_text_id", "account_id", name=op.f("uq_language_reports_source_text_id_account_id")),
    )
    op.create_table(
        "memory_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["memory_entries.id"],
            name=op.f("fk_memory_bands_entry_id_memory_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("band", "entry_id", name=op.f("pk_memory_bands")),
    )
    with op.batch_alter_table("memory_bands", schema=None) as batch_op:
        batch_op.create_index("ix_memory_bands_entry_id", ["entry_id"], unique=False)

    with op.batch_alter_table("memory_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.alter_column("candidate_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_check_constraint("provenance", "(candidate_id IS NULL) <> (import_id IS NULL)")
        batch_op.create_index("ix_memory_entries_import_id", ["import_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_memory_entries_import_id_memory_imports"),
            "memory_imports",
            ["import_id"],
            ["id"],
            ondelete="CASCADE",
        )

    with op.batch_alter_table("source_texts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))

    with op.batch_alter_table("translations", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("bridge_candidate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.drop_index(batch_op.f("ix_translations_pending"), sqlite_where=sa.text("state = 'pending'"))
        batch_op.create_index(
            "ix_translations_pending",
            ["turn", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "ix_translations_left",
            ["source_language", "target_language"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting' AND reason = 'no_engine'"),
            postgresql_where=sa.text("state = 'waiting' AND reason = 'no_engine'"),
        )
        batch_op.create_index(
            "ix_translations_pending_owner",
            ["owner_id", "turn"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("translations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_translations_left",
            sqlite_where=sa.text("state = 'waiting' AND reason = 'no_engine'"),
            postgresql_where=sa.text("state = 'waiting' AND reason = 'no_engine'"),
        )
        batch_op.drop_index(
            "ix_translations_pending_owner",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(
            "ix_translations_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            batch_op.f("ix_translations_pending"),
            ["available_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_column("turn")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("bridge_candidate_id")

    with op.batch_alter_table("source_texts", schema=None) as batch_op:
        batch_op.drop_column("owner_id")

    op.execute("DELETE FROM memory_entries WHERE candidate_id IS NULL")
    with op.batch_alter_table("memory_entries", schema=None) as batch_op:
        batch_op.drop_constraint("provenance", type_="check")
        batch_op.drop_constraint(batch_op.f("fk_memory_entries_import_id_memory_imports"), type_="foreignkey")
        batch_op.drop_index("ix_memory_entries_import_id")
        batch_op.alter_column("candidate_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("import_id")

    with op.batch_alter_table("memory_bands", schema=None) as batch_op:
        batch_op.drop_index("ix_memory_bands_entry_id")

    op.drop_table("memory_bands")
    op.drop_table("language_reports")
    with op.batch_alter_table("glossary_terms", schema=None) as batch_op:
        batch_op.drop_index("ix_glossary_terms_folded")

    op.drop_table("glossary_terms")
    op.drop_table("glossary_regates")
    op.drop_table("work_budgets")
    op.drop_table("routing_rules")
    with op.batch_alter_table("previews", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_previews_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index("ix_previews_created_at")
        batch_op.drop_index("ix_previews_account_id")

    op.drop_table("previews")
    op.drop_table("memory_imports")
    op.drop_table("hop_qualities")
    op.drop_table("glossary_concepts")
