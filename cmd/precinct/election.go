package main

import (
	"os"

	"github.com/openprecinct/precinct/election/auditmath"
)

// electionCmd is every command of the program election.
type electionCmd struct {
	Ballot struct {
		Show  ballotShowCmd  `cmd:"" help:"Print what an election is: when, where, and who votes on what."`
		Check ballotCheckCmd `cmd:"" help:"Print every problem of an election's definition."`
	} `cmd:"" help:"What is voted on."`
	Scan struct {
		Read    scanReadCmd    `cmd:"" aliases:"sheet" help:"Read the images of both sides of a sheet: which ballot it is, every oval, the votes."`
		Explain scanExplainCmd `cmd:"" help:"Draw what was seen of a sheet, stage by stage."`
	} `cmd:"" help:"Marked ballots, from images."`
	CVR struct {
		Verify cvrVerifyCmd `cmd:"" help:"Check an export of cast vote records: signature, root hash, every record and picture."`
		Tally  cvrTallyCmd  `cmd:"" help:"Count exports of cast vote records, each record once."`
	} `cmd:"" name:"cvr" help:"Cast vote records."`
	SEMS struct {
		Import semsImportCmd `cmd:"" help:"Make an election definition of what Mississippi's SEMS hands out."`
		Export semsExportCmd `cmd:"" help:"Write results as SEMS takes them in."`
	} `cmd:"" name:"sems" help:"Mississippi's Statewide Election Management System."`
	Audit struct {
		Math   auditMathCmd   `cmd:"" help:"Answer questions about audits, one line of JSON each, on standard input and output."`
		Plan   auditPlanCmd   `cmd:"" help:"Say what an audit would cost: the chance to finish, ballots and hours."`
		Record auditRecordCmd `cmd:"" help:"Make the published record of an audit from a folder, as far as the audit has come: commit, draw from the seed, take in what was found."`
	} `cmd:"" help:"Audits."`
	Ranked struct {
		Tabulate   rankedTabulateCmd   `cmd:"" help:"Count contests in which voters rank candidates, and write RCTab's reports."`
		Trace      rankedTraceCmd      `cmd:"" help:"Follow one ballot through the rounds."`
		Compare    rankedCompareCmd    `cmd:"" help:"Count a contest by other methods and rules, and say which elect somebody else."`
		Assertions rankedAssertionsCmd `cmd:"" help:"Say what an audit has to prove of the paper so that the winner of a ranked contest is certain."`
	} `cmd:"" help:"Ranked-choice contests."`
}

type auditMathCmd struct{}

func (c *auditMathCmd) Run(s streams) error { return auditmath.Serve(os.Stdin, s.out) }
