package codebook

import "github.com/openprecinct/precinct/internal/ledger"

// The ledger kinds of this package.
const (
	KindDefine   ledger.Kind = "field.codebook.define"
	KindChange   ledger.Kind = "field.codebook.change"
	KindMark     ledger.Kind = "field.codebook.mark"
	KindUnmark   ledger.Kind = "field.codebook.unmark"
	KindAnswer   ledger.Kind = "field.codebook.answer"
	KindWithdraw ledger.Kind = "field.codebook.withdraw"
	KindCustom   ledger.Kind = "field.codebook.custom"
	KindSignup   ledger.Kind = "field.codebook.signup"
	KindTarget   ledger.Kind = "field.codebook.target"
	KindStage    ledger.Kind = "field.codebook.score.stage"
	KindApprove  ledger.Kind = "field.codebook.score.approve"
	KindRefuse   ledger.Kind = "field.codebook.score.refuse"
)

// EntryKinds describe them.
var EntryKinds = []ledger.KindDef{
	{Kind: KindDefine, Sentence: "A question, code, tag, score or other definition was made"},
	{Kind: KindChange, Sentence: "A question, code, tag, score or other definition was changed"},
	{Kind: KindMark, Sentence: "An activist code or tag was given to people"},
	{Kind: KindUnmark, Sentence: "An activist code or tag was taken from people"},
	{Kind: KindAnswer, Sentence: "Answers to a survey question were recorded"},
	{Kind: KindWithdraw, Sentence: "Answers or sign-ups were taken back"},
	{Kind: KindCustom, Sentence: "A custom field of people was filled"},
	{Kind: KindSignup, Sentence: "People's sign-ups for an event were recorded"},
	{Kind: KindTarget, Sentence: "People were put into the groups of a vote target"},
	{Kind: KindStage, Sentence: "A file of scores was loaded and waits for approval"},
	{Kind: KindApprove, Sentence: "A file of scores was approved and shows now"},
	{Kind: KindRefuse, Sentence: "A file of scores was refused"},
}
