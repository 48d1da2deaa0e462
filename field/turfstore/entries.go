package turfstore

import "github.com/openprecinct/precinct/internal/ledger"

// The ledger kinds of this package.
const (
	KindMake    ledger.Kind = "field.turf.make"
	KindCut     ledger.Kind = "field.turf.cut"
	KindSave    ledger.Kind = "field.turf.save"
	KindRename  ledger.Kind = "field.turf.rename"
	KindArchive ledger.Kind = "field.turf.archive"
	KindGive    ledger.Kind = "field.turf.give"
	KindRecall  ledger.Kind = "field.turf.recall"
	KindPrint   ledger.Kind = "field.turf.print"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindMake, Sentence: "A map was made from the doors of a list"},
	{Kind: KindCut, Sentence: "The draft of a map was cut or changed"},
	{Kind: KindSave, Sentence: "The turfs of a map were saved"},
	{Kind: KindRename, Sentence: "A map got another name, region, folder or script"},
	{Kind: KindArchive, Sentence: "A map was put away, and what was handed out of it ended"},
	{Kind: KindGive, Sentence: "A turf or a whole map was handed out"},
	{Kind: KindRecall, Sentence: "A turf or a whole map was recalled"},
	{Kind: KindPrint, Sentence: "A turf was printed on paper"},
}
