"""The whole schema of the main job"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Tables whose rows are history: PostgreSQL itself refuses to change or delete them.
HISTORY = ("audit_entries", "clock_events")


def upgrade() -> None:
    op.create_table(
        "inbound_deliveries",
        sa.Column("program_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("calendar", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("slack_team_id", sa.Text(), nullable=True),
        sa.Column("code_length", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code_length BETWEEN 4 AND 8", name="programs_code_length"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slack_team_id", name="programs_slack_team"),
        sa.UniqueConstraint("slug", name="programs_slug"),
    )
    op.create_table(
        "checklist_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program_id", "id", name="checklist_versions_program_id_id"),
        sa.UniqueConstraint("program_id", "template_id", "version", name="checklist_versions_version"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("slack_user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "roles <@ ARRAY['va', 'lead', 'surgeon', 'clinician', 'coder', 'biller', 'navigator', 'manager', 'admin']::text[] AND cardinality(roles) > 0",
            name="staff_roles",
        ),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="staff_quiet_both"),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program_id", "id", name="staff_program_id_id"),
        sa.UniqueConstraint("program_id", "slack_user_id", name="staff_slack_user"),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("fields", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program_id", "seq", name="audit_entries_seq"),
    )
    op.create_index("audit_entries_case", "audit_entries", ["case_id", "seq"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("surgeon_id", sa.BigInteger(), nullable=True),
        sa.Column("last_task_no", sa.Integer(), nullable=False),
        sa.Column("last_component_no", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="cases_closed_at"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="cases_state"),
        sa.ForeignKeyConstraint(
            ["program_id", "lead_id"],
            ["staff.program_id", "staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "surgeon_id"],
            ["staff.program_id", "staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program_id", "code", name="cases_code"),
        sa.UniqueConstraint("program_id", "id", name="cases_program_id_id"),
    )
    op.create_table(
        "case_sources",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("program_id", "source", "key_digest", name="case_sources_key"),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("slack_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("card_ts", sa.Text(), nullable=True),
        sa.Column("absent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'open' OR slack_id IS NOT NULL", name="channels_open_has_id"),
        sa.CheckConstraint("state IN ('wanted', 'open', 'archived', 'lost')", name="channels_state"),
        sa.CheckConstraint("(case_id IS NULL) <> (staff_id IS NULL)", name="channels_one_owner"),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "staff_id"],
            ["staff.program_id", "staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", name="channels_case"),
        sa.UniqueConstraint("program_id", "slack_id", name="channels_slack_id"),
        sa.UniqueConstraint("staff_id", name="channels_staff"),
    )
    op.create_table(
        "components",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("custom", sa.Boolean(), nullable=True),
        sa.Column("supply", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('endoprosthesis', 'plate', 'cement', 'allograft', 'mesh', 'other')",
            name="components_kind",
        ),
        sa.CheckConstraint(
            "part IN ('stem', 'body', 'segment', 'hinge', 'taper', 'bearing', 'coating', 'other')",
            name="components_part",
        ),
        sa.CheckConstraint("supply IN ('stock', 'consignment', 'loaner')", name="components_supply"),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "id", name="components_case_id_id"),
        sa.UniqueConstraint("case_id", "no", name="components_no"),
    )
    op.create_table(
        "key_dates",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "name IN ('referral', 'first_visit', 'imaging', 'biopsy', 'pathology_final', 'board', 'recommendation_signed', 'auth_submitted', 'auth_decided', 'surgery_proposed', 'surgery', 'operative_note_signed', 'claim_filed', 'denial_received', 'last_contact')",
            name="key_dates_name",
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "name"),
    )
    op.create_table(
        "patient_records",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="notices_delivered_at"),
        sa.CheckConstraint(
            "kind IN ('opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up', 'trouble', 'card', 'closed')",
            name="notices_kind",
        ),
        sa.CheckConstraint("state <> 'dead' OR error IS NOT NULL", name="notices_dead_says_why"),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'unknown', 'held', 'dead')", name="notices_state"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program_id", "dedupe_key", name="notices_dedupe_key"),
        sa.UniqueConstraint("seq", name="notices_seq"),
    )
    op.create_index(
        "notices_one_card_waiting",
        "notices",
        ["channel_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'card' AND state = 'pending'"),
    )
    op.create_index(
        "notices_open",
        "notices",
        ["channel_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown', 'held')"),
    )
    op.create_table(
        "tracks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("component_id", sa.BigInteger(), nullable=True),
        sa.Column("checklist_version_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'done', 'withdrawn')", name="tracks_state"),
        sa.ForeignKeyConstraint(
            ["case_id", "component_id"],
            ["components.case_id", "components.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "checklist_version_id"],
            ["checklist_versions.program_id", "checklist_versions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "id", name="tracks_case_id_id"),
    )
    op.create_index(
        "tracks_one_per_case",
        "tracks",
        ["case_id", "template_id"],
        unique=True,
        postgresql_where=sa.text("component_id IS NULL"),
    )
    op.create_index(
        "tracks_one_per_component",
        "tracks",
        ["component_id", "template_id"],
        unique=True,
        postgresql_where=sa.text("component_id IS NOT NULL"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_on", sa.Text(), nullable=True),
        sa.Column("waiting_note", sa.Text(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_kind", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("attested_by", sa.BigInteger(), nullable=True),
        sa.Column("waived_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(holder_id IS NOT NULL) OR state NOT IN ('claimed', 'waiting')", name="tasks_held_by_one"),
        sa.CheckConstraint("(state IN ('done', 'skipped')) = (closed_at IS NOT NULL)", name="tasks_closed_at"),
        sa.CheckConstraint("(waiting_on IS NOT NULL) = (state = 'waiting')", name="tasks_waiting"),
        sa.CheckConstraint(
            "evidence_kind IN ('reference', 'date', 'number', 'choice', 'attestation', 'none')",
            name="tasks_evidence_kind",
        ),
        sa.CheckConstraint("holder_id IS NULL OR state NOT IN ('blocked', 'ready')", name="tasks_not_held"),
        sa.CheckConstraint(
            "state <> 'done' OR evidence_kind <> 'attestation' OR attested_by IS NOT NULL OR waived_by IS NOT NULL",
            name="tasks_done_attested",
        ),
        sa.CheckConstraint(
            "state <> 'done' OR evidence_kind = 'none' OR evidence IS NOT NULL OR waived_by IS NOT NULL",
            name="tasks_done_with_evidence",
        ),
        sa.CheckConstraint("state <> 'skipped' OR reason IS NOT NULL", name="tasks_skipped_with_reason"),
        sa.CheckConstraint(
            "state IN ('blocked', 'ready', 'claimed', 'waiting', 'done', 'skipped')", name="tasks_state"
        ),
        sa.CheckConstraint(
            "waiting_on IN ('payer', 'vendor', 'tissue_bank', 'clinic', 'patient')", name="tasks_waiting_on"
        ),
        sa.CheckConstraint("waived_by IS NULL OR reason IS NOT NULL", name="tasks_waived_with_reason"),
        sa.ForeignKeyConstraint(
            ["attested_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "track_id"],
            ["tracks.case_id", "tracks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id"],
            ["cases.program_id", "cases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "holder_id"],
            ["staff.program_id", "staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.ForeignKeyConstraint(
            ["waived_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "no", name="tasks_no"),
        sa.UniqueConstraint("program_id", "id", name="tasks_program_id_id"),
        sa.UniqueConstraint("track_id", "item_id", name="tasks_item"),
    )
    op.create_index(
        "tasks_holder",
        "tasks",
        ["holder_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'waiting')"),
    )
    op.create_index(
        "tasks_open",
        "tasks",
        ["program_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ready', 'claimed', 'waiting')"),
    )
    op.create_table(
        "clocks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'running') <= (deadline_at IS NOT NULL)", name="clocks_running_deadline"),
        sa.CheckConstraint("kind IN ('due', 'sla')", name="clocks_kind"),
        sa.CheckConstraint("state IN ('unset', 'running', 'paused', 'stopped')", name="clocks_state"),
        sa.ForeignKeyConstraint(
            ["program_id", "task_id"],
            ["tasks.program_id", "tasks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task_id", "kind", name="clocks_one_of_a_kind"),
    )
    op.create_index(op.f("ix_clocks_case_id"), "clocks", ["case_id"], unique=False)
    op.create_table(
        "handoffs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'offered') = (answered_at IS NULL)", name="handoffs_answered_at"),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'declined', 'withdrawn')", name="handoffs_state"),
        sa.CheckConstraint("from_id <> to_id", name="handoffs_not_to_self"),
        sa.ForeignKeyConstraint(
            ["program_id", "from_id"],
            ["staff.program_id", "staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "task_id"],
            ["tasks.program_id", "tasks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "to_id"],
            ["staff.program_id", "staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "handoffs_one_open",
        "handoffs",
        ["task_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_table(
        "clock_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('start', 'pause', 'resume', 'move', 'breach', 'stop')", name="clock_events_kind"),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["clocks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_clock_events_clock_id"), "clock_events", ["clock_id"], unique=False)
    op.create_table(
        "timers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tells", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state IN ('fired', 'collapsed')) = (settled_at IS NOT NULL)", name="timers_settled_at"),
        sa.CheckConstraint("kind IN ('remind', 'breach', 'escalate')", name="timers_kind"),
        sa.CheckConstraint("state IN ('pending', 'fired', 'collapsed', 'cancelled')", name="timers_state"),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["clocks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "task_id"],
            ["tasks.program_id", "tasks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clock_id", "generation", "kind", "step", name="timers_once"),
    )
    op.create_index("timers_due", "timers", ["fire_at"], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index(
        "timers_due_of_case",
        "timers",
        ["case_id", "fire_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "timers_pending_of_task",
        "timers",
        ["task_id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )

    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for name in HISTORY:
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )


def downgrade() -> None:
    for name in HISTORY:
        op.execute(f"DROP TRIGGER {name}_append_only ON {name}")
    op.execute("DROP FUNCTION refuse_rewriting()")
    op.drop_index("timers_pending_of_task", table_name="timers", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("timers_due_of_case", table_name="timers", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("timers_due", table_name="timers", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("timers")
    op.drop_index(op.f("ix_clock_events_clock_id"), table_name="clock_events")
    op.drop_table("clock_events")
    op.drop_index("handoffs_one_open", table_name="handoffs", postgresql_where=sa.text("state = 'offered'"))
    op.drop_table("handoffs")
    op.drop_index(op.f("ix_clocks_case_id"), table_name="clocks")
    op.drop_table("clocks")
    op.drop_index(
        "tasks_open", table_name="tasks", postgresql_where=sa.text("state IN ('ready', 'claimed', 'waiting')")
    )
    op.drop_index("tasks_holder", table_name="tasks", postgresql_where=sa.text("state IN ('claimed', 'waiting')"))
    op.drop_table("tasks")
    op.drop_index("tracks_one_per_component", table_name="tracks", postgresql_where=sa.text("component_id IS NOT NULL"))
    op.drop_index("tracks_one_per_case", table_name="tracks", postgresql_where=sa.text("component_id IS NULL"))
    op.drop_table("tracks")
    op.drop_index(
        "notices_open",
        table_name="notices",
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown', 'held')"),
    )
    op.drop_index(
        "notices_one_card_waiting",
        table_name="notices",
        postgresql_where=sa.text("kind = 'card' AND state = 'pending'"),
    )
    op.drop_table("notices")
    op.drop_table("patient_records")
    op.drop_table("key_dates")
    op.drop_table("components")
    op.drop_table("channels")
    op.drop_table("case_sources")
    op.drop_table("cases")
    op.drop_index("audit_entries_case", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("staff")
    op.drop_table("checklist_versions")
    op.drop_table("programs")
    op.drop_table("inbound_deliveries")
