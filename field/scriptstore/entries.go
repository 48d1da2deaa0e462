package scriptstore

import "github.com/openprecinct/precinct/internal/ledger"

// The ledger kinds of this package.
const (
	KindMake    ledger.Kind = "field.script.make"
	KindChange  ledger.Kind = "field.script.change"
	KindDraft   ledger.Kind = "field.script.draft"
	KindPublish ledger.Kind = "field.script.publish"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindMake, Sentence: "A script was made"},
	{Kind: KindChange, Sentence: "A script was renamed, put away or shared"},
	{Kind: KindDraft, Sentence: "The draft of a script was changed"},
	{Kind: KindPublish, Sentence: "A version of a script was published"},
}
