-- Who may see which rows of these tables on Postgres (docs/decisions/0009-row-level-security.md). A device is looked for before its organisation is
-- known, for the site; everything after that is its organisation's.
FENCE offline_device BY org_id;
FENCE offline_event BY org_id;
