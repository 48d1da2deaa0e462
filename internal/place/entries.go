package place

import "github.com/openprecinct/precinct/internal/ledger"

// KindLoad is what the ledger records of maps.
const KindLoad ledger.Kind = "place.map.load"

// Kinds describes the entries.
var Kinds = []ledger.KindDef{{Kind: KindLoad, Sentence: "Addresses, streets or areas for the maps were loaded"}}
