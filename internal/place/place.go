// Package place knows where addresses, streets and districts lie, and gives every address the same key however it is spelled.
package place
