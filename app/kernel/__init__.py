"""Pure decisions about time, rules, codes and text: no database, no network, no wall clock of its own."""
