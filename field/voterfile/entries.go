package voterfile

import "github.com/openprecinct/precinct/internal/ledger"

// The ledger's kinds of voter files.
const (
	KindCreate   ledger.Kind = "field.voterfile.create"
	KindEdit     ledger.Kind = "field.voterfile.edit"
	KindLayout   ledger.Kind = "field.voterfile.layout"
	KindMap      ledger.Kind = "field.voterfile.map"
	KindReceive  ledger.Kind = "field.voterfile.receive"
	KindRehearse ledger.Kind = "field.voterfile.rehearse"
	KindLoad     ledger.Kind = "field.voterfile.load"
	KindLoaded   ledger.Kind = "field.voterfile.loaded"
	KindStop     ledger.Kind = "field.voterfile.stop"
	KindShare    ledger.Kind = "field.voterfile.share"
	KindUnshare  ledger.Kind = "field.voterfile.unshare"
	KindRaw      ledger.Kind = "field.voterfile.raw"
	KindForget   ledger.Kind = "field.voterfile.forget"
)

// Kinds describes them.
var Kinds = []ledger.KindDef{
	{Kind: KindCreate, Sentence: "A voter file was set up"},
	{Kind: KindEdit, Sentence: "The terms of a voter file, or when its loads stop, were changed"},
	{Kind: KindLayout, Sentence: "Another layout was chosen for a voter file"},
	{Kind: KindMap, Sentence: "The mapping of a voter file was changed"},
	{Kind: KindReceive, Sentence: "The files of an import were received"},
	{Kind: KindRehearse, Sentence: "An import of a voter file was rehearsed"},
	{Kind: KindLoad, Sentence: "A chunk of a voter file was loaded"},
	{Kind: KindLoaded, Sentence: "An import of a voter file was finished"},
	{Kind: KindStop, Sentence: "An import of a voter file was asked to stop"},
	{Kind: KindShare, Sentence: "A voter file was shared with an organization"},
	{Kind: KindUnshare, Sentence: "The sharing of a voter file was ended"},
	{Kind: KindForget, Sentence: "The files of an import that nobody needs any more were given up"},
	{Kind: KindRaw, Sentence: "A voter's row was read as the state wrote it"},
}
