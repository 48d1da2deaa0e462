package main

import (
	"context"

	"github.com/openprecinct/precinct/election/auditbench"
)

type benchAuditCmd struct {
	Only []string `help:"Measure these parts only." placeholder:"PART"`
}

func (c *benchAuditCmd) Run(ctx context.Context, s streams) error {
	return auditbench.Run(ctx, s.out, c.Only)
}
