// Package shangrla tests claims about an election from a sample of its paper: assorters, test supermartingales, comparison, pools and strata.
//
// A reported outcome is right if and only if some *assertions* are true, each of which says that the mean of a list of numbers between 0 and an upper bound,
// one number for each card, is greater than 1/2 (Stark, "Sets of half-average nulls generate risk-limiting audits: SHANGRLA", 2020, arXiv 1911.10035). An
// [Assorter] makes the number of a card. A [Test] measures how strongly a sample speaks against "the mean is at most 1/2": it bets on every draw, so that
// whoever bets against a true null hypothesis cannot expect to win, and the p-value is one over the largest fortune ever reached (Ville's inequality; Stark,
// "ALPHA: audit that learns from previously hand-audited ballots", Annals of Applied Statistics 2023, arXiv 2201.02707). Such a p-value may be looked at after
// every draw and the sample may be made larger at any time: the chance that it ever falls to the risk limit, if the outcome is wrong, is the risk limit at most.
//
// [Comparison] compares what a machine recorded for a card with what the paper says, with a bound on the cards from the manifest, with records that are
// missing, and with pools of cards whose records cannot be told apart (ONEAudit). [Strata] combines samples that were drawn apart from each other, and
// [Batches] compares stacks of paper with their reported totals.
//
// What a [Test] does may be told to be what the published library of SHANGRLA does, to the last digit, including where that is no p-value: see
// [Test.Published].
package shangrla

import _ "embed" // es.json

// Spanish holds the sentences of this package in Spanish, keyed by the English ones.
//
//go:embed es.json
var Spanish []byte
