package ledger

// The ledger's own kinds.
const (
	KindClock      Kind = "ledger.clock"
	KindCheckpoint Kind = "ledger.checkpoint"
	KindErase      Kind = "ledger.erase"
	KindVerify     Kind = "ledger.verify"
)

// Kinds are the entries that the ledger makes about itself.
var Kinds = []KindDef{
	{Kind: KindClock, Sentence: "The computer's clock was set back by more than a minute"},
	{Kind: KindCheckpoint, Sentence: "The ledger was sealed with a signed checkpoint"},
	{Kind: KindErase, Sentence: "The personal part of an entry was erased"},
	{Kind: KindVerify, Sentence: "The whole ledger was recomputed and compared with what was signed"},
}
