// Package ledger keeps an append-only record that anyone can check later: who did what to which object.
//
// Entries are leaves of a Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog) and are appended in the
// transaction of the change they record. Personal data stays outside the hash behind a salted commitment,
// so that it can be erased while the log still verifies.
package ledger

// Kind says what was done, spelled as the permit and the page that do it: "field.person.look".
type Kind string

// KindDef describes one kind for readers; all of them together make docs/ledger.md.
type KindDef struct {
	Kind     Kind
	Sentence string                   // English, past tense: "A voter's record was opened"
	Purposes func(code string) string // the English sentence of a purpose chosen from a list, "" for none; nil: people write their own words
}

// Who is the one who did it, as seen by the ledger. Packages get it from an org.Actor.
type Who struct {
	Account int64  // 0 for the operator at the command line and for the program itself
	Org     int64  // 0 when it was done for the whole site
	Via     string // browser, command, job, device or api
}

// Entry is what is to be recorded.
type Entry struct {
	Kind     Kind
	Object   string         // table and id: "field_person/1204"; "" when there is none
	Purpose  string         // why, in the words the person chose; "" where no reason is asked
	Data     map[string]any // facts without personal data; part of the hash
	Personal map[string]any // facts about persons; only a salted commitment is part of the hash
}
