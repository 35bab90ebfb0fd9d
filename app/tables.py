"""Every table of the product in one metadata, for migrations and for the drift test."""

import app.audit.models
import app.cases.models
import app.checklists.models
import app.clocks.models
import app.digests.models
import app.homes.models
import app.installations.models
import app.notices.models
import app.programs.models
import app.questions.models
import app.reports.models
import app.tasks.models  # noqa: F401
