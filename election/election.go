// Package election is the program for ballots on paper: counted, audited, proven.
//
// Its pure packages, each importing only those to its left: ballot ← tabulate ← cvr/vx; cvr ← audit, ranked. Within cvr: cvr ← table ← grid ← one package for
// each vendor; manifest reads tables too.
package election
