"""What `caseboard --help` says. Printed without loading anything else, so that it comes at once."""

OVERVIEW = """\
Checklists, deadlines and handoffs for orthopaedic-oncology cases, worked in Slack.

  caseboard demo                                  see it at work: an invented practice in your browser
  caseboard doctor                                what is wrong with this installation, and the fix
  caseboard up                                    run it: web, worker and scheduler in one process
  caseboard import cases export.csv --map map.yaml --dry-run
  caseboard outbox list                           what Slack has not got yet, and why

Try it
  demo         the whole system with an invented practice at work
  sandbox      the local Slack alone, to run the app against

Run it
  up           web, worker and scheduler in one process
  web          take what Slack sends
  worker       deliver what the queue hints at
  scheduler    fire what is due, and deliver what no worker took
  release      migrate the database and load the checklists
  doctor       check the installation; exit 1 when something has to be done
  keys         make a key that seals patient records

Set it up
  slack        what Slack needs to install the app: manifest, invite
  program      practices: create, set, bind, list
  staff        their people: add, change, list, deactivate, activate, digest, report
  checklist    templates: lint, preview, diff, schema

Work with it
  case         open, list, show, evidence, surgeon, lead, close, reopen
  import       cases from another system's export
  report       how deadlines are met: sla
  outbox       posts under way: list, explain, replay
  audit        verify that the record was not touched

caseboard COMMAND --help shows examples and options. --json gives every answer to a program.
Exit codes: 0 done, 1 failed, 2 wrong usage. Settings come from the environment: docs/install.md.
"""
