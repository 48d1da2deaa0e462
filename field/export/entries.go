package export

import (
	"fmt"

	"github.com/openprecinct/precinct/internal/ledger"
)

// The ledger kinds of this package. What leaves is recorded by package exchange, under the number of the export.
const (
	KindAsk     ledger.Kind = "field.export.ask"
	KindApprove ledger.Kind = "field.export.approve"
	KindRefuse  ledger.Kind = "field.export.refuse"
	KindFormat  ledger.Kind = "field.export.format"
	KindLimit   ledger.Kind = "field.export.limit"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindAsk, Sentence: "An export of people was asked for"},
	{Kind: KindApprove, Sentence: "Another person's export was approved"},
	{Kind: KindRefuse, Sentence: "Another person's export was refused"},
	{Kind: KindFormat, Sentence: "The columns of an export were saved under a name, or that name was removed"},
	{Kind: KindLimit, Sentence: "How many people a role may export without approval was set"},
}

// Object returns the export's name in the ledger.
func (id ID) Object() string { return fmt.Sprintf("field_export/%d", int64(id)) }
