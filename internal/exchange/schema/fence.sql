-- Who may see which rows of these tables on Postgres (docs/decisions/0009-row-level-security.md).
FENCE exchange_template BY org_id;
