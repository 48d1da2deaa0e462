package account

import (
	"strconv"

	"github.com/openprecinct/precinct/internal/ledger"
)

// What this package writes into the ledger.
const (
	entryCreate       ledger.Kind = "account.create"
	entryGuest        ledger.Kind = "account.guest"
	entryLink         ledger.Kind = "account.link"
	entrySignIn       ledger.Kind = "account.sign-in"
	entryRefuse       ledger.Kind = "account.refuse"
	entrySignOut      ledger.Kind = "account.sign-out"
	entryConfirm      ledger.Kind = "account.confirm"
	entrySessionEnd   ledger.Kind = "account.session.end"
	entryKeyAdd       ledger.Kind = "account.key.add"
	entryKeyRename    ledger.Kind = "account.key.rename"
	entryKeyRemove    ledger.Kind = "account.key.remove"
	entryFallbackSet  ledger.Kind = "account.fallback.set"
	entryFallbackDrop ledger.Kind = "account.fallback.remove"
	entryRecoveryMake ledger.Kind = "account.recovery.make"
	entryRecoveryAsk  ledger.Kind = "account.recovery.ask"
	entryRecoveryUse  ledger.Kind = "account.recovery.use"
	entryChange       ledger.Kind = "account.change"
	entryReset        ledger.Kind = "account.reset"
	entryDisable      ledger.Kind = "account.disable"
	entryEnable       ledger.Kind = "account.enable"
)

// Kinds describes them for readers of the ledger.
var Kinds = []ledger.KindDef{
	{Kind: entryCreate, Sentence: "An account was created"},
	{Kind: entryGuest, Sentence: "An account without sign-in was made for somebody on a device"},
	{Kind: entryLink, Sentence: "A one-time sign-in link was made"},
	{Kind: entrySignIn, Sentence: "A person signed in"},
	{Kind: entryRefuse, Sentence: "A sign-in was refused"},
	{Kind: entrySignOut, Sentence: "A person signed out"},
	{Kind: entryConfirm, Sentence: "A person showed a second factor again"},
	{Kind: entrySessionEnd, Sentence: "A session was ended"},
	{Kind: entryKeyAdd, Sentence: "A passkey or security key was added to an account"},
	{Kind: entryKeyRename, Sentence: "A passkey or security key was renamed"},
	{Kind: entryKeyRemove, Sentence: "A passkey or security key was removed from an account"},
	{Kind: entryFallbackSet, Sentence: "A password and a code app were set for an account"},
	{Kind: entryFallbackDrop, Sentence: "The password and code app of an account were removed"},
	{Kind: entryRecoveryMake, Sentence: "New recovery codes were made for an account"},
	{Kind: entryRecoveryAsk, Sentence: "A recovery link was asked for"},
	{Kind: entryRecoveryUse, Sentence: "An account was recovered"},
	{Kind: entryChange, Sentence: "An account's name or language was changed"},
	{Kind: entryReset, Sentence: "All factors of an account were cleared by the operator"},
	{Kind: entryDisable, Sentence: "An account was disabled"},
	{Kind: entryEnable, Sentence: "An account was enabled again"},
}

// object names an account in the ledger.
func object(id ID) string { return "account/" + strconv.FormatInt(int64(id), 10) }

// self is the person acting on their own account.
func self(id ID) ledger.Who { return ledger.Who{Account: int64(id), Via: "browser"} }
