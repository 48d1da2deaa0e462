package offline

import "github.com/openprecinct/precinct/internal/ledger"

// The ledger kinds of this package.
const (
	KindEnrol   ledger.Kind = "offline.device.enrol"
	KindRevoke  ledger.Kind = "offline.device.revoke"
	KindReceive ledger.Kind = "offline.receive"
	KindJudge   ledger.Kind = "offline.judge"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindEnrol, Sentence: "A device was let in"},
	{Kind: KindRevoke, Sentence: "A device was shut out"},
	{Kind: KindReceive, Sentence: "What a device recorded was received"},
	{Kind: KindJudge, Sentence: "Somebody decided about recorded work that was set aside"},
}

// object names a device in the ledger.
func object(device string) string { return "offline_device/" + device }
