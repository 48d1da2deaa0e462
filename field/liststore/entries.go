package liststore

import (
	"fmt"

	"github.com/openprecinct/precinct/internal/ledger"
)

// The ledger kinds of this package.
const (
	KindSave   ledger.Kind = "field.list.save"
	KindChange ledger.Kind = "field.list.change"
	KindRename ledger.Kind = "field.list.rename"
	KindMove   ledger.Kind = "field.list.move"
	KindRerun  ledger.Kind = "field.list.rerun"
	KindDelete ledger.Kind = "field.list.delete"
	KindLook   ledger.Kind = "field.list.look"
)

// Kinds describe them.
var Kinds = []ledger.KindDef{
	{Kind: KindSave, Sentence: "A list or search was saved"},
	{Kind: KindChange, Sentence: "What a saved list or search asks for was changed"},
	{Kind: KindRename, Sentence: "A saved list or search got another name"},
	{Kind: KindMove, Sentence: "A saved list or search was moved to another folder, and so shared with others"},
	{Kind: KindRerun, Sentence: "A saved list or search was run again"},
	{Kind: KindDelete, Sentence: "A saved list or search was deleted"},
	{Kind: KindLook, Sentence: "People of a list were shown by name"},
}

// Object returns the list's name in the ledger.
func (id ListID) Object() string { return fmt.Sprintf("field_list/%d", int64(id)) }
