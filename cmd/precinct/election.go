package main

import (
	"os"

	"github.com/openprecinct/precinct/election/auditmath"
)

// electionCmd is every command of the program election.
type electionCmd struct {
	Audit struct {
		Math auditMathCmd `cmd:"" help:"Answer questions about audits, one line of JSON each, on standard input and output."`
	} `cmd:"" help:"Audits."`
}

type auditMathCmd struct{}

func (c *auditMathCmd) Run(s streams) error { return auditmath.Serve(os.Stdin, s.out) }
