package person

import "github.com/openprecinct/precinct/internal/ledger"

// The ledger kinds of this package.
const (
	KindFind         ledger.Kind = "field.person.find"
	KindLook         ledger.Kind = "field.person.look"
	KindNoteAdd      ledger.Kind = "field.person.note.add"
	KindNoteWithdraw ledger.Kind = "field.person.note.withdraw"
	KindSuppress     ledger.Kind = "field.person.suppress"
	KindLift         ledger.Kind = "field.person.lift"
	KindPhoneAdd     ledger.Kind = "field.person.phone.add"
	KindPhoneWrong   ledger.Kind = "field.person.phone.wrong"
	KindEmailAdd     ledger.Kind = "field.person.email.add"
	KindEmailRemove  ledger.Kind = "field.person.email.remove"

	KindCorrectionMake     ledger.Kind = "field.correction.make"
	KindCorrectionWithdraw ledger.Kind = "field.correction.withdraw"
	KindCorrectionAccept   ledger.Kind = "field.correction.accept"
	KindCorrectionDecline  ledger.Kind = "field.correction.decline"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindFind, Sentence: "People were looked up", Purposes: purposeSentence},
	{Kind: KindLook, Sentence: "A person's profile was opened", Purposes: purposeSentence},
	{Kind: KindNoteAdd, Sentence: "A note about a person was written"},
	{Kind: KindNoteWithdraw, Sentence: "A note about a person was taken back"},
	{Kind: KindSuppress, Sentence: "A person was not to be reached by one channel any more"},
	{Kind: KindLift, Sentence: "A person could be reached by one channel again"},
	{Kind: KindPhoneAdd, Sentence: "A phone number of a person was added"},
	{Kind: KindPhoneWrong, Sentence: "A phone number of a person was marked wrong or right again"},
	{Kind: KindEmailAdd, Sentence: "An email address of a person was added"},
	{Kind: KindEmailRemove, Sentence: "An email address of a person was removed"},
	{Kind: KindCorrectionMake, Sentence: "Something about a person was said to be wrong"},
	{Kind: KindCorrectionWithdraw, Sentence: "A correction was taken back"},
	{Kind: KindCorrectionAccept, Sentence: "A correction was accepted"},
	{Kind: KindCorrectionDecline, Sentence: "A correction was declined"},
}

// purposeSentence says a purpose as the pages do, "" when it is none.
func purposeSentence(code string) string {
	p, ok := ParsePurpose(code)
	if !ok {
		return ""
	}
	return p.Sentence()
}
