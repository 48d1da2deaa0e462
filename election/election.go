// Package election is the program for ballots on paper: counted, audited, proven.
//
// Its pure packages, each importing only those to its left: cvr ← audit, ranked.
package election
